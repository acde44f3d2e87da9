"""Lines that are leased from a provider: two object types of one's own.

Copy this file into the store's `types` folder, and name it in the store's
`config.yaml`: `object_types: [circuits]`.
"""

from __future__ import annotations

from models import (
    ChangeLoggedModel,
    ChoiceField,
    Device,
    IntegerField,
    NameField,
    Relation,
    Status,
    TextField,
    ValidationError,
)


class Provider(ChangeLoggedModel):
    """A company that lines are leased from."""

    name = NameField(unique=True)
    account = NameField(default="", help_text="Your number with them.")
    portal_url = TextField(default="", help_text="Where faults are reported.")

    class Meta:
        list_fields = ("name", "account")


class Circuit(ChangeLoggedModel):
    """A line; its number is unique with its provider."""

    cid = NameField(help_text="The provider's number for it.")
    provider = Relation(Provider, backref="circuits", help_text="Who leases it out.")
    status = Relation(Status, backref="+", help_text="Where it stands in its life.")
    device = Relation(
        Device,
        null=True,
        when_deleted="set_null",
        backref="circuits",
        help_text="The device that it ends at.",
    )
    medium = ChoiceField(
        choices=(("fibre", "Fibre"), ("copper", "Copper"), ("radio", "Radio")),
        default="fibre",
        help_text="What it is made of.",
    )
    mbit_s = IntegerField(default=1000, help_text="How much it carries, in Mbit/s.")

    class Meta:
        natural_name = ("provider", "cid")
        list_fields = ("provider", "cid", "status", "device", "mbit_s")
        indexes = ((("provider", "cid"), True),)

    def clean(self) -> None:
        """Check the speed."""
        if self.mbit_s <= 0:
            raise ValidationError({"mbit_s": ["must be more than 0"]})

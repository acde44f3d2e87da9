"""What a button's label will look like, and which key it will get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.automation import labels
from models.automation.buttons import JobButton, propose_key
from models.errors import ValidationError
from models.objects import types
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.people.access import User


@frozen
class Preview:
    """A button as an object's screen would show it.

    Attributes:
        sample: The object it was tried on; empty when there is none.
        label: The rendered label.
        key: The key after `b`.
        is_proposed: The key is a proposal; none was chosen.
        problem: What is wrong with the template.
    """

    sample: str = ""
    label: str = ""
    key: str = ""
    is_proposed: bool = False
    problem: str = ""

    @property
    def text(self) -> str:
        """Return it in one line."""
        if self.problem:
            return f"the label cannot be shown: {self.problem}"
        keys = f", key b {self.key}" if self.key else ""
        keys += " (proposed)" if self.is_proposed and self.key else ""
        if not self.sample:
            return f"no object to try the label on{keys}"
        if not self.label:
            return f"on {self.sample} it is hidden: its label is empty"
        return f"on {self.sample}: [{self.label}]{keys}"


def preview(user: User, button: JobButton) -> Preview:
    """Try a button's label, saved or not, on an object that the user may see."""
    key = button.key or propose_key(button.name or button.text, _taken(button))
    sample = _sample(user, button.object_types)
    try:
        labels.check(button.text)
        label = "" if sample is None else labels.render(button.text, sample, user)
    except ValidationError as error:
        return Preview(problem="; ".join(error.fields.get("text", [error.message])))
    return Preview(
        sample="" if sample is None else str(sample),
        label=label,
        key=key,
        is_proposed=not button.key,
    )


def _sample(user: User, object_types: Sequence[str]) -> Any:
    known = types.object_types()
    for label in object_types:
        model = known.get(label)
        if model is None:
            continue
        for row in model.objects.restrict(user, "view").order_by("-pk")[:1]:
            return row
    return None


def _taken(button: JobButton) -> dict[str, str]:
    mine = set(button.object_types)
    others = JobButton.select().where(JobButton.id != (button.id or 0))
    return {str(b.key): str(b.name) for b in others if mine & set(b.object_types)}

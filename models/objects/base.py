"""The base of every row, and of every object whose changes are recorded."""

from __future__ import annotations

import contextlib
import contextvars
from typing import TYPE_CHECKING, Any, ClassVar, Self

import peewee

from models.errors import (
    NotFoundError,
    UnloggedWriteError,
    ValidationError,
)
from models.objects import types
from models.objects.fields import IdField, JSONField, TimestampField, uuid7
from models.objects.metadata import StoreMetadata
from models.objects.queries import ManagerAccessor, MultipleObjectsReturned
from models.objects.relations import Members, TagMembers
from models.storage.store import current_store

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from models.history.images import StoredRow


class StoreModel(peewee.Model):
    """A row of the store's own tables, without a record of its changes."""

    objects: ClassVar[Any] = ManagerAccessor()
    MultipleObjectsReturned: ClassVar[type[Exception]] = MultipleObjectsReturned

    class Meta:
        model_metadata_class = StoreMetadata
        legacy_table_names = False
        only_save_dirty = True

    def __init__(self, *args: Any, **values: Any) -> None:
        self.present_in_database = "__no_default__" in values
        super().__init__(*args, **values)

    def __str__(self) -> str:
        name = self.__data__.get("name")
        return str(self._pk) if name is None else str(name)

    @property
    def pk(self) -> Any:
        """The primary key."""
        return self._pk

    def save(self, force_insert: bool = False, only: Any = None) -> Any:  # noqa: FBT001, FBT002 - peewee's signature
        """Write the row."""
        new = force_insert or not self.present_in_database
        with current_store().transaction():
            rows = super().save(force_insert=new, only=only)
        self.present_in_database = True
        return rows

    def clean(self) -> None:
        """Check what a single field cannot; raise `ValidationError`."""

    def full_clean(self) -> None:
        """Check every field, uniqueness, and `clean()`.

        Raises:
            ValidationError: With messages by field.
        """
        from models.objects.validation import full_clean

        full_clean(self)

    def validated_save(self) -> Any:
        """Check, then save."""
        self.full_clean()
        return self.save()

    def refresh_from_db(self) -> None:
        """Read the row again, in place.

        Raises:
            NotFoundError: The row is gone.
        """
        row = type(self).get_or_none(type(self)._meta.primary_key == self._pk)
        if row is None:
            raise NotFoundError(f"{self} is no longer in the store.", on=str(self))
        self.__data__, self.__rel__ = row.__data__, row.__rel__
        self._dirty.clear()
        self.present_in_database = True


_unlogged: contextvars.ContextVar[str] = contextvars.ContextVar("unlogged", default="")


@contextlib.contextmanager
def unlogged(reason: str) -> Iterator[None]:
    """Allow peewee's own writes, which nothing records, inside the block.

    Args:
        reason: Why nothing need be recorded; shown to whoever reads the code.

    Raises:
        ValueError: There is no reason.
    """
    if not reason.strip():
        raise ValueError("Say why these writes are not recorded: unlogged('…')")
    token = _unlogged.set(reason)
    try:
        yield
    finally:
        _unlogged.reset(token)


def guarded(name: str, instead: str) -> Any:
    """Return peewee's class method of that name, refused outside `unlogged()`."""

    def method(cls: Any, *args: Any, **options: Any) -> Any:
        if not _unlogged.get():
            raise UnloggedWriteError(
                f"{cls.__name__}.{name}() would not be recorded. Use {instead}, or"
                " unlogged('reason') around it.",
                on=cls.__name__,
            )
        return getattr(super(ChangeLoggedModel, cls), name)(*args, **options)

    return classmethod(method)


class DeleteAccessor:
    """`delete`: on an instance a recorded delete, on the class peewee's query."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is not None:
            return instance.delete_instance
        if not _unlogged.get():
            raise UnloggedWriteError(
                f"{owner.__name__}.delete() would not be recorded."
                " Use objects.filter(…).delete(), or unlogged('reason') around it.",
                on=owner.__name__,
            )
        return super(ChangeLoggedModel, owner).delete  # type: ignore[misc]  # a class, too


class ChangeLoggedModel(StoreModel):
    """An object: every create, update and delete of it is recorded.

    In `Meta`, `app_label` is the first half of the type's label, `natural_name` the
    fields that name an object to people and `natural_separator` what stands between
    them, `list_fields` the columns of its list, `read_only` the fields that the store
    works out, `part_of` those that forms show as one (each with its parts), and
    `renamed` the former names of columns. `unique_when_empty` names relations, each
    with the fields that must be unique among the objects that lack it, since a unique
    index takes two empty values for different ones.
    """

    id = IdField(primary_key=True, default=uuid7)
    created = TimestampField(null=True)
    last_updated = TimestampField(null=True)
    custom_field_data = JSONField(default=dict)

    tags: ClassVar[Any]
    is_base: ClassVar[bool] = True
    """Told by a class itself: it is no type, but what types derive from."""

    class Meta:
        natural_name = ("name",)
        natural_separator = " "
        list_fields: ClassVar[tuple[str, ...]] = ()
        read_only: ClassVar[tuple[str, ...]] = ()
        part_of: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()
        related_object = ""
        unique_when_empty: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()

    update = guarded("update", "objects.filter(…).update(…)")
    insert = guarded("insert", "objects.create(…)")
    insert_many = guarded("insert_many", "objects.bulk_create([…])")
    insert_from = guarded("insert_from", "objects.bulk_create([…])")
    replace = guarded("replace", "objects.update_or_create(…)")
    replace_many = guarded("replace_many", "objects.update_or_create(…)")
    bulk_create = guarded("bulk_create", "objects.bulk_create([…])")
    bulk_update = guarded("bulk_update", "objects.filter(…).update(…)")
    set_by_id = guarded("set_by_id", "save() on the object")
    delete_by_id = guarded("delete_by_id", "delete() on the object")
    delete = DeleteAccessor()

    @classmethod
    def validate_model(cls) -> None:
        """Register the type once peewee has built its class."""
        cls._meta.members = {}
        if not vars(cls).get("is_base"):
            cls._attach_members()
            cls._add_partial_indices()
            types.register_type(cls)

    @classmethod
    def _add_partial_indices(cls) -> None:
        fields = cls._meta.fields
        for empty, names in cls._meta.unique_when_empty:
            cls.add_index(
                *(fields[name] for name in names),
                unique=True,
                where=fields[empty].is_null(),
            )

    @classmethod
    def _attach_members(cls) -> None:
        for field in [v for v in vars(cls).values() if isinstance(v, Members)]:
            field.attach(cls)
        if cls.__name__ != "Tag":
            tags = TagMembers("", help_text="Words to group and filter objects by.")
            tags.name = "tags"
            cls.tags = tags
            _attach_tags(cls, tags)

    def __str__(self) -> str:
        """Return the name, or what else names the object to people."""
        if self.__data__.get("name") is not None:
            return str(self.__data__["name"])
        names = self._meta.natural_name
        parts = [
            str(getattr(self, n)) for n in names if self.__data__.get(n) is not None
        ]
        return self._meta.natural_separator.join(parts) or str(self._pk)

    def derive(self) -> None:
        """Fill in what follows from the other values, before a check and a save.

        Raises:
            ValidationError: The values are such that nothing follows.
        """

    @classmethod
    def before_save(cls, objects: list[Any]) -> list[Any]:
        """Derive what follows from the values; return the objects in writing order."""
        if cls.derive is not ChangeLoggedModel.derive:
            for obj in objects:
                obj.derive()
        return objects

    @classmethod
    def after_save(cls, objects: list[Any], before: dict[bytes, StoredRow]) -> None:
        """Bring other rows into line with objects that were just written.

        Args:
            objects: Those that were inserted or changed.
            before: Their rows as they were, by key; a new object has none.
        """

    @classmethod
    def also_touched(cls, objects: Sequence[Any]) -> dict[Any, list[bytes]]:  # noqa: ARG003 - what a subclass goes by
        """Return what else a save or a delete of objects changes, by type: keys."""
        return {}

    @classmethod
    def before_delete(cls, objects: list[Any]) -> None:
        """Part other rows from objects that are about to be deleted."""

    @property
    def cf(self) -> dict[str, Any]:
        """The custom fields' values by name."""
        values: dict[str, Any] = self.custom_field_data
        return values

    _custom_field_data = cf

    def get_absolute_url(self) -> str:
        """Return the text by which screens and log entries point at this object."""
        return f"hookline:{self._meta.label_lower}/{self._pk}"

    def save(
        self,
        force_insert: bool = False,  # noqa: FBT001, FBT002 - peewee's signature
        only: Any = None,
        *,
        if_unchanged_since: dt.datetime | None = None,
    ) -> bool:
        """Write what differs from the stored row, and record it.

        Args:
            force_insert: Insert, even if the object was read from the store.
            only: Write only these fields (names or fields).
            if_unchanged_since: The `last_updated` that a form was filled from.

        Returns:
            Whether anything was written.

        Raises:
            ConflictError: The row is gone, or was changed since.
            ValidationError: A constraint of the store refuses the values.
        """
        from models.history import write

        if force_insert:
            self.present_in_database = False
        names = None if only is None else {getattr(f, "name", f) for f in only}
        changed = write.save([self], only=names, if_unchanged_since=if_unchanged_since)
        return changed > 0

    def delete_instance(
        self,
        recursive: bool = False,  # noqa: FBT001, FBT002, ARG002 - peewee's signature
        delete_nullable: bool = False,  # noqa: FBT001, FBT002, ARG002 - the same
    ) -> int:
        """Delete the object and what hangs on it, recording each.

        Raises:
            ValidationError: A protected object still points here.
        """
        from models.history import write

        return write.delete([self])

    @classmethod
    def create(cls, **values: Any) -> Self:
        """Make, check and save an object."""
        made = cls(**values)
        made.validated_save()
        return made

    def validation_problems(self) -> dict[str, list[str]]:
        """Return what `full_clean()` would raise, by field; empty when valid."""
        try:
            self.full_clean()
        except ValidationError as error:
            return error.message_dict
        return {}


_untagged: list[tuple[Any, TagMembers]] = []


def _attach_tags(model: Any, tags: TagMembers) -> None:
    """Bind the tags of a type; types made before `Tag` wait for it."""
    _untagged.append((model, tags))
    if "extras.tag" in types.object_types():
        complete_tags()


def complete_tags() -> None:
    """Bind the tags of every type that waits; called once `Tag` exists."""
    from models.inventory.extras import Tag, TaggedItem

    while _untagged:
        model, tags = _untagged.pop()
        tags.rel_model = Tag
        tags.through = TaggedItem
        tags.columns = ("object_id", "tag_id")
        tags.by_name = True
        tags.model = model
        model._meta.members["tags"] = tags

"""Changes: the record of each create, update and delete of an object.

A row holds the image after, and of the image before only what differs. Both are
JSON, compressed with a dictionary that the store keeps, so that one change of a
device takes some two hundred bytes.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import uuid
import zlib
from typing import Any, ClassVar

import peewee

from models.history import images
from models.history.lookups import CHANGE_LOOKUPS, ChangeNames
from models.objects import types
from models.objects.base import StoreModel
from models.objects.fields import BytesField, SequenceField, TimestampField
from models.objects.queries import DoesNotExist
from models.people.access import User
from models.storage.store import current_store
from models.storage.verdicts import decode_verdicts
from models.values import frozen

Image = images.Image

PLAIN_CODEC = 0
DICTIONARY_CODEC = 1
COMPRESSION_LEVEL = 6


class ObjectChangeActionChoices(enum.StrEnum):
    """What happened to an object."""

    ACTION_CREATE = "create"
    ACTION_UPDATE = "update"
    ACTION_DELETE = "delete"


class ContextKind(enum.StrEnum):
    """Where changes come from."""

    SCREEN = "screen"
    COMMAND = "command"
    LOAD = "load"
    JOB = "job"
    JOB_HOOK = "job-hook"
    ORM = "orm"


ACTIONS = tuple(ObjectChangeActionChoices)


class ObjectType(StoreModel):
    """The number that stands for a type's label in this store's change rows."""

    label = peewee.TextField(unique=True)


class ImageCodec(StoreModel):
    """A dictionary that images are compressed with; each change names its codec."""

    dictionary = BytesField()


class ChangeContext(StoreModel):
    """Who changed, why, and what caused it; one row for all changes of a request."""

    id = SequenceField()
    request_id = BytesField()
    user = peewee.ForeignKeyField(
        User, null=True, backref="+", index=False, on_delete="SET NULL"
    )
    user_name = peewee.TextField()
    acted_for = peewee.TextField(default="")
    kind = peewee.TextField()
    detail = peewee.TextField(default="")
    reason = peewee.TextField(default="")
    result_id = peewee.IntegerField(null=True)
    cause_id = peewee.IntegerField(null=True)
    depth = peewee.IntegerField(default=0)
    owner = peewee.TextField(null=True)
    on_abandon = peewee.TextField(default="dispatch")
    mute = peewee.TextField(default="")
    opened = TimestampField()
    closed = TimestampField(null=True)

    class Meta:
        indexes = (
            peewee.SQL(
                "CREATE INDEX IF NOT EXISTS change_context_open"
                " ON change_context(id) WHERE closed IS NULL"
            ),
            peewee.SQL(
                "CREATE INDEX IF NOT EXISTS change_context_result"
                " ON change_context(result_id) WHERE result_id IS NOT NULL"
            ),
        )

    @property
    def request(self) -> uuid.UUID:
        """The request's id."""
        return uuid.UUID(bytes=bytes(self.request_id))


class ObjectChange(ChangeNames, StoreModel):
    """The record of one create, update or delete of one object."""

    id = SequenceField()
    context = peewee.ForeignKeyField(ChangeContext, backref="changes")
    action_number = peewee.IntegerField(column_name="action")
    type_id = peewee.IntegerField()
    object_id = BytesField()
    object_repr = peewee.TextField()
    related_type_id = peewee.IntegerField(null=True)
    related_id = BytesField(null=True)
    time = TimestampField()
    codec = peewee.IntegerField(default=PLAIN_CODEC)
    before = BytesField(null=True)
    after = BytesField(null=True)
    verdicts = BytesField(null=True)
    missed = peewee.BooleanField(null=True)

    lookups: ClassVar[dict[str, Any]] = CHANGE_LOOKUPS

    class Meta:
        app_label = "extras"
        verbose_name = "change"
        indexes = (
            peewee.SQL(
                "CREATE INDEX IF NOT EXISTS object_change_object"
                " ON object_change(type_id, object_id)"
            ),
            peewee.SQL(
                "CREATE INDEX IF NOT EXISTS object_change_related"
                " ON object_change(related_id) WHERE related_id IS NOT NULL"
            ),
            peewee.SQL(
                "CREATE INDEX IF NOT EXISTS object_change_undispatched"
                " ON object_change(context_id, id) WHERE verdicts IS NULL"
            ),
            peewee.SQL(
                "CREATE INDEX IF NOT EXISTS object_change_missed"
                " ON object_change(id) WHERE missed"
            ),
        )

    def __str__(self) -> str:
        words = {0: "created", 1: "updated", 2: "deleted"}[self.action_number]
        return f"{self.type_words} {self.object_repr} {words} by {self.user_name}"

    @property
    def action(self) -> ObjectChangeActionChoices:
        """What happened: create, update or delete."""
        action: ObjectChangeActionChoices = ACTIONS[self.action_number]
        return action

    @property
    def changed_object_type(self) -> str:
        """The label of the object's type, such as `dcim.device`."""
        return types.type_label(self.type_id)

    @property
    def model(self) -> Any:
        """The object's class; None when the type's module is gone."""
        label = self.changed_object_type
        return types.get_type(label) if types.is_type(label) else None

    @property
    def type_words(self) -> str:
        """The type in words, as in `device type`."""
        model = self.model
        return self.changed_object_type if model is None else model._meta.verbose_name

    @property
    def changed_object_id(self) -> uuid.UUID:
        """The object's id."""
        return uuid.UUID(bytes=bytes(self.object_id))

    @property
    def changed_object(self) -> Any:
        """The object as it is now; None when it is gone."""
        model = self.model
        if model is None:
            return None
        try:
            return model.objects.get(id=self.changed_object_id)
        except DoesNotExist:
            return None

    @property
    def user(self) -> User | None:
        """Who made the change; None for nobody, or when the user is gone."""
        found: User | None = self.context.user
        return found

    @property
    def user_name(self) -> str:
        """Who made the change, as it was written then."""
        return self.context.user_name or "Undefined"

    @property
    def request_id(self) -> uuid.UUID:
        """The id that all changes of one request share."""
        request: uuid.UUID = self.context.request
        return request

    @property
    def change_context(self) -> str:
        """The kind of context: screen, command, load, job, job-hook or orm."""
        return str(self.context.kind)

    @property
    def change_context_detail(self) -> str:
        """What in that context made the change, such as a job's class path."""
        return str(self.context.detail)

    @property
    def reason(self) -> str:
        """Why, in the words of whoever made the change."""
        return str(self.context.reason)

    def images(self) -> tuple[Image | None, Image | None]:
        """Return the image before and the image after, in stored form."""
        after = decode(self.after, self.codec)
        before = decode(self.before, self.codec)
        if self.action_number == 1 and before is not None and after is not None:
            before = {**after, **before}
        return before, after

    def expanded(self) -> tuple[Image | None, Image | None]:
        """Return the image before and the image after, relations spelled out."""
        before, after = self.images()
        return images.expand(self.model, before), images.expand(self.model, after)

    @property
    def object_data(self) -> Image:
        """What the object held after the change; before it, for a delete."""
        before, after = self.expanded()
        return after or before or {}

    object_data_v2 = object_data

    def get_snapshots(self) -> dict[str, Any]:
        """Return `{prechange, postchange, differences: {removed, added}}`.

        As in Nautobot, `removed` is None for a create and `added` for a delete, and
        only keys that differ at the top level stand in them. Unlike there, the image
        before is the true stored row, so an update always has one.
        """
        before, after = self.expanded()
        return {
            "prechange": before,
            "postchange": after,
            "differences": differences(before, after),
        }

    def get_differences(self) -> Any:
        """Return the deep difference, entry by entry, with true paths."""
        from models.history.diffs import diff

        return diff(*self.expanded())

    def read_verdicts(self) -> list[list[Any]]:
        """Return `[hook id, reason, detail, result id]` in the hooks' name order."""
        return decode_verdicts(self.verdicts)


def differences(before: Image | None, after: Image | None) -> dict[str, Any]:
    """Return Nautobot's shallow difference of two images."""
    if before is None or after is None:
        return {"removed": before, "added": after}
    changed = [key for key in after if before.get(key) != after[key]]
    return {
        "removed": {key: before.get(key) for key in changed},
        "added": {key: after[key] for key in changed},
    }


@frozen
class Entry:
    """One change that is not stored yet.

    Attributes:
        action: 0 create, 1 update, 2 delete.
        before: The image before, whole; None for a create.
        after: The image after, whole; None for a delete.
        name: The object's natural name.
        related: Label and id of the object that this one is part of.
        time: When, in microseconds.
    """

    action: int
    before: Image | None
    after: Image | None
    name: str
    related: tuple[str, bytes] | None
    time: int


CREATE, UPDATE, DELETE = range(3)


def merge(last: Entry | None, new: Entry) -> list[Entry]:
    """Return what stands for two changes of one object in one context.

    The table of coalescing, which has three rows of its own against Nautobot's: a
    delete wins over a later save, an update keeps the first image before, and a
    change that has been undone leaves nothing.
    """
    if last is None:
        return [new]
    match last.action, new.action:
        case (0, 1):
            return [dataclasses.replace(last, after=new.after, name=new.name)]
        case (1, 1):
            both = dataclasses.replace(last, after=new.after, name=new.name)
            return [] if both.before == both.after else [both]
        case (1, 2):
            return [dataclasses.replace(new, before=last.before, time=last.time)]
        case (2, 1):
            return [last]
    return [last, new]


def pack(entry: Entry) -> tuple[bytes | None, bytes | None]:
    """Return the bytes to store for the image before and the image after."""
    before = entry.before
    if entry.action == UPDATE and before is not None and entry.after is not None:
        after = entry.after
        before = {k: v for k, v in before.items() if k not in after or after[k] != v}
    return encode(before), encode(entry.after)


def encode(image: Image | None) -> bytes | None:
    """Return an image compressed with the store's dictionary."""
    if image is None:
        return None
    text = json.dumps(image, separators=(",", ":")).encode()
    packer = _packer(current_dictionary())
    squeezed: bytes = packer.compress(text) + packer.flush()
    return squeezed


def _packer(dictionary: bytes) -> Any:
    return zlib.compressobj(COMPRESSION_LEVEL, zlib.DEFLATED, -15, 8, 0, dictionary)


def decode(stored: bytes | None, codec: int) -> Image | None:
    """Return the image that `encode()` was given."""
    if stored is None:
        return None
    if codec == PLAIN_CODEC:
        plain: Image = json.loads(stored)
        return plain
    unpacker = zlib.decompressobj(-15, zdict=current_dictionary(codec))
    image: Image = json.loads(unpacker.decompress(stored) + unpacker.flush())
    return image


def current_dictionary(codec: int = DICTIONARY_CODEC) -> bytes:
    """Return a dictionary of the store; the newest is made when the store is."""
    caches = current_store().caches
    key = f"codec:{codec}"
    if key not in caches:
        row = (
            current_store()
            .execute("SELECT dictionary FROM image_codec WHERE id = ?", [codec])
            .fetchone()
        )
        caches[key] = bytes(row[0])
    found: bytes = caches[key]
    return found


@functools.cache
def starting_dictionary() -> bytes:
    """Return the dictionary of a new store: empty images of the types that ship."""
    texts = []
    for model in types.object_types().values():
        fields = [images.RENAMED.get(n, n) for n in model._meta.sorted_field_names]
        empty = dict.fromkeys([*fields, *model._meta.members], "")
        texts.append(json.dumps(empty, separators=(",", ":")))
    common = '"custom_fields":{},"tags":[],"created":"2026-","Active",null,null,["0'
    return "".join([*texts, common]).encode()[-32_000:]

"""The object types: those that ship, and people's own, by their label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import AmbiguousError, NotFoundError
from models.storage.store import current_store

if TYPE_CHECKING:
    from models.objects.base import ChangeLoggedModel

Type = type["ChangeLoggedModel"]

_types: dict[str, Type] = {}


def register_type(model: Type) -> None:
    """Make a type known under its label; a later class of that label replaces it."""
    _types[model._meta.label_lower] = model


def unregister_type(model: Type) -> None:
    """Forget a type, as a test does with the one it made."""
    if _types.get(model._meta.label_lower) is model:
        del _types[model._meta.label_lower]


def object_types() -> dict[str, Type]:
    """Return every type by its label (`dcim.device`), sorted."""
    return dict(sorted(_types.items()))


def is_type(label: str) -> bool:
    """Return whether the label names a known type."""
    return label in _types


def _squeezed(text: str) -> str:
    return text.replace("_", "").replace("-", "").replace(" ", "").lower()


def _plural(model: Type) -> str:
    return _squeezed(model._meta.verbose_name_plural)


def get_type(text: str) -> Type:
    """Return the type that a text names, however it is spelled.

    `dcim.device`, `dcim.Device`, `DCIM.DeviceType`, `device_type` and `device` all
    work: case and underscores do not count, and the bare model, or its plural, will do
    where it is unique.

    Raises:
        NotFoundError: No type has that name.
        AmbiguousError: A bare model that several apps have.
    """
    wanted = _squeezed(text)
    if wanted in _types:
        return _types[wanted]
    plain = {label.replace("_", ""): model for label, model in _types.items()}
    if wanted in plain:
        return plain[wanted]
    bare = [label for label in plain if label.split(".", 1)[1] == wanted]
    bare = bare or [label for label, model in plain.items() if _plural(model) == wanted]
    if len(bare) == 1:
        return plain[bare[0]]
    if bare:
        raise AmbiguousError(
            f"The object type {text!r} is ambiguous; write one of: {', '.join(bare)}.",
            on=text,
            candidates=sorted(bare),
        )
    names = [*plain, *(label.split(".", 1)[1] for label in plain)]
    from difflib import get_close_matches

    near = get_close_matches(wanted, names, n=3)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise NotFoundError(
        f"There is no object type {text!r}.{hint} `hookline type list` shows them all.",
        on=text,
        candidates=near,
    )


def type_id(label: str) -> int:
    """Return the number that stands for a label in this store; made when new.

    A new number is kept in memory only once it is committed: a rollback takes the row
    away again.
    """
    known = _numbers()
    if label in known:
        return known[label]
    store = current_store()
    with store.transaction():
        insert = "INSERT OR IGNORE INTO object_type(label) VALUES (?)"
        store.execute(insert, [label])
        store.database.after_commit(lambda: store.caches.pop("type_ids", None))
        return _read_numbers()[label]


def type_label(number: int) -> str:
    """Return the label that a number stands for in this store.

    Raises:
        NotFoundError: The store has no such number.
    """
    for known in (_numbers, _read_numbers):
        for label, found in known().items():
            if found == number:
                return label
    raise NotFoundError(f"The store knows no object type with the number {number}.")


def _numbers() -> dict[str, int]:
    caches = current_store().caches
    if "type_ids" not in caches:
        caches["type_ids"] = _read_numbers()
    known: dict[str, int] = caches["type_ids"]
    return known


def _read_numbers() -> dict[str, int]:
    return dict(current_store().execute("SELECT label, id FROM object_type").fetchall())


def labels(models: Any) -> list[str]:
    """Return the labels of types given as classes, labels, or spellings of them."""
    given = models if isinstance(models, (list, tuple, set)) else [models]
    found = [
        get_type(item) if isinstance(item, str) else item for item in given if item
    ]
    return sorted({model._meta.label_lower for model in found})

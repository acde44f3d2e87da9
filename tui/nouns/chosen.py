"""The objects that a command is for: named one by one, or a type's by a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.objects.types import get_type
from models.values import frozen
from tui.actions.foreseeing import counted
from tui.lists.listing import read_filter, where_words
from tui.words.lookup import find_object

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from models.people.access import User
    from tui.commandline.call import Call


@frozen
class Chosen:
    """Objects of one type.

    Attributes:
        model: The type.
        keys: Their ids.
        names: The names of those that were named; empty for a filter's.
    """

    model: Any
    keys: Sequence[uuid.UUID]
    names: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Them in words: `core-01, core-02`, or `12 devices`."""
        return ", ".join(self.names) or counted(self.model, len(self.keys))


def is_by_filter(call: Call) -> bool:
    """Tell whether a command's objects are chosen by --where."""
    return call.given.has("where")


def chosen(call: Call) -> Chosen:
    """Return the objects that a command is for, all of one type.

    Raises:
        RequestError: They are of several types, or --where stands behind no type.
        NotFoundError: A name names nothing, or the filter leaves nothing.
    """
    user = call.user  # before anything is looked up: it opens the store
    words = call.given.all("OBJECT")
    if is_by_filter(call):
        return _by_filter(call, words, user)
    rows = [find_object(word, user) for word in words]
    model = type(rows[0])
    for row, word in zip(rows, words, strict=True):
        if type(row) is not model:
            raise RequestError(
                f"{word} is no {model._meta.verbose_name}: objects of one type at a"
                " time.",
                on=word,
            )
    by_key = {row.pk: str(row) for row in rows}
    return Chosen(model=model, keys=list(by_key), names=tuple(by_key.values()))


def _by_filter(call: Call, words: Sequence[str], user: User) -> Chosen:
    from tui.nouns.objects import object_listing

    if len(words) != 1 or ":" in words[0]:
        raise RequestError(
            "--where goes with one TYPE in place of the objects, such as dcim.device.",
            on="--where",
        )
    model = get_type(words[0])
    terms = where_words(call.given)
    rows = model.objects.restrict(user, "view")
    rows = rows.filter(read_filter(object_listing(model), terms, user))
    keys = rows.values_list("id", flat=True)
    if not keys:
        raise RequestError(
            f"No {model._meta.verbose_name} fits {' '.join(terms)!r}; nothing was"
            " done.",
            on="--where",
        )
    return Chosen(model=model, keys=keys)

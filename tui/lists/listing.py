"""Lists: filters, sorting, columns and limits, the same for every noun."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

from models.errors import RequestError
from models.objects.lists import split_list
from models.objects.queries import Q
from models.people.access import require
from models.values import frozen
from tui.commands import not_found
from tui.words.filters import conditions, filter_names, is_known, no_such_filter
from tui.words.grammar import Filter, Term, parse_filter
from tui.words.quoting import split_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from models.people.access import User
    from tui.commandline.call import Call
    from tui.lists.documents import Document
    from tui.words.arguments import Given

TABLE_LIMIT = 100


@frozen
class Listing:
    """One kind of list.

    Attributes:
        model: The rows' class.
        columns: What a table shows unless asked for others.
        documents: Turns rows, or their query, into documents, as a user sees them.
        sort: The order unless asked for another.
        search: The columns that plain words are looked for in.
        aliases: Names of filters and of sorting that differ from the columns'.
        special: Filters that mean more than a comparison, by their key.
        personal: The same, for filters that mean something else to each user.
        joint: Filters that mean something together, by their keys.
        unasked: What rows must hold in a field that the filter does not name.
        internal: Fields that nobody need know of; errors do not name them.
    """

    model: Any
    columns: tuple[str, ...]
    documents: Callable[[Any, User], Iterable[Document]]
    sort: tuple[str, ...]
    search: tuple[str, ...] = ()
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    special: Mapping[str, Callable[[Term], Q]] = dataclasses.field(default_factory=dict)
    personal: Mapping[str, Callable[[Term, User], Q]] = dataclasses.field(
        default_factory=dict
    )
    joint: Mapping[tuple[str, ...], Callable[[Sequence[Term]], Q]] = dataclasses.field(
        default_factory=dict
    )
    unasked: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    internal: tuple[str, ...] = ()

    @property
    def filters(self) -> list[str]:
        """Return the filters that people can use, those of the table first."""
        joint = [key for keys in self.joint for key in keys]
        own = [*self.special, *self.personal, *joint, *self.aliases]
        names = filter_names(self.model, more=own, internal=self.internal)
        return [n for n in self.columns if n in names] + [
            n for n in names if n not in self.columns
        ]

    @property
    def orders(self) -> list[str]:
        """Return what the list can be sorted by."""
        names = filter_names(self.model, more=self.aliases, internal=self.internal)
        return [n for n in names if n not in self.model._meta.members]


def write_list(call: Call, listing: Listing, rows: Any = None) -> int:
    """Write what a list command asks for; return 0.

    Args:
        call: The call with its filters and options.
        listing: The kind of list.
        rows: The rows to start from; those that the user may see without it.

    Raises:
        RefusedError: The user may see none of that kind.
        RequestError: A filter, a column or an order is not known.
    """
    given = call.given
    require(call.user, "view", listing.model)
    rows = listing.model.objects if rows is None else rows
    rows = rows.restrict(call.user, "view")
    words = [*given.all("FILTER"), *where_words(given)]
    rows = rows.filter(read_filter(listing, words, call.user))
    rows = rows.order_by(*_order(listing, given.option("sort")))
    limit = _limit(call)
    shown = rows[: limit + 1] if limit else rows
    columns = tuple(split_list(given.option("columns") or "")) or listing.columns
    found = listing.documents(shown, call.user)
    documents = _picked(found, columns, only=given.has("columns"))
    count = call.output.rows(columns, itertools.islice(documents, limit or None))
    if not count and call.output.is_for_people:
        call.output.say("Nothing found.")
    if limit and count == limit:
        _say_more(call, rows, limit)
    return 0


def where_words(given: Given) -> list[str]:
    """Return the words of the filters that stand behind --where."""
    return [word for line in given.every("where") for word in split_line(line)]


def _limit(call: Call) -> int:
    asked = call.given.number("limit")
    if asked is not None:
        return int(asked)
    return TABLE_LIMIT if call.output.is_for_people else 0


def _say_more(call: Call, rows: Any, limit: int) -> None:
    total = rows.count()
    if total > limit:
        call.output.say(f"{limit} of {total:,} shown; --limit 0 shows all.")


def read_filter(listing: Listing, words: Iterable[str], user: User) -> Q:
    """Return what the words of a filter mean for a kind of list.

    Raises:
        RequestError: A filter is wrong.
    """
    parsed = parse_filter(words)
    plain = []
    special = []
    for keys, join in listing.joint.items():
        terms = [term for term in parsed.terms if term.key in keys]
        if terms:
            special.append(join(terms))
    joint = {key for keys in listing.joint for key in keys}
    for term in (term for term in parsed.terms if term.key not in joint):
        found = _special(listing, term, user)
        if found is not None:
            special.append(~found if term.negated else found)
        else:
            plain.append(_plain(listing, term))
    model = listing.model
    whole = conditions(model, Filter(terms=tuple(plain)), search=listing.search)
    named = {term.key for term in plain}
    unasked = {k: v for k, v in listing.unasked.items() if k not in named}
    return Q(whole, Q(**unasked), *special)


def _plain(listing: Listing, term: Term) -> Term:
    """Return a comparison with a field by the field's own name."""
    key = listing.aliases.get(term.key, term.key)
    if not term.is_search and not is_known(listing.model, key):
        if key in {*listing.special, *listing.personal}:
            raise RequestError(
                f"{term.key} is compared with = and != only; a plain word searches.",
                on=term.key,
            )
        raise no_such_filter(listing.model, term.key, listing.filters)
    return dataclasses.replace(term, key=key)


def _special(listing: Listing, term: Term, user: User) -> Q | None:
    """Return what a term means that is more than a comparison; None if it is one."""
    if term.lookup not in {"exact", "in"}:
        return None
    if term.key in listing.personal:
        return listing.personal[term.key](term, user)
    make = listing.special.get(term.key)
    return None if make is None else make(term)


def _order(listing: Listing, asked: str | None) -> list[str]:
    names = split_list(asked) if asked else list(listing.sort)
    found = []
    for name in names:
        minus, bare = name[: name.startswith("-")], name.removeprefix("-")
        path = listing.aliases.get(bare, bare).replace(".", "__")
        if not is_known(listing.model, path):
            raise not_found("order", bare, listing.orders)
        found.append(minus + path)
    return found


def _picked(
    documents: Iterable[Document], columns: tuple[str, ...], *, only: bool
) -> Iterator[Document]:
    """Yield the documents, with `cf.NAME` columns drawn out, or the columns only."""
    for document in documents:
        custom = {c: _column(document, c) for c in columns if c not in document}
        whole = {**document, **custom}
        yield {column: whole[column] for column in columns} if only else whole


def _column(document: Document, column: str) -> Any:
    if column.startswith("cf.") and isinstance(document.get("custom_fields"), dict):
        return document["custom_fields"].get(column[3:])
    raise not_found("column", column, document)


def by_number(text: str, what: str) -> int:
    """Return the number that a word is.

    Raises:
        RequestError: It is none.
    """
    if is_number(text):
        return int(text.removeprefix("#"))
    raise RequestError(f"{text!r} is no number of a {what}", on=text)


def is_number(text: str) -> bool:
    """Return whether a word is a row's number, such as 12 or #12."""
    number = text.removeprefix("#")
    return number.isascii() and number.isdigit() and len(number) < 19

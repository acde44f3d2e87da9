"""Bounded templates for button labels: `Reboot {{ obj.name }}`.

A label is parsed when it is saved: no loops, no calls, no powers, limited length. It
sees the object's image, the user's name and the permissions, and nothing from which
it could reach a secret. Plain words never load the template engine.
"""

from __future__ import annotations

import functools
from typing import Any

from models.errors import ValidationError

LONGEST_TEMPLATE = 500
LONGEST_LABEL = 200
MOST_NODES = 200


def is_plain(template: str) -> bool:
    """Return whether a label needs no rendering."""
    return not any(sign in template for sign in ("{{", "{%", "{#"))


def check(template: str) -> None:
    """Refuse a template that is wrong, or could be slow.

    Raises:
        ValidationError: On the field `text`, with the line.
    """
    if len(template) > LONGEST_TEMPLATE:
        raise ValidationError(
            {"text": [f"is longer than {LONGEST_TEMPLATE} characters"]}
        )
    if is_plain(template):
        return
    import jinja2

    try:
        tree = _environment().parse(template)
    except jinja2.TemplateSyntaxError as error:
        raise ValidationError(
            {"text": [f"line {error.lineno}: {error.message}"]}
        ) from error
    _refuse_nodes(tree)


def _refuse_nodes(tree: Any) -> None:
    from jinja2 import nodes

    unbounded = (
        nodes.For,
        nodes.Macro,
        nodes.CallBlock,
        nodes.Call,
        nodes.Pow,
        nodes.Mul,
        nodes.Include,
        nodes.Import,
        nodes.FromImport,
        nodes.Extends,
        nodes.FilterBlock,
    )
    count = 0
    for node in tree.find_all(nodes.Node):
        count += 1
        if isinstance(node, unbounded):
            raise ValidationError(
                {"text": [f"{type(node).__name__} is not allowed in a label"]}
            )
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise ValidationError(
                {"text": [f"the filter {node.name!r} is none of {', '.join(FILTERS)}"]}
            )
    if count > MOST_NODES:
        raise ValidationError({"text": ["is too complicated for a label"]})


FILTERS = ("capitalize", "default", "length", "lower", "title", "trim", "upper")


@functools.cache
def _environment() -> Any:
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, autoescape=False, cache_size=200
    )


@functools.lru_cache(maxsize=200)
def _compiled(template: str) -> Any:
    return _environment().from_string(template)


class View:
    """What a label sees of an object: its image, relations one level deep.

    Attributes begin without an underscore; an object's methods are not there.
    """

    def __init__(self, obj: Any) -> None:
        self._object = obj

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        meta = self._object._meta
        if name in ("pk", "id"):
            return str(self._object.pk)
        if name == "cf":
            return dict(self._object.cf)
        if name not in meta.fields and name not in meta.members:
            raise AttributeError(name)
        value = getattr(self._object, name)
        if hasattr(value, "_meta"):
            return View(value)
        return value.names() if hasattr(value, "names") else value

    def __str__(self) -> str:
        return str(self._object)

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def what_is(obj: Any) -> str:
    """Return what an object is called in an error."""
    return f"a {obj._meta.verbose_name}"


def render(template: str, obj: Any, user: Any) -> str:
    """Return the label for an object and a user; empty hides the button.

    Raises:
        ValidationError: The template fails for this object; the message says why.
    """
    if is_plain(template):
        return template[:LONGEST_LABEL]
    try:
        text: str = _compiled(template).render(obj=View(obj), user=str(user or ""))
    except Exception as error:  # a template may fail in any way; it must not spread
        why = str(error).replace(f"'{__name__}.View object'", what_is(obj))
        raise ValidationError({"text": [f"{type(error).__name__}: {why}"]}) from error
    return text[:LONGEST_LABEL]

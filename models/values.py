"""Values: what has named parts and never changes.

A data class has six functions written and compiled for it, which takes 0.6 ms each time
a program starts; with 70 of them that was a quarter of a short command. Values share
one set of functions, and are data classes in all else: `field()`, `fields()`,
`replace()` and `asdict()` know them.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from typing import NoReturn

_Class = TypeVar("_Class", bound=type)


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(dataclasses.field,)
)
def frozen(made: _Class) -> _Class:
    """Make a class one of values: frozen, its parts given by keyword.

    It cannot have slots, nor a `__post_init__`.
    """
    made.__doc__ = made.__doc__ or made.__name__  # or its signature is looked up
    kind: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(made)
    parts = dataclasses.fields(kind)
    kind._parts_ = frozenset(part.name for part in parts)
    kind._defaults_ = {
        part.name: part.default
        for part in parts
        if part.default is not dataclasses.MISSING
    }
    kind._factories_ = {
        part.name: part.default_factory
        for part in parts
        if part.default_factory is not dataclasses.MISSING
    }
    kind._compared_ = tuple(part.name for part in parts if part.compare)
    kind._shown_ = tuple(part.name for part in parts if part.repr)
    for name, method in _METHODS.items():
        if name not in made.__dict__:
            setattr(kind, name, method)
    return made


def _init(self: Any, **parts: Any) -> None:
    stored = self.__dict__
    stored.update(self._defaults_, **parts)
    for name, factory in self._factories_.items():
        if name not in parts:
            stored[name] = factory()
    if stored.keys() != self._parts_:
        raise TypeError(_misfit(type(self).__name__, parts, self._parts_, stored))


def _misfit(name: str, given: Any, parts: frozenset[str], stored: Any) -> str:
    missing = ", ".join(sorted(parts - stored.keys()))
    unknown = ", ".join(sorted(given.keys() - parts))
    wrong = [f"lacks {missing}"] * bool(missing) + [f"has no {unknown}"] * bool(unknown)
    return f"{name} {' and '.join(wrong)}"


def _refuse(self: Any, name: str, *_: Any) -> NoReturn:
    raise dataclasses.FrozenInstanceError(
        f"{type(self).__name__}.{name} is a value's part, and stays as it is"
    )


def _equals(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    mine, theirs = self.__dict__, other.__dict__
    return all(mine[name] == theirs[name] for name in self._compared_)


def _hash(self: Any) -> int:
    return hash(tuple(self.__dict__[name] for name in self._compared_))


def _represent(self: Any) -> str:
    parts = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self._shown_)
    return f"{type(self).__qualname__}({parts})"


_METHODS = {
    "__init__": _init,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__eq__": _equals,
    "__hash__": _hash,
    "__repr__": _represent,
}

"""Bounded expressions, as in `when after.mtu > 9000 and before.mtu < 2000`.

Parsed once, when a hook is saved: no loops, no powers, no attributes that begin with an
underscore, three functions, limited size. So none of them can be slow under the write
lock, or reach anything but the two images.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from models.history.images import Image

MOST_NODES = 100


def plain_value(value: Any) -> Any:
    """Return what people compare: a relation's name, members' names."""
    if isinstance(value, dict) and "name" in value and "object_type" in value:
        return value["name"]
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    return value


class _Bounded(ast.NodeVisitor):
    """Refuses everything that a condition does not need."""

    names: ClassVar[frozenset[str]] = frozenset(
        {"before", "after", "event", "user", "changed", "len", "lower", "None"}
    )
    allowed: ClassVar[tuple[type[ast.AST], ...]] = (
        *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub),
        *(ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
        *(ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.BinOp, ast.Add, ast.Sub),
        *(ast.Name, ast.Load, ast.Constant, ast.Attribute, ast.Subscript),
        *(ast.List, ast.Tuple, ast.Set, ast.Call),
    )

    def __init__(self) -> None:
        self.count = 0

    def generic_visit(self, node: ast.AST) -> None:
        self.count += 1
        if not isinstance(node, self.allowed):
            raise ValueError(f"{type(node).__name__} is not allowed in a condition")  # noqa: TRY004 - one kind of error for a form
        if self.count > MOST_NODES:
            raise ValueError("is too complicated for a condition")
        super().generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id not in self.names:
            raise ValueError(
                f"knows no {node.id!r}; it has {', '.join(sorted(self.names))}"
            )
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr.startswith("_"):
            raise ValueError(f"may not read {node.attr!r}")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called not in ("changed", "len", "lower") or node.keywords:
            raise ValueError("may call only changed(), len() and lower()")
        self.generic_visit(node)


class _Reader:
    """An image whose keys are read as attributes; what is missing is None."""

    def __init__(self, image: Image | None) -> None:
        self._image = image or {}

    def __getattr__(self, name: str) -> Any:
        value = self._image.get(name)
        return _Reader(value) if isinstance(value, dict) else value

    def __getitem__(self, name: str) -> Any:
        return self.__getattr__(str(name))

    def __eq__(self, other: object) -> bool:
        mine = plain_value(self._image)
        theirs = plain_value(other._image) if isinstance(other, _Reader) else other
        return bool(mine == theirs)

    def __hash__(self) -> int:
        return hash(str(self._image))

    def __str__(self) -> str:
        return str(plain_value(self._image))


def parse(text: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return what judges an expression for the names `before`, `after`, and so on.

    Raises:
        ValueError: It is no expression, or does more than a condition may.
    """
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ValueError(f"is no expression: {reason}") from None
    _Bounded().visit(tree)
    code = compile(tree, "<condition>", "eval")

    def judge(given: Mapping[str, Any]) -> bool:
        names = {
            **given,
            "before": _Reader(given["before"]),
            "after": _Reader(given["after"]),
            "len": len,
            "lower": lambda value: str(value).lower(),
        }
        return bool(eval(code, {"__builtins__": {}}, names))  # noqa: S307 - bounded above

    return judge

"""People's own object types: the modules under `object_types` in the configuration.

A module lies in the store's `types` folder, among the jobs, or is installed. Every
process imports it, unlike jobs. A broken one is kept in mind and shown, and its types
are off. The tables follow the classes (`models.objects.tableplan`): by themselves when
nobody else has the store open, else by `hookline migrate`.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import traceback
from typing import TYPE_CHECKING, Any

import peewee

from models import inventory
from models.errors import StoreError
from models.objects import tableplan, types
from models.objects.base import ChangeLoggedModel
from models.objects.links import ChangeLoggedLink, LinkModel
from models.storage.holders import is_private, name_holders, refuse_others
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.people.access import User
    from models.storage.store import Store

HOUSE = frozenset({"models", "receivers", "tui"})


@frozen
class BrokenModule:
    """A module whose types are off.

    Attributes:
        module: Its dotted name, as in the configuration.
        path: The file where it fails; empty when there is none.
        line: The line there.
        message: Why.
    """

    module: str
    path: str = ""
    line: int = 0
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}: " if self.path else ""
        return f"{self.module}: {place}{self.message}"


@frozen
class OwnTypes:
    """What a store's own modules hold.

    Attributes:
        types: The classes, what is pointed at before what points.
        broken: The modules that cannot be used.
    """

    types: tuple[Any, ...] = ()
    broken: tuple[BrokenModule, ...] = ()


def own_types(store: Store) -> OwnTypes:
    """Return what was loaded when a store was opened."""
    return store.own_types or OwnTypes()


def open_types(store: Store, *, migrating: bool = False) -> None:
    """Load a store's own types, and let their tables follow.

    Args:
        store: The store that is being opened.
        migrating: Leave the tables as they are, for `hookline migrate`.

    Raises:
        StoreError: The tables are behind, and cannot be changed just now.
    """
    store.own_types = load(store)
    store.on_close.append(lambda: forget(store))
    steps = [] if migrating else plan(store)
    if steps:
        is_alone = store.open_lock.is_alone
        if not is_alone or not is_private(store) or not all(s.safe for s in steps):
            raise _behind(store, steps, alone=is_alone)
        tableplan.carry_out(store, steps)


def plan(store: Store) -> list[tableplan.Step]:
    """Return what the tables of a store's own types lack."""
    return tableplan.plan(store, _with_tables(own_types(store).types))


def migrate(store: Store, user: User, backup: Path | None) -> list[tableplan.Step]:
    """Make the tables of a store's own types fit their classes.

    Args:
        store: The store, opened with `migrating=True`.
        user: Who does it.
        backup: The file to write a backup to before; None where there is one.

    Returns:
        What was done; nothing, without a backup, when all fitted.

    Raises:
        RefusedError: The user is no superuser.
        StoreError: Others have the store open, or the rows do not allow it.
    """
    from models.people.access import require_superuser
    from models.upkeep import backup as backups

    require_superuser(user, "migrate the store")
    steps = plan(store)
    if steps:
        refuse_others(store, "The tables of own types do not fit.")
        if backup is not None:
            backups.backup(store, backup, user)
        tableplan.carry_out(store, steps)
    return steps


def _behind(store: Store, steps: list[tableplan.Step], *, alone: bool) -> StoreError:
    todo = "; ".join(map(str, steps))
    who = ""
    if not alone:
        who = f" Others have the store open: {name_holders(store)}; end them first."
    return StoreError(
        f"The tables of {store.folder} do not fit its own types ({todo})."
        f"{who} Run `hookline migrate`.",
        on=str(store.folder),
    )


# Loading and forgetting


def load(store: Store) -> OwnTypes:
    """Import a store's modules; what cannot be imported is told, not raised."""
    found: list[Any] = []
    broken: list[BrokenModule] = []
    with _importable(store):
        for name in store.settings.object_types:
            known = types.object_types()
            try:
                made = _types_in(importlib.import_module(name), known)
            except Exception as error:  # people's own code may fail in any way
                _take_back(known)
                broken.append(_broken(name, error))
            else:
                found += [model for model in made if model not in found]
    ordered = [m for m in peewee.sort_models(found) if m in found]
    return OwnTypes(types=tuple(ordered), broken=tuple(broken))


def _types_in(module: Any, known: dict[str, Any]) -> list[Any]:
    """Return the object types that a module, or its package, defines.

    Raises:
        TypeError: It has none, or one whose label another has already.
    """
    name = module.__name__
    found = [
        item
        for item in vars(module).values()
        if isinstance(item, type)
        and issubclass(item, ChangeLoggedModel)
        and (item.__module__ + ".").startswith(f"{name}.")
    ]
    if not found:
        raise TypeError("it defines no object type (a class of ChangeLoggedModel)")
    for model in found:
        label = model._meta.label_lower
        other = known.get(label)
        if other is not None and other is not model:
            raise TypeError(
                f"there is a type {label} already, in {other.__module__};"
                " choose another Meta.app_label or name"
            )
    for model in found:
        types.register_type(model)
    return found


def _broken(name: str, error: Exception) -> BrokenModule:
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "importlib" not in frame.filename and frame.filename != __file__
    ]
    path, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
    if isinstance(error, SyntaxError) and error.filename:
        path, line = error.filename, error.lineno or 0
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(
        f"{error.name}."
    ):
        path, line = "", 0
        message = "there is no such module; put it into the store's types folder"
    return BrokenModule(module=name, path=path, line=line, message=message)


@contextlib.contextmanager
def _importable(store: Store) -> Iterator[None]:
    """Let modules of the store's folders be imported, while it lasts."""
    folders = [str(store.folder / "types"), str(store.jobs_root)]
    sys.path[:0] = folders
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for folder in folders:
            sys.path.remove(folder)


def _take_back(known: dict[str, Any]) -> None:
    """Forget the types that a module made before it failed."""
    for label, model in types.object_types().items():
        if known.get(label) is not model:
            _forget_type(model)
    for model in known.values():
        types.register_type(model)


def forget(store: Store) -> None:
    """Make a closed store's types unknown, and their modules to be read anew."""
    for model in own_types(store).types:
        _forget_type(model)
    roots = {_root(name) for name in store.settings.object_types}
    for name in [n for n in sys.modules if any(f"{n}.".startswith(r) for r in roots)]:
        del sys.modules[name]


def _root(module: str) -> str:
    """Return what the names of a module and of its package's others begin with."""
    top = module.partition(".")[0]
    return f"{module}." if top in HOUSE else f"{top}."


def _forget_type(model: Any) -> None:
    """Remove a type, and what it left on the types that it points at."""
    types.unregister_type(model)
    if issubclass(model, ChangeLoggedLink):
        model.detach()
    for members in model._meta.members.values():
        if members.backref and members.rel_model is not model and not members.is_kept:
            members.rel_model._meta.members.pop(members.backref, None)
            delattr(members.rel_model, members.backref)
    for cls in _with_tables([model]):
        for field in list(cls._meta.refs):
            other = field.rel_model
            if other is not cls and hasattr(other, field.backref or "+"):
                delattr(other, field.backref)
            cls._meta.remove_ref(field)


def _with_tables(models: Any) -> list[Any]:
    """Return classes and those of their links, but for the links that ship."""
    links = [m.through for model in models for m in model._meta.members.values()]
    links += [
        field.model
        for model in models
        for field in model._meta.backrefs
        if issubclass(field.model, LinkModel)
    ]
    known = {*models, *inventory.LINKS}
    own = [link for link in dict.fromkeys(links) if link not in known]
    return [*models, *own]

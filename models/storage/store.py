"""The store: a folder that holds everything, and the one door to its database.

`store.db` (SQLite), `config.yaml`, `jobs/`, `files/`, and `run/` for the sockets and
locks of living processes. Every write goes through `Store.transaction()`, which
takes the fair gate before `BEGIN IMMEDIATE`.
"""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import peewee

from models import errors
from models.settings.layers import Settings, load_settings
from models.storage import owners, sharing
from models.storage.crashpoints import reach
from models.storage.gate import WriteGate
from models.storage.holders import OpenLock
from models.storage.savepoints import Savepoint, UndoLog
from models.storage.verdicts import has_verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from models.objects.owntypes import OwnTypes

APPLICATION_ID = 0x484B4C4E  # "HKLN", in the header of the database file
BUSY_TIMEOUT_S = 5
CACHED_STATEMENTS = 512
SOCKET_NAME = "runner.sock"
NETWORK_FILE_SYSTEMS = frozenset(
    {"afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "lustre", "nfs", "nfs4"}
    | {"smb3", "smbfs"}
)


class StoreDatabase(peewee.SqliteDatabase):
    """peewee's SQLite database, whose transactions wait at the gate.

    Args:
        path: The database file.
        gate: The gate to pass before `BEGIN IMMEDIATE`.
        durable: Whether a commit waits for the disk (`synchronous=FULL`).
    """

    def __init__(self, path: Path, gate: WriteGate, *, durable: bool) -> None:
        self.gate = gate
        self.identity: tuple[int, int] | None = None
        self.undo = UndoLog()
        super().__init__(
            str(path),
            pragmas={
                "busy_timeout": BUSY_TIMEOUT_S * 1000,
                "foreign_keys": 1,
                "synchronous": 2 if durable else 1,
                "temp_store": 2,
            },
            timeout=BUSY_TIMEOUT_S,
            cached_statements=CACHED_STATEMENTS,
            regexp_function=True,
        )
        self.register_function(has_verdict, "has_verdict", 3, deterministic=True)

    def begin(self) -> None:
        """Take the turn, then the write lock."""
        reach("save.before-begin")
        self.gate.acquire()
        try:
            self._refuse_replaced()
            self.connection().execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self.gate.release()
            raise explain(error, self.database) from error
        except BaseException:
            self.gate.release()
            raise

    def remember_file(self) -> None:
        """Take the file that has the database's name now for the one to write to."""
        found = os.stat(self.database)  # noqa: PTH116  # it is a text for peewee
        self.identity = found.st_dev, found.st_ino

    def _refuse_replaced(self) -> None:
        """Refuse to write into a file that has lost its name: nobody would find it."""
        try:
            found = os.stat(self.database)  # noqa: PTH116  # on each save's path
        except FileNotFoundError:
            present = None
        else:
            present = found.st_dev, found.st_ino
        if self.identity not in (None, present):
            raise errors.ReplacedStoreError(
                f"Nothing was saved: the database {self.database} was removed or"
                " replaced while this program had it open. Start the program again.",
                on=self.database,
            )

    def commit(self) -> None:
        """Commit, then give the turn back."""
        reach("save.before-commit")
        try:
            self.connection().execute("COMMIT")
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise explain(error, self.database) from error
        self.undo.clear()
        self.gate.release()
        reach("save.after-commit")

    def rollback(self) -> None:
        """Roll back; SQLite may have done so itself, as on a full disk."""
        try:
            connection = self.connection()
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        finally:
            self.undo.back_to(0)
            self.gate.release()

    def savepoint(self) -> Savepoint:
        """Return a savepoint that takes memory back along with rows."""
        return Savepoint(self)


def explain(error: BaseException, path: object) -> errors.HooklineError:
    """Return what a database error means for the person at the terminal."""
    text = str(error)
    where = str(path)
    lowered = text.lower()
    if "locked" in lowered or "busy" in lowered:
        return errors.LockedStoreError(
            f"The store {where} is locked by another program ({text})."
            " Close it, then try again.",
            on=where,
        )
    if "full" in lowered:
        return errors.FullDiskError(
            f"Nothing was saved: the disk of {where} is full ({text})."
            " Make room, then try again.",
            on=where,
        )
    if "readonly" in lowered or "read-only" in lowered:
        return errors.ReadOnlyStoreError(
            f"Nothing was saved: {where} cannot be written ({text})."
            " Check who owns the folder and whether its disk is read-only.",
            on=where,
        )
    if "not a database" in lowered:
        return errors.NotAStoreError(
            f"{where} is not a Hookline store ({text}). Name the store's folder.",
            on=where,
        )
    if "malformed" in lowered or "corrupt" in lowered:
        return errors.DamagedStoreError(
            f"The database {where} is damaged ({text})."
            " Run `hookline check`, or restore a backup.",
            on=where,
        )
    return errors.StoreError(f"The store {where} failed: {text}.", on=where)


class Store:
    """An open store. Make one with `open_store()`.

    Args:
        folder: The store's folder.
        settings: The settings that hold for it.
        durable: Whether this process's commits wait for the disk.
    """

    def __init__(self, folder: Path, *, settings: Settings, durable: bool) -> None:
        self.folder = folder
        self.settings = settings
        self.on_close: list[Callable[[], object]] = []
        sharing.heed(self)
        self.run_folder.mkdir(mode=0o700, exist_ok=True)
        self.open_lock = OpenLock(self.run_folder)
        self.gate = WriteGate(self.run_folder)
        self.database = StoreDatabase(self.db_path, self.gate, durable=durable)
        self.caches: dict[str, Any] = {}
        self.own_types: OwnTypes | None = None
        self._owner: tuple[str, int] | None = None
        self._poke_socket: socket.socket | None = None
        self._inherited: list[Any] = []

    @functools.cached_property
    def db_path(self) -> Path:
        """The database file."""
        return self.folder / "store.db"

    @functools.cached_property
    def run_folder(self) -> Path:
        """Sockets and locks of living processes."""
        return self.folder / "run"

    @property
    def files_folder(self) -> Path:
        """Files that runs made."""
        return self.folder / "files"

    @functools.cached_property
    def jobs_root(self) -> Path:
        """The folder of the authors' files."""
        return self.folder / self.settings.jobs_root

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock over a block; inside another one, a savepoint.

        Raises:
            StoreError: The store is locked, full, read-only, or damaged.
        """
        with self.translated(), self.database.atomic():
            yield

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the database's errors into the program's own."""
        try:
            yield
        except (sqlite3.OperationalError, peewee.OperationalError) as error:
            raise explain(error, self.db_path) from error
        except (sqlite3.DatabaseError, peewee.DatabaseError) as error:
            if isinstance(error, (sqlite3.IntegrityError, peewee.IntegrityError)):
                raise
            raise explain(error, self.db_path) from error

    def execute(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> sqlite3.Cursor:
        """Run one statement on this thread's connection, past peewee."""
        cursor: sqlite3.Cursor = self.database.connection().execute(sql, parameters)
        return cursor

    def data_version(self) -> int:
        """Return a number that changes when another connection has committed."""
        return int(self.execute("PRAGMA data_version").fetchone()[0])

    def poke(self) -> None:
        """Wake the runner; a lost poke costs milliseconds, so nothing is raised."""
        try:
            if self._poke_socket is None:
                self._poke_socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                self._poke_socket.settimeout(0)
            with _short_path(self.run_folder) as folder:
                self._poke_socket.sendto(b"", f"{folder}/{SOCKET_NAME}")
        except OSError:
            return

    def owner(self) -> str:
        """Return this process's owner id; its lock is free once the process is gone."""
        if self._owner is None:
            name = f"{os.getpid()}-{os.urandom(4).hex()}"
            self._owner = (name, owners.create(self.owner_path(name)))
        return self._owner[0]

    def owner_path(self, owner: str) -> Path:
        """Return where an owner's lock file lies."""
        return self.run_folder / f"owner-{owner}.lock"

    def owner_file(self) -> int:
        """Return the descriptor that holds the owner's lock, for children to keep."""
        self.owner()
        assert self._owner is not None
        return self._owner[1]

    def after_fork(self) -> None:
        """Forget the parent's connections; closing them here would harm the parent."""
        self._inherited.append((self.database, self._poke_socket))
        self.gate.after_fork()
        durable = dict(self.database._pragmas)["synchronous"] == 2  # noqa: SLF001
        identity = self.database.identity
        self.database = StoreDatabase(self.db_path, self.gate, durable=durable)
        self.database.identity = identity
        self._poke_socket = None
        self._owner = None

    def close(self) -> None:
        """Close this thread's connection and the locks."""
        while self.on_close:
            self.on_close.pop()()
        self.database.close()
        self.gate.close()
        self.open_lock.close()
        if self._poke_socket is not None:
            self._poke_socket.close()
        if self._owner is not None:
            name, file = self._owner
            self.owner_path(name).unlink(missing_ok=True)
            os.close(file)
            self._owner = None
        if _Current.default is self:
            _Current.default = None
        if getattr(_current, "store", None) is self:
            _current.store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """Give a path that fits a socket address (108 bytes), whatever the folder's is."""
    text = str(folder)
    if len(os.fsencode(text)) < 90:
        yield text
        return
    file = os.open(text, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{file}"
    finally:
        os.close(file)


def is_owner_alive(store: Store, owner: str) -> bool:
    """Return whether the process that calls itself this still lives.

    The kernel frees the lock when the last process that holds it is gone; no clock
    takes part.
    """
    if store._owner is not None and store._owner[0] == owner:  # noqa: SLF001
        return True
    return owners.is_held(store.owner_path(owner))


class _Current(threading.local):
    """The store that models are bound to, by thread; `default` for the process."""

    default: Store | None = None
    store: Store | None = None


_current = _Current()


def current_store() -> Store:
    """Return the store that this thread works on.

    Raises:
        RequestError: No store is open.
    """
    store = _current.store or _Current.default
    if store is None:
        raise errors.RequestError("No store is open. Call `open_store()` first.")
    return store


@contextlib.contextmanager
def using_store(store: Store) -> Iterator[Store]:
    """Bind the models to another store, in this thread only."""
    before = _current.store
    _current.store = store
    try:
        yield store
    finally:
        _current.store = before


def default_folder() -> Path:
    """Return the folder of the user's own store."""
    named = os.environ.get("HOOKLINE_STORE")
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "hookline"


def open_store(
    folder: Path | str | None = None,
    *,
    create: bool = False,
    settings: Settings | None = None,
    durable: bool = True,
    migrating: bool = False,
) -> Store:
    """Open a store and bind the models to it, for the whole process.

    Args:
        folder: The store's folder; by default the user's own.
        create: Make it if it is not there.
        settings: Settings to use instead of those that the folder's files give.
        durable: Whether commits wait for the disk; the runner's bookkeeping follows
            the store's own `durability`.
        migrating: Open it though its tables are behind, to migrate it.

    Raises:
        StoreError: It is not there, not a store, too new, on a network, unreadable.
        ConfigError: Its configuration is wrong.
    """
    from models.schema import versions as schema

    path = Path(folder).expanduser() if folder is not None else default_folder()
    path = path.absolute()
    if not create and not _is_there(path):
        raise errors.StoreError(
            f"There is no store in {path}. Make one with `hookline init`, or name"
            " another with --store.",
            on=str(path),
        )
    refuse_network(path)
    try:
        schema.prepare_folder(path)
        loaded = settings or load_settings(path)
        store = Store(
            path, settings=loaded, durable=durable or loaded.durability == "full"
        )
    except PermissionError as error:
        raise _not_allowed(path, error) from error
    except OSError as error:
        raise explain(error, path) from error
    _Current.default = store
    try:
        with store.translated():
            schema.bring_up_to_date(store, migrating=migrating)
            store.database.remember_file()
            import models.inventory  # noqa: F401  # registers the types that ship

            if loaded.object_types:
                from models.objects.owntypes import open_types

                open_types(store, migrating=migrating)
        store.open_lock.share()
    except BaseException:
        store.close()
        _Current.default = None
        raise
    return store


def _is_there(folder: Path) -> bool:
    try:
        return (folder / "store.db").exists()
    except PermissionError as error:
        raise _not_allowed(folder, error) from error


def _not_allowed(folder: Path, error: OSError) -> errors.ReadOnlyStoreError:
    return errors.ReadOnlyStoreError(
        f"The store {folder} cannot be used: {error.strerror} on {error.filename}."
        " Check who owns it.",
        on=str(folder),
    )


def refuse_network(folder: Path, mounts: str | None = None) -> None:
    """Refuse a folder on a network file system, where locks cannot be trusted.

    Args:
        folder: The store's folder.
        mounts: The text of `/proc/self/mountinfo`, if not the kernel's own.

    Raises:
        NetworkStoreError: It lies on one.
    """
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
        except OSError:
            return
    best, kind = "", ""
    target = str(folder.resolve())
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = left.split(" ")[4].replace("\\040", " ")
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    if kind in NETWORK_FILE_SYSTEMS:
        raise errors.NetworkStoreError(
            f"The store {folder} lies on a network file system ({kind} at {best}),"
            " where SQLite's locks cannot be trusted. Put it on a local disk.",
            on=str(folder),
        )

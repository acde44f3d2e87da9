from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from models import Device, ObjectChange, ValidationError, open_store
from models.errors import StoreError
from models.objects import tableplan
from models.objects.names import find_row
from models.objects.owntypes import migrate, own_types, plan
from models.objects.types import get_type, is_type
from models.people.access import os_user
from models.settings.layers import load_settings
from models.storage.holders import holders
from tests import factories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.storage.store import Store

CIRCUITS = """
    from models import ChangeLoggedModel, Device, IntegerField, Members, NameField
    from models import Relation

    class Provider(ChangeLoggedModel):
        name = NameField(unique=True)

    class Circuit(ChangeLoggedModel):
        cid = NameField()
        provider = Relation(Provider, backref="circuits")
        device = Relation(Device, null=True, when_deleted="set_null",
                          backref="circuits")
        speed = IntegerField(default=10)
        devices = Members(Device, backref="member_circuits")

        class Meta:
            natural_name = ("provider", "cid")
"""


CLASH = """
    from models import ChangeLoggedModel

    class Device(ChangeLoggedModel):
        class Meta:
            app_label = "dcim"
"""


class Folder:
    """A store's folder, whose types are written and opened again and again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened: list[Store] = []

    def write(self, text: str, name: str = "circuits") -> None:
        types = self.path / "types"
        types.mkdir(parents=True, exist_ok=True)
        (types / f"{name}.py").write_text(textwrap.dedent(text))

    def replace(self, old: str, new: str) -> None:
        file = self.path / "types" / "circuits.py"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        cached = file.parent / "__pycache__"
        for compiled in cached.glob("*.pyc") if cached.exists() else ():
            compiled.unlink()

    def open(self, *modules: str, migrating: bool = False) -> Store:
        settings = dataclasses.replace(
            load_settings(None), object_types=modules or ("circuits",)
        )
        store = open_store(
            self.path,
            create=True,
            settings=settings,
            durable=False,
            migrating=migrating,
        )
        self.opened.append(store)
        return store

    def close(self) -> None:
        while self.opened:
            self.opened.pop().close()

    def reopen(self, *modules: str, migrating: bool = False) -> Store:
        self.close()
        return self.open(*modules, migrating=migrating)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path / "store")
    yield made
    made.close()


def circuit(**values: Any) -> Any:
    values.setdefault("cid", "C1")
    name = values.pop("provider", "ACME")
    provider = get_type("provider").objects.get_or_create(name=name)[0]
    return get_type("circuit").objects.create(provider=provider, **values)


def columns(store: Store, table: str = "circuits_circuit") -> list[str]:
    return list(tableplan.describe(store.execute, table).columns)


# Loading


def test_a_type_of_ones_own_is_there_and_recorded(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    made = circuit()
    assert get_type("circuits.circuit") is type(made)
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert (change.changed_object_type, change.object_repr) == (
        "circuits.circuit",
        "ACME C1",
    )


def test_it_points_at_shipped_types_and_they_see_it(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    device = factories.device()
    made = circuit(device=device)
    made.devices.add(device)
    assert device.circuits.get() == made
    assert Device.objects.get(member_circuits__cid="C1") == device
    device.delete()
    made.refresh_from_db()
    assert made.device is None
    assert not made.devices.exists()


def test_a_closed_stores_types_are_forgotten(folder: Folder, tmp_path: Path) -> None:
    folder.write(CIRCUITS)
    folder.open()
    folder.close()
    assert not is_type("circuits.circuit")
    assert not hasattr(Device, "circuits")
    other = open_store(tmp_path / "other", create=True, durable=False)
    factories.device().delete()
    other.close()


def test_rows_are_there_again_with_the_store(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    circuit(cid="C7")
    folder.reopen()
    assert get_type("circuit").objects.get().cid == "C7"


def test_a_package_is_named_by_its_first_word(folder: Folder) -> None:
    package = folder.path / "types" / "plant"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "models.py").write_text(
        "from models import ChangeLoggedModel, NameField\n\n\n"
        "class Pump(ChangeLoggedModel):\n    name = NameField()\n"
    )
    store = folder.open("plant.models")
    assert get_type("plant.pump")._meta.table_name == "plant_pump"
    assert own_types(store).broken == ()


def test_a_class_named_like_a_shipped_one_has_a_table_of_its_own(
    folder: Folder,
) -> None:
    folder.write(
        """
        from models import ChangeLoggedModel, NameField

        class Device(ChangeLoggedModel):
            name = NameField()
        """,
        "plant",
    )
    store = folder.open("plant")
    assert own_types(store).broken == ()
    get_type("plant.device").objects.create(name="pump-1")
    assert not Device.objects.exists()
    assert get_type("dcim.device") is Device


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("import nowhere_at_all\n", 1, "No module named 'nowhere_at_all'"),
        ("x = (\n", 1, "SyntaxError"),
        ("\n1 / 0\n", 2, "ZeroDivisionError"),
        ("x = 1\n", 0, "it defines no object type"),
        (
            CLASH,
            0,
            "there is a type dcim.device already, in models.inventory.dcim",
        ),
        (CIRCUITS + "\n    1 / 0\n", 19, "ZeroDivisionError"),
    ],
)
def test_a_broken_module_is_told_and_its_types_are_off(
    folder: Folder, text: str, line: int, message: str
) -> None:
    folder.write(text)
    store = folder.open()
    (broken,) = own_types(store).broken
    assert message in broken.message
    if line:
        place = f"{folder.path / 'types' / 'circuits.py'}:{line}: "
        assert str(broken).startswith(f"circuits: {place}")
    assert not is_type("circuits.circuit")
    assert get_type("dcim.device") is Device
    factories.device().delete()


def test_one_broken_module_does_not_take_the_others_along(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.write("1 / 0", "plant")
    store = folder.open("plant", "missing", "circuits")
    assert [broken.module for broken in own_types(store).broken] == ["plant", "missing"]
    assert "put it into the store's types folder" in str(own_types(store).broken[1])
    assert circuit().cid == "C1"


def test_folders_are_on_the_path_only_while_importing(folder: Folder) -> None:
    folder.write(CIRCUITS)
    before = list(sys.path)
    folder.open()
    assert sys.path == before


def test_a_gone_types_history_can_still_be_read(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    made = circuit(device=factories.device())
    made.speed = 100
    made.save()
    settings = load_settings(None)
    folder.close()
    store = open_store(folder.path, settings=settings, durable=False)
    try:
        change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
        assert change.changed_object is None
        assert change.get_snapshots()["differences"]["added"] == {"speed": 100}
        assert change.get_snapshots()["postchange"]["device"][1] == "core-01"
        assert [str(d.path) for d in change.get_differences()] != []
        assert "circuits.circuit ACME C1 updated" in str(change)
        assert store.execute("SELECT count(*) FROM circuits_circuit").fetchone()[0] == 1
    finally:
        store.close()


def test_what_a_gone_types_rows_point_at_cannot_be_deleted(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    device = factories.device()
    circuit(device=device)
    folder.close()
    store = open_store(folder.path, settings=load_settings(None), durable=False)
    try:
        with pytest.raises(ValidationError, match="a type that is not loaded"):
            Device.objects.get().delete()
    finally:
        store.close()


def test_the_example_that_ships_can_be_copied(folder: Folder) -> None:
    example = Path(tableplan.__file__).parents[1] / "examples" / "circuits.py"
    folder.write(example.read_text())
    store = folder.open()
    assert own_types(store).broken == ()
    made = circuit(status=factories.status(), device=factories.device())
    assert made.validation_problems() == {}
    made.mbit_s = 0
    assert made.validation_problems() == {"mbit_s": ["must be more than 0"]}
    assert find_row(type(made), "ACME C1") == made


# Tables that follow


@pytest.mark.parametrize(
    ("new", "value"),
    [
        ("note = NameField(null=True)", None),
        ("note = NameField(default='none yet')", "none yet"),
        ("note = IntegerField(default=5)", 5),
        ("note = IntegerField(default=5, index=True)", 5),
        ("note = Relation(Device, null=True, backref='noted')", None),
    ],
)
def test_a_new_column_is_added_when_the_store_is_opened(
    folder: Folder, new: str, value: Any
) -> None:
    folder.write(CIRCUITS)
    folder.open()
    circuit()
    folder.replace("speed = Integer", f"{new}\n    speed = Integer")
    store = folder.reopen()
    assert get_type("circuit").objects.get().note == value
    assert plan(store) == []
    assert circuit(cid="C2").note == value


def test_indices_come_and_go_when_the_store_is_opened(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    folder.replace(
        'natural_name = ("provider", "cid")', 'indexes = ((("cid", "speed"), False),)'
    )
    store = folder.reopen()
    name = "circuits_circuit_cid_speed"
    assert name in tableplan.describe(store.execute, "circuits_circuit").indices
    folder.replace('indexes = ((("cid", "speed"), False),)', "pass")
    store = folder.reopen()
    assert name not in tableplan.describe(store.execute, "circuits_circuit").indices


def test_a_unique_index_that_rows_break_changes_nothing(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    circuit(provider="A")
    circuit(provider="B")
    folder.replace("cid = NameField()", "cid = NameField(unique=True)")
    with pytest.raises(StoreError, match=r"add index circuits_circuit_cid: UNIQUE"):
        folder.reopen()
    folder.replace("cid = NameField(unique=True)", "cid = NameField()")
    folder.open()


def test_a_store_that_others_have_open_is_not_changed(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    folder.replace(
        "speed = Integer", "note = NameField(null=True)\n    speed = Integer"
    )
    script = (
        "import sys, time, dataclasses;"
        "from models.storage.store import open_store;"
        "from models.settings.layers import load_settings;"
        "s = dataclasses.replace(load_settings(None), object_types=('circuits',));"
        f"open_store({str(folder.path)!r}, settings=s, migrating=True);"
        "print('open', flush=True); sys.stdin.read()"
    )
    folder.close()
    other = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(StoreError) as caught:
            folder.open()
        assert "Run `hookline migrate`" in caught.value.message
        assert f"open: {other.pid} (" in caught.value.message
        assert "add note" in caught.value.message
        store = folder.open(migrating=True)
        assert holders(store) == [other.pid]
        with pytest.raises(StoreError, match="End them, run `hookline migrate`"):
            migrate(store, os_user(store), folder.path / "backup.tar.gz")
        folder.close()
    finally:
        other.communicate(b"")
    assert "note" in columns(folder.open())


def test_a_shared_store_is_not_changed_by_itself(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.path.chmod(0o770)
    with pytest.raises(StoreError, match=r"new table.*Run `hookline migrate`"):
        folder.open()


# Migrating


def migrated(folder: Folder) -> Store:
    """Migrate, and open the store as everyone does."""
    with pytest.raises(StoreError, match="Run `hookline migrate`"):
        folder.reopen()
    store = folder.reopen(migrating=True)
    backup = folder.path / "backup.tar.gz"
    assert migrate(store, os_user(store), backup)
    assert backup.exists()
    store = folder.reopen()
    assert plan(store) == []
    return store


def drop(folder: Folder) -> None:
    folder.replace("    speed = IntegerField(default=10)\n", "")


def rename(folder: Folder) -> None:
    folder.replace("speed = Integer", "bandwidth = Integer")
    folder.replace('"cid")', '"cid")\n        renamed = {"speed": "bandwidth"}')


def rename_relation(folder: Folder) -> None:
    folder.replace("device = Relation", "router = Relation")
    folder.replace('"cid")', '"cid")\n        renamed = {"device": "router"}')


def retype(folder: Folder) -> None:
    folder.replace("speed = IntegerField(default=10)", "speed = NameField(default='')")


def require(folder: Folder) -> None:
    folder.replace("device = Relation(Device, null=True,", "device = Relation(Device,")
    folder.replace('when_deleted="set_null",', "")


@pytest.mark.parametrize(
    ("change", "text", "name", "value"),
    [
        (drop, "drop speed", None, None),
        (rename, "rename speed to bandwidth", "bandwidth", 100),
        (rename_relation, "rename device_id to router_id", "router", "core-01"),
        (retype, "change speed from INTEGER to TEXT", "speed", "100"),
        (require, "change device_id to be required", "device", "core-01"),
    ],
)
def test_what_touches_values_waits_for_a_migration(
    folder: Folder,
    change: Callable[[Folder], None],
    text: str,
    name: str | None,
    value: Any,
) -> None:
    folder.write(CIRCUITS)
    folder.open()
    device = factories.device()
    circuit(speed=100, device=device).devices.add(device)
    change(folder)
    folder.reopen(migrating=True)
    assert [step.text for step in plan(folder.opened[0])] == [text]
    store = migrated(folder)
    found = get_type("circuit").objects.get()
    if name is None:
        assert "speed" not in columns(store)
    else:
        given = getattr(found, name)
        assert (str(given) if name in ("router", "device") else given) == value
    assert found.devices.get().name == "core-01"
    assert factories.device("core-02").name == "core-02"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "speed = Integer",
            "note = NameField()\n    speed = Integer",
            "note has no default: give it one, or null=True",
        ),
        (
            "device = Relation(Device, null=True,",
            "device = Relation(Device,",
            "1 rows have no device_id: give it a default",
        ),
        (
            "cid = NameField()",
            "cid = IntegerField()",
            "1 values of cid are no INTEGER",
        ),
    ],
)
def test_what_the_rows_do_not_allow_is_told_and_not_done(
    folder: Folder, old: str, new: str, message: str
) -> None:
    folder.write(CIRCUITS)
    folder.open()
    circuit()
    folder.replace(old, new)
    store = folder.reopen(migrating=True)
    with pytest.raises(StoreError, match=message):
        migrate(store, os_user(store), folder.path / "backup.tar.gz")
    assert store.execute("SELECT cid FROM circuits_circuit").fetchone()[0] == "C1"
    assert store.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_without_rows_a_required_column_can_be_added(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    folder.replace("speed = Integer", "note = NameField()\n    speed = Integer")
    assert "note" in columns(migrated(folder))


def test_a_migration_with_nothing_to_do_makes_no_backup(folder: Folder) -> None:
    folder.write(CIRCUITS)
    folder.open()
    store = folder.reopen(migrating=True)
    assert migrate(store, os_user(store), folder.path / "backup.tar.gz") == []
    assert not (folder.path / "backup.tar.gz").exists()

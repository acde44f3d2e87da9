from __future__ import annotations

from typing import TYPE_CHECKING

from models.history.changes import ObjectChange
from models.inventory.organization import Tenant
from tests import factories
from tests.tui.automation import hook
from tests.tui.driver import Screens, open_screens

if TYPE_CHECKING:
    from models.inventory.dcim import Device
    from models.storage.store import Store


async def edit(screens: Screens, name: str = "core-01") -> None:
    """Open the form of a device."""
    await screens.go(f"device:{name}")
    await screens.shows("Fields")
    await screens.press("e")
    await screens.is_at(f"Edit {name}")
    await screens.shows("* Device type         X1")


async def test_a_form_saves_one_change_with_its_reason(
    store: Store, device: Device
) -> None:
    factories.device("core-02")
    before = ObjectChange.select().count()
    async with open_screens(store) as screens:
        await edit(screens)
        await screens.press("end")
        await screens.type("-x")
        await screens.shows("not saved yet")
        await screens.press("shift+tab")  # from the first field to the last
        await screens.type("RMA 4711")
        await screens.press("ctrl+s")
        await screens.shows("core-01-x saved")
        await screens.is_at("core-01-x")
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).first()
    assert ObjectChange.select().count() == before + 1
    assert (change.reason, change.change_context) == ("RMA 4711", "screen")
    assert change.get_snapshots()["differences"]["added"] == {"name": "core-01-x"}


async def test_a_save_says_which_hooks_fired_and_r_opens_the_run(
    store: Store, device: Device
) -> None:
    hook("Serial guard")
    async with open_screens(store) as screens:
        await edit(screens)
        await screens.press("end", "x", "ctrl+s")
        await screens.shows("1 hook fired: Serial guard", "r opens the run")
        await screens.press("r")
        await screens.is_at("Result 1")


async def test_messages_stand_beside_their_fields(store: Store) -> None:
    async with open_screens(store, size=(80, 30)) as screens:
        await screens.go("tenant")
        await screens.shows("There are no tenants yet")
        await screens.press("a")
        await screens.shows("* Name")
        await screens.press("ctrl+s")
        await screens.shows("! ")
        lines = screens.lines
        name = next(i for i, line in enumerate(lines) if line.startswith(" * Name"))
        assert lines[name + 1].strip().startswith("!")
        await screens.type("ACME")
        await screens.hides("! ")
        await screens.press("ctrl+s")
        await screens.shows("ACME added")
    assert Tenant.objects.get().name == "ACME"


async def test_a_relation_is_picked_by_typing(store: Store, device: Device) -> None:
    factories.location("Annex")
    async with open_screens(store) as screens:
        await edit(screens)
        await screens.press("tab", "tab", "tab", "tab")
        await screens.type("ann")
        await screens.shows("> Annex")
        await screens.press("enter")
        await screens.shows("* Location            Annex")
        await screens.press("ctrl+s")
        await screens.shows("core-01 saved")
    device.refresh_from_db()
    assert str(device.location) == "Annex"


async def test_the_picker_begins_at_what_is_chosen(
    store: Store, device: Device
) -> None:
    factories.location("Annex")
    async with open_screens(store) as screens:
        await edit(screens)
        await screens.press("tab", "tab", "tab", "tab", "enter")
        await screens.until(lambda: "> HQ" in screens.text, "the cursor on HQ")
        await screens.press("escape")
        await screens.shows("* Location            HQ")


async def test_statuses_for_other_types_are_not_offered(
    store: Store, device: Device
) -> None:
    factories.status("Decommissioned")
    factories.status("Reserved", content_types=["ipam.prefix"])
    async with open_screens(store) as screens:
        await edit(screens)
        await screens.press("tab", "tab", "tab", "enter")
        await screens.shows("Decommissioned")
        assert "Reserved" not in screens.text


async def test_several_are_picked_by_marking(store: Store, device: Device) -> None:
    factories.tag("critical")
    factories.tag("spare")
    async with open_screens(store) as screens:
        await edit(screens)
        await screens.press("shift+tab", "shift+tab", "enter")
        await screens.shows("> critical")
        await screens.press("tab", "tab", "enter")
        await screens.shows("critical, spare")
        await screens.press("ctrl+s")
        await screens.shows("core-01 saved")
    assert device.tags.names() == ["critical", "spare"]


async def test_types_are_picked_from_a_list(store: Store) -> None:
    factories.status("Active")
    async with open_screens(store, size=(90, 30)) as screens:
        await screens.go("status")
        await screens.shows("Active")
        await screens.press("enter")
        await screens.shows("Fields")
        await screens.press("e")
        await screens.shows("Content types")
        while "Content types" not in focused_label(screens):
            await screens.press("tab")
        await screens.type("vlan")
        await screens.shows("ipam.vlan")
        await screens.press("escape")


def focused_label(screens: Screens) -> str:
    """Return the label of the field that has the focus."""
    spec = getattr(screens.app.focused, "spec", None)
    return "" if spec is None else spec.label


async def test_leaving_with_something_typed_asks(store: Store, device: Device) -> None:
    async with open_screens(store) as screens:
        await edit(screens)
        await screens.press("x", "escape")
        await screens.shows("Leave without saving")
        await screens.press("enter")
        await screens.hides("Leave without saving")
        await screens.is_at("Edit core-01")
        await screens.press("escape", "y")
        await screens.is_at("core-01")
    device.refresh_from_db()
    assert device.name == "core-01"


async def test_leaving_with_nothing_typed_does_not_ask(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as screens:
        await edit(screens)
        await screens.press("escape")
        await screens.is_at("core-01")


async def test_a_form_notices_that_somebody_else_has_saved(
    store: Store, device: Device
) -> None:
    async with open_screens(store) as screens:
        await edit(screens)
        device.serial = "THEIRS"
        device.validated_save()
        await screens.press("end", "x", "ctrl+s")
        await screens.shows("Changed meanwhile", "Read it anew")
        await screens.press("o")
        await screens.shows("core-01x saved")
    device.refresh_from_db()
    assert (device.name, device.serial) == ("core-01x", "THEIRS")


async def test_a_form_can_be_read_anew(store: Store, device: Device) -> None:
    async with open_screens(store) as screens:
        await edit(screens)
        device.serial = "THEIRS"
        device.validated_save()
        await screens.press("end", "x", "ctrl+s")
        await screens.shows("Read it anew")
        await screens.press("r")
        await screens.shows("THEIRS")


async def test_nothing_to_save_says_so(store: Store, device: Device) -> None:
    async with open_screens(store) as screens:
        await edit(screens)
        await screens.press("ctrl+s")
        await screens.shows("core-01: nothing to save")


def test_the_form_of_every_object_can_be_filled(store: Store) -> None:
    """What a form starts with is what is stored: saving it changes nothing."""
    from models.objects.types import object_types
    from tui.words.form_values import changed, filled

    factories.interface(factories.device("core-01"))
    factories.prefix()
    factories.address()
    factories.vlan()
    for model in object_types().values():
        for row in model.objects.all():
            values = filled(model, row)
            assert changed(values, {n: v.raw for n, v in values.items()}) == {}

from __future__ import annotations

import http.server
import json
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from models import IPAddress, ObjectChange, ObjectPermission, User
from receivers import GiveUp, RetryLater, run_receiver
from receivers.examples.decommissioning import ReleaseAddresses
from receivers.examples.first_steps import (
    ExampleComplexJobButtonReceiver,
    ExampleJobHookReceiver,
    ExampleSimpleJobButtonReceiver,
)
from receivers.examples.naming import NamingPolicy
from receivers.examples.reachability import TcpReachability, default_host
from receivers.examples.webhook import TOKEN, WebhookCall
from tests import factories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Device
    from models.storage.store import Store
    from receivers.execution.trial import Trial


def last_change() -> ObjectChange:
    found: ObjectChange = (
        ObjectChange.select().order_by(ObjectChange.id.desc()).limit(1).get()
    )
    return found


def updated(device: Device, **values: Any) -> ObjectChange:
    for name, value in values.items():
        setattr(device, name, value)
    device.save()
    return last_change()


def test_the_simple_button_says_that_it_runs(device: Device) -> None:
    done = run_receiver(ExampleSimpleJobButtonReceiver, obj=device)
    assert done.status == "SUCCESS"
    assert done.messages == ["Running Job Button Receiver.", "Job completed"]
    assert done.log[0].object_name == "core-01"


@pytest.mark.parametrize("what", ["location", "device"])
def test_E14_the_complex_button_goes_by_the_objects_type(
    device: Device, what: str
) -> None:
    obj = device if what == "device" else device.location
    done = run_receiver(ExampleComplexJobButtonReceiver, obj=obj)
    assert done.messages[0] == f"Running {what.title()} Job Button Receiver."


def test_the_complex_button_refuses_other_types(device: Device) -> None:
    done = run_receiver(ExampleComplexJobButtonReceiver, obj=device.status)
    assert done.status == "FAILURE"
    assert done.log[0].level == "error"
    assert str(done.exception) == "Job button called on unsupported object type."


def test_the_complex_button_asks_for_permission(device: Device) -> None:
    editor = User(username="editor")
    editor.save()
    done = run_receiver(ExampleComplexJobButtonReceiver, obj=device, user=editor)
    assert "does not have permission to add a Device" in str(done.exception)
    ObjectPermission(
        name="p", object_types=["dcim.device"], actions=["add"], users=["editor"]
    ).save()
    done = run_receiver(ExampleComplexJobButtonReceiver, obj=device, user=editor)
    assert done.status == "SUCCESS"


def test_the_hook_of_the_documents_puts_the_serial_back(device: Device) -> None:
    updated(device, serial="OLD")
    done = run_receiver(ExampleJobHookReceiver, change=updated(device, serial="NEW"))
    assert done.status == "SUCCESS", done.traceback
    assert done.messages[1:4] == [
        "core-01 serial has been changed from OLD to NEW",
        "core-01 serial NEW was not valid. Reverted to OLD",
        "Serial validation completed for core-01",
    ]
    device.refresh_from_db()
    assert device.serial == "OLD"


def test_the_hook_of_the_documents_leaves_deletes_alone(device: Device) -> None:
    device.delete()
    done = run_receiver(ExampleJobHookReceiver, change=last_change())
    assert done.messages == ["Job completed"]


def named(name: str) -> Trial:
    factories.device(name)
    return run_receiver(NamingPolicy, change=last_change())


def test_a_name_by_the_rule_is_left_alone(store: Store) -> None:
    done = named("core-sw-01")
    assert (done.status, done.result) == ("SUCCESS", "core-sw-01")


def test_capitals_in_a_name_are_mended(store: Store) -> None:
    done = named("CORE-SW-01")
    assert (done.status, done.result) == ("SUCCESS", "core-sw-01")
    assert "Renamed CORE-SW-01 to core-sw-01." in done.messages
    assert last_change().change_context == "job-hook"


def test_any_other_name_fails_with_an_example(store: Store) -> None:
    done = named("gateway")
    assert done.status == "FAILURE"
    assert "a name looks like core-sw-01" in done.messages[0]


def test_the_stores_own_rule_comes_first(store: Store) -> None:
    rule = {"pattern": "^ga", "fix_case": False}
    (store.jobs_root / "naming.json").write_text(json.dumps(rule))
    assert named("gateway").status == "SUCCESS"
    assert named("GA").status == "FAILURE"


def test_a_change_of_another_field_is_not_the_naming_policys(device: Device) -> None:
    done = run_receiver(NamingPolicy, change=updated(device, serial="A"))
    assert (done.status, done.result) == ("SUCCESS", None)


def addressed(device: Device) -> Device:
    """Give a device two addresses, the first of them its primary one."""
    factories.prefix("10.0.0.0/24")
    port = factories.interface(device)
    first = factories.address("10.0.0.1/24")
    port.ip_addresses.add(first, factories.address("10.0.0.2/24"))
    updated(device, primary_ip4=first)
    return device


@pytest.mark.parametrize("status", ["Decommissioning", "Decommissioned"])
def test_a_decommissioned_device_gives_its_addresses_back(
    device: Device, status: str
) -> None:
    change = updated(addressed(device), status=factories.status(status))
    done = run_receiver(ReleaseAddresses, change=change)
    assert done.status == "SUCCESS", done.traceback
    assert sorted(done.result) == ["10.0.0.1/24", "10.0.0.2/24"]
    assert "Released 10.0.0.1/24." in done.messages
    assert not IPAddress.objects.exists()
    device.refresh_from_db()
    assert device.primary_ip4 is None


def test_an_address_that_another_device_uses_stays(device: Device) -> None:
    addressed(device)
    shared = IPAddress.objects.get(address="10.0.0.2/24")
    factories.interface(factories.device("core-02")).ip_addresses.add(shared)
    change = updated(device, status=factories.status("Decommissioned"))
    assert run_receiver(ReleaseAddresses, change=change).result == ["10.0.0.1/24"]


def test_releasing_again_finds_nothing(device: Device) -> None:
    change = updated(addressed(device), status=factories.status("Decommissioned"))
    run_receiver(ReleaseAddresses, change=change)
    assert run_receiver(ReleaseAddresses, change=change).result == []


def test_an_active_device_keeps_its_addresses(device: Device) -> None:
    change = updated(addressed(device), serial="A")
    assert run_receiver(ReleaseAddresses, change=change).result == []
    assert IPAddress.objects.count() == 2


def test_a_deleted_device_gives_its_primary_address_back(device: Device) -> None:
    addressed(device).delete()
    change = last_change()
    assert (change.action, change.object_repr) == ("delete", "core-01")
    assert run_receiver(ReleaseAddresses, change=change).result == ["10.0.0.1/24"]


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted and answers as it is told."""

    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Listener(http.server.HTTPServer):
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.posted: list[tuple[dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/in?key=hunter2"


@pytest.fixture
def listener(store: Store) -> Iterator[Listener]:
    """A server on the loopback interface, named by the setting."""
    with Listener() as server:
        object.__setattr__(store.settings.webhook, "url", server.url)
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def posted(device: Device) -> Trial:
    return run_receiver(WebhookCall, change=updated(device, serial="A"))


def test_a_change_is_posted_as_json(listener: Listener, device: Device) -> None:
    done = posted(device)
    assert done.result == {"host": "127.0.0.1", "status": 200}
    _, body = listener.posted[0]
    assert (body["event"], body["type"], body["name"]) == (
        "update",
        "dcim.device",
        "core-01",
    )
    assert body["differences"]["added"]["serial"] == "A"


def test_the_token_is_sent_and_no_secret_is_logged(
    listener: Listener, device: Device, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_TOKEN_OF_TEST", "t0ken-of-test")
    store.settings.secrets[TOKEN] = "env:WEBHOOK_TOKEN_OF_TEST"  # type: ignore[index]  # a plain dict
    done = posted(device)
    assert listener.posted[0][0]["Authorization"] == "Bearer t0ken-of-test"
    said = f"{done.log}{done.result}"
    assert "t0ken" not in said
    assert "hunter2" not in said


def test_a_refused_change_fails(listener: Listener, device: Device) -> None:
    listener.status = 404
    done = posted(device)
    assert done.status == "FAILURE"
    assert done.messages[0] == "127.0.0.1 refused it (404)."


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(
    listener: Listener, device: Device, status: int
) -> None:
    listener.status = status
    done = posted(device)
    assert isinstance(done.exception, RetryLater)
    assert done.exception.seconds == 30


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_a_server_that_is_down_is_asked_again(device: Device, store: Store) -> None:
    url = f"http://user:hunter2@127.0.0.1:{closed_port()}/"
    object.__setattr__(store.settings.webhook, "url", url)
    done = posted(device)
    assert isinstance(done.exception, RetryLater)
    assert "hunter2" not in f"{done.traceback}{done.log}"


def test_without_an_address_the_webhook_gives_up(device: Device) -> None:
    assert isinstance(posted(device).exception, GiveUp)


def test_an_open_port_answers(device: Device) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = run_receiver(TcpReachability, obj=device, host="127.0.0.1", port=port)
    assert done.status == "SUCCESS"
    assert done.result["reachable"]
    assert done.log[0].object_name == "core-01"


def test_a_closed_port_fails_and_says_which(device: Device) -> None:
    port = closed_port()
    done = run_receiver(TcpReachability, obj=device, host="127.0.0.1", port=port)
    assert done.status == "FAILURE"
    assert done.result == {"host": "127.0.0.1", "port": port, "reachable": False}
    assert f"127.0.0.1:{port}" in done.messages[0]


def test_the_host_is_the_devices_name_without_an_address(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def refuse(address: Any, **_: object) -> None:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    run_receiver(TcpReachability, obj=device)
    assert asked == [("core-01", 22)]


def test_the_host_is_the_primary_address_where_there_is_one(device: Device) -> None:
    assert default_host(addressed(device)) == "10.0.0.1"

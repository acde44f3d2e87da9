"""Knock at a TCP port of a device's primary address when a button is pressed."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

from receivers import IntegerVar, JobButtonReceiver, StringVar, register_jobs

if TYPE_CHECKING:
    from models import Device

name = "Examples: reachability"


class TcpReachability(JobButtonReceiver):
    """Opens a TCP connection to a device and says how long it took."""

    class Meta:
        name = "TCP reachability"
        description = "Opens a TCP connection and says whether and how fast."
        has_sensitive_variables = False

    host = StringVar(
        required=False,
        description="Where to knock; the device's primary address, or its name.",
    )
    port = IntegerVar(default=22, min_value=1, max_value=65535, label="TCP port")
    timeout = IntegerVar(
        default=3, min_value=1, max_value=60, description="Seconds to wait."
    )

    def receive_job_button(
        self, obj: Device, host: str = "", port: int = 22, timeout: int = 3
    ) -> dict[str, Any]:
        """Knock; return the host, the port and the milliseconds."""
        host = host or default_host(obj)
        begun = time.monotonic()
        try:
            socket.create_connection((host, port), timeout=timeout).close()
        except OSError as error:
            self.fail("%s:%s: %s", host, port, error, extra={"object": obj})
            return {"host": host, "port": port, "reachable": False}
        took_ms = round((time.monotonic() - begun) * 1000, 1)
        self.logger.success(
            "%s:%s answered in %s ms.", host, port, took_ms, extra={"object": obj}
        )
        return {"host": host, "port": port, "reachable": True, "ms": took_ms}


def default_host(device: Device) -> str:
    """Return the device's primary address, or its name when it has none."""
    address = device.primary_ip
    return str(device.name if address is None else address.host)


register_jobs(TcpReachability)

"""Devices are named by a rule: upper case is mended, anything else fails the run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from models.storage.store import current_store
from receivers import JobHookReceiver, register_jobs

if TYPE_CHECKING:
    from models import Device, ObjectChange

name = "Examples: naming"
POLICY_FILE = "naming.json"


class NamingPolicy(JobHookReceiver):
    """Checks the name of a device that was made or renamed."""

    class Meta:
        name = "Naming policy"
        description = """
        Checks device names against `naming.json` in the store's `jobs/` folder, or the
        one that ships: `pattern`, an `example` for the message, and `fix_case`.

        Use it with a hook on dcim.device for create and update.
        """

    def receive_job_hook(
        self, change: ObjectChange, action: str, changed_object: Device | None
    ) -> str | None:
        """Mend or refuse the name; return the name as it is now."""
        added = change.get_snapshots()["differences"]["added"] or {}
        if action == "delete" or changed_object is None or "name" not in added:
            return None
        policy = self.policy()
        wanted = str(changed_object.name)
        if not re.search(policy["pattern"], wanted) and policy["fix_case"]:
            wanted = wanted.lower()
        if not re.search(policy["pattern"], wanted):
            self.fail(
                "%s does not follow the naming policy; a name looks like %s.",
                changed_object,
                policy["example"],
                extra={"object": changed_object},
            )
        elif wanted != changed_object.name:
            self.logger.warning("Renamed %s to %s.", changed_object.name, wanted)
            changed_object.name = wanted
            changed_object.validated_save()
        return str(changed_object.name)

    def policy(self) -> dict[str, Any]:
        """Return the store's own policy, or the one that ships."""
        shipped: dict[str, Any] = self.load_json(POLICY_FILE)
        own = current_store().jobs_root / POLICY_FILE
        return shipped | (json.loads(own.read_text()) if own.exists() else {})


register_jobs(NamingPolicy)

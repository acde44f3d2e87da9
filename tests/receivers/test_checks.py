"""What a user may not do the core refuses, whichever front end asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.automation import ascode, configuring
from models.errors import RefusedError
from models.objects import owntypes
from models.people.access import ObjectPermission, User
from models.runs import queues, results
from models.runs.notices import notification_record
from models.runs.queues import JobQueue
from models.upkeep import backup
from receivers.discovery import job_settings, templates
from receivers.queueing import cancelling
from tests.tui.automation import hook, job
from tests.tui.rows import result

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.storage.store import Store


def notify(_: Store, user: User) -> Any:
    return results.enqueue(notification_record(), user, arguments={"target": "mail"})


def cancel(_: Store, user: User) -> Any:
    return cancelling.cancel(result(status="PENDING"), user)


def mute(_: Store, user: User) -> Any:
    return configuring.mute([hook()], user, until=1)


ACTS: dict[str, Callable[[Store, User], Any]] = {
    "pause a queue": lambda _, u: queues.pause(u, name="default"),
    "pause all queues": lambda _, u: queues.pause(u),
    "resume a queue": lambda _, u: queues.resume(u, name="default"),
    "make a queue": lambda _, u: queues.save(JobQueue(name="slow"), u),
    "change a queue": lambda _, u: queues.save(queues.find("default"), u),
    "delete a queue": lambda _, u: queues.delete(queues.find("default"), u),
    "override a job": lambda _, u: job_settings.override_job(job(), u, {"queue": "x"}),
    "reset a job": lambda _, u: job_settings.reset_job(job(), u),
    "delete a job": lambda _, u: job_settings.delete_job(job(), u),
    "write a job": lambda s, u: templates.write_template(
        s.jobs_root, "guards.Mine", "hook", u
    ),
    "back up": lambda s, u: backup.backup(s, s.folder / "copy.tar.gz", u),
    "migrate": lambda s, u: owntypes.migrate(s, u, None),
    "apply config.yaml": ascode.apply,
    "try a notification": notify,
    "cancel somebody's run": cancel,
    "mute a hook": mute,
    "unmute a hook": lambda _, u: configuring.unmute([hook()], u),
    "reset a breaker": lambda _, u: configuring.reset_breakers([hook()], u),
}


@pytest.fixture
def ann(store: Store) -> User:
    """Somebody who may look at everything, and do nothing."""
    user: User = User.create(username="ann")
    ObjectPermission(
        name="looking",
        actions=["view"],
        object_types=["extras.job", "extras.jobqueue", "extras.jobhook"],
        users=["ann"],
    ).save()
    return user


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_who_has_no_permission_is_refused(
    store: Store, ann: User, act: Callable[[Store, User], Any]
) -> None:
    with pytest.raises(RefusedError, match="ann may not"):
        act(store, ann)
    assert not (store.folder / "copy.tar.gz").exists()
    assert not JobQueue.select().where(JobQueue.paused).exists()


def test_all_queues_are_paused_by_who_may_change_each(store: Store, ann: User) -> None:
    """A permission for one queue is none for the others."""
    queues.save(JobQueue(name="slow"), User.get(User.is_superuser))
    permission = ObjectPermission(
        name="slow", actions=["change"], object_types=["extras.jobqueue"], users=["ann"]
    )
    permission.constraints = {"name": "slow"}
    permission.save()
    queues.pause(ann, name="slow")
    with pytest.raises(RefusedError, match="ann may not change default"):
        queues.pause(ann)
    assert [row.name for row in JobQueue.select().where(JobQueue.paused)] == ["slow"]

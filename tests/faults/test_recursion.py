"""No hook is set off by what a hook receiver does, whichever way it takes."""

from __future__ import annotations

import dataclasses
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import pytest

from models.automation import outbox
from models.automation.breaker import Breaker
from models.automation.hooks import JobHook
from models.history import context
from models.history.changes import ObjectChange
from models.history.context import change_context
from models.inventory.extras import Tag
from models.objects.fields import now_us
from models.people.access import os_user
from models.runs.jobs import JobRecord
from models.runs.results import JobResult, enqueue
from models.storage.store import using_store
from models.upkeep.integrity import findings
from receivers.discovery import catalogue
from tests.faults.world import ROOT
from tests.patience import PATIENCE_S
from tests.receivers.queued import queue_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.storage.store import Store
    from tests.faults.world import World

DETOURS = """
    import os
    import subprocess
    import sys
    import threading

    from models import JobRecord, Tag, change_context
    from receivers import Job, JobHookReceiver, register_jobs


    def count(name):
        tag = Tag.objects.get(name=name)
        tag.description = str(int(tag.description or 0) + 1)
        tag.save()


    def hookline(*words):
        store = os.environ["DETOURS_STORE"]
        subprocess.run(
            [sys.executable, "-m", "tui", "--store", store, *words],
            check=True, cwd=os.environ["DETOURS_ROOT"],
        )


    def save_itself(job, tag):
        count(tag.name)


    def by_another_thread(job, tag):
        thread = threading.Thread(target=count, args=[tag.name])
        thread.start()
        thread.join()


    def by_the_command_line(job, tag):
        hookline("object", "set", f"extras.tag:{tag.name}", "description=1")


    def by_running_a_job(job, tag):
        hookline("--run", "detours.Count", f"name={tag.name}")


    def by_queueing_a_job(job, tag):
        from models.runs.results import enqueue

        record = JobRecord.get(JobRecord.job_class_name == "Count")
        enqueue(record, job.user, arguments={"name": tag.name})


    def in_a_context_of_its_own(job, tag):
        with change_context(job.user, reason="by hand"):
            count(tag.name)


    def in_before_start(job, tag):
        pass


    class Echo(JobHookReceiver):
        def before_start(self, *_):
            if os.environ.get("DETOURS_NAME") == "in_before_start":
                count("in_before_start")

        def receive_job_hook(self, change, action, changed_object):
            globals()[changed_object.name](self, changed_object)


    class Count(Job):
        from receivers import StringVar
        name_of_tag = StringVar(required=False)

        def run(self, name_of_tag="", **values):
            count(name_of_tag)


    register_jobs(Echo, Count)
""".replace("name={tag.name}", "name_of_tag={tag.name}").replace(
    '"name": tag', '"name_of_tag": tag'
)
WAYS = (
    "save_itself",
    "by_another_thread",
    "by_the_command_line",
    "by_running_a_job",
    "by_queueing_a_job",
    "in_a_context_of_its_own",
    "in_before_start",
)


def add_hook(name: str, job: JobRecord, **values: Any) -> JobHook:
    hook = JobHook(name=name, object_types=["extras.tag"], job=job, **values)
    hook.events = ["create", "update"]
    hook.save()
    return hook


def enable(name: str) -> JobRecord:
    record: JobRecord = JobRecord.get(JobRecord.job_class_name == name)
    record.enable()
    return record


def reasons_of(tag: Tag) -> list[str]:
    changes = ObjectChange.select().where(ObjectChange.object_id == tag.pk.bytes)
    ordered = changes.order_by(ObjectChange.id)
    return [verdict[1] for change in ordered for verdict in change.read_verdicts()]


@pytest.mark.parametrize("way", WAYS)
def test_what_a_receiver_changes_fires_no_hook(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("DETOURS_STORE", str(world.store_folder))
    monkeypatch.setenv("DETOURS_ROOT", str(ROOT))
    monkeypatch.setenv("DETOURS_NAME", way)
    with world.store() as store:
        (store.jobs_root / "detours.py").write_text(textwrap.dedent(DETOURS))
        assert not catalogue.refresh(store).broken
        JobHook.delete().execute()
        enable("Count")
        add_hook("echo", enable("Echo"))
        tag = Tag.objects.create(name=way)
    world.settle()
    with world.store() as store:
        runs = JobResult.select()
        assert {run.status for run in runs} == {"SUCCESS"}, world.output()
        assert sum(run.hook_id is not None for run in runs) == 1
        assert Tag.objects.get(name=way).description == "1"
        assert reasons_of(tag) == ["fired", "caused by result"]
        assert list(findings(store, deep=True)) == []


@pytest.fixture
def hook(store: Store) -> Iterator[JobHook]:
    job = JobRecord(
        module_name="m", job_class_name="J", name="J", is_job_hook_receiver=True
    )
    job.enable()
    yield add_hook("echo", job)
    context.work_for(None)


def test_a_change_outside_the_runs_context_is_caused_by_it(
    store: Store, hook: JobHook
) -> None:
    run = queue_run(store, depth=1)
    context.work_for(run)
    tag = Tag.objects.create(name="a")
    assert reasons_of(tag) == ["caused by result"]


def test_a_thread_that_goes_on_after_its_context_loses_nothing(
    store: Store, hook: JobHook
) -> None:
    run = queue_run(store, depth=1)
    is_open, is_closed = threading.Event(), threading.Event()

    def go_on() -> None:
        with using_store(store):
            active = context.current_context()
            assert active is not None
            token = context._active.set(active)  # as a copied context would have it
            is_open.set()
            is_closed.wait(PATIENCE_S)
            Tag.objects.create(name="late")
            context._active.reset(token)
        store.database.close()

    with change_context(kind="job-hook", result_id=run, depth=1, process_wide=True):
        Tag.objects.create(name="early")
        thread = threading.Thread(target=go_on)
        thread.start()
        is_open.wait(PATIENCE_S)
    is_closed.set()
    thread.join()
    store.execute("UPDATE job_result SET status = 'SUCCESS', done = 1")
    store.execute("DELETE FROM job_arguments")  # as the start of a run does
    outbox.close_abandoned(store)
    assert list(findings(store, deep=True)) == []
    late = Tag.objects.get(name="late")
    assert reasons_of(late) == ["caused by result"]


def limited(store: Store, **values: float) -> None:
    hooks = dataclasses.replace(store.settings.hooks, **values)  # type: ignore[arg-type]
    store.settings = dataclasses.replace(store.settings, hooks=hooks)


def storm(tag: Tag, changes: int) -> list[str]:
    for number in range(changes):
        tag.description = f"change {number} at {now_us()}"
        tag.save()
    return reasons_of(tag)[-changes:]


def test_a_storm_trips_the_breaker_of_that_hook_and_object(
    store: Store, hook: JobHook
) -> None:
    limited(store, breaker_runs=5)
    tag, other = Tag.objects.create(name="a"), Tag.objects.create(name="b")
    assert storm(tag, 7) == ["fired"] * 4 + ["breaker"] * 3
    assert storm(other, 1) == ["fired"]


def test_a_verdict_says_why_the_breaker_holds(store: Store, hook: JobHook) -> None:
    limited(store, breaker_runs=5)
    tag = Tag.objects.create(name="a")
    storm(tag, 6)
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    ((_, reason, detail, result),) = change.read_verdicts()
    assert (reason, detail, result) == (
        "breaker",
        "5 runs for this object in 60 s",
        None,
    )


def let_time_pass(store: Store, seconds: int) -> None:
    for table, column in (("object_change", "time"), ("job_result", "created")):
        store.execute(f"UPDATE {table} SET {column} = {column} - {seconds * 1_000_000}")


def test_the_breaker_holds_while_the_storm_goes_on(store: Store, hook: JobHook) -> None:
    limited(store, breaker_runs=5)
    tag = Tag.objects.create(name="a")
    storm(tag, 5)
    let_time_pass(store, 40)
    storm(tag, 6)
    let_time_pass(store, 40)  # what fired is out of sight now
    assert storm(tag, 1) == ["breaker"]


def test_the_breaker_closes_once_the_object_has_rested(
    store: Store, hook: JobHook
) -> None:
    limited(store, breaker_runs=5)
    tag = Tag.objects.create(name="a")
    storm(tag, 9)
    let_time_pass(store, 61)
    assert storm(tag, 1) == ["fired"]


def test_the_breaker_can_be_switched_off(store: Store, hook: JobHook) -> None:
    limited(store, breaker_runs=0)
    assert "breaker" not in storm(Tag.objects.create(name="a"), 80)


def test_a_clock_that_went_back_trips_no_breaker(store: Store, hook: JobHook) -> None:
    limited(store, breaker_runs=5)
    tag = Tag.objects.create(name="a")
    storm(tag, 4)
    let_time_pass(store, -86_400)
    assert storm(tag, 1) == ["fired"]


def test_one_look_at_an_object_serves_all_its_hooks(
    store: Store, hook: JobHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        add_hook(f"more {number}", hook.job)
    looks: list[int] = []
    real = Breaker._look

    def look(self: Breaker, change_id: int, *place: Any) -> dict[int, str]:
        looks.append(change_id)
        return real(self, change_id, *place)

    monkeypatch.setattr(Breaker, "_look", look)
    tag = Tag.objects.create(name="a")
    assert reasons_of(tag) == ["fired"] * 10
    assert len(looks) == 1


def test_a_chained_hook_does_not_come_back_to_its_object(
    store: Store, hook: JobHook
) -> None:
    JobHook.update(accept_chained=True).execute()
    tag, other = Tag.objects.create(name="a"), Tag.objects.create(name="b")
    (run,) = JobResult.select().where(JobResult.object_id == tag.pk.bytes)
    with change_context(kind="job-hook", result_id=run.id, depth=1):
        storm(tag, 1)
        storm(other, 1)
    assert reasons_of(tag)[-1] == "loop"
    assert reasons_of(other)[-1] == "fired"


def test_one_change_causes_no_more_runs_than_its_budget(
    store: Store, hook: JobHook
) -> None:
    JobHook.update(accept_chained=True).execute()
    limited(store, budget=4)
    first = Tag.objects.create(name="a")
    (run,) = JobResult.select()
    fanned_out = [f"b{number}" for number in range(5)]
    with change_context(kind="job-hook", result_id=run.id, depth=1):
        tags = [Tag.objects.create(name=name) for name in fanned_out]
    assert [reasons_of(tag) for tag in tags] == [["fired"]] * 3 + [["budget"]] * 2
    change = ObjectChange.get(ObjectChange.object_id == tags[-1].pk.bytes)
    root = ObjectChange.get(ObjectChange.object_id == first.pk.bytes)
    ((_, _, detail, _),) = change.read_verdicts()
    assert detail == f"4 runs came of change {root.id}: results {run.id}"
    assert reasons_of(Tag.objects.create(name="c")) == ["fired"]


def test_the_budget_counts_over_jobs_that_receivers_queue(
    store: Store, hook: JobHook
) -> None:
    JobHook.update(accept_chained=True).execute()
    limited(store, budget=3)
    Tag.objects.create(name="a")
    job = JobRecord(module_name="m", job_class_name="K", name="K")
    job.enable()
    number = JobResult.get().id
    found = []
    for name in ("b", "c", "d"):
        with change_context(kind="job-hook", result_id=number, depth=1):
            queued = enqueue(job, os_user(store))
        with change_context(kind="job", result_id=queued.id, depth=1):
            tag = Tag.objects.create(name=name)
        found += reasons_of(tag)
        number = queued.id
    assert found == ["fired", "budget", "budget"]


def test_a_budget_of_nothing_is_no_budget(store: Store, hook: JobHook) -> None:
    JobHook.update(accept_chained=True).execute()
    limited(store, budget=0)
    Tag.objects.create(name="a")
    with change_context(kind="job-hook", result_id=JobResult.get().id, depth=1):
        tags = [Tag.objects.create(name=f"b{number}") for number in range(5)]
    assert [reasons_of(tag) for tag in tags] == [["fired"]] * 5

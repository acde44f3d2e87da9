from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING, Any

import pytest

from models import (
    Device,
    JobHook,
    JobRecord,
    JobResult,
    ObjectChange,
    Status,
    change_context,
)
from models.errors import HooklineError
from models.runs.results import JobFile, enqueue
from receivers.discovery import loader
from receivers.execution.run import source_version
from tests import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from models import User
    from models.storage.store import Store
    from tests.receivers.conftest import Jobs, Ran

    Run = Callable[..., Ran]

HEAD = """
import logging
from receivers import *
from models import *

logger = logging.getLogger(__name__)
"""

HOOK = (
    HEAD
    + """
class Guard(JobHookReceiver):
    def receive_job_hook(self, change, action, changed_object):
{body}

register_jobs(Guard)
"""
)

JOB = (
    HEAD
    + """
class Work(Job):
    class Meta:
        has_sensitive_variables = False
{meta}

{variables}

    def run(self, **inputs):
{body}

register_jobs(Work)
"""
)


def indented(text: str, by: int = 8) -> str:
    return "\n".join(" " * by + line for line in text.strip().splitlines())


def hook(jobs: Jobs, body: str, **events: bool) -> JobHook:
    jobs.install(HOOK.format(body=indented(body)), "Guard")
    return add_hook(jobs, **events)


def add_hook(jobs: Jobs, **events: bool) -> JobHook:
    flags = {f"type_{event}": True for event in ("create", "update", "delete")}
    made = JobHook(
        name="Guard",
        object_types=["dcim.device"],
        job=jobs.enable("Guard"),
        **flags | {f"type_{event}": on for event, on in events.items()},
    )
    made.validated_save()
    return made


def work(
    jobs: Jobs,
    user: User,
    body: str,
    *,
    meta: str = "",
    variables: str = "",
    **inputs: Any,
) -> int:
    """Install a job and queue it; return the result's id."""
    jobs.install(
        JOB.format(
            body=indented(body), meta=indented(meta), variables=indented(variables, 4)
        ),
        "Work",
    )
    result_id: int = enqueue(jobs.enable("Work"), user, arguments=inputs).id
    return result_id


def newest() -> int:
    found: int = JobResult.select().order_by(JobResult.id.desc()).get().id
    return found


def test_D1_a_create_runs_the_hook_and_logs_in_order(
    jobs: Jobs, run: Run, user: User
) -> None:
    hook(
        jobs,
        """
self.logger.info("change: %s", change)
self.logger.info("action: %s", action)
self.logger.info("user: %s", self.user)
self.logger.info(changed_object.name)
""",
    )
    factories.device("core-01")
    assert JobResult.select().count() == 1
    ran = run(newest())
    assert ran.outcome.status == "SUCCESS"
    assert ran.entries == [
        ("info", "initialization", "Running job (source version: unknown)"),
        (
            "info",
            "receive_job_hook",
            f"change: device core-01 created by {user.username}",
        ),
        ("info", "receive_job_hook", "action: create"),
        ("info", "receive_job_hook", f"user: {user.username}"),
        ("info", "receive_job_hook", "core-01"),
        ("success", "post_run", "Job completed"),
    ]


def test_D2_a_tag_added_runs_an_update_hook(
    jobs: Jobs, run: Run, device: Device
) -> None:
    tag = factories.tag("critical")
    hook(jobs, "return action")
    device.tags.add(tag)
    assert run(newest()).value == "update"


def test_D7_changes_of_a_receiver_are_its_own_kind_and_fire_no_hook(
    jobs: Jobs, run: Run, user: User
) -> None:
    hook(jobs, "Status(name='Made').validated_save()")
    factories.device("core-01")
    result_id = newest()
    run(result_id)
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.object_repr == "Made"
    assert change.change_context == "job-hook"
    assert change.change_context_detail == "guards.Guard"
    assert change.user == user
    assert change.context.result_id == result_id
    assert newest() == result_id


def test_a_hooks_change_of_its_own_type_fires_no_hook(
    jobs: Jobs, run: Run, device: Device
) -> None:
    hook(jobs, "changed_object.comments = 'seen'\nchanged_object.save()")
    device.serial = "A"
    device.save()
    result_id = newest()
    assert run(result_id).outcome.status == "SUCCESS"
    assert Device.objects.get(name="core-01").comments == "seen"
    assert newest() == result_id


def test_D8_a_receiver_without_the_method_fails(
    jobs: Jobs, run: Run, device: Device
) -> None:
    text = f"{HEAD}class Guard(JobHookReceiver):\n    pass\nregister_jobs(Guard)\n"
    jobs.install(text, "Guard")
    add_hook(jobs)
    device.serial = "A"
    device.save()
    outcome = run(newest()).outcome
    assert outcome.status == "FAILURE"
    assert outcome.error is not None
    assert "Guard has no receive_job_hook(self, change, action" in outcome.error


def test_D16_a_delete_gives_the_action_and_no_object(
    jobs: Jobs, run: Run, device: Device
) -> None:
    hook(jobs, "return [action, changed_object]")
    device.delete()
    assert run(newest()).value == ["delete", None]


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("change.get_snapshots()['differences']['removed']['serial']", "or {}"),
        ("'serial' in change.get_snapshots()['differences']['added']", "or {}"),
        ("changed_object.name", "changed_object is None"),
        ("None + 1", ""),
    ],
)
def test_a_receiver_that_forgets_what_may_be_none_is_told(
    jobs: Jobs, run: Run, device: Device, body: str, hint: str
) -> None:
    event = "create" if "removed" in body else "delete"
    hook(jobs, body, **{e: e == event for e in ("create", "update", "delete")})
    if event == "create":
        factories.device("core-02")
    else:
        device.delete()
    ran = run(newest())
    assert ran.outcome.status == "FAILURE"
    hints = [text for _, grouping, text in ran.entries if grouping == "hint"]
    assert [hint in text for text in hints] == [True] * bool(hint)


def test_D17_an_object_deleted_meanwhile_is_none(
    jobs: Jobs, run: Run, store: Store
) -> None:
    hook(jobs, "return [action, changed_object]", delete=False)
    factories.device("core-01").delete()
    assert run(newest()).value == ["create", None]


def test_D22_a_job_disabled_meanwhile_fails_under_initialization(
    jobs: Jobs, run: Run, device: Device
) -> None:
    hook(jobs, "pass")
    device.serial = "A"
    device.save()
    record = jobs.enable("Guard")
    record.disable()
    ran = run(newest())
    assert ran.outcome.status == "FAILURE"
    level, grouping, message = ran.entries[0]
    assert (level, grouping) == ("error", "initialization")
    assert "is not enabled" in message


def test_D23_a_hook_disabled_meanwhile_does_not_matter(
    jobs: Jobs, run: Run, device: Device
) -> None:
    made = hook(jobs, "pass")
    device.serial = "A"
    device.save()
    made.enabled = False
    made.save()
    assert run(newest()).outcome.status == "SUCCESS"


BUTTON = (
    HEAD
    + """
class Press(JobButtonReceiver):
    class Meta:
        has_sensitive_variables = False

    times = IntegerVar(default=1)

    def receive_job_button(self, obj, times=1):
        if isinstance(obj, Location):
            self.logger.info("location %s, %s", obj, self.user)
        elif isinstance(obj, Device):
            self.logger.info("device %s, %s", obj, self.user)
        return times

register_jobs(Press)
"""
)


def test_E13_and_E14_a_button_receiver_gets_the_object_and_the_user(
    jobs: Jobs, run: Run, device: Device, user: User
) -> None:
    jobs.install(BUTTON, "Press")
    for obj in (device, factories.location("HQ")):
        enqueue(jobs.enable("Press"), user, obj=obj, arguments={"times": 3})
    ran = [run(result.id) for result in JobResult.select().order_by(JobResult.id)]
    assert [r.messages[1] for r in ran] == [
        f"device core-01, {user}",
        f"location HQ, {user}",
    ]
    assert [r.value for r in ran] == [3, 3]


def test_a_button_receiver_may_override_run_itself(
    jobs: Jobs, run: Run, device: Device, user: User
) -> None:
    text = BUTTON.replace(
        "    def receive_job_button(self, obj, times=1):",
        "    def run(self, object_pk, object_model_name):\n"
        "        obj, times = Device.objects.get(pk=object_pk), object_pk",
    )
    jobs.install(text, "Press")
    ran = run(enqueue(jobs.enable("Press"), user, obj=device).id)
    assert ran.messages[1] == f"device core-01, {user}"
    assert ran.value == str(device.pk)


def test_E16_a_button_on_an_object_that_is_gone_fails(
    jobs: Jobs, run: Run, device: Device, user: User
) -> None:
    jobs.install(BUTTON, "Press")
    result = enqueue(jobs.enable("Press"), user, obj=device)
    device.delete()
    outcome = run(result.id).outcome
    assert outcome.status == "FAILURE"
    assert outcome.error is not None
    assert f"The device {device.pk} is gone" in outcome.error


def test_D19_changes_of_a_button_receiver_are_of_kind_job_and_fire_hooks(
    jobs: Jobs, run: Run, device: Device, user: User
) -> None:
    text = BUTTON.replace(
        "        return times", "        obj.serial = 'new'\n        obj.save()"
    )
    guard = HOOK.format(body=indented("pass")).replace(HEAD, "")
    jobs.install(text + guard, "Press", "Guard")
    add_hook(jobs)
    pressed = enqueue(jobs.enable("Press"), user, obj=device)
    run(pressed.id)
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.change_context == "job"
    assert newest() > pressed.id


LIFE = """
def before_start(self, task_id, args, kwargs):
    self.logger.info("before")

def on_success(self, retval, task_id, args, kwargs):
    self.logger.info("success %s", retval)

def on_failure(self, exc, task_id, args, kwargs, einfo):
    self.logger.info("failure %s %s", exc, einfo is not None)

def after_return(self, status, retval, task_id, args, kwargs, einfo):
    self.logger.info("after %s %s", status, retval)
"""


def test_F1_a_good_run_calls_its_methods_in_order(
    jobs: Jobs, run: Run, user: User
) -> None:
    result_id = work(
        jobs,
        user,
        "self.logger.info('run')\nreturn True",
        variables=LIFE,
    )
    ran = run(result_id)
    assert (ran.outcome.status, ran.value) == ("SUCCESS", True)
    assert ran.messages[1:] == [
        "before",
        "run",
        "success True",
        "after SUCCESS True",
        "Job completed",
    ]


def test_F2_a_raising_run_keeps_type_message_and_traceback(
    jobs: Jobs, run: Run, user: User
) -> None:
    ran = run(work(jobs, user, "raise ValueError('bad')", variables=LIFE))
    assert ran.outcome.status == "FAILURE"
    assert ran.outcome.result is None
    assert ran.outcome.error == "ValueError: bad"
    assert ran.outcome.traceback is not None
    assert "guards.py" in ran.outcome.traceback
    assert "lifecycle.py" not in ran.outcome.traceback
    assert ran.messages[1:] == ["before", "failure bad True", "after FAILURE bad"]


def test_F4_a_run_that_calls_fail_goes_on_and_keeps_its_value(
    jobs: Jobs, run: Run, user: User
) -> None:
    body = "self.fail('not %s', 'good')\nself.logger.info('goes on')\nreturn 'text'"
    ran = run(work(jobs, user, body, variables=LIFE))
    assert (ran.outcome.status, ran.value) == ("FAILURE", "text")
    assert (ran.outcome.error, ran.outcome.traceback) == ("not good", None)
    assert ran.entries[2] == ("failure", "run", "not good")
    assert ran.messages[3:] == ["goes on", "failure text False", "after FAILURE text"]


def test_several_failures_are_counted_behind_the_first(
    jobs: Jobs, run: Run, user: User
) -> None:
    body = "for n in range(3):\n    self.fail('%s is\\nbad', n)\nself.fail('%d', 'x')"
    assert run(work(jobs, user, body)).outcome.error == "0 is bad (and 3 more)"


def test_F17_a_failed_before_start_leaves_run_out(
    jobs: Jobs, run: Run, user: User
) -> None:
    before = "def before_start(self, *args):\n    self.fail('no')\n    return 'early'"
    ran = run(work(jobs, user, "self.logger.info('run')", variables=before))
    assert (ran.outcome.status, ran.value) == ("FAILURE", "early")
    assert "run" not in ran.messages


@pytest.mark.parametrize("method", ["on_success", "after_return"])
def test_an_exception_after_a_good_run_makes_it_fail(
    jobs: Jobs, run: Run, user: User, method: str
) -> None:
    late = f"def {method}(self, *args):\n    raise ValueError('late')"
    ran = run(work(jobs, user, "return 1", variables=late))
    assert ran.outcome.status == "FAILURE"
    assert ran.outcome.error == "ValueError: late"


def test_an_exception_in_on_failure_does_not_hide_the_first(
    jobs: Jobs, run: Run, user: User
) -> None:
    late = "def on_failure(self, *args):\n    raise ValueError('late')"
    ran = run(work(jobs, user, "raise KeyError('first')", variables=late))
    assert ran.outcome.error == "KeyError: 'first'"
    assert any("on_failure() failed too: ValueError: late" in m for m in ran.messages)


@pytest.mark.parametrize(
    "what", ["'user@host'", "['user@host', 1]", "b'user@host'", "{'a': 'user@host'}"]
)
def test_F5_a_credential_in_an_exception_is_redacted(
    jobs: Jobs, run: Run, user: User, what: str
) -> None:
    outcome = run(work(jobs, user, f"raise ValueError({what})")).outcome
    assert outcome.error is not None
    assert outcome.traceback is not None
    for text in (outcome.error, outcome.traceback.splitlines()[-1]):
        assert "(redacted)@host" in text
        assert "user" not in text


def test_F5_a_credential_in_a_result_is_redacted(
    jobs: Jobs, run: Run, user: User
) -> None:
    assert run(work(jobs, user, "return {'a': ['user@host']}")).value == {
        "a": ["(redacted)@host"]
    }


def test_F7_a_run_has_three_entries_when_it_logs_one(
    jobs: Jobs, run: Run, user: User
) -> None:
    body = """
from models import current_store
with current_store().transaction():
    Status(name='Kept').validated_save()
self.logger.info('own')
""".replace("from models import", "from models.storage.store import")
    ran = run(work(jobs, user, body))
    assert len(ran.messages) == 3
    assert Status.objects.filter(name="Kept").exists()


def test_what_an_atomic_block_rolls_back_is_gone_and_its_log_stays(
    jobs: Jobs, run: Run, user: User
) -> None:
    body = """
from models.storage.store import current_store
with current_store().transaction():
    Status(name='Lost').validated_save()
    self.logger.info('own')
    raise ValueError('no')
"""
    ran = run(work(jobs, user, body))
    assert ran.outcome.status == "FAILURE"
    assert "own" in ran.messages
    assert not Status.objects.filter(name="Lost").exists()
    assert ObjectChange.select().where(ObjectChange.object_repr == "Lost").count() == 0


@pytest.mark.parametrize(
    "opening",
    [
        "store.execute('BEGIN IMMEDIATE')",
        "store.database.begin()",
        "self.kept = store.database.atomic(); self.kept.__enter__()",
    ],
)
def test_a_transaction_left_open_is_rolled_back_and_fails_the_run(
    jobs: Jobs, run: Run, user: User, store: Store, opening: str
) -> None:
    body = f"""
from models.storage.store import current_store
store = current_store()
{opening}
store.execute("UPDATE job_record SET description = 'lost'")
"""
    ran = run(work(jobs, user, body))
    assert ran.outcome.status == "FAILURE"
    assert ran.outcome.error is not None
    assert "left a transaction open" in ran.outcome.error
    assert not store.database.connection().in_transaction
    assert jobs.enable("Work").description == ""
    Status(name="Possible again").validated_save()


def test_F13_an_optional_object_may_be_none(jobs: Jobs, run: Run, user: User) -> None:
    body = "self.logger.info('x', extra={'object': inputs['d']})\nreturn 'text'"
    variables = "d = ObjectVar(model=Device, required=False)"
    ran = run(work(jobs, user, body, variables=variables, d=None))
    assert ran.value == "text"
    assert ran.objects[1] == ("", "")


def test_F14_a_required_object_may_not(jobs: Jobs, run: Run, user: User) -> None:
    variables = "d = ObjectVar(model=Device)"
    outcome = run(work(jobs, user, "pass", variables=variables, d=None)).outcome
    assert outcome.status == "FAILURE"
    assert outcome.traceback is not None
    assert "d is a required field" in outcome.traceback
    assert outcome.error == "RunJobTaskFailed: Error initializing job"


def test_F16_addresses_arrive_as_addresses_and_leave_as_texts(
    jobs: Jobs, run: Run, user: User
) -> None:
    body = "return [inputs['a'], inputs['n'].num_addresses, inputs['n']]"
    variables = "a = IPAddressVar()\nn = IPNetworkVar()"
    result_id = work(
        jobs, user, body, variables=variables, a="192.0.2.1", n="192.0.2.0/30"
    )
    assert run(result_id).value == ["192.0.2.1", 4, "192.0.2.0/30"]


def test_sensitive_arguments_come_with_the_message(
    jobs: Jobs, run: Run, user: User
) -> None:
    result_id = work(
        jobs, user, "return inputs['word'][::-1]", variables="word = StringVar()"
    )
    ran = run(result_id, arguments=json.dumps({"word": "abc"}))
    assert ran.value == "cba"


def test_F19_a_file_is_attached_and_named_in_the_log(
    jobs: Jobs, run: Run, user: User, store: Store
) -> None:
    body = "self.create_file('a.csv', 'x,y')\nself.create_file('a.csv', b'second')"
    ran = run(work(jobs, user, body))
    files = list(JobFile.select().order_by(JobFile.id))
    assert [(file.name, file.size) for file in files] == [("a.csv", 3), ("a.csv", 6)]
    assert [(store.files_folder / f.path).read_bytes() for f in files] == [
        b"x,y",
        b"second",
    ]
    assert "Attached the file a.csv (3 bytes)" in ran.messages


def test_a_file_attached_in_a_transaction_survives_its_rollback(
    jobs: Jobs, run: Run, user: User
) -> None:
    body = """
from models.storage.store import current_store
with current_store().transaction():
    self.create_file('a.csv', 'x')
    raise ValueError
"""
    run(work(jobs, user, body))
    assert JobFile.select().count() == 1


@pytest.mark.parametrize(("extra", "status"), [(0, "SUCCESS"), (1, "FAILURE")])
def test_F20_a_file_may_have_exactly_the_maximum_size(
    jobs: Jobs, run: Run, user: User, store: Store, extra: int, status: str
) -> None:
    size = store.settings.files.max_bytes + extra
    ran = run(work(jobs, user, f"self.create_file('a', 'x' * {size})"))
    assert ran.outcome.status == status
    assert JobFile.select().count() == 1 - extra
    if extra:
        assert ran.outcome.error is not None
        assert ran.outcome.error.startswith("ValueError: The file a has")


@pytest.mark.parametrize("name", ["../a", "/etc/x", "", "..", "a\x1bb", "x" * 300])
def test_a_file_name_may_not_lead_elsewhere(
    jobs: Jobs, run: Run, user: User, name: str
) -> None:
    ran = run(work(jobs, user, f"self.create_file({name!r}, 'x')"))
    assert ran.outcome.status == "FAILURE"
    assert JobFile.select().count() == 0


def test_F22_a_hard_limit_not_above_the_soft_one_is_warned_of(
    jobs: Jobs, run: Run, user: User
) -> None:
    ran = run(work(jobs, user, "pass", meta="soft_time_limit = 9\ntime_limit = 5"))
    level, grouping, message = ran.entries[1]
    assert (level, grouping) == ("warning", "initialization")
    assert "(5 s)" in message
    assert "(9 s)" in message


def test_F25_a_jobs_change_names_the_class_path(
    jobs: Jobs, run: Run, user: User
) -> None:
    run(work(jobs, user, "Status(name='Made').validated_save()"))
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.change_context == "job"
    assert change.change_context_detail == "guards.Work"


def test_F26_an_installed_job_says_its_version() -> None:
    assert source_version("peewee") != "unknown"
    assert source_version("no_such_package.jobs") == "unknown"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("object()", "TypeError"),
        ("float('nan')", "ValueError"),
        ("{(1, 2): 3}", "TypeError"),
    ],
)
def test_F29_a_result_that_json_cannot_hold_fails_the_run(
    jobs: Jobs, run: Run, user: User, value: str, error: str
) -> None:
    outcome = run(work(jobs, user, f"return {value}")).outcome
    assert outcome.status == "FAILURE"
    assert outcome.error is not None
    assert outcome.error.startswith(error)


def test_an_object_is_returned_as_id_type_and_name(
    jobs: Jobs, run: Run, user: User, device: Device
) -> None:
    assert run(work(jobs, user, "return Device.objects.get(name='core-01')")).value == {
        "id": str(device.pk),
        "type": "dcim.device",
        "name": "core-01",
    }


@pytest.mark.parametrize("sign", ["x", '"', "ü"])
def test_a_large_result_is_cut_with_a_note(
    jobs: Jobs, run: Run, user: User, sign: str
) -> None:
    ran = run(work(jobs, user, f"return [{sign!r} * 100] * 5000"))
    assert ran.outcome.result is not None
    assert len(ran.outcome.result.encode()) <= 65536
    assert "… cut here" in ran.value


def test_an_authors_base_exception_ends_the_run_only(
    jobs: Jobs, run: Run, user: User
) -> None:
    for number, raised in enumerate(
        ("SystemExit(3)", "KeyboardInterrupt", "RecursionError")
    ):
        result_id = work(jobs, user, f"raise {raised}  # {number}")
        assert run(result_id).outcome.status == "FAILURE"


def test_module_loggers_and_prints_are_in_the_log(
    jobs: Jobs, run: Run, user: User
) -> None:
    ran = run(work(jobs, user, "logger.debug('module')\nprint('printed')"))
    assert ran.entries[1:3] == [
        ("debug", "run", "module"),
        ("warning", "run", "printed"),
    ]


def test_the_instance_knows_its_result_record_and_request(
    jobs: Jobs, run: Run, user: User
) -> None:
    body = "return [self.job_result.id, self.job_model.name, self.request.id]"
    result_id = work(jobs, user, body)
    assert run(result_id).value == [result_id, "Work", str(result_id)]


def test_nautobots_names_of_a_run_its_change_and_user(
    jobs: Jobs, run: Run, user: User
) -> None:
    body = """
        return [
            self.job_result.job_model.name,
            self.celery_kwargs,
            self.user.get_username(),
        ]
    """
    result_id = work(jobs, user, body)
    assert run(result_id).value == ["Work", {"queue": "default"}, user.username]


def test_a_job_knows_its_latest_result(jobs: Jobs, run: Run, user: User) -> None:
    body = "return self.job_model.latest_result.id"
    first = work(jobs, user, body)
    assert run(first).value == first
    second = enqueue(JobRecord.get(JobRecord.job_class_name == "Work"), user)
    assert run(second.id).value == second.id


def test_a_secret_of_the_settings_is_given_and_redacted(
    jobs: Jobs, run: Run, user: User, tmp_path: Any, store: Store
) -> None:
    (tmp_path / "token").write_text("s3cr3t-token\n")
    store.settings.secrets["token"] = f"file:{tmp_path}/token"  # type: ignore[index]  # a plain dict
    body = """
word = self.secret('token')
self.logger.info('using %s', word)
return [len(word), word]
"""
    ran = run(work(jobs, user, body))
    assert ran.messages[1] == "using (redacted)"
    assert ran.value == [12, "(redacted)"]


@pytest.mark.parametrize(
    "source", ["env:NOT_THERE", "file:/not/there", "command:false", "x"]
)
def test_a_secret_that_cannot_be_read_says_where_it_should_be(
    jobs: Jobs, run: Run, user: User, store: Store, source: str
) -> None:
    store.settings.secrets["token"] = source  # type: ignore[index]  # a plain dict
    outcome = run(work(jobs, user, "self.secret('token')")).outcome
    assert outcome.error is not None
    assert "ConfigError" in outcome.error
    assert source in outcome.error
    assert "'token' of the setting `secrets`" in outcome.error  # not redacted


def test_progress_is_sent_but_not_for_each_step(
    jobs: Jobs, run: Run, user: User
) -> None:
    body = "for step in range(1000):\n    self.progress(step + 1, 1000)"
    ran = run(work(jobs, user, body))
    steps = [m for m in ran.sent if m["op"] == "progress"]
    assert (steps[-1]["done"], steps[-1]["total"]) == (1000, 1000)
    assert len(steps) < 500


def test_the_cause_is_in_the_environment_during_the_run_only(
    jobs: Jobs, run: Run, user: User
) -> None:
    result_id = work(jobs, user, "import os\nreturn os.environ['HOOKLINE_CAUSE']")
    assert run(result_id).value == f"{result_id}:1"
    assert "HOOKLINE_CAUSE" not in os.environ


def test_changes_made_before_an_exception_are_dispatched(
    jobs: Jobs, run: Run, user: User, device: Device
) -> None:
    guard = HOOK.format(body=indented("pass")).replace(HEAD, "")
    body = """
device = Device.objects.get(name='core-01')
device.serial = 'A'
device.save()
raise ValueError
"""
    text = JOB.format(body=indented(body), meta="", variables="")
    jobs.install(text + guard, "Work", "Guard")
    add_hook(jobs)
    result = enqueue(jobs.enable("Work"), user)
    assert run(result.id).outcome.status == "FAILURE"
    assert newest() > result.id


def test_a_saved_file_is_used_from_the_next_run_on(
    jobs: Jobs, run: Run, user: User
) -> None:
    assert run(work(jobs, user, "return 1")).value == 1
    assert run(work(jobs, user, "return 2")).value == 2


def test_a_file_broken_meanwhile_fails_naming_the_error(
    jobs: Jobs, run: Run, user: User
) -> None:
    result_id = work(jobs, user, "return 1")
    jobs.write("guards.py", "1 / 0")
    ran = run(result_id)
    assert ran.outcome.status == "FAILURE"
    assert "cannot be imported: ZeroDivisionError" in ran.messages[0]


def test_changed_code_does_not_run_where_it_must_be_approved(
    jobs: Jobs, run: Run, user: User, store: Store
) -> None:
    result_id = work(jobs, user, "return 1")
    object.__setattr__(store.settings.jobs, "require_reapproval", True)
    assert run(result_id).value == 1
    jobs.write(
        "guards.py", JOB.format(body=indented("return 2"), meta="", variables="")
    )
    ran = run(result_id)
    assert ran.outcome.status == "FAILURE"
    assert "has changed since it was enabled" in ran.messages[0]


def test_a_deleted_record_fails_the_run(jobs: Jobs, run: Run, user: User) -> None:
    result_id = work(jobs, user, "return 1")
    jobs.enable("Work").delete_instance()
    assert "was deleted" in run(result_id).messages[0]


def test_a_result_that_is_not_there_fails(run: Run) -> None:
    outcome = run(999).outcome
    assert outcome.error == "NotFoundError: There is no job result 999."


def test_a_hook_receiver_run_by_hand_needs_a_change(
    jobs: Jobs, run: Run, user: User
) -> None:
    jobs.install(HOOK.format(body=indented("pass")), "Guard")
    outcome = run(enqueue(jobs.enable("Guard"), user).id).outcome
    assert outcome.error is not None
    assert "needs a change" in outcome.error


@pytest.mark.parametrize(
    ("raised", "attempt", "wait"),
    [
        ("ValueError", 1, 1.0),
        ("ValueError", 2, 2.0),
        ("ValueError", 3, None),
        ("RetryLater(90)", 1, 90.0),
        ("RetryLater(90)", 3, None),
        ("GiveUp", 1, None),
    ],
)
def test_a_failed_attempt_says_when_to_try_again(
    jobs: Jobs, run: Run, user: User, raised: str, attempt: int, wait: float | None
) -> None:
    result_id = work(jobs, user, f"raise {raised}", meta="retries = 2")
    JobResult.update(attempt=attempt).where(JobResult.id == result_id).execute()
    ran = run(result_id)
    assert ran.outcome.retry_after_s == wait
    told = [text for _, grouping, text in ran.entries if grouping == "retry"]
    expected = f"{ran.outcome.error}; attempt {attempt + 1} of 3 follows in {wait} s"
    assert told == ([] if wait is None else [expected.replace(".0 s", " s")])


def test_a_run_with_sensitive_arguments_is_never_tried_again(
    jobs: Jobs, run: Run, user: User
) -> None:
    result_id = work(jobs, user, "raise ValueError", meta="retries = 2")
    assert run(result_id, arguments='{"a": 1}').outcome.retry_after_s is None


def test_a_receivers_own_context_keeps_the_cause(
    jobs: Jobs, run: Run, device: Device
) -> None:
    hook(
        jobs,
        """
with change_context(self.user, kind='orm'):
    changed_object.comments = 'seen'
    changed_object.save()
""",
    )
    with change_context():
        device.serial = "A"
        device.save()
    result_id = newest()
    run(result_id)
    assert newest() == result_id


def test_logging_is_as_before_after_a_run(jobs: Jobs, run: Run, user: User) -> None:
    handlers = logging.getLogger().handlers[:]
    run(work(jobs, user, "return 1"))
    assert logging.getLogger().handlers == handlers
    assert loader.installed() is not None


def test_errors_of_hookline_keep_their_words(jobs: Jobs, run: Run, user: User) -> None:
    assert issubclass(HooklineError, Exception)
    outcome = run(work(jobs, user, "Status(name='').validated_save()")).outcome
    assert outcome.error is not None
    assert outcome.error.startswith("ValidationError: name")


@pytest.mark.parametrize("method", ["before_start", "on_success", "after_return"])
def test_what_the_methods_around_run_save_is_the_runs_and_fires_no_hook(
    jobs: Jobs, run: Run, device: Device, method: str
) -> None:
    hook(jobs, "pass")
    text = HOOK.format(body=indented("pass"))
    around = f"""
    def {method}(self, *args):
        device = Device.objects.get(name="core-01")
        device.comments = "seen"
        device.save()

register_jobs"""
    jobs.install(text.replace("\nregister_jobs", around), "Guard")
    device.serial = "A"
    device.save()
    result_id = newest()
    assert run(result_id).outcome.status == "SUCCESS"
    change = ObjectChange.select().order_by(ObjectChange.id.desc()).get()
    assert change.change_context == "job-hook"
    assert newest() == result_id


@pytest.mark.parametrize("method", ["before_start", "on_success", "on_failure"])
def test_a_transaction_left_open_around_run_is_rolled_back(
    jobs: Jobs, run: Run, user: User, store: Store, method: str
) -> None:
    around = f"""
def {method}(self, *args):
    from models.storage.store import current_store
    current_store().database.begin()
    self.job_model
"""
    body = "raise ValueError" if method == "on_failure" else "return 1"
    ran = run(work(jobs, user, body, variables=around))
    assert ran.outcome.status == "FAILURE"
    assert not store.database.connection().in_transaction

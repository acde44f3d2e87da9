from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models import JobHook, JobRecord
from models.runs.jobs import JobImportError
from receivers.discovery import catalogue
from receivers.discovery.catalogue import describe_jobs, ensure_fresh, scan

if TYPE_CHECKING:
    from pathlib import Path

    from models.storage.store import Store
    from tests.receivers.conftest import Jobs

GUARD = """
from receivers import JobHookReceiver, register_jobs

class Guard(JobHookReceiver):
    class Meta:
        name = "Serial guard"
        description = "Looks at serials."

    def receive_job_hook(self, change, action, changed_object):
        pass

register_jobs(Guard)
"""


def record(class_name: str = "Guard") -> JobRecord:
    found: JobRecord = JobRecord.get(JobRecord.job_class_name == class_name)
    return found


def errors() -> list[str]:
    return [str(error) for error in JobImportError.select()]


def test_G5_a_new_class_gets_a_record_that_is_off(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD)
    jobs.refresh()
    found = record()
    assert found.class_path == "guards.Guard"
    assert (found.name, found.description) == ("Serial guard", "Looks at serials.")
    assert (found.enabled, found.installed, found.error) == (False, True, None)
    assert (found.kind, found.grouping) == ("hook", "guards")
    assert (found.source_path, found.source_line) == ("guards.py", 4)
    assert found.has_sensitive_variables
    assert found.source_hash


def test_all_of_meta_and_the_variables_reach_the_record(jobs: Jobs) -> None:
    jobs.write(
        "work.py",
        """
        from receivers import *

        name = "Housekeeping"

        class Sweep(Job):
            class Meta:
                delivery = "idempotent"
                overlap = "queued"
                retries = 3
                soft_time_limit = 5
                time_limit = 9
                hidden = True
                read_only = True
                has_sensitive_variables = False

            days = IntegerVar(default=0, min_value=0)
            dryrun = DryRunVar()

        register_jobs(Sweep)
        """,
    )
    jobs.refresh()
    found = record("Sweep")
    assert (found.delivery, found.overlap) == ("idempotent", "queued")
    assert (found.retries, found.batch) == (3, 0)
    assert (found.soft_time_limit, found.time_limit) == (5, 9)
    assert found.hidden
    assert found.read_only
    assert found.supports_dryrun
    assert not found.has_sensitive_variables
    assert found.grouping == "Housekeeping"
    assert [variable["name"] for variable in found.variables] == ["days"]
    assert found.variables[0]["min_value"] == 0


def test_the_shipped_examples_are_there_and_off(store: Store) -> None:
    catalogue.refresh(store)
    examples = JobRecord.objects.filter(module_name__startswith="receivers.examples")
    assert examples.count() >= 7
    assert not any(example.enabled for example in examples)
    assert errors() == []


BROKEN = {
    "syntax.py": ("a = 1\nb = (\n", "syntax.py:2: SyntaxError"),
    "missing.py": ("\nimport netmiko_of_nobody\n", "missing.py:2: ModuleNotFoundError"),
    "raises.py": ("def f():\n    1 / 0\n\nf()\n", "raises.py:2: ZeroDivisionError"),
    "leaves.py": ("import sys\nsys.exit(3)\n", "leaves.py:2: SystemExit: 3"),
    "ends.py": ("import os\nos._exit(3)\n", "ends.py:1: it ended the process"),
    "crashes.py": (
        "import ctypes\n\nctypes.string_at(0)\n",
        "crashes.py:3: it crashed the process that imported it (SIGSEGV)",
    ),
    "nul.py": ("a = '\0'\n", "nul.py:1: "),
}


@pytest.mark.parametrize(
    ("name", "text", "error"), [(n, *v) for n, v in BROKEN.items()]
)
def test_G1_a_broken_file_is_shown_with_its_line_and_the_others_load(
    jobs: Jobs, name: str, text: str, error: str
) -> None:
    jobs.write(name, text)
    jobs.write("zz_guards.py", GUARD)
    jobs.refresh()
    assert [line for line in errors() if line.startswith(error)], errors()
    assert len(errors()) == 1
    assert record().installed


def test_all_broken_files_at_once_are_all_shown(jobs: Jobs) -> None:
    for name, (text, _) in BROKEN.items():
        jobs.write(name, text)
    jobs.write("guards.py", GUARD)
    jobs.refresh()
    assert sorted(line.partition(":")[0] for line in errors()) == sorted(BROKEN)
    assert record().installed


@pytest.mark.parametrize("swallowed", [False, True])
def test_a_file_that_hangs_is_stopped_where_it_hangs(
    jobs: Jobs, *, swallowed: bool
) -> None:
    wait = "threading.Event().wait()"
    if swallowed:
        wait = f"while True:\n    try:\n        {wait}\n    except BaseException: pass"
    jobs.write("hangs.py", f"import threading\n{wait}\n")
    jobs.write("zz_guards.py", GUARD)
    found = describe_jobs(jobs.store.jobs_root, import_seconds=2)
    assert [file.path for file in found.broken] == ["hangs.py"]
    assert "took too long" in found.broken[0].message
    assert found.broken[0].line == (1 if swallowed else 2)
    assert "guards" in " ".join(job.module_name for job in found.jobs)


@pytest.mark.parametrize(("times", "broken"), [(1, []), (2, ["guards"])])
def test_a_kill_from_outside_says_nothing_of_the_file(
    jobs: Jobs, tmp_path: Path, times: int, broken: list[str]
) -> None:
    jobs.write(
        "guards.py",
        f"""
import os, pathlib, signal

seen = pathlib.Path({str(tmp_path / "seen")!r})
seen.write_text((seen.read_text() if seen.exists() else "") + "x")
if len(seen.read_text()) <= {times}:
    os.kill(os.getpid(), signal.SIGKILL)
"""
        + GUARD,
    )
    found = describe_jobs(jobs.store.jobs_root)
    assert [file.module for file in found.broken] == broken
    names = [job.job_class_name for job in found.jobs if job.module_name == "guards"]
    assert names == ([] if broken else ["Guard"])


def test_what_files_print_and_read_disturbs_nothing(jobs: Jobs) -> None:
    jobs.write(
        "talks.py",
        "import os, sys\nprint('{}')\nos.write(1, b'noise')\n"
        "assert sys.stdin.read() == ''\nsys.stdout.close()\n" + GUARD,
    )
    assert jobs.refresh().broken == []
    assert record().installed


def test_a_missing_module_comes_with_the_command_that_installs_it(jobs: Jobs) -> None:
    jobs.write("missing.py", "import netmiko_of_nobody\n")
    jobs.refresh()
    hint = JobImportError.get().hint
    assert "install" in hint
    assert hint.endswith("netmiko-of-nobody")


def test_nautobots_imports_come_with_hooklines(jobs: Jobs) -> None:
    jobs.write("old.py", "from nautobot.apps.jobs import Job\n")
    jobs.refresh()
    found = JobImportError.get()
    assert "from receivers import" in found.hint
    assert found.whole.startswith("old.py:1: ModuleNotFoundError: No module named")
    assert "'nautobot'. Hookline has its own imports" in found.whole


def test_an_error_in_a_helper_names_both_files(jobs: Jobs) -> None:
    jobs.write("guards.py", "x = 1\nimport rules\n" + GUARD)
    jobs.write("rules.py", "\n\n1 / 0\n")
    jobs.refresh()
    assert errors() == [
        "guards.py:2: ZeroDivisionError: division by zero (rules.py:3)",
        "rules.py:3: ZeroDivisionError: division by zero",
    ]


@pytest.mark.parametrize("name", ["json.py", "yaml.py", "models.py", "receivers/x.py"])
def test_G2_a_file_named_like_another_module_is_refused_with_a_hint(
    jobs: Jobs, name: str
) -> None:
    jobs.write(name, GUARD)
    jobs.refresh()
    found = JobImportError.get()
    assert found.path == name
    assert "is not loaded" in found.message
    assert "Rename it" in found.hint
    assert not JobRecord.objects.filter(job_class_name="Guard").exists()


def test_one_unusable_class_leaves_the_files_others(jobs: Jobs) -> None:
    jobs.write(
        "guards.py",
        GUARD
        + """
from receivers import JobButtonReceiver
class Both(JobHookReceiver, JobButtonReceiver):
    pass

class Wrong(JobHookReceiver):
    class Meta:
        hidden = "yes"

register_jobs(Both, Wrong)
""",
    )
    jobs.refresh()
    assert [line.partition(": ")[0] for line in errors()] == [
        "guards.py:15",
        "guards.py:18",
    ]
    assert "Make two classes" in errors()[0]
    assert "Meta.hidden of Wrong" in errors()[1]
    assert record().installed


def test_a_class_that_was_not_registered_is_named(jobs: Jobs) -> None:
    forgotten = GUARD.replace("register_jobs(Guard)\n", "")
    base = forgotten.replace("Guard", "Base")
    own = GUARD.replace("(JobHookReceiver)", "(Base)").replace(
        "from receivers", "from base import Base\nfrom receivers"
    )
    jobs.write("base.py", base)
    jobs.write("guards.py", own)
    jobs.write("slip.py", forgotten.replace("Guard", "Slip"))
    jobs.refresh()
    (error,) = errors()
    assert error.startswith("slip.py:4: JobDefinitionError: Slip is not registered")
    assert "Write register_jobs(Slip) at the end of the file" in error
    assert record().installed


def test_G8_a_class_name_over_the_limit_is_refused(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD.replace("Guard", "G" * 101))
    jobs.refresh()
    assert "The class name has 101 characters" in errors()[0]
    assert not JobRecord.objects.filter(module_name="guards").exists()


def test_G8_names_and_groupings_over_the_limit_are_cut(jobs: Jobs) -> None:
    text = GUARD.replace("Serial guard", "n" * 150)
    jobs.write("guards.py", f"name = '{'g' * 300}'\n{text}")
    jobs.refresh()
    assert record().name == "n" * 100
    assert record().grouping == "g" * 255


def test_a_taken_name_gets_a_number_that_stays(jobs: Jobs) -> None:
    jobs.write("a_guards.py", GUARD)
    jobs.write("b_guards.py", GUARD)
    for _ in range(2):
        jobs.refresh()
        found = JobRecord.objects.filter(job_class_name="Guard").order_by("module_name")
        assert [r.name for r in found] == ["Serial guard", "Serial guard (2)"]
    assert found[1].overrides == ["name"]


def test_G7_an_overridden_description_survives_a_refresh(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD)
    jobs.refresh()
    found = record()
    found.description, found.overrides = "Mine.", ["description"]
    found.save()
    jobs.refresh()
    assert record().description == "Mine."

    found.overrides = []
    found.save()
    jobs.refresh()
    assert record().description == "Looks at serials."


def hooked(jobs: Jobs) -> JobHook:
    jobs.write("guards.py", GUARD)
    jobs.refresh()
    hook = JobHook(
        name="Guards",
        object_types=["dcim.device"],
        job=jobs.enable("Guard"),
        type_update=True,
    )
    hook.validated_save()
    return hook


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, "guards.py:1: the file is gone, or registers no job"),
        ("x = (", "guards.py:1: SyntaxError: '(' was never closed"),
        (
            GUARD.replace("Guard(", "Other(").replace("(Guard)", "(Other)"),
            "guards.py:1: the class Guard is no longer registered",
        ),
    ],
)
def test_J17_a_vanished_or_broken_job_keeps_its_hooks_on(
    jobs: Jobs, text: str | None, error: str
) -> None:
    hook = hooked(jobs)
    if text is None:
        (jobs.store.jobs_root / "guards.py").unlink()
    else:
        jobs.write("guards.py", text)
    jobs.refresh()
    assert (record().enabled, record().installed) == (True, False)
    assert record().error == error
    assert not record().runnable
    assert JobHook.objects.get(id=hook.id).enabled


def test_J17_a_job_that_comes_back_runs_again_by_itself(jobs: Jobs) -> None:
    hooked(jobs)
    jobs.write("guards.py", "x = (")
    jobs.refresh()
    jobs.write("guards.py", GUARD)
    jobs.refresh()
    assert record().runnable
    assert errors() == []


def test_a_refresh_without_news_writes_nothing(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD)
    jobs.write("bad.py", "x = (")
    jobs.refresh()
    before = jobs.store.execute("SELECT total_changes()").fetchone()
    jobs.refresh()
    assert jobs.store.execute("SELECT total_changes()").fetchone() == before


def test_jobs_are_read_again_only_when_a_file_has_changed(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD)
    assert ensure_fresh(jobs.store)
    assert not ensure_fresh(jobs.store)
    jobs.write("guards.py", GUARD + "\n")
    assert ensure_fresh(jobs.store)


def test_the_fingerprint_notices_new_and_removed_files(jobs: Jobs) -> None:
    root = jobs.store.jobs_root
    empty = scan(root)
    jobs.write("pack/guards.py", GUARD)
    full = scan(root)
    (root / "pack" / "guards.py").unlink()
    assert full != empty
    assert scan(root) == empty


def test_a_file_may_read_the_store_while_it_is_imported(jobs: Jobs) -> None:
    jobs.write(
        "guards.py", "from models import User\nCOUNT = User.objects.count()\n" + GUARD
    )
    assert jobs.refresh().broken == []


def test_the_hash_is_that_of_the_file_and_its_imports(jobs: Jobs) -> None:
    jobs.write("rules.py", "A = 1")
    jobs.write("guards.py", "import rules\n" + GUARD)
    jobs.refresh()
    before = record().source_hash
    jobs.write("rules.py", "A = 2")
    jobs.refresh()
    assert record().source_hash != before


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package that offers jobs by an entry point."""
    place = tmp_path / "site"
    about = place / "acme_jobs-1.2.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-jobs\n")
    (about / "entry_points.txt").write_text("[hookline.jobs]\nacme = acme_jobs\n")
    (place / "acme_jobs.py").write_text(GUARD)
    monkeypatch.setenv("PYTHONPATH", str(place))
    return place


def test_jobs_of_installed_packages_are_offered(jobs: Jobs, package: Path) -> None:
    jobs.refresh()
    found = record()
    assert found.class_path == "acme_jobs.Guard"
    assert found.source_path == str(package / "acme_jobs.py")
    assert not found.enabled
    assert found.source_hash


def test_a_broken_package_is_named_by_its_entry_point(
    jobs: Jobs, package: Path
) -> None:
    (package / "acme_jobs.py").write_text("1 / 0")
    jobs.refresh()
    assert errors() == ["entry point acme:1: ZeroDivisionError: division by zero"]

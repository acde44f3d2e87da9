from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import pytest

from receivers import get_job
from receivers.discovery import loader

if TYPE_CHECKING:
    from tests.receivers.conftest import Jobs

GUARD = """
from receivers import Job, register_jobs

class Guard(Job):
    LIMIT = {limit}

register_jobs(Guard)
"""


def load(jobs: Jobs, path: str = "guards.Guard") -> type:
    return loader.load_job(jobs.store.jobs_root, path)


def test_a_job_is_imported_by_its_class_path(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD.format(limit=1))
    assert load(jobs) is get_job("guards.Guard")


def test_helpers_packages_and_relative_imports_work(jobs: Jobs) -> None:
    jobs.write("limits_of_ours.py", "LIMIT = 3")
    jobs.write("pack/__init__.py", "")
    jobs.write("pack/rules.py", "from limits_of_ours import LIMIT")
    jobs.write(
        "pack/guards.py",
        "from .rules import LIMIT as IMPORTED\n" + GUARD.format(limit="IMPORTED"),
    )
    assert load(jobs, "pack.guards.Guard").LIMIT == 3  # type: ignore[attr-defined]


def test_a_saved_file_is_used_from_the_next_load_on(jobs: Jobs) -> None:
    for limit in (1, 2, 3):  # the same size, within one second: bytecode would be stale
        jobs.write("guards.py", GUARD.format(limit=limit))
        assert limit == load(jobs).LIMIT  # type: ignore[attr-defined]


def test_a_saved_helper_is_used_too(jobs: Jobs) -> None:
    jobs.write("guards.py", "from rules import LIMIT\n" + GUARD.format(limit="LIMIT"))
    for limit in (1, 2):
        jobs.write("rules.py", f"LIMIT = {limit}")
        jobs.write(
            "guards.py", "from rules import LIMIT as L\n" + GUARD.format(limit="L")
        )
        assert limit == load(jobs).LIMIT  # type: ignore[attr-defined]


def test_nothing_is_stale_until_a_file_changes(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD.format(limit=1))
    load(jobs)
    assert not loader.is_stale()
    jobs.write("guards.py", GUARD.format(limit=2))
    assert loader.is_stale()


def test_no_bytecode_is_left_in_the_authors_folder(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD.format(limit=1))
    load(jobs)
    assert [path.name for path in jobs.store.jobs_root.iterdir()] == ["guards.py"]


def test_G2_a_file_named_like_a_standard_module_does_not_shadow_it(jobs: Jobs) -> None:
    jobs.write("colorsys.py", "BROKEN = True")
    jobs.write(
        "guards.py", "import colorsys\n" + GUARD.format(limit="colorsys.__file__")
    )
    sys.modules.pop("colorsys", None)
    assert str(jobs.store.jobs_root) not in load(jobs).LIMIT  # type: ignore[attr-defined]


def test_a_class_that_is_not_registered_is_named_with_the_cure(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD.replace("register_jobs(Guard)", "").format(limit=1))
    with pytest.raises(LookupError, match=r"add register_jobs\(Guard\)"):
        load(jobs)


def test_a_class_that_is_not_there_is_named(jobs: Jobs) -> None:
    jobs.write("guards.py", "")
    with pytest.raises(LookupError, match="has no job class Guard"):
        load(jobs)


def test_loggers_of_authors_modules_feed_the_run(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD.format(limit=1))
    load(jobs)
    assert not logging.getLogger("guards").propagate
    assert logging.getLogger("guards.deep").isEnabledFor(logging.DEBUG)


def test_another_store_takes_the_place_of_the_first(jobs: Jobs) -> None:
    jobs.write("guards.py", GUARD.format(limit=1))
    load(jobs)
    other = jobs.store.folder / "other"
    other.mkdir()
    (other / "guards.py").write_text(GUARD.format(limit=2))
    assert loader.load_job(other, "guards.Guard").LIMIT == 2  # type: ignore[attr-defined]

"""Fixtures of the receivers' tests: authors' files, and runs in this process."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from receivers.discovery import catalogue, loader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.runs.jobs import JobRecord
    from models.storage.store import Store
    from receivers.discovery.descriptions import Catalogue
    from receivers.execution.lifecycle import Outcome


@dataclasses.dataclass(kw_only=True)
class Ran:
    """A run in this process: how it ended, and what it sent."""

    outcome: Outcome
    sent: list[dict[str, Any]]

    @property
    def entries(self) -> list[tuple[str, str, str]]:
        """Level, grouping and message of every log entry."""
        lines = [e for m in self.sent if m["op"] == "log" for e in m["entries"]]
        return [(level, grouping, text) for _, level, grouping, text, *_ in lines]

    @property
    def messages(self) -> list[str]:
        """The logged texts."""
        return [text for _, _, text in self.entries]

    @property
    def objects(self) -> list[tuple[str, str]]:
        """Name and URL of the objects that entries point at."""
        lines = [e for m in self.sent if m["op"] == "log" for e in m["entries"]]
        return [(name, url) for *_, name, url in lines]

    @property
    def value(self) -> Any:
        """What the receiver returned."""
        assert self.outcome.result is not None, self.outcome
        return json.loads(self.outcome.result)


@dataclasses.dataclass(kw_only=True)
class Jobs:
    """The `jobs/` folder of a store."""

    store: Store

    def write(self, name: str, text: str) -> None:
        """Write an author's file."""
        path = self.store.jobs_root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def refresh(self) -> Catalogue:
        """Read the folder."""
        return catalogue.refresh(self.store)

    def enable(self, class_name: str) -> JobRecord:
        """Enable a job by its class's name."""
        from models.runs.jobs import JobRecord

        record: JobRecord = JobRecord.get(JobRecord.job_class_name == class_name)
        record.enable()
        return record

    def install(self, text: str, *class_names: str) -> None:
        """Write `guards.py`, read it, and enable its jobs."""
        self.write("guards.py", text)
        broken = self.refresh().broken
        assert not broken, [str(file) for file in broken]
        for name in class_names:
            self.enable(name)


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    """The store's jobs folder; what was imported from it is forgotten afterwards."""
    yield Jobs(store=store)
    finder = loader.installed()
    if finder is not None:
        loader.uninstall(finder)


@pytest.fixture
def run(store: Store) -> Callable[..., Ran]:
    """Run a job result in this process, as a child would."""

    def run_here(result_id: int, **options: Any) -> Ran:
        from receivers.execution.run import run_result

        sent: list[dict[str, Any]] = []
        outcome = run_result(store, result_id, 1, sent.append, **options)
        return Ran(outcome=outcome, sent=sent)

    return run_here

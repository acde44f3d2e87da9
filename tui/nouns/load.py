"""`hookline load`: many objects from a file, all of them or none."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from models.errors import RequestError, ValidationError
from models.history import write
from models.history.changes import CREATE, UPDATE
from models.history.pieces import ONE_TRANSACTION, Pieces, all_or_nothing
from tui.commandline.progress import Progress
from tui.commandline.runs import after_change
from tui.loads.files import Source
from tui.loads.loading import Planned, Planner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from models.automation.hooks import HookRule
    from models.history.context import ActiveContext
    from tui.commandline.call import Call


@dataclasses.dataclass(kw_only=True)
class Tally:
    """What a load comes to."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    runs: int = 0

    @property
    def total(self) -> int:
        """How many objects the file holds."""
        return self.created + self.updated + self.unchanged


def load(call: Call) -> int:
    """Check a file, then make and change what it says."""
    user = call.user
    source = Source.open(call.given.word("FILE"), kind=call.given.option("type") or "")
    planner = Planner(user, keeps_rows=source.form != "csv", waits=True)
    tally, kept = _check(call, source, planner)
    if call.given.has("check"):
        call.output.say(f"{source.name} is right: {tally.total:,} objects.")
        return _written(call, tally)
    mute = _ask_about_hooks(call, tally)
    if tally.total > ONE_TRANSACTION:
        _write_in_pieces(call, source, planner, mute=mute, total=tally.total)
        return _written(call, tally)
    with call.change(kind="load", mute=mute):
        for chunk in _again(source, planner) if planner.has_postponed else [kept]:
            _write(chunk)
    return _written(call, tally)


def _again(source: Source, planner: Planner) -> Iterator[list[Planned]]:
    """Plan a file anew, while it is written.

    Raises:
        ValidationError: What could not be judged before is wrong.
    """
    again = Planner(
        planner.user, keeps_rows=planner.keeps_rows, checks=planner.has_postponed
    )
    for chunk in again.chunks(source.items()):
        if again.problems:
            raise ValidationError(again.problems, on=source.name)
        yield chunk


def _check(call: Call, source: Source, planner: Planner) -> tuple[Tally, list[Planned]]:
    """Plan every item; keep the plan when it is small.

    Raises:
        ValidationError: With file, line and field of everything that is wrong.
    """
    from models.automation.hooks import load_rules

    rules = load_rules()
    tally = Tally()
    kept: list[Planned] = []
    progress = Progress(call.output, "checking", 0)
    for chunk in planner.chunks(source.items()):
        firing = _firing(rules, chunk)
        for one in chunk:
            _count(tally, one, firing)
        if tally.total <= ONE_TRANSACTION:
            kept += chunk
        progress.show(tally.total)
    progress.close()
    if planner.problems:
        raise ValidationError(planner.problems, on=source.name)
    return tally, kept


def _firing(rules: Mapping[str, Sequence[HookRule]], chunk: list[Planned]) -> list[int]:
    """Return how many hooks fire for each create, and for each update, of a type."""
    label = type(chunk[0].row)._meta.label_lower if chunk else ""
    live = [rule for rule in rules.get(label, ()) if rule.enabled and rule.job.enabled]
    return [sum(event in rule.events for rule in live) for event in (CREATE, UPDATE)]


def _count(tally: Tally, one: Planned, firing: list[int]) -> None:
    if one.is_new:
        tally.created += 1
        tally.runs += firing[0]
    elif one.may_change:
        tally.updated += 1
        tally.runs += firing[1]
    else:
        tally.unchanged += 1


def _ask_about_hooks(call: Call, tally: Tally) -> str:
    """Return why hooks are muted; empty when they fire.

    Raises:
        RequestError: There are too many to fire without being told to.
    """
    asked = call.given.option("hooks")
    if asked == "mute":
        return "muted by load"
    limit = call.store.settings.hooks.bulk_limit
    if asked is None and tally.runs > limit:
        try:
            call.confirm(f"This fires {tally.runs:,} runs. Fire them?")
        except RequestError as error:
            raise RequestError(
                f"This would fire {tally.runs:,} runs, more than hooks.bulk_limit"
                f" ({limit:,}). Nothing was written. Say --hooks fire or --hooks mute.",
                on="--hooks",
            ) from error
    return ""


def _write(planned: Iterable[Planned]) -> None:
    """Write rows, then the members of those that have any."""
    rows = list(planned)
    write.save([one.row for one in rows if one.is_new or one.row.is_dirty()])
    for one in rows:
        for name, members in one.members.items():
            getattr(one.row, name).set(members)


def _write_in_pieces(
    call: Call, source: Source, planner: Planner, *, mute: str, total: int
) -> None:
    """Write under one request, a piece at a time; take all back when one fails."""
    progress = Progress(call.output, "writing", total)

    def change(**options: Any) -> AbstractContextManager[ActiveContext]:
        return call.change(kind="load", **options)

    with all_or_nothing(change, count=total, mute=mute):
        try:
            # A load that power cut short is taken back whole: pieces need not reach
            # the disk one by one, only the end of it all.
            call.store.execute("PRAGMA synchronous = NORMAL")
            _work_off(_again(source, planner), progress)
        except BaseException:
            progress.close()
            call.output.say("Taking back what was written …")
            raise
        finally:
            call.store.execute("PRAGMA synchronous = FULL")
        progress.close()


def _work_off(chunks: Iterable[list[Planned]], progress: Progress) -> None:
    """Write chunks; each is planned when the one before it is written."""
    pieces = Pieces(_write)
    done = 0
    for chunk in chunks:
        for count in pieces.of(chunk):
            done += count
            progress.show(done)


def _written(call: Call, tally: Tally) -> int:
    document = {
        "created": tally.created,
        "updated": tally.updated,
        "unchanged": tally.unchanged,
    }
    text = ", ".join(f"{count:,} {what}" for what, count in document.items())
    if call.output.is_for_people:
        call.output.line(text)
        return after_change(call)
    code = after_change(call)
    call.output.record({**document, "runs": len(call.queued)})
    return code

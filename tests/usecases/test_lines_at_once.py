"""Several people hand in, decide, lock and log at the same time, with real threads on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.lines import LineStep
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.usecases.period_locks import lift_lock, lock_period
from scheduler.usecases.time_entries import change_time
from tests import factories as make
from tests.approval_firm import NOW, actor, approve, entry_of, log, make_entry, make_firm, step, submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.store import Store

ROUNDS = 3


@pytest.fixture
def firm(store: Store) -> Store:
    make_firm(store)
    return store


def at_once(*acts: Callable[[], object]) -> list[str | None]:
    """Everything at the same time; the codes of those that were refused."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str | None:
        gate.wait()
        try:
            act()
        except DomainError as error:
            return error.code
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_a_lock_and_an_entry_at_once(firm: Store) -> None:
    """The entry was there before the lock, or it is refused; none comes after."""
    for number in range(ROUNDS):
        name = f"entry-{number}"
        locked: list[str] = []

        def lock(into: list[str] = locked) -> None:
            into.append(lock_period(firm, actor=actor("fin"), locked_before=make.monday(1), project_id=None, note=None, now=NOW).id)

        refused = at_once(lock, lambda name=name: log(firm, make_entry(name)))  # type: ignore[misc]
        assert refused[0] is None
        assert refused[1] in {None, "period.locked"}
        with firm.read(LOCAL) as view:
            entries = view.area("time_entries").history(name)
            lock_at = view.area("period_locks").history(locked[0])[0].recorded_from
        assert len(entries) == (refused[1] is None)
        assert all(one.recorded_from < lock_at for one in entries)
        lift_lock(firm, actor=actor("fin"), period_lock_id=locked[0], expected_version=1, reason="Next round", now=NOW)


def test_a_lock_does_not_miss_an_entry_that_is_under_way(firm: Store) -> None:
    """Somebody has written an entry and not committed: when the period is locked meanwhile, the entry is refused."""
    written, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with firm.begin(LOCAL, now=NOW) as tx:
            tx.area("time_entries").add(make_entry("late"))
            written.set()
            go_on.wait(2 if firm.engine.dialect.name == "postgresql" else 0.1)

    def lock() -> None:
        written.wait()
        lock_period(firm, actor=actor("fin"), locked_before=make.monday(1), project_id=None, note=None, now=NOW)
        go_on.set()

    # On SQLite one writes at a time: the lock waits for the entry.
    assert at_once(write, lock) == ["period.locked" if firm.engine.dialect.name == "postgresql" else None, None]


def test_two_leads_decide_about_one_timesheet_at_once(firm: Store) -> None:
    """Each about their own lines: both succeed."""
    for number in range(ROUNDS):
        names = (f"alpha-{number}", f"beta-{number}")
        log(firm, make_entry(names[0]), make_entry(names[1], project="beta"))
        submit(firm, "ann", *names)
        assert at_once(lambda names=names: approve(firm, "leo", names[0]), lambda names=names: approve(firm, "lea", names[1])) == [
            None,
            None,
        ]  # type: ignore[misc]
        assert {entry_of(firm, name).state for name in names} == {LineState.APPROVED}


def test_lines_are_approved_and_recalled_at_once(firm: Store) -> None:
    """One of the two gets all of them, and the other nothing."""
    for number in range(ROUNDS):
        names = [f"entry-{number}-{one}" for one in range(4)]
        log(firm, *(make_entry(name, minutes=30) for name in names))
        submit(firm, "ann", *names)
        refused = at_once(
            lambda names=names: approve(firm, "leo", *names),  # type: ignore[misc]
            lambda names=names: step(firm, "ann", LineStep.RECALL, *reversed(names)),  # type: ignore[misc]
        )
        assert refused.count(None) == 1
        assert {*refused} - {None} <= {"version.stale", "line.illegal_step"}
        wanted = LineState.APPROVED if refused[0] is None else LineState.DRAFT
        assert {entry_of(firm, name).state for name in names} == {wanted}


def test_lines_are_decided_or_handed_in_while_one_is_edited(firm: Store) -> None:
    """What is approved keeps its minutes; of handing in and editing one comes first, and the other is told."""
    root = actor("root")

    def edit(name: str, version: int) -> object:
        return change_time(firm, actor=root, entry_id=name, version=version, given={"minutes": 7}, now=NOW)

    for number in range(ROUNDS):
        names = [f"entry-{number}-{one}" for one in range(4)]
        log(firm, *(make_entry(name, minutes=30) for name in names))
        refused = at_once(lambda names=names: submit(firm, "ann", *names), lambda names=names: edit(names[0], 1))  # type: ignore[misc]
        assert refused.count(None) == 1
        assert {*refused} - {None} <= {"version.stale", "entry.locked"}
        if refused[0] is not None:
            submit(firm, "ann", *names)
        minutes = entry_of(firm, names[0]).minutes
        version = entry_of(firm, names[0]).version
        both = at_once(lambda names=names: approve(firm, "leo", *names), lambda names=names, version=version: edit(names[0], version))  # type: ignore[misc]
        assert both[0] is None
        assert both[1] in {"version.stale", "entry.locked"}
        assert (entry_of(firm, names[0]).state, entry_of(firm, names[0]).minutes) == (LineState.APPROVED, minutes)

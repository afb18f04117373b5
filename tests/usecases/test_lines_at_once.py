"""Several people hand in, decide, lock and log at the same time, with real threads on both databases."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.lines import LineStep
from scheduler.domain.ground.access import LOCAL
from scheduler.usecases.line_steps import move_lines
from scheduler.usecases.period_locks import lift_lock, lock_period
from scheduler.usecases.time_entries import change_time
from tests import factories as make
from tests.approval_firm import NOW, actor, approve, as_they_are, entry_of, log, make_entry, make_firm, step, submit
from tests.at_once import at_once

if TYPE_CHECKING:
    from scheduler.store import Store

ROUNDS = 3


@pytest.fixture
def firm(store: Store) -> Store:
    make_firm(store)
    return store


def test_a_lock_and_an_entry_at_once(firm: Store) -> None:
    """The entry was there before the lock, or it is refused; none comes after."""
    lock = partial(lock_period, firm, actor=actor("fin"), locked_before=make.monday(1), project_id=None, note=None, now=NOW)
    for number in range(ROUNDS):
        name = f"entry-{number}"
        refused = at_once(lock, partial(log, firm, make_entry(name)))
        assert refused[0] is None
        assert refused[1] in {None, "period.locked"}
        with firm.read(LOCAL) as view:
            entries = view.area("time_entries").history(name)
            (locked,) = view.area("period_locks").matching(lifted_at=None)
            lock_at = view.area("period_locks").history(locked.id)[0].recorded_from
        assert len(entries) == (refused[1] is None)
        assert all(one.recorded_from < lock_at for one in entries)
        lift_lock(firm, actor=actor("fin"), period_lock_id=locked.id, expected_version=1, reason="Next round", now=NOW)


def test_a_lock_does_not_miss_an_entry_that_is_under_way(firm: Store) -> None:
    """Somebody has written an entry and not committed: when the period is locked meanwhile, the entry is refused."""
    written, go_on = threading.Event(), threading.Event()
    waits_s = 5.0 if firm.engine.dialect.name == "postgresql" else 0.1  # on SQLite the lock waits for the entry

    def write() -> None:
        with firm.begin(LOCAL, now=NOW) as tx:
            tx.area("time_entries").add(make_entry("late"))
            written.set()
            go_on.wait(waits_s)

    def lock() -> None:
        written.wait()
        lock_period(firm, actor=actor("fin"), locked_before=make.monday(1), project_id=None, note=None, now=NOW)
        go_on.set()

    assert at_once(write, lock) == ["period.locked" if firm.engine.dialect.name == "postgresql" else None, None]


def test_two_leads_decide_about_one_timesheet_at_once(firm: Store) -> None:
    """Each about their own lines: both succeed."""
    for number in range(ROUNDS):
        names = (f"alpha-{number}", f"beta-{number}")
        log(firm, make_entry(names[0]), make_entry(names[1], project="beta"))
        submit(firm, "ann", *names)
        assert at_once(partial(approve, firm, "leo", names[0]), partial(approve, firm, "lea", names[1])) == [None, None]
        assert {entry_of(firm, name).state for name in names} == {LineState.APPROVED}


def test_lines_are_approved_and_recalled_at_once(firm: Store) -> None:
    """One of the two gets all of them, and the other nothing."""
    for number in range(ROUNDS):
        names = logged(firm, number)
        submit(firm, "ann", *names)
        refused = at_once(partial(approve, firm, "leo", *names), partial(step, firm, "ann", LineStep.RECALL, *reversed(names)))
        assert refused.count(None) == 1
        assert {*refused} - {None} <= {"version.stale", "line.illegal_step"}
        wanted = LineState.APPROVED if refused[0] is None else LineState.DRAFT
        assert {entry_of(firm, name).state for name in names} == {wanted}


def test_lines_are_decided_or_handed_in_while_one_is_edited(firm: Store) -> None:
    """What is approved keeps its minutes; of handing in and editing one comes first, and the other is told."""
    edit = partial(change_time, firm, actor=actor("root"), given={"minutes": 7}, now=NOW)
    for number in range(ROUNDS):
        names = logged(firm, number)
        seen = as_they_are(firm, *names)  # by both, before either begins
        hand_in = partial(move_lines, firm, actor=actor("ann"), step=LineStep.SUBMIT, wanted=seen, now=NOW)
        refused = at_once(hand_in, partial(edit, entry_id=names[0], version=1))
        assert refused.count(None) == 1
        assert {*refused} - {None} <= {"version.stale", "entry.locked"}
        if refused[0] is not None:
            submit(firm, "ann", *names)
        before = entry_of(firm, names[0])
        refused = at_once(partial(approve, firm, "leo", *names), partial(edit, entry_id=names[0], version=before.version))
        assert refused[0] is None
        assert refused[1] in {"version.stale", "entry.locked"}
        after = entry_of(firm, names[0])
        assert (after.state, after.minutes) == (LineState.APPROVED, before.minutes)


def logged(firm: Store, number: int) -> list[str]:
    """Four entries of a round."""
    names = [f"entry-{number}-{one}" for one in range(4)]
    log(firm, *(make_entry(name, minutes=30) for name in names))
    return names

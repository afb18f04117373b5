"""Timesheets follow from their lines, and what is locked stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.approval_policies import SheetPeriod
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.period_locks import PeriodLock, check_open
from scheduler.domain.delivery.timesheets import SheetState, fingerprint, sheet_days, sheet_state
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ActorId, PeriodLockId, ProjectId
from tests.domain.delivery.test_approvals import line

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2027, 4, 2, 9, 0, tzinfo=UTC)
DRAFT, SUBMITTED, APPROVED, REJECTED = LineState.DRAFT, LineState.SUBMITTED, LineState.APPROVED, LineState.REJECTED


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        ((), SheetState.DRAFT),
        ((DRAFT, SUBMITTED), SheetState.DRAFT),
        ((SUBMITTED,), SheetState.SUBMITTED),
        ((APPROVED, SUBMITTED), SheetState.PARTLY_APPROVED),
        ((APPROVED, DRAFT), SheetState.PARTLY_APPROVED),
        ((APPROVED, APPROVED), SheetState.APPROVED),
        ((APPROVED, REJECTED), SheetState.REJECTED),
        ((REJECTED, DRAFT), SheetState.REJECTED),
    ],
)
def test_the_state_of_a_timesheet(states: Sequence[LineState], wanted: SheetState) -> None:
    """What was given back first, then what is approved, then what waits."""
    assert sheet_state(states) is wanted


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)), st.sampled_from(SheetPeriod))
def test_every_day_is_in_one_timesheet(day: date, period: SheetPeriod) -> None:
    """All days of a sheet name the same one, and the next day the next; leap days and years of 53 weeks alike."""
    found = sheet_days(day, period)
    assert day in found
    assert {sheet_days(one, period) for one in found.days()} == {found}
    assert found.end is not None
    assert sheet_days(found.end, period).start == found.end


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    """By name: week 53 of 2026 goes over into the new year, February 2028 has a leap day."""
    week = sheet_days(date(2027, 1, 2), SheetPeriod.WEEK)
    assert (week.start, week.end) == (date(2026, 12, 28), date(2027, 1, 4))
    month = sheet_days(date(2028, 2, 29), SheetPeriod.MONTH)
    assert (month.start, month.end) == (date(2028, 2, 1), date(2028, 3, 1))


def test_what_was_seen_is_proved() -> None:
    """Another version, a line more or a line less is another timesheet; the order is not."""
    one, two = line("one"), line("two")
    assert fingerprint([one, two]) == fingerprint([two, one])
    assert len({fingerprint(lines) for lines in ([one, two], [one], [], [one, replace(two, version=9)])}) == 4


def lock(**changes: Any) -> PeriodLock:
    defaults = {"id": PeriodLockId("march"), "locked_before": date(2027, 4, 1), "locked_by": ActorId("fin"), "locked_at": NOW}
    return PeriodLock(**{**defaults, **changes})


@pytest.mark.parametrize(
    ("day", "project", "project_of_lock", "is_locked"),
    [
        (date(2027, 3, 31), "alpha", None, True),
        (date(2027, 3, 31), None, None, True),
        (date(2027, 4, 1), "alpha", None, False),
        (date(2027, 3, 31), "alpha", "alpha", True),
        (date(2027, 3, 31), "beta", "alpha", False),
        (date(2027, 3, 31), None, "alpha", False),
    ],
)
def test_what_a_lock_covers(day: date, project: str | None, project_of_lock: str | None, is_locked: bool) -> None:
    """Days before it, of its project or of all."""
    found = lock(project_id=None if project_of_lock is None else ProjectId(project_of_lock))
    assert found.covers(day, project) is is_locked


def test_a_locked_day_says_who_locked_it_and_when() -> None:
    """409, with what a reader has to know to go on."""
    with pytest.raises(DomainError) as caught:
        check_open([(date(2027, 4, 7), "alpha"), (date(2027, 3, 7), "alpha")], [lock()])
    assert (caught.value.kind, caught.value.code) == (ErrorKind.CONFLICT, "period.locked")
    assert caught.value.facts["locked_by"] == "fin"
    assert caught.value.facts["day"] == "2027-03-07"
    check_open([(date(2027, 4, 7), "alpha")], [lock()])


def test_a_lock_is_lifted_once_and_with_a_reason() -> None:
    """What is lifted locks nothing, and says by whom."""
    found = lock().lifted(by=ActorId("fin"), at=NOW, reason="A late receipt")
    assert not found.covers(date(2027, 3, 1), "alpha")
    with pytest.raises(DomainError) as again:
        found.lifted(by=ActorId("fin"), at=NOW, reason="Again")
    assert again.value.code == "period.not_locked"
    with pytest.raises(DomainError) as silent:
        lock().lifted(by=ActorId("fin"), at=NOW, reason=" ")
    assert silent.value.faults[0].pointer == "/reason"

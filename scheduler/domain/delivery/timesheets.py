"""Timesheets: what a person has logged in a week or month. A timesheet has no state of its own; it follows from its lines."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.delivery.approval_policies import SheetPeriod
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.interval import DateInterval

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scheduler.domain.delivery.lines import Line


class SheetState(StrEnum):
    """How far a timesheet is."""

    DRAFT = "draft"
    """Nothing is in it, or something of it has not been handed in and nothing is approved."""
    SUBMITTED = "submitted"
    """All of it waits for a decision."""
    PARTLY_APPROVED = "partly_approved"
    """Some of it is approved, and some not yet."""
    APPROVED = "approved"
    REJECTED = "rejected"
    """Something of it was given back: its person has to do something."""


def sheet_state(states: Iterable[LineState]) -> SheetState:
    """The state of a timesheet with lines in these states."""
    found = set(states)
    if LineState.REJECTED in found:
        return SheetState.REJECTED
    if LineState.APPROVED in found:
        return SheetState.APPROVED if found == {LineState.APPROVED} else SheetState.PARTLY_APPROVED
    return SheetState.SUBMITTED if found == {LineState.SUBMITTED} else SheetState.DRAFT


def sheet_days(day: date, period: SheetPeriod) -> DateInterval:
    """The days of the timesheet that a day belongs to."""
    if period is SheetPeriod.WEEK:
        monday = day - timedelta(days=day.weekday())
        return DateInterval(monday, monday + timedelta(weeks=1))
    first = day.replace(day=1)
    return DateInterval(first, (first + timedelta(days=31)).replace(day=1))


def fingerprint(lines: Iterable[Line]) -> str:
    """Differs as soon as a line is added, changed or gone: proves what somebody saw who decides about a whole timesheet."""
    seen = sorted(f"{line.ref.kind} {line.ref.id} {line.version}" for line in lines)
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:32]

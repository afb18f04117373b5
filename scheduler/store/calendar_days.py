"""The days on which nobody works by a calendar that a request names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import Fault
from scheduler.domain.staffing.people import DayPart
from scheduler.public_holidays import days_off

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.ground.interval import DateInterval
    from scheduler.domain.staffing.people import Calendar
    from scheduler.store.reader import Reader


def whole_days_off(calendars: Reader[Calendar], calendar_id: str | None, *, days: DateInterval | None) -> frozenset[date]:
    """Whole days off among ``days``; none without a calendar. Raises DomainError ``reference.not_found`` at ``/calendar_id``."""
    calendar = None if calendar_id is None else calendars.find(calendar_id)
    if calendar_id is not None and calendar is None:
        message = "There is no such calendar; give the id of one."
        raise invalid("request", Fault(pointer="/calendar_id", code="reference.not_found", message=message))
    if calendar is None or days is None:
        return frozenset()
    return frozenset(day for day, part in days_off(calendar, days=days).items() if part is DayPart.WHOLE)

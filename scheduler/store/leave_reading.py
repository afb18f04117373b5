"""All that somebody's balances of absences follow from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.staffing.absence_balances import WorkingDays
from scheduler.domain.staffing.leave import Leave
from scheduler.public_holidays import days_off

if TYPE_CHECKING:
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.store.view import View


def read_leave(view: View, person_id: str) -> Leave:
    """A person's absences and requests, and the kinds that there are. Raises DomainError ``record.not_found``."""
    return Leave(
        terms=view.people.get(person_id).terms,
        kinds=view.area("absence_kinds").all(),
        absences=view.absences.matching(person_id=person_id),
        requests=view.area("absence_requests").matching(person_id=person_id),
    )


def read_working_days(view: View, leave: Leave, span: DateInterval) -> WorkingDays:
    """What the person would work in the span."""
    calendars = view.calendars.many({term.calendar_id for term in leave.terms})
    return WorkingDays(terms=leave.terms, days_off={calendar.id: days_off(calendar, days=span) for calendar in calendars})

"""One person's absences and requests together: what is in the way of another one, and what is left of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.absence_balances import Spell, balances, takings
from scheduler.domain.staffing.absence_kinds import LAST_YEAR
from scheduler.domain.staffing.absence_requests import Held, RequestState
from scheduler.domain.staffing.booked_minutes import monday_of
from scheduler.domain.staffing.capacity import WEEK_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import ProjectId
    from scheduler.domain.staffing.absence_balances import WorkingDays, YearBalance
    from scheduler.domain.staffing.absence_kinds import AbsenceKind
    from scheduler.domain.staffing.absence_requests import AbsenceRequest
    from scheduler.domain.staffing.people import Absence, Term
    from scheduler.domain.staffing.work import Booking


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What somebody's balances follow from. Requests that are approved count by their absences."""

    terms: tuple[Term, ...]
    kinds: tuple[AbsenceKind, ...]
    absences: tuple[Absence, ...]
    requests: tuple[AbsenceRequest, ...]

    def span(self, *years: int) -> DateInterval:
        """Whole years from the first in which a balance is kept, over all that is taken, to the last of ``years``, and from no later than the first of them."""
        first = min(*years, *(kind.first_year for kind in self.kinds if kind.first_year is not None), LAST_YEAR)
        periods = [one.period for one in self.absences] + [one.period for one in self.requests]
        ends = [period.end.year for period in periods if period.end is not None]
        last = max(first, min(LAST_YEAR, max((*ends, *years))))
        return DateInterval(date(first, 1, 1), date(last + 1, 1, 1))

    def held(self) -> Iterator[Held]:
        """Days that are taken."""
        always = [kind for kind in self.kinds if kind.is_always_recordable]
        for absence in self.absences:
            yield Held.of_absence(absence, is_always_recordable=any(kind.is_of(absence.kind) for kind in always))
        for request in self._waiting():
            yield Held.of_request(request)

    def years(self, kind: AbsenceKind, *, worked: WorkingDays, span: DateInterval) -> tuple[YearBalance, ...]:
        """The balances of a kind in all years of the span."""
        always = [kind for kind in self.kinds if kind.is_always_recordable]
        anyway = [((one.period, one.part),) for one in self.absences if any(kind.is_of(one.kind) for kind in always)]
        taken = takings(self._spells(kind), recorded_anyway=anyway, worked=worked, unit=kind.unit, within=span)
        assert span.end is not None
        return balances(kind, terms=self.terms, taken=taken, until=span.end.year - 1)

    def _waiting(self) -> Sequence[AbsenceRequest]:
        return [request for request in self.requests if request.state is RequestState.REQUESTED]

    def _spells(self, kind: AbsenceKind) -> Iterable[Spell]:
        """In the order of their days."""
        for one in sorted(self.absences, key=lambda absence: (absence.period.start, absence.id)):
            if kind.is_of(one.kind):
                held = Held.of_absence(one, is_always_recordable=False)
                yield Spell(area=held.area, id=held.id, pieces=held.pieces)
        for request in sorted(self._waiting(), key=lambda request: (request.period.start, request.id)):
            if request.kind_id == kind.id:
                yield Spell(area="absence_requests", id=request.id, pieces=request.pieces(), is_pending=True)


def check_by_hand(actor: Actor, absences: Iterable[Absence], *, kinds: Sequence[AbsenceKind]) -> None:
    """
    Whether somebody may write, change or remove an absence without a request.

    Raises DomainError ``absence.of_request`` for one that came from a request, ``absence.needs_request`` for one's own where the firm
    has kinds that need approval and this is none of those that do not.
    """
    for absence in absences:
        if absence.request_id is not None:
            detail = "This absence came from a request that was approved, and goes with it; have the request cancelled, and ask anew."
            raise DomainError(ErrorKind.CONFLICT, "absence.of_request", detail, facts={"absence_request_id": absence.request_id})
        if actor.person_id != absence.person_id or not any(kind.needs_approval for kind in kinds):
            continue
        free = [kind.name for kind in kinds if not kind.needs_approval]
        if not any(kind.is_of(absence.kind) for kind in kinds if not kind.needs_approval):
            detail = (
                f"Somebody has to approve this: ask for it with POST /v1/absence-requests. By hand you record: {', '.join(free) or 'none'}."
            )
            raise DomainError(ErrorKind.FORBIDDEN, "absence.needs_request", detail, facts={"allowed": free})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """The plan to ask for when an absence has hit bookings: their weeks, and the projects of their demands."""

    horizon_start: date
    weeks: int
    project_ids: tuple[ProjectId, ...]


def hit_by(request: AbsenceRequest, bookings: Iterable[Booking]) -> tuple[Booking, ...]:
    """Those bookings that are beyond capacity in the weeks of a request, in the order of their days."""
    weeks = _weeks_of(request)
    found = [booking for booking in bookings if booking.over_capacity and booking.period.overlaps(weeks)]
    return tuple(sorted(found, key=lambda booking: (booking.period.start, booking.id)))


def replan_of(request: AbsenceRequest, hit: Iterable[Booking]) -> Replan | None:
    """The plan that could find others for them; ``None`` where nothing of it is on a demand."""
    projects = sorted({booking.project_id for booking in hit if booking.demand_id is not None})
    weeks = _weeks_of(request)
    assert weeks.end is not None
    count = (weeks.end - weeks.start).days // WEEK_DAYS
    return Replan(horizon_start=weeks.start, weeks=count, project_ids=tuple(projects)) if projects else None


def _weeks_of(request: AbsenceRequest) -> DateInterval:
    return DateInterval(monday_of(request.period.start), monday_of(request.last_day) + timedelta(weeks=1))

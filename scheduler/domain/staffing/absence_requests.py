"""Asking for days off: what a request is, how far it is, and which absences it becomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import AbsenceId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.capacity import HALVES, WHOLE_DAY
from scheduler.domain.staffing.people import Absence, DayPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import AbsenceKindId, AbsenceRequestId, ActorId, PersonId
    from scheduler.domain.staffing.absence_kinds import AbsenceKind

REQUEST_DAYS_MAX = 3 * 366
"""Every day of a request is looked at."""


class RequestState(StrEnum):
    """How far a request is."""

    REQUESTED = "requested"
    APPROVED = "approved"
    """The person is absent."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """The person does not want it any more, before it was decided."""
    CANCELLED = "cancelled"
    """It was approved, and does not hold any more."""


STEPS: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.REQUESTED: frozenset({RequestState.APPROVED, RequestState.REJECTED, RequestState.WITHDRAWN}),
    RequestState.APPROVED: frozenset({RequestState.CANCELLED}),
    RequestState.REJECTED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
    RequestState.CANCELLED: frozenset(),
}
"""The states that may follow each."""

HOLDING = frozenset({RequestState.REQUESTED, RequestState.APPROVED})
"""States in which a request takes its days and its part of the balance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRequest:
    """Days off that somebody asks for, with half a day at either end if they like."""

    id: AbsenceRequestId
    person_id: PersonId
    kind_id: AbsenceKindId | None
    """``None`` once the person was erased, and for whoever may not see it."""
    period: DateInterval
    first_half: bool = False
    """Only half of the first day."""
    last_half: bool = False
    """Only half of the last day."""
    note: str | None = None
    state: RequestState = RequestState.REQUESTED
    requested_by: ActorId | None = None
    requested_at: datetime | None = None
    decided_by: ActorId | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    """Why it was rejected or cancelled."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "note", faults.optional_text("/note", self.note))
        object.__setattr__(self, "reason", faults.optional_text("/reason", self.reason))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if self.period.end is None:
            faults.add("/period/end", "absence_request.open_ended", "A request ends; give its end, and ask again for what comes after.")
        elif (days := (self.period.end - self.period.start).days) > REQUEST_DAYS_MAX:
            message = f"The request is for {days} days; at most {REQUEST_DAYS_MAX} are taken. Split it."
            faults.add("/period", "absence_request.too_long", message)
        elif days == 1 and self.first_half and self.last_half:
            message = "Two halves of one day are that day; leave both out."
            faults.add("/last_half", "absence_request.two_halves", message)
        faults.raise_any("request for an absence")

    @property
    def last_day(self) -> date:
        """The last day that it asks for."""
        assert self.period.end is not None
        return self.period.end - timedelta(days=1)

    def to(self, state: RequestState, *, by: ActorId, at: datetime, reason: str | None = None) -> AbsenceRequest:
        """The request one step on. Raises DomainError ``absence_request.illegal_step``."""
        if state not in STEPS[self.state]:
            allowed = sorted(STEPS[self.state])
            may = f"from there it can only become {' or '.join(allowed)}" if allowed else "that is its end; ask anew"
            raise DomainError(
                ErrorKind.CONFLICT,
                "absence_request.illegal_step",
                f"A request that is {self.state} cannot become {state}; {may}.",
                facts={"state": self.state.value, "allowed": allowed},
            )
        return replace(self, state=state, decided_by=by, decided_at=at, reason=reason)

    def pieces(self) -> tuple[tuple[DateInterval, DayPart], ...]:
        """Its days as absences have them: whole ones together, a half one at either end by itself."""
        day = timedelta(days=1)
        start, end = self.period.start, self.last_day + day
        whole_from = start + day if self.first_half else start
        whole_to = end - day if self.last_half else end
        found = []
        if self.first_half:
            found.append((DateInterval(start, start + day), DayPart.HALF))
        if whole_from < whole_to:
            found.append((DateInterval(whole_from, whole_to), DayPart.WHOLE))
        if self.last_half:
            found.append((DateInterval(end - day, end), DayPart.HALF))
        return tuple(found)

    def absences(self, kind: AbsenceKind, *, next_id: Callable[[], str]) -> tuple[Absence, ...]:
        """What it becomes when it is approved."""
        return tuple(
            Absence(id=AbsenceId(next_id()), person_id=self.person_id, period=period, part=part, kind=kind.name, request_id=self.id)
            for period, part in self.pieces()
        )


def require_other(actor: Actor, request: AbsenceRequest) -> None:
    """Four eyes: nobody decides their own request, or one that they made. Raises DomainError ``absence_request.own``."""
    if actor.person_id == request.person_id or actor.id == request.requested_by:
        raise DomainError(
            ErrorKind.FORBIDDEN,
            "absence_request.own",
            "You cannot decide a request of your own, or one that you made for somebody; another approver has to.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Days that are taken already: by an absence, or by a request that waits."""

    area: str
    id: str
    pieces: tuple[tuple[DateInterval, DayPart], ...]
    is_always_recordable: bool = False

    @classmethod
    def of_request(cls, request: AbsenceRequest) -> Held:
        """Days that a request takes."""
        return cls(area="absence_requests", id=request.id, pieces=request.pieces())

    @classmethod
    def of_absence(cls, absence: Absence, *, is_always_recordable: bool) -> Held:
        """Days that an absence takes; one that came from a request is named as that."""
        area, own = ("absences", absence.id) if absence.request_id is None else ("absence_requests", absence.request_id)
        return cls(area=area, id=own, pieces=((absence.period, absence.part),), is_always_recordable=is_always_recordable)

    def halves(self, day: date) -> int:
        """How much of a day it takes."""
        return sum(HALVES[part] for period, part in self.pieces if day in period)


def check_free(request: AbsenceRequest, others: Iterable[Held], *, kind: AbsenceKind) -> None:
    """
    A day holds a whole day's absence and no more. Raises DomainError ``absence.overlap``, which names the other.

    What can always be recorded is in the way of nothing but of its like.
    """
    near = [
        one
        for one in others
        if one.is_always_recordable >= kind.is_always_recordable and any(request.period.overlaps(period) for period, _ in one.pieces)
    ]
    asked = Held.of_request(request)
    for day in request.period.days() if near else ():
        taken = [one for one in near if one.halves(day)]
        if taken and asked.halves(day) + sum(one.halves(day) for one in taken) > WHOLE_DAY:
            raise _overlap(day, taken)


def _overlap(day: date, taken: Sequence[Held]) -> DomainError:
    other = taken[0]
    begin, last = other.pieces[0][0].start, other.pieces[-1][0].end
    until = "on" if last is None else f"until {last - timedelta(days=1)}"
    what = "absence" if other.area == "absences" else "request"
    return DomainError(
        ErrorKind.CONFLICT,
        "absence.overlap",
        f"On {day} there is another {what} already, from {begin} {until} ({other.id}); ask for other days, or have that one cancelled first.",
        facts={"day": day.isoformat(), "area": other.area, "id": other.id},
    )

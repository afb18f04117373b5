"""Asking for days off, deciding that, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.permissions import ABSENCE_REQUESTS_DECIDE, PRIVATE_READ
from scheduler.domain.staffing.absence_balances import Spell, shortfall, takings
from scheduler.domain.staffing.absence_kinds import BeyondBalance
from scheduler.domain.staffing.absence_requests import AbsenceRequest, RequestState, check_free, require_other
from scheduler.domain.staffing.leave import hit_by, replan_of
from scheduler.store import retried
from scheduler.store.areas.people import ABSENCE_REQUEST_AREA
from scheduler.store.leave_reading import read_leave, read_working_days
from scheduler.store.repository import stale

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.absence_kinds import AbsenceKind
    from scheduler.domain.staffing.leave import Replan
    from scheduler.domain.staffing.work import Booking
    from scheduler.store import Store, Transaction

REQUESTS = ABSENCE_REQUEST_AREA.name


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOutcome:
    """A request, and what it has come to."""

    request: AbsenceRequest
    warnings: tuple[str, ...] = ()
    bookings: tuple[Booking, ...] = ()
    """Those that are beyond capacity now in the weeks of the absence, as far as the actor sees them."""
    replan: Replan | None = None
    """What to ask for to find others; ``None`` where that would not help, or is not the actor's to ask."""


@retried
def request_absence(
    store: Store, *, actor: Actor, request: AbsenceRequest, now: datetime, idempotency: IdempotencyClaim | None = None
) -> RequestOutcome:
    """
    Ask for days off; where the kind needs no approval the person is absent at once.

    Raises DomainError ``reference.not_found``, ``absence.overlap``, ``absence_request.beyond_balance``,
    ``absence_request.no_working_time``, ``access.denied``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        tx.hold_days(people={request.person_id})  # so of two requests that take the same rest one sees the other
        added: AbsenceRequest = tx.area(REQUESTS).add(replace(request, requested_by=actor.id, requested_at=now))
        kind = _kind(tx, added)
        warnings = _checked(tx, added, kind)
        if kind.needs_approval:
            return tx.answer(RequestOutcome(request=added, warnings=warnings))
        return tx.answer(_approved(tx, added, kind, warnings=warnings, now=now))


@retried
def approve_request(
    store: Store, *, actor: Actor, request_id: str, version: int, now: datetime, idempotency: IdempotencyClaim | None = None
) -> RequestOutcome:
    """
    Let somebody have the days off: they are absent, and bookings that do not fit any more are flagged.

    Raises DomainError ``record.not_found``, ``access.denied``, ``version.stale``, ``absence_request.own``,
    ``absence_request.illegal_step``, and what asking raises where things have changed since.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        request = _to_decide(tx, request_id, version)
        kind = _kind(tx, request)
        request.to(RequestState.APPROVED, by=actor.id, at=now)
        return tx.answer(_approved(tx, request, kind, warnings=_checked(tx, request, kind), now=now))


@retried
def reject_request(
    store: Store, *, actor: Actor, request_id: str, version: int, reason: str, now: datetime, idempotency: IdempotencyClaim | None = None
) -> RequestOutcome:
    """Refuse a request, and say why. Raises like ``approve_request``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        request = _to_decide(tx, request_id, version)
        rejected = request.to(RequestState.REJECTED, by=actor.id, at=now, reason=reason)
        return tx.answer(RequestOutcome(request=tx.elevated.area(REQUESTS).save(rejected)))


@retried
def cancel_request(
    store: Store, *, actor: Actor, request_id: str, version: int, reason: str, now: datetime, idempotency: IdempotencyClaim | None = None
) -> RequestOutcome:
    """Take an approval back: the absences go, and what they took of the balance is there again. Raises like ``approve_request``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        request = _to_decide(tx, request_id, version)
        cancelled = request.to(RequestState.CANCELLED, by=actor.id, at=now, reason=reason)
        for absence in tx.unrestricted.absences.matching(request_id=request.id):
            tx.elevated.absences.delete(absence.id, absence.version)
        saved = tx.elevated.area(REQUESTS).save(cancelled)
        tx.settle_days()
        return tx.answer(RequestOutcome(request=saved, bookings=_hit(tx, saved)))


@retried
def withdraw_request(
    store: Store, *, actor: Actor, request_id: str, version: int, now: datetime, idempotency: IdempotencyClaim | None = None
) -> RequestOutcome:
    """Take a request back before it is decided. Raises like ``approve_request``; whoever may ask for the days may withdraw."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        request = _locked(tx, request_id)
        tx.area(REQUESTS).require_change(request_id)
        _require_current(request, version)
        return tx.answer(RequestOutcome(request=tx.area(REQUESTS).save(request.to(RequestState.WITHDRAWN, by=actor.id, at=now))))


def _locked(tx: Transaction, request_id: str) -> AbsenceRequest:
    """The request, once the days of its person are locked: they come first."""
    found = tx.unrestricted.area(REQUESTS).find(request_id)
    if found is not None:
        tx.hold_days(people={found.person_id})
    request: AbsenceRequest = tx.area(REQUESTS).get(request_id)
    return request


def _to_decide(tx: Transaction, request_id: str, version: int) -> AbsenceRequest:
    request = _locked(tx, request_id)
    require(tx.actor, ABSENCE_REQUESTS_DECIDE)
    require(tx.actor, PRIVATE_READ)  # nobody decides what they do not see
    _require_current(request, version)
    require_other(tx.actor, request)
    return request


def _require_current(request: AbsenceRequest, version: int) -> None:
    if request.version != version:
        raise stale(ABSENCE_REQUEST_AREA, request.id, given=version, current=request.version)


def _kind(tx: Transaction, request: AbsenceRequest) -> AbsenceKind:
    """The kind that is asked for. Raises DomainError where it is gone with an erasure."""
    if request.kind_id is None:
        raise DomainError(ErrorKind.CONFLICT, "absence_request.erased", "The person was erased; nothing is left to decide.")
    kind: AbsenceKind = tx.unrestricted.area("absence_kinds").get(request.kind_id)
    return kind


def _checked(tx: Transaction, request: AbsenceRequest, kind: AbsenceKind) -> tuple[str, ...]:
    """What is to be said of a request that waits. Raises DomainError where it cannot be."""
    leave = read_leave(tx.unrestricted, request.person_id)
    check_free(request, [held for held in leave.held() if held.id != request.id], kind=kind)
    span = leave.span(request.period.start.year)
    worked = read_working_days(tx.unrestricted, leave, span)
    own = Spell(area=REQUESTS, id=request.id, pieces=request.pieces())
    if not kind.is_always_recordable and not takings([own], recorded_anyway=(), worked=worked, unit=kind.unit, within=span):
        detail = "The person would not work on any of these days: they are weekends, holidays or without a contract. Ask for others."
        raise DomainError(ErrorKind.CONFLICT, "absence_request.no_working_time", detail)
    found = shortfall(kind, leave.years(kind, worked=worked, span=span), since=request.period.start)
    if found is None:
        return ()
    if kind.beyond_balance is BeyondBalance.REFUSED:
        raise found.refusal()
    return (found.message,)


def _approved(tx: Transaction, request: AbsenceRequest, kind: AbsenceKind, *, warnings: tuple[str, ...], now: datetime) -> RequestOutcome:
    everything = tx.elevated
    saved = everything.area(REQUESTS).save(request.to(RequestState.APPROVED, by=tx.actor.id, at=now))
    for absence in request.absences(kind, next_id=new_id):
        everything.absences.add(absence)
    tx.settle_days()
    hit = _hit(tx, saved)
    may_plan = tx.actor.may("plans:create")
    return RequestOutcome(request=saved, warnings=warnings, bookings=hit, replan=replan_of(saved, hit) if may_plan else None)


def _hit(tx: Transaction, request: AbsenceRequest) -> tuple[Booking, ...]:
    return hit_by(request, tx.bookings.matching(person_id=request.person_id))

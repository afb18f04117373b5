"""Starting, stopping and discarding the timer of the person who one is; each function is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.delivery.timers import RunningTimer, no_person, timer_not_running
from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.ids import TimeEntryId, new_id
from scheduler.domain.ground.permissions import TIME_CREATE
from scheduler.store import retried
from scheduler.store.time_book import Put, TimeBook, Written

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.delivery.time_drafts import TimeDraft
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.ground.ids import PersonId
    from scheduler.store import Store


def own_person(actor: Actor) -> PersonId:
    """The person that the actor is. Raises DomainError ``access.denied``, ``timer.no_person``."""
    require(actor, TIME_CREATE)
    if actor.person_id is None:
        raise no_person()
    return actor.person_id


@retried
def start_timer(
    store: Store,
    *,
    actor: Actor,
    draft: TimeDraft,
    zone: str,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> RunningTimer:
    """Begin to work on something. Raises DomainError ``timer.running``, ``timer.no_person``, and what logging time on it would raise."""
    person_id = own_person(actor)
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        book = TimeBook(tx, person_id=person_id, permission=TIME_CREATE)
        about = {name: getattr(draft, name) for name in ("project_id", "task_id", "demand_id", "activity_type_id")}
        is_billable = book.is_billable(**about) if draft.is_billable is None else draft.is_billable
        timer = RunningTimer(
            person_id=person_id,
            started_at=now,
            zone=zone,
            ticket_ref=draft.ticket_ref,
            note=draft.note,
            is_billable=is_billable,
            **about,
        )
        book.check_about(timer)
        return tx.answer(tx.timers.start(timer))


@retried
def stop_timer(
    store: Store, *, actor: Actor, ended_at: datetime | None, note: str | None, now: datetime, idempotency: IdempotencyClaim | None = None
) -> Written:
    """
    End the work, now or at an earlier instant: the entries that it comes to.

    Where a policy or a rule stands against them the timer runs on. Raises DomainError ``timer.not_running``, ``timer.too_short``, and
    what logging time raises.
    """
    person_id = own_person(actor)
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        book = TimeBook(tx, person_id=person_id, permission=TIME_CREATE)
        timer = tx.timers.of(person_id)
        if timer is None:
            raise timer_not_running()
        draft = timer.stopped(at=_until(ended_at, now), note=note)
        entries = draft.entries(first_id=TimeEntryId(new_id()), new_id=new_id, is_billable=timer.is_billable)
        tx.timers.end(person_id)
        return tx.answer(book.write([Put(entry=entry) for entry in entries]))


@retried
def discard_timer(store: Store, *, actor: Actor, now: datetime) -> None:
    """Forget the running timer; no time is logged. Raises DomainError ``timer.not_running``."""
    person_id = own_person(actor)
    with store.begin(actor, now=now) as tx:
        TimeBook(tx, person_id=person_id, permission=TIME_CREATE)
        if tx.timers.of(person_id) is None:
            raise timer_not_running()
        tx.timers.end(person_id)


def _until(ended_at: datetime | None, now: datetime) -> datetime:
    if ended_at is not None and ended_at > now:
        faults = Faults()
        faults.add("/ended_at", "timer.in_future", "The work cannot have ended later than now; leave ended_at out to stop it now.")
        faults.raise_any("timer")
    return ended_at or now

"""A deal is won, or lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.delivery.tasks import TaskState
from scheduler.domain.delivery.templates import span_of
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.working_days import DayShift
from scheduler.domain.staffing.booking_moves import Mover, require_moves
from scheduler.domain.staffing.deals import first_day, lost, moved_booking, moved_demand, released, won
from scheduler.store import retried
from scheduler.store.calendar_days import whole_days_off
from scheduler.store.project_locks import hold_project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scheduler.domain.delivery.tasks import Task
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.work import Project
    from scheduler.store import Store, Transaction

_SPARE = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealDone:
    """The project as it is now, and the ids of what moved, ended earlier or went with it."""

    project: Project
    tasks_moved: tuple[str, ...] = ()
    demands_moved: tuple[str, ...] = ()
    bookings_moved: tuple[str, ...] = ()
    bookings_shortened: tuple[str, ...] = ()
    bookings_deleted: tuple[str, ...] = ()


@retried
def win_deal(
    store: Store,
    *,
    actor: Actor,
    project_id: str,
    expected_version: int,
    starts: date | None,
    calendar_id: str | None,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> DealDone:
    """
    Make a tentative project a won one: its demand and bookings stay, and with ``starts`` all of it moves to where it really begins.

    The right to change the project is enough for what follows from it, but for bookings that are confirmed or locked. Raises DomainError
    ``record.not_found``, ``access.denied``, ``version.stale``, ``project.not_tentative``, ``project.no_dates``, ``capacity.exceeded``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        project = won(hold_project(tx, project_id, expected_version=expected_version))
        done = DealDone(project=project) if starts is None else _moved(tx, project, starts, calendar_id)
        tx.elevated.projects.save(done.project)
        return tx.answer(replace(done, project=tx.projects.get(project_id)))


@retried
def lose_deal(
    store: Store,
    *,
    actor: Actor,
    project_id: str,
    expected_version: int,
    cut: date | None,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> DealDone:
    """
    Make a tentative project a lost one, and release whoever is booked on it, from the Monday ``cut`` on or altogether.

    Rights and errors are those of ``win_deal``, with ``week.not_monday``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        project = lost(hold_project(tx, project_id, expected_version=expected_version))
        everything = tx.elevated
        free = released(everything.bookings.matching(project_id=project_id), cut=cut)
        require_moves(actor, [*free.shortened, *free.deleted], Mover.HAND)
        for booking in free.shortened:
            everything.bookings.save(booking)
        for booking in free.deleted:
            everything.bookings.delete(booking.id, booking.version)
        everything.projects.save(project)
        return tx.answer(
            DealDone(
                project=tx.projects.get(project_id),
                bookings_shortened=tuple(one.id for one in free.shortened),
                bookings_deleted=tuple(one.id for one in free.deleted),
            )
        )


def _moved(tx: Transaction, project: Project, starts: date, calendar_id: str | None) -> DealDone:
    """Everything of the project where it is when it begins on ``starts``; written, but for the project itself."""
    everything = tx.elevated
    tasks: Sequence[Task] = [one for one in everything.area("tasks").matching(project_id=project.id) if one.state is not TaskState.DONE]
    demands = everything.demands.matching(project_id=project.id)
    bookings = everything.bookings.matching(project_id=project.id)
    span = span_of(tasks)
    before = first_day(project, demands=demands, others=[] if span is None else [span.start])
    days = [before, starts, *(one.period.end for one in bookings if one.period.end is not None)]
    days += [one.end for one in (span, project.period) if one is not None and one.end is not None]
    wide = DateInterval(min(days) - _SPARE, max(days) + abs(starts - before) + _SPARE)
    shift = DayShift(begins=before, to=starts, off=whole_days_off(tx.calendars, calendar_id, days=wide))
    if shift.is_none:
        return DealDone(project=project)
    moved_bookings = [moved_booking(one, shift) for one in bookings]
    require_moves(tx.actor, moved_bookings, Mover.HAND)
    for task in tasks:
        everything.area("tasks").save(_moved_task(task, shift))
    for demand in demands:
        everything.demands.save(moved_demand(demand, weeks=shift.weeks))
    for booking in moved_bookings:
        everything.bookings.save(booking)
    return DealDone(
        project=replace(project, period=None if project.period is None else shift.interval(project.period)),
        tasks_moved=tuple(one.id for one in tasks),
        demands_moved=tuple(one.id for one in demands),
        bookings_moved=tuple(one.id for one in moved_bookings),
    )


def _moved_task(task: Task, shift: DayShift) -> Task:
    period = None if task.period is None else shift.interval(task.period)
    return replace(task, period=period, due=None if task.due is None else shift.day(task.due))

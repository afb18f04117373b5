"""What the estimates of a project's tasks come to, week by week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.delivery.tasks import Task, TaskKind, TaskState
from scheduler.domain.ground.wanted_work import WantedWork

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date

    from scheduler.domain.delivery.structure import Part
    from scheduler.domain.ground.ids import TaskId
    from scheduler.domain.ground.interval import DateInterval

LONGEST_DAYS = 1040 * 7
"""Longest period whose work is spread: some twenty years, the most weeks that a demand has."""


class NoWork(StrEnum):
    """Why nothing follows from a task."""

    NO_ESTIMATE = "no_estimate"
    NO_PERIOD = "no_period"
    """Neither it nor what it is part of, nor the project, says when it is worked on."""
    TOO_LONG = "too_long"
    PARTS_STAND_FOR_IT = "parts_stand_for_it"
    """It has an estimate of its own, and so have parts of it: those count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A task from which nothing follows, and why."""

    task_id: TaskId
    name: str
    reason: NoWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """A task whose own estimate counts, and the days that it lies on."""

    task: Task
    minutes: int
    period: DateInterval | None


def estimated(parts: Sequence[Part], *, project_days: DateInterval | None) -> Iterator[Estimated | Unplaced]:
    """
    The tasks whose estimates add up to the project's work, from the top down, and those that are left out of it.

    An estimate counts where no part below has one; a task without a period lies on the days of what it is part of.
    Cancelled tasks are left out with all their parts, and nobody works on a milestone.
    """
    for part in parts:
        task = part.task
        if task.state is TaskState.CANCELLED:
            continue
        days = task.period or project_days
        if _any_estimate(part.parts):
            if task.estimate_minutes:
                yield Unplaced(task_id=task.id, name=task.name, reason=NoWork.PARTS_STAND_FOR_IT)
            yield from estimated(part.parts, project_days=days)
        elif task.estimate_minutes:
            yield Estimated(task=task, minutes=task.estimate_minutes, period=None if days is None or days.end is None else days)
        elif task.kind is TaskKind.TASK and not part.parts:
            yield Unplaced(task_id=task.id, name=task.name, reason=NoWork.NO_ESTIMATE)
        else:
            yield from estimated(part.parts, project_days=days)


def wanted_work(parts: Sequence[Part], *, project_days: DateInterval | None, off: Collection[date] = ()) -> Iterator[WantedWork | Unplaced]:
    """The work of the tasks that are not done, spread over the working days of their periods; and of the rest, why there is none."""
    for found in estimated(parts, project_days=project_days):
        if isinstance(found, Unplaced):
            yield found
            continue
        task = found.task
        if task.state is TaskState.DONE:
            continue
        reason = _unplaceable(found.period)
        if reason is not None or found.period is None:
            yield Unplaced(task_id=task.id, name=task.name, reason=reason or NoWork.NO_PERIOD)
            continue
        yield WantedWork(
            task_id=task.id,
            project_id=task.project_id,
            name=task.name,
            weeks=by_week(found.minutes, found.period, off=off),
            requires=task.requires,
            grade=task.grade,
        )


def by_week(minutes: int, period: DateInterval, *, off: Collection[date] = ()) -> tuple[tuple[date, int], ...]:
    """
    Minutes by the Monday of their week, in proportion to the working days of ``period`` in it; they add up exactly.

    Working days are Monday to Friday without ``off``; where the period has none of them, all its days count.
    """
    weights = Counter(_monday(day) for day in working_days_in(period, off=off))
    total, passed, given = weights.total(), 0, 0
    found = []
    for monday in sorted(weights):
        passed += weights[monday]
        until = minutes * passed // total
        if until > given:
            found.append((monday, until - given))
        given = until
    return tuple(found)


def working_days_in(period: DateInterval, *, off: Collection[date] = ()) -> tuple[date, ...]:
    """The days from Monday to Friday that are not ``off``; all days where there is none of those."""
    return tuple(day for day in period.days() if day.weekday() < 5 and day not in off) or tuple(period.days())


def _unplaceable(period: DateInterval | None) -> NoWork | None:
    if period is None or period.end is None:
        return NoWork.NO_PERIOD
    return NoWork.TOO_LONG if (period.end - period.start).days > LONGEST_DAYS else None


def _any_estimate(parts: Iterable[Part]) -> bool:
    """Whether any of them, or what they are made of, counts with an estimate of its own."""
    return any(part.task.state is not TaskState.CANCELLED and (part.task.estimate_minutes or _any_estimate(part.parts)) for part in parts)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

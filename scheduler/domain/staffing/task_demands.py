"""Demands that follow from the estimates of tasks: made once, kept in step, and left alone where somebody has changed them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.ids import DemandId
from scheduler.domain.staffing.work import EFFORT_MAX, Demand, WeekEffort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scheduler.domain.ground.ids import TaskId
    from scheduler.domain.ground.wanted_work import WantedWork


class Outcome(StrEnum):
    """What became of a task's demand."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CHANGED_BY_HAND = "changed_by_hand"
    """Its effort, skills or grade are not those that followed from the task before: it stays as it is."""
    NOT_WANTED = "not_wanted"
    """Nothing follows from its task any more: done, cancelled, without estimate, or gone. It stays as it is."""
    TOO_MUCH = "too_much"
    """More minutes in a week than a demand can have; nothing is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedDemand:
    """A task, what became of its demand, and the demand as it is to be (``None``: there is none)."""

    task_id: TaskId
    outcome: Outcome
    demand: Demand | None
    wanted_minutes: int = 0
    """What follows from the task."""


def derived_demands(wanted: Iterable[WantedWork], existing: Iterable[Demand], *, next_id: Callable[[], str]) -> Iterator[DerivedDemand]:
    """What is to become of the demands of tasks. ``existing``: the project's; those that are no task's stay out of it."""
    by_task = {demand.task_id: demand for demand in existing if demand.task_id is not None}
    for work in wanted:
        yield _derived(work, by_task.pop(work.task_id, None), next_id)
    for task_id, demand in by_task.items():
        yield DerivedDemand(task_id=task_id, outcome=Outcome.NOT_WANTED, demand=demand)


def is_as_derived(demand: Demand) -> bool:
    """Whether effort, skills and grade are those that followed from its task."""
    return demand.derived_sha256 == _sha256(demand)


def derived_anew(demand: Demand) -> Demand:
    """The demand, said to be what follows from its task."""
    return replace(demand, derived_sha256=_sha256(demand))


def _derived(work: WantedWork, before: Demand | None, next_id: Callable[[], str]) -> DerivedDemand:
    minutes = work.minutes
    if any(amount > EFFORT_MAX for _, amount in work.weeks):
        return DerivedDemand(task_id=work.task_id, outcome=Outcome.TOO_MUCH, demand=before, wanted_minutes=minutes)
    effort = tuple(WeekEffort(week=week, minutes=amount) for week, amount in work.weeks)
    if before is None:
        made = Demand(
            id=DemandId(next_id()),
            project_id=work.project_id,
            name=work.name,
            effort=effort,
            requires=work.requires,
            grade=work.grade,
            task_id=work.task_id,
        )
        return DerivedDemand(task_id=work.task_id, outcome=Outcome.CREATED, demand=derived_anew(made), wanted_minutes=minutes)
    after = derived_anew(replace(before, effort=effort, requires=work.requires, grade=work.grade))
    if after == before:
        outcome = Outcome.UNCHANGED
    elif is_as_derived(before) or _sha256(before) == after.derived_sha256:
        outcome = Outcome.UPDATED
    else:
        return DerivedDemand(task_id=work.task_id, outcome=Outcome.CHANGED_BY_HAND, demand=before, wanted_minutes=minutes)
    return DerivedDemand(task_id=work.task_id, outcome=outcome, demand=after, wanted_minutes=minutes)


def _sha256(demand: Demand) -> str:
    said = [[[one.week.isoformat(), one.minutes] for one in demand.effort], sorted(demand.requires.items()), demand.grade]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()

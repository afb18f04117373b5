"""The tree of a project's tasks: what may be part of what, and what in it does not add up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.delivery.tasks import Task, TaskKind, TaskState
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.interval import DateInterval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from scheduler.domain.ground.ids import TaskId

DEPTH_MAX = 10
PARENT = "/parent_task_id"
HOLDERS: Mapping[TaskKind, frozenset[TaskKind]] = {
    TaskKind.PHASE: frozenset(TaskKind),
    TaskKind.TASK: frozenset({TaskKind.TASK, TaskKind.MILESTONE, TaskKind.DELIVERABLE}),
    TaskKind.MILESTONE: frozenset(),
    TaskKind.DELIVERABLE: frozenset({TaskKind.TASK}),
}
"""What may be a part of each kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureWarning:
    """Something in the tree that may be meant so, and probably is not."""

    code: str
    task_id: TaskId
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A task with its parts; ``estimate_minutes`` its own, or else the sum of its parts' (``None``: nobody knows)."""

    task: Task
    parts: tuple[Part, ...]
    estimate_minutes: int | None


def check_stays(before: Task, after: Task) -> None:
    """A task stays in its project. Raises DomainError ``task.project_fixed``."""
    if before.project_id != after.project_id:
        raise DomainError(
            ErrorKind.CONFLICT,
            "task.project_fixed",
            "A task stays in its project: what was worked on it belongs there. Make a new one in the other project.",
        )


def check_place(task: Task, others: Iterable[Task]) -> None:
    """
    Whether a task may be where it is, among the other tasks of its project as they are now.

    Raises DomainError ``input.invalid`` with ``task.parent_elsewhere`` (no such task in the project), ``task.parent_kind``,
    ``task.cycle``, ``task.too_deep``.
    """
    by_id = {other.id: other for other in others} | {task.id: task}
    parts = _by_parent(by_id.values())
    if task.parent_task_id is not None:
        parent = by_id.get(task.parent_task_id)
        if parent is None:
            raise _misplaced("task.parent_elsewhere", "The project has no such task; a task is part of one of the same project.")
        if task.kind not in HOLDERS[parent.kind]:
            raise _misplaced("task.parent_kind", f"A {task.kind} cannot be part of a {parent.kind}; {_can_hold(task.kind)}.")
    wrong = next((part for part in parts[task.id] if part.id != task.id and part.kind not in HOLDERS[task.kind]), None)
    if wrong is not None:
        message = f"It has a part that is a {wrong.kind}, which cannot be part of a {task.kind}; move that first."
        raise invalid("task", Fault(pointer="/kind", code="task.parent_kind", message=message))
    above = _above(task, by_id)
    if len(above) + _height(task, parts) > DEPTH_MAX:
        raise _misplaced("task.too_deep", f"Tasks are nested at most {DEPTH_MAX} deep; put it higher up.")


def tree(tasks: Iterable[Task]) -> tuple[Part, ...]:
    """The tasks as a tree, parts in their order. A task whose whole is not among them stands at the top."""
    listed = list(tasks)
    known = {task.id for task in listed}
    parts = _by_parent(listed)
    tops = [task for task in listed if task.parent_task_id not in known]
    return tuple(_part(task, parts) for task in sorted(tops, key=_order))


def warnings(parts: Sequence[Part], *, project_days: DateInterval | None, today: date) -> Iterator[StructureWarning]:
    """What does not add up, from the top down; ``today`` decides what is late."""
    for part in parts:
        yield from _of_days(part.task, project_days, "task.outside_project", "the project")
        yield from _of_tree(part, project_days, today)


def _of_tree(part: Part, project_days: DateInterval | None, today: date) -> Iterator[StructureWarning]:
    task = part.task
    yield from _of_state(part, today)
    summed = _sum(part.parts)
    if task.estimate_minutes is not None and summed is not None and summed > task.estimate_minutes:
        message = f"Its parts are estimated at {summed} minutes, and it at {task.estimate_minutes}."
        yield StructureWarning(code="task.parts_exceed_estimate", task_id=task.id, message=message)
    for inner in part.parts:
        if task.period is not None:
            yield from _of_days(inner.task, task.period, "task.outside_parent", f"{task.name!r}")
        else:
            yield from _of_days(inner.task, project_days, "task.outside_project", "the project")
        yield from _of_tree(inner, project_days, today)


def _of_state(part: Part, today: date) -> Iterator[StructureWarning]:
    task = part.task
    if task.state is TaskState.DONE:
        if any(inner.task.is_open for inner in part.parts):
            yield StructureWarning(code="task.done_with_open_parts", task_id=task.id, message="It is done, and parts of it are not.")
        if any(not item.is_done for item in task.checklist):
            message = "It is done, and its checklist is not ticked off."
            yield StructureWarning(code="task.done_with_open_checklist", task_id=task.id, message=message)
    days = _days(task)
    if task.is_open and days is not None and days.end is not None and days.end <= today:
        message = f"It should have been done by {days.end - timedelta(days=1)}, and is {task.state}."
        yield StructureWarning(code="task.late", task_id=task.id, message=message)


def _of_days(task: Task, whole: DateInterval | None, code: str, name: str) -> Iterator[StructureWarning]:
    days = _days(task)
    if days is not None and whole is not None and not whole.covers(days):
        yield StructureWarning(code=code, task_id=task.id, message=f"Its days do not lie within those of {name}.")


def _days(task: Task) -> DateInterval | None:
    return task.period if task.due is None else DateInterval(task.due, task.due + timedelta(days=1))


def _part(task: Task, parts: Mapping[TaskId | None, Sequence[Task]]) -> Part:
    inner = tuple(_part(one, parts) for one in sorted(parts.get(task.id, ()), key=_order))
    return Part(task=task, parts=inner, estimate_minutes=_sum(inner) if task.estimate_minutes is None else task.estimate_minutes)


def _sum(parts: Iterable[Part]) -> int | None:
    """Of what is not cancelled; nothing where nobody knows anything."""
    known = [p.estimate_minutes for p in parts if p.estimate_minutes is not None and p.task.state is not TaskState.CANCELLED]
    return sum(known) if known else None


def _order(task: Task) -> tuple[int, str, str]:
    return (task.position, task.name, task.id)


def _by_parent(tasks: Iterable[Task]) -> Mapping[TaskId | None, list[Task]]:
    found: dict[TaskId | None, list[Task]] = defaultdict(list)
    for task in tasks:
        found[task.parent_task_id].append(task)
    return found


def _above(task: Task, by_id: Mapping[TaskId, Task]) -> list[Task]:
    """The wholes that it is part of, from its own up. Raises DomainError where one of them would be part of itself."""
    found: list[Task] = []
    met = {task.id}
    current = task
    while current.parent_task_id is not None and current.parent_task_id in by_id:
        current = by_id[current.parent_task_id]
        if current.id in met:
            raise _misplaced("task.cycle", "The task would be part of itself; choose one that is not among its own parts.")
        met.add(current.id)
        found.append(current)
    return found


def _height(task: Task, parts: Mapping[TaskId | None, Sequence[Task]]) -> int:
    return 1 + max((_height(part, parts) for part in parts.get(task.id, ())), default=0)


def _can_hold(kind: TaskKind) -> str:
    holders = [holder for holder, held in HOLDERS.items() if kind in held]
    return "it can be part of a " + " or a ".join(holders)


def _misplaced(code: str, message: str) -> DomainError:
    return invalid("task", Fault(pointer=PARENT, code=code, message=message))

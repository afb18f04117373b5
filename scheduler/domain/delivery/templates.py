"""Templates: how projects of a kind are broken down, in working days from their first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.domain.delivery.structure import check_place
from scheduler.domain.delivery.tasks import ChecklistItem, Task, TaskKind
from scheduler.domain.ground.checks import Faults, duplicates
from scheduler.domain.ground.errors import DomainError, Fault
from scheduler.domain.ground.ids import ProjectId, TaskId
from scheduler.domain.ground.interval import DateInterval

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from scheduler.domain.ground.ids import SkillId, TemplateId

PARTS_MAX = 500
DAYS_MAX = 2_500
"""Most working days from a project's first: some ten years."""
_POINTERS = {
    "/parent_task_id": "/parent_key",
    "/period": "/start_day",
    "/period/end": "/length_days",
    "/due": "/due_day",
    "/text": "/checklist",
}
"""Where in a part a fault of the task that it makes comes from."""
_ANY_MONDAY = date(2001, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePart:
    """What becomes a task. Days are working days, counted from the project's first, which is day 0."""

    key: str
    """Its name within the template."""
    name: str
    kind: TaskKind = TaskKind.TASK
    parent_key: str | None = None
    start_day: int | None = None
    length_days: int | None = None
    """Of a phase or task that has a ``start_day``."""
    due_day: int | None = None
    """Of a milestone or deliverable."""
    estimate_minutes: int | None = None
    requires: Mapping[SkillId, int] = field(default_factory=dict)
    grade: str | None = None
    is_billable: bool = True
    checklist: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "key", faults.text("/key", self.key))
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "grade", faults.optional_text("/grade", self.grade))
        object.__setattr__(self, "parent_key", faults.optional_text("/parent_key", self.parent_key))
        for name, least in (("start_day", 0), ("length_days", 1), ("due_day", 0)):
            if (value := getattr(self, name)) is not None:
                faults.integer(f"/{name}", value, least=least, most=DAYS_MAX)
        if (self.start_day is None) != (self.length_days is None):
            faults.add("/length_days", "field.inconsistent", "start_day and length_days go together; give both or neither.")
        faults.raise_any("template part")

    @property
    def last_day(self) -> int:
        """The last working day that it needs; -1 where it needs none."""
        return max(-1 if self.due_day is None else self.due_day, (self.start_day or 0) + (self.length_days or 0) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectTemplate:
    """A named list of parts; those of one whole come in their order."""

    id: TemplateId
    name: str
    parts: tuple[TemplatePart, ...] = ()
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        if len(self.parts) > PARTS_MAX:
            faults.add("/parts", "list.too_long", f"A template has at most {PARTS_MAX} parts.")
        for key in duplicates(part.key for part in self.parts):
            faults.add("/parts", "template.key_taken", f"The key {key} is given twice; each part has its own.")
        faults.raise_any("project template")
        for fault in self._part_faults():
            faults.add(fault.pointer, fault.code, fault.message)
        faults.raise_any("project template")

    @property
    def days(self) -> int:
        """How many working days a project of it takes."""
        return 1 + max((part.last_day for part in self.parts), default=-1)

    def tasks(self, *, project_id: ProjectId, ids: Mapping[str, TaskId], day: Callable[[int], date]) -> tuple[Task, ...]:
        """
        The tasks of a project, wholes before their parts.

        ``ids`` has an id for each part's key; ``day`` says on which date a working day, counted from 0, is.
        """
        made = [_task(part, number, project_id=project_id, ids=ids, day=day) for number, part in enumerate(self.parts)]
        parents = {task.id: task.parent_task_id for task in made}
        return tuple(sorted(made, key=lambda task: (_depth(task.id, parents), task.position)))

    def _part_faults(self) -> list[Fault]:
        """What the tasks that it makes would find wrong with themselves, and then with their places."""
        ids = {part.key: TaskId(part.key) for part in self.parts}
        tasks: list[Task] = []
        found: list[Fault] = []
        for number, part in enumerate(self.parts):
            try:
                tasks.append(_task(part, number, project_id=ProjectId(""), ids=ids, day=lambda n: _ANY_MONDAY + timedelta(days=n)))
            except DomainError as error:
                found += _in_part(number, error)
        for task in () if found else tasks:
            try:
                check_place(task, [other for other in tasks if other is not task])
            except DomainError as error:
                found += _in_part(task.position, error)
        return found


def working_days(first: date, count: int, *, off: Collection[date]) -> tuple[date, ...]:
    """The first so many days from ``first`` on that are no Saturday, no Sunday and not ``off``."""
    found: list[date] = []
    day = first
    while len(found) < count:
        if day.weekday() < 5 and day not in off:
            found.append(day)
        day += timedelta(days=1)
    return tuple(found)


def span_of(tasks: Collection[Task]) -> DateInterval | None:
    """From the first day of any task to the last; ``None`` where none has a day."""
    days = [task.period for task in tasks if task.period is not None]
    days += [DateInterval(task.due, task.due + timedelta(days=1)) for task in tasks if task.due is not None]
    ends = [one.end for one in days if one.end is not None]
    return DateInterval(min(one.start for one in days), max(ends)) if ends else None


def _task(part: TemplatePart, number: int, *, project_id: ProjectId, ids: Mapping[str, TaskId], day: Callable[[int], date]) -> Task:
    period = None
    if part.start_day is not None and part.length_days is not None:
        period = DateInterval(day(part.start_day), day(part.start_day + part.length_days - 1) + timedelta(days=1))
    return Task(
        id=ids[part.key],
        project_id=project_id,
        name=part.name,
        kind=part.kind,
        parent_task_id=None if part.parent_key is None else ids.get(part.parent_key, TaskId("")),
        position=number,
        period=period,
        due=None if part.due_day is None else day(part.due_day),
        estimate_minutes=part.estimate_minutes,
        requires=part.requires,
        grade=part.grade,
        is_billable=part.is_billable,
        checklist=tuple(ChecklistItem(text=text) for text in part.checklist),
    )


def _depth(task: TaskId, parents: Mapping[TaskId, TaskId | None]) -> int:
    depth = 0
    while (parent := parents[task]) is not None:
        task, depth = parent, depth + 1
    return depth


def _in_part(number: int, error: DomainError) -> Iterator[Fault]:
    return (replace(fault, pointer=f"/parts/{number}{_POINTERS.get(fault.pointer, fault.pointer)}") for fault in error.faults)

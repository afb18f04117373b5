"""Tasks: what a project is made of. Phases hold tasks; milestones and deliverables are due on a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from scheduler.domain.ground.ids import PersonId, ProjectId, SkillId, TaskId
    from scheduler.domain.ground.interval import DateInterval

ESTIMATE_MAX = 100_000_000
CHECKLIST_MAX = 200
POSITION_MAX = 1_000_000


class TaskKind(StrEnum):
    """What sort of part of a project it is."""

    PHASE = "phase"
    TASK = "task"
    MILESTONE = "milestone"
    """A day on which something must have been reached; nobody works on it."""
    DELIVERABLE = "deliverable"
    """Something the client gets, on a day."""


class TaskState(StrEnum):
    """How far it is."""

    PLANNED = "planned"
    ACTIVE = "active"
    DONE = "done"
    CANCELLED = "cancelled"


STEPS: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.PLANNED: frozenset({TaskState.ACTIVE, TaskState.DONE, TaskState.CANCELLED}),
    TaskState.ACTIVE: frozenset({TaskState.PLANNED, TaskState.DONE, TaskState.CANCELLED}),
    TaskState.DONE: frozenset({TaskState.ACTIVE}),
    TaskState.CANCELLED: frozenset({TaskState.PLANNED}),
}
"""The states that may follow each: what is done can be taken up again, what is cancelled planned again."""

OPEN_STATES = frozenset({TaskState.PLANNED, TaskState.ACTIVE})
DUE_KINDS = frozenset({TaskKind.MILESTONE, TaskKind.DELIVERABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """One thing to be ticked off."""

    text: str
    is_done: bool = False

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "text", faults.text("/text", self.text))
        faults.raise_any("checklist item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A part of a project, perhaps part of another one."""

    id: TaskId
    project_id: ProjectId
    name: str
    kind: TaskKind = TaskKind.TASK
    parent_task_id: TaskId | None = None
    position: int = 0
    """Its place among the parts of the same whole, ascending."""
    period: DateInterval | None = None
    """When a phase or task is worked on."""
    due: date | None = None
    """The day of a milestone or deliverable."""
    owner_id: PersonId | None = None
    state: TaskState = TaskState.PLANNED
    estimate_minutes: int | None = None
    """Work it is thought to take; of a phase without one, the sum of its parts'."""
    progress_percent: int | None = None
    """How much of it is done, as its owner says; what is done in state is 100."""
    requires: Mapping[SkillId, int] = field(default_factory=dict)
    """Least level by skill, and ``grade``: who could do it; the demand that follows from it asks for them."""
    grade: str | None = None
    is_billable: bool = True
    checklist: tuple[ChecklistItem, ...] = ()
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        faults.integer("/position", self.position, least=0, most=POSITION_MAX)
        if self.estimate_minutes is not None:
            faults.integer("/estimate_minutes", self.estimate_minutes, least=0, most=ESTIMATE_MAX)
        object.__setattr__(self, "grade", faults.optional_text("/grade", self.grade))
        if self.progress_percent is not None:
            faults.integer("/progress_percent", self.progress_percent, least=0, most=100)
        for skill, level in self.requires.items():
            faults.integer(f"/requires/{skill}", level, least=1, most=5)
        if len(self.checklist) > CHECKLIST_MAX:
            faults.add("/checklist", "list.too_long", f"A checklist has at most {CHECKLIST_MAX} items; make parts of the task instead.")
        self._check_days(faults)
        faults.raise_any("task")

    def _check_days(self, faults: Faults) -> None:
        if self.kind in DUE_KINDS:
            if self.period is not None:
                faults.add("/period", "task.has_due", f"A {self.kind} is due on a day; give due and no period.")
        elif self.due is not None:
            faults.add("/due", "task.has_period", f"A {self.kind} has a period; only milestones and deliverables are due on a day.")
        if self.period is not None and self.period.end is None:
            faults.add("/period/end", "task.open_ended", "The period of a task needs an end; say until when.")
        if self.kind is TaskKind.MILESTONE and self.estimate_minutes is not None:
            faults.add("/estimate_minutes", "task.milestone_estimate", "Nobody works on a milestone; put the estimate on a task before it.")

    @property
    def done_percent(self) -> int:
        """How much of it is done."""
        return 100 if self.state is TaskState.DONE else self.progress_percent or 0

    @property
    def is_open(self) -> bool:
        """Whether something of it is still to be done."""
        return self.state in OPEN_STATES


def check_step(before: Task, after: Task) -> None:
    """Its state goes a step that there is. Raises DomainError ``task.illegal_step``."""
    if before.state is not after.state and after.state not in STEPS[before.state]:
        allowed = ", ".join(sorted(STEPS[before.state]))
        raise DomainError(
            ErrorKind.CONFLICT,
            "task.illegal_step",
            f"The task is {before.state}; from there it can only become {allowed}.",
            facts={"state": before.state.value, "allowed": sorted(STEPS[before.state])},
        )

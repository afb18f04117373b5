"""Tasks, the tree that they make of a project, and templates of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from api.schemas.fields import Clean, Day, Flag, Id, Integer, Minutes, Name, Part, RecordWrite, Schema, WriteSchema
from api.schemas.lists import NamedList, Word
from api.schemas.people import Period
from api.schemas.work import ProjectWrite
from scheduler.domain.delivery.tasks import CHECKLIST_MAX, POSITION_MAX, ChecklistItem, Task, TaskKind, TaskState
from scheduler.domain.delivery.templates import DAYS_MAX, PARTS_MAX, ProjectTemplate, TemplatePart
from scheduler.domain.ground.ids import PersonId, ProjectId, SkillId, TaskId, TemplateId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.delivery.structure import Part as TreePart
    from scheduler.queries.structure import ProjectStructure


class ChecklistItemShape(Part):
    """One thing to be ticked off."""

    text: Name
    is_done: Flag = False

    def to_value(self) -> ChecklistItem:
        """As the domain knows it."""
        return ChecklistItem(text=self.text, is_done=self.is_done)


class TaskWrite(RecordWrite):
    """A part of a project: a phase, task, milestone or deliverable."""

    project_id: Id
    name: Name
    kind: TaskKind = TaskKind.TASK
    parent_task_id: Annotated[Id | None, Field(description="The task of the same project that it is a part of.")] = None
    position: Annotated[Integer, Field(ge=0, le=POSITION_MAX, description="Its place among the parts of the same whole.")] = 0
    period: Annotated[Period | None, Field(description="When a phase or task is worked on.")] = None
    due: Annotated[Day | None, Field(description="The day of a milestone or deliverable.")] = None
    owner_id: Id | None = None
    state: TaskState = TaskState.PLANNED
    estimate_minutes: Annotated[Minutes | None, Field(description="Work it is thought to take; null: the sum of its parts'.")] = None
    progress_percent: Annotated[Integer | None, Field(ge=0, le=100, description="How much is done, as its owner says.")] = None
    requires: Annotated[
        dict[Id, Annotated[Integer, Field(ge=1, le=5)]],
        Field(max_length=200, default_factory=dict, description="Least level by skill id: who could do it."),
    ]
    grade: Name | None = None
    is_billable: Flag = True
    checklist: Annotated[list[ChecklistItemShape], Field(max_length=CHECKLIST_MAX)] = Field(default_factory=list)
    external_id: Clean | None = None

    def to_value(self, *, own_id: str, version: int) -> Task:
        """As the domain knows it."""
        return Task(
            id=TaskId(own_id),
            version=version,
            project_id=ProjectId(self.project_id),
            name=self.name,
            kind=self.kind,
            parent_task_id=None if self.parent_task_id is None else TaskId(self.parent_task_id),
            position=self.position,
            period=None if self.period is None else self.period.to_value(),
            due=self.due,
            owner_id=None if self.owner_id is None else PersonId(self.owner_id),
            state=self.state,
            estimate_minutes=self.estimate_minutes,
            progress_percent=self.progress_percent,
            requires={SkillId(skill): level for skill, level in self.requires.items()},
            grade=self.grade,
            is_billable=self.is_billable,
            checklist=tuple(item.to_value() for item in self.checklist),
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: Task) -> Self:
        """What a caller would send."""
        given: dict[str, Any] = {name: getattr(value, name) for name in cls.model_fields if name not in ("period", "checklist", "requires")}
        given["requires"] = dict(value.requires)
        items = [ChecklistItemShape.model_construct(text=item.text, is_done=item.is_done) for item in value.checklist]
        return cls.model_construct(**given, period=None if value.period is None else Period.of(value.period), checklist=items)


class TemplatePartShape(Part):
    """What becomes a task. Days are working days, counted from the project's first, which is day 0."""

    key: Annotated[Name, Field(description="Its name within the template.")]
    name: Name
    kind: TaskKind = TaskKind.TASK
    parent_key: Annotated[Name | None, Field(description="The key of the part that it is a part of.")] = None
    start_day: Annotated[Integer | None, Field(ge=0, le=DAYS_MAX)] = None
    length_days: Annotated[Integer | None, Field(ge=1, le=DAYS_MAX, description="Goes with `start_day`.")] = None
    due_day: Annotated[Integer | None, Field(ge=0, le=DAYS_MAX, description="Of a milestone or deliverable.")] = None
    estimate_minutes: Minutes | None = None
    requires: Annotated[dict[Id, Annotated[Integer, Field(ge=1, le=5)]], Field(max_length=200, default_factory=dict)]
    grade: Name | None = None
    is_billable: Flag = True
    checklist: Annotated[list[Name], Field(max_length=CHECKLIST_MAX)] = Field(default_factory=list)

    def to_value(self) -> TemplatePart:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name not in ("checklist", "requires")}
        requires = {SkillId(skill): level for skill, level in self.requires.items()}
        return TemplatePart(**given, checklist=tuple(self.checklist), requires=requires)

    @classmethod
    def of(cls, value: TemplatePart) -> Self:
        """What a caller would send."""
        given: dict[str, Any] = {name: getattr(value, name) for name in cls.model_fields if name not in ("checklist", "requires")}
        return cls.model_construct(**given, checklist=list(value.checklist), requires=dict(value.requires))


class ProjectTemplateWrite(RecordWrite):
    """How projects of a kind are broken down; parts of one whole come in their order."""

    name: Name
    parts: Annotated[list[TemplatePartShape], Field(max_length=PARTS_MAX)] = Field(default_factory=list)
    external_id: Clean | None = None

    def to_value(self, *, own_id: str, version: int) -> ProjectTemplate:
        """As the domain knows it."""
        parts = tuple(part.to_value() for part in self.parts)
        return ProjectTemplate(id=TemplateId(own_id), version=version, name=self.name, parts=parts, external_id=self.external_id)

    @classmethod
    def of(cls, value: ProjectTemplate) -> Self:
        """What a caller would send."""
        parts = [TemplatePartShape.of(part) for part in value.parts]
        return cls.model_construct(name=value.name, parts=parts, external_id=value.external_id)


class ProjectTemplateList(NamedList):
    """Project templates."""


class ProjectFromTemplateWrite(WriteSchema):
    """A new project with the tasks of a template."""

    project: ProjectWrite
    first_day: Annotated[Day, Field(description="The project begins on the first working day from here on.")]
    calendar_id: Annotated[Id | None, Field(description="Whose days off are no working days; null: every Monday to Friday is one.")] = None


class TaskList(NamedList):
    """Tasks."""

    project_id: Word | None = None
    parent_task_id: Word | None = None
    owner_id: Word | None = None
    kind: TaskKind | None = None
    state: TaskState | None = None


class StructureWarningRead(Schema):
    """
    Something that may be meant so, and probably is not.

    Codes: `task.outside_project`, `task.outside_parent`, `task.late`, `task.parts_exceed_estimate`, `task.done_with_open_parts`,
    `task.done_with_open_checklist`.
    """

    code: str
    task_id: Id
    message: str


class StructurePartRead(Schema):
    """A task in the tree, before its parts."""

    task_id: Id
    depth: Annotated[Integer, Field(ge=0, description="0 at the top.")]
    parent_task_id: Id | None
    name: str
    kind: TaskKind
    state: TaskState
    period: Period | None
    due: Day | None
    owner_id: Id | None
    estimate_minutes: Annotated[Integer | None, Field(description="Its own, or else the sum of its parts'.")]
    checklist_done: Integer
    checklist_count: Integer


class ProjectStructureRead(Schema):
    """A project's tasks from the top down, each before its parts, and what does not add up."""

    parts: list[StructurePartRead]
    warnings: list[StructureWarningRead]


def shown_structure(found: ProjectStructure) -> ProjectStructureRead:
    """The tree as a list, parts indented under their whole."""
    said = [StructureWarningRead(code=one.code, task_id=one.task_id, message=one.message) for one in found.warnings]
    return ProjectStructureRead.model_construct(parts=_rows(found.parts, 0), warnings=said)


def _rows(parts: Sequence[TreePart], depth: int) -> list[StructurePartRead]:
    rows = []
    for part in parts:
        task = part.task
        rows.append(
            StructurePartRead.model_construct(
                task_id=task.id,
                depth=depth,
                parent_task_id=task.parent_task_id,
                name=task.name,
                kind=task.kind,
                state=task.state,
                period=None if task.period is None else Period.of(task.period),
                due=task.due,
                owner_id=task.owner_id,
                estimate_minutes=part.estimate_minutes,
                checklist_done=sum(item.is_done for item in task.checklist),
                checklist_count=len(task.checklist),
            )
        )
        rows.extend(_rows(part.parts, depth + 1))
    return rows

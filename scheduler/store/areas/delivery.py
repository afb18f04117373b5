"""How tasks and project templates are stored."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.tasks import ChecklistItem, Task, TaskKind, TaskState
from scheduler.domain.delivery.templates import ProjectTemplate, TemplatePart
from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.interval import DateInterval
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.areas.people import BY_NAME, NAMED
from scheduler.store.tables.delivery import PROJECT_TEMPLATES, TASK_CHECKLIST, TASK_REQUIRES, TASKS, TEMPLATE_PART_REQUIRES, TEMPLATE_PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _task_row(task: Task) -> dict[str, Any]:
    start, end = (None, None) if task.period is None else (task.period.start, task.period.end)
    return plain(task, TASKS, name_key=name_key(task.name), period_start=start, period_end=end)


def _task_children(task: Task) -> Mapping[str, Iterable[dict[str, Any]]]:
    return {
        TASK_CHECKLIST.name: [plain(item, TASK_CHECKLIST, position=number) for number, item in enumerate(task.checklist)],
        TASK_REQUIRES.name: [{"skill_id": skill, "level": level} for skill, level in task.requires.items()],
    }


def _task(row: Row, children: ChildRows) -> Task:
    period = None if row["period_start"] is None else DateInterval(row["period_start"], row["period_end"])
    checklist = tuple(built(ChecklistItem, item) for item in children[TASK_CHECKLIST.name])
    requires = {skill["skill_id"]: skill["level"] for skill in children[TASK_REQUIRES.name]}
    return built(Task, row, period=period, checklist=checklist, requires=requires)


TASK_AREA: Area[Task] = Area(
    name="tasks",
    one="task",
    table=TASKS,
    to_row=_task_row,
    to_children=_task_children,
    from_row=_task,
    children=(
        Child(table=TASK_CHECKLIST, pointer=lambda number, _row: f"/checklist/{number}"),
        Child(table=TASK_REQUIRES, pointer=lambda _number, row: f"/requires/{row['skill_id']}"),
    ),
    sorts={**BY_NAME, "position": "position"},
    filters={
        **NAMED,
        "project_id": Filter(kind=FilterKind.EQUALS, column="project_id"),
        "parent_task_id": Filter(kind=FilterKind.EQUALS, column="parent_task_id"),
        "owner_id": Filter(kind=FilterKind.EQUALS, column="owner_id"),
        "kind": Filter(kind=FilterKind.EQUALS, column="kind", choices=TaskKind),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=TaskState),
    },
)


def _template_children(template: ProjectTemplate) -> Mapping[str, Iterable[dict[str, Any]]]:
    parts = list(enumerate(template.parts))
    return {
        TEMPLATE_PARTS.name: [plain(part, TEMPLATE_PARTS, position=number, checklist=list(part.checklist)) for number, part in parts],
        TEMPLATE_PART_REQUIRES.name: [
            {"position": number, "skill_id": skill, "level": level} for number, part in parts for skill, level in part.requires.items()
        ],
    }


def _template(row: Row, children: ChildRows) -> ProjectTemplate:
    requires: dict[int, dict[Any, int]] = defaultdict(dict)
    for one in children[TEMPLATE_PART_REQUIRES.name]:
        requires[one["position"]][one["skill_id"]] = one["level"]
    parts = tuple(
        built(TemplatePart, part, checklist=tuple(part["checklist"]), requires=requires[part["position"]])
        for part in children[TEMPLATE_PARTS.name]
    )
    return built(ProjectTemplate, row, parts=parts)


PROJECT_TEMPLATE_AREA: Area[ProjectTemplate] = Area(
    name="project_templates",
    one="project template",
    table=PROJECT_TEMPLATES,
    to_row=lambda template: plain(template, PROJECT_TEMPLATES, name_key=name_key(template.name)),
    to_children=_template_children,
    from_row=_template,
    children=(
        Child(table=TEMPLATE_PARTS, pointer=lambda number, _row: f"/parts/{number}"),
        Child(table=TEMPLATE_PART_REQUIRES, pointer=lambda _number, row: f"/parts/{row['position']}/requires/{row['skill_id']}"),
    ),
    sorts=BY_NAME,
    filters=NAMED,
)

"""Tables of delivery: the tasks that projects are broken down into, and templates of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, SmallInteger

from scheduler.domain.delivery.tasks import TaskKind, TaskState
from scheduler.store.columns import Choice, Id, JsonText, Key, Name
from scheduler.store.tables.base import at_least, child, head, reference
from scheduler.store.tables.people import PEOPLE, SKILLS
from scheduler.store.tables.work import PROJECTS

TASKS = head(
    "tasks",
    reference("project_id", PROJECTS),
    Column("parent_task_id", Id, ForeignKey("tasks.id"), nullable=True, index=True),
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False, index=True),
    Column("kind", Choice(TaskKind), nullable=False),
    Column("position", Integer, nullable=False),
    Column("period_start", Date),
    Column("period_end", Date),
    Column("due", Date),
    reference("owner_id", PEOPLE, nullable=True),
    Column("state", Choice(TaskState), nullable=False),
    Column("estimate_minutes", BigInteger),
    Column("progress_percent", SmallInteger),
    Column("grade", Name),
    Column("is_billable", Boolean(create_constraint=False), nullable=False),
    at_least("position", 0),
)

TASK_REQUIRES = child(
    "task_requires",
    TASKS,
    reference("skill_id", SKILLS, primary_key=True),
    Column("level", SmallInteger, nullable=False),
    at_least("level", 1),
)

PROJECT_TEMPLATES = head(
    "project_templates",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    Index("uq_project_templates_name_key", "name_key", unique=True),
)

TEMPLATE_PARTS = child(
    "template_parts",
    PROJECT_TEMPLATES,
    Column("position", SmallInteger, primary_key=True),
    Column("key", Name, nullable=False),
    Column("name", Name, nullable=False),
    Column("kind", Choice(TaskKind), nullable=False),
    Column("parent_key", Name),
    Column("start_day", Integer),
    Column("length_days", Integer),
    Column("due_day", Integer),
    Column("estimate_minutes", BigInteger),
    Column("grade", Name),
    Column("is_billable", Boolean(create_constraint=False), nullable=False),
    Column("checklist", JsonText, nullable=False),
)

TEMPLATE_PART_REQUIRES = child(
    "template_part_requires",
    PROJECT_TEMPLATES,
    Column("position", SmallInteger, primary_key=True),
    reference("skill_id", SKILLS, primary_key=True),
    Column("level", SmallInteger, nullable=False),
)

TASK_CHECKLIST = child(
    "task_checklist",
    TASKS,
    Column("position", SmallInteger, primary_key=True),
    Column("text", Name, nullable=False),
    Column("is_done", Boolean(create_constraint=False), nullable=False),
)

"""Tables of delivery: the tasks that projects are broken down into."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Integer, SmallInteger

from scheduler.domain.delivery.tasks import TaskKind, TaskState
from scheduler.store.columns import Choice, Id, Key, Name
from scheduler.store.tables.base import at_least, child, head, reference
from scheduler.store.tables.people import PEOPLE
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
    Column("is_billable", Boolean(create_constraint=False), nullable=False),
    at_least("position", 0),
)

TASK_CHECKLIST = child(
    "task_checklist",
    TASKS,
    Column("position", SmallInteger, primary_key=True),
    Column("text", Name, nullable=False),
    Column("is_done", Boolean(create_constraint=False), nullable=False),
)

"""Tables of worked time: entries, the sorts of work they name, the policies they keep, running timers, and reminders."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_policies import RuleKind, Severity
from scheduler.store.columns import Choice, Id, Key, Name, UtcDateTime
from scheduler.store.tables.base import METADATA, at_least, child, head, reference
from scheduler.store.tables.delivery import TASKS
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.work import DEMANDS, PROJECTS

ACTIVITY_TYPES = head(
    "activity_types",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("is_billable", Boolean(create_constraint=False), nullable=False),
    Column("is_active", Boolean(create_constraint=False), nullable=False),
    Index("uq_activity_types_name_key", "name_key", unique=True),
)

TIME_ENTRIES = head(
    "time_entries",
    Column("person_id", Id, ForeignKey(PEOPLE.c.id), nullable=False),
    Column("project_id", Id, ForeignKey(PROJECTS.c.id), nullable=False),
    reference("task_id", TASKS, nullable=True),
    reference("demand_id", DEMANDS, nullable=True),
    # No reference: the booking may go, and what was worked stays.
    Column("booking_id", Id),
    Column("work_date", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("zone", String(64)),
    reference("activity_type_id", ACTIVITY_TYPES, nullable=True),
    Column("ticket_ref", Name),
    Column("note", Text),
    Column("is_billable", Boolean(create_constraint=False), nullable=False),
    Column("state", Choice(LineState), nullable=False),
    at_least("minutes", 1),
    # A person's week, a project's period, all that waits for approval, and the list of all by day.
    Index("ix_time_entries_person_day", "person_id", "work_date", "id"),
    Index("ix_time_entries_project_day", "project_id", "state", "work_date", "id"),
    Index("ix_time_entries_state_day", "state", "work_date", "id"),
    Index("ix_time_entries_day", "work_date", "id"),
)

TIME_POLICIES = head(
    "time_policies",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    reference("project_id", PROJECTS, nullable=True),
    Column("team", Name),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("remind_after_days", SmallInteger),
    Index("uq_time_policies_name_key", "name_key", unique=True),
)

TIME_POLICY_RULES = child(
    "time_policy_rules",
    TIME_POLICIES,
    Column("kind", Choice(RuleKind), primary_key=True),
    Column("severity", Choice(Severity), nullable=False),
    Column("figure", Integer),
)

RUNNING_TIMERS = Table(
    "running_timers",
    METADATA,
    Column("person_id", Id, ForeignKey(PEOPLE.c.id), primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("zone", String(64), nullable=False),
    reference("project_id", PROJECTS),
    reference("task_id", TASKS, nullable=True),
    reference("demand_id", DEMANDS, nullable=True),
    reference("activity_type_id", ACTIVITY_TYPES, nullable=True),
    Column("ticket_ref", Name),
    Column("note", Text),
    Column("is_billable", Boolean(create_constraint=False), nullable=False),
)
"""Work that goes on; the person is the key, so nobody works twice at once."""

TIME_REMINDERS = Table(
    "time_reminders",
    METADATA,
    Column("person_id", Id, ForeignKey(PEOPLE.c.id, ondelete="CASCADE"), primary_key=True),
    Column("week", Date, primary_key=True),
    Column("missing_min", Integer, nullable=False),
    Column("reminded_at", UtcDateTime, nullable=False),
)
"""Who was reminded of time that is missing in which week: once each."""

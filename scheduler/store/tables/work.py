"""Tables of work: clients, projects, demands, bookings, and the firm's settings."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, SmallInteger, String, Table, false

from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState
from scheduler.store.columns import Choice, Id, Key, Name, Scaled
from scheduler.store.tables.base import METADATA, at_least, child, head, reference
from scheduler.store.tables.people import PEOPLE, SKILLS
from scheduler.store.tables.plans import PLANS

FIRM = head(
    "firm_settings",
    Column("name", Name, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("shadow_rate", Scaled, nullable=False),
)

CLIENTS = head(
    "clients",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    Index("uq_clients_name_key", "name_key", unique=True),
)

PROJECTS = head(
    "projects",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False, index=True),
    reference("client_id", CLIENTS, nullable=True),
    Column("state", Choice(ProjectState), nullable=False),
    Column("probability", Scaled, nullable=False),
    Column("priority", Scaled, nullable=False),
    Column("contract", Choice(ContractKind), nullable=False),
    Column("contract_value_minor", BigInteger),
    Column("planned_minutes", BigInteger),
    Column("budget_minutes", BigInteger),
    Column("budget_minor", BigInteger),
    Column("period_start", Date),
    Column("period_end", Date),
    Column("all_or_nothing", Boolean(create_constraint=False), nullable=False),
    Column("shift_earliest", SmallInteger),
    Column("shift_latest", SmallInteger),
    # No reference: the template may go, and what was made from it stays.
    Column("template_id", Id),
    Column("template_version", Integer),
)

PROJECT_GROUPS = child(
    "project_groups",
    PROJECTS,
    Column("kind", String(10), primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    reference("person_id", PEOPLE, primary_key=True),
)

DEMANDS = head(
    "demands",
    reference("project_id", PROJECTS),
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False, index=True),
    Column("overqualified_cost", Scaled, nullable=False),
    Column("grade", Name),
    Column("bill_rate", Scaled),
    Column("any_location", Boolean(create_constraint=False), nullable=False),
    Column("max_people", Integer, nullable=False),
    Column("min_run_weeks", SmallInteger),
    Column("min_coverage", Scaled, nullable=False),
    Column("shift_earliest", SmallInteger, nullable=False),
    Column("shift_latest", SmallInteger, nullable=False),
    Column("anybody", Boolean(create_constraint=False), nullable=False),
    # No reference: the task may go, and its demand stays.
    Column("task_id", Id),
    Column("derived_sha256", String(64)),
    Index("uq_demands_task_id", "task_id", unique=True),
    at_least("max_people", 1),
)

DEMAND_EFFORT = child(
    "demand_effort",
    DEMANDS,
    Column("week", Date, primary_key=True),
    Column("minutes", Integer, nullable=False),
    at_least("minutes", 0),
)

CARRIED_EFFORT = Table(
    "carried_effort",
    METADATA,
    Column("demand_id", Id, ForeignKey(DEMANDS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("counts_from", Date),
    Column("minutes", BigInteger, nullable=False),
)
"""What of a demand's coming weeks comes from time that was recorded of it, so that it counts once."""

DEMAND_REQUIRES = child(
    "demand_requires",
    DEMANDS,
    reference("skill_id", SKILLS, primary_key=True),
    Column("level", SmallInteger, nullable=False),
    at_least("level", 1),
)

DEMAND_PREFERS = child(
    "demand_prefers",
    DEMANDS,
    reference("skill_id", SKILLS, primary_key=True),
    Column("bonus", Scaled, nullable=False),
)

DEMAND_LOCATIONS = child("demand_locations", DEMANDS, Column("location", Name, primary_key=True))

DEMAND_SHARES = child(
    "demand_shares",
    DEMANDS,
    Column("position", SmallInteger, primary_key=True),
    Column("share", Scaled, nullable=False),
)

DEMAND_PEOPLE = child(
    "demand_people",
    DEMANDS,
    Column("kind", String(10), primary_key=True),
    reference("person_id", PEOPLE, primary_key=True),
)

BOOKINGS = head(
    "bookings",
    reference("person_id", PEOPLE),
    reference("project_id", PROJECTS),
    reference("demand_id", DEMANDS, nullable=True),
    Column("period_start", Date, nullable=False, index=True),
    Column("period_end", Date, nullable=False),
    Column("share", Scaled),
    Column("shift_weeks", SmallInteger, nullable=False),
    Column("weekly_minutes", Integer),
    Column("state", Choice(BookingState), nullable=False),
    Column("plan_id", Id, ForeignKey(PLANS.c.id), index=True),
    Column("over_capacity", Boolean(create_constraint=False), nullable=False, server_default=false()),
)

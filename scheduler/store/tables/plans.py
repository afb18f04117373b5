"""Tables of what the installation does rather than knows: plans, answers given once, and the recording clock."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, LargeBinary, String, Table

from scheduler.domain.staffing.plans import PlanState
from scheduler.store.columns import Choice, Id, JsonText, Key, Name, UtcDateTime
from scheduler.store.tables.base import METADATA

PLANS = Table(
    "plans",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Choice(PlanState), nullable=False, index=True),
    Column("request", JsonText, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("cancel_requested", Boolean(create_constraint=False), nullable=False),
    Column("progress_seconds", Float),
    # Amounts in minor units x 60 of a large firm may pass 64 bits in a bound: kept as text.
    Column("progress_objective_x60", String(60)),
    Column("progress_bound_x60", String(60)),
    Column("progress_gap", Float),
    Column("result", JsonText),
    Column("failure_code", Name),
    Column("failure_detail", JsonText),
    Column("applied_at", UtcDateTime),
    Column("applied_by", Id),
    Column("applied_changes", JsonText),
    # No foreign key: a scenario may be thrown away, and its plans stay.
    Column("scenario_id", Id, index=True),
)

PLAN_PROBLEMS = Table(
    "plan_problems",
    METADATA,
    Column("plan_id", Id, ForeignKey(PLANS.c.id), primary_key=True),
    Column("problem", JsonText, nullable=False),
    Column("row_versions", JsonText, nullable=False),
    Column("statements", JsonText, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)

IDEMPOTENCY_RECORDS = Table(
    "idempotency_records",
    METADATA,
    Column("actor_id", Id, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("route", Name, nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("standing_sha256", String(64), nullable=False, server_default=""),
    Column("status", Integer),
    Column("headers", JsonText),
    Column("body", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

RECORDING_CLOCK = Table(
    "recording_clock",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)
"""One row: when the last change was recorded. Its lock puts all changes in one order, whatever the machine's clock does."""

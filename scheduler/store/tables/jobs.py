"""Tables of the work in the background: jobs, the workers that do them, and problems that were sent in to be solved."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table

from scheduler.domain.ground.jobs import JobState
from scheduler.domain.ground.webhooks import DeliveryState, EventType
from scheduler.store.columns import Choice, Id, JsonText, Name, UtcDateTime, key_type
from scheduler.store.tables.access import USERS
from scheduler.store.tables.base import METADATA
from scheduler.store.tables.people import PEOPLE

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("target_id", Id, nullable=False),
    # While it is open: what is wanted twice at once is one job.
    Column("open_target", key_type(120)),
    Column("state", Choice(JobState), nullable=False, index=True),
    Column("actor_id", Id, nullable=False, index=True),
    Column("request_id", Id),
    Column("run_id", Id, nullable=False),
    Column("worker_id", Id),
    Column("attempts", Integer, nullable=False),
    Column("cancel_requested", Boolean(create_constraint=False), nullable=False),
    Column("progress_seconds", Float),
    Column("progress_gap", Float),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime, index=True),
    Column("failure_code", Name),
    Column("failure_detail", JsonText),
    Index("uq_jobs_open_target", "open_target", unique=True),
    Index("uq_jobs_run_id", "run_id", unique=True),
    Index("ix_jobs_target", "kind", "target_id"),
)

WORKERS = Table(
    "workers",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("place", Id, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Float, nullable=False),
    Column("beats", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
)
"""Who works. ``beats`` goes up while a worker lives; ``place`` says on which machine its process number means something."""

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("url", String(2000), nullable=False),
    Column("events", JsonText, nullable=False),
    Column("secret", String(200), nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("is_active", Boolean(create_constraint=False), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

DELIVERIES = Table(
    "webhook_deliveries",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("webhook_id", Id, ForeignKey(WEBHOOKS.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("event_type", Choice(EventType), nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("state", Choice(DeliveryState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("delivered_at", UtcDateTime),
    Column("last_result", Name),
    Index("ix_webhook_deliveries_due", "state", "next_at"),
)
"""The outbox: one message for each subscriber, written in the transaction of what it tells."""

MAILS = Table(
    "mails",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey(PEOPLE.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("event_type", Choice(EventType), nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("state", Choice(DeliveryState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("delivered_at", UtcDateTime),
    Column("last_result", Name),
    Index("ix_mails_due", "state", "next_at"),
)
"""The outbox of e-mail; no address is kept in it."""

MAIL_WISHES = Table(
    "mail_wishes",
    METADATA,
    Column("user_id", Id, ForeignKey(USERS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("events", JsonText, nullable=False),
)
"""What users want to hear of by mail."""

SOLVES = Table(
    "solves",
    METADATA,
    Column("id", Id, ForeignKey(JOBS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("problem", JsonText, nullable=False),
    Column("limits", JsonText, nullable=False),
    Column("result", JsonText),
)
"""Problems that were sent in, and what came out; the id is the job's."""

SWEEPS = Table(
    "sweeps",
    METADATA,
    Column("id", Id, ForeignKey(JOBS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("request", JsonText, nullable=False),
    Column("result", JsonText),
)
"""Series of what-if plans, and what they say; the id is the job's."""

"""Jobs, the workers that do them, problems that were sent in, and webhooks with their outbox. Plans that are open get their job when a worker next starts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    op.create_table(
        "jobs",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("target_id", key_type(64), nullable=False),
        sa.Column("open_target", key_type(120), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("actor_id", key_type(64), nullable=False),
        sa.Column("request_id", key_type(64), nullable=True),
        sa.Column("run_id", key_type(64), nullable=False),
        sa.Column("worker_id", key_type(64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("progress_seconds", sa.Float(), nullable=True),
        sa.Column("progress_gap", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_code", sa.String(length=400), nullable=True),
        sa.Column("failure_detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    for column in ("state", "actor_id", "created_at", "finished_at"):
        op.create_index(op.f(f"ix_jobs_{column}"), "jobs", [column])
    for column in ("open_target", "run_id"):
        op.create_index(op.f(f"uq_jobs_{column}"), "jobs", [column], unique=True)
    op.create_index(op.f("ix_jobs_target"), "jobs", ["kind", "target_id"])
    op.create_table(
        "workers",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("place", key_type(64), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_started", sa.Float(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "solves",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["jobs.id"], name=op.f("fk_solves_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solves")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("actor_id", key_type(64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("webhook_id", key_type(64), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_result", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id_webhooks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    for column in ("webhook_id", "created_at"):
        op.create_index(op.f(f"ix_webhook_deliveries_{column}"), "webhook_deliveries", [column])
    op.create_index(op.f("ix_webhook_deliveries_due"), "webhook_deliveries", ["state", "next_at"])

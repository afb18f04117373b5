"""E-mail beside webhooks: its outbox, what users want to hear of, and when a change set was found to have expired."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    op.create_table(
        "mails",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("event_type", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_result", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mails_person_id_people"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    for column in ("person_id", "created_at"):
        op.create_index(op.f(f"ix_mails_{column}"), "mails", [column])
    op.create_index(op.f("ix_mails_due"), "mails", ["state", "next_at"])
    op.create_table(
        "mail_wishes",
        sa.Column("user_id", key_type(64), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_wishes_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mail_wishes")),
    )
    for table in ("change_sets", "change_sets_versions"):
        op.add_column(table, sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True))

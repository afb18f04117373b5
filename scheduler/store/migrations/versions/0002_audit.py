"""The audit: a chain of records that is only ever added to, and the keys of what is sealed in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_GUARDED = ("audit_records", "audit_changes")
_REFUSAL = "audit records are never changed or removed"


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    _create_tables()
    op.execute(f"INSERT INTO audit_head (id, position, hash) VALUES (1, 0, '{'0' * 64}')")
    if op.get_context().dialect.name == "postgresql":
        _guard_on_postgresql()
    else:
        _guard_on_sqlite()


def _create_tables() -> None:
    op.create_table(
        "audit_records",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", key_type(64), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("user_agent", sa.String(length=400), nullable=True),
        sa.Column("request_id", key_type(64), nullable=True),
        sa.Column("plan_id", key_type(64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_records")),
    )
    for column in ("recorded_at", "actor_id", "request_id", "plan_id"):
        op.create_index(op.f(f"ix_audit_records_{column}"), "audit_records", [column])
    op.create_table(
        "audit_changes",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("row_id", key_type(64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", key_type(64), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["audit_records.position"], name=op.f("fk_audit_changes_position_audit_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_changes")),
    )
    for column in ("position", "person_id"):
        op.create_index(op.f(f"ix_audit_changes_{column}"), "audit_changes", [column])
    op.create_index("ix_audit_changes_row_id_area", "audit_changes", ["row_id", "area"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "person_keys",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_keys")),
        sa.UniqueConstraint("person_id", name=op.f("uq_person_keys_person_id")),
    )


def _guard_on_sqlite() -> None:
    keys = {"audit_records": "position", "audit_changes": "id"}
    for table in _GUARDED:
        for event in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")
        # INSERT OR REPLACE removes a row without asking the trigger above.
        key = keys[table]
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION muster_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    for table in _GUARDED:
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION muster_refuse_audit_change()"
        )

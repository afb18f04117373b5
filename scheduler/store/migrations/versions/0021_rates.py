"""Bill rates of clients, activities and currencies, and exchange rates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    for name, target in (("client_id", "clients"), ("activity_type_id", "activity_types")):
        _add_reference("bill_rates", name, target)
        op.create_index(op.f(f"ix_bill_rates_{name}"), "bill_rates", [name], unique=False)
        op.add_column("bill_rates_versions", sa.Column(name, key_type(64), autoincrement=False, nullable=True))
    for table in ("bill_rates", "bill_rates_versions"):
        op.add_column(table, sa.Column("currency", sa.String(length=3), nullable=True))
    _exchange_rates()


def _add_reference(table: str, name: str, target: str) -> None:
    # Alembic would make the key in a statement of its own, which SQLite does not know, or copy the table without its checks.
    kind = key_type(64).compile(dialect=op.get_bind().dialect)
    op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind} CONSTRAINT fk_{table}_{name}_{target} REFERENCES {target} (id)")


def _exchange_rates() -> None:
    op.create_table(
        "exchange_rates_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("currency", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("rate", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_exchange_rates_versions")),
    )
    op.create_table(
        "exchange_rates",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.CheckConstraint("rate >= 1", name=op.f("ck_exchange_rates_rate_at_least_1")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
    )
    op.create_index("uq_exchange_rates_external_id", "exchange_rates", ["external_id"], unique=True)
    op.create_index("uq_exchange_rates_currency_day", "exchange_rates", ["currency", "day"], unique=True)

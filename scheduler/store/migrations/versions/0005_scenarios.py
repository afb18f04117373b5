"""Scenarios with their changes, and the scenario that a plan was computed for."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    with op.batch_alter_table("plans") as batch_op:
        batch_op.add_column(sa.Column("scenario_id", key_type(64), nullable=True))
        batch_op.create_index(batch_op.f("ix_plans_scenario_id"), ["scenario_id"])
    _scenarios()
    _changes()


def _scenarios() -> None:
    for name, versions in (("scenarios", False), ("scenarios_versions", True)):
        op.create_table(
            name,
            sa.Column("id", key_type(64), nullable=False),
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("external_id", key_type(1000), nullable=True),
            sa.Column("name", sa.String(length=400), nullable=False),
            sa.Column("name_key", key_type(1000), nullable=False),
            sa.Column("base_id", key_type(64), nullable=True),
            sa.Column("needs", sa.String(length=400), nullable=False),
            sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("applied_by", key_type(64), nullable=True),
            *_of_versions(versions),
            *([] if versions else [sa.ForeignKeyConstraint(["base_id"], ["scenarios.id"], name=op.f("fk_scenarios_base_id_scenarios"))]),
            sa.PrimaryKeyConstraint("id", *_key_of_versions(versions), name=op.f(f"pk_{name}")),
        )
    op.create_index(op.f("ix_scenarios_base_id"), "scenarios", ["base_id"])
    op.create_index("uq_scenarios_external_id", "scenarios", ["external_id"], unique=True)
    op.create_index(op.f("ix_scenarios_name_key"), "scenarios", ["name_key"])


def _changes() -> None:
    for name, versions in (("scenario_changes", False), ("scenario_changes_versions", True)):
        parent = sa.ForeignKeyConstraint(
            ["parent_id"], ["scenarios.id"], name=op.f("fk_scenario_changes_parent_id_scenarios"), ondelete="CASCADE"
        )
        op.create_table(
            name,
            sa.Column("parent_id", key_type(64), nullable=False),
            sa.Column("position", sa.Integer(), nullable=False),
            sa.Column("kind", sa.String(length=400), nullable=False),
            sa.Column("person_id", key_type(64), nullable=True),
            sa.Column("body", sa.Text(), nullable=True),
            sa.Column("base_version", sa.Integer(), nullable=True),
            *_of_versions(versions),
            *([] if versions else [parent]),
            sa.PrimaryKeyConstraint("parent_id", "position", *_key_of_versions(versions), name=op.f(f"pk_{name}")),
        )
    op.create_index(op.f("ix_scenario_changes_person_id"), "scenario_changes", ["person_id"])


def _of_versions(versions: bool) -> list[sa.Column[datetime]]:
    if not versions:
        return []
    return [
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
    ]


def _key_of_versions(versions: bool) -> list[str]:
    return ["recorded_from"] if versions else []

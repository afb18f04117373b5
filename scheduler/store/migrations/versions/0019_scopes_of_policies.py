"""Rebalance policies of a narrower scope, and what demands carry of what was recorded of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema from ``down_revision`` to ``revision``."""
    op.create_table(
        "carried_effort",
        sa.Column("demand_id", key_type(64), nullable=False),
        sa.Column("counts_from", sa.Date(), nullable=True),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_carried_effort_demand_id_demands"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("demand_id", name=op.f("pk_carried_effort")),
    )
    for table in ("rebalance_policies", "rebalance_policies_versions"):
        op.add_column(table, sa.Column("any_skill", sa.Boolean(), nullable=False, server_default=sa.true()))
        for name in ("project_states", "demand_states", "teams", "locations"):
            op.add_column(table, sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "rebalance_policy_skills",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("skill_id", key_type(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["rebalance_policies.id"],
            name=op.f("fk_rebalance_policy_skills_parent_id_rebalance_policies"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_rebalance_policy_skills_skill_id_skills")),
        sa.PrimaryKeyConstraint("parent_id", "skill_id", name=op.f("pk_rebalance_policy_skills")),
    )
    op.create_index(op.f("ix_rebalance_policy_skills_skill_id"), "rebalance_policy_skills", ["skill_id"], unique=False)
    op.create_table(
        "rebalance_policy_skills_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("skill_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "skill_id", "recorded_from", name=op.f("pk_rebalance_policy_skills_versions")),
    )

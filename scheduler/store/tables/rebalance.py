"""Tables of rebalance policies and of the change sets that their runs came to."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, true

from scheduler.domain.staffing.change_sets import ChangeSetState, GroupState
from scheduler.domain.staffing.rebalance_policies import Unasked
from scheduler.store.columns import Choice, Id, JsonText, Key, Name, Scaled, UtcDateTime
from scheduler.store.tables.base import child, head, reference
from scheduler.store.tables.people import PEOPLE, SKILLS
from scheduler.store.tables.plans import PLANS
from scheduler.store.tables.work import PROJECTS

REBALANCE_POLICIES = head(
    "rebalance_policies",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("cron", Name),
    Column("time_zone", Name, nullable=False),
    Column("is_active", Boolean(create_constraint=False), nullable=False),
    Column("weeks", Integer, nullable=False),
    Column("any_project", Boolean(create_constraint=False), nullable=False),
    Column("any_skill", Boolean(create_constraint=False), nullable=False, server_default=true()),
    Column("project_states", JsonText),
    Column("demand_states", JsonText),
    Column("teams", JsonText),
    Column("locations", JsonText),
    Column("min_probability", Scaled),
    Column("frozen_weeks", Integer, nullable=False),
    Column("churn_cost", Scaled, nullable=False),
    Column("setup_cost", Scaled, nullable=False),
    Column("max_churn_hours", Scaled),
    Column("min_worth", Scaled, nullable=False),
    Column("unasked", Choice(Unasked), nullable=False),
    Column("time_limit_s", Integer, nullable=False),
    Index("uq_rebalance_policies_name_key", "name_key", unique=True),
)
REBALANCE_POLICY_PROJECTS = child("rebalance_policy_projects", REBALANCE_POLICIES, reference("project_id", PROJECTS, primary_key=True))
REBALANCE_POLICY_SKILLS = child("rebalance_policy_skills", REBALANCE_POLICIES, reference("skill_id", SKILLS, primary_key=True))
REBALANCE_POLICY_TOLD = child("rebalance_policy_told", REBALANCE_POLICIES, reference("person_id", PEOPLE, primary_key=True))

CHANGE_SETS = head(
    "change_sets",
    Column("policy_id", Id, ForeignKey(REBALANCE_POLICIES.c.id), nullable=False, index=True),
    Column("policy_version", Integer, nullable=False),
    Column("state", Choice(ChangeSetState), nullable=False, index=True),
    Column("actor_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("due_at", UtcDateTime),
    Column("is_dry_run", Boolean(create_constraint=False), nullable=False),
    Column("plan_id", Id, ForeignKey(PLANS.c.id), index=True),
    Column("base_plan_id", Id, ForeignKey(PLANS.c.id)),
    Column("finished_at", UtcDateTime),
    Column("expired_at", UtcDateTime),
    Column("failure_code", Name),
    # Sums of worths may pass 64 bits, as bounds do: kept as text.
    Column("gain_x60", String(60)),
    Column("dropped_count", Integer),
    # However many processes watch the clock, a policy runs once for each of its times.
    Index("uq_change_sets_policy_id_due_at", "policy_id", "due_at", unique=True),
)
CHANGE_GROUPS = child(
    "change_groups",
    CHANGE_SETS,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("changes", JsonText, nullable=False),
    Column("reasons", JsonText, nullable=False),
    Column("worth_x60", String(60), nullable=False),
    Column("state", Choice(GroupState), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decided_by", Id),
    Column("undo", JsonText),
)

"""How rebalance policies and change sets are stored."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.checks import name_key
from scheduler.domain.ground.ids import PersonId, ProjectId, SkillId
from scheduler.domain.staffing.change_sets import ChangeGroup, ChangeSet, ChangeSetState
from scheduler.domain.staffing.plan_scope import SCOPE
from scheduler.domain.staffing.rebalance_policies import RebalancePolicy
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.areas.people import BY_NAME, NAMED
from scheduler.store.tables.rebalance import (
    CHANGE_GROUPS,
    CHANGE_SETS,
    REBALANCE_POLICIES,
    REBALANCE_POLICY_PROJECTS,
    REBALANCE_POLICY_SKILLS,
    REBALANCE_POLICY_TOLD,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_NAMED = ("project_states", "demand_states", "teams", "locations")
"""What a policy is limited to by names, not by rows of ours."""


def _policy_children(policy: RebalancePolicy) -> Mapping[str, Iterable[dict[str, Any]]]:
    return {
        REBALANCE_POLICY_PROJECTS.name: [{"project_id": project} for project in sorted(policy.project_ids or ())],
        REBALANCE_POLICY_SKILLS.name: [{"skill_id": skill} for skill in sorted(policy.skill_ids or ())],
        REBALANCE_POLICY_TOLD.name: [{"person_id": person} for person in policy.tell],
    }


def _policy(row: Row, children: ChildRows) -> RebalancePolicy:
    projects = frozenset(ProjectId(one["project_id"]) for one in children[REBALANCE_POLICY_PROJECTS.name])
    skills = frozenset(SkillId(one["skill_id"]) for one in children[REBALANCE_POLICY_SKILLS.name])
    tell = tuple(PersonId(one["person_id"]) for one in children[REBALANCE_POLICY_TOLD.name])
    return built(
        RebalancePolicy,
        row,
        project_ids=None if row["any_project"] else projects,
        skill_ids=None if row["any_skill"] else skills,
        tell=tell,
        **{name: None if row[name] is None else frozenset(map(SCOPE[name], row[name])) for name in _NAMED},
    )


def _policy_row(policy: RebalancePolicy) -> dict[str, Any]:
    named = {name: None if (given := getattr(policy, name)) is None else sorted(given) for name in _NAMED}
    whole = {"any_project": policy.project_ids is None, "any_skill": policy.skill_ids is None}
    return plain(policy, REBALANCE_POLICIES, name_key=name_key(policy.name), **whole, **named)


REBALANCE_POLICY_AREA: Area[RebalancePolicy] = Area(
    name="rebalance_policies",
    one="rebalance policy",
    table=REBALANCE_POLICIES,
    to_row=_policy_row,
    to_children=_policy_children,
    from_row=_policy,
    children=(
        Child(table=REBALANCE_POLICY_PROJECTS, pointer=lambda number, _row: f"/project_ids/{number}"),
        Child(table=REBALANCE_POLICY_SKILLS, pointer=lambda number, _row: f"/skill_ids/{number}"),
        Child(table=REBALANCE_POLICY_TOLD, pointer=lambda number, _row: f"/tell/{number}"),
    ),
    sorts=BY_NAME,
    filters=NAMED,
    stand_ins={"min_worth": Decimal(0), "churn_cost": Decimal(0), "setup_cost": Decimal(0)},
)


def _set_row(found: ChangeSet) -> dict[str, Any]:
    return plain(found, CHANGE_SETS, gain_x60=None if found.gain_x60 is None else str(found.gain_x60))


def _set_children(found: ChangeSet) -> Mapping[str, Iterable[dict[str, Any]]]:
    return {
        CHANGE_GROUPS.name: [
            plain(
                group,
                CHANGE_GROUPS,
                changes=list(group.changes),
                reasons=list(group.reasons),
                worth_x60=None if group.worth_x60 is None else str(group.worth_x60),
            )
            for group in found.groups
        ]
    }


def _set(row: Row, children: ChildRows) -> ChangeSet:
    groups = tuple(
        built(
            ChangeGroup,
            group,
            changes=tuple(group["changes"]),
            reasons=tuple(group["reasons"]),
            worth_x60=None if group["worth_x60"] is None else int(group["worth_x60"]),
        )
        for group in children[CHANGE_GROUPS.name]
    )
    return built(ChangeSet, row, groups=groups, gain_x60=None if row["gain_x60"] is None else int(row["gain_x60"]))


CHANGE_SET_AREA: Area[ChangeSet] = Area(
    name="change_sets",
    one="change set",
    table=CHANGE_SETS,
    to_row=_set_row,
    to_children=_set_children,
    from_row=_set,
    children=(Child(table=CHANGE_GROUPS, pointer=lambda number, _row: f"/groups/{number}/position", bearable=frozenset({"worth_x60"})),),
    sorts={"created_at": "created_at", "id": "id"},
    filters={
        "policy_id": Filter(kind=FilterKind.EQUALS, column="policy_id"),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=ChangeSetState),
    },
)

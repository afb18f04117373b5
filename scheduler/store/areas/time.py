"""How time entries, activity types and time policies are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_entries import ActivityType, TimeEntry
from scheduler.domain.delivery.time_policies import PolicyRule, TimePolicy
from scheduler.domain.ground.checks import name_key
from scheduler.store.areas.base import Area, Child, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.areas.people import BY_NAME, NAMED
from scheduler.store.tables.time import ACTIVITY_TYPES, TIME_ENTRIES, TIME_POLICIES, TIME_POLICY_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ACTIVITY_TYPE_AREA: Area[ActivityType] = Area(
    name="activity_types",
    one="activity type",
    table=ACTIVITY_TYPES,
    to_row=lambda sort: plain(sort, ACTIVITY_TYPES, name_key=name_key(sort.name)),
    from_row=lambda row, _children: built(ActivityType, row),
    sorts=BY_NAME,
    filters={**NAMED, "is_active": Filter(kind=FilterKind.EQUALS, column="is_active")},
)

TIME_ENTRY_AREA: Area[TimeEntry] = Area(
    name="time_entries",
    one="time entry",
    table=TIME_ENTRIES,
    to_row=lambda entry: plain(entry, TIME_ENTRIES),
    from_row=lambda row, _children: built(TimeEntry, row),
    sorts={"work_date": "work_date", "id": "id"},
    filters={
        "from": Filter(kind=FilterKind.SINCE, column="work_date"),
        "until": Filter(kind=FilterKind.STARTS_BEFORE, column="work_date"),
        "person_id": Filter(kind=FilterKind.EQUALS, column="person_id"),
        "project_id": Filter(kind=FilterKind.EQUALS, column="project_id"),
        "task_id": Filter(kind=FilterKind.EQUALS, column="task_id"),
        "demand_id": Filter(kind=FilterKind.EQUALS, column="demand_id"),
        "activity_type_id": Filter(kind=FilterKind.EQUALS, column="activity_type_id"),
        "state": Filter(kind=FilterKind.EQUALS, column="state", choices=LineState),
        "is_billable": Filter(kind=FilterKind.EQUALS, column="is_billable"),
        "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
    },
)


def _policy_children(policy: TimePolicy) -> Mapping[str, Iterable[dict[str, Any]]]:
    return {TIME_POLICY_RULES.name: [plain(rule, TIME_POLICY_RULES) for rule in policy.rules]}


def _policy(row: Row, children: ChildRows) -> TimePolicy:
    return built(TimePolicy, row, rules=tuple(built(PolicyRule, rule) for rule in children[TIME_POLICY_RULES.name]))


TIME_POLICY_AREA: Area[TimePolicy] = Area(
    name="time_policies",
    one="time policy",
    table=TIME_POLICIES,
    to_row=lambda policy: plain(policy, TIME_POLICIES, name_key=name_key(policy.name)),
    to_children=_policy_children,
    from_row=_policy,
    children=(Child(table=TIME_POLICY_RULES, pointer=lambda number, _row: f"/rules/{number}"),),
    sorts=BY_NAME,
    filters={
        **NAMED,
        "project_id": Filter(kind=FilterKind.EQUALS, column="project_id"),
        "team": Filter(kind=FilterKind.EQUALS, column="team"),
    },
)

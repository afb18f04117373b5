"""How delegations, period locks and the approval policy are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.delivery.approval_policies import ApprovalPolicy
from scheduler.domain.delivery.delegations import Delegation
from scheduler.domain.delivery.period_locks import PeriodLock
from scheduler.domain.ground.interval import DateInterval
from scheduler.store.areas.base import Area, ChildRows, Filter, FilterKind, Row, built, plain
from scheduler.store.tables.approvals import APPROVAL_POLICIES, DELEGATIONS, PERIOD_LOCKS

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_EXTERNAL_ID: Mapping[str, Filter] = {"external_id": Filter(kind=FilterKind.EQUALS, column="external_id")}


def _delegation_row(value: Delegation) -> dict[str, Any]:
    return plain(value, DELEGATIONS, period_start=value.period.start, period_end=value.period.end)


def _delegation(row: Row, _children: ChildRows) -> Delegation:
    return built(Delegation, row, period=DateInterval(row["period_start"], row["period_end"]))


DELEGATION_AREA: Area[Delegation] = Area(
    name="delegations",
    one="delegation",
    table=DELEGATIONS,
    to_row=_delegation_row,
    from_row=_delegation,
    sorts={"start": "period_start", "id": "id"},
    filters={
        **_BY_EXTERNAL_ID,
        "person_id": Filter(kind=FilterKind.EQUALS, column="person_id"),
        "deputy_id": Filter(kind=FilterKind.EQUALS, column="deputy_id"),
        "from": Filter(kind=FilterKind.ENDS_AFTER, column="period_end"),
        "until": Filter(kind=FilterKind.STARTS_BEFORE, column="period_start"),
    },
)

PERIOD_LOCK_AREA: Area[PeriodLock] = Area(
    name="period_locks",
    one="period lock",
    table=PERIOD_LOCKS,
    to_row=lambda value: plain(value, PERIOD_LOCKS),
    from_row=lambda row, _children: built(PeriodLock, row),
    sorts={"locked_at": "locked_at", "locked_before": "locked_before", "id": "id"},
    filters={**_BY_EXTERNAL_ID, "project_id": Filter(kind=FilterKind.EQUALS, column="project_id")},
)

APPROVAL_POLICY_AREA: Area[ApprovalPolicy] = Area(
    name="approval_policies",
    one="approval policy",
    table=APPROVAL_POLICIES,
    to_row=lambda value: plain(value, APPROVAL_POLICIES),
    from_row=lambda row, _children: built(ApprovalPolicy, row),
    sorts={"id": "id"},
)

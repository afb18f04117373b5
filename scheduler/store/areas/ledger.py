"""How closed months, balances taken over and adjustments are stored."""

from __future__ import annotations

from scheduler.domain.billing.ledger import ClosedMonth, ContractOpening, RevenueAdjustment
from scheduler.store.areas.base import Area, Filter, FilterKind, built, plain
from scheduler.store.tables.ledger import CLOSED_MONTHS, CONTRACT_OPENINGS, REVENUE_ADJUSTMENTS

_BY_CONTRACT = {
    "contract_id": Filter(kind=FilterKind.EQUALS, column="contract_id"),
    "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
}

CLOSED_MONTH_AREA: Area[ClosedMonth] = Area(
    name="closed_months",
    one="closed month",
    table=CLOSED_MONTHS,
    to_row=lambda month: plain(month, CLOSED_MONTHS),
    from_row=lambda row, _children: built(ClosedMonth, row),
    sorts={"month": "month", "id": "id"},
    filters={
        "from": Filter(kind=FilterKind.SINCE, column="month"),
        "until": Filter(kind=FilterKind.UNTIL, column="month"),
        "external_id": Filter(kind=FilterKind.EQUALS, column="external_id"),
    },
)

CONTRACT_OPENING_AREA: Area[ContractOpening] = Area(
    name="contract_openings",
    one="opening balance",
    table=CONTRACT_OPENINGS,
    to_row=lambda opening: plain(opening, CONTRACT_OPENINGS),
    from_row=lambda row, _children: built(ContractOpening, row),
    sorts={"month": "month", "id": "id"},
    filters=_BY_CONTRACT,
)

REVENUE_ADJUSTMENT_AREA: Area[RevenueAdjustment] = Area(
    name="revenue_adjustments",
    one="adjustment",
    table=REVENUE_ADJUSTMENTS,
    to_row=lambda one: plain(one, REVENUE_ADJUSTMENTS),
    from_row=lambda row, _children: built(RevenueAdjustment, row),
    sorts={"day": "day", "id": "id"},
    filters={
        "from": Filter(kind=FilterKind.SINCE, column="day"),
        "until": Filter(kind=FilterKind.UNTIL, column="day"),
        **_BY_CONTRACT,
    },
)

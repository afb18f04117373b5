"""All areas, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.store.areas.access import USER_AREA
from scheduler.store.areas.approvals import APPROVAL_POLICY_AREA, DELEGATION_AREA, PERIOD_LOCK_AREA
from scheduler.store.areas.billing import CHARGE_AREA, CLIENT_ACCOUNT_AREA, CONTRACT_AREA, LEGAL_ENTITY_AREA, TAX_CODE_AREA
from scheduler.store.areas.budgets import BUDGET_ALERT_AREA, BUDGET_AREA
from scheduler.store.areas.change_orders import CHANGE_ORDER_AREA
from scheduler.store.areas.delivery import PROJECT_TEMPLATE_AREA, TASK_AREA
from scheduler.store.areas.expenses import EXPENSE_AREA, EXPENSE_CATEGORY_AREA
from scheduler.store.areas.invoices import INVOICE_AREA, PAYMENT_AREA
from scheduler.store.areas.ledger import CLOSED_MONTH_AREA, CONTRACT_OPENING_AREA, REVENUE_ADJUSTMENT_AREA
from scheduler.store.areas.people import ABSENCE_AREA, ABSENCE_KIND_AREA, ABSENCE_REQUEST_AREA, CALENDAR_AREA, PERSON_AREA, SKILL_AREA
from scheduler.store.areas.rates import BILL_RATE_AREA, EXCHANGE_RATE_AREA
from scheduler.store.areas.rebalance import CHANGE_SET_AREA, REBALANCE_POLICY_AREA
from scheduler.store.areas.scenarios import SCENARIO_AREA
from scheduler.store.areas.time import ACTIVITY_TYPE_AREA, TIME_ENTRY_AREA, TIME_POLICY_AREA
from scheduler.store.areas.work import (
    BOOKING_AREA,
    CLIENT_AREA,
    DEMAND_AREA,
    FIRM_AREA,
    PROJECT_AREA,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.store.areas.base import Area

AREAS: Mapping[str, Area[Any]] = {
    area.name: area
    for area in (
        FIRM_AREA,
        SKILL_AREA,
        CALENDAR_AREA,
        PERSON_AREA,
        ABSENCE_AREA,
        ABSENCE_KIND_AREA,
        ABSENCE_REQUEST_AREA,
        CLIENT_AREA,
        PROJECT_AREA,
        DEMAND_AREA,
        BOOKING_AREA,
        BILL_RATE_AREA,
        EXCHANGE_RATE_AREA,
        TASK_AREA,
        PROJECT_TEMPLATE_AREA,
        CHANGE_ORDER_AREA,
        BUDGET_AREA,
        BUDGET_ALERT_AREA,
        ACTIVITY_TYPE_AREA,
        TIME_ENTRY_AREA,
        TIME_POLICY_AREA,
        EXPENSE_CATEGORY_AREA,
        EXPENSE_AREA,
        TAX_CODE_AREA,
        LEGAL_ENTITY_AREA,
        CLIENT_ACCOUNT_AREA,
        CONTRACT_AREA,
        CHARGE_AREA,
        INVOICE_AREA,
        PAYMENT_AREA,
        CLOSED_MONTH_AREA,
        CONTRACT_OPENING_AREA,
        REVENUE_ADJUSTMENT_AREA,
        USER_AREA,
        REBALANCE_POLICY_AREA,
        CHANGE_SET_AREA,
        SCENARIO_AREA,
        DELEGATION_AREA,
        PERIOD_LOCK_AREA,
        APPROVAL_POLICY_AREA,
    )
}

BY_TABLE: Mapping[str, Area[Any]] = {area.table.name: area for area in AREAS.values()}
"""All areas, by the name of their table."""

"""All tables; importing this package fills ``METADATA``."""

from scheduler.store.tables import (
    access,
    approvals,
    audit,
    billing,
    budgets,
    capacity,
    change_orders,
    expenses,
    invoices,
    jobs,
    people,
    plans,
    rates,
    rebalance,
    scenarios,
    time,
    work,
)
from scheduler.store.tables.base import METADATA, TWINS

__all__ = [
    "METADATA",
    "TWINS",
    "access",
    "approvals",
    "audit",
    "billing",
    "budgets",
    "capacity",
    "change_orders",
    "expenses",
    "invoices",
    "jobs",
    "people",
    "plans",
    "rates",
    "rebalance",
    "scenarios",
    "time",
    "work",
]

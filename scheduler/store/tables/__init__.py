"""All tables; importing this package fills ``METADATA``."""

from scheduler.store.tables import access, audit, capacity, expenses, jobs, people, plans, rebalance, scenarios, work
from scheduler.store.tables.base import METADATA, TWINS

__all__ = ["METADATA", "TWINS", "access", "audit", "capacity", "expenses", "jobs", "people", "plans", "rebalance", "scenarios", "work"]

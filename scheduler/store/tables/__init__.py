"""All tables; importing this package fills ``METADATA``."""

from scheduler.store.tables import audit, people, plans, work
from scheduler.store.tables.base import METADATA, TWINS

__all__ = ["METADATA", "TWINS", "audit", "people", "plans", "work"]

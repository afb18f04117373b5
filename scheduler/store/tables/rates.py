"""Tables of rates: what hours cost clients, and what foreign currencies are worth."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, String

from scheduler.store.columns import FineScaled, Name, Scaled
from scheduler.store.tables.base import at_least, head, reference
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.time import ACTIVITY_TYPES
from scheduler.store.tables.work import CLIENTS, PROJECTS

BILL_RATES = head(
    "bill_rates",
    Column("rate", Scaled, nullable=False),
    reference("project_id", PROJECTS, nullable=True),
    reference("person_id", PEOPLE, nullable=True),
    Column("grade", Name),
    Column("valid_from", Date),
    Column("valid_until", Date),
    reference("client_id", CLIENTS, nullable=True),
    reference("activity_type_id", ACTIVITY_TYPES, nullable=True),
    Column("currency", String(3)),
    at_least("rate", 0),
)

EXCHANGE_RATES = head(
    "exchange_rates",
    Column("currency", String(3), nullable=False),
    Column("day", Date, nullable=False),
    Column("rate", FineScaled, nullable=False),
    Column("source", Name, nullable=False),
    at_least("rate", 1),
    Index("uq_exchange_rates_currency_day", "currency", "day", unique=True),
)

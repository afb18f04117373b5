"""Tables of what bookings take of people's time: counters by person and day, and why more was booked than there is."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Integer, Table

from scheduler.store.columns import Id, JsonText, Name, UtcDateTime
from scheduler.store.tables.base import METADATA, at_least

PERSON_DAYS = Table(
    "person_days",
    METADATA,
    Column("person_id", Id, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("capacity_min", Integer, nullable=False),
    Column("booked_min", Integer, nullable=False),
    Column("excess_min", Integer, nullable=False),
    at_least("capacity_min", 0),
    at_least("excess_min", 0),
    CheckConstraint("booked_min <= capacity_min + excess_min", name="within_capacity"),
)
"""Days with something booked. Only an override or a cut of capacity raises the excess."""

BOOKING_LOADS = Table(
    "booking_loads",
    METADATA,
    Column("booking_id", Id, primary_key=True),
    Column("person_id", Id, nullable=False, index=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("promised", JsonText, nullable=False),
    Column("minutes", JsonText, nullable=False),
)
"""What each booking promises and takes, week by week. No foreign key: it follows its booking within the transaction, gone or not."""

CAPACITY_OVERRIDES = Table(
    "capacity_overrides",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, nullable=False, index=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("over_min", Integer, nullable=False),
    Column("reason", Name),
    Column("actor_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
"""Who booked somebody beyond their capacity, and why; only ever added to."""

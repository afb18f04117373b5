"""Who was reminded of missing time, so that nobody is twice for the same week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.store.tables.time import TIME_REMINDERS

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

    from scheduler.store.time_reading import LoggedWeek


def reminded_of(connection: Connection, week: date) -> frozenset[str]:
    """People who were reminded of the week."""
    return frozenset(connection.execute(select(TIME_REMINDERS.c.person_id).where(TIME_REMINDERS.c.week == week)).scalars())


def note_reminder(connection: Connection, found: LoggedWeek, *, now: datetime) -> bool:
    """Whether this is the first reminder of the person's week; whoever asks at the same time waits, and is told that it is not."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"person_id": found.person_id, "week": found.week, "missing_min": found.missing_min, "reminded_at": now}
    added = dialect.insert(TIME_REMINDERS).values(row).on_conflict_do_nothing(index_elements=["person_id", "week"])
    # Not the count of rows, which not every driver tells of an insert.
    return connection.execute(added.returning(TIME_REMINDERS.c.week)).first() is not None

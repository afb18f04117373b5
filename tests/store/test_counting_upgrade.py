"""A database from before people's days were counted."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select, text

from scheduler.domain.ground.access import LOCAL
from scheduler.queries.capacity import capacity_faults
from scheduler.store import Store
from scheduler.store.tables.capacity import PERSON_DAYS
from tests import factories as make

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)


def counters(store: Store) -> dict[tuple[str, date], tuple[int, int, int]]:
    with store.engine.connect() as connection:
        rows = connection.execute(select(PERSON_DAYS)).all()
    return {(row.person_id, row.day): (row.capacity_min, row.booked_min, row.excess_min) for row in rows}


UNDO = (
    "DROP TABLE person_days",
    "DROP TABLE booking_loads",
    "DROP TABLE capacity_overrides",
    "ALTER TABLE bookings DROP COLUMN over_capacity",
    "ALTER TABLE bookings_versions DROP COLUMN over_capacity",
    "ALTER TABLE plans DROP COLUMN applied_changes",
    "UPDATE alembic_version SET version_num = '0003'",
)


def test_an_older_database_is_counted_when_it_is_migrated(migrated_url: str) -> None:
    """Counters are filled from the bookings; what was overbooked stays booked, has its excess, and is flagged as of ever."""
    old = Store(migrated_url)
    with old.begin(LOCAL, now=NOW) as tx:
        tx.calendars.add(make.make_calendar())
        for name in ("ann", "bob"):
            tx.people.add(make.make_person(name, skills=()))
        tx.projects.add(make.make_project())
        tx.demands.add(make.make_demand(effort=dict.fromkeys(range(4), make.FULL_WEEK_MIN)))
        tx.bookings.add(make.make_booking())
        tx.bookings.add(make.make_booking(demand=None, weekly_minutes=480))
        tx.bookings.add(make.make_booking("bob", demand=None, weekly_minutes=480))
        tx.allow_excess("as it came")
    before = counters(old)
    with old.engine.begin() as connection:
        for statement in UNDO:
            connection.execute(text(statement))
    old.close()
    upgraded = Store(migrated_url)
    upgraded.migrate()
    assert counters(upgraded) == before
    assert capacity_faults(upgraded, actor=LOCAL) == ()
    with upgraded.read(LOCAL) as view:
        assert {b.person_id: b.over_capacity for b in view.bookings.all()} == {"ann": True, "bob": False}
        assert len(view.bookings.history("booking-ann-alpha")) == 1
    upgraded.close()

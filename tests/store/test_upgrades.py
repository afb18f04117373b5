"""Populated databases of every earlier revision are brought up to date with all that they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import InvoiceId
from scheduler.queries.capacity import capacity_faults
from scheduler.queries.ledger_verify import verify_ledger
from scheduler.store import Store
from scheduler.store.schema import SchemaState, revisions
from scheduler.store.tables.capacity import PERSON_DAYS
from tests import factories as make
from tests.ledger_firm import NOW as LEDGER_NOW
from tests.ledger_firm import fill_books, void
from tests.store.older_databases import all_rows, make_older

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
HEAD, KNOWN = revisions()
OLDER = sorted(KNOWN - {HEAD or ""})
COUNTED = "0004"
"""From this revision on people's days are counted."""


@pytest.fixture
def populated(migrated_sqlite_url: str) -> Iterator[Store]:
    """Today's database with people, work, bookings beyond capacity and what is recorded of them."""
    store = Store(migrated_sqlite_url)
    with store.begin(LOCAL, now=NOW) as tx:
        tx.calendars.add(make.make_calendar())
        for name in ("ann", "bob"):
            tx.people.add(make.make_person(name, skills=()))
        tx.absences.add(make.make_absence())
        tx.projects.add(make.make_project())
        tx.demands.add(make.make_demand(effort=dict.fromkeys(range(4), make.FULL_WEEK_MIN)))
        tx.bookings.add(make.make_booking())
        tx.bookings.add(make.make_booking(demand=None, weekly_minutes=480))
        tx.bookings.add(make.make_booking("bob", demand=None, weekly_minutes=480))
        tx.allow_excess("as it came")
    yield store
    store.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def older_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the older database is to be."""
    return f"sqlite:///{tmp_path / 'older.db'}" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


def _counters(store: Store) -> dict[tuple[str, date], tuple[int, int, int]]:
    with store.engine.connect() as connection:
        rows = connection.execute(select(PERSON_DAYS)).all()
    return {(row.person_id, row.day): (row.capacity_min, row.booked_min, row.excess_min) for row in rows}


@pytest.mark.parametrize("revision", OLDER)
def test_an_older_database_keeps_all_it_holds(revision: str, populated: Store, older_url: str) -> None:
    """From every earlier revision: each row is there as it was, people's days are counted, and overbooked bookings are flagged."""
    store = Store(older_url)
    held = make_older(store, revision, populated)
    assert store.schema_state() is SchemaState.OLDER
    store.migrate()
    assert store.schema_state() is SchemaState.CURRENT
    is_counted_anew = revision < COUNTED
    with store.engine.connect() as connection:
        after = all_rows(connection, held)
    assert {name for name in held if held[name] != after[name]} == set()
    assert _counters(store) == _counters(populated)
    assert capacity_faults(store, actor=LOCAL) == ()
    with store.read(LOCAL) as view:
        assert {b.person_id: b.over_capacity for b in view.bookings.all()} == {"ann": True, "bob": False}
        assert len(view.bookings.history("booking-ann-alpha")) == 1
        assert [person.id for person in view.people.all()] == ["ann", "bob"]
    assert is_counted_anew == ("person_days" not in held)
    store.close()


def test_bills_of_before_stand_as_they_were_issued(older_url: str, migrated_sqlite_url: str) -> None:
    """0025: nothing of theirs was taken over, so their hashes hold; each number stays taken, void or not."""
    books = Store(migrated_sqlite_url)
    fill_books(books)
    void(books, "i2", at=LEDGER_NOW)
    store = Store(older_url)
    make_older(store, "0024", books)
    store.migrate()
    with store.read(LOCAL) as view:
        heads = view.area("invoices").all()
    assert {(one.taken_over_on, one.paid_before_minor) for one in heads} == {(None, 0)}
    assert verify_ledger(store, actor=LOCAL).difference is None
    with pytest.raises(DomainError), store.begin(LOCAL) as tx:
        tx.area("invoices").add(replace(tx.area("invoices").get("i1"), id=InvoiceId("again"), sequence=9, number="R-2"))
    for one in (books, store):
        one.close()

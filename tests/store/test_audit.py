"""Every change is in the audit, with the change; nobody can take it out again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from scheduler.domain.ground.access import LOCAL, Actor, Origin
from scheduler.domain.ground.audit import BEGINNING, Link, Unreadable
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import AbsenceId, ActorId
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.ground.permissions import Role
from scheduler.store import Store, schema
from scheduler.store.audit_reading import AuditReader
from scheduler.store.backup import back_up
from scheduler.store.tables import METADATA
from scheduler.store.tables.audit import AUDIT_CHANGES
from tests import factories as make
from tests.lasting_stores import unguarded
from tests.store.test_concurrency import at_once

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.store.audit_reading import AuditEntry

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
NAME = "Annabella Quint"
FROM = Origin(source="10.1.2.3", user_agent="Browser/1", request_id="request-1")
PLANNER = Actor(id=ActorId("planner"), name="A planner", role=Role.ADMIN, origin=FROM)


def entries(store: Store, **asked: Any) -> tuple[AuditEntry, ...]:
    with store.read(LOCAL) as view:
        return view.audit.page(PageRequest(**asked)).items


def fill(store: Store) -> None:
    """Four records: a skill and a calendar, a person, a change of hers, a project that goes again."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.skills.add(make.make_skill())
        tx.calendars.add(make.make_calendar())
    with store.begin(PLANNER, now=NOW) as tx:
        person = tx.people.add(replace(make.make_person(), name=NAME))
    with store.begin(PLANNER, now=NOW) as tx:
        tx.people.save(replace(person, name="Ann Other", email="ann@example.org", team="Blue"))
        tx.projects.add(make.make_project())
    with store.begin(LOCAL, now=NOW) as tx:
        tx.projects.delete("alpha", 1)


def test_a_change_says_who_when_from_where_in_which_request(store: Store) -> None:
    """The record has the actor and the origin, the instant is that of the recorded version."""
    fill(store)
    with store.read(LOCAL) as view:
        recorded = view.people.history("ann")[0].recorded_from
    entry = entries(store, filters={"area": "people"})[0]
    assert (entry.actor_id, entry.source, entry.user_agent, entry.request_id) == ("planner", "10.1.2.3", "Browser/1", "request-1")
    assert (entry.kind, entry.row_id, entry.recorded_at, entry.before) == ("created", "ann", recorded, None)
    assert entry.after is not None
    assert entry.after["name"] == NAME
    assert entry.after["person_terms"][0]["period_start"] == make.make_person().terms[0].period.start.isoformat()


def test_a_change_says_what_differs_before_and_after(store: Store) -> None:
    """Only the columns that differ; a deleted row stands there as it was."""
    fill(store)
    changed = entries(store, filters={"row_id": "ann"})[1]
    assert changed.kind == "changed"
    assert changed.before == {"version": 1, "name": NAME, "email": None, "team": None}
    assert changed.after == {"version": 2, "name": "Ann Other", "email": "ann@example.org", "team": "Blue"}
    deleted = entries(store, filters={"area": "projects"})[1]
    assert (deleted.kind, deleted.after) == ("deleted", None)
    assert deleted.before is not None
    assert deleted.before["name"] == make.make_project().name


def test_children_stand_with_their_parent(store: Store) -> None:
    """A changed term is a change of the person: all terms before and after."""
    fill(store)
    with store.begin(PLANNER, now=NOW) as tx:
        person = tx.people.get("ann")
        tx.people.save(replace(person, terms=(replace(person.terms[0], grade="Partner"),)))
    changed = entries(store, filters={"row_id": "ann"})[2]
    assert changed.before is not None
    assert changed.after is not None
    assert set(changed.before) == {"version", "person_terms"}
    assert changed.after["person_terms"][0]["grade"] == "Partner"


def test_what_is_rolled_back_or_changes_nothing_is_not_recorded(store: Store) -> None:
    """The record is part of the change: both or neither."""
    with pytest.raises(ZeroDivisionError), store.begin(LOCAL, now=NOW) as tx:
        tx.skills.add(make.make_skill())
        raise ZeroDivisionError
    with store.begin(LOCAL, now=NOW) as tx:
        tx.skills.find("sap")
    with store.read(LOCAL) as view:
        assert view.audit.head() == Link(position=0, hash=BEGINNING)


def test_personal_values_are_not_readable_in_the_tables(store: Store) -> None:
    """Name, e-mail, location and cost rate stand there encrypted; ids and the firm's own words are plain."""
    fill(store)
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT before, after, sealed FROM audit_changes")).all()
    everything = " ".join(str(cell) for row in rows for cell in row)
    for personal in (NAME, "Ann Other", "ann@example.org", "cost_rate"):
        assert personal not in everything
    assert make.make_project().name in everything


def test_pages_and_filters(store: Store) -> None:
    """By actor, area, id, request and time, page by page, newest first when asked."""
    fill(store)
    assert {one.actor_id for one in entries(store, filters={"actor_id": "planner"})} == {"planner"}
    assert [one.area for one in entries(store, filters={"request_id": "request-1"})] == ["people", "people", "projects"]
    assert entries(store, filters={"from": "2027-02-01T13:00:00Z"}) == ()
    assert len(entries(store, filters={"until": "2027-02-01T14:00:00+01:00", "from": "2027-02-01T12:00:00Z"})) == 6
    with store.read(LOCAL) as view:
        first = view.audit.page(PageRequest(sort="-id", limit=4))
        rest = view.audit.page(PageRequest(sort="-id", limit=4, cursor=first.next_cursor))
    assert [one.position for one in (*first.items, *rest.items)] == [4, 3, 3, 2, 1, 1]
    assert rest.next_cursor is None
    with pytest.raises(DomainError, match=r"filter\.invalid"):
        entries(store, filters={"from": "2027-02-01T13:00:00"})
    with pytest.raises(DomainError, match=r"filter\.not_allowed"):
        entries(store, filters={"source": "cli"})


TAMPERING = [
    "UPDATE audit_records SET actor_id = 'nobody' WHERE position = 2",
    "DELETE FROM audit_records WHERE position = 2",
    "UPDATE audit_changes SET after = '{}'",
    "DELETE FROM audit_changes",
]


@pytest.mark.parametrize("statement", TAMPERING)
def test_p02_update_and_delete_are_refused(store: Store, statement: str) -> None:
    """Triggers refuse them, and the error says why."""
    fill(store)
    with pytest.raises(DBAPIError, match="never changed or removed"), store.engine.begin() as connection:
        connection.execute(text(statement))
    with store.read(LOCAL) as view:
        assert view.audit.verify().holds


def test_p02_replace_and_truncate_are_refused(store: Store) -> None:
    """SQLite can replace a row while it inserts one, PostgreSQL empty a table: neither gets past the triggers."""
    fill(store)
    replaced = (
        "INSERT OR REPLACE INTO audit_records SELECT position, recorded_at, 'nobody', source, NULL, NULL, NULL, hash FROM audit_records"
    )
    statement = replaced if store.engine.dialect.name == "sqlite" else "TRUNCATE audit_records, audit_changes"
    with pytest.raises(DBAPIError, match="never changed or removed"), store.engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (TAMPERING[0], 2),
        ("DELETE FROM audit_changes WHERE position = 2; DELETE FROM audit_records WHERE position = 2", 2),
        ("DELETE FROM audit_changes WHERE position = 4; DELETE FROM audit_records WHERE position = 4", 4),
        ("UPDATE audit_changes SET before = '{}' WHERE position = 3", 3),
        ("UPDATE audit_head SET position = 3, hash = (SELECT hash FROM audit_records WHERE position = 3)", 4),
    ],
)
def test_p03_what_the_owner_does_is_named(store: Store, statement: str, named: int) -> None:
    """Who may take the triggers away can change the tables, but not without being found."""
    fill(store)
    with store.engine.begin() as connection, unguarded(connection):
        for one in statement.split("; "):
            connection.execute(text(one))
    with store.read(LOCAL) as view:
        found = view.audit.verify()
    assert found.broken is not None
    assert found.broken.position == named


def test_p03_tail_and_backup_need_an_anchor(store: Store) -> None:
    """A chain cut back together with its end is sound in itself; the hash noted down before says that something is missing."""
    fill(store)
    with store.read(LOCAL) as view:
        anchor = view.audit.head()
    with store.engine.begin() as connection, unguarded(connection):
        connection.execute(text("DELETE FROM audit_changes WHERE position = 4"))
        connection.execute(text("DELETE FROM audit_records WHERE position = 4"))
        connection.execute(text("UPDATE audit_head SET position = 3, hash = (SELECT hash FROM audit_records WHERE position = 3)"))
    with store.read(LOCAL) as view:
        assert view.audit.verify().holds
        found = view.audit.verify(anchor=anchor)
    assert found.broken is not None
    assert found.broken.position == 4


def test_concurrent_writers_do_not_fork_the_chain(store: Store) -> None:
    """Each waits for the one before it at the head: one chain, whoever came first."""

    def add(number: int) -> None:
        for turn in range(4):
            with store.begin(replace(LOCAL, id=ActorId(f"writer-{number}")), now=NOW) as tx:
                tx.people.add(make.make_person(f"p{number}-{turn}", terms=(), skills=()))

    assert at_once(add) == [None] * 8
    with store.read(LOCAL) as view:
        found = view.audit.verify()
    assert found.holds
    assert found.records == 32


def test_two_transactions_that_need_the_same_new_key_agree_on_one(store: Store) -> None:
    """What both sealed for a person is readable afterwards."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.people.add(make.make_person(terms=(), skills=()))
    with store.begin(LOCAL, now=NOW) as tx:
        tx.keys.destroy("ann")

    def absent(number: int) -> None:
        with store.begin(LOCAL, now=NOW) as tx:
            tx.absences.add(make.make_absence(id=AbsenceId(f"absence-{number}")))

    assert at_once(absent) == [None] * 8
    found = entries(store, filters={"area": "absences"})
    assert len(found) == 8
    assert all(one.unreadable is None for one in found)


GARBAGE = [
    ("sealed", '{"after":["no key","AAAA"]}'),
    ("sealed", '{"after":7}'),
    ("sealed", "[1]"),
    ("sealed", "{"),
    ("after", "x"),
    ("after", "7"),
    ("row_id", "bob"),
]


@pytest.mark.parametrize(("column", "content"), GARBAGE)
def test_p03_an_altered_change_is_listed_without_what_was_altered(store: Store, column: str, content: str) -> None:
    """Whatever somebody wrote there, the list can be read, and verification names the record."""
    fill(store)
    with store.engine.begin() as connection, unguarded(connection):
        connection.execute(update(AUDIT_CHANGES).values({column: content}))
    assert len(entries(store)) == 6
    with store.read(LOCAL) as view:
        assert view.audit.verify().broken is not None


def test_a_sealed_value_cannot_be_moved_to_another_row(store: Store) -> None:
    """An envelope belongs to its place: the same key opens it nowhere else."""
    fill(store)
    with store.engine.begin() as connection, unguarded(connection):
        connection.execute(text("UPDATE audit_changes SET row_id = 'bob' WHERE area = 'people' AND kind = 'created'"))
    moved = entries(store, filters={"row_id": "bob"})[0]
    assert moved.unreadable is Unreadable.ALTERED
    assert NAME not in str(moved)


def test_p03_a_restored_backup_is_found_by_an_anchor(migrated_sqlite_url: str, tmp_path: Path) -> None:
    """A backup's chain is sound and guarded like the original; that it is an old one only the anchor says."""
    store = Store(migrated_sqlite_url)
    fill(store)
    back_up(migrated_sqlite_url, tmp_path / "copy.db")
    with store.begin(LOCAL, now=NOW) as tx:
        tx.clients.add(make.make_client())
    with store.read(LOCAL) as view:
        anchor = view.audit.head()
    store.close()
    restored = Store(f"sqlite:///{tmp_path / 'copy.db'}")
    with restored.read(LOCAL) as view:
        assert view.audit.verify().holds
        broken = view.audit.verify(anchor=anchor).broken
    assert broken is not None
    assert broken.position == 5
    with pytest.raises(DBAPIError, match="never changed or removed"), restored.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_changes"))
    restored.close()


def test_a_database_from_before_the_audit_is_migrated(database_url: str) -> None:
    """Its rows stay; the first change of one knows from the recorded version what it was before."""
    store = Store(database_url)
    config = schema.configuration()
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        row = {"id": "acme", "version": 1, "external_id": None, "name": "Acme", "name_key": "acme"}
        connection.execute(insert(METADATA.tables["clients"]), row)
        connection.execute(
            insert(METADATA.tables["clients_versions"]), {**row, "recorded_from": NOW - timedelta(days=1), "recorded_to": None}
        )
    store.migrate()
    with store.begin(LOCAL, now=NOW) as tx:
        tx.clients.save(replace(tx.clients.get("acme"), name="Acme & Co"))
    entry = entries(store)[0]
    assert (entry.before, entry.after) == ({"version": 1, "name": "Acme"}, {"version": 2, "name": "Acme & Co"})
    store.close()


@pytest.mark.parametrize("table", ["audit_records", "audit_changes", "audit_head"])
@pytest.mark.parametrize("content", ["'x'", "x'00ff'", "-7", "1.5", "NULL"])
def test_p03_whatever_stands_in_a_column_the_walk_goes_on(migrated_sqlite_url: str, table: str, content: str) -> None:
    """SQLite takes anything in any column: verification names a record, it does not stumble."""
    store = Store(migrated_sqlite_url)
    fill(store)
    key = "id" if table == "audit_head" else "position"
    for column in METADATA.tables[table].columns:
        with store.engine.connect() as connection:
            transaction = connection.begin()
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            for (trigger,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
            with suppress(IntegrityError):  # a column that must not be empty
                last = f"(SELECT max({key}) FROM {table})"
                connection.exec_driver_sql(
                    f"UPDATE {table} SET {column.name} = {content} WHERE {key} = {last} AND {column.name} IS NOT {content}"
                )
                if connection.exec_driver_sql("SELECT changes()").scalar_one():
                    assert not AuditReader(connection, LOCAL).verify().holds, column.name
            transaction.rollback()
    store.close()

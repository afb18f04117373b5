"""Several writers at once, and what a busy database means."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import event, text

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store import Store, retried
from scheduler.store.engine import POSTGRESQL_PATIENCE
from tests import factories as make

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
WRITERS = 8


def at_once(action: Callable[[int], object], *, times: int = WRITERS) -> list[object]:
    """Run the action in as many threads, all released together; what each gave or raised."""
    gate = threading.Barrier(times)

    def run(number: int) -> object:
        gate.wait()
        try:
            return action(number)
        except DomainError as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def statements_of(store: Store, action: Callable[[], object]) -> list[str]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    action()
    event.remove(store.engine, "before_cursor_execute", note)
    return seen


def test_c02_every_write_begins_immediate_on_sqlite(migrated_sqlite_url: str) -> None:
    """A write takes the lock when it begins, so it never fails half-way because somebody else wrote; a read takes none."""
    store = Store(migrated_sqlite_url)

    def write() -> None:
        with store.begin(LOCAL, now=NOW) as tx:
            tx.skills.add(make.make_skill())

    def read() -> None:
        with store.read(LOCAL) as view:
            view.skills.all()

    read()
    assert statements_of(store, write)[0] == "BEGIN IMMEDIATE"
    assert statements_of(store, read)[0] == "BEGIN"
    store.close()


def test_sqlite_connections_are_set_up(migrated_sqlite_url: str) -> None:
    """WAL, NORMAL, half a minute of patience, and foreign keys that hold."""
    store = Store(migrated_sqlite_url)
    with store.engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in PRAGMAS}
    store.close()
    assert found == PRAGMAS


PRAGMAS = {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 30_000, "foreign_keys": 1}


def test_of_many_changes_to_one_version_exactly_one_succeeds(store: Store) -> None:
    """Whoever comes second saves over a version that is no longer the current one, and is refused."""
    with store.begin(LOCAL, now=NOW) as tx:
        skill = tx.skills.add(make.make_skill())

    def rename(number: int) -> object:
        with store.begin(LOCAL, now=NOW) as tx:
            return tx.skills.save(replace(skill, name=f"Name {number}"))

    outcomes = at_once(rename)
    refused = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert len(refused) == WRITERS - 1
    assert {error.code for error in refused} == {"version.stale"}


def test_changes_that_read_before_they_write_do_not_get_lost(store: Store) -> None:
    """A record that was read in a write transaction stays locked until its end."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.people.add(make.make_person(terms=(), skills=(), max_demands=0))

    def count(_number: int) -> object:
        with store.begin(LOCAL, now=NOW) as tx:
            person = tx.people.get("ann")
            return tx.people.save(replace(person, max_demands=(person.max_demands or 0) + 1))

    at_once(count)
    with store.read(LOCAL) as view:
        assert view.people.get("ann").max_demands == WRITERS
        assert len(view.people.history("ann")) == WRITERS + 1


def test_c05_a_parent_deleted_while_a_child_is_added(store: Store) -> None:
    """Either the skill goes, or it is held by somebody: never a reference to nothing."""
    for round_number in range(10):
        key = f"skill{round_number}"
        with store.begin(LOCAL, now=NOW) as tx:
            tx.skills.add(make.make_skill(key))

        def act(number: int, key: str = key) -> object:
            with store.begin(LOCAL, now=NOW) as tx:
                if number == 0:
                    tx.skills.delete(key, 1)
                    return None
                return tx.people.add(make.make_person(f"p-{key}", terms=(), skills=(make.make_held(key),)))

        deleted, added = at_once(act, times=2)
        with store.read(LOCAL) as view:
            gone = view.skills.find(key) is None
        assert gone == isinstance(added, DomainError)
        assert gone != isinstance(deleted, DomainError)


def test_a_view_shows_one_state(store: Store) -> None:
    """What is committed while a view is open does not show in it."""
    with store.begin(LOCAL, now=NOW) as tx:
        skill = tx.skills.add(make.make_skill())
    with store.read(LOCAL) as view:
        before = view.skills.get("sap")
        with store.begin(LOCAL, now=NOW) as tx:
            tx.skills.save(replace(skill, name="Later"))
        assert view.skills.get("sap") == before


@pytest.mark.postgresql
def test_a_view_cannot_write_on_postgresql(migrated_postgres_url: str) -> None:
    """The database itself refuses a write in a read transaction."""
    store = Store(migrated_postgres_url)
    with store.read(LOCAL) as view, pytest.raises(Exception, match="read-only transaction"):
        view.connection.execute(text("DELETE FROM skills"))
    store.close()


@pytest.mark.postgresql
def test_c09_deadlock_is_retried(migrated_postgres_url: str) -> None:
    """Two transactions that lock two records in opposite order: PostgreSQL ends one (40P01), and it is run again."""
    store = Store(migrated_postgres_url)
    with store.begin(LOCAL, now=NOW) as tx:
        for key in ("a", "b"):
            tx.people.add(make.make_person(key, terms=(), skills=(), max_demands=0))
    tries: list[int] = []

    @retried
    def count_both(opened: Store, number: int) -> None:
        tries.append(number)
        with opened.begin(LOCAL, now=NOW) as tx:
            for key in ("a", "b") if number % 2 else ("b", "a"):
                person = tx.people.get(key)
                time.sleep(0.05)
                tx.people.save(replace(person, max_demands=(person.max_demands or 0) + 1))

    assert at_once(lambda number: count_both(store, number), times=2) == [None, None]
    with store.read(LOCAL) as view:
        assert [person.max_demands for person in view.people.all()] == [2, 2]
    assert len(tries) > 2
    store.close()


@pytest.mark.postgresql
def test_c09_nobody_waits_for_ever_on_postgresql(migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction left open is ended and gives its locks back; a lock or a statement that takes too long is busy, and the store works on."""
    for name, patience_ms in (("idle_in_transaction_session_timeout", 500), ("lock_timeout", 100), ("statement_timeout", 1_000)):
        monkeypatch.setitem(POSTGRESQL_PATIENCE, name, patience_ms)
    store = Store(migrated_postgres_url)
    with store.begin(LOCAL, now=NOW) as tx:
        skill = tx.skills.add(make.make_skill())

    def rename(name: str) -> None:
        with store.begin(LOCAL, now=NOW) as tx:
            tx.skills.save(replace(tx.skills.get("sap"), name=name))

    with pytest.raises(DomainError) as left_open, store.begin(LOCAL, now=NOW) as tx:
        tx.skills.get("sap")
        with pytest.raises(DomainError) as locked:
            rename("Too early")
        time.sleep(1)
        rename("In time")
        tx.skills.save(replace(skill, name="Too late"))
    with pytest.raises(DomainError) as endless, store.read(LOCAL) as view:
        view.connection.execute(text("SELECT pg_sleep(30)"))
    assert [(one.value.kind, one.value.code) for one in (locked, left_open, endless)] == [(ErrorKind.BUSY, "store.busy")] * 3
    with store.read(LOCAL) as view:
        assert view.skills.get("sap").name == "In time"
    store.close()


def test_c09_locked_database_is_busy_after_five_more_tries(migrated_sqlite_url: str) -> None:
    """While another process holds the write lock a use case is tried six times in all, then refused: nothing was changed."""
    store = Store(migrated_sqlite_url)
    event.listen(store.engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=1"))
    tries: list[int] = []

    @retried
    def add(opened: Store) -> None:
        tries.append(1)
        with opened.begin(LOCAL, now=NOW) as tx:
            tx.skills.add(make.make_skill())

    with store.read(LOCAL):
        pass
    other = sqlite3.connect(migrated_sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    store.engine.dispose()
    with pytest.raises(DomainError) as caught:
        add(store)
    waited = time.monotonic() - started
    other.execute("ROLLBACK")
    assert (caught.value.kind, caught.value.code) == (ErrorKind.BUSY, "store.busy")
    assert waited < 10
    add(store)
    assert sum(tries) == 6 + 1
    other.close()
    store.close()


def test_other_failures_of_the_database_are_not_called_busy(store: Store) -> None:
    """A mistake in a statement is a fault of the program and is not tried again."""
    with pytest.raises(Exception, match="no_such_table"), store.begin(LOCAL, now=NOW) as tx:
        tx.connection.execute(text("SELECT * FROM no_such_table"))


def test_d04_old_sqlite_is_warned_about(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SQLite with the known fault is named, with what to do; a sound one is not."""
    store = Store(migrated_sqlite_url)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    assert "PostgreSQL" in store.warnings()[0]
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    assert store.warnings() == ()
    store.close()


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d", "postgresql://u:secret@h/d"])
def test_database_urls_that_cannot_be_used_are_refused(url: str) -> None:
    """The refusal says which ones can, and does not repeat a password."""
    with pytest.raises(DomainError) as caught:
        Store(url)
    assert caught.value.code == "database.url_invalid"
    assert "secret" not in caught.value.detail


def test_j14_an_unreachable_server_is_said_to_be_unreachable() -> None:
    """What is down is not busy, and no address or password is repeated."""
    store = Store("postgresql+psycopg://nobody:secret@127.0.0.1:1/nothing")
    with pytest.raises(DomainError) as caught:
        store.schema_state()
    assert (caught.value.kind, caught.value.code) == (ErrorKind.BUSY, "store.unreachable")
    assert "secret" not in caught.value.detail
    store.close()


@pytest.mark.postgresql
def test_j14_a_store_reconnects_after_its_connections_were_cut(migrated_postgres_url: str) -> None:
    """A restarted database costs at most the transactions that were open."""
    store = Store(migrated_postgres_url)
    with store.begin(LOCAL, now=NOW) as tx:
        tx.skills.add(make.make_skill())
    with psycopg.connect(migrated_postgres_url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with store.read(LOCAL) as view:
        assert len(view.skills.all()) == 1
    store.close()


def test_d01_a_full_disk_is_said_and_nothing_is_half_written(migrated_sqlite_url: str) -> None:
    """When the file cannot grow, the change is refused as a whole, reading goes on, and writing works again with room."""
    store = Store(migrated_sqlite_url)
    event.listen(store.engine, "connect", lambda connection, _record: connection.execute("PRAGMA max_page_count=1"))

    def fill(count: int) -> None:
        with store.begin(LOCAL, now=NOW) as tx:
            for number in range(count):
                tx.skills.add(make.make_skill(f"skill-{number}-{'x' * 40}"))

    with pytest.raises(DomainError) as caught:
        fill(1_000)
    assert caught.value.code == "store.full"
    with store.read(LOCAL) as view:
        assert view.skills.all() == ()
    fill(1)
    store.close()

"""Migrations and what the store does about a schema that is not its own."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, inspect, text

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.store import SchemaState, Store
from scheduler.store.tables import METADATA

DBOS_TABLES = {"notifications", "queues", "streams", "workflow_status", "operation_outputs", "workflow_events", "workflow_schedules"}


def test_migrations_and_tables_agree(store: Store) -> None:
    """A migrated database has exactly the tables, columns, types, keys and indexes that the program declares."""
    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)
    assert differences == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    """A migrated database stays as it is."""
    store.migrate()
    assert store.schema_state() is SchemaState.CURRENT


def test_table_names_leave_room_for_the_job_engine() -> None:
    """No table is called like one of the job engine's, which stand beside ours on SQLite."""
    assert not set(METADATA.tables) & DBOS_TABLES


def test_d06_older_schema_refuses_and_says_migrate(database_url: str) -> None:
    """A database without the current migrations is not written to."""
    store = Store(database_url)
    assert store.schema_state() is SchemaState.OLDER
    with pytest.raises(DomainError) as refusal, store.begin(LOCAL):
        pass
    assert refusal.value.code == "schema.older"
    assert "muster migrate" in refusal.value.detail
    store.close()


def test_d06_newer_schema_refuses(store: Store, migrated_url: str) -> None:
    """A database that a newer program has migrated is neither used nor migrated."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    later = Store(migrated_url)
    assert later.schema_state() is SchemaState.NEWER
    with pytest.raises(DomainError, match=r"schema\.newer"), later.begin(LOCAL):
        pass
    with pytest.raises(DomainError, match=r"schema\.newer"):
        later.migrate()
    later.close()


class _PowerCutError(Exception):
    pass


@pytest.mark.parametrize("statements", [1, 5, 40, 70])
def test_d07_a_migration_cut_short_leaves_nothing_behind(database_url: str, statements: int) -> None:
    """All steps happen in one transaction; the next try starts from the same place and ends well."""
    store = Store(database_url)
    left = statements

    def cut(*_arguments: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise _PowerCutError

    event.listen(store.engine, "before_cursor_execute", cut)
    with pytest.raises(_PowerCutError):
        store.migrate()
    event.remove(store.engine, "before_cursor_execute", cut)
    assert inspect(store.engine).get_table_names() == []
    store.migrate()
    assert store.schema_state() is SchemaState.CURRENT
    store.close()

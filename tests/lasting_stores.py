"""
One open store per database for a whole test run, emptied before each test.

Opening one anew costs a third of a second: every engine compiles every statement for itself. Tests that change the schema, or
close or dispose of what they are given, open their own from ``migrated_url``.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, text, update

from scheduler.domain.ground.audit import BEGINNING
from scheduler.store import Store
from scheduler.store.tables import METADATA
from scheduler.store.tables.audit import AUDIT_HEAD
from scheduler.store.tables.plans import RECORDING_CLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.postgres import PostgresServer


def empty(store: Store) -> None:
    """Remove every row, and set the recording clock and the audit's chain back to their beginning."""
    with store.engine.begin() as connection, unguarded(connection):
        for table in reversed(METADATA.sorted_tables):
            if table not in {RECORDING_CLOCK, AUDIT_HEAD}:
                connection.execute(delete(table))
        connection.execute(update(RECORDING_CLOCK).values(recorded_at=datetime(1970, 1, 1, tzinfo=UTC)))
        connection.execute(update(AUDIT_HEAD).values(position=0, hash=BEGINNING))


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """As the database's owner could do it: without the triggers that guard the audit, until the end of the block."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        return
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in triggers:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def lasting_sqlite_store(migrated_sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store on a SQLite file of the whole run."""
    opened = Store(f"sqlite:///{shutil.copy(migrated_sqlite_file, tmp_path_factory.mktemp('lasting') / 'muster.db')}")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def lasting_postgres_store(postgres_server: PostgresServer, migrated_postgres_template: str) -> Iterator[Store]:
    """A store on a PostgreSQL database of the whole run."""
    name = postgres_server.create(template=migrated_postgres_template)
    opened = Store(postgres_server.url_of(name))
    yield opened
    opened.close()
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def lasting_store(request: pytest.FixtureRequest) -> Store:
    """An empty store with the current schema; a test that asks for it runs on SQLite and on PostgreSQL."""
    opened: Store = request.getfixturevalue({"sqlite": "lasting_sqlite_store", "postgresql": "lasting_postgres_store"}[request.param])
    empty(opened)
    return opened

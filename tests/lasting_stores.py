"""
One open store per database for a whole test run, emptied before each test.

Opening one anew costs a third of a second: every engine compiles every statement for itself. Tests that change the schema, or
close or dispose of what they are given, open their own from ``migrated_url``.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

from scheduler.store import Store
from scheduler.store.tables import METADATA
from scheduler.store.tables.plans import RECORDING_CLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import PostgresServer


def empty(store: Store) -> None:
    """Remove every row, and set the recording clock back to its beginning."""
    with store.engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            if table is not RECORDING_CLOCK:
                connection.execute(delete(table))
        connection.execute(update(RECORDING_CLOCK).values(recorded_at=datetime(1970, 1, 1, tzinfo=UTC)))


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

"""Fixtures for every test: both databases, for real, empty (``database_url``) or with the current schema (``migrated_url``)."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from scheduler.store import Store
from tests.postgres import PostgresServer, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN_SERVER = "MUSTER_TEST_POSTGRES_URL"

# A busy machine is no reason to fail. Where CI is set, Hypothesis's own profile holds: the same examples every time.
settings.register_profile("patient", deadline=None)
if not os.environ.get("CI"):
    settings.load_profile("patient")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL per test process: the server named by MUSTER_TEST_POSTGRES_URL, else one of our own."""
    if url := os.environ.get(OWN_SERVER):
        yield PostgresServer(url=url)
        return
    with running_server() as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'muster.db'}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """URL of a fresh, empty PostgreSQL database."""
    name = postgres_server.create()
    yield postgres_server.url_of(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of a fresh, empty database; a test that asks for it runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return url


def _migrated(url: str) -> None:
    store = Store(url)
    store.migrate()
    store.close()


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the current schema, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "muster.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres_template(postgres_server: PostgresServer) -> Iterator[str]:
    """Name of a PostgreSQL database with the current schema, to be copied."""
    name = postgres_server.create()
    _migrated(postgres_server.url_of(name))
    yield name
    postgres_server.drop(name)


@pytest.fixture
def migrated_sqlite_url(migrated_sqlite_file: Path, tmp_path: Path) -> str:
    """URL of a SQLite file with the current schema and no rows."""
    return f"sqlite:///{shutil.copy(migrated_sqlite_file, tmp_path / 'muster.db')}"


@pytest.fixture
def migrated_postgres_url(postgres_server: PostgresServer, migrated_postgres_template: str) -> Iterator[str]:
    """URL of a PostgreSQL database with the current schema and no rows."""
    name = postgres_server.create(template=migrated_postgres_template)
    yield postgres_server.url_of(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """URL of a database with the current schema; a test that asks for it runs on SQLite and on PostgreSQL. Copied, hence quick."""
    url: str = request.getfixturevalue({"sqlite": "migrated_sqlite_url", "postgresql": "migrated_postgres_url"}[request.param])
    return url

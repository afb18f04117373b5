"""The real app over a real database: without a worker for records, with one for plans."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.application import Application
from scheduler.config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import PostgresServer

BASE = "http://127.0.0.1:8000"


def _prepared(url: str, folder: Path) -> None:
    made = Application(Settings(database_url=url, data_dir=folder))
    made.migrate()
    made.stop()


@pytest.fixture(scope="session")
def prepared_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables and the job engine's, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    _prepared(f"sqlite:///{folder / 'muster.db'}", folder)
    return folder / "muster.db"


@pytest.fixture(scope="session")
def prepared_postgres_template(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name of a PostgreSQL database with our tables and the job engine's, to be copied."""
    name = postgres_server.create()
    _prepared(postgres_server.url_of(name), tmp_path_factory.mktemp("prepared"))
    yield name
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database that is ready to serve and has no rows: once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("prepared_sqlite_file")
        yield f"sqlite:///{shutil.copy(file, tmp_path / 'muster.db')}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create(template=request.getfixturevalue("prepared_postgres_template"))
    yield server.url_of(name)
    server.drop(name)


@pytest.fixture
def application(prepared_url: str, tmp_path: Path) -> Iterator[Application]:
    """An installation whose worker is not running."""
    made = Application(Settings(database_url=prepared_url, data_dir=tmp_path, solve_max_seconds=20, solve_max_workers=1))
    yield made
    made.stop()


@pytest.fixture
def client(application: Application) -> TestClient:
    """Requests without a running worker. A fault of the server's own is an answer, as it is in production."""
    return TestClient(create_app(application), base_url=BASE, raise_server_exceptions=False)


@pytest.fixture
def working_client(application: Application) -> Iterator[TestClient]:
    """Requests with the worker running."""
    with TestClient(create_app(application), base_url=BASE, raise_server_exceptions=False) as client:
        yield client

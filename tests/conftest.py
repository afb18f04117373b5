"""
Fixtures for every test: both databases, for real, empty (``database_url``) or with the current schema (``migrated_url``),
or with the job engine's tables too (``prepared_url``).
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from scheduler.store import Store
from tests.once_per_run import RunFolder
from tests.order import spread
from tests.postgres import PostgresServer, server_of_a_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A busy machine is no reason to fail. Where CI is set, Hypothesis's own profile holds: the same examples every time.
settings.register_profile("patient", deadline=None)
# A mutant is killed by a few examples or by none: the same ones each time, so that none is killed by luck.
settings.register_profile("mutants", deadline=None, derandomize=True, database=None, max_examples=15)
if not os.environ.get("CI"):
    settings.load_profile("patient")

_OPEN = pytest.StashKey[ExitStack]()
_SERVER = pytest.StashKey[PostgresServer]()
_TOLD_SERVER = "muster_postgres_server"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """
    Start one PostgreSQL for all workers of pytest-xdist, before the first of them, and tell each where it is.

    This runs in the process that outlives them all, so a worker that crashes takes no server from the others.
    """
    config = node.config
    if "not postgresql" in config.option.markexpr:
        return
    if _OPEN not in config.stash:
        config.stash[_OPEN] = ExitStack()
        config.stash[_SERVER] = config.stash[_OPEN].enter_context(server_of_a_run())
    server = config.stash[_SERVER]
    node.workerinput[_TOLD_SERVER] = {"url": server.url, "prefix": server.prefix}


def pytest_unconfigure(config: pytest.Config) -> None:
    """The workers are gone: so goes their server."""
    if _OPEN in config.stash:
        config.stash[_OPEN].close()


@pytest.hookimpl(trylast=True)  # after -k and -m have taken their pick
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests begin while there is something left to do for the other workers."""
    if workers := _worker_input(config).get("workercount"):
        items[:] = spread(items, is_long=lambda item: item.get_closest_marker("slow") is not None, workers=workers)


def _worker_input(config: pytest.Config) -> dict[str, Any]:
    """What the process that started this worker told it; nothing when there are no workers."""
    return getattr(config, "workerinput", {})


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A directory shared by all worker processes: each has its own temporary directory in it."""
    own = tmp_path_factory.getbasetemp()
    return RunFolder(own.parent if hasattr(request.config, "workerinput") else own)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """The PostgreSQL of this run: shared by all workers, or this process's own when it is alone."""
    if told := _worker_input(request.config).get(_TOLD_SERVER):
        yield PostgresServer(**told)
        return
    with server_of_a_run() as server:
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


def _migrate(url: str) -> None:
    store = Store(url)
    store.migrate()
    store.close()


def _prepare(url: str) -> None:
    from scheduler.application import Application
    from scheduler.config import Settings

    application = Application(Settings(database_url=url))
    application.migrate()
    application.stop()


def _sqlite_file(folder: RunFolder, name: str, make: Callable[[str], None]) -> Path:
    file = folder.path / f"{name}.db"
    folder.once(file.name, lambda: make(f"sqlite:///{file}"))
    return file


def _postgres_template(server: PostgresServer, folder: RunFolder, name: str, make: Callable[[str], None]) -> str:
    def make_anew() -> None:
        server.drop(server.prefix + name)  # a worker may have been killed half-way
        make(server.url_of(server.create(called=name)))

    folder.once(server.prefix + name, make_anew)
    return server.prefix + name


@pytest.fixture(scope="session")
def migrated_sqlite_file(run_folder: RunFolder) -> Path:
    """A SQLite file with the current schema, to be copied."""
    return _sqlite_file(run_folder, "migrated", _migrate)


@pytest.fixture(scope="session")
def migrated_postgres_template(postgres_server: PostgresServer, run_folder: RunFolder) -> str:
    """Name of a PostgreSQL database with the current schema, to be copied."""
    return _postgres_template(postgres_server, run_folder, "migrated", _migrate)


@pytest.fixture(scope="session")
def prepared_sqlite_file(run_folder: RunFolder) -> Path:
    """A SQLite file with our tables and the job engine's, to be copied."""
    return _sqlite_file(run_folder, "prepared", _prepare)


@pytest.fixture(scope="session")
def prepared_postgres_template(postgres_server: PostgresServer, run_folder: RunFolder) -> str:
    """Name of a PostgreSQL database with our tables and the job engine's, to be copied."""
    return _postgres_template(postgres_server, run_folder, "prepared", _prepare)


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


@pytest.fixture
def prepared_sqlite_url(prepared_sqlite_file: Path, tmp_path: Path) -> str:
    """URL of a SQLite file that is ready to serve and has no rows."""
    return f"sqlite:///{shutil.copy(prepared_sqlite_file, tmp_path / 'muster.db')}"


@pytest.fixture
def prepared_postgres_url(postgres_server: PostgresServer, prepared_postgres_template: str) -> Iterator[str]:
    """URL of a PostgreSQL database that is ready to serve and has no rows."""
    name = postgres_server.create(template=prepared_postgres_template)
    yield postgres_server.url_of(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def prepared_url(request: pytest.FixtureRequest) -> str:
    """URL of a database that is ready to serve and has no rows: once on SQLite and once on PostgreSQL. Copied, hence quick."""
    url: str = request.getfixturevalue({"sqlite": "prepared_sqlite_url", "postgresql": "prepared_postgres_url"}[request.param])
    return url

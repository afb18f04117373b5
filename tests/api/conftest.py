"""The real app over a real database: without a worker for records, with one for plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anyio.from_thread import start_blocking_portal
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from api.app import bare_app, create_app
from scheduler.application import Application
from scheduler.config import Settings
from tests.logins import logged_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

BASE = "http://127.0.0.1:8000"
OPERATIONS = bare_app().router.routes
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logins by the hundred: the cost that a password has for real is tested in ``tests/store/test_password_cost.py``."""
    monkeypatch.setattr("scheduler.store.credentials._HASHER", QUICK_HASHER)


@pytest.fixture(autouse=True)
def _known_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every app is another one, but what the framework finds out about an operation when it is first asked for is found out once."""

    def with_known_operations(*, lifespan: Any = None) -> FastAPI:
        app = bare_app(lifespan=lifespan)
        app.router.routes[:] = OPERATIONS
        return app

    monkeypatch.setattr("api.app.bare_app", with_known_operations)


@pytest.fixture(autouse=True, scope="session")
def _one_event_loop() -> Iterator[None]:
    """Clients that are not entered make a loop and its threads anew for every request, which takes as long as most answers."""
    with start_blocking_portal() as portal:
        TestClient.portal = portal
        yield
        TestClient.portal = None


@pytest.fixture
def application(prepared_url: str, tmp_path: Path) -> Iterator[Application]:
    """An installation whose worker is not running."""
    made = Application(Settings(database_url=prepared_url, data_dir=tmp_path, solve_max_seconds=20, solve_max_workers=1))
    yield made
    made.stop()


@pytest.fixture
def client(application: Application) -> TestClient:
    """An admin's requests without a running worker. A fault of the server's own is an answer, as it is in production."""
    return TestClient(create_app(application), base_url=BASE, headers=logged_in(application), raise_server_exceptions=False)


@pytest.fixture
def working_client(application: Application) -> Iterator[TestClient]:
    """An admin's requests with the worker running."""
    app = create_app(application)
    with TestClient(app, base_url=BASE, headers=logged_in(application), raise_server_exceptions=False) as client:
        yield client

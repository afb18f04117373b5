"""A migrated store on each database, that remembers the jobs it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lasting_stores import lasting_postgres_store, lasting_sqlite_store, lasting_store

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scheduler.domain.ground.jobs import Job
    from scheduler.store import Store

__all__ = ["lasting_postgres_store", "lasting_sqlite_store", "lasting_store"]


@pytest.fixture
def jobs() -> list[Job]:
    """The jobs that were put into the queue."""
    return []


@pytest.fixture
def store(lasting_store: Store, jobs: list[Job]) -> Store:
    """An empty store with the current schema."""

    def enqueue(_connection: Connection, job: Job) -> None:
        jobs.append(job)

    lasting_store.wire(enqueue)
    return lasting_store

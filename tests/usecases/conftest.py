"""A migrated store on each database, that remembers the jobs it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scheduler.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from scheduler.domain.ground.jobs import Job


@pytest.fixture
def jobs() -> list[Job]:
    """The jobs that were put into the queue."""
    return []


@pytest.fixture
def store(migrated_url: str, jobs: list[Job]) -> Iterator[Store]:
    """An empty store with the current schema."""
    opened = Store(migrated_url)

    def enqueue(_connection: Connection, job: Job) -> None:
        jobs.append(job)

    opened.wire(enqueue)
    yield opened
    opened.close()

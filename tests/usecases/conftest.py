"""A migrated store on each database, that remembers the jobs it was asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.usecases.records import create_record
from tests import factories as make
from tests.lasting_stores import lasting_postgres_store, lasting_sqlite_store, lasting_store
from tests.stored_plans import PLANNED_AT

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scheduler.domain.ground.jobs import Job
    from scheduler.store import Store
    from scheduler.usecases.records import Record

__all__ = ["lasting_postgres_store", "lasting_sqlite_store", "lasting_store"]


@pytest.fixture
def jobs() -> list[Job]:
    """The jobs that were put into the queue."""
    return []


@pytest.fixture
def store(lasting_store: Store, jobs: list[Job]) -> Store:
    """An empty store with the current schema."""

    def enqueue(_connection: Connection, job: Job, _run_id: str) -> None:
        jobs.append(job)

    lasting_store.wire(enqueue)
    return lasting_store


@pytest.fixture
def firm(store: Store) -> Store:
    """Two people, two projects with one demand each, of half a person or one for four weeks."""
    demands = [
        make.make_demand(project=project, shares=(Decimal(1), Decimal("0.5")), min_run_weeks=1, max_people=2)
        for project in ("alpha", "beta")
    ]
    people, projects = (make.make_person(), make.make_person("bob")), (make.make_project(), make.make_project("beta"))
    records: list[Record] = [make.make_skill(), make.make_calendar(), *people, *projects, *demands]
    for value in records:
        create_record(store, actor=LOCAL, value=value, now=PLANNED_AT)
    return store

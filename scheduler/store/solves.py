"""Problems that were sent in to be solved, and what came out. Only who sent one sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from scheduler.domain.ground.access import require
from scheduler.domain.ground.jobs import SOLVE_PROBLEM, JobRecord
from scheduler.domain.ground.permissions import SOLVES_OWN, Role
from scheduler.domain.staffing.solves import Solve
from scheduler.store.areas.base import Area, Row, built
from scheduler.store.columns import can_be_text
from scheduler.store.jobs import JobRepository
from scheduler.store.reader import not_found
from scheduler.store.tables.jobs import JOBS, SOLVES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from scheduler.domain.ground.access import Actor

SOLVE_AREA: Area[Solve] = Area(name="solves", one="solve", table=SOLVES, to_row=lambda _: {}, from_row=lambda row, _: _from_row(row))


def _from_row(row: Row) -> Solve:
    return Solve(job=_job(row), problem=row["problem"], limits=row["limits"], result=row["result"])


def _job(row: Row) -> JobRecord:
    return built(JobRecord, {column.name: row[column.name] for column in JOBS.columns})


class SolveReader:
    """Problems and results of whoever asks."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor

    def get(self, solve_id: str) -> Solve:
        """The problem with how far it is. Raises DomainError ``record.not_found``, also for what others sent in."""
        row = None
        if can_be_text(solve_id) and self._actor.may(SOLVES_OWN):
            own = () if self._actor.role is Role.SYSTEM else (JOBS.c.actor_id == self._actor.id,)
            columns = (*JOBS.columns, SOLVES.c.problem, SOLVES.c.limits, SOLVES.c.result)
            query = select(*columns).join(SOLVES, SOLVES.c.id == JOBS.c.id).where(JOBS.c.id == solve_id, *own)
            row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise not_found(SOLVE_AREA, solve_id)
        return _from_row(row)


class SolveRepository(SolveReader):
    """The same in a write transaction."""

    def add(self, *, problem: Mapping[str, Any], limits: Mapping[str, Any], now: datetime) -> Solve:
        """Keep a problem with its job. Raises DomainError ``access.denied``."""
        require(self._actor, SOLVES_OWN)
        job = JobRepository(self._connection, self._actor).put_own(SOLVE_PROBLEM, now=now)
        self._connection.execute(insert(SOLVES).values(id=job.id, problem=dict(problem), limits=dict(limits)))
        return Solve(job=job, problem=problem, limits=limits)

    def keep_result(self, solve_id: str, result: Mapping[str, Any]) -> None:
        """Keep what came out; a second time, after a crash, replaces the first."""
        self._connection.execute(update(SOLVES).where(SOLVES.c.id == solve_id).values(result=dict(result)))

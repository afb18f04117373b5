"""Sweeps and what they say. Whoever sees the firm's scenarios sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import false, insert, select, update

from scheduler.domain.ground.access import beyond_reach, require
from scheduler.domain.ground.jobs import SWEEP, JobRecord, JobState
from scheduler.domain.ground.paging import Page
from scheduler.domain.ground.permissions import COST_READ, SCENARIOS_READ, Scope
from scheduler.domain.staffing.sweeps import Sweep
from scheduler.store.areas.base import Area, Filter, FilterKind, Row, built
from scheduler.store.columns import can_be_text
from scheduler.store.jobs import JobRepository
from scheduler.store.pages import rows_of_page
from scheduler.store.reader import not_found
from scheduler.store.tables.jobs import JOBS, SWEEPS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.paging import PageRequest

SWEEP_AREA: Area[Sweep] = Area(
    name="sweeps",
    one="sweep",
    table=SWEEPS,
    to_row=lambda _: {},
    from_row=lambda row, _: _from_row(row),
    sorts={"created_at": "created_at", "id": "id"},
    filters={"state": Filter(kind=FilterKind.EQUALS, column="state", choices=JobState)},
)


def _from_row(row: Row) -> Sweep:
    job = built(JobRecord, {column.name: row[column.name] for column in JOBS.columns})
    return Sweep(job=job, request=row["request"], result=row["result"])


class SweepReader:
    """Sweeps to be read; without amounts by whoever may not see costs."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor

    def get(self, sweep_id: str) -> Sweep:
        """The sweep with how far it is. Raises DomainError ``record.not_found``."""
        row = None
        if can_be_text(sweep_id) and self._actor.may(SCENARIOS_READ) and self._sees_all(SCENARIOS_READ):
            query = (
                select(*JOBS.columns, SWEEPS.c.request, SWEEPS.c.result).join(SWEEPS, SWEEPS.c.id == JOBS.c.id).where(JOBS.c.id == sweep_id)
            )
            row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise not_found(SWEEP_AREA, sweep_id)
        return self._shown(_from_row(row))

    def page(self, request: PageRequest) -> Page[Sweep]:
        """One page of the list, without results. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
        require(self._actor, SCENARIOS_READ)
        joined = select(*JOBS.columns, SWEEPS.c.request).join(SWEEPS, SWEEPS.c.id == JOBS.c.id)
        rows = (joined if self._sees_all(SCENARIOS_READ) else joined.where(false())).subquery("sweeps")
        found, following = rows_of_page(self._connection, request, area=SWEEP_AREA, rows=rows, seen=select(rows))
        return Page(items=tuple(self._shown(_from_row({**row, "result": None})) for row in found), next_cursor=following)

    def _shown(self, sweep: Sweep) -> Sweep:
        return sweep if self._actor.may(COST_READ) else sweep.without_amounts()

    def _sees_all(self, right: str) -> bool:
        """They are about everybody: whoever is limited to a team sees none."""
        scope = self._actor.scope(right)
        return scope is Scope.ALL or (scope is Scope.TEAM and self._actor.team is None)


class SweepRepository(SweepReader):
    """The same in a write transaction."""

    def add(self, *, request: Mapping[str, Any], now: datetime) -> Sweep:
        """Keep a sweep with its job. Raises DomainError ``access.denied``, ``access.out_of_scope``."""
        for right in ("scenarios:create", "plans:create"):
            require(self._actor, right)
            if not self._sees_all(right):
                raise beyond_reach(right)
        job = JobRepository(self._connection, self._actor).put_own(SWEEP, now=now)
        self._connection.execute(insert(SWEEPS).values(id=job.id, request=dict(request)))
        return Sweep(job=job, request=request)

    def keep_result(self, sweep_id: str, result: Mapping[str, Any]) -> None:
        """Keep what came out; a second time, after a crash, replaces the first."""
        self._connection.execute(update(SWEEPS).where(SWEEPS.c.id == sweep_id).values(result=dict(result)))

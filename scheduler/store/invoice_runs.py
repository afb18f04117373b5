"""Runs that draft invoices: what was asked, which contracts make an invoice together, and what came of each group."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from scheduler.domain.billing.run_progress import InvoiceRun, RunOutcome
from scheduler.domain.billing.runs import bills_costs, grouped
from scheduler.domain.ground.access import require
from scheduler.domain.ground.jobs import INVOICE_RUN, JobRecord, JobState
from scheduler.domain.ground.paging import Page
from scheduler.domain.ground.permissions import INVOICES_CREATE, Scope
from scheduler.store.areas.base import Area, Filter, FilterKind, Row, built
from scheduler.store.columns import can_be_text
from scheduler.store.jobs import JobRepository
from scheduler.store.pages import rows_of_page
from scheduler.store.reader import not_found
from scheduler.store.tables.invoices import INVOICE_RUN_OUTCOMES, INVOICE_RUNS
from scheduler.store.tables.jobs import JOBS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from scheduler.domain.billing.contract_work import Finding
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.runs import RunScope
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import ContractId
    from scheduler.domain.ground.paging import PageRequest
    from scheduler.store.view import View

RUN_AREA: Area[InvoiceRun] = Area(
    name="invoice_runs",
    one="invoice run",
    table=INVOICE_RUNS,
    to_row=lambda _: {},
    from_row=lambda row, _: _from_row(row),
    sorts={"created_at": "created_at", "id": "id"},
    filters={"state": Filter(kind=FilterKind.EQUALS, column="state", choices=JobState)},
)


def _from_row(row: Row, **more: Any) -> InvoiceRun:
    job = built(JobRecord, {column.name: row[column.name] for column in JOBS.columns})
    groups = row["groups"]
    return InvoiceRun(job=job, request=row["request"], groups=None if groups is None else tuple(tuple(one) for one in groups), **more)


class RunReader:
    """Runs to be read, by whoever may make drafts."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor

    def get(self, run_id: str) -> InvoiceRun:
        """The run with how far it is and what came of it. Raises DomainError ``record.not_found``."""
        row = None
        if can_be_text(run_id) and self._actor.scope(INVOICES_CREATE) is Scope.ALL:
            row = self._connection.execute(_runs().where(JOBS.c.id == run_id)).mappings().one_or_none()
        if row is None:
            raise not_found(RUN_AREA, run_id)
        rows = INVOICE_RUN_OUTCOMES.c
        query = select(INVOICE_RUN_OUTCOMES).where(rows.run_id == run_id).order_by(rows.position)
        outcomes = tuple(
            RunOutcome(position=one.position, invoice_id=one.invoice_id, findings=tuple(one.findings))
            for one in self._connection.execute(query)
        )
        return _from_row(row, done=len(outcomes), outcomes=outcomes)

    def page(self, request: PageRequest) -> Page[InvoiceRun]:
        """One page of the list, without outcomes. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
        require(self._actor, INVOICES_CREATE)
        rows = _runs().subquery("invoice_runs")
        found, following = rows_of_page(self._connection, request, area=RUN_AREA, rows=rows, seen=select(rows))
        counts = select(INVOICE_RUN_OUTCOMES.c.run_id, func.count()).where(INVOICE_RUN_OUTCOMES.c.run_id.in_([row["id"] for row in found]))
        done = {run_id: int(count) for run_id, count in self._connection.execute(counts.group_by(INVOICE_RUN_OUTCOMES.c.run_id))}
        return Page(items=tuple(_from_row(row, done=done.get(row["id"], 0)) for row in found), next_cursor=following)


class RunRepository(RunReader):
    """The same in a write transaction."""

    def add(self, *, request: Mapping[str, Any], now: datetime) -> InvoiceRun:
        """Keep a run with its job. Raises DomainError ``access.denied``."""
        require(self._actor, INVOICES_CREATE)
        job = JobRepository(self._connection, self._actor).put_own(INVOICE_RUN, now=now)
        self._connection.execute(insert(INVOICE_RUNS).values(id=job.id, request=dict(request)))
        return InvoiceRun(job=job, request=request)

    def keep_groups(self, run_id: str, groups: Sequence[Sequence[str]]) -> None:
        """Say which contracts make an invoice together; from then on the run's groups stay as they are."""
        self._connection.execute(update(INVOICE_RUNS).where(INVOICE_RUNS.c.id == run_id).values(groups=[list(one) for one in groups]))


def keep_outcome(connection: Connection, run_id: str, position: int, invoice_id: str | None, findings: Sequence[Finding]) -> None:
    """Keep what came of a group, in the transaction that drafts its invoice."""
    told = [{**asdict(finding), "facts": dict(finding.facts)} for finding in findings]
    row = {"run_id": run_id, "position": position, "invoice_id": invoice_id, "findings": told}
    connection.execute(insert(INVOICE_RUN_OUTCOMES).values(row))


def groups_of(view: View, scope: RunScope, *, with_costs: bool) -> tuple[tuple[ContractId, ...], ...]:
    """Which contracts of a scope make an invoice together; the view has to see them all. Those without a client are left out."""
    contracts: list[Contract] = [one for one in _contracts(view, scope) if with_costs or not bills_costs(one)]
    projects = {project.id: project for project in view.projects.many({one.project_id for one in contracts})}
    client_of = {one.id: client for one in contracts if (client := projects[one.project_id].client_id) is not None}
    wanted = [one for one in contracts if one.id in client_of and (not scope.client_ids or client_of[one.id] in scope.client_ids)]
    return grouped(
        wanted,
        client_of=client_of,
        accounts={one.client_id: one for one in view.area("client_accounts").all()},
        entities={one.id: one for one in view.area("legal_entities").all()},
    )


def _contracts(view: View, scope: RunScope) -> tuple[Contract, ...]:
    area = view.area("contracts")
    found: tuple[Contract, ...] = area.many(scope.contract_ids) if scope.contract_ids else area.all()
    return tuple(one for one in found if scope.legal_entity_id in {None, one.legal_entity_id} and one.starts_on <= scope.until)


def _runs() -> Any:
    return select(*JOBS.columns, INVOICE_RUNS.c.request, INVOICE_RUNS.c.groups).join(INVOICE_RUNS, INVOICE_RUNS.c.id == JOBS.c.id)

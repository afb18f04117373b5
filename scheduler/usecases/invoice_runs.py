"""Asking for a run that drafts invoices in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.run_progress import scope_to_json
from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import Fault
from scheduler.domain.ground.permissions import COST_READ, INVOICES_CREATE
from scheduler.store import retried
from scheduler.store.invoice_runs import RunRepository, groups_of

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.billing.run_progress import InvoiceRun
    from scheduler.domain.billing.runs import RunScope
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction


@retried
def request_invoice_run(
    store: Store, *, actor: Actor, scope: RunScope, now: datetime, idempotency: IdempotencyClaim | None = None
) -> InvoiceRun:
    """
    Ask for drafts of everything that is billable in a scope; contracts that bill costs only for somebody who may see those.

    Raises DomainError ``access.denied``, ``input.invalid`` for what it names and nobody knows.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        require(actor, INVOICES_CREATE)
        _check_named(tx, scope)
        runs = RunRepository(tx.connection, actor)
        run = runs.add(request=scope_to_json(scope, with_costs=actor.may(COST_READ)), now=now)
        tx.dispatch(run.job)
        return tx.answer(run)


@retried
def begin_invoice_run(store: Store, *, actor: Actor, run_id: str, scope: RunScope, with_costs: bool, now: datetime) -> InvoiceRun:
    """Keep which contracts make an invoice together, once; a run that was begun before goes on with those that it had."""
    with store.begin(actor, now=now) as tx:
        runs = RunRepository(tx.connection, actor)
        if runs.get(run_id).groups is None:
            runs.keep_groups(run_id, groups_of(tx.unrestricted, scope, with_costs=with_costs))
        return runs.get(run_id)


def _check_named(tx: Transaction, scope: RunScope) -> None:
    named = (
        ("contract_ids", "contracts", scope.contract_ids),
        ("client_ids", "clients", scope.client_ids),
        ("legal_entity_id", "legal_entities", frozenset() if scope.legal_entity_id is None else frozenset({scope.legal_entity_id})),
    )
    for field, area, ids in named:
        found = {one.id for one in tx.area(area).many(ids)}
        if ids - found:
            message = f"Nothing among the {area.replace('_', ' ')} has the id {min(ids - found)}; give ids of what exists."
            raise invalid("invoice run", Fault(pointer=f"/{field}", code="reference.not_found", message=message))

"""Where contracts stand, and the approval of milestones. Contracts and charges themselves are records as others are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.contracts import (
    ChargeApprovalWrite,
    ChargeUnapprovalWrite,
    ChargeWrite,
    ContractStatusQuery,
    ContractStatusRead,
    shown_status,
)
from api.schemas.fields import Id
from api.schemas.records import read_shape, shown
from api.versions import with_diff
from scheduler.queries.contracts import contract_status
from scheduler.usecases import contracts as done

if TYPE_CHECKING:
    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.ground.idempotency import StoredResponse

router = APIRouter(route_class=JsonRoute)
CHARGE_READ = read_shape("Charge", ChargeWrite)
ChargeId = Annotated[Id, Path(description="The charge.")]


def _respond(charge: Charge) -> StoredResponse:
    return stored(shown(CHARGE_READ, charge), version=charge.version)


@router.get(
    "/contracts/{contract_id}/status",
    operation_id="read_contract_status",
    response_model=ContractStatusRead,
    responses=problems(403, 404),
    tags=["contracts"],
)
def read_contract_status(
    application: CurrentApplication,
    actor: CurrentActor,
    contract_id: Annotated[Id, Path(description="The contract.")],
    query: Annotated[ContractStatusQuery, Query()],
) -> Response:
    """Read where a contract stands: value, what is billed, what is left of cap, deposits and blocks, and the months of a retainer."""
    on = query.on or datetime.now(UTC).date()
    found = contract_status(application.store, actor=actor, contract_id=contract_id, on=on)
    return to_response(stored(shown_status(found)))


@router.post(
    "/charges/{charge_id}/approve",
    operation_id="approve_charge",
    response_model=CHARGE_READ,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
    tags=["charges"],
)
def approve(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    charge_id: ChargeId,
    version: ExpectedVersion,
    body: ChargeApprovalWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say that a milestone was reached: from that day on its amount is billable."""
    store, now = application.store, datetime.now(UTC)
    with with_diff(store, actor=actor, area="charges", record_id=charge_id, version=version, read=CHARGE_READ):
        charge = done.approve_charge(
            store,
            actor=actor,
            charge_id=charge_id,
            expected_version=version,
            reached_on=body.reached_on or now.date(),
            now=now,
            idempotency=claim_of(request, idempotency_key, respond=_respond),
        )
    return to_response(_respond(charge))


@router.post(
    "/charges/{charge_id}/unapprove",
    operation_id="unapprove_charge",
    response_model=CHARGE_READ,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
    tags=["charges"],
)
def unapprove(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    charge_id: ChargeId,
    version: ExpectedVersion,
    body: ChargeUnapprovalWrite,  # noqa: ARG001 - it says nothing
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take the approval of a milestone back, as long as it is on no invoice."""
    store = application.store
    with with_diff(store, actor=actor, area="charges", record_id=charge_id, version=version, read=CHARGE_READ):
        charge = done.unapprove_charge(
            store,
            actor=actor,
            charge_id=charge_id,
            expected_version=version,
            now=datetime.now(UTC),
            idempotency=claim_of(request, idempotency_key, respond=_respond),
        )
    return to_response(_respond(charge))

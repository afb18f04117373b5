"""Running rebalance policies, and deciding what they propose. The policies themselves are records like the others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.fields import Id
from api.schemas.rebalance import ApprovalWrite, ChangeSetList, ChangeSetRead, GroupsWrite, RunWrite, shown_set
from api.schemas.records import page_shape
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.staffing.change_sets import ChangeSet
from scheduler.jobs.decisions import approve_groups, reject_groups, undo_groups
from scheduler.queries.change_sets import ShownChangeSet, get_change_set, list_change_sets
from scheduler.usecases.rebalance_runs import run_policy

router = APIRouter(route_class=JsonRoute, tags=["rebalance"])
ChangeSetPage = page_shape("ChangeSetPage", ChangeSetRead)
ChangeSetPath = Annotated[Id, Path(description="The id the server gave it.")]
DryRun = Annotated[bool, Query(description="Say what would be changed; apply nothing, and let nobody apply it.")]
_DECIDED = problems(403, 404, 409, 412, 413, 415, 428)


@router.post(
    "/rebalance-policies/{policy_id}/runs",
    operation_id="run_rebalance_policy",
    status_code=202,
    response_model=ChangeSetRead,
    responses=problems(403, 404, 409, 413, 415),
)
def run(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    policy_id: ChangeSetPath,
    body: RunWrite,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Run a policy now. The change set is computed in the background, and empty at once when nothing has changed since the last one."""

    def respond(found: ChangeSet) -> StoredResponse:
        location = address(application.settings.public_url, "change-sets", found.id)
        return stored(shown_set(found), status=202, version=found.version, location=location)

    found = run_policy(
        application.store,
        actor=actor,
        policy_id=policy_id,
        now=datetime.now(UTC),
        anew=body.anew,
        dry_run=dry_run,
        blind=application.settings.cost_blind_plans,
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(found))


@router.get("/change-sets", operation_id="list_change_sets", response_model=ChangeSetPage, responses=problems(403))
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[ChangeSetList, Query()]) -> Response:
    """List change sets without their groups, page by page. They sort by: created_at, id."""
    found = list_change_sets(application.store, actor=actor, page=query.page_request())
    items = [shown_set(one) for one in found.items]
    return to_response(stored(ChangeSetPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.get("/change-sets/{change_set_id}", operation_id="read_change_set", response_model=ChangeSetRead, responses=problems(403, 404))
def read(application: CurrentApplication, actor: CurrentActor, change_set_id: ChangeSetPath) -> Response:
    """Read a change set: its groups with reasons and worth, the proof of its plan, and which bookings no longer hold."""
    return to_response(_whole(get_change_set(application.store, actor=actor, change_set_id=change_set_id)))


@router.post("/change-sets/{change_set_id}/approve", operation_id="approve_change_set", response_model=ChangeSetRead, responses=_DECIDED)
def approve(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    change_set_id: ChangeSetPath,
    version: ExpectedVersion,
    body: ApprovalWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """
    Apply groups, all of the chosen ones or none. What is chosen is verified first, without the rest.

    Refused with 412 `change_set.expired` when something that they rest on has changed since they were computed.
    """
    done = approve_groups(
        application.store,
        actor=actor,
        change_set_id=change_set_id,
        expected_version=version,
        approval=body.to_value(),
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=_whole),
    )
    return to_response(_whole(done))


@router.post("/change-sets/{change_set_id}/reject", operation_id="reject_change_set", response_model=ChangeSetRead, responses=_DECIDED)
def reject(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    change_set_id: ChangeSetPath,
    version: ExpectedVersion,
    body: GroupsWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Leave groups be. They are proposed again only after something has changed."""
    done = reject_groups(
        application.store,
        actor=actor,
        change_set_id=change_set_id,
        expected_version=version,
        groups=body.groups,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=_whole),
    )
    return to_response(_whole(done))


@router.post("/change-sets/{change_set_id}/undo", operation_id="undo_change_set", response_model=ChangeSetRead, responses=_DECIDED)
def undo(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    change_set_id: ChangeSetPath,
    version: ExpectedVersion,
    body: GroupsWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Put back exactly what was booked before groups were applied; refused when those bookings have been changed since."""
    done = undo_groups(
        application.store,
        actor=actor,
        change_set_id=change_set_id,
        expected_version=version,
        groups=body.groups,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=_whole),
    )
    return to_response(_whole(done))


def _whole(seen: ShownChangeSet) -> StoredResponse:
    return stored(shown_set(seen.found, seen), version=seen.found.version)

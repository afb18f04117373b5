"""Timesheets, the inbox, handing in and deciding, locked periods, and the firm's policy for all that."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.approvals import (
    ApprovalPolicyRead,
    ApprovalPolicyWrite,
    InboxQuery,
    InboxRead,
    LiftWrite,
    LinesWithReasonWrite,
    LinesWrite,
    MovedLinesRead,
    PeriodLockList,
    PeriodLockPage,
    PeriodLockRead,
    PeriodLockWrite,
    TimesheetQuery,
    TimesheetRead,
    shown_inbox,
    shown_lock,
    shown_moved,
    shown_sheet,
)
from api.schemas.fields import Id
from api.schemas.records import patch_shape, patched, shown
from api.versions import with_diff
from scheduler.application import Application
from scheduler.domain.delivery.lines import LineStep
from scheduler.domain.ground.access import Actor
from scheduler.queries.records import list_records
from scheduler.queries.timesheets import get_approval_policy, get_inbox, get_timesheet
from scheduler.usecases.approval_policy import change_approval_policy
from scheduler.usecases.line_steps import move_lines
from scheduler.usecases.period_locks import LOCKS, lift_lock, lock_period

router = APIRouter(route_class=JsonRoute, tags=["approvals"])
_MOVED = problems(403, 409, 412, 413, 415)
ApprovalPolicyPatch = patch_shape("ApprovalPolicyPatch", ApprovalPolicyWrite)


@router.get("/people/{person_id}/timesheet", operation_id="read_timesheet", response_model=TimesheetRead, responses=problems(403, 404))
def read_timesheet(
    application: CurrentApplication,
    actor: CurrentActor,
    person_id: Annotated[Id, Path(description="The person.")],
    query: Annotated[TimesheetQuery, Query()],
) -> Response:
    """Read a person's timesheet as far as you see its lines: its state, who still has to decide, and what was booked beside what was logged."""
    found = get_timesheet(application.store, actor=actor, person_id=person_id, day=query.day, now=datetime.now(UTC))
    return to_response(stored(shown_sheet(found)))


@router.get("/approvals/inbox", operation_id="list_inbox", response_model=InboxRead, responses=problems(403))
def list_inbox(application: CurrentApplication, actor: CurrentActor, query: Annotated[InboxQuery, Query()]) -> Response:
    """List the lines that wait for you, or for somebody whom you stand in for, by day."""
    found = get_inbox(application.store, actor=actor, page=query.page_request(), now=datetime.now(UTC))
    return to_response(stored(shown_inbox(found)))


@router.post("/approvals/submit", operation_id="submit_lines", response_model=MovedLinesRead, responses=_MOVED)
def submit(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: LinesWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Hand in drafts, and lines that were given back. Each waits for the leads of its project."""
    return _moved(request, application, actor, step=LineStep.SUBMIT, body=body, key=idempotency_key)


@router.post("/approvals/recall", operation_id="recall_lines", response_model=MovedLinesRead, responses=_MOVED)
def recall(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: LinesWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take back what was handed in and not decided about."""
    return _moved(request, application, actor, step=LineStep.RECALL, body=body, key=idempotency_key)


@router.post("/approvals/approve", operation_id="approve_lines", response_model=MovedLinesRead, responses=_MOVED)
def approve(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: LinesWithReasonWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Approve lines that wait for you; of whole timesheets those that do."""
    return _moved(request, application, actor, step=LineStep.APPROVE, body=body, key=idempotency_key)


@router.post("/approvals/reject", operation_id="reject_lines", response_model=MovedLinesRead, responses=_MOVED)
def reject(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: LinesWithReasonWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Give lines that wait for you back to their people, who hear of it."""
    return _moved(request, application, actor, step=LineStep.REJECT, body=body, key=idempotency_key)


@router.post("/approvals/unapprove", operation_id="unapprove_lines", response_model=MovedLinesRead, responses=_MOVED)
def unapprove(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: LinesWithReasonWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take back approvals that you gave, or any as finance; the lines wait for a decision again."""
    return _moved(request, application, actor, step=LineStep.UNAPPROVE, body=body, key=idempotency_key)


@router.get("/period-locks", operation_id="list_period_locks", response_model=PeriodLockPage, responses=problems(403))
def list_locks(application: CurrentApplication, actor: CurrentActor, query: Annotated[PeriodLockList, Query()]) -> Response:
    """List period locks, lifted ones too, page by page. They sort by: locked_at, locked_before, id."""
    found = list_records(application.store, actor=actor, area=LOCKS, page=query.page_request(), as_of=query.as_of)
    items = [shown_lock(one) for one in found.items]
    return to_response(stored(PeriodLockPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.post(
    "/period-locks", operation_id="create_period_lock", status_code=201, response_model=PeriodLockRead, responses=problems(403, 413, 415)
)
def create_lock(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    body: PeriodLockWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Lock all lines before a day: they cannot be added, changed, moved, handed in or decided about until the lock is lifted."""

    def respond(value: Any) -> Any:
        location = address(application.settings.public_url, "period-locks", value.id)
        return stored(shown_lock(value), status=201, version=value.version, location=location)

    made = lock_period(
        application.store,
        actor=actor,
        locked_before=body.locked_before,
        project_id=body.project_id,
        note=body.note,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(made))


@router.post(
    "/period-locks/{period_lock_id}/lift",
    operation_id="lift_period_lock",
    response_model=PeriodLockRead,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
)
def lift(
    *,
    request: Request,
    application: CurrentApplication,
    actor: CurrentActor,
    period_lock_id: Annotated[Id, Path(description="The lock.")],
    version: ExpectedVersion,
    body: LiftWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Lift a lock, with a reason that is kept. Other locks of the same days stay."""

    def respond(value: Any) -> Any:
        return stored(shown_lock(value), version=value.version)

    lifted = lift_lock(
        application.store,
        actor=actor,
        period_lock_id=period_lock_id,
        expected_version=version,
        reason=body.reason,
        now=datetime.now(UTC),
        idempotency=claim_of(request, idempotency_key, respond=respond),
    )
    return to_response(respond(lifted))


@router.get("/approval-policy", operation_id="read_approval_policy", response_model=ApprovalPolicyRead, responses=problems(403))
def read_policy(application: CurrentApplication, actor: CurrentActor) -> Response:
    """Read the firm's approval policy."""
    policy = get_approval_policy(application.store, actor=actor)
    return to_response(stored(shown(ApprovalPolicyRead, policy), version=policy.version))


@router.patch(
    "/approval-policy",
    operation_id="change_approval_policy",
    response_model=ApprovalPolicyRead,
    responses=problems(403, 412, 413, 415, 428),
)
def change_policy(
    application: CurrentApplication,
    actor: CurrentActor,
    version: ExpectedVersion,
    body: ApprovalPolicyPatch,  # type: ignore[valid-type]  # made from ApprovalPolicyWrite
) -> Response:
    """Change the firm's approval policy; fields that are not given stay as they are."""
    store = application.store
    stored_policy = get_approval_policy(store, actor=actor)
    area, record_id = "approval_policies", stored_policy.id
    diff = with_diff(store, actor=actor, area=area, record_id=record_id, version=version, read=ApprovalPolicyRead)
    with diff if stored_policy.version else nullcontext():
        policy = patched(ApprovalPolicyWrite, body, stored_policy, version=version)
        saved = change_approval_policy(store, actor=actor, policy=policy, now=datetime.now(UTC))
    return to_response(stored(shown(ApprovalPolicyRead, saved), version=saved.version))


def _moved(request: Request, application: Application, actor: Actor, *, step: LineStep, body: LinesWrite, key: str | None) -> Response:
    """One step with all the lines, or none."""

    def respond(value: Any) -> Any:
        return stored(shown_moved(value))

    done = move_lines(
        application.store,
        actor=actor,
        step=step,
        wanted=body.to_value(),
        reason=getattr(body, "reason", None),
        now=datetime.now(UTC),
        idempotency=claim_of(request, key, respond=respond),
    )
    return to_response(respond(done))

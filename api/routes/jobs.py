"""Work in the background: what there is, how far it is, stopping it and having it tried again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.schemas.fields import Id
from api.schemas.jobs import JobList, JobRead, shown_job
from api.schemas.records import page_shape
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.ground.jobs import JobRecord
from scheduler.queries.jobs import get_job, list_jobs
from scheduler.usecases.jobs import cancel_job, retry_job

router = APIRouter(route_class=JsonRoute, tags=["jobs"])
JobId = Annotated[Id, Path(description="The id the server gave it.")]
JobPage = page_shape("JobPage", JobRead)


def _accepted(job: JobRecord) -> StoredResponse:
    return stored(shown_job(job), status=202)


@router.get("/jobs", operation_id="list_jobs", response_model=JobPage, responses=problems(403))
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[JobList, Query()]) -> Response:
    """List jobs, page by page: one's own, or all for an admin. They sort by: created_at, id."""
    found = list_jobs(application.store, actor=actor, page=query.page_request())
    return to_response(stored(JobPage.model_construct(items=[shown_job(job) for job in found.items], next_cursor=found.next_cursor)))


@router.get("/jobs/{job_id}", operation_id="read_job", response_model=JobRead, responses=problems(403, 404))
def read_job(application: CurrentApplication, actor: CurrentActor, job_id: JobId) -> Response:
    """Read a job: how far it is, and how often it was begun."""
    return to_response(stored(shown_job(get_job(application.store, actor=actor, job_id=job_id))))


@router.post("/jobs/{job_id}/cancel", operation_id="cancel_job", status_code=202, response_model=JobRead, responses=problems(403, 404, 409))
def cancel(
    request: Request, application: CurrentApplication, actor: CurrentActor, job_id: JobId, idempotency_key: IdempotencyKey = None
) -> Response:
    """Stop a job: at once while it is queued, else as soon as its worker sees the wish. A search keeps the best plan so far."""
    claim = claim_of(request, idempotency_key, respond=_accepted)
    return to_response(_accepted(cancel_job(application.store, actor=actor, job_id=job_id, now=datetime.now(UTC), idempotency=claim)))


@router.post("/jobs/{job_id}/retry", operation_id="retry_job", status_code=202, response_model=JobRead, responses=problems(403, 404, 409))
def retry(
    request: Request, application: CurrentApplication, actor: CurrentActor, job_id: JobId, idempotency_key: IdempotencyKey = None
) -> Response:
    """Do a job again from its beginning that failed, was set aside or was cancelled."""
    claim = claim_of(request, idempotency_key, respond=_accepted)
    return to_response(_accepted(retry_job(application.store, actor=actor, job_id=job_id, now=datetime.now(UTC), idempotency=claim)))

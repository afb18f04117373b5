"""What Prometheus collects."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.registry import REGISTRY
from starlette.responses import Response

from api.answers import problems
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from scheduler.queries.jobs import job_counts

router = APIRouter(route_class=JsonRoute, tags=["health"])


@router.get(
    "/metrics", operation_id="read_metrics", responses={200: {"content": {"text/plain": {}}}, **problems(403)}, response_class=Response
)
def read_metrics(application: CurrentApplication, actor: CurrentActor) -> Response:
    """
    Counts and times in Prometheus' text format: requests and jobs of this process, and jobs and workers of the whole installation.

    Scrape it with an API token that has the scope `metrics:read`.
    """
    counts, workers = job_counts(application.store, actor=actor)
    registry = CollectorRegistry()
    jobs = Gauge("muster_jobs", "Jobs by kind and state, in the whole installation.", ["kind", "state"], registry=registry)
    for (kind, state), count in counts.items():
        jobs.labels(kind=kind, state=state.value).set(count)
    Gauge("muster_workers", "Workers that are signed on, in the whole installation.", registry=registry).set(workers)
    return Response(generate_latest(REGISTRY) + generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

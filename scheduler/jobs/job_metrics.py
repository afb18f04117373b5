"""What Prometheus collects of the work in the background: counts and times, never names or amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Histogram

if TYPE_CHECKING:
    from scheduler.domain.ground.jobs import JobOutcome

ENDED = Counter("muster_jobs_ended", "Jobs that this process ended.", ["kind", "state", "code"])
SECONDS = Histogram(
    "muster_job_seconds", "How long jobs took from their claim to their end.", ["kind"], buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
)
TAKEN_OVER = Counter("muster_jobs_taken_over", "Jobs that this process took over from workers that were gone.", ["kind"])
LOST_LEASES = Counter("muster_leases_lost", "Jobs that were taken from this process because it was not heard of.")


def ended(kind: str, outcome: JobOutcome, *, seconds: float) -> None:
    """A job has ended."""
    ENDED.labels(kind=kind, state=outcome.state.value, code=outcome.failure_code or "").inc()
    SECONDS.labels(kind=kind).observe(seconds)

"""What Prometheus collects of HTTP: by method, route (the template, never an id) and status."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Counter("muster_http_requests", "Requests that this process answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "muster_http_request_seconds", "How long answers took.", ["route"], buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
)
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


def answered(*, method: str, route: str | None, status: int, seconds: float) -> None:
    """A request was answered."""
    place = route or "none"
    REQUESTS.labels(method=method if method in _METHODS else "other", route=place, status=str(status)).inc()
    SECONDS.labels(route=place).observe(seconds)

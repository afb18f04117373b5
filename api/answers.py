"""Answers with their headers, and how errors are described in the OpenAPI description."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel
from starlette.responses import Response

from api.preconditions import etag
from api.schemas.problem import Problem
from scheduler.domain.ground.idempotency import StoredResponse


def stored(content: BaseModel, *, status: int = 200, version: int | None = None, location: str | None = None) -> StoredResponse:
    """An answer with a JSON body, in the form that is also kept for an idempotency key."""
    headers = {}
    if version is not None:
        headers["ETag"] = etag(version)
    if location is not None:
        headers["Location"] = location
    return StoredResponse(status=status, headers=headers, body=json_bytes(content))


def json_bytes(content: BaseModel) -> bytes:
    """The JSON of a shape that may have been built without validation."""
    return content.model_dump_json(by_alias=True, warnings=False).encode()


def to_response(answer: StoredResponse) -> Response:
    """The answer, to be sent."""
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers), media_type="application/json")


def address(base_url: str, *parts: str) -> str:
    """The address of a thing under the configured base URL; never made from what the request says about itself."""
    return "/".join([base_url.rstrip("/"), "v1", *(quote(part, safe="") for part in parts)])


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Descriptions of the errors an operation answers with; every one can also meet 400, 422 and 503."""
    meanings = {
        400: "Unreadable",
        401: "Not logged in",
        403: "Not allowed",
        404: "Not found",
        405: "Method not allowed",
        406: "Not acceptable",
        409: "Conflict with the present state",
        410: "Used, too old, or made up",
        412: "Stale version; `diff` says what changed",
        413: "Too large",
        415: "The body is not application/json",
        422: "Invalid",
        428: "If-Match is missing",
        429: "Too many tries; wait as long as Retry-After says",
        503: "Busy; try again after Retry-After seconds",
    }
    content = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    return {status: {"description": meanings[status], "content": content} for status in sorted({400, 406, 422, 503, *statuses})}

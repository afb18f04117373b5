"""``Idempotency-Key``: the same POST sent again does nothing new and gets the first answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from api.answers import to_response
from api.refusal import RefusalError
from scheduler.domain.ground.idempotency import IdempotencyClaim, Replayed, StoredResponse

KEY_MAX = 255
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A key of your choice: the same request sent again within 24 hours does nothing new and gets the first answer.",
    ),
]


def claim_of(
    request: Request, key: str | None, *, respond: Callable[[Any], StoredResponse], body_sha256: str | None = None
) -> IdempotencyClaim | None:
    """The claim that a request makes by its key; ``None`` without a key. Raises RefusalError for a key that cannot be kept."""
    if key is None:
        return None
    if not 1 <= len(key) <= KEY_MAX or not key.isascii() or not key.isprintable():
        raise RefusalError(422, "idempotency.key_invalid", f"Idempotency-Key has 1 to {KEY_MAX} printable ASCII characters.")
    # The address, not its template: the same key for two different plans, or for a dry run, is two different requests.
    route = f"{request.method} {request.url.path}"
    if request.query_params:
        route += f"?{urlencode(sorted(request.query_params.multi_items()))}"
    return IdempotencyClaim(key=key, route=route, body_sha256=body_sha256 or request.scope["state"].get("body_sha256", ""), respond=respond)


def replay(_request: Request, replayed: Exception) -> Response:
    """The first answer again, marked as such."""
    if not isinstance(replayed, Replayed):
        raise replayed
    response = to_response(replayed.response)
    response.headers["Idempotent-Replay"] = "true"
    return response

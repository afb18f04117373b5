"""From where a request comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.request_id import request_id_of
from scheduler.domain.ground.access import Origin

if TYPE_CHECKING:
    from starlette.requests import Request


def origin_of(request: Request) -> Origin:
    """
    From where a request comes, for the audit and for counting logins.

    The address of the connection: headers that name another (``X-Forwarded-For``) are the client's own words, unless the server
    was told to trust the proxy that sends them.
    """
    return Origin(
        source=request.client.host if request.client is not None else "http",
        user_agent=request.headers.get("user-agent"),
        request_id=request_id_of(request.scope),
    )

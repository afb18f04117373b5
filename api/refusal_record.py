"""Telling the audit what was refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.origin import origin_of
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from starlette.requests import Request

    from scheduler.application import Application
    from scheduler.domain.ground.access import Actor

_TOLD = frozenset({ErrorKind.FORBIDDEN, ErrorKind.NOT_FOUND})


def tell(request: Request, error: DomainError) -> None:
    """Somebody who is known may have been refused something, or a stranger shown a link that is no good; nothing else is told."""
    application: Application = request.app.state.application
    actor: Actor | None = request.scope.get("state", {}).get("actor")
    now = datetime.now(UTC)
    if actor is None and error.kind is ErrorKind.GONE:
        application.refusals.tell_of_stranger(origin=origin_of(request), code=error.code, now=now)
    if actor is not None and (error.kind in _TOLD or error.unseen):
        operation = getattr(request.scope.get("route"), "operation_id", None)
        application.refusals.tell(actor=actor, error=error, operation=operation, now=now)

"""Recording what was refused, after the answer is sent."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.usecases.refusals import note_refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store

_LOG = logging.getLogger("muster.access")


def record_of(request: Request, error: DomainError) -> BackgroundTask | None:
    """What is left to do once a broken rule has been answered: nothing, unless somebody who is known may have been refused something."""
    actor: Actor | None = request.scope.get("state", {}).get("actor")
    if actor is None or error.kind not in (ErrorKind.FORBIDDEN, ErrorKind.NOT_FOUND):
        return None
    operation = getattr(request.scope.get("route"), "operation_id", None)
    return BackgroundTask(_record, request.app.state.application.store, actor, error, operation)


def _record(store: Store, actor: Actor, error: DomainError, operation: str | None) -> None:
    try:
        note_refusal(store, actor=actor, error=error, operation=operation, now=datetime.now(UTC))
    except DomainError as failed:
        _LOG.warning("a refusal could not be recorded: %s", failed.code)

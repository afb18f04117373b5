"""What somebody asked for and may not have: recorded in a transaction of its own, for the refused one left nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.access import GATEKEEPER
from scheduler.domain.ground.credentials import AccessEvent, AccessEventKind
from scheduler.domain.ground.errors import ErrorKind
from scheduler.store import retried
from scheduler.store.areas import AREAS

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.errors import DomainError
    from scheduler.store import Store, View


@retried
def note_refusal(store: Store, *, actor: Actor, error: DomainError, operation: str | None, now: datetime) -> None:
    """
    Record a refusal, if the error is one: a right that is missing, or an object that is there and that the actor may not see.

    To be called when the answer has been sent: how long it took must not tell whether the object is there.
    """
    area, row_id = str(error.facts.get("area", "")), str(error.facts.get("id", ""))
    if error.kind is ErrorKind.NOT_FOUND:
        with store.read(GATEKEEPER) as view:
            is_refused = _exists(view, area, row_id)
        if is_refused and area in AREAS:
            # It may be seen, and was not there at the time that was asked about.
            with store.read(actor) as own:
                is_refused = own.area(area).find(row_id) is None
    else:
        is_refused = error.kind is ErrorKind.FORBIDDEN
    if not is_refused:
        return
    facts = {"code": error.code, "operation": operation, "permission": error.facts.get("permission"), "area": area, "id": row_id}
    with store.begin(actor, now=now) as tx:
        told = {name: value for name, value in facts.items() if value}
        tx.note(AccessEvent(kind=AccessEventKind.ACCESS_REFUSED, user_id=actor.id, facts=told))


def _exists(view: View, area: str, row_id: str) -> bool:
    if area == "tokens":
        return view.credentials.token_by_id(row_id) is not None
    if area == "plans":
        return view.plans.exists(row_id)
    return area in AREAS and view.area(area).find(row_id) is not None

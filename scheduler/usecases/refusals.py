"""What somebody asked for and may not have: recorded in a transaction of its own, for the refused one left nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import GATEKEEPER
from scheduler.domain.ground.credentials import AccessEvent, AccessEventKind
from scheduler.domain.ground.errors import ErrorKind
from scheduler.store import retried
from scheduler.store.areas import AREAS

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor, Origin
    from scheduler.domain.ground.errors import DomainError
    from scheduler.store import Store, View

NAMED_MOST = 10
"""Ids of one input that a record has."""


@retried
def note_refusal(store: Store, *, actor: Actor, error: DomainError, operation: str | None, now: datetime) -> None:
    """
    Record a refusal, if the error is one: a right that is missing, or an object that is there and that the actor may not see.

    Not to be called by whoever answers: how long it takes tells whether the object is there.
    """
    facts = _refused(store, actor, error)
    if facts is None:
        return
    told = {"code": error.code, "operation": operation, **facts}
    with store.begin(actor, now=now) as tx:
        facts = {name: value for name, value in told.items() if value}
        tx.note(AccessEvent(kind=AccessEventKind.ACCESS_REFUSED, user_id=actor.id, facts=facts))


@retried
def note_stranger(store: Store, *, origin: Origin, code: str, unrecorded: int, now: datetime) -> None:
    """Record that somebody who is not known was refused something, and how many such requests were only counted before."""
    with store.begin(replace(GATEKEEPER, origin=origin), now=now) as tx:
        facts = {"code": code, "unrecorded_before": unrecorded}
        tx.note(AccessEvent(kind=AccessEventKind.ACCESS_REFUSED, facts=facts))


def _refused(store: Store, actor: Actor, error: DomainError) -> dict[str, Any] | None:
    """What was refused to the actor; ``None`` when nothing was."""
    if error.unseen:
        named = [f"{area}/{row_id}" for area, row_id in error.unseen if _is_there_for_others(store, actor, area, row_id)]
        return {"named": named[:NAMED_MOST]} if named else None
    area, row_id = str(error.facts.get("area", "")), str(error.facts.get("id", ""))
    if error.kind is ErrorKind.FORBIDDEN or (error.kind is ErrorKind.NOT_FOUND and _is_there_for_others(store, actor, area, row_id)):
        return {"permission": error.facts.get("permission"), "area": area, "id": row_id}
    return None


def _is_there_for_others(store: Store, actor: Actor, area: str, row_id: str) -> bool:
    with store.read(GATEKEEPER) as view:
        if not _exists(view, area, row_id):
            return False
    if area not in AREAS:
        return True
    # The actor may see it, and it was not there at the time that was asked about.
    with store.read(actor) as own:
        return own.area(area).find(row_id) is None


def _exists(view: View, area: str, row_id: str) -> bool:
    if area == "tokens":
        return view.credentials.token_by_id(row_id) is not None
    if area == "plans":
        return view.plans.exists(row_id)
    return area in AREAS and view.area(area).find(row_id) is not None

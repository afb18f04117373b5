"""What is held on one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store import retried
from scheduler.store.erasure import known_names
from scheduler.store.holdings import held_on

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store, View


@retried
def export_person(store: Store, *, actor: Actor, person: str, now: datetime) -> dict[str, Any]:
    """
    All that is held on a person, as JSON values; ``person`` is the id, or the external id of somebody who is not deleted.

    Raises DomainError ``record.not_found`` for somebody who never was.
    """
    with store.read(actor) as view:
        person_id = _identified(view, person)
        return {"person_id": person_id, "exported_at": now.isoformat(), **held_on(view, person_id)}


@retried
def identified(store: Store, *, actor: Actor, person: str) -> str:
    """The id of a person who is given by it, or by the external id. Raises like ``export_person``."""
    with store.read(actor) as view:
        return _identified(view, person)


def _identified(view: View, person: str) -> str:
    known = view.people.find(person) or view.people.find_external(person)
    if known is not None:
        return known.id
    if not known_names(view.connection, person):
        raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", "There never was such a person.", facts={"area": "people", "id": person})
    return person

"""Somebody leaves the firm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import PEOPLE_DEACTIVATE
from scheduler.store import retried
from scheduler.store.leaving import let_go, require_no_admin

if TYPE_CHECKING:
    from datetime import date, datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.departure import Departure
    from scheduler.store import Store


@retried
def deactivate_person(
    store: Store, *, actor: Actor, person_id: str, leaves: date, now: datetime, idempotency: IdempotencyClaim | None = None
) -> Departure:
    """
    End a person's access at once, and their terms and bookings on the day they leave; the work is open again.

    Raises DomainError ``record.not_found``, ``access.denied``, ``person.is_admin`` where that would end an admin's access and the
    actor may not change users, ``user.last_admin``. The right reaches whom its owner sees; what follows from it needs none.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        tx.people.get(person_id)
        require(actor, PEOPLE_DEACTIVATE)
        require_no_admin(tx, person_id)
        return tx.answer(let_go(tx.elevated, person_id, leaves=leaves))

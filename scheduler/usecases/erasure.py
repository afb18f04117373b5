"""Erasing a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.staffing.erasure import pseudonymised
from scheduler.store import retried
from scheduler.store.erasure import known_names
from scheduler.store.leaving import let_go
from scheduler.store.linked_users import user_ids_of

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.staffing.erasure import Erasure
    from scheduler.store import Store


class _OnlyTried(Exception):  # noqa: N818 - not an error: it rolls a dry run back
    def __init__(self, erasure: Erasure) -> None:
        super().__init__()
        self.erasure = erasure


@retried
def erase_person(store: Store, *, actor: Actor, person_id: str, now: datetime, dry_run: bool = False) -> Erasure:
    """
    Put a pseudonym in a person's place, everywhere and in every version; totals stay as they are. It cannot be undone.

    What cannot be rewritten (audit records, what plans were computed from) was sealed under the person's key, which is destroyed.
    Whoever is still there leaves today: access ends, terms and bookings too, and the work is open again.

    Raises DomainError ``record.not_found`` for somebody who never was, ``user.last_admin``.
    """
    try:
        with store.begin(actor, now=now) as tx:
            person = tx.people.find(person_id)
            if person is None and not known_names(tx.connection, person_id):
                detail = "There never was such a person."
                raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", detail, facts={"area": "people", "id": person_id})
            if person is not None:
                let_go(tx, person.id, leaves=now.date())
                person = tx.people.get(person.id)
            for user_id in user_ids_of(tx.connection, person_id):
                tx.credentials.forget(user_id)
            erasure = tx.erase(person_id, pseudonymised(person) if person is not None else None)
            if dry_run:
                raise _OnlyTried(replace(erasure, dry_run=True))
            return erasure
    except _OnlyTried as tried:
        return tried.erasure

"""Erasing a person, or a user who is none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.erasure import pseudonymised
from scheduler.store import retried
from scheduler.store.erasure import known_names
from scheduler.store.leaving import end_access, let_go, require_admin
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


@retried
def erase_user(store: Store, *, actor: Actor, user_id: str, now: datetime, dry_run: bool = False) -> Erasure:
    """
    Put a pseudonym in the place of a user who is no person, in every version; access ends. It cannot be undone.

    Raises DomainError ``user.is_person`` for one who is (they are erased as a person), ``user.last_admin``, ``record.not_found``.
    """
    try:
        with store.begin(actor, now=now) as tx:
            user = tx.users.get(user_id)
            if user.person_id is not None:
                detail = f"This user is the person {user.person_id}; erase the person, and all that is held on them goes with it."
                raise DomainError(ErrorKind.CONFLICT, "user.is_person", detail, facts={"person_id": user.person_id})
            end_access(tx, user)
            if user.role is Role.ADMIN:
                require_admin(tx)
            tx.credentials.forget(user.id)
            erasure = tx.erase_user(user.id, (user.login, user.name))
            if dry_run:
                raise _OnlyTried(replace(erasure, dry_run=True))
            return erasure
    except _OnlyTried as tried:
        return tried.erasure

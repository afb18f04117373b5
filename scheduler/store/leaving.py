"""Letting somebody go, in a transaction: what several use cases share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduler.domain.ground.credentials import AccessEvent, AccessEventKind
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import DemandId, new_id
from scheduler.domain.ground.permissions import USERS_CHANGE, Role
from scheduler.domain.ground.pricing import Reach
from scheduler.domain.staffing.departure import Departure, departure
from scheduler.store.approved_hours import ApprovedWork
from scheduler.store.tables.access import USERS

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.ground.users import User
    from scheduler.store.transaction import Transaction


def end_access(tx: Transaction, user: User) -> User:
    """Disable a user; sessions, tokens, links and known browsers are worth nothing from now on."""
    disabled = tx.users.save(replace(user, is_active=False)) if user.is_active else user
    tx.credentials.end_access_of(user.id)
    tx.note(AccessEvent(kind=AccessEventKind.ACCESS_ENDED, user_id=user.id))
    return disabled


def require_admin(tx: Transaction) -> None:
    """
    Raise DomainError ``user.last_admin`` when nobody could administrate any more.

    The rows of all admins are held first: of two who demote each other at the same time the second sees what the first has done.
    """
    tx.connection.execute(select(USERS.c.id).where(USERS.c.role == Role.ADMIN.value).order_by(USERS.c.id).with_for_update()).all()
    if not any(user.is_active for user in tx.unrestricted.users.matching(role=Role.ADMIN)):
        detail = "This is the last admin who can log in; make another user an admin first."
        raise DomainError(ErrorKind.CONFLICT, "user.last_admin", detail)


def require_no_admin(tx: Transaction, person_id: str) -> None:
    """Raise DomainError ``person.is_admin`` where letting a person go would end an admin's access, and the actor may not change users."""
    if tx.actor.may(USERS_CHANGE):
        return
    if any(user.is_active and user.role is Role.ADMIN for user in tx.unrestricted.users.matching(person_id=person_id)):
        detail = (
            "This person is an admin here, and only whoever may change users can end an admin's access; ask one to deactivate them,"
            " or to take the role from them first."
        )
        facts = {"permission": USERS_CHANGE, "area": "people", "id": person_id}
        raise DomainError(ErrorKind.FORBIDDEN, "person.is_admin", detail, facts=facts)


def let_go(tx: Transaction, person_id: str, *, leaves: date) -> Departure:
    """
    End a person's terms, bookings and access. Raises DomainError ``record.not_found``, ``user.last_admin``.

    The week in which they leave stays booked, so it may have an excess. Nobody's access outlasts a refusal: what is approved of later
    days keeps its terms instead.
    """
    person = tx.people.get(person_id)
    tx.allow_excess("Leaves the firm.")
    bookings = tx.bookings.matching(person_id=person_id)
    approved_until = ApprovedWork(tx).last_day([Reach(person_id=person.id, with_unbillable=True)])
    done = departure(person, bookings, leaves=leaves, next_id=lambda: DemandId(new_id()), approved_until=approved_until)
    if done.person != person:
        tx.people.save(done.person)
    for booking in done.changed:
        tx.bookings.save(booking)
    for booking in done.deleted:
        tx.bookings.delete(booking.id, booking.version)
    for demand in done.demands:
        tx.demands.add(demand)
    users = tx.users.matching(person_id=person_id)
    for user in users:
        end_access(tx, user)
    if any(user.role is Role.ADMIN for user in users):
        require_admin(tx)
    return done

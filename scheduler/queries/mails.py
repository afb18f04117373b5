"""What was sent by mail, and what users want to hear of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.store import retried

if TYPE_CHECKING:
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.mails import Mail, MailWish
    from scheduler.domain.ground.webhooks import DeliveryState
    from scheduler.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """What a user hears of by mail, and where; ``address``: of the person that the user is (``None``: there is none)."""

    wishes: frozenset[MailWish]
    address: str | None


@retried
def list_mails(store: Store, *, actor: Actor, state: DeliveryState | None) -> tuple[Mail, ...]:
    """The newest mails. Raises DomainError ``access.denied``."""
    with store.read(actor) as view:
        return view.mails.newest(state)


@retried
def own_notifications(store: Store, *, actor: Actor) -> Notifications:
    """What the actor, a user, hears of."""
    with store.read(actor) as view:
        person = None if actor.person_id is None else view.unrestricted.people.find(actor.person_id)
        return Notifications(wishes=view.mails.wishes(actor.id), address=None if person is None else person.email)

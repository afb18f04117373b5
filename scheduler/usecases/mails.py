"""What users want to hear of by mail, and sending mails again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.store import retried

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.ground.mails import MailWish
    from scheduler.store import Store


@retried
def wish_mails(store: Store, *, actor: Actor, wishes: Collection[MailWish], now: datetime) -> None:
    """Keep what the actor, a user, wants to hear of."""
    with store.begin(actor, now=now) as tx:
        tx.mails.wish(actor.id, wishes)


@retried
def replay_mails(
    store: Store, *, actor: Actor, since: datetime, delivered_too: bool, now: datetime, idempotency: IdempotencyClaim | None = None
) -> int:
    """Send again what was given up since then, or delivered too; how many. Raises DomainError ``access.denied``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        return tx.answer(tx.mails.again(since=since, delivered_too=delivered_too, now=now))

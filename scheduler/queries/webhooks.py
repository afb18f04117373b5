"""Where events are sent to, and what became of the messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.store import retried

if TYPE_CHECKING:
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.webhooks import Delivery, Webhook
    from scheduler.store import Store


@retried
def list_webhooks(store: Store, *, actor: Actor) -> tuple[Webhook, ...]:
    """Every webhook. Raises DomainError ``access.denied``."""
    with store.read(actor) as view:
        return view.webhooks.all()


@retried
def list_deliveries(store: Store, *, actor: Actor, webhook_id: str) -> tuple[Delivery, ...]:
    """The newest messages of a webhook. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        return view.webhooks.deliveries(webhook_id)

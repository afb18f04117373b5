"""Having events sent to an address, and sent again."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scheduler.domain.ground.access import require
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.permissions import WEBHOOKS_CHANGE
from scheduler.domain.ground.webhooks import EventType, Webhook, checked_url
from scheduler.store import retried

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store


def create_webhook(
    store: Store,
    *,
    actor: Actor,
    url: str,
    events: Collection[EventType],
    allow_private: bool,
    resolve: Callable[..., str],
    now: datetime,
) -> tuple[Webhook, str]:
    """
    A webhook, and the secret that its messages are signed with, which is shown this once.

    ``resolve`` is ``webhook_sender.public_address``: it refuses hosts that are not public.

    Raises DomainError ``access.denied``, ``url.not_allowed``, ``url.not_public``.
    """
    require(actor, WEBHOOKS_CHANGE)
    parts = urlsplit(checked_url(url, allow_private=allow_private))
    resolve(str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80), allow_private=allow_private)
    webhook = Webhook(id=new_id(), url=url, events=tuple(sorted(set(events))), actor_id=actor.id, is_active=True, created_at=now)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    return _keep(store, actor=actor, webhook=webhook, secret=secret, now=now), secret


@retried
def _keep(store: Store, *, actor: Actor, webhook: Webhook, secret: str, now: datetime) -> Webhook:
    with store.begin(actor, now=now) as tx:
        return tx.webhooks.add(webhook, secret=secret)


@retried
def remove_webhook(store: Store, *, actor: Actor, webhook_id: str, now: datetime) -> None:
    """Send nothing more there. Raises DomainError ``record.not_found``, ``access.denied``."""
    with store.begin(actor, now=now) as tx:
        tx.webhooks.remove(webhook_id)


@retried
def replay_webhook(
    store: Store, *, actor: Actor, webhook_id: str, since: datetime, now: datetime, idempotency: IdempotencyClaim | None = None
) -> int:
    """Send all messages since then again; how many. Raises DomainError ``record.not_found``, ``access.denied``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        return tx.answer(tx.webhooks.replay(webhook_id, since=since, now=now))

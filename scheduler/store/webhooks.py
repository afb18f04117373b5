"""Webhooks, and the outbox: messages written in the transaction of what they tell, one for each subscriber."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from scheduler.domain.ground.access import denied, require
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.permissions import WEBHOOKS_CHANGE, WEBHOOKS_READ
from scheduler.domain.ground.webhooks import Delivery, EventType, Webhook
from scheduler.store.areas.base import Area, Row, built
from scheduler.store.columns import can_be_text
from scheduler.store.noted_rows import note
from scheduler.store.outbox_rows import OutboxRows, waiting
from scheduler.store.reader import not_found
from scheduler.store.tables.jobs import DELIVERIES, WEBHOOKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.webhooks import Event
    from scheduler.store.repository import Changes

WEBHOOK_AREA: Area[Webhook] = Area(
    name="webhooks", one="webhook", table=WEBHOOKS, to_row=lambda _: {}, from_row=lambda row, _: _webhook(row)
)


def _webhook(row: Row) -> Webhook:
    return built(Webhook, row, events=tuple(EventType(one) for one in row["events"]))


def _delivery(row: Row) -> Delivery:
    return built(Delivery, row)


class WebhookReader:
    """Who is told of what, and what became of the messages."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor
        self._outbox = OutboxRows(connection, DELIVERIES)

    def all(self) -> tuple[Webhook, ...]:
        """Every webhook, oldest first. Raises DomainError ``access.denied``."""
        if not self._actor.may(WEBHOOKS_READ):
            raise denied(WEBHOOKS_READ)
        rows = self._connection.execute(select(WEBHOOKS).order_by(WEBHOOKS.c.created_at, WEBHOOKS.c.id)).mappings()
        return tuple(_webhook(row) for row in rows)

    def get(self, webhook_id: str) -> Webhook:
        """One webhook. Raises DomainError ``record.not_found``."""
        row = None
        if can_be_text(webhook_id) and self._actor.may(WEBHOOKS_READ):
            row = self._connection.execute(select(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id)).mappings().one_or_none()
        if row is None:
            raise not_found(WEBHOOK_AREA, webhook_id)
        return _webhook(row)

    def is_due(self, now: datetime) -> bool:
        """Whether a message waits to be sent."""
        return self._outbox.is_due(now)

    def deliveries(self, webhook_id: str) -> tuple[Delivery, ...]:
        """The newest messages of a webhook."""
        self.get(webhook_id)
        return tuple(_delivery(row) for row in self._outbox.newest(DELIVERIES.c.webhook_id == webhook_id))


class WebhookRepository(WebhookReader):
    """The same in a write transaction, and the outbox."""

    def __init__(self, connection: Connection, actor: Actor, changes: Changes) -> None:
        super().__init__(connection, actor)
        self._changes = changes

    def add(self, webhook: Webhook, *, secret: str) -> Webhook:
        """Keep a new one. Raises DomainError ``access.denied``."""
        require(self._actor, WEBHOOKS_CHANGE)
        note(self._connection, self._changes, WEBHOOKS, webhook.id)
        row = {name: getattr(webhook, name) for name in ("id", "url", "actor_id", "is_active", "created_at")}
        self._connection.execute(insert(WEBHOOKS).values(**row, events=[one.value for one in webhook.events], secret=secret))
        return webhook

    def remove(self, webhook_id: str) -> None:
        """Remove one with its messages. Raises DomainError ``record.not_found``, ``access.denied``."""
        self.get(webhook_id)
        require(self._actor, WEBHOOKS_CHANGE)
        note(self._connection, self._changes, WEBHOOKS, webhook_id)
        self._connection.execute(delete(DELIVERIES).where(DELIVERIES.c.webhook_id == webhook_id))
        self._connection.execute(delete(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id))

    def replay(self, webhook_id: str, *, since: datetime, now: datetime) -> int:
        """Send all of its messages since then again, under the same ids, and set it to work again; how many messages."""
        self.get(webhook_id)
        require(self._actor, WEBHOOKS_CHANGE)
        note(self._connection, self._changes, WEBHOOKS, webhook_id)
        self._connection.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id).values(is_active=True))
        return self._outbox.again(DELIVERIES.c.webhook_id == webhook_id, DELIVERIES.c.created_at >= since, now=now)

    def announce(self, events: Sequence[Event], *, now: datetime) -> None:
        """Write a message for each webhook that wants to hear of an event."""
        if not events:
            return
        active = self._connection.execute(select(WEBHOOKS).where(WEBHOOKS.c.is_active.is_(True))).mappings().all()
        rows = [_message(row["id"], event, now) for row in active for event in events if event.type.value in row["events"]]
        if rows:
            self._connection.execute(insert(DELIVERIES), rows)

    def take_due(self, *, now: datetime) -> tuple[Delivery, str, str] | None:
        """The message that is due first, now the sender's own for a while, with address and secret; the attempt counts."""
        active = select(WEBHOOKS.c.id).where(WEBHOOKS.c.is_active.is_(True))
        row = self._outbox.take_due(DELIVERIES.c.webhook_id.in_(active), now=now)
        if row is None:
            return None
        webhook = self._connection.execute(select(WEBHOOKS).where(WEBHOOKS.c.id == row["webhook_id"])).mappings().one()
        return _delivery(row), webhook["url"], webhook["secret"]

    def sent(self, delivery: Delivery, *, result: str, now: datetime) -> None:
        """It was taken by its receiver."""
        self._outbox.sent(delivery, result=result, now=now)

    def not_sent(self, delivery: Delivery, *, result: str, is_gone: bool, now: datetime) -> None:
        """It was not: to be sent again later, or given up. A receiver that is gone for good hears of nothing more."""
        if is_gone:
            note(self._connection, self._changes, WEBHOOKS, delivery.webhook_id)
            self._connection.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == delivery.webhook_id).values(is_active=False))
        self._outbox.not_sent(delivery, result=result, is_final=is_gone, now=now)

    def forget_old(self, *, before: datetime) -> None:
        """Remove messages that are done with."""
        self._outbox.forget_old(before=before)


def _message(webhook_id: str, event: Event, now: datetime) -> Mapping[str, Any]:
    payload = {"type": event.type.value, "timestamp": now.astimezone(UTC).isoformat(), "data": dict(event.facts)}
    return {
        "id": f"msg_{new_id()}",
        "webhook_id": webhook_id,
        "event_type": event.type,
        "payload": payload,
        **waiting(now),
    }

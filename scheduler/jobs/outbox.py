"""Sends what webhooks are to be told."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.integrations.webhook_sender import GONE, send
from scheduler.jobs.job_rows import WORKER
from scheduler.jobs.sending import SendingThread
from scheduler.store import retried

if TYPE_CHECKING:
    from scheduler.domain.ground.webhooks import Delivery
    from scheduler.integrations.webhook_sender import Sent
    from scheduler.store import Store

_LOG = logging.getLogger("muster.webhooks")


class Outbox(SendingThread):
    """Messages to webhooks; ``allow_private``: also to hosts of one's own network."""

    def __init__(self, *, store: Store, allow_private: bool) -> None:
        super().__init__()
        self._store = store
        self._allow_private = allow_private

    def send_next(self) -> bool:
        """Send the message that is due first; whether there was one."""
        taken = _take(self._store)
        if taken is None:
            return False
        delivery, url, secret = taken
        body = json.dumps(delivery.payload, separators=(",", ":"))
        sent = send(url=url, secret=secret, message_id=delivery.id, body=body, allow_private=self._allow_private)
        _record(self._store, delivery, sent)
        _LOG.info("webhook message=%s attempt=%s result=%s", delivery.id, delivery.attempts, sent.result)
        return True


@retried
def _take(store: Store) -> tuple[Delivery, str, str] | None:
    now = datetime.now(UTC)
    with store.read(WORKER) as view:
        if not view.webhooks.is_due(now):
            return None
    with store.begin(WORKER, now=now) as tx:
        return tx.webhooks.take_due(now=now)


@retried
def _record(store: Store, delivery: Delivery, sent: Sent) -> None:
    now = datetime.now(UTC)
    with store.begin(WORKER, now=now) as tx:
        if sent.is_taken:
            tx.webhooks.sent(delivery, result=sent.result, now=now)
        else:
            tx.webhooks.not_sent(delivery, result=sent.result, is_gone=sent.status == GONE, now=now)

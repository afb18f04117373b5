"""Sends what lies in the outbox, one message at a time; any number of processes may do so beside each other."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError
from scheduler.integrations.webhook_sender import GONE, send
from scheduler.jobs.job_rows import WORKER
from scheduler.store import retried

if TYPE_CHECKING:
    from scheduler.domain.ground.webhooks import Delivery
    from scheduler.integrations.webhook_sender import Sent
    from scheduler.store import Store

_LOG = logging.getLogger("muster.webhooks")
_LOOK_S = 1.0


class Outbox:
    """A thread that sends."""

    def __init__(self, *, store: Store, allow_private: bool) -> None:
        self._store = store
        self._allow_private = allow_private
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, name="muster-outbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send no more; the message under way is waited for."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None

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

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_S):
            try:
                while not self._stop.is_set() and self.send_next():
                    pass
            except DomainError as error:
                _LOG.warning("the outbox has to wait: %s", error)
            except Exception:  # noqa: BLE001 - a worker loop: one bad message must not stop the others
                _LOG.exception("a message could not be sent")


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

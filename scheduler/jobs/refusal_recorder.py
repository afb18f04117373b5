"""
Records what was refused, a moment after the answer, in a thread of its own.

Whether there is anything to record depends on what the caller may not know: that the object is there. So neither the answer nor the
next request on its connection waits for it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.strangers import Strangers
from scheduler.usecases.refusals import note_refusal, note_stranger

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from scheduler.domain.ground.access import Actor, Origin
    from scheduler.store import Store

PAUSE_S = 1.0
WAITING_MOST = 10_000
_LOG = logging.getLogger("muster.access")


class RefusalRecorder:
    """Refusals of one server that wait to be recorded; its thread starts with the first."""

    def __init__(self, store: Store, *, pause_s: float = PAUSE_S) -> None:
        self._store = store
        self._pause_s = pause_s
        self._waiting: deque[Callable[[], None]] = deque()
        self._strangers = Strangers()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def tell(self, *, actor: Actor, error: DomainError, operation: str | None, now: datetime) -> None:
        """Somebody who is known was refused something, or named something that they may not see."""
        self._put(partial(note_refusal, self._store, actor=actor, error=error, operation=operation, now=now))

    def tell_of_stranger(self, *, origin: Origin, code: str, now: datetime) -> None:
        """Somebody who is not known was refused something; most of these are only counted."""
        with self._lock:
            unrecorded = self._strangers.heard(origin.source, now=now)
        if unrecorded is not None:
            self._put(partial(note_stranger, self._store, origin=origin, code=code, unrecorded=unrecorded, now=now))

    def settle(self) -> None:
        """Record all that waits; returns when it is done."""
        with self._writing:
            while self._waiting:
                try:
                    self._waiting.popleft()()
                except DomainError as failed:
                    _LOG.warning("a refusal could not be recorded: %s", failed.code)

    def close(self) -> None:
        """Record all that waits, and end the thread."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self.settle()

    def _put(self, note: Callable[[], None]) -> None:
        if len(self._waiting) >= WAITING_MOST:
            _LOG.warning("a refusal is not recorded: %s wait already", WAITING_MOST)
            return
        self._waiting.append(note)
        with self._lock:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._work, name="muster refusals", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while not self._ended.wait(self._pause_s):
            self.settle()

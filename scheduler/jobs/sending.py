"""A thread that sends what lies in an outbox, one message at a time; any number of processes may do so beside each other."""

from __future__ import annotations

import logging
import threading

from scheduler.domain.ground.errors import DomainError

_LOG = logging.getLogger("muster.outbox")
_LOOK_S = 1.0


class SendingThread:
    """Sends until it is stopped. What is sent, and how, says ``send_next`` of each kind."""

    name = "muster-outbox"

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send no more; the message under way is waited for."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None

    def send_next(self) -> bool:
        """Send the message that is due first; whether there was one."""
        raise NotImplementedError

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_S):
            try:
                while not self._stop.is_set() and self.send_next():
                    pass
            except DomainError as error:
                _LOG.warning("the outbox has to wait: %s", error)
            except Exception:  # noqa: BLE001 - a worker loop: one bad message must not stop the others
                _LOG.exception("a message could not be sent")

"""``Prefer: wait=N``: a request that waits a while for what it asked for."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Header

T = TypeVar("T")
MOST_WAIT_S = 60
LOOK_AGAIN_S = 0.2
_WAITERS = threading.BoundedSemaphore(16)
"""A waiting request holds a thread; beyond so many of them the answer is 202 at once, as the header allows."""
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", re.IGNORECASE)

Prefer = Annotated[
    str | None, Header(description=f"`wait=N`: answer with the finished plan if it is done within N (at most {MOST_WAIT_S}) seconds.")
]


def wait_s(prefer: str | None) -> float:
    """Seconds to wait; a preference that cannot be read is no preference (RFC 7240)."""
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), MOST_WAIT_S) if found else 0.0


def finished_within(seconds: float, *, look: Callable[[], T], is_finished: Callable[[T], bool], may_wait: Callable[[], bool]) -> T | None:
    """What is there once it is finished; ``None`` when that takes longer, too many wait already, or nobody is let in any more."""
    if not seconds or not _WAITERS.acquire(blocking=False):
        return None
    try:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = look()
            if is_finished(found):
                return found
            if not may_wait():
                return None
            time.sleep(LOOK_AGAIN_S)
        return None
    finally:
        _WAITERS.release()

"""``Prefer: wait=N``: a request that waits a while for what it asked for."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

from fastapi import Header

from api.answers import to_response
from api.idempotency import replay
from scheduler.domain.ground.idempotency import Replayed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from scheduler.domain.ground.idempotency import StoredResponse

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[T]):
    """What is asked for and then computed in the background."""

    ask: Callable[[], T]
    """Ask for it. Raises Replayed for a request that was answered before."""
    accepted: Callable[[T], StoredResponse]
    """The answer while it is not finished, with its id and its Location."""
    look: Callable[[str], T]
    """The thing as it is now, by its id."""
    is_finished: Callable[[T], bool]
    finished: Callable[[T, str], StoredResponse]
    """The answer once it is, at its Location."""
    may_wait: Callable[[], bool]


def answer_within(request: Request, asked: Asked[T], seconds: float) -> Response:
    """Ask, and answer with what came of it where that takes no longer than so many seconds; also to a request that comes again."""
    first: Replayed | None = None
    try:
        answer = asked.accepted(asked.ask())
    except Replayed as replayed:
        first, answer = replayed, replayed.response
    look = partial(asked.look, json.loads(answer.body)["id"])
    found = finished_within(seconds, look=look, is_finished=asked.is_finished, may_wait=asked.may_wait)
    if found is not None:
        answer = asked.finished(found, answer.headers["Location"])
    response = to_response(answer) if first is None else replay(request, Replayed(answer))
    if found is not None:
        response.headers["Preference-Applied"] = "wait"
    return response

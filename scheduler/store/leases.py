"""
Under which lease this thread writes: whatever a job writes, it writes as long as the job is its own.

A worker that was paused or cut off for so long that its job was given to another finds out at its next transaction, whichever handler
opens it, and nothing of it is written.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.domain.ground.jobs import Lease

_HELD: ContextVar[Lease | None] = ContextVar("muster_lease", default=None)


@contextmanager
def held(lease: Lease) -> Iterator[None]:
    """Every write transaction that this thread begins in the block is refused with ``job.lost_lease`` once the job is another's."""
    token = _HELD.set(lease)
    try:
        yield
    finally:
        _HELD.reset(token)


def current() -> Lease | None:
    """The lease that this thread holds."""
    return _HELD.get()

"""Work that must not be done: measured in this process's CPU time, which a busy machine does not stretch much."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def cpu_at_most(seconds: float) -> Iterator[None]:
    """Fail when the block computes for longer; the work it must avoid takes at least ten times as long."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds

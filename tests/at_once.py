"""Several acts at the same time, each in a thread of its own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable


def at_once(*acts: Callable[[], object], again_when_busy: bool = False) -> list[str | None]:
    """Do everything at the same time; the codes of those that were refused. ``again_when_busy``: begin anew then, as a caller is told to."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str | None:
        gate.wait()
        while True:
            try:
                act()
            except DomainError as error:
                if again_when_busy and error.code == "store.busy":
                    continue
                return error.code
            return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))

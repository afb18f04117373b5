"""
A server of its own that works through the queue until it is killed.

It is forked from a process that has loaded the program and done nothing else, so that a test which kills three of them loads it once.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING

from tests.jobs.firms import application

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.context import ForkServerProcess
    from multiprocessing.synchronize import Event

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


@contextmanager
def serve(url: str, command: Sequence[str]) -> Iterator[tuple[ForkServerProcess, Event]]:
    """A server process, and what is set once it has started; the block ends when the process has."""
    started = _FORKS.Event()
    process = _FORKS.Process(target=_work, args=(url, tuple(command), started))
    process.start()
    try:
        yield process, started
    except BaseException:
        process.kill()
        raise
    finally:
        process.join()


def _work(url: str, command: Sequence[str], started: Event) -> None:
    app = application(url, solver_command=command)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    app.start()
    started.set()
    stop.wait(120)
    app.stop()

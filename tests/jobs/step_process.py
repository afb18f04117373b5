"""
A server that kills itself at a named step of the work that it does: just before, or just after, the n-th commit of its job.

Between two commits nothing of a job is to be seen by anybody, so these are all the steps there are.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from tests.jobs.firms import application

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import ForkServerProcess

    from scheduler.store import Store, Transaction

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])
_NOT_OF_JOBS = frozenset({"MainThread", "muster-worker", "muster-outbox", "muster-mails", "policy clock"})
OTHER_WAY_S = 60.0


def works_until_step(url: str, step: int, *, before: bool) -> ForkServerProcess:
    """A started server; it is gone once its jobs have come to the step, or have nothing left to do."""
    process = _FORKS.Process(target=_work, args=(url, step, before))
    process.start()
    return process


def _work(url: str, step: int, before: bool) -> None:
    app = application(url)
    kill_at(app.store, step, before=before)
    app.start(clock=False)
    threading.Event().wait(OTHER_WAY_S)


def kill_at(store: Store, step: int, *, before: bool, threads: frozenset[str] = _NOT_OF_JOBS) -> None:
    """Let this process die at the n-th commit that no other thread than a job's makes."""
    begin, steps = store.begin, count(1)

    @contextmanager
    def counted(*arguments: Any, **options: Any) -> Iterator[Transaction]:
        is_last = threading.current_thread().name not in threads and next(steps) == step
        with begin(*arguments, **options) as tx:
            yield tx
            if is_last and before:
                os.kill(os.getpid(), signal.SIGKILL)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)

    store.begin = counted  # type: ignore[method-assign]

"""A process of its own that runs the job engine, so that tests can kill it: ``engine_process.py URL LOG [die]``.

Every run of a job appends its target to LOG; with ``die`` the process then kills itself as hard as it can.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.jobs.engine import Engine
from scheduler.jobs.worker import Worker
from scheduler.store import Store

if TYPE_CHECKING:
    import threading


class Recorder:
    """A job that leaves a trace, and perhaps takes the process with it."""

    def __init__(self, log: Path, *, die: bool) -> None:
        self._log = log
        self._die = die

    def run(self, target_id: str, _stopping: threading.Event) -> None:
        with self._log.open("a") as log:
            log.write(f"{target_id}\n")
        if self._die:
            os.kill(os.getpid(), signal.SIGKILL)

    def requeue(self, _target_id: str) -> None:
        raise AssertionError("nobody stops this process softly")

    def crashed(self, target_id: str, error: Exception) -> None:
        raise AssertionError(f"{target_id} crashed") from error


def main() -> None:
    url, log, *options = sys.argv[1:]
    store = Store(url)
    engine = Engine(store=store, database_url=url)
    store.wire(engine.enqueue)
    engine.handle({"record": Recorder(Path(log), die="die" in options)})
    Worker(store=store, engine=engine, is_alone=url.startswith("sqlite"), keep=timedelta(days=30)).start()
    time.sleep(60)


if __name__ == "__main__":
    main()

"""A server of its own that works through the queue until it is killed: ``server_process.py URL SOLVER_COMMAND_JSON``."""

from __future__ import annotations

import json
import signal
import sys
import threading

from tests.jobs.firms import application


def main() -> None:
    url, command = sys.argv[1:]
    app = application(url, solver_command=json.loads(command))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    app.start()
    print("started", flush=True)
    stop.wait(120)
    app.stop()


if __name__ == "__main__":
    main()

"""``muster worker``: does jobs for servers on the same PostgreSQL database."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import typer

from scheduler import log_lines
from scheduler.application import Application
from scheduler.commands.installation import DATABASE, settings_with
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store.engine import sqlite_file


def work(
    *,
    metrics_port: int | None = typer.Option(
        None, "--metrics-port", min=1, max=65535, help="Serve this worker's counts and times to Prometheus here, on this machine only."
    ),
    database: str | None = DATABASE,
) -> None:
    """
    Work through the jobs of a PostgreSQL database, beside any number of servers and other workers.

    What another worker left that died is taken over within a minute. SIGTERM or Ctrl-C stops: running jobs go back into the queue.
    """
    settings = settings_with(database_url=database)
    if sqlite_file(settings.database) is not None:
        detail = "On SQLite the server does the jobs itself, because one process writes: run muster serve, or use PostgreSQL."
        raise DomainError(ErrorKind.CONFLICT, "worker.needs_postgresql", detail)
    log_lines.configure()
    stop = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    application = Application(settings)
    try:
        application.start(serves=False)
        if metrics_port is not None:
            from prometheus_client import start_http_server

            start_http_server(metrics_port, addr="127.0.0.1")
        print(f"Muster worker {application.engine.worker_id} at work", flush=True)
        stop.wait()
    finally:
        application.stop()

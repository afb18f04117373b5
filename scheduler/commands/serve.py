"""``muster serve``: the API on this machine."""

from __future__ import annotations

import logging
import os
import signal
import socket
from types import FrameType

import typer
import uvicorn

from scheduler.application import Application
from scheduler.commands.installation import DATABASE, settings_with
from scheduler.commands.refusal import Refused
from scheduler.config import Settings

APP = "api.app:app_from_environment"
"""By name: the scheduler does not import the floor above it."""
GRACE_S = 10
STARTUP_FAILURE = 3
"""The exit code of a server that could not start, as uvicorn has it."""


def serve_api(
    *,
    port: int | None = typer.Option(None, "--port", min=1, max=65535, help="Default: MUSTER_PORT, else 8000."),
    host: str | None = typer.Option(
        None, "--host", help="Default: MUSTER_HOST, else 127.0.0.1. Beyond this machine only when there are users."
    ),
    worker: bool | None = typer.Option(
        None, "--worker/--no-worker", help="Whether to do jobs in this process too. Default: MUSTER_WORKER, else yes; PostgreSQL only."
    ),
    database: str | None = DATABASE,
) -> None:
    """
    Serve the API, and work through the plans that are asked for. Where there are no users yet, print a link that makes the first admin.

    A SQLite database is created and migrated at the start; PostgreSQL wants `muster migrate` first. SIGTERM or Ctrl-C stops: running
    plans go back into the queue.
    """
    settings = settings_with(port=port, host=host, worker=worker, database_url=database)
    application = Application(settings)
    try:
        link = application.rehearse(first_link=True)
    finally:
        application.stop()
    run_server(settings, first_link=link)


def run_server(settings: Settings, *, first_link: str | None = None) -> None:
    """Serve until a signal comes; ``first_link`` is where the first admin is made."""
    _require_free_port(settings.host, settings.port)
    os.environ.update(_environment(settings))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for number in (signal.SIGINT, signal.SIGTERM):
        # The server handles them itself; when it has stopped it raises them again, and then this is its clean end.
        signal.signal(number, _leave)
    config = uvicorn.Config(
        APP,
        factory=True,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config, greeting=_greeting(settings, first_link=first_link))
    server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILURE)


class _Server(uvicorn.Server):
    """Says where it is once it is there: with the right to write to the database, and listening."""

    def __init__(self, config: uvicorn.Config, *, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._greeting, flush=True)


def _greeting(settings: Settings, *, first_link: str | None) -> str:
    lines = [f"Muster on {settings.public_url}{'' if settings.is_public else ' (this machine only)'}"]
    if first_link is not None:
        lines.append(f"  no users yet; make the first admin here (good once, for a day): {first_link}")
    lines.append(f"  description of the API: {settings.public_url}/docs and {settings.public_url}/v1/openapi.json")
    return "\n".join(lines)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _environment(settings: Settings) -> dict[str, str]:
    """What the server's own settings are read from: options of the command included."""
    return {
        "MUSTER_DATABASE_URL": settings.database,
        "MUSTER_HOST": settings.host,
        "MUSTER_PORT": str(settings.port),
        "MUSTER_WORKER": str(settings.worker),
    }


def _require_free_port(host: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise Refused(
                f"port {port} on {host} cannot be used: {(error.strerror or str(error)).lower()}; choose another with --port."
            ) from None

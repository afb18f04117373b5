"""Who may talk to this server. Until there are users it answers on loopback only, and only under its own names."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from api.problems import answer_refusal
from api.refusal import RefusalError
from scheduler.domain.ground.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NOTICE = "There are no users and no passwords yet, so Muster listens on this machine only (loopback)."
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Door:
    """
    Refuse what no route should see: unknown host names, pages of other sites, NUL in an address.

    The host check keeps other sites' pages from reaching a server on loopback under a name of theirs (DNS rebinding), the
    origin check from posting forms to it. ``X-Forwarded-Host`` is never read.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self.app = app
        self._hosts = frozenset(host.lower() for host in hosts) | LOOPBACK_NAMES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        refusal = self._refusal(request)
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await answer_refusal(request, refusal)(scope, receive, send)

    def _refusal(self, request: Request) -> RefusalError | None:
        if _host_of(f"//{request.headers.get('host', '')}") not in self._hosts:
            return RefusalError(
                400, "host.unknown", "This server does not answer under this host name; use the address it printed at start."
            )
        origin = request.headers.get("origin")
        if origin is not None and _host_of(origin) not in self._hosts:
            return RefusalError(403, "origin.not_allowed", "Pages of other sites may not use this server.")
        return _nul_in_address(request)


def _host_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _nul_in_address(request: Request) -> RefusalError | None:
    message = "Text cannot hold the NUL character; remove it."
    if "\x00" in request.scope["path"]:
        return RefusalError(422, "text.nul", message, faults=(Fault(pointer="path:", code="text.nul", message=message),))
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
    bad = [name for name, value in pairs if "\x00" in name or "\x00" in value]
    faults = tuple(Fault(pointer=f"?{name.replace(chr(0), '')[:100]}", code="text.nul", message=message) for name in bad)
    return RefusalError(422, "text.nul", message, faults=faults[:50]) if faults else None

"""What may reach this server at all: it answers only under its own names."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, unquote_to_bytes, urlsplit

from starlette.requests import Request

from api.problems import answer_refusal
from api.refusal import RefusalError
from scheduler.domain.ground.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Door:
    """
    Refuse what no route should see: unknown host names, pages of other sites, an address that is no text or holds NUL.

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
        return _not_text(request) or _nul_in_address(request)


def _host_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _not_text(request: Request) -> RefusalError | None:
    """Escaped bytes that are no UTF-8: the framework would put question marks in their place and look for those."""
    message = "The address holds bytes that are not UTF-8 text; escape text as UTF-8, such as %C3%BC."
    code = "text.invalid_unicode"
    raw_path = request.scope.get("raw_path") or request.scope["path"].encode("utf-8", "surrogatepass")
    bad = [pair.partition(b"=")[0].decode("latin-1") for pair in request.scope["query_string"].split(b"&") if not _is_utf8(pair)]
    pointers = [] if _is_utf8(raw_path) else ["path:"]
    pointers += [f"?{unquote(name, errors='replace').replace(chr(0), '')[:100]}" for name in bad]
    faults = tuple(Fault(pointer=pointer, code=code, message=message) for pointer in pointers)
    return RefusalError(422, code, message, faults=faults[:50]) if faults else None


def _is_utf8(escaped: bytes) -> bool:
    try:
        unquote_to_bytes(escaped).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _nul_in_address(request: Request) -> RefusalError | None:
    message = "Text cannot hold the NUL character; remove it."
    if "\x00" in request.scope["path"]:
        return RefusalError(422, "text.nul", message, faults=(Fault(pointer="path:", code="text.nul", message=message),))
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
    bad = [name for name, value in pairs if "\x00" in name or "\x00" in value]
    faults = tuple(Fault(pointer=f"?{name.replace(chr(0), '')[:100]}", code="text.nul", message=message) for name in bad)
    return RefusalError(422, "text.nul", message, faults=faults[:50]) if faults else None

"""The outermost floor of HTTP: a request id in and out, one log line per request, and the last handler of all errors."""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any

import structlog

from api import http_metrics
from api.refusal import INTERNAL, problem_body

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SANE = re.compile(rb"[A-Za-z0-9._\-]{1,64}")
_log = structlog.get_logger("muster.http")


def request_id_of(scope: MutableMapping[str, Any]) -> str:
    """The id of the request that ``scope`` belongs to."""
    found = scope.get("state", {}).get("request_id", "")
    return str(found)


class RequestIds:
    """
    Give each request its id: the client's ``Request-Id`` when it is short plain text, else a new one.

    The answer bears it, every problem body holds it, and every log line written on the way does too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _from_client(scope) or str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send=send, request_id=request_id)
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, answer.pass_on)
            except Exception as error:  # noqa: BLE001  the last handler: whatever it was, the caller gets a generic answer
                _log.error("request.failed", request_id=request_id, exc_info=error)
                await answer.fail(request_id)
            finally:
                _write_line(scope, answer.status, began)


class _Answer:
    def __init__(self, *, send: Send, request_id: str) -> None:
        self._send = send
        self._header = (b"request-id", request_id.encode("ascii"))
        self.status = 0

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), self._header, (b"x-content-type-options", b"nosniff")]
            if all(name.lower() != b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))  # what one user may see lies in no cache for the next
            message = {**message, "headers": headers}
        await self._send(message)

    async def fail(self, request_id: str) -> None:
        if self.status:  # the answer has begun; its connection is cut by the server
            return
        code, detail = INTERNAL
        body = json.dumps(problem_body(status=500, code=code, detail=detail, request_id=request_id)).encode()
        headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
        await self.pass_on({"type": "http.response.start", "status": 500, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _from_client(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"request-id" and _SANE.fullmatch(value):
            text: bytes = value
            return text.decode("ascii")
    return None


def _write_line(scope: Scope, status: int, began: float) -> None:
    seconds = time.perf_counter() - began
    http_metrics.answered(method=scope["method"], route=_template(scope), status=status, seconds=seconds)
    _log.info(
        "request",
        request_id=request_id_of(scope),
        method=scope["method"],
        path=scope["path"][:200],
        status=status,
        code=scope["state"].get("problem_code"),
        actor=getattr(scope["state"].get("actor"), "id", None),
        ms=round(seconds * 1000, 1),
    )


def _template(scope: Scope) -> str | None:
    """The route's address with names in place of ids; routes are described without the prefix of their router."""
    own = getattr(scope.get("route"), "path_format", None)
    prefix = next((one for one in ("/v1", "/scim/v2") if scope["path"].startswith(f"{one}/")), "")
    return None if own is None else own if own.startswith(f"{prefix}/") and prefix else f"{prefix}{own}"

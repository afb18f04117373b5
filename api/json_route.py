"""Routes whose JSON body is read by ``json_body`` instead of the framework's decoder, before anything else sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import params
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from api import json_body
from api.refusal import RefusalError

MOST_BODY_BYTES = 4 * 1024 * 1024


class StrictRequest(Request):
    """A request whose JSON is bounded and exact."""

    _decoded: Any = None
    _is_decoded = False

    async def body(self) -> bytes:
        """The raw body. Raises RefusalError when it is larger than a body may be, without reading all of it."""
        if not hasattr(self, "_body"):
            if _announced_bytes(self) > MOST_BODY_BYTES:
                raise _too_large()
            raw = bytearray()
            async for chunk in self.stream():
                raw += chunk
                if len(raw) > MOST_BODY_BYTES:
                    raise _too_large()
            self._body = bytes(raw)
        return self._body

    async def json(self) -> Any:
        """The body, decoded once."""
        if not self._is_decoded:
            self._decoded = json_body.decode(await self.body())
            self._is_decoded = True
        return self._decoded


class JsonRoute(APIRoute):
    """A route that refuses a body of another type, reads JSON strictly, and keeps the body's hash for idempotency."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the body first, then let the framework go on."""
        handle = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)

        async def read_first(request: Request) -> Response:
            _refuse_unacceptable(request)
            if not takes_json:
                return await handle(request)
            strict = StrictRequest(request.scope, request.receive)
            raw = await strict.body()
            request.scope["state"]["body_sha256"] = hashlib.sha256(raw).hexdigest()
            _refuse_other_type(request, raw)
            if raw:
                await strict.json()
            return await handle(strict)

        return read_first


def _announced_bytes(request: Request) -> int:
    announced = request.headers.get("content-length", "")
    return int(announced) if announced.isdecimal() and len(announced) < 19 else 0


def _too_large() -> RefusalError:
    return RefusalError(413, "body.too_large", f"A body has at most {MOST_BODY_BYTES} bytes; send less at once.")


def _refuse_other_type(request: Request, raw: bytes) -> None:
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if raw and found != "application/json":
        raise RefusalError(415, "content_type.not_supported", "The body must be application/json; set Content-Type and send JSON.")


def _refuse_unacceptable(request: Request) -> None:
    accepted = request.headers.get("accept", "*/*")
    kinds = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    if not kinds & {"*/*", "application/*", "application/json", "application/problem+json", "text/*", "text/event-stream", ""}:
        raise RefusalError(
            406, "accept.not_supported", "Answers are application/json (or text/event-stream for events); accept one of them."
        )

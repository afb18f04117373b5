"""Routes whose body is bounded while it is read, and whose JSON is read by ``json_body`` instead of the framework's decoder."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any

from fastapi import params
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api import json_body
from api.refusal import RefusalError
from api.validation_faults import parameter_faults

MOST_BODY_BYTES = 4 * 1024 * 1024
MOST_UPLOAD_BYTES = 64 * 1024 * 1024


class StrictRequest(Request):
    """A request whose body is bounded and whose JSON is exact."""

    limit_bytes = MOST_BODY_BYTES
    _decoded: Any = None
    _is_decoded = False

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in parts. Raises HTTPException 413 as soon as it is larger than a body may be."""
        total = _announced_bytes(self)
        if total <= self.limit_bytes:
            total = 0
            async for chunk in super().stream():
                total += len(chunk)
                if total > self.limit_bytes:
                    break
                yield chunk
        if total > self.limit_bytes:
            raise HTTPException(413)

    async def json(self) -> Any:
        """The body, decoded once."""
        if not self._is_decoded:
            self._decoded = json_body.decode(await self.body())
            self._is_decoded = True
        return self._decoded


class UploadRequest(StrictRequest):
    """A request with files."""

    limit_bytes = MOST_UPLOAD_BYTES


class JsonRoute(APIRoute):
    """A route that refuses a body of another type, reads JSON strictly, and keeps the body's hash for idempotency."""

    body_types: tuple[str, ...] = ("application/json",)
    takes_raw = False
    """Whether the operation reads the bytes of its body itself, up to the size of an upload."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the body first, then let the framework go on."""
        handle = super().get_route_handler()
        takes_body = self.body_field is not None
        takes_files = self.body_field is not None and isinstance(self.body_field.field_info, params.Form)

        async def read_first(request: Request) -> Response:
            _refuse_unacceptable(request)
            _refuse_parameters(request, self)
            if takes_files:
                _refuse_other_type(request, ("multipart/form-data",))
                return await handle(UploadRequest(request.scope, request.receive))
            if self.takes_raw:
                upload = UploadRequest(request.scope, request.receive)
                request.scope["state"]["body_sha256"] = hashlib.sha256(await upload.body()).hexdigest()
                _refuse_other_type(request, self.body_types)
                return await handle(upload)
            if not takes_body:
                return await handle(request)
            strict = StrictRequest(request.scope, request.receive)
            raw = await strict.body()
            request.scope["state"]["body_sha256"] = hashlib.sha256(raw).hexdigest()
            if raw:
                _refuse_other_type(request, self.body_types)
                await strict.json()
            return await handle(strict)

        return read_first


class RawJsonRoute(JsonRoute):
    """A route whose JSON is read by a format's own reader, which names every fault by its place."""

    takes_raw = True


async def raw_body(request: Request) -> bytes:
    """The body as it came."""
    return await request.body()


def _announced_bytes(request: Request) -> int:
    announced = request.headers.get("content-length", "")
    return int(announced) if announced.isdecimal() and len(announced) < 19 else 0


def _refuse_other_type(request: Request, wanted: Sequence[str]) -> None:
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found not in wanted:
        raise RefusalError(415, "content_type.not_supported", f"The body must be {wanted[0]}; set Content-Type to it.")


def _refuse_parameters(request: Request, route: APIRoute) -> None:
    faults = parameter_faults(request.query_params.multi_items(), route)
    if faults:
        raise RefusalError(422, faults[0].code, "The address has parameters that cannot be taken; see errors.", faults=faults)


def _refuse_unacceptable(request: Request) -> None:
    accepted = request.headers.get("accept", "*/*")
    kinds = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    if not kinds & {
        "*/*",
        "application/*",
        "application/json",
        "application/scim+json",
        "application/problem+json",
        "text/*",
        "text/plain",
        "text/event-stream",
        "",
    }:
        raise RefusalError(
            406, "accept.not_supported", "Answers are application/json (or text/event-stream for events); accept one of them."
        )

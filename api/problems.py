"""Every error as ``application/problem+json`` (RFC 9457), or as SCIM has it under its address. No exception text, path or statement ever reaches the caller."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api import scim_errors
from api.preconditions import IF_MATCH, missing
from api.refusal import INTERNAL, RefusalError, problem_body
from api.refusal_record import tell
from api.request_id import request_id_of
from api.validation_faults import faults_of
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

STATUS_OF_KIND = {
    ErrorKind.INVALID: 422,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.STALE: 412,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.BUSY: 503,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.GONE: 410,
    ErrorKind.THROTTLED: 429,
}

CHALLENGE = 'Bearer realm="muster"'
METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_OF_STATUS = {
    400: ("request.unreadable", "The request could not be read; send it again as the description at /v1/openapi.json says."),
    404: ("path.not_found", "Nothing is at this address; the addresses are listed at /docs."),
    405: ("method.not_allowed", "This address does not take this method; the header Allow names those it takes."),
    413: ("body.too_large", "The body is larger than this address takes (4 MB of JSON, 64 MB of files); send less at once."),
    415: ("content_type.not_supported", "The body must be application/json."),
}


def answer_refusal(request: Request, refusal: RefusalError) -> JSONResponse:
    """A refusal as an HTTP answer."""
    request.scope.setdefault("state", {})["problem_code"] = refusal.code
    headers = dict(refusal.headers)
    if refusal.status in (429, 503):
        headers.setdefault("Retry-After", "1")
    if request.scope["path"].startswith(scim_errors.PREFIX):
        told = scim_errors.scim_error(refusal, request_id=request_id_of(request.scope))
        return JSONResponse(told, status_code=scim_errors.scim_status(refusal.status), headers=headers, media_type=scim_errors.MEDIA_TYPE)
    body = problem_body(
        status=refusal.status,
        code=refusal.code,
        detail=refusal.detail,
        request_id=request_id_of(request.scope),
        faults=refusal.faults,
        facts=refusal.facts,
    )
    return JSONResponse(body, status_code=refusal.status, headers=headers, media_type="application/problem+json")


def of_domain(error: DomainError, *, method: str) -> RefusalError:
    """The refusal that a broken rule of the domain amounts to over HTTP."""
    facts = {name: value for name, value in error.facts.items() if _is_plain(value)}
    # What a GET says stands in its address, not in a body.
    faults = tuple(replace(fault, pointer=_parameter(fault.pointer)) for fault in error.faults) if method == "GET" else error.faults
    headers = {"WWW-Authenticate": CHALLENGE} if error.kind is ErrorKind.UNAUTHENTICATED else {}
    if error.kind is ErrorKind.THROTTLED:
        headers["Retry-After"] = str(error.facts["retry_after_s"])
    return RefusalError(STATUS_OF_KIND[error.kind], error.code, error.detail, faults=faults, facts=facts, headers=headers)


def _parameter(pointer: str) -> str:
    return f"?{pointer.removeprefix('/filters').removeprefix('/')}"


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, (str, int, float, bool))


def _of_status(error: HTTPException) -> RefusalError:
    code, detail = _OF_STATUS.get(error.status_code, INTERNAL)
    status = error.status_code if error.status_code in _OF_STATUS else 500
    return RefusalError(status, code, detail, headers=error.headers or {})


def allowed_methods(request: Request) -> list[str]:
    """Every method that the address takes; the router itself names only those of the first route that it finds there."""
    routes = request.app.router.routes
    return [method for method in METHODS if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)]


def _of_validation(request: Request, error: RequestValidationError) -> RefusalError:
    if any(found["type"] == "missing" and tuple(found["loc"]) == ("header", IF_MATCH) for found in error.errors()):
        return missing()
    faults = faults_of(error, route=request.scope.get("route"))
    count = len(faults)
    detail = "One value cannot be taken; see errors." if count == 1 else f"{count} values cannot be taken; see errors."
    return RefusalError(422, faults[0].code, detail, faults=faults)


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem."""

    @app.exception_handler(RefusalError)
    def refused(request: Request, error: RefusalError) -> JSONResponse:
        return answer_refusal(request, error)

    @app.exception_handler(DomainError)
    def rule_broken(request: Request, error: DomainError) -> JSONResponse:
        tell(request, error)
        return answer_refusal(request, of_domain(error, method=request.method))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer_refusal(request, _of_validation(request, error))

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> JSONResponse:
        refusal = _of_status(error)
        if refusal.status == 405:
            refusal = replace(refusal, headers={"Allow": ", ".join(allowed_methods(request))})
        return answer_refusal(request, refusal)

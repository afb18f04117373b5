"""
Who is asking, found out before anything else is looked at: by an API token, or by the cookie of a session.

Only what ``PUBLIC`` lists is answered to anybody. A request that changes something under a cookie must also carry the session's
CSRF token, which a page of another site cannot know.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
from starlette.requests import Request

from api import cookies
from api.origin import origin_of
from api.problems import CHALLENGE, answer_refusal, of_domain
from api.refusal import RefusalError
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.opaque import csrf_token, same
from scheduler.queries.authentication import actor_of_session, actor_of_token

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from scheduler.application import Application
    from scheduler.domain.ground.access import Actor

PUBLIC = frozenset(
    {
        ("GET", "/docs"),
        ("GET", "/password"),
        ("GET", "/v1/openapi.json"),
        ("GET", "/v1/health"),
        ("GET", "/v1/readiness"),
        ("GET", "/v1/oidc/login"),
        ("GET", "/v1/oidc/callback"),
        ("POST", "/v1/session"),
        ("POST", "/v1/setup"),
        ("POST", "/v1/password_resets"),
    }
)
"""What needs no credential; everything else does."""
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def unauthenticated() -> RefusalError:
    """Nobody is logged in."""
    detail = "Log in at POST /v1/session, or send an API token: Authorization: Bearer TOKEN. A session may also have ended."
    return RefusalError(401, "login.required", detail, headers={"WWW-Authenticate": CHALLENGE})


class Authentication:
    """Put the actor into the request's state, or refuse."""

    def __init__(self, app: ASGIApp, *, application: Application) -> None:
        self.app = app
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and (scope["method"], scope["path"]) in PUBLIC):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            actor = await anyio.to_thread.run_sync(partial(self._actor, request))
        except RefusalError as refusal:
            await answer_refusal(request, refusal)(scope, receive, send)
        except DomainError as error:
            await answer_refusal(request, of_domain(error, method=request.method))(scope, receive, send)
        else:
            scope.setdefault("state", {})["actor"] = actor
            await self.app(scope, receive, send)

    def _actor(self, request: Request) -> Actor:
        now, origin = datetime.now(UTC), origin_of(request)
        store, digest = self._application.store, self._application.digest
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme:
            secret = token.strip() if scheme.lower() == "bearer" else ""
            actor = actor_of_token(store, digest=digest, secret=secret, now=now, origin=origin) if secret else None
        else:
            secret = cookies.session_of(request, self._application.settings.public_url) or ""
            actor = actor_of_session(store, digest=digest, secret=secret, now=now, origin=origin) if secret else None
            if actor is not None and not _has_csrf_token(request, secret):
                refused = _without_csrf_token()
                self._application.refusals.tell(actor=actor, error=refused, operation=None, now=now)
                raise refused
        if actor is None:
            refusal = unauthenticated()
            self._application.refusals.tell_of_stranger(origin=origin, code=refusal.code, now=now)
            raise refusal
        return actor


def describe_credentials(description: dict[str, Any]) -> None:
    """Say in the API's description which operations need a credential, and that they answer 401 without one."""
    description["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token, made at POST /v1/tokens."},
        "session": {"type": "apiKey", "in": "cookie", "name": "muster_session", "description": "Set by POST /v1/session."},
    }
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if (method.upper(), path) not in PUBLIC:
                operation["security"] = [{"token": []}, {"session": []}]
                operation["responses"].setdefault("401", {**operation["responses"]["422"], "description": "Not logged in"})
                operation["responses"] = dict(sorted(operation["responses"].items()))


def _has_csrf_token(request: Request, secret: str) -> bool:
    return request.method in _SAFE or same(request.headers.get(CSRF_HEADER, ""), csrf_token(secret))


def _without_csrf_token() -> DomainError:
    detail = f"A change under a session's cookie needs the header {CSRF_HEADER} with the csrf_token of GET /v1/session."
    return DomainError(ErrorKind.FORBIDDEN, "csrf.invalid", detail)

"""Login through an OpenID Connect provider, where one is set up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import cookies
from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.origin import origin_of
from api.refusal import RefusalError
from api.schemas.fields import Schema
from scheduler.domain.ground.opaque import new_secret
from scheduler.integrations.oidc import Provider
from scheduler.usecases.identities import begin_tie, log_in_by_identity

router = APIRouter(route_class=JsonRoute, tags=["session"])
AFTER_LOGIN = "/docs"
_ASCII = "^[ -~]*$"


class ProviderLink(Schema):
    """Where to go on at the identity provider."""

    authorization_url: str


class CallbackQuery(Schema):
    """What the identity provider sends back; ASCII as RFC 6749 says, so that all of it fits into the longest address a server takes."""

    code: Annotated[str | None, Query(max_length=4000, pattern=_ASCII)] = None
    state: Annotated[str | None, Query(max_length=200, pattern=_ASCII)] = None
    error: Annotated[str | None, Query(max_length=200, pattern=_ASCII)] = None
    error_description: Annotated[str | None, Query(max_length=1000)] = None
    error_uri: Annotated[str | None, Query(max_length=2000, pattern=_ASCII)] = None
    iss: Annotated[str | None, Query(max_length=2000, pattern=_ASCII)] = None
    session_state: Annotated[str | None, Query(max_length=2000, pattern=_ASCII)] = None
    scope: Annotated[str | None, Query(max_length=2000, pattern=_ASCII)] = None


@router.get("/oidc/login", operation_id="oidc_log_in", status_code=303, response_class=Response, responses=problems(404))
def begin(application: CurrentApplication) -> Response:
    """Go to the identity provider to log in."""
    secret = new_secret()
    provider = Provider(application.settings, digest=application.digest)
    response = RedirectResponse(provider.authorization_url(secret), status_code=303)
    cookies.give_flow(response, secret, application.settings.public_url)
    return response


@router.post("/oidc/link", operation_id="oidc_link", response_model=ProviderLink, responses=problems(403, 404))
def tie(application: CurrentApplication, actor: CurrentActor) -> Response:
    """Begin to tie one's own user to an identity at the provider: go on at the address in the answer within ten minutes."""
    provider = Provider(application.settings, digest=application.digest)
    if actor.scopes is not None:
        raise RefusalError(403, "session.required", "An API token cannot tie identities; log in with your password.")
    secret = new_secret()
    url = provider.authorization_url(secret)
    begin_tie(application.store, actor=actor, digest=application.digest, secret=secret, now=datetime.now(UTC))
    response = to_response(stored(ProviderLink(authorization_url=url)))
    cookies.give_flow(response, secret, application.settings.public_url)
    return response


@router.get(
    "/oidc/callback", operation_id="oidc_callback", status_code=303, response_class=Response, responses=problems(401, 403, 404, 409)
)
def end(request: Request, application: CurrentApplication, query: Annotated[CallbackQuery, Query()]) -> Response:
    """Where the identity provider sends the browser back to: begins a session of whoever is tied to the identity."""
    base_url = application.settings.public_url
    provider = Provider(application.settings, digest=application.digest)
    flow_secret = cookies.flow_of(request, base_url) or ""
    identity = provider.identity(flow_secret, code=query.code or "", state=query.state or "")
    logged_in = log_in_by_identity(
        application.store,
        digest=application.digest,
        identity=identity,
        flow_secret=flow_secret,
        device_secret=cookies.device_of(request, base_url),
        session_secret=cookies.session_of(request, base_url),
        origin=origin_of(request),
        now=datetime.now(UTC),
    )
    response = RedirectResponse(base_url + AFTER_LOGIN, status_code=303)
    cookies.give(response, logged_in, base_url)
    cookies.take_flow(response, base_url)
    return response

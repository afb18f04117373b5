"""Logging in and out, and passwords."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import cookies
from api.answers import problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.origin import origin_of
from api.refusal import RefusalError
from api.schemas.access import LoginWrite, PasswordChangeWrite, PasswordResetWrite, SessionRead, SetupWrite, UserWrite
from api.schemas.records import read_shape, shown
from scheduler.domain.ground.access import Actor
from scheduler.domain.ground.opaque import csrf_token
from scheduler.usecases import passwords
from scheduler.usecases.login import Attempt, log_in, log_out

router = APIRouter(route_class=JsonRoute, tags=["session"])
UserRead = read_shape("User", UserWrite)


@router.post("/session", operation_id="log_in", response_model=SessionRead, responses=problems(401, 413, 415, 429))
def begin(request: Request, application: CurrentApplication, body: LoginWrite) -> Response:
    """Log in. The session's cookie comes with the answer; its id is new at every login, and it lasts 12 hours."""
    base_url = application.settings.public_url
    attempt = Attempt(
        login=body.login,
        password=body.password,
        origin=origin_of(request),
        device_secret=cookies.device_of(request, base_url),
        session_secret=cookies.session_of(request, base_url),
    )
    logged_in = log_in(application.store, digest=application.digest, attempt=attempt, now=datetime.now(UTC))
    actor = logged_in.user.actor(credential_id="")
    response = to_response(stored(_session(actor, csrf=csrf_token(logged_in.secret))))
    cookies.give(response, logged_in, base_url)
    return response


@router.get("/session", operation_id="read_session", response_model=SessionRead, responses=problems(401))
def read(request: Request, application: CurrentApplication, actor: CurrentActor) -> Response:
    """Who is logged in, by session or token, and what they may do."""
    secret = cookies.session_of(request, application.settings.public_url) if actor.scopes is None else None
    return to_response(stored(_session(actor, csrf=csrf_token(secret) if secret else None)))


@router.delete("/session", operation_id="log_out", status_code=204, response_class=Response, responses=problems(401, 403))
def end(application: CurrentApplication, actor: CurrentActor) -> Response:
    """Log out: the session is over at once."""
    log_out(application.store, actor=actor, now=datetime.now(UTC))
    response = Response(status_code=204)
    cookies.take_session(response, application.settings.public_url)
    return response


@router.post("/setup", operation_id="set_up", status_code=201, response_model=UserRead, responses=problems(409, 410, 413, 415))
def set_up(request: Request, application: CurrentApplication, body: SetupWrite) -> Response:
    """Make the first admin, with the one-time secret that was printed at first start."""
    user = passwords.set_up(
        application.store,
        digest=application.digest,
        secret=body.secret,
        login=body.login,
        name=body.name,
        password=body.password,
        origin=origin_of(request),
        now=datetime.now(UTC),
    )
    return to_response(stored(shown(UserRead, user), status=201, version=user.version))


@router.post("/password_resets", operation_id="reset_password", status_code=204, response_class=Response, responses=problems(410, 413, 415))
def reset(request: Request, application: CurrentApplication, body: PasswordResetWrite) -> Response:
    """Set a password with the one-time secret of a link. Every session of the user ends."""
    passwords.reset_password(
        application.store,
        digest=application.digest,
        secret=body.secret,
        password=body.password,
        origin=origin_of(request),
        now=datetime.now(UTC),
    )
    return Response(status_code=204)


@router.post(
    "/session/password",
    operation_id="change_password",
    status_code=204,
    response_class=Response,
    responses=problems(401, 403, 413, 415, 429),
)
def change(application: CurrentApplication, actor: CurrentActor, body: PasswordChangeWrite) -> Response:
    """Replace one's own password. Every other session of one's own ends. It takes a session: an API token cannot do it."""
    if actor.scopes is not None:
        raise RefusalError(403, "session.required", "An API token cannot change the password; log in with the present one.")
    passwords.change_password(
        application.store,
        actor=actor,
        digest=application.digest,
        current=body.current,
        password=body.password,
        now=datetime.now(UTC),
    )
    return Response(status_code=204)


def _session(actor: Actor, *, csrf: str | None) -> SessionRead:
    role = actor.role.value if actor.role is not None else None
    return SessionRead.model_construct(user_id=actor.id, name=actor.name, role=role, rights=sorted(actor.rights()), csrf_token=csrf)

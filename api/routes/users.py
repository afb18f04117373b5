"""Users, and API tokens of one's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas.access import NewTokenRead, ResetLinkRead, ResetWrite, TokenPage, TokenWrite, UserList, UserWrite, shown_token
from api.schemas.fields import Id
from api.schemas.records import page_shape, patch_shape, patched, read_shape, shown
from api.versions import with_diff
from scheduler.domain.ground.idempotency import StoredResponse
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.users import User
from scheduler.queries.users import get_user, list_users, own_tokens
from scheduler.usecases.passwords import make_reset_link
from scheduler.usecases.tokens import create_token, revoke_token
from scheduler.usecases.users import change_user, create_user

router = APIRouter(route_class=JsonRoute)
UserRead = read_shape("User", UserWrite)
UserPatch = patch_shape("UserPatch", UserWrite)
UserPage = page_shape("UserPage", UserRead)
UserIdPath = Annotated[Id, Path(description="The id the server gave it.")]


@router.post(
    "/users", operation_id="create_user", status_code=201, response_model=UserRead, responses=problems(403, 409, 413, 415), tags=["users"]
)
def create(
    request: Request, application: CurrentApplication, actor: CurrentActor, body: UserWrite, idempotency_key: IdempotencyKey = None
) -> Response:
    """Create a user, who can log in once they have set a password: ask for a reset link."""

    def respond(user: User) -> StoredResponse:
        location = address(application.settings.public_url, "users", user.id)
        return stored(shown(UserRead, user), status=201, version=user.version, location=location)

    claim = claim_of(request, idempotency_key, respond=respond)
    user = body.to_value(own_id=new_id(), version=0)
    return to_response(respond(create_user(application.store, actor=actor, user=user, now=datetime.now(UTC), idempotency=claim)))


@router.get("/users", operation_id="list_users", response_model=UserPage, responses=problems(403), tags=["users"])
def list_page(application: CurrentApplication, actor: CurrentActor, query: Annotated[UserList, Query()]) -> Response:
    """List users, page by page. They sort by: login, id."""
    found = list_users(application.store, actor=actor, page=query.page_request())
    items = [shown(UserRead, user) for user in found.items]
    return to_response(stored(UserPage.model_construct(items=items, next_cursor=found.next_cursor)))


@router.get("/users/{user_id}", operation_id="read_user", response_model=UserRead, responses=problems(404), tags=["users"])
def read(application: CurrentApplication, actor: CurrentActor, user_id: UserIdPath) -> Response:
    """Read a user."""
    user = get_user(application.store, actor=actor, user_id=user_id)
    return to_response(stored(shown(UserRead, user), version=user.version))


@router.patch(
    "/users/{user_id}",
    operation_id="change_user",
    response_model=UserRead,
    responses=problems(403, 404, 409, 412, 413, 415, 428),
    tags=["users"],
)
def change(
    application: CurrentApplication,
    actor: CurrentActor,
    user_id: UserIdPath,
    version: ExpectedVersion,
    body: UserPatch,  # type: ignore[valid-type]  # made from UserWrite
) -> Response:
    """Change fields of a user. Other rights end their sessions; `is_active: false` ends sessions, tokens and links at once."""
    store = application.store
    with with_diff(store, actor=actor, area="users", record_id=user_id, version=version, read=UserRead):
        user = patched(UserWrite, body, get_user(store, actor=actor, user_id=user_id), version=version)
        saved = change_user(store, actor=actor, user=user, now=datetime.now(UTC))
    return to_response(stored(shown(UserRead, saved), version=saved.version))


@router.post(
    "/users/{user_id}/reset",
    operation_id="reset_user",
    status_code=201,
    response_model=ResetLinkRead,
    responses=problems(403, 404, 413, 415),
    tags=["users"],
)
def reset(application: CurrentApplication, actor: CurrentActor, user_id: UserIdPath, body: ResetWrite | None = None) -> Response:
    """
    End all that lets a user in, and make a link with which they set a password: good once, for 30 minutes.

    The password, sessions, API tokens, tied identities and older links are worth nothing from then on, unless `keep_access` is given.
    """
    secret, expires_at = make_reset_link(
        application.store,
        actor=actor,
        digest=application.digest,
        user_id=user_id,
        now=datetime.now(UTC),
        keep_access=body is not None and body.keep_access,
    )
    return to_response(stored(ResetLinkRead(link=application.password_link(secret), expires_at=expires_at), status=201))


@router.get("/tokens", operation_id="list_tokens", response_model=TokenPage, responses=problems(403), tags=["tokens"])
def list_own(application: CurrentApplication, actor: CurrentActor) -> Response:
    """List one's own API tokens."""
    return to_response(stored(TokenPage(items=[shown_token(token) for token in own_tokens(application.store, actor=actor)])))


@router.post(
    "/tokens", operation_id="create_token", status_code=201, response_model=NewTokenRead, responses=problems(403, 413, 415), tags=["tokens"]
)
def create_own(application: CurrentApplication, actor: CurrentActor, body: TokenWrite) -> Response:
    """Make an API token of one's own. Its secret is shown in this answer only, so no answer is kept for an Idempotency-Key."""
    token, secret = create_token(
        application.store,
        actor=actor,
        digest=application.digest,
        name=body.name,
        scopes=frozenset(body.scopes),
        expires_in_days=body.expires_in_days,
        now=datetime.now(UTC),
    )
    return to_response(stored(NewTokenRead(**shown_token(token).model_dump(), token=secret), status=201))


@router.delete(
    "/tokens/{token_id}",
    operation_id="revoke_token",
    status_code=204,
    response_class=Response,
    responses=problems(403, 404),
    tags=["tokens"],
)
def revoke(
    application: CurrentApplication, actor: CurrentActor, token_id: Annotated[Id, Path(description="The id the server gave it.")]
) -> Response:
    """Revoke an API token: one's own or, as an admin, anybody's."""
    revoke_token(application.store, actor=actor, token_id=token_id, now=datetime.now(UTC))
    return Response(status_code=204)

"""SCIM 2.0 (RFC 7644) for users: an identity provider makes, changes and deactivates them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import JSONResponse, Response

from api.answers import json_bytes, problems
from api.dependencies import CurrentActor, CurrentApplication
from api.json_route import JsonRoute
from api.refusal import RefusalError
from api.schemas.fields import Id, Schema
from api.schemas.scim import LIST_SCHEMA, ScimOperation, ScimPatch, ScimUser, ScimUsers, ScimUserWrite, shown_scim
from api.scim_errors import MEDIA_TYPE
from scheduler.domain.ground.permissions import USER_ROLES, Role
from scheduler.queries.users import get_user, users_like
from scheduler.usecases.provisioning import Provisioned, provision_user, reprovision_user

_FILTER = re.compile(r'\s*(userName|externalId)\s+eq\s+"([^"\\]{1,200})"\s*', re.IGNORECASE)
_MOST = 200


class ScimRoute(JsonRoute):
    """A route that also takes bodies of SCIM's own type."""

    body_types = ("application/json", MEDIA_TYPE)


class ScimResponse(JSONResponse):
    """An answer of SCIM's own type."""

    media_type = MEDIA_TYPE


router = APIRouter(route_class=ScimRoute, tags=["scim"], default_response_class=ScimResponse)
UserIdPath = Annotated[Id, Path(description="The id the server gave it.")]


class Supported(Schema):
    """Whether something is supported."""

    supported: bool


class FilterSupport(Supported):
    """Whether lists can be filtered, and how long they get."""

    maxResults: int  # noqa: N815  the standard's name


class ProviderConfig(Schema):
    """What this server can do of SCIM."""

    schemas: list[str]
    patch: Supported
    bulk: Supported
    filter: FilterSupport
    changePassword: Supported  # noqa: N815
    sort: Supported
    etag: Supported


class ScimQuery(Schema):
    """Which users."""

    filter: Annotated[str | None, Query(max_length=400, description='`userName eq "ada"` or `externalId eq "E-1"`.')] = None
    startIndex: Annotated[int, Query(ge=1, le=1_000_000)] = 1  # noqa: N815
    count: Annotated[int, Query(ge=0, le=_MOST)] = _MOST


@router.get("/ServiceProviderConfig", operation_id="scim_config", response_model=ProviderConfig, responses=problems())
def config(actor: CurrentActor) -> Response:  # noqa: ARG001  whoever asks is logged in
    """What this server can do of SCIM."""
    no = Supported(supported=False)
    found = ProviderConfig(
        schemas=["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        patch=Supported(supported=True),
        bulk=no,
        filter=FilterSupport(supported=True, maxResults=_MOST),
        changePassword=no,
        sort=no,
        etag=no,
    )
    return _answer(found)


@router.get("/Users", operation_id="scim_list_users", response_model=ScimUsers, responses=problems(403))
def list_users(application: CurrentApplication, actor: CurrentActor, query: Annotated[ScimQuery, Query()]) -> Response:
    """List users, or find one by login or external id."""
    columns = {}
    if query.filter is not None:
        found = _FILTER.fullmatch(query.filter)
        if found is None:
            detail = 'Users can be filtered by userName eq "..." or externalId eq "..." only.'
            raise RefusalError(400, "scim.filter_not_supported", detail, facts={"scimType": "invalidFilter"})
        columns = {"login" if found[1].lower() == "username" else "external_id": found[2]}
    users = users_like(application.store, actor=actor, **columns)
    page = users[query.startIndex - 1 : query.startIndex - 1 + query.count]
    shown = [shown_scim(user, application.settings.public_url) for user in page]
    return _answer(
        ScimUsers(schemas=[LIST_SCHEMA], totalResults=len(users), startIndex=query.startIndex, itemsPerPage=len(shown), Resources=shown)
    )


@router.post("/Users", operation_id="scim_create_user", status_code=201, response_model=ScimUser, responses=problems(403, 409, 413, 415))
def create(application: CurrentApplication, actor: CurrentActor, body: ScimUserWrite) -> Response:
    """Make a user. The same user sent again is a conflict, which is what providers expect instead of an Idempotency-Key."""
    user = provision_user(application.store, actor=actor, wanted=_wanted(body), now=datetime.now(UTC))
    return _answer(shown_scim(user, application.settings.public_url), status=201)


@router.get("/Users/{user_id}", operation_id="scim_read_user", response_model=ScimUser, responses=problems(404))
def read(application: CurrentApplication, actor: CurrentActor, user_id: UserIdPath) -> Response:
    """Read a user."""
    return _answer(shown_scim(get_user(application.store, actor=actor, user_id=user_id), application.settings.public_url))


@router.put("/Users/{user_id}", operation_id="scim_replace_user", response_model=ScimUser, responses=problems(403, 404, 409, 413, 415))
def put(application: CurrentApplication, actor: CurrentActor, user_id: UserIdPath, body: ScimUserWrite) -> Response:
    """Replace what the provider says of a user."""
    return _changed(application, actor, user_id, lambda _before: _wanted(body))


@router.patch("/Users/{user_id}", operation_id="scim_change_user", response_model=ScimUser, responses=problems(403, 404, 409, 413, 415))
def patch(application: CurrentApplication, actor: CurrentActor, user_id: UserIdPath, body: ScimPatch) -> Response:
    """Change some of it. `active: false` ends the user's access at once and, if they are a person, opens their future bookings."""

    def change(before: Provisioned) -> Provisioned:
        for operation in body.Operations:
            before = _operated(before, operation)
        return before

    return _changed(application, actor, user_id, change)


@router.delete(
    "/Users/{user_id}",
    operation_id="scim_delete_user",
    status_code=204,
    response_class=Response,
    responses=problems(403, 404, 409),
)
def delete(application: CurrentApplication, actor: CurrentActor, user_id: UserIdPath) -> Response:
    """Deactivate a user. What they did stays, and so does their id."""
    _changed(application, actor, user_id, lambda before: replace(before, is_active=False))
    return Response(status_code=204)


def _changed(application: CurrentApplication, actor: CurrentActor, user_id: str, change: Any) -> Response:
    user = reprovision_user(application.store, actor=actor, user_id=user_id, change=change, now=datetime.now(UTC))
    return _answer(shown_scim(user, application.settings.public_url))


def _answer(content: Schema, *, status: int = 200) -> Response:
    return Response(json_bytes(content), status_code=status, media_type=MEDIA_TYPE)


def _wanted(body: ScimUserWrite) -> Provisioned:
    role = next((_role(one.value) for one in body.roles), None)
    return Provisioned(login=body.userName, name=body.shown_name, external_id=body.externalId, is_active=body.active, role=role)


def _operated(before: Provisioned, operation: ScimOperation) -> Provisioned:
    """After one operation. Providers send a path and its value, or no path and several fields, and write true as text."""
    if operation.op.lower() not in {"add", "replace"}:
        raise _unsupported(f"the operation {operation.op[:40]}")
    fields = {operation.path: operation.value} if operation.path is not None else operation.value
    if not isinstance(fields, dict):
        raise _unsupported("a change without a path whose value is no object")
    for path, value in fields.items():
        before = _with(before, str(path), value)
    return before


def _with(before: Provisioned, path: str, value: Any) -> Provisioned:
    match path.lower(), value:
        case "active", bool():
            return replace(before, is_active=value)
        case "active", str() if value.lower() in {"true", "false"}:
            return replace(before, is_active=value.lower() == "true")
        case "username", str():
            return replace(before, login=value)
        case (("displayname" | "name.formatted"), str()):
            return replace(before, name=value)
        case "name", {"formatted": str() as name}:
            return replace(before, name=name)
        case "externalid", str():
            return replace(before, external_id=value)
        case "roles", [{"value": str() as role}, *_]:
            return replace(before, role=_role(role))
        case (("schemas" | "emails" | "id" | "meta" | "name" | "title" | "locale" | "timezone"), _):
            return before  # not kept
        case _:
            raise _unsupported(f"a change of {path[:60]} to such a value")


def _role(text: str) -> Role:
    if text not in USER_ROLES:
        detail = f"A role is one of {', '.join(USER_ROLES)}."
        raise RefusalError(400, "scim.value_not_supported", detail, facts={"scimType": "invalidValue"})
    return Role(text)


def _unsupported(what: str) -> RefusalError:
    detail = f"This server does not know {what}; it keeps userName, displayName, name.formatted, externalId, active and roles."
    return RefusalError(400, "scim.value_not_supported", detail, facts={"scimType": "invalidValue"})

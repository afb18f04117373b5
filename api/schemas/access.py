"""Users, sessions, tokens and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints

from api.schemas.fields import Flag, Id, Instant, Integer, Name, RecordWrite, Schema, WriteSchema, checked_text
from api.schemas.lists import ListQuery, Word
from scheduler.domain.ground.credentials import PASSWORD_MAX, TOKEN_DAYS_MAX
from scheduler.domain.ground.ids import ClientId, PersonId, ProjectId, UserId
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.users import User

if TYPE_CHECKING:
    from scheduler.domain.ground.credentials import ApiToken

UserRole = Literal["admin", "resource_manager", "project_manager", "finance", "member", "client_viewer"]
Typed = Annotated[str, StringConstraints(strict=True, max_length=PASSWORD_MAX), BeforeValidator(checked_text)]
"""Something secret that somebody typed or followed."""


class UserWrite(RecordWrite):
    """
    Somebody who may log in.

    ``person_id``: the person whose rows are the user's own; ``team`` limits a resource manager, absent = every team; ``project_ids``:
    managed projects; ``client_id``: whose viewer this is; ``extra``: rights beside the role's. Without ``is_active`` nobody gets in.
    """

    login: Name
    name: Name
    role: UserRole
    person_id: Id | None = None
    team: Name | None = None
    client_id: Id | None = None
    project_ids: Annotated[list[Id], Field(max_length=1000, default_factory=list)]
    extra: Annotated[list[Name], Field(max_length=20, default_factory=list)]
    is_active: Flag = True
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> User:
        """As the domain knows it."""
        return User(
            id=UserId(own_id),
            version=version,
            login=self.login,
            name=self.name,
            role=Role(self.role),
            person_id=PersonId(self.person_id) if self.person_id is not None else None,
            team=self.team,
            client_id=ClientId(self.client_id) if self.client_id is not None else None,
            project_ids=frozenset(ProjectId(one) for one in self.project_ids),
            extra=frozenset(self.extra),
            is_active=self.is_active,
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: User) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(
            login=value.login,
            name=value.name,
            role=value.role.value,
            person_id=value.person_id,
            team=value.team,
            client_id=value.client_id,
            project_ids=sorted(value.project_ids),
            extra=sorted(value.extra),
            is_active=value.is_active,
            external_id=value.external_id,
        )


class UserList(ListQuery):
    """Users."""

    login: Annotated[Word | None, Field(description="Text within the login, in any case.")] = None
    role: UserRole | None = None
    person_id: Word | None = None
    external_id: Word | None = None


class LoginWrite(WriteSchema):
    """What somebody logs in with."""

    login: Typed
    password: Typed


class SessionRead(Schema):
    """Who is logged in, and what they may do. ``csrf_token``: to be sent with every change made under the session's cookie."""

    user_id: Id
    name: str
    role: UserRole
    rights: list[str]
    csrf_token: str | None


class SetupWrite(WriteSchema):
    """The first admin. ``secret``: what stands behind the # of the printed link."""

    secret: Typed
    login: Name
    name: Name
    password: Typed


class PasswordResetWrite(WriteSchema):
    """A new password. ``secret``: what stands behind the # of the link."""

    secret: Typed
    password: Typed


class PasswordChangeWrite(WriteSchema):
    """A new password in place of one that is known."""

    current: Typed
    password: Typed


class ResetWrite(WriteSchema):
    """How a user is reset."""

    keep_access: Annotated[
        bool,
        Field(
            description="For somebody who has only forgotten their password: sessions last until the link is used, API tokens and tied"
            " identities beyond that. Otherwise the password and all of these are worth nothing from now on."
        ),
    ] = False


class ResetLinkRead(Schema):
    """A link that sets a user's password, good once; it is shown only here."""

    link: str
    expires_at: Instant


class TokenWrite(WriteSchema):
    """An API token. ``scopes``: rights of one's own that it shall have."""

    name: Name
    scopes: Annotated[list[Name], Field(min_length=1, max_length=200)]
    expires_in_days: Annotated[Integer, Field(ge=1, le=TOKEN_DAYS_MAX)] = 90


class TokenRead(Schema):
    """An API token, without its secret."""

    id: Id
    name: str
    scopes: list[str]
    created_at: Instant
    expires_at: Instant


class NewTokenRead(TokenRead):
    """A fresh API token. ``token`` is shown only here."""

    token: str


class TokenPage(Schema):
    """All tokens of one's own, newest first."""

    items: list[TokenRead]


def shown_token(token: ApiToken) -> TokenRead:
    """As its owner sees it."""
    return TokenRead(id=token.id, name=token.name, scopes=sorted(token.scopes), created_at=token.created_at, expires_at=token.expires_at)

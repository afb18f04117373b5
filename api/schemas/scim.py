"""Users as SCIM 2.0 knows them (RFC 7643): what an identity provider sends and gets. Attributes that are not kept are ignored, as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field

from api.schemas.access import Typed
from api.schemas.fields import Flag, Name, Schema

if TYPE_CHECKING:
    from scheduler.domain.ground.users import User

USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
Word = Annotated[str, Field(max_length=200)]


class _Open(Schema):
    model_config = ConfigDict(extra="ignore")


class ScimName(_Open):
    """The name in one piece."""

    formatted: Typed | None = None


class ScimRole(_Open):
    """A role by its name here, such as ``resource_manager``."""

    value: Typed


class ScimUserWrite(_Open):
    """A user as an identity provider sends it. ``externalId`` also ties the user to the person with this external id."""

    schemas: Annotated[list[Word], Field(max_length=10, default_factory=list)]
    userName: Name  # noqa: N815  the standard's name
    externalId: Name | None = None  # noqa: N815
    displayName: Typed | None = None  # noqa: N815
    name: ScimName | None = None
    active: Flag = True
    roles: Annotated[list[ScimRole], Field(max_length=10, default_factory=list)]

    @property
    def shown_name(self) -> str:
        """What the user is called."""
        return self.displayName or (self.name.formatted if self.name is not None else None) or self.userName


class ScimOperation(_Open):
    """One change: ``op`` add or replace, of ``path`` or of the fields of ``value``."""

    op: Word
    path: Word | None = None
    value: Any = None


class ScimPatch(_Open):
    """Changes of a user."""

    schemas: Annotated[list[Word], Field(max_length=10, default_factory=list)]
    Operations: Annotated[list[ScimOperation], Field(min_length=1, max_length=50)]


class ScimMeta(Schema):
    """What a resource is and where."""

    resourceType: str  # noqa: N815
    location: str
    version: str


class ScimUser(Schema):
    """A user as an identity provider gets it."""

    schemas: list[str]
    id: str
    externalId: str | None  # noqa: N815
    userName: str  # noqa: N815
    displayName: str  # noqa: N815
    name: ScimName
    active: bool
    roles: list[ScimRole]
    meta: ScimMeta


class ScimUsers(Schema):
    """A page of users."""

    schemas: list[str]
    totalResults: int  # noqa: N815
    startIndex: int  # noqa: N815
    itemsPerPage: int  # noqa: N815
    Resources: list[ScimUser]


def shown_scim(user: User, base_url: str) -> ScimUser:
    """As SCIM says it."""
    return ScimUser(
        schemas=[USER_SCHEMA],
        id=user.id,
        externalId=user.external_id,
        userName=user.login,
        displayName=user.name,
        name=ScimName(formatted=user.name),
        active=user.is_active,
        roles=[ScimRole(value=user.role.value)],
        meta=ScimMeta(resourceType="User", location=f"{base_url}/scim/v2/Users/{user.id}", version=f'W/"{user.version}"'),
    )

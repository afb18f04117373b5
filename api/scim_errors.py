"""Refusals in the form that SCIM has for them (RFC 7644, section 3.12), for everything under ``/scim/``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict

from api.schemas.fields import Schema

if TYPE_CHECKING:
    from api.refusal import RefusalError

PREFIX = "/scim/"
MEDIA_TYPE = "application/scim+json"
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
_TAKEN = frozenset({"login.taken", "external_id.taken"})


class ScimError(Schema):
    """
    Why a request was refused. ``code`` and ``request_id`` are those of this API's problems; ``status`` is text, as the standard has it.

    Where problems say 422, SCIM says 400 and the ``scimType``.
    """

    model_config = ConfigDict(extra="allow")

    schemas: list[Literal["urn:ietf:params:scim:api:messages:2.0:Error"]]
    status: str
    scimType: str | None = None  # noqa: N815  the standard's name
    detail: str
    code: str
    request_id: str


def scim_status(status: int) -> int:
    """What SCIM answers where this API answers ``status``."""
    return 400 if status == 422 else status


def scim_error(refusal: RefusalError, *, request_id: str) -> dict[str, Any]:
    """The body."""
    said = [f"{fault.pointer.lstrip('/?')}: {fault.message}" for fault in refusal.faults] or [refusal.detail]
    body = {
        "schemas": [ERROR_SCHEMA],
        "status": str(scim_status(refusal.status)),
        "detail": " ".join(said),
        "code": refusal.code,
        "request_id": request_id,
    }
    kind = _kind(refusal)
    return body if kind is None else {**body, "scimType": kind}


def _kind(refusal: RefusalError) -> str | None:
    if "scimType" in refusal.facts:
        return str(refusal.facts["scimType"])
    if refusal.code == "json.syntax":
        return "invalidSyntax"
    if refusal.status == 409 and refusal.code in _TAKEN:
        return "uniqueness"
    return "invalidValue" if refusal.status == 422 else None


def describe_scim_errors(description: dict[str, Any]) -> None:
    """Say in the API's description that refusals under ``/scim/`` have this form."""
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ScimError.__name__}"}}}
    description["components"]["schemas"][ScimError.__name__] = ScimError.model_json_schema()
    for path, operations in description["paths"].items():
        for operation in operations.values() if path.startswith(PREFIX) else ():
            operation["responses"].pop("422", None)
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = content

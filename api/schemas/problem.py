"""The shape of every error (RFC 9457)."""

from __future__ import annotations

from pydantic import ConfigDict

from api.schemas.fields import Schema


class FaultShape(Schema):
    """One fault: where (JSON pointer in the body, ``?name`` in the address), which rule, and what to do."""

    pointer: str
    code: str
    message: str


class Problem(Schema):
    """What went wrong, what is allowed, and what to do. ``code`` is stable; docs/problems.md has a section for each."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FaultShape]

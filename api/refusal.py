"""A request refused at the door, and the members of every problem answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.errors import Fault


MAX_FAULTS = 50

TITLES = {
    400: "Unreadable request",
    401: "Not logged in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "No acceptable form of the answer",
    409: "Conflict with the present state",
    410: "Gone",
    412: "Stale version",
    413: "Too large",
    415: "Unsupported content type",
    422: "Invalid input",
    428: "Version missing",
    429: "Too many requests",
    500: "Internal error",
    503: "Busy",
    507: "Storage full",
}

INTERNAL = ("internal", "The server met a fault of its own; nothing was changed. Try again, and report the request id if it happens again.")


@dataclass(slots=True)
class RefusalError(Exception):
    """What HTTP itself has against a request: its status, a stable code, and what to do."""

    status: int
    code: str
    detail: str
    faults: tuple[Fault, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def problem_body(
    *, status: int, code: str, detail: str, request_id: str, faults: tuple[Fault, ...] = (), facts: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The members of a problem; ``facts`` are further members and never replace the standard ones."""
    body: dict[str, Any] = dict(facts or {})
    body |= {
        "type": f"urn:problem-type:muster:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
    }
    body["errors"] = [{"pointer": fault.pointer, "code": fault.code, "message": fault.message} for fault in faults[:MAX_FAULTS]]
    return body

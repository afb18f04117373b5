"""Errors of the domain: what went wrong, in words and facts; HTTP is somebody else's business."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ErrorKind(StrEnum):
    """What sort of mistake it is; the HTTP floor maps each kind to a status."""

    UNREADABLE = "unreadable"
    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    STALE = "stale"
    TOO_LARGE = "too_large"
    BUSY = "busy"
    UNAUTHENTICATED = "unauthenticated"
    GONE = "gone"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of one input: where (JSON pointer), which rule (stable code), and what to do."""

    pointer: str
    code: str
    message: str


@dataclass(slots=True)
class DomainError(Exception):
    """A rule was broken. ``code`` is stable and has a section in docs/problems.md; ``detail`` says what to do."""

    kind: ErrorKind
    code: str
    detail: str
    faults: tuple[Fault, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    unseen: tuple[tuple[str, str], ...] = ()
    """Areas and ids that the input names and that were not found: perhaps they are there and not for the actor. Told to nobody."""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"

    def under(self, pointer: str) -> DomainError:
        """The same of something that is part of another: its faults stand under the pointer."""
        return replace(self, faults=tuple(replace(fault, pointer=f"{pointer}{fault.pointer}") for fault in self.faults))

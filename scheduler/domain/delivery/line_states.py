"""The states of what people hand in line by line: time entries and expenses."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Mapping


class LineState(StrEnum):
    """How far a line is on its way from the person who enters it to the invoice."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    """Given back with a reason; its person corrects it and submits it again."""


STEPS: Mapping[LineState, frozenset[LineState]] = {
    LineState.DRAFT: frozenset({LineState.SUBMITTED}),
    LineState.SUBMITTED: frozenset({LineState.DRAFT, LineState.APPROVED, LineState.REJECTED}),
    LineState.REJECTED: frozenset({LineState.DRAFT, LineState.SUBMITTED}),
    LineState.APPROVED: frozenset({LineState.SUBMITTED}),
}
"""The states that may follow each: what is approved goes back to the approvers, never straight to its person."""

EDITABLE = frozenset({LineState.DRAFT, LineState.REJECTED})
"""States in which its person may change or delete it."""


def check_step(before: LineState, after: LineState) -> None:
    """A line goes a step that there is. Raises DomainError ``line.illegal_step``."""
    if after not in STEPS[before]:
        allowed = sorted(STEPS[before])
        raise DomainError(
            ErrorKind.CONFLICT,
            "line.illegal_step",
            f"What is {before} cannot become {after}; from there it can only become {' or '.join(allowed)}.",
            facts={"state": before.value, "allowed": allowed},
        )

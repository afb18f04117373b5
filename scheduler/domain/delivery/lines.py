"""What people hand in line by line, as those see it who decide about it: of every kind the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.delivery.line_states import LineState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class LineKind(StrEnum):
    """What a line is."""

    TIME_ENTRY = "time_entry"
    EXPENSE = "expense"


class LineStep(StrEnum):
    """What is done to a line on its way."""

    SUBMIT = "submit"
    RECALL = "recall"
    APPROVE = "approve"
    REJECT = "reject"
    UNAPPROVE = "unapprove"


DECISIONS = frozenset({LineStep.APPROVE, LineStep.REJECT})
"""Steps of whoever the line waits for."""

LEADS_TO: Mapping[LineStep, LineState] = {
    LineStep.SUBMIT: LineState.SUBMITTED,
    LineStep.RECALL: LineState.DRAFT,
    LineStep.APPROVE: LineState.APPROVED,
    LineStep.REJECT: LineState.REJECTED,
    LineStep.UNAPPROVE: LineState.SUBMITTED,
}

BEGINS_AT: Mapping[LineStep, frozenset[LineState]] = {
    LineStep.SUBMIT: frozenset({LineState.DRAFT, LineState.REJECTED}),
    LineStep.RECALL: frozenset({LineState.SUBMITTED}),
    LineStep.APPROVE: frozenset({LineState.SUBMITTED}),
    LineStep.REJECT: frozenset({LineState.SUBMITTED}),
    LineStep.UNAPPROVE: frozenset({LineState.APPROVED}),
}
"""Each step is one of ``line_states.STEPS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRef:
    """Which line: ids are unique within a kind."""

    kind: LineKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A time entry or an expense, as far as deciding about it goes; ``team``: its person's."""

    ref: LineRef
    person_id: str
    team: str | None
    project_id: str | None
    day: date
    state: LineState
    version: int
    minutes: int | None = None
    """``None`` for what is no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """One line, in the version that its reader saw."""

    ref: LineRef
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSheet:
    """What of a timesheet a step can be done with, as it was when it was read (``seen``: its fingerprint); ``day``: any of it."""

    person_id: str
    day: date
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLines:
    """Lines and timesheets."""

    lines: tuple[WantedLine, ...] = ()
    sheets: tuple[WantedSheet, ...] = ()

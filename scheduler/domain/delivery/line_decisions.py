"""Steps of many lines at once: all of them or none, and for none the whole list of reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.delivery.approvals import Level, seat_for
from scheduler.domain.delivery.lines import BEGINS_AT, LineRef, LineStep
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from scheduler.domain.delivery.approval_policies import ApprovalPolicy
    from scheduler.domain.delivery.approvals import Seat
    from scheduler.domain.delivery.lines import Line

LINES_MAX = 500
"""Most lines of one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What is known of a line beside the line: whom it waits for, and who decided about it."""

    ref: LineRef
    waits_for: Level | None = None
    due_at: datetime | None = None
    submitted_at: datetime | None = None
    submitted_by: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    decided_for: str | None = None
    """The person in whose standing that was, where it was not the decider's own."""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A line that somebody wants to move, at a place (JSON pointer) of what they sent; ``None``: there is none that they see."""

    pointer: str
    version: int
    line: Line | None
    approval: Approval | None = None


class _Why(StrEnum):
    """Why a line cannot be moved: what is told first stands first."""

    UNSEEN = "unseen"
    OWN = "own"
    NOT_YOURS = "not_yours"
    STALE = "stale"
    STATE = "state"
    INVOICED = "invoiced"


_ERRORS: Mapping[_Why, tuple[ErrorKind, str, str]] = {
    _Why.UNSEEN: (ErrorKind.INVALID, "reference.not_found", "There is no such line for you; send ids of lines that you see."),
    _Why.OWN: (ErrorKind.FORBIDDEN, "line.own", "It is your own, and nobody decides about their own lines; somebody else has to."),
    _Why.NOT_YOURS: (ErrorKind.FORBIDDEN, "line.not_yours", "It does not wait for you, nor for anybody whom you stand in for."),
    _Why.STALE: (ErrorKind.STALE, "version.stale", "It has changed since you read it; read it again, then decide."),
    _Why.STATE: (ErrorKind.CONFLICT, "line.illegal_step", "In its state this cannot be done with it."),
    _Why.INVOICED: (ErrorKind.CONFLICT, "line.invoiced", "It is on an invoice; that has to be credited first."),
}


def check_count(count: int) -> None:
    """Raise DomainError ``input.invalid`` unless so many lines may be moved at once."""
    faults = Faults()
    if not count:
        faults.add("/lines", "part.empty", "No line is chosen, or the timesheet has none for this; name some.")
    if count > LINES_MAX:
        faults.add("/lines", "list.too_long", f"{count} lines are chosen; at most {LINES_MAX} are moved at once.")
    faults.raise_any("request")


def checked_reason(step: LineStep, reason: str | None, policy: ApprovalPolicy) -> str | None:
    """The reason as it is kept. Raises DomainError ``input.invalid`` where one is needed and missing."""
    faults = Faults()
    kept = faults.optional_text("/reason", reason)
    is_needed = step is LineStep.UNAPPROVE or (step is LineStep.REJECT and policy.reject_needs_reason)
    if is_needed and kept is None:
        faults.add("/reason", "field.missing", f"Say why: to {step} lines, a reason is needed, which their people read.")
    faults.raise_any("request")
    return kept


def check_own_steps(step: LineStep, chosen: Iterable[Chosen], *, may_change: frozenset[LineRef]) -> None:
    """Handing in and recalling is for whoever may change the lines. Raises DomainError."""
    found = []
    for one in chosen:
        why = _of_state(step, one)
        if one.line is not None and one.line.ref not in may_change:
            why = _Why.NOT_YOURS
        found.append((one, why))
    _refuse(step, found)


def check_decisions(step: LineStep, chosen: Sequence[Chosen], *, seats: Sequence[Seat], person_id: str | None) -> tuple[Seat, ...]:
    """In which standing each line is decided about. Raises DomainError, with all lines that cannot be."""
    found, taken = [], []
    for one in chosen:
        why = _of_state(step, one)
        waits_for = None if one.approval is None else one.approval.waits_for
        seat = None if one.line is None else seat_for(one.line, waits_for or Level.ADMIN, seats, person_id=person_id)
        if one.line is not None and one.line.person_id == person_id:
            why = _Why.OWN
        elif one.line is not None and seat is None:
            why = _Why.NOT_YOURS
        if seat is not None:
            taken.append(seat)
        found.append((one, why))
    _refuse(step, found)
    return tuple(taken)


def gave_approval(approval: Approval | None, *, actor_id: str, person_id: str | None) -> bool:
    """Whether somebody decided about a line, or it was decided in their standing."""
    return approval is not None and (approval.decided_by == actor_id or (person_id is not None and approval.decided_for == person_id))


def check_takes_back(
    chosen: Sequence[Chosen], *, actor_id: str, person_id: str | None, is_finance: bool, invoiced: Mapping[LineRef, str]
) -> None:
    """
    An approval is taken back by who gave it or in whose standing it was given, or by finance, and never once it is invoiced.

    ``invoiced``: those of the lines that stand on an invoice that counts, and on which.
    """
    found = []
    for one in chosen:
        why = _of_state(LineStep.UNAPPROVE, one)
        gave_it = gave_approval(one.approval, actor_id=actor_id, person_id=person_id)
        if one.line is not None and one.line.person_id == person_id:
            why = _Why.OWN
        elif one.line is not None and not (is_finance or gave_it):
            why = _Why.NOT_YOURS
        elif why is None and one.line is not None and one.line.ref in invoiced:
            why = _Why.INVOICED
        found.append((one, why))
    _refuse(LineStep.UNAPPROVE, found, invoiced)


def _of_state(step: LineStep, one: Chosen) -> _Why | None:
    if one.line is None:
        return _Why.UNSEEN
    if one.line.version != one.version:
        return _Why.STALE
    return None if one.line.state in BEGINS_AT[step] else _Why.STATE


def _refuse(step: LineStep, found: Iterable[tuple[Chosen, _Why | None]], invoiced: Mapping[LineRef, str] | None = None) -> None:
    refused = [(one, why) for one, why in found if why is not None]
    if not refused:
        return
    kind, code, _ = _ERRORS[min((why for _, why in refused), key=list(_Why).index)]
    faults = tuple(_fault(step, one, why, invoiced or {}) for one, why in refused)
    what = "1 line stands" if len(faults) == 1 else f"{len(faults)} lines stand"
    said = next(fault.message for fault in faults if fault.code == code)
    detail = f"{what} in the way, so nothing was done. {said} Leave such lines out, or see to them, and send the others again."
    raise DomainError(kind, code, detail, faults, {"step": step.value, "refused": [fault.pointer for fault in faults]})


def _fault(step: LineStep, one: Chosen, why: _Why, invoiced: Mapping[LineRef, str]) -> Fault:
    _, code, message = _ERRORS[why]
    if why is _Why.STATE and one.line is not None:
        message = f"It is {one.line.state}; to {step} a line, it has to be {' or '.join(sorted(BEGINS_AT[step]))}."
    if why is _Why.INVOICED and one.line is not None:
        message = f"It is on the invoice {invoiced[one.line.ref]}; that has to be cancelled, voided or credited first."
    return Fault(pointer=one.pointer, code=code, message=message)

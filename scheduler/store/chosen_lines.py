"""Which lines a request is about: named one by one, or by whole timesheets as somebody saw them. Their rows are locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.delivery.approvals import seat_for
from scheduler.domain.delivery.line_decisions import Chosen, check_count, gave_approval
from scheduler.domain.delivery.lines import BEGINS_AT, DECISIONS, LineKind, LineRef, LineStep
from scheduler.domain.delivery.timesheets import fingerprint, sheet_days
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.permissions import LINES_UNAPPROVE
from scheduler.store.deciders import approval_policy
from scheduler.store.sight import Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scheduler.domain.delivery.approvals import Level, Seat
    from scheduler.domain.delivery.line_decisions import Approval
    from scheduler.domain.delivery.lines import Line, WantedLines, WantedSheet
    from scheduler.store.transaction import Transaction
    from scheduler.store.view import View


def visible(source: View | Transaction, lines: Iterable[Line], seats: Sequence[Seat]) -> frozenset[LineRef]:
    """Which lines the actor sees: by their right to read, or because they have to do with deciding about them."""
    known = tuple(lines)
    readable = source.lines.within([line.ref for line in known], Verb.READ)
    return readable | {line.ref for line in known if any(seat.reaches(line) for seat in seats)}


def chosen_lines(tx: Transaction, step: LineStep, wanted: WantedLines, *, seats: Sequence[Seat]) -> tuple[Chosen, ...]:
    """
    The lines, each once, with where in the request it stands.

    Raises DomainError ``version.stale`` or ``reference.not_found`` for a timesheet, ``input.invalid`` for no line or too many.
    """
    check_count(len(wanted.lines) + len(wanted.sheets))
    pointers: dict[LineRef, tuple[str, int]] = {}
    for number, one in enumerate(wanted.lines):
        pointers.setdefault(one.ref, (f"/lines/{number}", one.version))
    for number, sheet in enumerate(wanted.sheets):
        for line in _of_sheet(tx, step, sheet, f"/sheets/{number}", seats):
            pointers.setdefault(line.ref, (f"/sheets/{number}", line.version))
    check_count(len(pointers))
    lines = tx.lines.find(pointers, lock=True)
    approvals = tx.line_approvals.find(pointers)
    seen = visible(tx, lines.values(), seats)
    return tuple(
        Chosen(pointer=pointer, version=version, line=lines.get(ref) if ref in seen else None, approval=approvals.get(ref))
        for ref, (pointer, version) in pointers.items()
    )


def _of_sheet(tx: Transaction, step: LineStep, sheet: WantedSheet, pointer: str, seats: Sequence[Seat]) -> list[Line]:
    """What of it is the actor's to do this with. Raises DomainError."""
    days = sheet_days(sheet.day, approval_policy(tx).sheet_period)
    lines = tx.lines.of_person(LineKind.TIME_ENTRY, sheet.person_id, days)
    seen = visible(tx, lines, seats)
    shown = [line for line in lines if line.ref in seen]
    if not shown:
        message = "You see no line of such a timesheet; send a person and a day of one that you see."
        fault = Fault(pointer=pointer, code="reference.not_found", message=message)
        raise DomainError(ErrorKind.INVALID, "reference.not_found", message, (fault,))
    if fingerprint(shown) != sheet.seen:
        message = "The timesheet has changed since you read it; read it again, then decide."
        raise DomainError(ErrorKind.STALE, "version.stale", message, (Fault(pointer=pointer, code="version.stale", message=message),))
    approvals = tx.line_approvals.find(line.ref for line in shown)
    ready = [line for line in shown if line.state in BEGINS_AT[step]]
    return [line for line in ready if _is_theirs(tx, step, line, approvals.get(line.ref), seats)]


def _is_theirs(tx: Transaction, step: LineStep, line: Line, approval: Approval | None, seats: Sequence[Seat]) -> bool:
    """Whether a step with a whole timesheet includes the line: others of it are other people's to decide."""
    actor = tx.actor
    if step is LineStep.UNAPPROVE:
        return actor.may(LINES_UNAPPROVE) or gave_approval(approval, actor_id=actor.id, person_id=actor.person_id)
    waits_for: Level | None = None if approval is None else approval.waits_for
    return step not in DECISIONS or can_decide(line, waits_for, seats, person_id=actor.person_id)


def can_decide(line: Line, waits_for: Level | None, seats: Sequence[Seat], *, person_id: str | None) -> bool:
    """Whether some standing allows to decide about the line."""
    return waits_for is not None and seat_for(line, waits_for, seats, person_id=person_id) is not None

"""Handing in, recalling, approving, rejecting, and taking an approval back: of many lines at once, all or none."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.delivery.approvals import Level, Seat, first_level
from scheduler.domain.delivery.line_decisions import (
    Approval,
    check_decisions,
    check_own_steps,
    check_takes_back,
    checked_reason,
)
from scheduler.domain.delivery.line_events import lines_rejected, lines_submitted
from scheduler.domain.delivery.lines import DECISIONS, LEADS_TO, LineKind, LineStep
from scheduler.domain.ground.access import denied, require
from scheduler.domain.ground.ids import ExpenseId, TimeEntryId
from scheduler.domain.ground.permissions import LINES_DECIDE, LINES_UNAPPROVE
from scheduler.store import retried
from scheduler.store.chosen_lines import chosen_lines
from scheduler.store.deciders import Deciders, approval_policy
from scheduler.store.handing_in import check_complete, check_spent
from scheduler.store.invoiced_lines import invoiced_lines
from scheduler.store.lines import LINE_TABLES
from scheduler.store.sight import Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scheduler.domain.delivery.approval_policies import ApprovalPolicy
    from scheduler.domain.delivery.line_decisions import Chosen
    from scheduler.domain.delivery.lines import Line, WantedLines
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Lines after a step: each with its new state and version, and what is kept of it."""

    lines: tuple[tuple[Line, Approval], ...]


@retried
def move_lines(
    store: Store,
    *,
    actor: Actor,
    step: LineStep,
    wanted: WantedLines,
    now: datetime,
    reason: str | None = None,
    idempotency: IdempotencyClaim | None = None,
) -> Moved:
    """
    Do one step with all the lines that are wanted, or with none of them.

    Raises DomainError ``access.denied``; with a list of lines ``reference.not_found``, ``line.own``, ``line.not_yours``,
    ``version.stale``, ``line.illegal_step``, ``line.invoiced``; ``period.locked``; ``time.policy`` where what is handed in lacks what a
    policy wants; ``input.invalid`` without a reason that is needed.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        _require(actor, step, wanted)
        policy = approval_policy(tx)
        kept = checked_reason(step, reason, policy)
        deciders = Deciders.of(tx, on=now.date())
        seats = deciders.standings_of(actor)
        chosen = chosen_lines(tx, step, wanted, seats=seats)
        taken = _checked(tx, step, chosen, seats=seats)
        lines = tuple(one.line for one in chosen if one.line is not None)
        if step is LineStep.SUBMIT:
            _check_handed_in(tx, chosen)
        tx.lines.move(lines, LEADS_TO[step])
        done = []
        for line, one, seat in zip(lines, chosen, taken, strict=True):
            approval = _following(tx, step, line, one.approval, seat=seat, reason=kept, policy=policy, deciders=deciders)
            done.append((replace(line, state=LEADS_TO[step], version=line.version + 1), approval))
        tx.line_approvals.keep(done)
        _announce(tx, step, done, policy=policy, deciders=deciders)
        return tx.answer(Moved(lines=tuple(done)))


def _check_handed_in(tx: Transaction, chosen: Iterable[Chosen]) -> None:
    """What is handed in has what the policies of its kind want."""
    refs = {one.line.ref: one.pointer for one in chosen if one.line is not None}
    check_complete(tx, {TimeEntryId(ref.id): pointer for ref, pointer in refs.items() if ref.kind is LineKind.TIME_ENTRY})
    check_spent(tx, {ExpenseId(ref.id): pointer for ref, pointer in refs.items() if ref.kind is LineKind.EXPENSE})


def _require(actor: Actor, step: LineStep, wanted: WantedLines) -> None:
    """The right that a step asks for at all; of which lines, is asked afterwards."""
    if step in DECISIONS:
        require(actor, LINES_DECIDE)
    elif step is LineStep.UNAPPROVE:
        if not (actor.may(LINES_UNAPPROVE) or actor.may(LINES_DECIDE)):
            raise denied(LINES_UNAPPROVE)
    else:
        kinds = {one.ref.kind for one in wanted.lines}
        if wanted.sheets or not kinds:
            kinds.add(LineKind.TIME_ENTRY)  # timesheets are of time
        for kind in sorted(kinds):
            require(actor, f"{LINE_TABLES[kind].area}:change")


def _checked(tx: Transaction, step: LineStep, chosen: Sequence[Chosen], *, seats: Sequence[Seat]) -> tuple[Seat | None, ...]:
    """In which standing each is decided about, where it is."""
    actor = tx.actor
    refs = [one.line.ref for one in chosen if one.line is not None]
    if step in DECISIONS:
        return check_decisions(step, chosen, seats=seats, person_id=actor.person_id)
    if step is LineStep.UNAPPROVE:
        is_finance = actor.may(LINES_UNAPPROVE)
        invoiced = invoiced_lines(tx.connection, [one.line for one in chosen if one.line is not None])
        check_takes_back(chosen, actor_id=actor.id, person_id=actor.person_id, is_finance=is_finance, invoiced=invoiced)
    else:
        check_own_steps(step, chosen, may_change=tx.lines.within(refs, Verb.CHANGE))
    return (None,) * len(chosen)


def _following(
    tx: Transaction,
    step: LineStep,
    line: Line,
    before: Approval | None,
    *,
    seat: Seat | None,
    reason: str | None,
    policy: ApprovalPolicy,
    deciders: Deciders,
) -> Approval:
    """What is kept of a line after the step."""
    known = before or Approval(ref=line.ref)
    if step is LineStep.RECALL:
        return replace(known, waits_for=None, due_at=None)
    if step in DECISIONS:
        for_person = None if seat is None else seat.for_person
        decided = replace(known, decided_at=tx.now, decided_by=tx.actor.id, decided_for=for_person, reason=reason)
        return replace(decided, waits_for=None, due_at=None)
    level = first_level(line, deciders.everybody)
    due_at = None if level is Level.ADMIN else policy.due_at(tx.now)
    if step is LineStep.SUBMIT:
        return Approval(ref=line.ref, waits_for=level, due_at=due_at, submitted_at=tx.now, submitted_by=tx.actor.id)
    taken_back = replace(known, decided_at=tx.now, decided_by=tx.actor.id, decided_for=None, reason=reason)
    return replace(taken_back, waits_for=level, due_at=due_at)


def _announce(
    tx: Transaction, step: LineStep, done: Sequence[tuple[Line, Approval]], *, policy: ApprovalPolicy, deciders: Deciders
) -> None:
    """Whoever has to decide hears of what was handed in, and its person of what was given back: one message each."""
    if step is LineStep.SUBMIT:
        groups: dict[tuple[Level, frozenset[str]], list[Line]] = defaultdict(list)
        for line, approval in done:
            if approval.waits_for is not None:
                groups[approval.waits_for, deciders.asked(line, approval.waits_for)].append(line)
        for (level, asked), lines in groups.items():
            tx.announce(lines_submitted(lines, level=level, told=asked if policy.tell_deciders else frozenset()))
    if step is LineStep.REJECT:
        by_person: dict[str, list[Line]] = defaultdict(list)
        for line, _ in done:
            by_person[line.person_id].append(line)
        for person_id, lines in by_person.items():
            tx.announce(lines_rejected(lines, person_id=person_id))

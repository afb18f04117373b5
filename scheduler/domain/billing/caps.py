"""Caps: time and expenses up to an amount."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from scheduler.domain.billing.bill_parts import Part, Stage, left_item, piece
from scheduler.domain.billing.contract_work import Finding, LeftReason
from scheduler.domain.billing.contracts import BeyondCap
from scheduler.domain.billing.expense_lines import TaxedExpense, expense_part
from scheduler.domain.billing.invoices import LineKind
from scheduler.domain.billing.wording import Word, said
from scheduler.domain.billing.worked_lines import Rated, amount_step, portions_net, priced_portions, tax_step, time_parts
from scheduler.domain.ground.pricing import TrailStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.billing.contract_work import ContractWork

Taken = Rated | TaxedExpense


def capped_stage(work: ContractWork, rated: Sequence[Rated], expenses: Sequence[TaxedExpense]) -> Stage:
    """
    Time and expenses in order of days, as far as the cap allows.

    Under ``stop`` what crosses the cap is billed, with a line that takes off what is beyond it; what comes later is left. Under ``warn``
    all is billed and the finding ``cap.exceeded`` says by how much.
    """
    cap = work.contract.cap_minor or 0
    room = max(0, cap - work.before.capped_minor)
    taken: list[Taken] = [*rated, *expenses]
    ordered = sorted(taken, key=lambda one: (one.item.day, one.item.kind, one.item.id))
    whole = _net(work, ordered)
    if whole <= room:
        return _stage(work, ordered)
    if work.contract.beyond_cap is BeyondCap.WARN:
        return _stage(work, ordered) + Stage(findings=(_finding(work, "cap.exceeded", whole - room),))
    kept = _enough(work, ordered, room)
    left = tuple(left_item(one.item, LeftReason.AFTER_CAP) for one in ordered[kept:])
    stage = _stage(work, ordered[:kept]) + Stage(left=left, findings=(_finding(work, "cap.reached", whole - room),))
    over = stage.net_minor - room
    return stage + Stage(parts=(_limit(work, over, ordered[kept - 1]),)) if over > 0 else stage


def _enough(work: ContractWork, ordered: Sequence[Taken], room: int) -> int:
    """How many of the first come to the room that is left: none where there is none."""
    return bisect_left(range(len(ordered)), room, key=lambda count: _net(work, ordered[:count]))


def _split(ordered: Sequence[Taken]) -> tuple[list[Rated], list[TaxedExpense]]:
    return [one for one in ordered if isinstance(one, Rated)], [one for one in ordered if isinstance(one, TaxedExpense)]


def _net(work: ContractWork, ordered: Sequence[Taken]) -> int:
    rated, expenses = _split(ordered)
    return portions_net(work, priced_portions(work, rated)) + sum(one.item.amount_minor for one in expenses)


def _stage(work: ContractWork, ordered: Sequence[Taken]) -> Stage:
    rated, expenses = _split(ordered)
    return Stage(parts=time_parts(work, priced_portions(work, rated)) + tuple(expense_part(work, one) for one in expenses))


def _limit(work: ContractWork, over: int, last: Taken) -> Part:
    """The line that brings the bill down to the cap, at the tax of what crossed it."""
    contract = work.contract
    figures = {"cap_minor": str(contract.cap_minor), "billed_before_minor": str(work.before.capped_minor), "over_minor": str(over)}
    trail = [
        TrailStep(rule="cap", row_kind="contract", row_id=contract.id, row_version=contract.version, figures=figures),
        tax_step(work, last.percent),
        amount_step(work, pieces="-1", net_minor=str(-over)),
    ]
    return Part(line=piece(work, LineKind.CAP, said(work.language, Word.CAP), -over, last.percent, trail=trail))


def _finding(work: ContractWork, code: str, over: int) -> Finding:
    says = {
        "cap.exceeded": "More is billed than the cap; agree on a higher one, or take the last work off.",
        "cap.reached": "The cap is reached: what is beyond it is not billed; agree on a higher one to bill it.",
    }
    facts = {"contract": work.contract.id, "cap_minor": work.contract.cap_minor, "over_minor": over}
    return Finding(code=code, message=says[code], facts=facts)

"""Lines of charges: milestones that were reached, agreed days, blocks of hours and deposits, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.bill_parts import Part, Stage, percent_on, piece
from scheduler.domain.billing.charges import ChargeKind, ChargeState
from scheduler.domain.billing.contract_work import Left, LeftReason
from scheduler.domain.billing.invoices import InvoiceItem, ItemKind, LineKind
from scheduler.domain.billing.worked_lines import amount_step, tax_step
from scheduler.domain.ground.pricing import TrailStep

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contract_work import ContractWork

_LINE_KINDS = {
    ChargeKind.MILESTONE: LineKind.MILESTONE,
    ChargeKind.SCHEDULE: LineKind.SCHEDULE,
    ChargeKind.DEPOSIT: LineKind.DEPOSIT,
    ChargeKind.BLOCK: LineKind.BLOCK,
}
_IS_SERVICE = frozenset({ChargeKind.MILESTONE, ChargeKind.SCHEDULE})
"""Charges for something that was done; deposits and blocks are paid before it is."""


def charge_stage(work: ContractWork, *, since: date | None, until: date) -> Stage:
    """A line for each charge that is billable by a day and on no invoice; the others are left."""
    stage = Stage()
    for charge in sorted(work.charges, key=lambda one: (one.due_on, one.id)):
        if (ItemKind.CHARGE, charge.id) not in work.taken:
            stage += _of_charge(work, charge, since, until)
    return stage


def is_billed(work: ContractWork, charge: Charge) -> bool:
    """Whether a charge stands on a live invoice."""
    return (ItemKind.CHARGE, charge.id) in work.taken


def charged_on(charge: Charge) -> date:
    """The day by which a charge is taxed: of a milestone, the one on which it was reached."""
    return charge.approved_on or charge.due_on


def charge_step(charge: Charge, rule: str, **figures: str) -> TrailStep:
    """A rule that read a charge."""
    return TrailStep(rule=rule, row_kind="charge", row_id=charge.id, row_version=charge.version, figures=figures)


def _of_charge(work: ContractWork, charge: Charge, since: date | None, until: date) -> Stage:
    day = charged_on(charge)
    percent = percent_on(work, day)
    reason = _why_left(charge, since, until)
    if reason is None and percent is None:
        reason = LeftReason.NO_TAX_RATE
    if reason is not None or percent is None:
        return Stage(left=(Left(kind=ItemKind.CHARGE, source_id=charge.id, day=day, reason=reason or LeftReason.NO_TAX_RATE),))
    return Stage(parts=(_part(work, charge, day, percent),))


def _why_left(charge: Charge, since: date | None, until: date) -> LeftReason | None:
    if charge.kind is ChargeKind.MILESTONE and charge.state is not ChargeState.APPROVED:
        return LeftReason.NOT_APPROVED
    if not charge.is_billable(until):
        return LeftReason.NOT_DUE
    return LeftReason.OUTSIDE_PERIOD if since is not None and charged_on(charge) < since else None


def _part(work: ContractWork, charge: Charge, day: date, percent: Decimal) -> Part:
    trail = [
        charge_step(charge, charge.kind.value, day=day.isoformat(), amount_minor=str(charge.amount_minor)),
        tax_step(work, percent),
        amount_step(work, pieces="1", net_minor=str(charge.amount_minor)),
    ]
    period = (day, day) if charge.kind in _IS_SERVICE else None
    line = piece(work, _LINE_KINDS[charge.kind], charge.name, charge.amount_minor, percent, trail=trail, period=period)
    item = InvoiceItem(position=0, kind=ItemKind.CHARGE, source_id=charge.id, day=day, net_minor=charge.amount_minor)
    return Part(line=line, items=(item,))

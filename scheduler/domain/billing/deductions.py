"""What is taken off a bill: the contract's discount, and deposits that were paid before."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.bill_parts import Part, Stage, piece
from scheduler.domain.billing.charge_lines import charge_step
from scheduler.domain.billing.charges import ChargeKind
from scheduler.domain.billing.invoice_parts import InvoiceAllowance
from scheduler.domain.billing.invoices import LineKind
from scheduler.domain.billing.wording import Word, said
from scheduler.domain.billing.worked_lines import amount_step
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from scheduler.domain.billing.contract_work import ContractWork

_WITHOUT_DISCOUNT = frozenset({LineKind.DEPOSIT, LineKind.DEPOSIT_DRAW})


def discounts(work: ContractWork, parts: Sequence[Part]) -> tuple[InvoiceAllowance, ...]:
    """The contract's discount on all but deposits: for each tax its share of the sum, rounded once, half up."""
    contract = work.contract
    sums: dict[Decimal, int] = {}
    for part in parts:
        if part.line.kind not in _WITHOUT_DISCOUNT:
            sums[part.line.tax_percent] = sums.get(part.line.tax_percent, 0) + part.line.net_minor
    made = (
        InvoiceAllowance(
            contract_id=contract.id,
            reason=said(work.language, Word.DISCOUNT),
            base_minor=base,
            percent=contract.discount * 100,
            amount_minor=round_half_up(base * Fraction(contract.discount)),
            tax_category=work.tax.category,
            tax_percent=percent,
        )
        for percent, base in sorted(sums.items(), reverse=True)
        if base > 0 < contract.discount
    )
    return tuple(one for one in made if one.amount_minor)


def draws(work: ContractWork, *, net_minor: int) -> Stage:
    """
    Lines that take off deposits of invoices before, oldest first, at most ``net_minor`` in all: what the bill is for without deposits.

    Each is taxed as its deposit was on its invoice, whatever the tax code says by now.
    """
    wanted = min(net_minor, work.before.deposits_minor - work.before.drawn_minor)
    passed = work.before.drawn_minor
    parts: list[Part] = []
    for charge in sorted(work.charges, key=lambda one: (one.due_on, one.id)):
        tax = work.before.deposit_taxes.get(charge.id)
        if charge.kind is not ChargeKind.DEPOSIT or tax is None:
            continue
        used = min(passed, charge.amount_minor)
        passed -= used
        amount = min(wanted, charge.amount_minor - used)
        if amount <= 0:
            continue
        wanted -= amount
        trail = [
            charge_step(charge, "deposit", amount_minor=str(charge.amount_minor), drawn_before_minor=str(used), drawn_minor=str(amount)),
            charge_step(charge, "tax", category=tax[0].value, percent=str(tax[1])),
            amount_step(work, pieces="-1", net_minor=str(-amount)),
        ]
        text = said(work.language, Word.DRAW, charge.name)
        line = piece(work, LineKind.DEPOSIT_DRAW, text, -amount, tax[1], trail=trail)
        parts.append(Part(line=replace(line, tax_category=tax[0])))
    return Stage(parts=tuple(parts))

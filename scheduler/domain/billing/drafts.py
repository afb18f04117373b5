"""Drafts: how invoices begin, and what may be changed of them until they are approved."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.contracts import PAYMENT_DAYS_MAX
from scheduler.domain.billing.crediting import UNDISCOUNTED
from scheduler.domain.billing.invoice_parts import InvoiceAllowance, InvoiceParts
from scheduler.domain.billing.invoices import InvoiceKind, LineKind
from scheduler.domain.billing.parties import LANGUAGES
from scheduler.domain.ground.checks import Faults
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.domain.billing.invoices import Invoice, InvoiceLine

DEPENDENT = frozenset({LineKind.CAP, LineKind.DEPOSIT_DRAW, LineKind.COVERED})
"""Lines that follow from all the others of their contract."""
CHANGEABLE = frozenset({"note", "payment_days", "language"})


def changed_draft(invoice: Invoice, given: Mapping[str, Any]) -> Invoice:
    """The draft with other words or days. Raises DomainError ``input.invalid``."""
    faults = Faults()
    unknown = sorted(set(given) - CHANGEABLE)
    if unknown:
        raise ValueError(f"{unknown} cannot be changed")
    if given.get("language", invoice.language) not in LANGUAGES:
        faults.add("/language", "language.unknown", f"Invoices are written in {', '.join(sorted(LANGUAGES))}; choose one.")
    if "payment_days" in given:
        faults.integer("/payment_days", given["payment_days"], least=0, most=PAYMENT_DAYS_MAX)
    faults.raise_any("invoice")
    return replace(invoice, **given)


def without_lines(invoice: Invoice, parts: InvoiceParts, positions: Sequence[int]) -> InvoiceParts:
    """
    The parts without some lines and what stands on them; discounts on what is left. The taxes have to be made anew.

    Raises DomainError ``input.invalid`` for a position that there is not, ``invoice.lines_depend``, ``invoice.nothing_left``.
    """
    out = set(positions)
    faults = Faults()
    known = {line.position: line for line in parts.lines}
    for number, position in enumerate(positions):
        if position not in known:
            faults.add(f"/leave_out/{number}", "invoice.no_such_line", f"The draft has no line {position}.")
    faults.raise_any("invoice")
    _require_independent(invoice, parts, [known[position] for position in out])
    kept = [line for line in parts.lines if line.position not in out]
    if not kept:
        raise DomainError(ErrorKind.CONFLICT, "invoice.nothing_left", "No line would be left; cancel the draft instead.")
    place = {line.position: number for number, line in enumerate(kept, start=1)}
    lines = tuple(replace(line, position=place[line.position]) for line in kept)
    items = tuple(replace(item, position=place[item.position]) for item in parts.items if item.position in place)
    allowances = tuple(found for one in parts.allowances if (found := _allowed(one, lines)).amount_minor > 0)
    return InvoiceParts(lines=lines, allowances=allowances, items=items)


def _require_independent(invoice: Invoice, parts: InvoiceParts, out: Sequence[InvoiceLine]) -> None:
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        detail = "Lines of a credit note go together with its taxes; cancel it and write another."
        raise DomainError(ErrorKind.CONFLICT, "invoice.lines_depend", detail)
    contracts = {line.contract_id for line in out}
    dependent = sorted({line.kind.value for line in parts.lines if line.kind in DEPENDENT and line.contract_id in contracts})
    if dependent:
        detail = "A cap, a deposit or hours that were paid beforehand are reckoned over all lines of the contract; cancel the draft and bill what you want."
        raise DomainError(ErrorKind.CONFLICT, "invoice.lines_depend", detail, facts={"kinds": dependent})


def _allowed(one: InvoiceAllowance, lines: Sequence[InvoiceLine]) -> InvoiceAllowance:
    """The discount on what is left of the lines that it is taken off."""
    base = sum(
        line.net_minor
        for line in lines
        if line.kind not in UNDISCOUNTED and line.contract_id == one.contract_id and (line.tax_category, line.tax_percent) == one.tax
    )
    base = max(base, 0)
    return replace(one, base_minor=base, amount_minor=round_half_up(base * Fraction(one.percent) / 100))

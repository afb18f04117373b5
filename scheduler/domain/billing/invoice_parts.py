"""Everything of an invoice but its head: lines, discounts, taxes, and what stands on the lines; and the sums that they make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler.domain.billing.document_lines import Allowance, DocumentLine, ExemptionReason, TaxLine
from scheduler.domain.billing.documents import LINES_MAX
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.billing.totals import Totals, totals
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.billing.invoices import InvoiceItem, InvoiceLine
    from scheduler.domain.billing.tax_codes import TaxCode
    from scheduler.domain.ground.ids import ContractId

Reasons = dict[TaxCategory, ExemptionReason]
"""Why a category charges no tax."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceAllowance:
    """A discount of one contract, as far as it falls on one tax; amounts in minor units, at least 0."""

    reason: str
    base_minor: int
    percent: Decimal
    amount_minor: int
    tax_category: TaxCategory
    tax_percent: Decimal
    contract_id: ContractId | None = None

    @property
    def tax(self) -> tuple[TaxCategory, Decimal]:
        """What its tax is grouped by."""
        return self.tax_category, self.tax_percent


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceParts:
    """What an invoice consists of beside its head."""

    lines: tuple[InvoiceLine, ...]
    allowances: tuple[InvoiceAllowance, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    items: tuple[InvoiceItem, ...] = ()

    @property
    def net_minor(self) -> int:
        """Lines less discounts."""
        return sum(line.net_minor for line in self.lines) - sum(one.amount_minor for one in self.allowances)

    @property
    def tax_minor(self) -> int:
        """All taxes."""
        return sum(tax.tax_minor for tax in self.taxes)

    @property
    def tells_cost(self) -> bool:
        """Whether a cost rate follows from a line."""
        return any(line.tells_cost for line in self.lines)

    @property
    def period(self) -> tuple[date | None, date | None]:
        """First and last day of service that a line names."""
        days = [day for line in self.lines for day in (line.service_from, line.service_until) if day is not None]
        return (min(days), max(days)) if days else (None, None)

    @property
    def reasons(self) -> Reasons:
        """Why some categories charge no tax, as its taxes say."""
        told = (tax for tax in self.taxes if tax.exemption_reason is not None or tax.exemption_code is not None)
        return {tax.category: ExemptionReason(text=tax.exemption_reason, code=tax.exemption_code) for tax in told}

    def of_contract(self, contract_id: str) -> tuple[InvoiceLine, ...]:
        """The lines of a contract."""
        return tuple(line for line in self.lines if line.contract_id == contract_id)


def reasons_of(codes: Iterable[TaxCode]) -> Reasons:
    """Why the categories of tax codes charge no tax, where they say so; of two codes of a category the first."""
    found: Reasons = {}
    for code in codes:
        if code.exemption_reason is not None or code.exemption_code is not None:
            reason = ExemptionReason(text=code.exemption_reason, code=code.exemption_code)
            found.setdefault(code.category, reason)
    return found


def document_line(line: InvoiceLine) -> DocumentLine:
    """The line as it is printed. Raises DomainError for one that cannot be."""
    return DocumentLine(
        position=line.position,
        description=line.description,
        unit=line.unit,
        quantity=line.quantity,
        unit_price=line.unit_price,
        net_minor=line.net_minor,
        tax_category=line.tax_category,
        tax_rate=line.tax_percent,
        service_from=line.service_from,
        service_until=line.service_until,
        note=line.note,
    )


def document_allowance(one: InvoiceAllowance) -> Allowance:
    """The discount as it is printed; parts of one that re-add to the whole are printed as plain amounts where no share makes them."""
    given = {
        "reason": one.reason,
        "base_minor": one.base_minor,
        "amount_minor": one.amount_minor,
        "tax_category": one.tax_category,
        "tax_rate": one.tax_percent,
    }
    try:
        return Allowance(percent=one.percent, **given)  # type: ignore[arg-type]
    except DomainError:
        return Allowance(percent=None, **given)  # type: ignore[arg-type]


def summed(parts: InvoiceParts, reasons: Mapping[TaxCategory, ExemptionReason]) -> tuple[InvoiceParts, Totals]:
    """
    The parts with the taxes that their lines and discounts make, and all sums.

    Raises DomainError ``tax.reason_missing``, ``tax.outside_with_others``, ``invoice.too_many_lines``, ``input.invalid``.
    """
    if len(parts.lines) > LINES_MAX:
        detail = (
            f"The invoice would have {len(parts.lines)} lines, and {LINES_MAX} are the most; group the contract's work by person or task."
        )
        raise DomainError(ErrorKind.CONFLICT, "invoice.too_many_lines", detail, facts={"lines": len(parts.lines), "most": LINES_MAX})
    made = totals([document_line(line) for line in parts.lines], [document_allowance(one) for one in parts.allowances], dict(reasons))
    return replace(parts, taxes=made.taxes), made


def joined(several: Sequence[InvoiceParts]) -> InvoiceParts:
    """The parts of several contracts on one invoice, in their order; positions count on."""
    lines: list[InvoiceLine] = []
    items: list[InvoiceItem] = []
    for parts in several:
        before = len(lines)
        lines += [replace(line, position=line.position + before) for line in parts.lines]
        items += [replace(item, position=item.position + before) for item in parts.items]
    allowances = tuple(one for parts in several for one in parts.allowances)
    return InvoiceParts(lines=tuple(lines), allowances=allowances, items=tuple(items))

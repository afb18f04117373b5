"""What there is to bill under one contract, what was billed before, and the bill that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from decimal import Decimal

    from scheduler.domain.billing.charges import Charge
    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.invoice_parts import InvoiceAllowance
    from scheduler.domain.billing.invoices import InvoiceItem, InvoiceLine, ItemKind
    from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode
    from scheduler.domain.ground.billable import BillableItem
    from scheduler.domain.ground.pricing import Priced


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledBefore:
    """What counts already of one contract: of live invoices less their credit notes; see ``billed_before.billed_before``."""

    capped_minor: int = 0
    """What counts towards the cap: time, expenses and what was taken off for the cap, before discount."""
    deposits_minor: int = 0
    """Deposits on invoices that were issued: only those can be taken off."""
    deposit_taxes: Mapping[str, tuple[TaxCategory, Decimal]] = field(default_factory=dict)
    """Category and percent that were on each of them, by the charge's id."""
    drawn_minor: int = 0
    """What was taken off for deposits, drafts included; > 0."""
    covered_minutes: Mapping[str, int] = field(default_factory=dict)
    """Minutes that were paid for beforehand and are used: by the block's charge id, or by the retainer's month (2026-11) that had them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractWork:
    """What there is to bill under one contract."""

    contract: Contract
    charges: tuple[Charge, ...]
    """All of the contract, billed or not."""
    taken: frozenset[tuple[ItemKind, str]]
    """Of its charges and retainer periods, those that stand on a live invoice."""
    items: tuple[BillableItem, ...]
    """Approved, billable and on no live invoice; expenses at what the client is charged."""
    before: BilledBefore
    tax: TaxCode
    rate_of: Callable[[BillableItem], Priced]
    """What an hour of an item of time is priced at; raises DomainError ``rate.missing``."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Of people and tasks, by id; for what stands on the lines."""
    language: str = "en"
    """Of the words on the lines."""


class LeftReason(StrEnum):
    """Why something is not billed."""

    INTERNAL = "internal"
    """The contract is never billed."""
    IN_PRICE = "in_price"
    """Work under a fixed price: the price pays for it."""
    OUTSIDE_CONTRACT = "outside_contract"
    """Before the contract begins or after it ends."""
    OUTSIDE_PERIOD = "outside_period"
    """Before or after the days that are billed."""
    NOT_DUE = "not_due"
    """Its day has not come: of a charge, of a retainer's month, or the end of the month whose hours are settled."""
    NOT_APPROVED = "not_approved"
    """A milestone that nobody has approved."""
    AFTER_CAP = "after_cap"
    NO_RATE = "no_rate"
    NO_TAX_RATE = "no_tax_rate"
    OTHER_CURRENCY = "other_currency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that is not billed, and why."""

    kind: ItemKind
    source_id: str
    day: date
    reason: LeftReason
    detail: str = ""
    """More about it, such as which rate is missing."""
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that whoever bills should know."""

    code: str
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractBill:
    """What a contract puts on an invoice; amounts in minor units of its currency, before tax."""

    lines: tuple[InvoiceLine, ...] = ()
    """Positions from 1."""
    items: tuple[InvoiceItem, ...] = ()
    """Each on one line. Work that is partly paid for beforehand stands on the line that has a price, with all its minutes."""
    allowances: tuple[InvoiceAllowance, ...] = ()
    findings: tuple[Finding, ...] = ()
    left: tuple[Left, ...] = ()

    @property
    def net_minor(self) -> int:
        """Lines less allowances."""
        return sum(line.net_minor for line in self.lines) - sum(one.amount_minor for one in self.allowances)

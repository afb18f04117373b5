"""
Credit notes: what of an invoice is left to be credited, and what a credit of part or all of it consists of.

Parts re-add exactly: whoever credits everything that was left has given back the invoice's lines, discounts and taxes to the minor unit,
however often that was rounded on the way. A discount and a tax of a part are what the credits so far and this one come to together, less
what was given back of them before.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.billed_before import CAPPED
from scheduler.domain.billing.document_lines import LineUnit, TaxLine, line_net
from scheduler.domain.billing.invoice_parts import InvoiceAllowance, InvoiceParts
from scheduler.domain.billing.invoices import LineKind
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault
from scheduler.domain.ground.money import exponent, round_half_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.domain.billing.invoices import InvoiceLine

UNDISCOUNTED = frozenset({LineKind.DEPOSIT, LineKind.DEPOSIT_DRAW})
"""A discount is taken off everything but these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCredit:
    """A line to be credited: so many minutes or pieces, or an amount before tax, or (neither) all that is left of it."""

    position: int
    quantity: int | None = None
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLeft:
    """What of a line can still be credited, with the line's own sign."""

    position: int
    quantity: int
    net_minor: int

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is left."""
        return self.quantity == 0 and self.net_minor == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditable:
    """What of an invoice can still be credited, in minor units."""

    lines: tuple[LineLeft, ...]
    net_minor: int
    """After discounts."""
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        """With tax."""
        return self.net_minor + self.tax_minor

    @property
    def is_nothing(self) -> bool:
        """Whether all of it was credited."""
        return all(line.is_nothing for line in self.lines)


class Credits:
    """An invoice in the light of the credit notes that count: those that were drafted, approved or issued."""

    def __init__(self, invoice: InvoiceParts, notes: Sequence[InvoiceParts], *, currency: str) -> None:
        self._invoice = invoice
        self._notes = tuple(notes)
        self._currency = currency
        self._lines = {line.position: line for line in invoice.lines}
        self._gone = _by_position(self._notes)

    @property
    def left(self) -> Creditable:
        """What can still be credited."""
        net = self._invoice.net_minor - sum(note.net_minor for note in self._notes)
        tax = self._invoice.tax_minor - sum(note.tax_minor for note in self._notes)
        return Creditable(lines=tuple(self._left(line) for line in self._invoice.lines), net_minor=net, tax_minor=tax)

    def credit(self, wanted: Sequence[WantedCredit] | None) -> InvoiceParts:
        """
        The parts of a credit note of these lines, or of all that is left (``None``).

        Raises DomainError ``credit.too_much``, ``credit.nothing``, ``input.invalid`` for a position that there is not or that comes twice.
        """
        asked = [WantedCredit(position=line.position) for line in self._invoice.lines] if wanted is None else list(wanted)
        self._check(asked)
        lines = [made for one in asked for made in self._lines_of(one)]
        if not lines:
            detail = "Nothing of the invoice, or of these lines, is left to be credited."
            raise DomainError(ErrorKind.CONFLICT, "credit.nothing", detail, facts={"creditable_minor": self.left.gross_minor})
        placed = tuple(replace(line, position=number) for number, line in enumerate(lines, start=1))
        allowances = tuple(one for each in self._invoice.allowances if (one := self._allowance(each, placed)).amount_minor > 0)
        parts = InvoiceParts(lines=placed, allowances=allowances)
        self._check_sums(parts)
        return replace(parts, taxes=self._taxes(parts))

    def _check(self, asked: Sequence[WantedCredit]) -> None:
        faults, seen = [], set()
        for number, one in enumerate(asked):
            pointer = f"/lines/{number}/position"
            if one.position not in self._lines:
                faults.append(Fault(pointer=pointer, code="credit.no_such_line", message=f"The invoice has no line {one.position}."))
            if one.position in seen:
                faults.append(Fault(pointer=pointer, code="credit.line_twice", message="Name each line once."))
            seen.add(one.position)
        if faults:
            raise DomainError(ErrorKind.INVALID, "input.invalid", "The credit names lines that it cannot; see errors.", tuple(faults))

    def _check_sums(self, parts: InvoiceParts) -> None:
        """
        Of each tax, and of what counts towards a contract's cap, no more goes back than was invoiced, and nothing is charged anew.

        Lines that take something off go back with those that they were taken off: without them more would, or alone they would be a charge.
        """
        for tax in self._invoice.taxes:
            left = tax.net_minor - sum(_taxed(note, tax) for note in self._notes)
            self._require_sum(left, _taxed(parts, tax), f"{tax.rate} % tax")
        for contract_id in sorted({line.contract_id for line in parts.lines if line.contract_id is not None}):
            invoiced = self._capped(self._invoice.lines, contract_id)
            left = invoiced - sum(self._capped(note.lines, contract_id) for note in self._notes)
            self._require_sum(left, self._capped(parts.lines, contract_id), "work and expenses of the contract")

    def _capped(self, lines: Sequence[InvoiceLine], contract_id: str) -> int:
        """The sum of lines of a contract, or of lines that credit such, that count towards its cap."""
        own = (line for line in lines if line.contract_id == contract_id)
        return sum(line.net_minor for line in own if self._lines[line.credits_position or line.position].kind in CAPPED)

    def _require_sum(self, left: int, part: int, of_what: str) -> None:
        if not _is_within(left, part):
            detail = (
                f"With {of_what}, {left} minor units are left to be credited, and these lines make {part}. Credit lines that take something off"
                " together with those that they were taken off."
            )
            facts = {"net_minor": left, "asked_minor": part, "creditable_minor": self.left.gross_minor}
            raise DomainError(ErrorKind.CONFLICT, "credit.too_much", detail, facts=facts)

    def _left(self, line: InvoiceLine) -> LineLeft:
        quantity, net = self._gone[line.position]
        left = line.net_minor - net
        # Of a line whose money went back, no minute is left either, though they may have been credited by amount alone.
        is_spent = left == 0 and line.net_minor != 0
        return LineLeft(position=line.position, quantity=0 if is_spent else line.quantity - quantity, net_minor=left)

    def _lines_of(self, wanted: WantedCredit) -> list[InvoiceLine]:
        line = self._lines[wanted.position]
        left = self._left(line)
        if wanted.amount_minor is not None:
            self._require_within(left.net_minor, wanted.amount_minor, left, unit="minor units")
            return [_correction(line, wanted.amount_minor, self._currency)] if wanted.amount_minor else []
        if wanted.quantity is None or wanted.quantity == left.quantity:
            return self._rest(line, left)
        self._require_within(left.quantity, wanted.quantity, left, unit="minutes or pieces")
        if wanted.quantity == 0:
            return []
        made = _of_quantity(line, wanted.quantity, self._currency)
        if _is_within(left.net_minor, made.net_minor):
            return [made]
        # Rounded up before, so that less is left than the last part would be rounded to.
        return [_correction(line, left.net_minor, self._currency)] if left.net_minor else []

    def _rest(self, line: InvoiceLine, left: LineLeft) -> list[InvoiceLine]:
        """All that is left of a line: the quantity at its price, and what rounding or credits by amount left over or took."""
        if left.is_nothing:
            return []
        if left.quantity == 0:
            return [_correction(line, left.net_minor, self._currency)]
        made = _of_quantity(line, left.quantity, self._currency)
        over = left.net_minor - made.net_minor
        if over == 0:
            return [made]
        if _is_within(left.net_minor, made.net_minor):
            return [made, _correction(line, over, self._currency)]
        return [_correction(line, left.net_minor, self._currency)]

    def _require_within(self, whole: int, part: int, left: LineLeft, *, unit: str) -> None:
        if _is_within(whole, part):
            return
        facts = {"position": left.position, "quantity": left.quantity, "net_minor": left.net_minor}
        detail = f"Of line {left.position}, {whole} {unit} are left to be credited, and {part} are asked for."
        raise DomainError(ErrorKind.CONFLICT, "credit.too_much", detail, facts={**facts, "creditable_minor": self.left.gross_minor})

    def _allowance(self, whole: InvoiceAllowance, lines: Sequence[InvoiceLine]) -> InvoiceAllowance:
        """What of a discount goes back with these lines."""
        base = sum(line.net_minor for line in self._invoice.lines if _is_discounted(line, line, whole))
        before = sum(self._discounted(note.lines, whole) for note in self._notes)
        now = self._discounted(lines, whole)
        given = sum(one.amount_minor for note in self._notes for one in note.allowances if _is_same(one, whole))
        so_far = whole.amount_minor if before + now == base else round_half_up(Fraction(whole.amount_minor * (before + now), base or 1))
        return replace(whole, base_minor=max(now, 0), amount_minor=max(0, min(so_far, whole.amount_minor) - given))

    def _discounted(self, lines: Sequence[InvoiceLine], whole: InvoiceAllowance) -> int:
        return sum(line.net_minor for line in lines if _is_discounted(line, self._lines[line.credits_position or 0], whole))

    def _taxes(self, parts: InvoiceParts) -> tuple[TaxLine, ...]:
        """What of each tax goes back with them."""
        found = []
        for whole in self._invoice.taxes:
            net = _taxed(parts, whole)
            if not any(_tax_of(line) == _tax_of(whole) for line in parts.lines):
                continue
            before = sum(_taxed(note, whole) for note in self._notes)
            given = sum(tax.tax_minor for note in self._notes for tax in note.taxes if _tax_of(tax) == _tax_of(whole))
            so_far = whole.tax_minor if before + net == whole.net_minor else round_half_up((before + net) * Fraction(whole.rate) / 100)
            # At most a unit away from the tax of the part itself: more, where a note between was given up, is left for the next.
            own = round_half_up(net * Fraction(whole.rate) / 100)
            found.append(replace(whole, net_minor=net, tax_minor=max(own - 1, min(own + 1, so_far - given))))
        return tuple(found)


def _by_position(notes: Sequence[InvoiceParts]) -> Mapping[int, tuple[int, int]]:
    """Quantity and net that were given back, by the position of the line on the invoice."""
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for note in notes:
        for line in note.lines:
            quantity, net = found[line.credits_position or 0]
            is_amount = line.kind is LineKind.CORRECTION
            found[line.credits_position or 0] = (quantity + (0 if is_amount else line.quantity), net + line.net_minor)
    return found


def _is_within(whole: int, part: int) -> bool:
    """Whether the part has the sign of the whole and is not more than it."""
    return 0 <= part <= whole if whole >= 0 else whole <= part <= 0


def _of_quantity(line: InvoiceLine, quantity: int, currency: str) -> InvoiceLine:
    net = line_net(line.unit, quantity, line.unit_price, currency)
    return replace(line, quantity=quantity, net_minor=net, credits_position=line.position, trail=())


def _correction(line: InvoiceLine, amount_minor: int, currency: str) -> InvoiceLine:
    return replace(
        line,
        kind=LineKind.CORRECTION,
        unit=LineUnit.PIECE,
        quantity=1 if amount_minor > 0 else -1,
        unit_price=Decimal(abs(amount_minor)).scaleb(-exponent(currency)),
        net_minor=amount_minor,
        credits_position=line.position,
        trail=(),
    )


def _is_discounted(line: InvoiceLine, of: InvoiceLine, allowance: InvoiceAllowance) -> bool:
    """Whether a line, or one that credits the line ``of``, is part of what the discount was taken off."""
    return of.kind not in UNDISCOUNTED and line.contract_id == allowance.contract_id and _tax_of(line) == _tax_of(allowance)


def _is_same(one: InvoiceAllowance, whole: InvoiceAllowance) -> bool:
    return (one.contract_id, one.reason, _tax_of(one)) == (whole.contract_id, whole.reason, _tax_of(whole))


def _tax_of(part: InvoiceLine | InvoiceAllowance | TaxLine) -> tuple[str, Decimal]:
    """Category and percent, in which a tax is one."""
    if isinstance(part, TaxLine):
        return part.category.value, part.rate
    return part.tax_category.value, part.tax_percent


def _taxed(parts: InvoiceParts, tax: TaxLine) -> int:
    """The net of the parts under a tax."""
    lines = sum(line.net_minor for line in parts.lines if _tax_of(line) == _tax_of(tax))
    return lines - sum(one.amount_minor for one in parts.allowances if _tax_of(one) == _tax_of(tax))

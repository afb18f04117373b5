"""What of an invoice is open, and which payments may be recorded: all of it follows from its gross, its credit notes and its payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.billing.invoices import InvoiceKind, InvoiceState, PaymentKind
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scheduler.domain.billing.invoices import Invoice, Payment


class PaymentState(StrEnum):
    """How far an issued invoice is settled."""

    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    """Nothing is open: it was paid, or credited."""
    WRITTEN_OFF = "written_off"
    """Nothing is open because the rest is not expected any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of an issued invoice's gross, in minor units of its currency."""

    gross_minor: int
    credited_minor: int
    """Gross of the credit notes that were issued for it."""
    paid_minor: int
    """Payments less refunds."""
    written_off_minor: int
    """Less what was taken back of that."""
    paid_before_minor: int = 0
    """What other books say was paid, of an invoice that was taken over from them."""

    @property
    def open_minor(self) -> int:
        """What is still to be paid; below 0 where the client is owed money because of a credit note."""
        return self.gross_minor - self.paid_before_minor - self.credited_minor - self.paid_minor - self.written_off_minor

    @property
    def is_untouched(self) -> bool:
        """Whether nobody paid, and nothing was written off, in these books."""
        return self.paid_minor == 0 and self.written_off_minor == 0

    @property
    def state(self) -> PaymentState:
        """How far it is settled."""
        if self.open_minor <= 0:
            return PaymentState.WRITTEN_OFF if self.written_off_minor > 0 else PaymentState.PAID
        return PaymentState.OPEN if self.is_untouched and not self.paid_before_minor else PaymentState.PARTLY_PAID


def settlement(
    gross_minor: int, *, credited_minor: int, payments: Iterable[tuple[PaymentKind, int]], paid_before_minor: int = 0
) -> Settlement:
    """Of an issued invoice; ``payments``: kinds and amounts."""
    sums = dict.fromkeys(PaymentKind, 0)
    for kind, amount_minor in payments:
        sums[kind] += amount_minor
    return Settlement(
        gross_minor=gross_minor,
        credited_minor=credited_minor,
        paid_minor=sums[PaymentKind.PAYMENT] - sums[PaymentKind.REFUND],
        written_off_minor=sums[PaymentKind.WRITE_OFF] - sums[PaymentKind.RECOVERY],
        paid_before_minor=paid_before_minor,
    )


def check_payment(invoice: Invoice, found: Settlement, payment: Payment, *, today: date) -> None:
    """
    Raises DomainError ``payment.not_issued``, ``payment.on_credit_note``, ``payment.before_issue``, ``payment.before_taken_over``,
    ``payment.in_future``, ``payment.too_much``.

    What was recorded by mistake is set right by its opposite: a payment by a refund, a write-off by a recovery.
    """
    if invoice.state is not InvoiceState.ISSUED or invoice.issued_on is None:
        raise DomainError(ErrorKind.CONFLICT, "payment.not_issued", f"The invoice is {invoice.state}; only issued ones are paid.")
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        detail = "A credit note lowers what is open of its invoice; record what was paid or paid back on that."
        raise DomainError(ErrorKind.CONFLICT, "payment.on_credit_note", detail, facts={"invoice_id": invoice.credits_id})
    if payment.paid_on < invoice.issued_on:
        detail = f"The invoice was issued on {invoice.issued_on}; give that day or a later one."
        raise DomainError(ErrorKind.CONFLICT, "payment.before_issue", detail, facts={"issued_on": invoice.issued_on.isoformat()})
    if invoice.taken_over_on is not None and payment.paid_on < invoice.taken_over_on:
        detail = (
            f"The invoice was taken over on {invoice.taken_over_on}, less what had been paid by then; give that day or a later one. Had it"
            " been paid before, void it and take it over with what was open."
        )
        facts = {"taken_over_on": invoice.taken_over_on.isoformat()}
        raise DomainError(ErrorKind.CONFLICT, "payment.before_taken_over", detail, facts=facts)
    if payment.paid_on > today + timedelta(days=1):
        # Days may be ahead by one: somewhere it is tomorrow already.
        detail = f"The {payment.paid_on} has not come yet; record what is paid once it is."
        raise DomainError(ErrorKind.INVALID, "payment.in_future", detail)
    most = {
        PaymentKind.PAYMENT: found.open_minor,
        PaymentKind.WRITE_OFF: found.open_minor,
        PaymentKind.REFUND: found.paid_minor,
        PaymentKind.RECOVERY: found.written_off_minor,
    }[payment.kind]
    if payment.amount_minor > most:
        detail = f"At most {max(most, 0)} minor units can be recorded as {payment.kind}, and {payment.amount_minor} are given."
        raise DomainError(
            ErrorKind.CONFLICT, "payment.too_much", detail, facts={"most_minor": max(most, 0), "open_minor": found.open_minor}
        )

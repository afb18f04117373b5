"""Whether bills are what follows from their work: each is billed once more from the rows of the instant before it was drafted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.domain.billing.contract_work import Finding
from scheduler.domain.billing.derived_again import as_left, credited_again, left_out
from scheduler.domain.billing.invoices import LIVE, NUMBERED, InvoiceKind, InvoiceState
from scheduler.domain.billing.runs import Billed, drafted
from scheduler.domain.billing.verification import Difference, check_parts, check_taxes, differences
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.exchange import Exchange
from scheduler.domain.ground.money import Money
from scheduler.store import View
from scheduler.store.billed_again import StandingWork
from scheduler.store.invoice_versions import first_recorded, parts_as_of
from scheduler.store.invoices import InvoiceReader
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.invoices import INVOICES, PAYMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice, Payment

_TICK = timedelta(microseconds=1)
_SUMS = ("net_minor", "tax_minor", "gross_minor", "retained_minor", "period_start", "period_end")


def bills(view: View) -> Iterator[Difference]:
    """
    Invoices and drafts, then credit notes, and the rates of all of them and of payments; the view sees everything.

    What was taken over from other books was billed there: of it only sums and rates follow from anything here.
    """
    heads: dict[str, Invoice] = {one.id: one for one in view.area("invoices").all()}
    drafted_at = first_recorded(view.connection, INVOICES)
    for one_id, head in heads.items():
        if head.is_taken_over:
            continue
        check = _invoice if head.kind is InvoiceKind.INVOICE else _credit_note
        yield from check(view, head, drafted_at[one_id])
    yield from _rates_of_documents(view, heads)
    yield from _rates_of_payments(view, heads)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """An invoice that was billed once more."""

    head: Invoice
    parts: InvoiceParts
    contract: Contract


def _before(view: View, at: datetime) -> View:
    return View(view.connection, view.actor, as_of=at - _TICK)


def _invoice(view: View, head: Invoice, at: datetime) -> Iterator[Difference]:
    as_drafted = parts_as_of(view.connection, head.id, at)
    if not as_drafted.lines:
        return  # drafted when what belongs to invoices had no versions yet: the hash alone holds it
    stored = InvoiceReader(view.connection).parts(head.id)
    again = _again(_before(view, at), head, as_drafted)
    if isinstance(again, str):
        yield Difference(table="invoices", row=head.id, column="net_minor", stored=str(head.net_minor), derived=again)
        return
    out = left_out(as_drafted, stored)
    found, parts = again.head, again.parts
    if out:
        try:
            found, parts = as_left(found, parts, out, again.contract)
        except DomainError:
            # Nobody may leave these lines out: they are no longer what they were.
            found, parts = again.head, again.parts
    yield from check_parts(head.id, stored, parts)
    yield from differences(
        "invoices", head.id, {name: getattr(head, name) for name in _SUMS}, {name: getattr(found, name) for name in _SUMS}
    )


def _again(before: View, head: Invoice, as_drafted: InvoiceParts) -> _Again | str:
    """The invoice once more, or why nothing comes of its work."""
    billed: list[Billed] = []
    for one in StandingWork(before, as_drafted).billed_again():
        if isinstance(one, Finding):
            return f"nothing ({one.message})"
        billed.append(one)
    made = drafted(
        billed,
        invoice_id=head.id,
        client_id=head.client_id,
        language=head.language,
        home_currency=head.home_currency,
        now=head.created_at or before.as_of,  # type: ignore[arg-type]
    )
    if made is None:
        return "nothing (no line comes of what stands on it)"
    return _Again(head=made[0], parts=made[1], contract=next(one.contract for one in billed if one.bill.lines))


def _credit_note(view: View, head: Invoice, at: datetime) -> Iterator[Difference]:
    reader = InvoiceReader(view.connection)
    note = reader.parts(head.id)
    earlier = [reader.parts(one) for one in _counting_notes(_before(view, at), head.credits_id or "")]
    try:
        derived = credited_again(reader.parts(head.credits_id or ""), earlier, note, currency=head.currency)
    except DomainError as error:
        yield Difference(table="invoices", row=head.id, column="net_minor", stored=str(head.net_minor), derived=f"nothing ({error.detail})")
        return
    yield from check_parts(head.id, note, derived)
    yield from check_taxes(head.id, note, derived)


def _counting_notes(before: View, invoice_id: str) -> Sequence[str]:
    found: Sequence[Invoice] = before.area("invoices").matching(credits_id=invoice_id)
    return [one.id for one in sorted(found, key=lambda one: (str(one.created_at), one.id)) if one.state in LIVE]


def _rates_of_documents(view: View, heads: Mapping[str, Invoice]) -> Iterator[Difference]:
    """The rate to the firm's currency is that of the day of issue as it was known then; a credit note's that of its invoice."""
    issued_at = first_recorded(view.connection, INVOICES, TWINS[INVOICES.name].c.state == InvoiceState.ISSUED)
    names = ("home_currency", "home_rate", "home_rate_on", "home_rate_source")
    for head in heads.values():
        if head.state not in NUMBERED:
            continue
        of = heads[head.credits_id] if head.credits_id is not None else head
        derived = {name: getattr(of, name) for name in names}
        if of is head and head.issued_on is not None:
            # What is taken over may come with its rate, in one transaction.
            at = issued_at[head.id]
            exchange = _exchange(View(view.connection, view.actor, as_of=at) if of.is_taken_over else _before(view, at), head.currency)
            row = exchange.found(head.currency, head.issued_on)
            rate = {} if row is None else {"home_rate": row.rate, "home_rate_on": row.day, "home_rate_source": row.source}
            derived = {**derived, "home_currency": exchange.home, **rate}
        yield from differences("invoices", head.id, {name: getattr(head, name) for name in names}, derived)


def _rates_of_payments(view: View, heads: Mapping[str, Invoice]) -> Iterator[Difference]:
    made_at = first_recorded(view.connection, PAYMENTS)
    payments: Sequence[Payment] = view.area("payments").all()
    for one in payments:
        currency = heads[one.invoice_id].currency
        exchange = _exchange(_before(view, made_at[one.id]), currency)
        home = exchange.to_home(Money(amount_minor=one.amount_minor, currency=currency), one.paid_on).amount_minor
        yield from differences("payments", one.id, {"home_minor": one.home_minor}, {"home_minor": home})


def _exchange(then: View, currency: str) -> Exchange:
    return Exchange(then.area("exchange_rates").matching(currency=currency), home=then.firm.get().currency)

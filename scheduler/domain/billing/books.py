"""The books of contracts: from what is on record of each to its roll-forward, and from all of it to the journal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scheduler.domain.billing import journal
from scheduler.domain.billing.carrying import carried
from scheduler.domain.billing.earning import facts_of, first_day
from scheduler.domain.billing.invoices import InvoiceKind, PaymentKind
from scheduler.domain.billing.journal import About, IssuedDocument, LedgerAccounts, Settled, TaxAmount, Worth
from scheduler.domain.billing.months import following, last_day, month_of, months_between
from scheduler.domain.billing.recognition import recognised
from scheduler.domain.billing.roll_forward import AdjustedAmount, BalanceMonth, BilledAmount, roll_forward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from fractions import Fraction

    from scheduler.domain.billing.earning import ContractRecord
    from scheduler.domain.billing.invoices import Invoice, Payment
    from scheduler.domain.billing.journal import Entry

_TAX = "tax:"
"""What stands before a tax's category and percent in the accounts of a legal entity: ``tax:S 19``."""
_TAKEN_BACK = frozenset({PaymentKind.REFUND, PaymentKind.RECOVERY})
_LOST = frozenset({PaymentKind.WRITE_OFF, PaymentKind.RECOVERY})


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledDocument:
    """An issued invoice or credit note, with what of it is each contract's; amounts in the document's own sign."""

    head: Invoice
    nets: Mapping[str, int]
    """By contract, discounts taken off."""
    taxes: tuple[tuple[str, int], ...]
    """Code (category and percent) and amount."""
    voided_at: datetime | None = None
    """When it was made void; that day counts."""
    project: str | None = None
    client: str | None = None

    @property
    def voided_on(self) -> date | None:
        """The day on which it was made void."""
        return None if self.voided_at is None else self.voided_at.date()

    @property
    def issued_on(self) -> date:
        """Raises ValueError for a document without a day of issue."""
        if self.head.issued_on is None:
            raise ValueError(f"the invoice {self.head.id} is not issued")
        return self.head.issued_on

    @property
    def entered_on(self) -> date:
        """The day from which these books have it: that of its issue, unless it was taken over."""
        return self.head.taken_over_on or self.issued_on

    @property
    def sign(self) -> int:
        """What the document does to what is billed: 1 for an invoice, -1 for a credit note."""
        return -1 if self.head.kind is InvoiceKind.CREDIT_NOTE else 1

    @property
    def home_net(self) -> int:
        """Net in the firm's currency."""
        return self.head.net_minor if self.head.home_net_minor is None else self.head.home_net_minor

    @property
    def home_tax(self) -> int:
        """Tax in the firm's currency."""
        return self.head.tax_minor if self.head.home_tax_minor is None else self.head.home_tax_minor

    def by_contract(self) -> Iterator[tuple[str, BilledAmount]]:
        """What each contract was billed, and what was taken back when it was voided; the parts add up to the document's net."""
        contracts = sorted(self.nets)
        minors = [self.nets[one] for one in contracts]
        homes = carried(minors, whole_minor=self.head.net_minor, whole_home=self.home_net)
        days = [(self.issued_on, self.sign)] + ([] if self.voided_on is None else [(self.voided_on, -self.sign)])
        for contract_id, minor, home in zip(contracts, minors, homes, strict=True):
            for day, sign in days:
                yield contract_id, BilledAmount(day=day, amount_minor=sign * minor, home_minor=sign * home)

    def as_issued(self) -> IssuedDocument:
        """As the journal takes it."""
        head = self.head
        homes = carried([minor for _, minor in self.taxes], whole_minor=head.tax_minor, whole_home=self.home_tax)
        (retained, _) = carried(
            [head.retained_minor, head.gross_minor - head.retained_minor], whole_minor=head.gross_minor, whole_home=self.home_gross
        )
        paid_before = carried([head.paid_before_minor], whole_minor=head.gross_minor, whole_home=self.home_gross)[0]
        return IssuedDocument(
            id=head.id,
            number=head.number or head.id,
            issued_on=self.issued_on,
            currency=head.currency,
            net=Worth(minor=head.net_minor, home=self.home_net),
            taxes=tuple(
                TaxAmount(code=code, worth=Worth(minor=minor, home=home)) for (code, minor), home in zip(self.taxes, homes, strict=True)
            ),
            retained=Worth(minor=head.retained_minor, home=retained),
            is_credit_note=head.kind is InvoiceKind.CREDIT_NOTE,
            taken_over_on=head.taken_over_on,
            paid_before=Worth(minor=head.paid_before_minor, home=paid_before),
            project=self.project,
            client=self.client,
        )

    @property
    def home_gross(self) -> int:
        """Net and tax in the firm's currency."""
        return self.home_net + self.home_tax


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractBook:
    """One contract: what is on record, what was billed and adjusted, and its closed months."""

    record: ContractRecord
    project: str
    client: str | None
    billed: tuple[BilledAmount, ...] = ()
    adjusted: tuple[AdjustedAmount, ...] = ()
    closed: tuple[BalanceMonth, ...] = ()
    accounts: LedgerAccounts = field(default_factory=LedgerAccounts)

    @property
    def contract_id(self) -> str:
        """Whose book it is."""
        return self.record.contract.id

    @property
    def about(self) -> About:
        """What its entries are about."""
        return About(currency=self.record.contract.currency, project=self.project, client=self.client)

    def first_open(self, last_closed: date | None) -> date:
        """The first month that is open: nothing of the contract happened before it, or what did is closed or counts in it."""
        if self.closed:
            return following(self.closed[-1].month)
        days = [first_day(self.record)]
        if self.record.opening is None:
            days += [one.day for one in self.billed] + [one.day for one in self.adjusted]
        first = month_of(min(days))
        return first if last_closed is None else max(first, following(last_closed))


class _Rates(dict["date", "Fraction"]):
    """Rates of months as they are asked for: where nothing came about, nobody has to have stored one."""

    def __init__(self, rate_of: Callable[[date], Fraction]) -> None:
        super().__init__()
        self._rate_of = rate_of

    def __missing__(self, month: date) -> Fraction:
        return self._rate_of(month)


def rolled(
    book: ContractBook, *, until: date, last_closed: date | None, rate_of: Callable[[str, date], Fraction]
) -> tuple[BalanceMonth, ...]:
    """
    The contract's roll-forward to the month ``until``: closed months as they are kept, open ones reckoned.

    ``rate_of``: what a minor unit of a currency is worth in the firm's at the end of a month.
    """
    months = tuple(months_between(book.first_open(last_closed), until))
    if not months:
        return tuple(row for row in book.closed if row.month <= until)
    revenue = recognised(facts_of(book.record, until=following(months[-1])), months)
    currency = book.record.contract.currency
    return roll_forward(
        revenue=revenue,
        billed=book.billed,
        adjusted=book.adjusted,
        rates=_Rates(lambda month: rate_of(currency, month)),
        opening=book.record.opening,
        closed=book.closed,
    )


def book_entries(book: ContractBook, rows: Sequence[BalanceMonth]) -> Iterator[Entry]:
    """What a contract's opening and months enter, beside its bills."""
    opening = book.record.opening
    if opening is not None:
        yield from journal.taken_over(opening, contract_id=book.contract_id, about=book.about, accounts=book.accounts)
    before = Worth()
    for row in rows:
        yield from journal.month_entries(
            row, contract_id=book.contract_id, about=book.about, provision_before=before, accounts=book.accounts
        )
        before = Worth(minor=row.provision_minor, home=row.provision_home_minor)


def document_entries(document: BilledDocument, payments: Iterable[Payment], accounts: LedgerAccounts, *, until: date) -> Iterator[Entry]:
    """What a document enters up to and with the day ``until``: its issue, its void, what was held back and is due, and its payments."""
    issued = document.as_issued()
    head = document.head
    if document.entered_on <= until:
        yield journal.issued(issued, accounts)
    due = head.retention_due_on
    if document.voided_on is not None and document.voided_on <= until:
        # What was held back is a receivable like the rest once it is due.
        is_due = due is not None and due < document.voided_on
        void = replace(issued, retained=Worth()) if is_due else issued
        yield journal.voided(void, on=document.voided_on, accounts=accounts)
    if head.retained_minor and due is not None and due <= until and (document.voided_on is None or document.voided_on > due):
        yield journal.retention_due(issued, on=due, accounts=accounts)
    ordered = sorted(payments, key=lambda one: (one.paid_on, one.id))
    signed = [-one.amount_minor if one.kind in _TAKEN_BACK else one.amount_minor for one in ordered]
    _, *homes = carried([head.paid_before_minor, *signed], whole_minor=head.gross_minor, whole_home=document.home_gross)
    for payment, minor, home in zip(ordered, signed, homes, strict=True):
        if payment.paid_on <= until:
            settled = Worth(minor=minor, home=home)
            if payment.kind in _LOST:
                yield journal.written_off(Settled(id=payment.id, on=payment.paid_on, about=issued.about, settled=settled), accounts)
            else:
                came = Worth(minor=minor, home=-payment.home_minor if payment.kind in _TAKEN_BACK else payment.home_minor)
                yield journal.paid(Settled(id=payment.id, on=payment.paid_on, about=issued.about, settled=settled, received=came), accounts)


def all_entries(
    books: Iterable[tuple[ContractBook, Sequence[BalanceMonth]]],
    documents: Iterable[tuple[BilledDocument, LedgerAccounts]],
    payments: Mapping[str, Iterable[Payment]],
    *,
    until: date,
) -> Iterator[Entry]:
    """Everything that is entered to the end of the month ``until``: of contracts with their months, and of documents with their payments."""
    for book, rows in books:
        yield from book_entries(book, rows)
    for document, accounts in documents:
        yield from document_entries(document, payments.get(document.head.id, ()), accounts, until=last_day(until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """All entries to the end of a month: those of closed months as they are kept, then the open ones, in order."""

    closed: tuple[tuple[date, Entry], ...]
    """Each with its month."""
    open: tuple[Entry, ...]


def journal_of(derived: Iterable[Entry], *, closed: Sequence[tuple[date, Entry]], last_closed: date | None, until: date) -> Journal:
    """
    Every entry once: ``derived`` are those that follow from all that is known now.

    What is kept of closed months stays. What is learnt late of them is entered on the first open day, and its text says of which day it is.
    """
    kept = {entry.id for _, entry in closed}
    first_open = None if last_closed is None else following(last_closed)
    fresh = [_dated(entry, first_open) for entry in derived if entry.id not in kept]
    return Journal(closed=tuple(closed), open=journal.in_order(entry for entry in fresh if entry.date < following(until)))


def _dated(entry: Entry, first_open: date | None) -> Entry:
    if first_open is None or entry.date >= first_open:
        return entry
    return replace(entry, date=first_open, text=f"{entry.text} (of {entry.date})")


def accounts_of(given: Mapping[str, str]) -> LedgerAccounts:
    """The accounts that a legal entity names, by what they are for; those that it does not name have the names of what they are for."""
    taxes = {key.removeprefix(_TAX): account for key, account in given.items() if key.startswith(_TAX)}
    known = LedgerAccounts.__dataclass_fields__.keys() - {"tax_payable_by_code"}
    return LedgerAccounts(tax_payable_by_code=taxes, **{key: account for key, account in given.items() if key in known})

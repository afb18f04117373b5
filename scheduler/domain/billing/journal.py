"""
The journal: balanced double entries for all that is billed, paid and earned.

What a contract has earned and not billed, or billed and not earned, stands in one pair of accounts. Bills and earnings go through the contract
asset; at each month's end what of it is below 0 is moved to the contract liability. An amount is positive on the debit side. Every entry
balances in its own currency and in the firm's.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.billing.months import last_day
from scheduler.domain.ground.checks import Faults, invalid
from scheduler.domain.ground.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from scheduler.domain.billing.roll_forward import BalanceMonth, Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAccounts:
    """Names or numbers of the accounts in the firm's own chart."""

    receivable: str = "receivable"
    retained_receivable: str = "retained_receivable"
    contract_asset: str = "contract_asset"
    contract_liability: str = "contract_liability"
    revenue: str = "revenue"
    bank: str = "bank"
    bad_debt: str = "bad_debt"
    contract_loss: str = "contract_loss"
    """What provisions for expected losses cost."""
    loss_provision: str = "loss_provision"
    exchange_difference: str = "exchange_difference"
    opening_balance: str = "opening_balance"
    """Against which balances are taken over from other books."""
    opening_receivable: str = "opening_receivable"
    """Against which open invoices are."""
    tax_payable: str = "tax_payable"
    tax_payable_by_code: Mapping[str, str] = field(default_factory=dict)
    """Accounts of single tax codes; ``tax_payable`` for all others."""

    def __post_init__(self) -> None:
        faults = Faults()
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, str):
                object.__setattr__(self, one.name, faults.text(f"/{one.name}", value))
        for code, account in self.tax_payable_by_code.items():
            faults.text(f"/tax_payable_by_code/{code}", account)
        faults.raise_any("accounts")

    def tax(self, code: str) -> str:
        """The account of a tax code."""
        return self.tax_payable_by_code.get(code, self.tax_payable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """An amount in minor units of a currency, and what it counts for in the firm's."""

    minor: int = 0
    home: int = 0

    def __add__(self, other: Worth) -> Worth:
        return Worth(minor=self.minor + other.minor, home=self.home + other.home)

    def __neg__(self) -> Worth:
        return Worth(minor=-self.minor, home=-self.home)

    def __bool__(self) -> bool:
        return bool(self.minor or self.home)


class EntryKind(StrEnum):
    """What an entry is about."""

    OPENING = "opening"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    VOID = "void"
    PAYMENT = "payment"
    WRITE_OFF = "write_off"
    RETENTION = "retention"
    REVENUE = "revenue"
    ADJUSTMENT = "adjustment"
    EXCHANGE = "exchange"
    PROVISION = "provision"
    DEFERRAL = "deferral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """An amount on an account: debit above 0, credit below."""

    account: str
    worth: Worth

    @property
    def debit_minor(self) -> int:
        """What is on the debit side."""
        return max(0, self.worth.minor)

    @property
    def credit_minor(self) -> int:
        """What is on the credit side."""
        return max(0, -self.worth.minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What entries are about."""

    currency: str
    project: str | None = None
    client: str | None = None
    document_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One balanced entry. Its id follows from what it is about, so the same thing is never entered twice."""

    id: str
    kind: EntryKind
    date: date
    text: str
    about: About
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        total = sum((one.worth for one in self.postings), Worth())
        if total:
            message = f"The entry {self.id} is out of balance by {total.minor} ({total.home} in the firm's currency)."
            raise invalid("entry", Fault(pointer="/postings", code="journal.unbalanced", message=message))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxAmount:
    """Tax of one code."""

    code: str
    worth: Worth


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDocument:
    """An issued invoice, or a credit note (whose amounts are what is given back, above 0)."""

    id: str
    number: str
    issued_on: date
    currency: str
    net: Worth
    taxes: tuple[TaxAmount, ...] = ()
    retained: Worth = Worth()
    """The part of the gross that is due later."""
    is_credit_note: bool = False
    taken_over_on: date | None = None
    """Of an invoice of other books: the day from which these have it."""
    paid_before: Worth = Worth()
    """What of it was paid before that."""
    project: str | None = None
    client: str | None = None

    @property
    def gross(self) -> Worth:
        """Net and taxes."""
        return sum((one.worth for one in self.taxes), self.net)

    @property
    def about(self) -> About:
        """What its entries are about."""
        return About(currency=self.currency, project=self.project, client=self.client, document_number=self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Money that came in for a document, or what of it was given up: ``settled`` is what its receivable was carried at."""

    id: str
    on: date
    about: About
    settled: Worth
    received: Worth = Worth()
    """What came in, at the rate of its day."""
    taxes: tuple[TaxAmount, ...] = ()
    """Of a write-off: the tax that is no longer owed."""


def issued(document: IssuedDocument, accounts: LedgerAccounts) -> Entry:
    """The entry of a document on its day of issue; of an invoice of other books, what was open of it on the day on which it was taken over."""
    if document.taken_over_on is not None:
        taken = _of_document(document, accounts, reversed_=False)
        text = f"Invoice {document.number} taken over"
        return _entry(EntryKind.OPENING, document.id, on=document.taken_over_on, text=text, about=document.about, postings=taken)
    kind = EntryKind.CREDIT_NOTE if document.is_credit_note else EntryKind.INVOICE
    text = f"{'Credit note' if document.is_credit_note else 'Invoice'} {document.number}"
    postings = _of_document(document, accounts, reversed_=document.is_credit_note)
    return _entry(kind, document.id, on=document.issued_on, text=text, about=document.about, postings=postings)


def voided(document: IssuedDocument, *, on: date, accounts: LedgerAccounts) -> Entry:
    """The entry that takes a document's own back, on the day on which it was voided."""
    postings = _of_document(document, accounts, reversed_=not document.is_credit_note)
    return _entry(EntryKind.VOID, document.id, on=on, text=f"Void {document.number}", about=document.about, postings=postings)


def paid(payment: Settled, accounts: LedgerAccounts) -> Entry:
    """Money into the bank; what it is worth more or less than the receivable is an exchange difference."""
    difference = payment.settled + -payment.received
    postings = ((accounts.bank, payment.received), (accounts.receivable, -payment.settled), (accounts.exchange_difference, difference))
    text = f"Payment {payment.about.document_number or ''}".strip()
    return _entry(EntryKind.PAYMENT, payment.id, on=payment.on, text=text, about=payment.about, postings=postings)


def written_off(loss: Settled, accounts: LedgerAccounts) -> Entry:
    """What will not be paid: the loss, and the tax that is no longer owed."""
    taxes = [(accounts.tax(one.code), one.worth) for one in loss.taxes]
    lost = sum((-one.worth for one in loss.taxes), loss.settled)
    text = f"Write-off {loss.about.document_number or ''}".strip()
    postings = ((accounts.bad_debt, lost), *taxes, (accounts.receivable, -loss.settled))
    return _entry(EntryKind.WRITE_OFF, loss.id, on=loss.on, text=text, about=loss.about, postings=postings)


def retention_due(document: IssuedDocument, *, on: date, accounts: LedgerAccounts) -> Entry:
    """What was held back is due from that day on."""
    postings = ((accounts.receivable, document.retained), (accounts.retained_receivable, -document.retained))
    return _entry(
        EntryKind.RETENTION, document.id, on=on, text=f"Retention of {document.number} due", about=document.about, postings=postings
    )


def taken_over(opening: Opening, *, contract_id: str, about: About, accounts: LedgerAccounts) -> Iterator[Entry]:
    """The balance that other books leave, on the first day on which these count."""
    balance = Worth(minor=opening.balance_minor, home=opening.home_minor)
    account = accounts.contract_asset if balance.minor > 0 else accounts.contract_liability
    if balance:
        postings = ((account, balance), (accounts.opening_balance, -balance))
        yield _entry(EntryKind.OPENING, contract_id, on=opening.month, text="Contract balance taken over", about=about, postings=postings)


def month_entries(
    row: BalanceMonth, *, contract_id: str, about: About, provision_before: Worth, accounts: LedgerAccounts
) -> Iterator[Entry]:
    """What a month of a contract's balance enters on its last day, beside its bills. ``provision_before``: that of the month before."""
    month = f"{row.month:%Y-%m}"
    provided = Worth(minor=row.provision_minor, home=row.provision_home_minor) + -provision_before
    deferred = Worth(minor=row.deferred_minor, home=row.deferred_home_minor)
    before = Worth(minor=max(0, -row.opening_minor), home=-row.opening_home_minor if row.opening_minor < 0 else 0)
    earned = Worth(minor=row.earned_minor, home=row.earned_home_minor)
    adjusted = Worth(minor=row.adjusted_minor, home=row.adjusted_home_minor)
    exchanged = Worth(home=row.exchange_home_minor)
    asset = accounts.contract_asset
    for kind, text, debit, credit, worth in (
        (EntryKind.REVENUE, "Revenue", asset, accounts.revenue, earned),
        (EntryKind.ADJUSTMENT, "Revenue adjusted", asset, accounts.revenue, adjusted),
        (EntryKind.EXCHANGE, "Exchange difference", asset, accounts.exchange_difference, exchanged),
        (EntryKind.PROVISION, "Provision for an expected loss", accounts.contract_loss, accounts.loss_provision, provided),
        (EntryKind.DEFERRAL, "Deferred revenue", asset, accounts.contract_liability, deferred + -before),
    ):
        if worth:
            postings = ((debit, worth), (credit, -worth))
            yield _entry(kind, f"{contract_id}:{month}", on=last_day(row.month), text=f"{text} {month}", about=about, postings=postings)


def balances(entries: Iterable[Entry]) -> dict[tuple[str, str], Worth]:
    """What all entries leave on each account in each currency."""
    found: defaultdict[tuple[str, str], Worth] = defaultdict(Worth)
    for entry in entries:
        for one in entry.postings:
            found[one.account, entry.about.currency] += one.worth
    return dict(found)


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """By day, then by id."""
    return tuple(sorted(entries, key=lambda entry: (entry.date, entry.id)))


def _of_document(document: IssuedDocument, accounts: LedgerAccounts, *, reversed_: bool) -> Iterator[tuple[str, Worth]]:
    if document.taken_over_on is not None:
        postings = [
            (accounts.receivable, document.gross + -document.paid_before + -document.retained),
            (accounts.retained_receivable, document.retained),
            (accounts.opening_receivable, document.paid_before + -document.gross),
        ]
        return ((account, -worth if reversed_ else worth) for account, worth in postings)
    postings = [
        (accounts.receivable, document.gross + -document.retained),
        (accounts.retained_receivable, document.retained),
        (accounts.contract_asset, -document.net),
        *((accounts.tax(one.code), -one.worth) for one in document.taxes),
    ]
    return ((account, -worth if reversed_ else worth) for account, worth in postings)


def _entry(kind: EntryKind, key: str, *, on: date, text: str, about: About, postings: Iterable[tuple[str, Worth]]) -> Entry:
    lines = tuple(Posting(account=account, worth=worth) for account, worth in postings if worth)
    return Entry(id=f"{kind.value}:{key}", kind=kind, date=on, text=text, about=about, postings=lines)

"""What the books say, as callers see it: closings, roll-forward, revenue and journal."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from api.schemas.fields import Currency, Day, Id, Integer, Schema
from api.schemas.ledger import ClosedMonthRead, Month, said, shown_month
from scheduler.domain.billing.journal import EntryKind

if TYPE_CHECKING:
    from datetime import date

    from scheduler.domain.billing.journal import Entry
    from scheduler.domain.billing.roll_forward import BalanceMonth
    from scheduler.planning.contract_books import Unpriced
    from scheduler.queries.ledger import JournalReport, RollForward
    from scheduler.usecases.ledger import Closing


class HomeRead(Schema):
    """A row of the roll-forward in the firm's currency. Exchange differences stand for bills at another rate than they were earned at."""

    opening_minor: int
    earned_minor: int
    billed_minor: int
    adjusted_minor: int
    exchange_minor: int
    closing_minor: int


class BalanceRead(Schema):
    """
    A contract's month: opening + earned - billed + adjusted = closing, in the contract's currency and, under `home`, the firm's.

    `wip_minor`: earned and not billed; `deferred_minor`: billed and not earned. `provision_minor` (by the month's end, for an expected loss)
    follows from costs, and is null without `cost:read`.
    """

    month: Month
    is_closed: bool
    opening_minor: int
    earned_minor: int
    billed_minor: int
    adjusted_minor: int
    closing_minor: int
    wip_minor: int
    deferred_minor: int
    provision_minor: int | None
    home: HomeRead


class ContractBalanceRead(Schema):
    """A contract's month that was closed."""

    contract_id: Id
    currency: Currency
    balance: BalanceRead


class UnpricedRead(Schema):
    """Approved work without a price: it is neither billed nor earned until it has one."""

    contract_id: Id
    source_id: Id
    day: Day
    reason: str
    detail: str


class ClosingRead(Schema):
    """What was kept of the month, or (`closed` is null) would be."""

    month: Month
    closed: ClosedMonthRead | None
    balances: list[ContractBalanceRead]
    entries: Integer
    unpriced: list[UnpricedRead]


class ContractMonthsRead(Schema):
    """A contract's months."""

    contract_id: Id
    contract: str
    project_id: Id
    project: str
    client_id: Id | None
    client: str | None
    currency: Currency
    months: list[BalanceRead]


class RollForwardRead(Schema):
    """Balances of contracts, month by month; months to `last_closed` are kept, later ones follow from what is known now."""

    home_currency: Currency
    last_closed: Month | None
    contracts: list[ContractMonthsRead]
    unpriced: list[UnpricedRead]


class RevenueMonthRead(Schema):
    """A month's revenue in one currency: what was earned, and adjusted by hand; `home_minor` is both in the firm's currency."""

    month: Month
    currency: Currency
    earned_minor: int
    adjusted_minor: int
    home_minor: int
    is_closed: bool


class RevenueRead(Schema):
    """Revenue by month and currency; unlike currencies are not added."""

    home_currency: Currency
    months: list[RevenueMonthRead]


class PostingRead(Schema):
    """An amount on an account, on one side; under `home` in the firm's currency."""

    account: str
    debit_minor: int
    credit_minor: int
    debit_home_minor: int
    credit_home_minor: int


class EntryRead(Schema):
    """A balanced entry; the same thing has the same id each time."""

    id: str
    kind: EntryKind
    day: Day
    text: str
    currency: Currency
    document_number: str | None
    project: str | None
    client: str | None
    postings: list[PostingRead]


class JournalRead(Schema):
    """The journal of some months."""

    home_currency: Currency
    last_closed: Month | None
    entries: list[EntryRead]


def shown_balance(row: BalanceMonth, *, is_closed: bool, sees_costs: bool) -> BalanceRead:
    """As callers see it."""
    home = HomeRead.model_construct(
        opening_minor=row.opening_home_minor,
        earned_minor=row.earned_home_minor,
        billed_minor=row.billed_home_minor,
        adjusted_minor=row.adjusted_home_minor,
        exchange_minor=row.exchange_home_minor,
        closing_minor=row.closing_home_minor,
    )
    return BalanceRead.model_construct(
        month=said(row.month),
        is_closed=is_closed,
        opening_minor=row.opening_minor,
        earned_minor=row.earned_minor,
        billed_minor=row.billed_minor,
        adjusted_minor=row.adjusted_minor,
        closing_minor=row.closing_minor,
        wip_minor=row.wip_minor,
        deferred_minor=row.deferred_minor,
        provision_minor=row.provision_minor if sees_costs else None,
        home=home,
    )


def shown_closing(found: Closing) -> ClosingRead:
    """As callers see it; whoever closes a month may see costs."""
    is_closed = found.closed is not None
    return ClosingRead.model_construct(
        month=said(found.month),
        closed=None if found.closed is None else shown_month(found.closed),
        balances=[
            ContractBalanceRead.model_construct(
                contract_id=one.contract_id,
                currency=one.currency,
                balance=shown_balance(one.row, is_closed=is_closed, sees_costs=True),
            )
            for one in found.balances
        ],
        entries=found.entries,
        unpriced=[_unpriced(one) for one in found.unpriced],
    )


def shown_roll_forward(found: RollForward) -> RollForwardRead:
    """As callers see it."""
    last = found.last_closed
    return RollForwardRead.model_construct(
        home_currency=found.home_currency,
        last_closed=None if last is None else said(last),
        contracts=[
            ContractMonthsRead.model_construct(
                contract_id=one.contract.id,
                contract=one.contract.name,
                project_id=one.contract.project_id,
                project=one.project,
                client_id=one.client_id,
                client=one.client,
                currency=one.contract.currency,
                months=[
                    shown_balance(row, is_closed=last is not None and row.month <= last, sees_costs=found.sees_costs) for row in one.rows
                ],
            )
            for one in found.contracts
        ],
        unpriced=[_unpriced(one) for one in found.unpriced],
    )


def shown_revenue(found: RollForward) -> RevenueRead:
    """Sums of the roll-forward by month and currency."""
    sums: defaultdict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in found.contracts:
        for row in one.rows:
            total = sums[row.month, one.contract.currency]
            total[0] += row.earned_minor
            total[1] += row.adjusted_minor
            total[2] += row.earned_home_minor + row.adjusted_home_minor
    months = [
        RevenueMonthRead.model_construct(
            month=said(month),
            currency=currency,
            earned_minor=earned,
            adjusted_minor=adjusted,
            home_minor=home,
            is_closed=found.last_closed is not None and month <= found.last_closed,
        )
        for (month, currency), (earned, adjusted, home) in sorted(sums.items())
    ]
    return RevenueRead.model_construct(home_currency=found.home_currency, months=months)


def shown_journal(found: JournalReport) -> JournalRead:
    """As callers see it."""
    return JournalRead.model_construct(
        home_currency=found.home_currency,
        last_closed=None if found.last_closed is None else said(found.last_closed),
        entries=[_entry(one) for one in found.entries],
    )


def _entry(one: Entry) -> EntryRead:
    return EntryRead.model_construct(
        id=one.id,
        kind=one.kind,
        day=one.date,
        text=one.text,
        currency=one.about.currency,
        document_number=one.about.document_number,
        project=one.about.project,
        client=one.about.client,
        postings=[
            PostingRead.model_construct(
                account=posting.account,
                debit_minor=posting.debit_minor,
                credit_minor=posting.credit_minor,
                debit_home_minor=max(0, posting.worth.home),
                credit_home_minor=max(0, -posting.worth.home),
            )
            for posting in one.postings
        ],
    )


def _unpriced(one: Unpriced) -> UnpricedRead:
    return UnpricedRead.model_construct(
        contract_id=one.contract_id, source_id=one.source_id, day=one.day, reason=one.reason, detail=one.detail
    )

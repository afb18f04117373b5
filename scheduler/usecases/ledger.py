"""Closing months of the books, taking over balances from other books, and adjusting revenue by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.billing.ledger import ClosedMonth, ContractOpening, RevenueAdjustment, chain_hash, content_hash
from scheduler.domain.billing.months import month_of
from scheduler.domain.billing.roll_forward import check_closable
from scheduler.domain.ground.access import require
from scheduler.domain.ground.ids import ClosedMonthId, new_id
from scheduler.domain.ground.permissions import COST_READ, LEDGER_CLOSE
from scheduler.planning.contract_books import contract_books
from scheduler.planning.month_closing import Balance, reckoned_month
from scheduler.store import retried
from scheduler.store.areas.ledger import CLOSED_MONTH_AREA, CONTRACT_OPENING_AREA, REVENUE_ADJUSTMENT_AREA
from scheduler.store.history import last_recorded
from scheduler.store.ledger_reading import charted, read_ledger, read_payments
from scheduler.store.ledger_rows import balance_row, closed_entries, hold_books, keep_closed, kept_rows, posting_rows, require_month_open
from scheduler.store.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from scheduler.domain.billing.journal import Entry
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.planning.contract_books import Unpriced
    from scheduler.store import Store, Transaction

MONTHS = CLOSED_MONTH_AREA.name
OPENINGS = CONTRACT_OPENING_AREA.name
ADJUSTMENTS = REVENUE_ADJUSTMENT_AREA.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What closing a month keeps, or (``closed`` is ``None``) would keep."""

    month: date
    closed: ClosedMonth | None
    balances: tuple[Balance, ...]
    entries: int
    unpriced: tuple[Unpriced, ...]
    """Approved work without a price: it is not earned, and will be in the month in which it gets one."""


class _OnlyTried(Exception):  # noqa: N818 - not an error: it rolls a dry run back
    def __init__(self, closing: Closing) -> None:
        super().__init__()
        self.closing = closing


@retried
def close_month(
    store: Store, *, actor: Actor, month: date, now: datetime, dry_run: bool = False, idempotency: IdempotencyClaim | None = None
) -> Closing:
    """
    Keep the month's balances and journal for good; what is learnt of it later counts in the first open month.

    Whoever issues something or dates an adjustment just now is waited for; who comes later is refused a day of the month. Needs
    ``cost:read`` too: provisions follow from costs.

    Raises
    ------
    DomainError
        ``month.closed``, ``month.not_over``, ``month.earlier_open``, ``rate.exchange_missing`` (CONFLICT); ``access.denied``.
    """
    try:
        with store.begin(actor, now=now, idempotency=None if dry_run else idempotency) as tx:
            require(actor, LEDGER_CLOSE)
            require(actor, COST_READ)
            hold_books(tx.connection)
            closing = _close(tx, month)
            if dry_run:
                raise _OnlyTried(closing)
            return tx.answer(closing)
    except _OnlyTried as tried:
        return Closing(
            month=month,
            closed=None,
            balances=tried.closing.balances,
            entries=tried.closing.entries,
            unpriced=tried.closing.unpriced,
        )


@retried
def take_over(
    store: Store, *, actor: Actor, value: ContractOpening, now: datetime, idempotency: IdempotencyClaim | None = None
) -> ContractOpening:
    """Take over a contract's balance from other books. Raises DomainError ``access.denied``, ``reference.not_found``, ``month.closed``."""
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        require_month_open(tx.connection, value.month)
        added: ContractOpening = tx.area(OPENINGS).add(value)
        return tx.answer(added)


@retried
def give_back(store: Store, *, actor: Actor, opening_id: str, version: int, now: datetime) -> None:
    """
    Delete an opening balance as long as its month is open.

    Raises DomainError ``record.not_found``, ``access.denied``, ``version.stale``, ``month.closed``.
    """
    with store.begin(actor, now=now) as tx:
        openings = tx.area(OPENINGS)
        openings.require_delete(opening_id)
        found: ContractOpening = openings.get(opening_id)
        require_month_open(tx.connection, found.month)
        openings.delete(opening_id, version)


@retried
def adjust_revenue(
    store: Store, *, actor: Actor, value: RevenueAdjustment, now: datetime, idempotency: IdempotencyClaim | None = None
) -> RevenueAdjustment:
    """
    Add to a contract's revenue and balance, or take away from it, on a day of an open month. It stays: its opposite takes it back.

    Raises DomainError ``access.denied``, ``reference.not_found``, ``month.closed``.
    """
    with store.begin(actor, now=now, idempotency=idempotency) as tx:
        require_month_open(tx.connection, value.day)
        added: RevenueAdjustment = tx.area(ADJUSTMENTS).add(value)
        return tx.answer(added)


def _close(tx: Transaction, month: date) -> Closing:
    """Reckoned as of one instant, which is kept: so the month can be reckoned anew, and shows nothing that came about meanwhile."""
    known_at = last_recorded(tx.connection)
    everything = View(tx.connection, tx.actor, as_of=known_at).unrestricted
    rows = read_ledger(everything, on=tx.now.date())
    books, unpriced = contract_books(rows, until=month)
    taken_over = [month_of(one.entered_on) for one in rows.documents if one.head.is_taken_over and rows.last_closed is None]
    first = min((*(book.first_open(None) for book in books if not book.closed), *taken_over), default=None)
    check_closable(month, closed=() if rows.last_closed is None else (rows.last_closed,), first=first, today=tx.now.date())
    balances, entries = reckoned_month(
        rows,
        books,
        documents=charted(rows),
        payments=read_payments(everything),
        kept=closed_entries(tx.connection),
        last_closed=rows.last_closed,
        month=month,
    )
    closed = _keep(tx, month, balances, entries, before=rows.last_closed, known_at=known_at)
    return Closing(month=month, closed=closed, balances=balances, entries=len(entries), unpriced=unpriced)


def _keep(
    tx: Transaction, month: date, balances: Sequence[Balance], entries: Sequence[Entry], *, before: date | None, known_at: datetime
) -> ClosedMonth:
    made = [balance_row(month, one.contract_id, one.currency, one.row) for one in balances]
    postings = posting_rows(month, entries)
    content = content_hash(month, made, postings)
    earlier: Sequence[ClosedMonth] = () if before is None else tx.unrestricted.area(MONTHS).matching(month=before)
    chain = chain_hash(earlier[0].chain_sha256 if earlier else None, content)
    head = ClosedMonth(
        id=ClosedMonthId(new_id()),
        month=month,
        closed_at=tx.now,
        closed_by=tx.actor.id,
        known_at=known_at,
        content_sha256=content,
        chain_sha256=chain,
    )
    added: ClosedMonth = tx.area(MONTHS).add(head)
    keep_closed(tx.connection, balances=made, postings=postings)
    if content_hash(month, *kept_rows(tx.connection, month)) != content:
        raise RuntimeError(f"the rows of {month} are not kept as they were made")
    return added

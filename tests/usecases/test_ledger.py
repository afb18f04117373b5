"""Closing months of the books, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.ledger import ContractOpening, RevenueAdjustment
from scheduler.domain.ground.access import LOCAL, Actor
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ActorId, AdjustmentId, ContractId, OpeningId, new_id
from scheduler.domain.ground.permissions import Role
from scheduler.usecases.ledger import Closing, adjust_revenue, close_month, give_back, take_over
from tests.ledger_firm import APR, FEB, JAN, MAR, NOW, fill_books, issue, log_time, make_books, make_milestone, void

if TYPE_CHECKING:
    from scheduler.store import Store

FINANCE = Actor(id=ActorId("fin"), name="Fin", role=Role.FINANCE)


@pytest.fixture
def books(store: Store) -> Store:
    """Two months of work and bills, see ``fill_books``."""
    fill_books(store)
    return store


def close(store: Store, month: date, **more: Any) -> Closing:
    return close_month(store, actor=FINANCE, month=month, **{"now": NOW, **more})


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(DomainError) as caught:
        call(*args, **kwargs)
    return caught.value.code


def row(closing: Closing, contract: str) -> tuple[int, ...]:
    """Opening, earned, billed, adjusted and closing."""
    (found,) = [one.row for one in closing.balances if one.contract_id == contract]
    return (found.opening_minor, found.earned_minor, found.billed_minor, found.adjusted_minor, found.closing_minor)


def home(closing: Closing, contract: str) -> tuple[int, ...]:
    """The same in the firm's currency, with exchange differences before the closing."""
    (found,) = [one.row for one in closing.balances if one.contract_id == contract]
    return (
        found.opening_home_minor,
        found.earned_home_minor,
        found.billed_home_minor,
        found.adjusted_home_minor,
        found.exchange_home_minor,
        found.closing_home_minor,
    )


def adjustment(contract: str, day: date, amount: int) -> RevenueAdjustment:
    return RevenueAdjustment(
        id=AdjustmentId(new_id()),
        contract_id=ContractId(contract),
        day=day,
        amount_minor=amount,
        reason="By hand",
        made_at=NOW,
        made_by=FINANCE.id,
    )


def test_a_month_is_closed_with_what_was_earned_and_billed(books: Store) -> None:
    """
    Alpha: 1,000.00 earned, 400.00 billed: 600.00 of WIP; in February 500.00 earned, 1,100.00 billed: nothing is left.

    Beta: 4,000.00 earned by a milestone, nothing billed. Gamma: 2,000.00 USD earned, worth 1,800.00 at 0.90; billed in February at 0.80, so
    200.00 are lost by exchange.
    """
    january, february = close(books, JAN), close(books, FEB)
    assert row(january, "alpha") == (0, 100_000, 40_000, 0, 60_000)
    assert row(february, "alpha") == (60_000, 50_000, 110_000, 0, 0)
    assert row(january, "beta") == (0, 400_000, 0, 0, 400_000)
    assert row(february, "gamma") == (200_000, 0, 200_000, 0, 0)
    assert home(january, "gamma") == (0, 180_000, 0, 0, 0, 180_000)
    assert home(february, "gamma") == (180_000, 0, 160_000, 0, -20_000, 0)
    assert january.unpriced == ()


def test_months_are_closed_one_after_the_other_and_once(books: Store) -> None:
    """Not before they are over, not February before January, not twice, and by nobody without the right."""
    assert refused(close, books, FEB) == "month.earlier_open"
    assert refused(close, books, JAN, now=datetime(2025, 1, 31, 12, tzinfo=UTC)) == "month.not_over"
    close(books, JAN)
    assert refused(close, books, JAN) == "month.closed"
    manager = replace(FINANCE, role=Role.PROJECT_MANAGER)
    assert refused(close_month, books, actor=manager, month=FEB, now=NOW) == "access.denied"
    without_costs = replace(FINANCE, scopes=frozenset({"ledger:close", "closed_months:create"}))
    assert refused(close_month, books, actor=without_costs, month=FEB, now=NOW) == "access.denied"


def test_trying_closes_nothing(books: Store) -> None:
    """A dry run says what would be kept, and keeps nothing."""
    tried = close(books, JAN, dry_run=True)
    assert tried.closed is None
    done = close(books, JAN)
    assert tried.balances == done.balances
    assert (tried.entries, done.closed is None) == (done.entries, False)


def test_what_is_learnt_late_counts_in_the_first_open_month(books: Store) -> None:
    """3 h of January are approved after January was closed: February has them, beside its own 5 h."""
    close(books, JAN)
    log_time(books, "late", date(2025, 1, 20), hours=3)
    assert row(close(books, FEB), "alpha") == (60_000, 80_000, 110_000, 0, 30_000)


def test_nothing_is_dated_into_a_closed_month(books: Store) -> None:
    """No document is issued there, no balance taken over and no revenue adjusted; an open day will do."""
    close(books, JAN)
    assert refused(issue, books, "i9", date(2025, 1, 31), amount=100) == "month.closed"
    assert refused(adjust_revenue, books, actor=FINANCE, value=adjustment("alpha", date(2025, 1, 31), 5), now=NOW) == "month.closed"
    opening = ContractOpening(id=OpeningId("o"), contract_id=ContractId("alpha"), month=JAN, earned_minor=1, billed_minor=0, home_minor=1)
    assert refused(take_over, books, actor=FINANCE, value=opening, now=NOW) == "month.closed"
    adjust_revenue(books, actor=FINANCE, value=adjustment("alpha", FEB, -1_000), now=NOW)
    assert row(close(books, FEB), "alpha") == (60_000, 50_000, 110_000, -1_000, -1_000)


def test_a_void_counts_on_its_day(books: Store) -> None:
    """January's bill is made void in April, when January is closed: its 400.00 are WIP again then, and January stays."""
    close(books, JAN)
    void(books, "i1", at=datetime(2025, 4, 5, tzinfo=UTC))
    may = datetime(2025, 5, 2, tzinfo=UTC)
    for month in (FEB, MAR):
        assert row(close(books, month, now=may), "alpha")[-1] == 0
    assert row(close(books, APR, now=may), "alpha") == (0, 0, -40_000, 0, 40_000)


def test_a_balance_of_other_books_is_the_first(store: Store) -> None:
    """Work and bills before February are in what was taken over; it can be deleted until its month is closed."""
    make_books(store)
    log_time(store, "a1", date(2025, 1, 11), hours=4)
    log_time(store, "a2", date(2025, 2, 11), hours=1)
    opening = ContractOpening(
        id=OpeningId("o"), contract_id=ContractId("alpha"), month=FEB, earned_minor=90_000, billed_minor=50_000, home_minor=40_000
    )
    take_over(store, actor=FINANCE, value=opening, now=NOW)
    assert row(close(store, JAN, dry_run=True), "beta") == (0, 400_000, 0, 0, 400_000)
    close(store, JAN)
    assert row(close(store, FEB), "alpha") == (40_000, 10_000, 0, 0, 50_000)
    assert refused(give_back, store, actor=FINANCE, opening_id="o", version=1, now=NOW) == "month.closed"


def test_an_opening_of_an_open_month_can_be_deleted(store: Store) -> None:
    """By whoever may, in the version that they saw."""
    make_books(store)
    opening = ContractOpening(id=OpeningId("o"), contract_id=ContractId("alpha"), month=FEB, earned_minor=9, billed_minor=5, home_minor=4)
    take_over(store, actor=FINANCE, value=opening, now=NOW)
    assert refused(give_back, store, actor=FINANCE, opening_id="o", version=2, now=NOW) == "version.stale"
    give_back(store, actor=FINANCE, opening_id="o", version=1, now=NOW)
    with store.read(LOCAL) as view:
        assert view.area("contract_openings").all() == ()


def test_a_credit_of_a_part_takes_revenue_back(books: Store) -> None:
    """100.00 are credited of January's bill on a day of February, and its work stays billed: 100.00 less are earned and billed."""
    issue(books, "c1", date(2025, 2, 5), credits_id="i1", amount=10_000)
    close(books, JAN)
    assert row(close(books, FEB), "alpha") == (60_000, 40_000, 100_000, 0, 0)


def test_a_milestone_of_a_fixed_price_is_billed_and_reached(books: Store) -> None:
    """Beta's first milestone is billed in March, and so is a second that is reached then: no balance is left of 10,000.00."""
    with books.begin(LOCAL, now=NOW) as tx:
        second = tx.area("charges").get("build")
        tx.area("charges").save(replace(make_milestone("build", 600_000, reached=date(2025, 3, 20)), version=second.version))
    issue(books, "b1", date(2025, 3, 31), contract="beta", charges={"design": 400_000, "build": 600_000})
    for month in (JAN, FEB):
        close(books, month)
    assert row(close(books, MAR), "beta") == (400_000, 600_000, 1_000_000, 0, 0)

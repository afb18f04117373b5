"""What the books and reports of billing tell whoever may not see costs or prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.charges import Charge, ChargeKind
from scheduler.domain.billing.contracts import ContractKind
from scheduler.domain.billing.runs import RunScope
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ChargeId, ContractId
from scheduler.domain.ground.paging import PageRequest
from scheduler.queries.contracts import contract_status
from scheduler.queries.invoice_proposals import propose_invoices
from scheduler.queries.ledger import Months, journal_report, roll_forward_report
from scheduler.queries.profitability import Dimension, profit_rows, profitability
from scheduler.queries.receivables import receivables_report
from scheduler.queries.records import list_records
from scheduler.queries.unbilled import unbilled_work
from tests.billing_firm import FINANCE, NOW, TODAY, UNTIL, draft, fill, issue, log, make_contract, make_entry, pay

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.store import Store

BLIND = replace(FINANCE, scopes=FINANCE.rights() - {"cost:read"})
PRICELESS = replace(FINANCE, scopes=FINANCE.rights() - {"price:read"})
MARCH = Months(first=date(2027, 3, 1), last=date(2027, 3, 1))
REPORTS: dict[str, Callable[..., Any]] = {
    "roll_forward": partial(roll_forward_report, months=MARCH, today=TODAY),
    "journal": partial(journal_report, months=MARCH, today=TODAY),
    "receivables": partial(receivables_report, on=TODAY),
    "unbilled": partial(unbilled_work, days=0, now=NOW),
    "proposals": partial(propose_invoices, scope=RunScope(until=UNTIL), now=NOW),
    "profitability": partial(profitability, first=UNTIL, last=UNTIL, by=Dimension.PROJECT, today=TODAY),
    "profit_rows": partial(profit_rows, first=UNTIL, last=UNTIL, by=Dimension.PROJECT, key="alpha"),
}


def denied(act: Callable[..., Any]) -> bool:
    try:
        act()
    except DomainError as error:
        return error.code == "access.denied"
    return False


@pytest.mark.parametrize("report", sorted(REPORTS))
def test_reports_of_prices_need_the_right_to_see_prices(store: Store, report: str) -> None:
    """A token of finance without price:read is refused what anybody with it reads."""
    fill(store)
    REPORTS[report](store, actor=FINANCE)
    assert denied(partial(REPORTS[report], store, actor=PRICELESS))


def test_books_tell_no_costs_of_contracts_that_bill_these(store: Store) -> None:
    """An hour at a cost of 50 and a markup of 20 %, issued: without cost:read neither its revenue, nor its entries, nor what is owed are told."""
    fill(store, alpha=make_contract(kind=ContractKind.COST_PLUS, markup=Decimal("0.2")))
    log(store, make_entry("e1"), make_entry("b1", project="beta"))
    billed = issue(store, draft(store))
    issue(store, draft(store, "beta"))
    with_costs = roll_forward_report(store, actor=FINANCE, months=MARCH, today=TODAY)
    assert {one.contract.id: one.rows[-1].earned_minor for one in with_costs.contracts if one.contract.id != "c-gamma"} == {
        "c-alpha": billed.net_minor,
        "c-beta": 100_00,
    }
    without = roll_forward_report(store, actor=BLIND, months=MARCH, today=TODAY)
    assert "c-alpha" not in {one.contract.id for one in without.contracts}
    assert "c-beta" in {one.contract.id for one in without.contracts}
    assert denied(partial(journal_report, store, actor=BLIND, months=MARCH, today=TODAY))
    owed = [
        sum(worth.minor for worth in one["EUR"].values())
        for one in (receivables_report(store, actor=who, on=TODAY).totals for who in (FINANCE, BLIND))
    ]
    assert owed == [billed.gross_minor + 119_00, 119_00]


def test_payments_of_what_tells_costs_need_the_right_to_see_costs(store: Store) -> None:
    """What was paid on a cost-plus invoice is what costs came to: without cost:read the payment is not there, now or as of an earlier instant."""
    fill(store, alpha=make_contract(kind=ContractKind.COST_PLUS, markup=Decimal("0.2")))
    log(store, make_entry("e1"), make_entry("b1", project="beta"))
    for project in ("alpha", "beta"):
        pay(store, issue(store, draft(store, project)), 10_00)
    for as_of in (None, datetime.now(UTC) + timedelta(days=365)):
        seen = [list_records(store, actor=who, area="payments", page=PageRequest(), as_of=as_of).items for who in (FINANCE, BLIND)]
        assert [len(items) for items in seen] == [2, 1]


def test_what_is_left_of_a_deposit_tells_no_costs(store: Store) -> None:
    """Under a cost-plus contract the deposit less what is left is what costs came to: it is for whoever sees these."""
    fill(store, alpha=make_contract(kind=ContractKind.COST_PLUS, markup=Decimal("0.2")))
    deposit = Charge(
        id=ChargeId("ch"),
        contract_id=ContractId("c-alpha"),
        kind=ChargeKind.DEPOSIT,
        name="Before",
        due_on=date(2027, 1, 1),
        amount_minor=500_00,
    )
    with store.begin(LOCAL, now=NOW) as tx:
        tx.area("charges").add(deposit)
    issue(store, draft(store))
    log(store, make_entry("e1"))
    issue(store, draft(store))
    seen = [contract_status(store, actor=who, contract_id="c-alpha", on=TODAY).deposits_left_minor for who in (FINANCE, BLIND)]
    assert seen == [440_00, None]


def test_a_foreign_contract_needs_no_rate_before_something_is_earned(store: Store) -> None:
    """Agreed in USD, with no exchange rate and no work yet: it stops nobody from reading the books of all; the first hour has to be worth something."""
    fill(store, alpha=make_contract(currency="USD", blended_rate=Decimal(90)))
    found = roll_forward_report(store, actor=FINANCE, months=MARCH, today=TODAY)
    assert {one.contract.id for one in found.contracts} == {"c-alpha", "c-beta", "c-gamma"}
    log(store, make_entry("e1"))
    with pytest.raises(DomainError) as caught:
        roll_forward_report(store, actor=FINANCE, months=MARCH, today=TODAY)
    assert caught.value.code == "rate.exchange_missing"

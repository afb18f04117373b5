"""What an hour is priced at, and the trail that says why."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.bill_rates import RateCard
from scheduler.domain.ground.billable import BillableItem, BillableKind
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.exchange import Exchange, ExchangeRate
from scheduler.domain.ground.ids import ActivityTypeId, ClientId, ExchangeRateId, PersonId, ProjectId
from scheduler.domain.ground.pricing import CostRate, DemandPrice, PriceBook, Priced, PriceTerms, price_of_time
from tests.factories import make_bill_rate

if TYPE_CHECKING:
    from scheduler.domain.ground.bill_rates import BillRate

DAY = date(2027, 3, 1)
EUROS = PriceTerms(currency="EUR", contract_id="c", contract_version=4)
DOLLARS = PriceTerms(currency="USD", contract_id="c", contract_version=4)
OWN = DemandPrice(id="lead", version=7, rate=Decimal("99.5"))
COST = CostRate(person_id="ann", person_version=3, rate=Decimal("61.3333"))


def book(*rates: BillRate) -> PriceBook:
    dollars = ExchangeRate(id=ExchangeRateId("usd"), currency="USD", day=DAY, rate=Decimal("0.9"), source="ECB", version=2)
    card = RateCard(rates, home="EUR", clients={ProjectId("alpha"): ClientId("acme")})
    return PriceBook(card=card, exchange=Exchange([dollars], home="EUR"))


def item(**changes: Any) -> BillableItem:
    given: dict[str, Any] = {
        "kind": BillableKind.TIME,
        "id": "e",
        "project_id": ProjectId("alpha"),
        "person_id": PersonId("ann"),
        "day": DAY,
    }
    return BillableItem(**{**given, "minutes": 60, "grade": "senior", **changes})


def rules(priced: Priced) -> list[tuple[str, str, int]]:
    return [(step.rule, step.row_id, step.row_version) for step in priced.trail]


def test_the_contracts_rate_comes_before_the_demands_and_that_before_the_bill_rates() -> None:
    """Each in its turn once the one above it is not there; the trail names the row and its version."""
    rates = book(make_bill_rate(80, rate_id="r", version=5))
    blended = PriceTerms(currency="EUR", contract_id="c", contract_version=4, blended_rate=Decimal(120))
    first = price_of_time(item(), terms=blended, book=rates, demand=OWN)
    second = price_of_time(item(), terms=EUROS, book=rates, demand=OWN)
    third = price_of_time(item(), terms=EUROS, book=rates)
    assert [one.rate for one in (first, second, third)] == [Decimal(120), Decimal("99.5"), Decimal(80)]
    assert rules(first) == [("contract.blended_rate", "c", 4)]
    assert rules(second) == [("demand.bill_rate", "lead", 7)]
    assert rules(third) == [("bill_rate", "r", 5)]
    assert third.trail[0].figures == {"rate": "80", "currency": "EUR"}


def test_a_free_demand_and_a_free_contract_are_prices() -> None:
    """A rate of 0 is a rate: what stands below it does not count."""
    rates = book(make_bill_rate(80))
    free = PriceTerms(currency="EUR", blended_rate=Decimal(0))
    assert price_of_time(item(), terms=free, book=rates).rate == 0
    assert price_of_time(item(), terms=EUROS, book=rates, demand=DemandPrice(id="d", version=1, rate=Decimal(0))).rate == 0


def test_a_rate_in_the_firms_currency_never_prices_a_foreign_contract() -> None:
    """Neither the demand's own nor a bill rate; one in the contract's currency does."""
    home, foreign = make_bill_rate(80), make_bill_rate(95, currency="USD", rate_id="usd")
    with pytest.raises(DomainError, match=r"rate\.missing"):
        price_of_time(item(), terms=DOLLARS, book=book(home), demand=OWN)
    found = price_of_time(item(), terms=DOLLARS, book=book(home, foreign), demand=OWN)
    assert (found.rate, found.currency, rules(found)) == (Decimal(95), "USD", [("bill_rate", "usd", 0)])


def test_the_demands_grade_comes_before_the_persons() -> None:
    """Who does a senior's work is billed as one."""
    rates = book(make_bill_rate(80, grade="senior"), make_bill_rate(60, grade="junior"))
    assert price_of_time(item(grade="junior"), terms=EUROS, book=rates).rate == 60
    assert price_of_time(item(grade="junior"), terms=EUROS, book=rates, demand=DemandPrice(id="d", version=1, grade="senior")).rate == 80


def test_activities_have_rates_of_their_own() -> None:
    """Travel at half the price, on that client's projects alone."""
    rates = book(make_bill_rate(80), make_bill_rate(40, activity_type_id="travel", client_id="acme"))
    assert price_of_time(item(), terms=EUROS, book=rates).rate == 80
    assert price_of_time(item(activity_type_id=ActivityTypeId("travel")), terms=EUROS, book=rates).rate == 40


def test_costs_with_a_markup() -> None:
    """61.3333 x 1.15 is 70.533295, billed as 70.5333; in dollars 78.37032777... as 78.3703."""
    markup: dict[str, Any] = {"markup": Decimal("0.15"), "contract_id": "c", "contract_version": 4}
    euros = price_of_time(item(), terms=PriceTerms(currency="EUR", **markup), book=book(make_bill_rate(80)), demand=OWN, cost=COST)
    assert (euros.rate, rules(euros)) == (Decimal("70.5333"), [("person.cost_rate", "ann", 3), ("contract.markup", "c", 4)])
    dollars = price_of_time(item(), terms=PriceTerms(currency="USD", **markup), book=book(), cost=COST)
    assert (dollars.rate, rules(dollars)[-1]) == (Decimal("78.3703"), ("exchange_rate", "usd", 2))
    with pytest.raises(DomainError, match=r"rate\.missing"):
        price_of_time(item(), terms=PriceTerms(currency="EUR", **markup), book=book(make_bill_rate(80)))
    early = item(day=DAY - timedelta(days=1))
    with pytest.raises(DomainError, match=r"rate\.exchange_missing"):
        price_of_time(early, terms=PriceTerms(currency="USD", **markup), book=book(), cost=COST)


def test_what_has_no_price_is_named() -> None:
    """The refusal says which day, person and grade, and what would help."""
    with pytest.raises(DomainError, match=r"rate\.missing") as refusal:
        price_of_time(item(), terms=EUROS, book=book(make_bill_rate(80, grade="junior")))
    assert refusal.value.facts == {
        "day": "2027-03-01",
        "person_id": "ann",
        "grade": "senior",
        "project_id": "alpha",
        "currency": "EUR",
    }
    assert all(word in refusal.value.detail for word in ("2027-03-01", "ann", "senior", "EUR"))


_RATES = st.one_of(st.none(), st.integers(0, 9).map(Decimal))


@given(
    blended=_RATES,
    own=_RATES,
    card=_RATES,
    markup=st.one_of(st.none(), st.sampled_from([Decimal(0), Decimal("0.5")])),
    currency=st.sampled_from(["EUR", "USD"]),
    rate_currency=st.sampled_from([None, "EUR", "USD"]),
    cost=_RATES,
)
def test_the_price_is_that_of_the_first_rule_that_is_there(
    *,
    blended: Decimal | None,
    own: Decimal | None,
    card: Decimal | None,
    markup: Decimal | None,
    currency: str,
    rate_currency: str | None,
    cost: Decimal | None,
) -> None:
    """Against the table of the how-to, written out."""
    table = [
        None if cost is None or markup is None else cost * (1 + markup),
        blended if markup is None else None,
        own if markup is None and currency == "EUR" else None,
        card if markup is None and (rate_currency or "EUR") == currency else None,
    ]
    expected = next((rate for rate in table if rate is not None), None)
    asked: dict[str, Any] = {
        "terms": PriceTerms(currency=currency, blended_rate=blended, markup=markup),
        "book": book(*([] if card is None else [make_bill_rate(str(card), currency=rate_currency)])),
        "demand": DemandPrice(id="d", version=1, rate=own),
        "cost": None if cost is None else CostRate(person_id="ann", person_version=1, rate=cost),
    }
    if expected is None:
        with pytest.raises(DomainError, match=r"rate\.missing"):
            price_of_time(item(), **asked)
    else:
        found = price_of_time(item(), **asked)
        exact = expected / Decimal("0.9") if markup is not None and currency == "USD" else expected
        assert abs(found.rate - exact) <= Decimal("0.00005")  # type: ignore[operator]
        assert found.currency == currency

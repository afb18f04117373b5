"""Minutes that are billed, and amounts that are made of them and parted again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.amounts import main_units, parted, time_minor
from scheduler.domain.billing.contracts import ContractKind, LineDetail, Rounding, RoundingMode, RoundingScope
from scheduler.domain.billing.pricing import bill
from scheduler.domain.billing.rounding import billed_minutes, rounded
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import PersonId
from scheduler.domain.ground.pricing import hourly
from tests.domain.billing.contract_factories import START, at, make_contract, make_work, spent, told, worked

if TYPE_CHECKING:
    from scheduler.domain.ground.billable import BillableItem

roundings = st.builds(
    Rounding,
    step_min=st.sampled_from([1, 5, 6, 15, 30, 60, 480]),
    mode=st.sampled_from(RoundingMode),
    minimum_min=st.sampled_from([0, 0, 10, 15, 45]),
    scope=st.sampled_from(RoundingScope),
)


@st.composite
def some_work(draw: st.DrawFn) -> list[BillableItem]:
    """Entries of few people on few days, so that some are rounded together."""
    count = draw(st.integers(1, 12))
    return [
        worked(
            f"e{number}",
            START + timedelta(days=draw(st.integers(0, 3))),
            draw(st.integers(1, 700)),
            person_id=PersonId(draw(st.sampled_from(["anna", "ben"]))),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("mode", "minutes", "billed"),
    [
        *((RoundingMode.UP, *pair) for pair in ((0, 0), (1, 15), (15, 15), (16, 30), (30, 30))),
        *((RoundingMode.DOWN, *pair) for pair in ((0, 0), (14, 0), (15, 15), (29, 15), (30, 30))),
        *((RoundingMode.NEAREST, *pair) for pair in ((7, 0), (8, 15), (15, 15), (22, 15), (23, 30))),
    ],
)
def test_a_quarter_of_an_hour(mode: RoundingMode, minutes: int, billed: int) -> None:
    """Up, down or to the nearest quarter."""
    assert rounded(minutes, Rounding(step_min=15, mode=mode)) == billed


def test_halves_go_up() -> None:
    """Half of an even step is nearer to nothing, so it goes up."""
    assert [rounded(minutes, Rounding(step_min=10, mode=RoundingMode.NEAREST)) for minutes in (4, 5, 14, 15)] == [0, 10, 10, 20]


def test_the_minimum_counts_for_what_is_less() -> None:
    """A call of a minute is billed as half an hour, one of 31 by the step."""
    rounding = Rounding(step_min=6, minimum_min=30)
    assert [rounded(minutes, rounding) for minutes in (1, 30, 31)] == [30, 30, 36]


@given(minutes=st.integers(0, 2_000), rounding=roundings)
def test_what_is_billed_of_one_thing(minutes: int, rounding: Rounding) -> None:
    """Up never bills less than was recorded nor a whole step more, down never more; the nearest is at most half a step away."""
    billed = rounded(minutes, rounding)
    step = rounding.step_min
    if billed > rounding.minimum_min or rounding.minimum_min == 0:
        assert billed % step == 0
        bounds = {RoundingMode.UP: (0, step - 1), RoundingMode.DOWN: (1 - step, 0), RoundingMode.NEAREST: (-(step - 1) // 2, step // 2)}
        least, most = bounds[rounding.mode]
        assert least <= billed - minutes <= most
    else:
        assert billed == rounding.minimum_min


@given(items=some_work(), rounding=roundings)
def test_what_is_rounded_together_adds_up(items: list[BillableItem], rounding: Rounding) -> None:
    """Each entry, each day of a person or each line is rounded once; its entries' billed minutes make it, and the recorded ones stay."""
    recorded = [item.minutes for item in items]
    billed = billed_minutes(items, rounding, lambda item: item.person_id)
    assert [item.minutes for item in items] == recorded
    assert all(minutes >= 0 for minutes in billed)
    groups: dict[object, list[tuple[int, int]]] = {}
    for item, minutes in zip(items, billed, strict=True):
        by_day = (item.person_id, item.day)
        key = {RoundingScope.ENTRY: item.id, RoundingScope.DAY: by_day, RoundingScope.LINE: item.person_id}[rounding.scope]
        groups.setdefault(key, []).append((item.minutes, minutes))
    for group in groups.values():
        assert sum(minutes for _, minutes in group) == rounded(sum(minutes for minutes, _ in group), rounding)


@given(amount=st.integers(-10_000, 10_000), weights=st.lists(st.integers(0, 500), min_size=1, max_size=12))
def test_parts_make_the_whole(amount: int, weights: list[int]) -> None:
    """They add up exactly; each is less than one minor unit from its share; where nothing weighs anything all weigh alike."""
    found = parted(amount, weights)
    assert sum(found) == amount
    whole = sum(weights)
    for part, weight in zip(found, weights, strict=True):
        share = Fraction(amount * weight, whole) if whole else Fraction(amount, len(weights))
        assert abs(part - share) < 1


def test_parts_by_largest_remainder() -> None:
    """What is left over goes to those that were cut most, and among equals to the first."""
    assert parted(100, [1, 1, 1]) == (34, 33, 33)
    assert parted(-100, [1, 1, 1]) == (-34, -33, -33)
    assert parted(10, [0, 0]) == (5, 5)
    assert parted(7, [5, 3, 2]) == (4, 2, 1)  # 3.5, 2.1, 1.4
    assert parted(0, []) == ()
    with pytest.raises(ValueError, match="weights"):
        parted(1, [])
    with pytest.raises(ValueError, match="weights"):
        parted(1, [2, -1])


@given(
    minutes=st.integers(0, 100_000),
    rate=st.decimals(min_value=0, max_value=5_000, places=4),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_time_is_rounded_once_half_up(minutes: int, rate: Decimal, currency: str) -> None:
    """An amount is within half a minor unit of minutes times rate, and never further."""
    exact = Fraction(rate) * minutes / 60 * {"EUR": 100, "JPY": 1, "KWD": 1000}[currency]
    found = time_minor(minutes, rate, currency)
    assert -Fraction(1, 2) < found - exact <= Fraction(1, 2)


def test_m05_arithmetic_leaves_no_residue() -> None:
    """0.1 + 0.2, 3 x 33.33, a third of an hour at 100.00, seven lines of 0.005: as docs/how-to/contracts.md has them."""
    by_entry = make_contract(detail=LineDetail.ENTRY)
    day = date(2026, 1, 5)
    tenths = make_work(by_entry, spent("a", day, 10), spent("b", day, 20))
    assert bill(tenths, since=None, until=day).net_minor == 30
    thrice = make_work(by_entry, *(worked(name, day, 60) for name in "abc"), rate_of=at(("anna", "33.33")))
    assert bill(thrice, since=None, until=day).net_minor == 9_999
    third = make_work(by_entry, worked("a", day, 20))
    assert bill(third, since=None, until=day).net_minor == 3_333
    three_thirds = make_work(make_contract(), *(worked(name, day, 20) for name in "abc"))
    assert bill(three_thirds, since=None, until=day).net_minor == 10_000
    assert [item.net_minor for item in bill(three_thirds, since=None, until=day).items] == [3_334, 3_333, 3_333]
    halves = make_work(by_entry, *(worked(name, day, 60) for name in "abcdefg"), rate_of=at(("anna", "0.005")))
    assert bill(halves, since=None, until=day).net_minor == 7  # each 0.005 line is 0.01
    together = make_work(make_contract(), *(worked(name, day, 60) for name in "abcdefg"), rate_of=at(("anna", "0.005")))
    assert bill(together, since=None, until=day).net_minor == 4  # 7 h x 0.005 = 0.035 -> 0.04


@pytest.mark.parametrize(("currency", "net", "price"), [("JPY", 33, "33"), ("EUR", 3_333, "33.33"), ("KWD", 33_333, "33.333")])
def test_m08_amounts_have_the_places_of_the_currency(currency: str, net: int, price: str) -> None:
    """A third of an hour at 100 is 33 yen, 33.33 euros or 33.333 dinars; an expense is printed with as many places."""
    contract = make_contract(currency=currency)
    work = make_work(contract, worked("a", START, 20), spent("x", START, net), rate_of=at(("anna", "100"), currency=currency))
    found = bill(work, since=None, until=START)
    assert [line.net_minor for line in found.lines] == [net, net]
    assert found.lines[1].unit_price == Decimal(price) == main_units(net, currency)


@pytest.mark.parametrize("currency", ["BTC", "eur", "XXX", "HRK"])
def test_m08_a_contract_is_in_a_currency_in_use(currency: str) -> None:
    """Coins that are none, lower case, no currency at all, and one that is retired."""
    with pytest.raises(DomainError) as error:
        make_contract(currency=currency)
    assert [fault.code for fault in error.value.faults] == ["currency.unknown"]


def test_m09_nothing_in_another_currency_comes_onto_a_bill() -> None:
    """Work whose rate is in another currency stays unbilled and says why; it is never converted silently."""
    work = make_work(make_contract(ContractKind.TIME_AND_MATERIALS), worked("a", START, 60), rate_of=at(("anna", "100"), currency="USD"))
    found = bill(work, since=None, until=START)
    assert told(found) == []
    assert [(one.source_id, one.reason.value) for one in found.left] == [("a", "other_currency")]


def test_a_rate_has_four_places() -> None:
    """What is printed is what was counted with."""
    assert hourly(Fraction(1, 3)) == Decimal("0.3333")
    assert hourly(Fraction(200005, 4000000)) == Decimal("0.0500")
    assert hourly(Decimal("99.99995")) == Decimal("100.0000")

"""What the books keep as rows: closed months, balances taken over, and adjustments by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.ledger import ClosedMonth, ContractOpening, RevenueAdjustment, chain_hash, content_hash
from scheduler.domain.billing.roll_forward import AdjustedAmount, Opening
from scheduler.domain.ground.checks import INTEGER_MAX
from scheduler.domain.ground.ids import ActorId, AdjustmentId, ClosedMonthId, ContractId, OpeningId
from tests.domain.billing.refusals import faults

NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)
MARCH = date(2026, 3, 1)
LONG = "x" * 201


def closed_month(month: date) -> ClosedMonth:
    return ClosedMonth(
        id=ClosedMonthId("m"), month=month, closed_at=NOW, closed_by=ActorId("ann"), content_sha256="a" * 64, chain_sha256="b" * 64
    )


def opening(**changes: Any) -> ContractOpening:
    base: dict[str, Any] = {
        "id": OpeningId("o"),
        "contract_id": ContractId("c"),
        "month": MARCH,
        "earned_minor": 50,
        "billed_minor": 30,
        "home_minor": 18,
    }
    return ContractOpening(**{**base, **changes})


def adjustment(**changes: Any) -> RevenueAdjustment:
    base: dict[str, Any] = {
        "id": AdjustmentId("a"),
        "contract_id": ContractId("c"),
        "day": date(2026, 3, 31),
        "amount_minor": -5_00,
        "reason": "Agreed",
        "made_at": NOW,
        "made_by": ActorId("ann"),
    }
    return RevenueAdjustment(**{**base, **changes})


def test_a_closed_month_is_named_by_its_first_day() -> None:
    """Another day of it is refused."""
    assert closed_month(MARCH).month == MARCH
    assert faults(closed_month, date(2026, 3, 2)) == [("/month", "month.not_first_day")]


def test_an_opening_is_what_the_roll_forward_takes() -> None:
    """Its month and its three amounts; an outside id is a short text."""
    assert opening().opening == Opening(month=MARCH, earned_minor=50, billed_minor=30, home_minor=18)
    assert opening(external_id=" x ").external_id == "x"
    assert opening(external_id=" ").external_id is None
    assert faults(opening, external_id=LONG) == [("/external_id", "text.too_long")]
    assert faults(opening, month=date(2026, 3, 2)) == [("/month", "month.not_first_day")]


def test_an_adjustment_is_an_amount_of_a_day_with_its_reason() -> None:
    """Below 0 it takes away; the reason has several lines and nothing around them."""
    made = adjustment(reason=" Agreed\nwith acme ", external_id=" x ")
    assert made.adjusted == AdjustedAmount(day=date(2026, 3, 31), amount_minor=-5_00)
    assert (made.reason, made.external_id) == ("Agreed\nwith acme", "x")


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"reason": " \n"}, [("/reason", "text.empty")]),
        ({"reason": "x" * 2_001}, [("/reason", "text.too_long")]),
        ({"external_id": LONG}, [("/external_id", "text.too_long")]),
        ({"amount_minor": 0}, [("/amount_minor", "number.out_of_range")]),
        ({"amount_minor": INTEGER_MAX + 1}, [("/amount_minor", "number.out_of_range")]),
        ({"amount_minor": -INTEGER_MAX - 1}, [("/amount_minor", "number.out_of_range")]),
    ],
)
def test_what_an_adjustment_does_not_take(changes: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Nothing without a reason, nothing of 0, and nothing beyond what is reckoned with."""
    assert faults(adjustment, **changes) == wanted


@pytest.mark.parametrize("changes", [{"amount_minor": one} for one in (INTEGER_MAX, -INTEGER_MAX, 1, -1)] + [{"reason": "x" * 2_000}])
def test_at_the_limit_an_adjustment_is_taken(changes: dict[str, Any]) -> None:
    """The largest amounts, the smallest, and the longest reason."""
    for name, value in changes.items():
        assert getattr(adjustment(**changes), name) == value


BALANCES = [{"contract_id": "c", "earned_minor": 50, "day": MARCH}, {"contract_id": "ü", "earned_minor": 60, "day": None}]
POSTINGS = [{"account": "bank", "home": -5}]


def test_a_months_hash_is_of_its_name_and_its_rows() -> None:
    """One text in ASCII, keys in order, no spaces, days as they are written."""
    text = (
        '{"balances":[{"contract_id":"c","day":"2026-03-01","earned_minor":50},{"contract_id":"\\u00fc","day":null,"earned_minor":60}],'
        '"month":"2026-03-01","postings":[{"account":"bank","home":-5}]}'
    )
    assert content_hash(MARCH, BALANCES, POSTINGS) == sha256(text.encode()).hexdigest()
    assert content_hash(MARCH, iter(BALANCES), iter(POSTINGS)) == content_hash(MARCH, BALANCES, POSTINGS)
    turned = [dict(reversed(one.items())) for one in BALANCES]
    assert content_hash(MARCH, turned, POSTINGS) == content_hash(MARCH, BALANCES, POSTINGS)


@given(
    rows=st.lists(st.fixed_dictionaries({"id": st.text(max_size=4), "minor": st.integers(-9, 9)}), min_size=1, max_size=4),
    place=st.integers(0, 3),
    by=st.integers(1, 9),
)
def test_every_change_of_a_months_rows_shows(rows: list[dict[str, Any]], place: int, by: int) -> None:
    """An amount, a row that is gone or twice, rows of the other sort, another month."""
    known = content_hash(MARCH, rows, ())
    at = place % len(rows)
    changed = [*rows[:at], {**rows[at], "minor": rows[at]["minor"] + by}, *rows[at + 1 :]]
    others = [(MARCH, changed, ()), (MARCH, rows[1:], ()), (MARCH, [*rows, rows[0]], ()), (MARCH, (), rows), (date(2026, 4, 1), rows, ())]
    assert known not in {content_hash(*one) for one in others}


def test_the_chain_of_months_goes_on_from_the_month_before() -> None:
    """The first has none before it."""
    first = chain_hash(None, "aa")
    assert first == sha256(b"aa").hexdigest()
    assert chain_hash(first, "bb") == sha256(f"{first}bb".encode()).hexdigest()

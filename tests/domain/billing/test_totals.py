"""Sums of an invoice: lines, discounts, tax per category and rate, and what is spread over several of them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.document_lines import DocumentLine, ExemptionReason, LineUnit, line_net
from scheduler.domain.billing.tax_codes import NEEDS_REASON, TaxCategory
from scheduler.domain.billing.totals import allocate, amount_off, line_taxes, require_currency, share_off, totals
from scheduler.domain.ground.errors import DomainError, ErrorKind

REASONS = {category: ExemptionReason(text="because") for category in NEEDS_REASON}


def line(net_minor: int, rate: str = "19", category: TaxCategory = TaxCategory.STANDARD, position: int = 1) -> DocumentLine:
    return DocumentLine(
        position=position,
        description="Work",
        unit=LineUnit.PIECE,
        quantity=-1 if net_minor < 0 else 1,
        unit_price=abs(Decimal(net_minor)) / 100,
        net_minor=net_minor,
        tax_category=category,
        tax_rate=Decimal(rate),
    )


@pytest.mark.parametrize(
    ("minutes", "price", "currency", "wanted"),
    [
        (60, "100.00", "EUR", 100_00),
        (20, "100.00", "EUR", 33_33),
        (40, "100.00", "EUR", 66_67),
        (1, "0.3", "EUR", 1),
        (-1, "0.3", "EUR", -1),
        (20, "10000", "JPY", 3_333),
        (20, "10.0000", "KWD", 3_333),
        (0, "100", "EUR", 0),
    ],
)
def test_m05_m08_minutes_at_a_price_per_hour(minutes: int, price: str, currency: str, wanted: int) -> None:
    """A third of an hour at 100.00 is 33.33; half a cent rounds away from zero; yen have no decimals and dinars three."""
    assert line_net(LineUnit.MINUTE, minutes, Decimal(price), currency) == wanted


def test_m05_pieces_leave_no_residue() -> None:
    """0.1 + 0.2 is 0.3; 3 x 33.33 is 99.99; seven lines of 0.005 are seven cents, since each line rounds once."""
    tenths = [line_net(LineUnit.PIECE, 1, Decimal(price), "EUR") for price in ("0.1", "0.2")]
    assert sum(tenths) == line_net(LineUnit.PIECE, 1, Decimal("0.3"), "EUR") == 30
    assert line_net(LineUnit.PIECE, 3, Decimal("33.33"), "EUR") == 99_99
    assert sum(line_net(LineUnit.PIECE, 1, Decimal("0.005"), "EUR") for _ in range(7)) == 7


def test_m06_tax_is_on_the_rounded_net_of_a_rate_and_not_of_a_line() -> None:
    """1,000 lines of 0.03 at 19 % are 30.00 with 5.70 tax; line by line they would have 10.00."""
    made = totals([line(3) for _ in range(1_000)])
    assert (made.net_minor, made.tax_minor, made.gross_minor) == (30_00, 5_70, 35_70)


def test_m06_mixed_rates_reverse_charge_and_exempt() -> None:
    """Each category and rate has one line: standard rates from the highest down, then the others with their reasons."""
    lines = [line(10_00, "7"), line(33_33), line(5_00, "0", TaxCategory.EXEMPT), line(7_00, "0", TaxCategory.REVERSE_CHARGE), line(66_67)]
    made = totals([*lines, line(1_00, "0", TaxCategory.ZERO)], (), REASONS)
    found = [(tax.category.value, str(tax.rate), tax.net_minor, tax.tax_minor, tax.exemption_reason) for tax in made.taxes]
    assert found == [
        ("S", "19", 100_00, 19_00, None),
        ("S", "7", 10_00, 70, None),
        ("Z", "0", 1_00, 0, None),
        ("E", "0", 5_00, 0, "because"),
        ("AE", "0", 7_00, 0, "because"),
    ]
    assert (made.net_minor, made.tax_minor, made.gross_minor) == (123_00, 19_70, 142_70)


@pytest.mark.parametrize("category", sorted(NEEDS_REASON))
def test_a_category_without_tax_says_why(category: TaxCategory) -> None:
    """E, AE, K, G and O need a reason; without one the sums are refused."""
    with pytest.raises(DomainError) as refused:
        totals([line(1_00, "0", category)])
    assert refused.value.code == "tax.reason_missing"
    assert totals([line(1_00, "0", category)], (), REASONS).tax_minor == 0


def test_outside_tax_stands_alone() -> None:
    """What is not subject to tax stands beside no other category (BR-O-11)."""
    with pytest.raises(DomainError) as refused:
        totals([line(1_00, "0", TaxCategory.OUTSIDE), line(1_00)], (), REASONS)
    assert refused.value.code == "tax.outside_with_others"


@pytest.mark.parametrize(("category", "rate"), [("S", "0"), *((one, "19") for one in ("Z", "E", "AE", "K", "G", "O"))])
def test_only_the_standard_category_has_a_rate(category: str, rate: str) -> None:
    """S is above 0 %; every other one is 0 %."""
    with pytest.raises(DomainError) as refused:
        line(1_00, rate, TaxCategory(category))
    assert {fault.code for fault in refused.value.faults} == {"tax.rate_of_category"}


def test_m09_one_document_has_one_currency() -> None:
    """What is in another currency is named and refused."""
    require_currency("EUR", ["EUR", "EUR"])
    with pytest.raises(DomainError) as refused:
        require_currency("EUR", ["EUR", "USD"])
    assert (refused.value.kind, refused.value.code) == (ErrorKind.INVALID, "money.currency_mismatch")
    assert refused.value.facts == {"currency": "EUR", "others": ["USD"]}


def test_a_share_off_rounds_once_per_tax() -> None:
    """10 % off 33.33 at 19 % and 0.05 at 7 % are 3.33 and 0.01 (half a cent rounds up); the tax is on what is left."""
    lines = [line(33_33), line(5, "7")]
    made = share_off(lines, percent=Decimal(10), reason="Friends")
    assert [(one.base_minor, one.amount_minor, str(one.tax_rate)) for one in made] == [(33_33, 3_33, "19"), (5, 1, "7")]
    sums = totals(lines, made)
    assert (sums.lines_minor, sums.allowances_minor, sums.net_minor, sums.tax_minor) == (33_38, 3_34, 30_04, 5_70)


def test_a_fixed_discount_is_spread_to_the_last_cent() -> None:
    """1.00 off three equal nets of different rates is 0.34 + 0.33 + 0.33; a net below 0 takes no part; more than there is, is refused."""
    lines = [line(10_00), line(10_00, "7"), line(10_00, "5"), line(-3_00, "3")]
    made = amount_off(lines, amount_minor=1_00, reason="Goodwill")
    assert [(one.amount_minor, one.percent) for one in made] == [(34, None), (33, None), (33, None)]
    assert [(one.reason, one.base_minor, one.tax) for one in made] == [
        ("Goodwill", 10_00, (TaxCategory.STANDARD, Decimal(rate))) for rate in (19, 7, 5)
    ]
    assert amount_off(lines, amount_minor=0, reason="None") == ()
    assert [one.amount_minor for one in amount_off(lines, amount_minor=30_00, reason="All")] == [10_00] * 3
    assert [one.amount_minor for one in amount_off(lines, amount_minor=1, reason="A cent")] == [1], "no part of nothing"
    with pytest.raises(DomainError) as refused:
        amount_off(lines, amount_minor=30_01, reason="Goodwill")
    assert (refused.value.kind, refused.value.code) == (ErrorKind.INVALID, "invoice.discount_too_large")


@given(amount=st.integers(-(10**12), 10**12), weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any))
def test_parts_add_up_and_are_fair(amount: int, weights: list[int]) -> None:
    """Whatever is spread adds up exactly, and each part is less than one unit from its exact share."""
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    whole = sum(weights)
    assert all(abs(part * whole - amount * weight) < whole for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [2, -1]])
def test_nothing_is_spread_over_nothing(weights: list[int]) -> None:
    """Without a weight above 0, or with one below 0, there are no shares."""
    with pytest.raises(ValueError, match="weights"):
        allocate(1, weights)


@given(
    nets=st.lists(st.tuples(st.integers(-(10**6), 10**9), st.sampled_from(["19", "7", "5.5", "20"])), min_size=1, max_size=30),
    percent=st.decimals(0, 100, places=2),
)
def test_sums_add_up_again(nets: list[tuple[int, str]], percent: Decimal) -> None:
    """Net = lines - discounts = sum of the tax lines' nets; each tax is what Decimal rounds half up; gross = net + tax (BR-CO-10 to 16)."""
    lines = [line(net, rate) for net, rate in nets]
    allowances = share_off(lines, percent=percent, reason="Share")
    made = totals(lines, allowances)
    assert made.lines_minor == sum(one.net_minor for one in lines)
    assert made.net_minor == made.lines_minor - made.allowances_minor == sum(tax.net_minor for tax in made.taxes)
    for tax in made.taxes:
        assert tax.tax_minor == (Decimal(tax.net_minor) * tax.rate / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert made.gross_minor == made.net_minor + sum(tax.tax_minor for tax in made.taxes)


@given(
    nets=st.lists(st.tuples(st.integers(-(10**6), 10**9), st.sampled_from(["19", "7", "5.5"])), min_size=1, max_size=30),
    percent=st.decimals(0, 100, places=2),
)
def test_taxes_of_lines_are_the_tax_of_the_document(nets: list[tuple[int, str]], percent: Decimal) -> None:
    """Shared out over lines and discounts, the tax of each rate is what the document says, and no share is a unit away from its own."""
    lines = [line(net, rate) for net, rate in nets]
    allowances = share_off(lines, percent=percent, reason="Share")
    shares = line_taxes(lines, allowances)
    assert sum(shares) == totals(lines, allowances).tax_minor
    for share, one in zip(shares, lines, strict=False):
        assert abs(share - one.net_minor * one.tax_rate / 100) <= 1

"""Minutes that are paid before they are worked."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.months import following
from scheduler.domain.billing.prepaid import MinutesUsed, Pot, Prepaid, beyond, draws, earned_before

JAN = date(2026, 1, 1)
ENDS = tuple(following(JAN, by=n) for n in range(1, 13))


def test_blocks_are_used_oldest_first() -> None:
    """
    Two blocks of 10 h, at 1,000.00 and 900.00; 15 h are worked in March.

    Ten of them are the first block's: 1,000.00; five the second's: 450.00. 7 h in April: 5 more of the second, 450.00, and 2 h beyond.
    """
    blocks = (Pot(opens_on=JAN, price_minor=100_000, minutes=600), Pot(opens_on=date(2026, 2, 9), price_minor=90_000, minutes=600))
    uses = (MinutesUsed(day=date(2026, 4, 7), minutes=420), MinutesUsed(day=date(2026, 3, 5), minutes=900))
    sold = Prepaid(pots=blocks, uses=uses)
    assert earned_before(sold, ENDS[:4]) == [0, 0, 145_000, 190_000]
    assert beyond(sold) == (MinutesUsed(day=date(2026, 4, 7), minutes=120),)


def test_what_is_left_when_the_contract_ends_is_earned() -> None:
    """A block that was bought and not used is the firm's on the day on which nobody may use it any more."""
    sold = Prepaid(pots=(Pot(opens_on=JAN, price_minor=100_000, minutes=600),), ends_on=date(2026, 2, 15))
    assert earned_before(sold, ENDS[:2]) == [0, 100_000]


@st.composite
def sold_and_used(draw: st.DrawFn) -> Prepaid:
    """Pots and work of half a year."""
    days = st.dates(min_value=JAN, max_value=date(2026, 6, 30))
    pots = []
    for _ in range(draw(st.integers(min_value=1, max_value=4))):
        opens = draw(days)
        days_open = draw(st.none() | st.integers(min_value=1, max_value=120))
        lapses = None if days_open is None else opens + timedelta(days=days_open)
        minutes = draw(st.integers(min_value=0, max_value=40))
        pots.append(Pot(opens_on=opens, price_minor=draw(st.integers(min_value=0, max_value=9999)), minutes=minutes, lapses_on=lapses))
    uses = draw(st.lists(st.builds(MinutesUsed, day=days, minutes=st.integers(min_value=0, max_value=30)), max_size=6))
    return Prepaid(pots=tuple(pots), uses=tuple(uses), ends_on=draw(st.none() | days))


@given(sold_and_used())
def test_minute_by_minute_comes_to_the_same(sold: Prepaid) -> None:
    """A reckoning that hands out single minutes agrees with the one by days, in what is earned and in what is beyond."""
    left = [pot.minutes for pot in sold.pots]
    taken: list[list[date]] = [[] for _ in sold.pots]
    over = 0
    for use in sold.uses:
        for _ in range(use.minutes):
            free = [n for n, pot in enumerate(sold.pots) if left[n] and pot.opens_on <= use.day and (pot.lapses_on or date.max) > use.day]
            if free:
                left[free[0]] -= 1
                taken[free[0]].append(use.day)
            over += not free
    expected = []
    for end in ENDS:
        total = Fraction(0)
        for pot, days in zip(sold.pots, taken, strict=True):
            over_by = min(pot.lapses_on or date.max, sold.ends_on or date.max)
            if pot.opens_on < end:
                total += (
                    pot.price_minor
                    if over_by <= end or not pot.minutes
                    else Fraction(pot.price_minor, pot.minutes) * sum(d < end for d in days)
                )
        expected.append(total)
    assert earned_before(sold, ENDS) == expected
    assert sum(one.minutes for one in beyond(sold)) == over


@given(sold_and_used())
def test_no_pot_gives_more_than_it_has(sold: Prepaid) -> None:
    """All minutes worked come from somewhere, once; no pot is drawn below nothing, before it opens or after it lapses."""
    found = draws(sold)
    assert sum(one.minutes for one in found) == sum(one.minutes for one in sold.uses)
    for number, pot in enumerate(sold.pots):
        of_pot = [one for one in found if one.pot == number]
        assert sum(one.minutes for one in of_pot) <= pot.minutes
        assert all(pot.is_open(one.day) for one in of_pot)

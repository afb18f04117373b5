"""Revenue of contracts: cases reckoned by hand, and what holds for all of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.billing.months import following, month_of
from scheduler.domain.billing.prepaid import RetainerPeriod, of_retainer
from scheduler.domain.billing.recognition import (
    ContractFacts,
    CostEstimate,
    DayAmount,
    Method,
    Milestone,
    MonthRevenue,
    PriceChange,
    Termination,
    recognised,
)
from scheduler.domain.ground.interval import DateInterval

if TYPE_CHECKING:
    from collections.abc import Sequence

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def on(month: date, day: int) -> date:
    """A day of the month."""
    return month.replace(day=day)


def earned(facts: ContractFacts, *months: date) -> list[int]:
    """What each month has earned."""
    return [one.earned_minor for one in recognised(facts, months)]


def test_time_and_materials_earn_when_the_work_is_done() -> None:
    """
    Approved work counts at its price in the month of its day, on whichever day it was approved.

    January: 10 h x 120.00 + 5 h x 120.00 = 1,800.00. February: 8 h x 130.00 = 1,040.00. March: nothing.
    """
    facts = ContractFacts(
        method=Method.AS_APPROVED,
        work=(
            DayAmount(day=on(JAN, 12), amount_minor=120_000),
            DayAmount(day=on(JAN, 31), amount_minor=60_000),
            DayAmount(day=on(FEB, 1), amount_minor=104_000),
        ),
    )
    assert earned(facts, JAN, FEB, MAR) == [180_000, 104_000, 0]


def test_a_change_order_catches_up_in_the_month_of_its_approval() -> None:
    """
    The new price counts for all that was spent before, at once.

    100,000.00 for costs of 60,000.00. January: 15,000 spent, 15/60 = 25 % -> 25,000.00. On 10 February the price rises by 20,000.00 and the
    estimate to 75,000. By the end of February 37,500 is spent: 50 % of 120,000 = 60,000; the month earns 60,000 - 25,000 = 35,000.00,
    of which 15/75 x 120,000 - 25,000 = -1,000.00 is about January. March: 75,000 spent, all of 120,000: 60,000.00.
    """
    facts = ContractFacts(
        method=Method.COST_TO_COST,
        price_minor=10_000_000,
        changes=(PriceChange(approved_on=on(FEB, 10), delta_minor=2_000_000),),
        costs=tuple(DayAmount(day=on(m, 20), amount_minor=c) for m, c in ((JAN, 1_500_000), (FEB, 2_250_000), (MAR, 3_750_000))),
        estimates=(CostEstimate(day=JAN, at_completion_minor=6_000_000), CostEstimate(day=on(FEB, 10), at_completion_minor=7_500_000)),
    )
    assert earned(facts, JAN, FEB, MAR) == [2_500_000, 3_500_000, 6_000_000]


def test_a_loss_is_borne_whole_as_soon_as_it_is_expected() -> None:
    """
    What is lost in all is lost in the month in which it is seen; later months show neither gain nor loss.

    50,000.00 for 40,000.00. January: 10,000 of 40,000 spent: 25 % -> 12,500 earned, 2,500 gained. In February the estimate rises to 60,000,
    a loss of 10,000. 30,000 is spent: 50 % -> 25,000 earned in all; costs less revenue 30,000 - 25,000 = 5,000 are lost already, so
    10,000 - 5,000 = 5,000 is provided for. Loss by then: 5,000 + 5,000 = 10,000. March: 60,000 spent, 50,000 earned, provision 0: 10,000 lost.
    """
    facts = ContractFacts(
        method=Method.COST_TO_COST,
        price_minor=5_000_000,
        costs=tuple(DayAmount(day=on(m, 15), amount_minor=c) for m, c in ((JAN, 1_000_000), (FEB, 2_000_000), (MAR, 3_000_000))),
        estimates=(CostEstimate(day=JAN, at_completion_minor=4_000_000), CostEstimate(day=on(FEB, 20), at_completion_minor=6_000_000)),
    )
    found = recognised(facts, (JAN, FEB, MAR))
    assert [one.earned_minor for one in found] == [1_250_000, 1_250_000, 2_500_000]
    assert [one.provision_minor for one in found] == [0, 500_000, 0]
    assert [one.expected_loss_minor for one in found] == [0, 1_000_000, 1_000_000]
    assert [_result(one) for one in found] == [250_000, -1_000_000, -1_000_000]


def _result(month: MonthRevenue) -> int:
    """Revenue less costs less provision, from the start to the month's end."""
    return month.cumulative_minor - month.cost_to_date_minor - month.provision_minor


def test_an_early_end_reverses_what_will_never_be_paid() -> None:
    """
    From the end on the price is what the client still owes in all; what was earned beyond it is taken back at once.

    90,000.00 evenly over 1 January to 31 March (90 days). January 31/90 -> 31,000.00. On 14 February both agree on 40,000.00 in all:
    40,000 - 31,000 = 9,000.00 in February, nothing later. Had they agreed on 25,000.00, February would take back 6,000.00.
    """

    def ended_at(price: int) -> ContractFacts:
        return ContractFacts(
            method=Method.STRAIGHT_LINE,
            price_minor=9_000_000,
            service=DateInterval(JAN, APR),
            termination=Termination(day=on(FEB, 14), price_minor=price),
        )

    assert earned(ended_at(4_000_000), JAN, FEB, MAR) == [3_100_000, 900_000, 0]
    assert earned(ended_at(2_500_000), JAN, FEB, MAR) == [3_100_000, -600_000, 0]


def test_a_retainer_with_roll_over_earns_minutes_used_and_minutes_lapsed() -> None:
    """
    A fee of 6,000.00 for 10 h is 10.00 a minute; what is not used may be used in the next month, the oldest first.

    January: 4 h used -> 2,400.00; 6 h roll over. February: 7 h used, 6 of January and 1 of February -> 3,600 + 600 = 4,200.00; 9 h roll over.
    March: 5 h used, all of February; the other 4 h of February lapse at the end of March -> 3,000 + 2,400 = 5,400.00; 10 h of March roll over.
    April (no new fee): nothing is used, 10 h lapse -> 6,000.00. In all 18,000.00: three fees.
    """
    used = {JAN: 240, FEB: 420, MAR: 300}
    periods = [RetainerPeriod(month=m, fee_minor=600_000, included_minutes=600, used_minutes=minutes) for m, minutes in used.items()]
    facts = ContractFacts(method=Method.AS_APPROVED, prepaid=of_retainer(periods, roll_over_months=1))
    assert earned(facts, JAN, FEB, MAR, APR) == [240_000, 420_000, 540_000, 600_000]


def test_a_retainer_without_roll_over_earns_its_fee_in_its_month() -> None:
    """Nothing rolls over, so each fee is earned in its own month, whether 4 h or 10 h were used: 6,000.00 each."""
    periods = [RetainerPeriod(month=m, fee_minor=600_000, included_minutes=600, used_minutes=u) for m, u in ((JAN, 240), (FEB, 600))]
    facts = ContractFacts(method=Method.AS_APPROVED, prepaid=of_retainer(periods, roll_over_months=0))
    assert earned(facts, JAN, FEB, MAR) == [600_000, 600_000, 0]


def test_milestones_earn_when_they_are_approved() -> None:
    """
    The amount of a milestone is earned on the day of its approval, and none of it before.

    30,000.00 = 10,000 (approved 31 January) + 15,000 (3 March) + 5,000 (not yet): January 10,000.00, February 0, March 15,000.00.
    """
    facts = ContractFacts(
        method=Method.MILESTONE,
        price_minor=3_000_000,
        milestones=(
            Milestone(amount_minor=1_000_000, approved_on=on(JAN, 31)),
            Milestone(amount_minor=1_500_000, approved_on=on(MAR, 3)),
            Milestone(amount_minor=500_000),
        ),
    )
    assert earned(facts, JAN, FEB, MAR) == [1_000_000, 0, 1_500_000]


def test_a_fixed_fee_is_earned_evenly_and_whole_at_the_end() -> None:
    """
    Days make the parts; rounding the cumulative figure keeps the sum.

    1,000.00 over 1 January to 31 March, 90 days. By 31 January 100,000 x 31/90 = 34,444.4 -> 344.44; by 28 February 100,000 x 59/90 =
    65,555.6 -> 655.56, so February has 311.12; March 1,000.00 - 655.56 = 344.44.
    """
    facts = ContractFacts(method=Method.STRAIGHT_LINE, price_minor=100_000, service=DateInterval(JAN, APR))
    assert earned(facts, JAN, FEB, MAR) == [34_444, 31_112, 34_444]


def test_work_beyond_the_cap_earns_nothing() -> None:
    """
    A capped contract earns up to its cap and no more, until a change order raises it.

    Cap 5,000.00. January: 4,000.00. February: 2,000.00 of work, 1,000.00 are left -> 1,000.00. On 5 March the cap rises by 3,000.00 and
    500.00 of work is done: by then 6,500.00 of 8,000.00, so March has 6,500 - 5,000 = 1,500.00, of which 1,000.00 is February's work.
    """
    facts = ContractFacts(
        method=Method.AS_APPROVED,
        price_minor=500_000,
        changes=(PriceChange(approved_on=on(MAR, 5), delta_minor=300_000),),
        work=tuple(DayAmount(day=on(m, 9), amount_minor=a) for m, a in ((JAN, 400_000), (FEB, 200_000), (MAR, 50_000))),
    )
    assert earned(facts, JAN, FEB, MAR) == [400_000, 100_000, 150_000]


def test_what_is_charged_beside_the_price_is_no_part_of_it() -> None:
    """1,000.00 for one milestone and 70.00 of expenses: 1,070.00 are earned, though the price is 1,000.00; the month before has its 30.00."""
    facts = ContractFacts(
        method=Method.MILESTONE,
        price_minor=100_000,
        milestones=(Milestone(amount_minor=100_000, approved_on=on(FEB, 3)),),
        beside=(DayAmount(day=on(JAN, 3), amount_minor=3_000), DayAmount(day=on(FEB, 3), amount_minor=4_000)),
    )
    assert earned(facts, JAN, FEB, MAR) == [3_000, 104_000, 0]


def test_an_estimate_that_falls_catches_up() -> None:
    """
    Less is left to do than was thought, so more of the price is earned.

    80,000.00; January: 20,000 of 80,000 spent -> 20,000.00. February: nothing is spent, the estimate falls to 50,000: 20/50 x 80,000 = 32,000
    -> 12,000.00. March: it rises to 100,000: 20/100 x 80,000 = 16,000 -> -16,000.00.
    """
    facts = ContractFacts(
        method=Method.COST_TO_COST,
        price_minor=8_000_000,
        costs=(DayAmount(day=on(JAN, 15), amount_minor=2_000_000),),
        estimates=tuple(CostEstimate(day=m, at_completion_minor=c) for m, c in ((JAN, 8_000_000), (FEB, 5_000_000), (MAR, 10_000_000))),
    )
    assert earned(facts, JAN, FEB, MAR) == [2_000_000, 1_200_000, -1_600_000]


def test_what_other_books_have_earned_is_not_earned_again() -> None:
    """Work before the month from which these books count is in the figure that was taken over: 500.00 + 70.00 in all, 70.00 in February."""
    facts = ContractFacts(
        method=Method.AS_APPROVED,
        work=(DayAmount(day=on(JAN, 20), amount_minor=50_000), DayAmount(day=on(FEB, 3), amount_minor=7_000)),
        counts_from=FEB,
        earned_before_minor=50_000,
    )
    (found,) = recognised(facts, (FEB,))
    assert (found.earned_minor, found.cumulative_minor) == (7_000, 57_000)


DAYS = st.dates(min_value=date(2025, 11, 1), max_value=date(2026, 8, 31))
AMOUNTS = st.integers(min_value=0, max_value=10**7)
MONTHS = tuple(following(date(2025, 11, 1), by=n) for n in range(12))


@st.composite
def contracts(draw: st.DrawFn, method: Method | None = None) -> ContractFacts:
    """A contract of any kind, with all that may happen to it."""
    chosen = method or draw(st.sampled_from(Method))
    is_work = chosen is Method.AS_APPROVED
    price = draw(st.none() | AMOUNTS) if is_work else draw(AMOUNTS)
    start = draw(DAYS)
    changes = () if price is None else tuple(PriceChange(approved_on=d, delta_minor=a) for d, a in draw(_dated(AMOUNTS)))
    ends = draw(st.none() | st.builds(Termination, day=DAYS, price_minor=st.none() if is_work else AMOUNTS))
    return ContractFacts(
        method=chosen,
        price_minor=price,
        changes=changes,
        work=tuple(DayAmount(day=d, amount_minor=a) for d, a in draw(_dated(st.integers(min_value=-1000, max_value=10**6)))),
        milestones=tuple(Milestone(amount_minor=a, approved_on=d) for d, a in draw(_dated(AMOUNTS))),
        costs=tuple(DayAmount(day=d, amount_minor=a) for d, a in draw(_dated(AMOUNTS))),
        estimates=tuple(CostEstimate(day=d, at_completion_minor=a) for d, a in draw(_dated(AMOUNTS))),
        service=DateInterval(start, start + timedelta(days=draw(st.integers(min_value=1, max_value=200)))),
        completed_on=draw(st.none() | DAYS),
        termination=ends,
    )


def _dated(amounts: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[date, int]]]:
    return st.lists(st.tuples(DAYS, amounts), max_size=6, unique_by=lambda one: one[0])


@given(contracts(), st.sets(st.sampled_from(MONTHS), min_size=1))
def test_months_add_up_however_they_are_cut(facts: ContractFacts, chosen: set[date]) -> None:
    """The cumulative figure of a month does not depend on which months were looked at before, and the months' own parts sum to it."""
    some = recognised(facts, sorted(chosen))
    every = {one.month: one.cumulative_minor for one in recognised(facts, MONTHS)}
    assert sum(one.earned_minor for one in some) == every[max(chosen)]
    assert all(one.cumulative_minor == every[one.month] for one in some)


@given(contracts())
def test_never_more_than_the_price_and_all_of_it_at_the_end(facts: ContractFacts) -> None:
    """No month has more earned than the price then; a contract that is over has earned its price exactly."""
    found = recognised(facts, MONTHS)
    assert all(one.price_minor is None or one.cumulative_minor <= one.price_minor for one in found)
    last = found[-1]
    if facts.method is not Method.AS_APPROVED and (facts.completed_on or facts.termination):
        assert last.cumulative_minor == last.price_minor
        assert sum(one.earned_minor for one in found) == last.price_minor
    if (
        facts.method is Method.STRAIGHT_LINE
        and facts.service is not None
        and facts.service.end is not None
        and facts.service.end <= MONTHS[-1]
    ):
        assert last.cumulative_minor == last.price_minor


@given(contracts())
def test_an_expected_loss_is_borne_whole(facts: ContractFacts) -> None:
    """Where a loss is expected, revenue less costs less provision is at most minus the loss: exactly that unless more is lost already."""
    for one in recognised(facts, MONTHS):
        if one.expected_loss_minor:
            lost = -_result(one)
            assert lost >= one.expected_loss_minor
            assert lost == one.expected_loss_minor or one.provision_minor == 0
        else:
            assert one.provision_minor == 0


@given(contracts())
def test_as_a_slow_reckoning_day_by_day_says(facts: ContractFacts) -> None:
    """The same figures come out of decimals of 60 places and a walk over every single day."""
    assert [one.cumulative_minor for one in recognised(facts, MONTHS)] == _slowly(facts, MONTHS)


def _slowly(facts: ContractFacts, months: Sequence[date]) -> list[int]:
    """Another way to the same end: state kept from day to day, decimals instead of fractions."""
    found: dict[date, int] = {}
    price, over, done, cost, reached, passed, estimate = facts.price_minor, False, 0, 0, 0, 0, None
    day = date(2025, 11, 1)
    while day < following(months[-1]):
        price = None if price is None else price + sum(c.delta_minor for c in facts.changes if c.approved_on == day)
        done += sum(w.amount_minor for w in facts.work if w.day == day)
        cost += sum(c.amount_minor for c in facts.costs if c.day == day)
        reached += sum(m.amount_minor for m in facts.milestones if m.approved_on == day)
        passed += facts.service is not None and day in facts.service
        estimate = next((e.at_completion_minor for e in facts.estimates if e.day == day), estimate)
        over = over or (facts.completed_on == day) or (facts.termination is not None and facts.termination.day == day)
        ended = facts.termination is not None and facts.termination.day <= day
        agreed = facts.termination.price_minor if ended and facts.termination and facts.termination.price_minor is not None else price
        if (day + timedelta(days=1)).day == 1:
            found[month_of(day)] = _slow_figure(facts, agreed, over=over, figures=(done, cost, reached, passed), estimate=estimate)
        day += timedelta(days=1)
    return [found[month] for month in months]


def _slow_figure(facts: ContractFacts, price: int | None, *, over: bool, figures: tuple[int, int, int, int], estimate: int | None) -> int:
    done, cost, reached, passed = figures
    if facts.method is Method.AS_APPROVED:
        return done if price is None else min(done, price)
    assert price is not None
    if over:
        return price
    if facts.method is Method.MILESTONE:
        return min(reached, price)
    if facts.method is Method.STRAIGHT_LINE:
        assert facts.service is not None
        return _decimal_part(price, passed, len(list(facts.service.days())))
    whole = None if estimate is None else max(estimate, cost)
    return _decimal_part(price, cost, whole) if whole else 0


def _decimal_part(price: int, part: int, whole: int) -> int:
    with localcontext() as context:
        context.prec = 60
        return int((Decimal(price) * part / Decimal(whole)).quantize(Decimal(1), rounding=ROUND_HALF_UP))

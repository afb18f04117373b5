"""
Revenue of a contract: what it has earned by the end of each month, whatever was billed.

Everything is cumulative. What is earned by the end of a month follows from all that is known of the time before; the month's own part is the
difference to the month before (a catch-up, when something was learnt late). Amounts are exact fractions until the cumulative figure is
rounded, once, half up; so months add up to the whole to the minor unit. All amounts are minor units of the contract's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from scheduler.domain.billing.months import check_month, following
from scheduler.domain.billing.prepaid import Prepaid, earned_before
from scheduler.domain.ground.checks import INTEGER_MAX, Faults
from scheduler.domain.ground.money import round_half_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from scheduler.domain.ground.interval import DateInterval


class Method(StrEnum):
    """How a contract earns what it is paid."""

    AS_APPROVED = "as_approved"
    """Approved work at its price, on the day on which it was done; sold minutes as they are used; a price is a cap."""
    COST_TO_COST = "cost_to_cost"
    """The price times the share of all expected costs that is spent."""
    MILESTONE = "milestone"
    """What was agreed for a milestone, on the day on which it is approved."""
    STRAIGHT_LINE = "straight_line"
    """The price, evenly over the days of the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAmount:
    """An amount of a day: work at its price, rounded as its line is billed, or what it cost."""

    day: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """An amount that is earned once it is approved; ``None``: not yet."""

    amount_minor: int
    approved_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A change order: the price is so much more (or less) from its approval on."""

    approved_on: date
    delta_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """What all the work was thought to cost, from that day on."""

    day: date
    at_completion_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """The contract ended early: from that day on nothing but this price was ever to be earned, and all of it is."""

    day: date
    price_minor: int | None = None
    """``None`` for work that is earned as approved: it stays earned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """All from which a contract's revenue follows. ``price_minor``: what was agreed at first, or the cap; ``None``: there is no limit."""

    method: Method
    price_minor: int | None = None
    changes: tuple[PriceChange, ...] = ()
    work: tuple[DayAmount, ...] = ()
    """What is earned as approved."""
    beside: tuple[DayAmount, ...] = ()
    """What is earned as approved beside the price, such as expenses that are charged: neither is it a part of the price, nor limited by it."""
    prepaid: Prepaid | None = None
    milestones: tuple[Milestone, ...] = ()
    costs: tuple[DayAmount, ...] = ()
    estimates: tuple[CostEstimate, ...] = ()
    service: DateInterval | None = None
    completed_on: date | None = None
    """All is done: the whole price is earned."""
    termination: Termination | None = None
    counts_from: date | None = None
    """A month: what was earned before it is ``earned_before_minor``, taken over from other books. Work and milestones before it are in that."""
    earned_before_minor: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        if self.price_minor is not None:
            faults.integer("/price_minor", self.price_minor, least=0)
        elif self.method is not Method.AS_APPROVED or self.changes:
            faults.add("/price_minor", "revenue.price_missing", "A price is earned in parts, or was changed; say what was agreed at first.")
        if self.method is Method.STRAIGHT_LINE and (self.service is None or self.service.end is None):
            faults.add(
                "/service", "revenue.service_missing", "A price that is earned evenly needs the first and the last day of the service."
            )
        self._check_termination(faults)
        if self.counts_from is not None:
            check_month(faults, "/counts_from", self.counts_from)
        faults.integer("/earned_before_minor", self.earned_before_minor, least=-INTEGER_MAX)
        faults.raise_any("revenue of a contract")

    def _check_termination(self, faults: Faults) -> None:
        if self.termination is None:
            return
        if (self.termination.price_minor is None) != (self.method is Method.AS_APPROVED):
            message = (
                "A price that is earned in parts needs what is left of it at the end; work that is earned as approved has no such price."
            )
            faults.add("/termination/price_minor", "revenue.termination_price", message)
        if self.termination.price_minor is not None:
            faults.integer("/termination/price_minor", self.termination.price_minor, least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRevenue:
    """What a contract has earned by the end of a month, and from what that follows."""

    month: date
    earned_minor: int
    """In the month: the cumulative figure less the one before."""
    cumulative_minor: int
    price_minor: int | None
    """As it was agreed at the month's end."""
    cost_to_date_minor: int
    cost_at_completion_minor: int | None
    provision_minor: int
    """By the month's end: what a loss that is expected has not yet cost."""

    @property
    def expected_loss_minor(self) -> int:
        """Costs at completion beyond the price; 0 where none is expected or known."""
        if self.price_minor is None or self.cost_at_completion_minor is None:
            return 0
        return max(0, self.cost_at_completion_minor - self.price_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What is known at the end of a month; ``end`` is the first day after it."""

    end: date
    price: int | None
    cost: int
    at_completion: int | None
    is_complete: bool
    is_terminated: bool


_Exact: TypeAlias = "Callable[[ContractFacts, Sequence[_Standing]], list[Fraction]]"


def recognised(facts: ContractFacts, months: Sequence[date]) -> tuple[MonthRevenue, ...]:
    """
    Month by month; ``months`` in order. What is known of the time before the first month counts in it.

    Raises DomainError ``input.invalid`` where change orders bring the price below nothing.
    """
    standings = _standings(facts, months)
    beside = sums_before(((one.day, one.amount_minor) for one in facts.beside if _counts(facts, one.day)), [now.end for now in standings])
    found = []
    before = facts.earned_before_minor
    for month, now, exact, more in zip(months, standings, _EXACT[facts.method](facts, standings), beside, strict=True):
        earned = _limited(facts, now, exact) + more
        found.append(
            MonthRevenue(
                month=month,
                earned_minor=earned - before,
                cumulative_minor=earned,
                price_minor=now.price,
                cost_to_date_minor=now.cost,
                cost_at_completion_minor=now.at_completion,
                provision_minor=_provision(now, earned - more),
            )
        )
        before = earned
    return tuple(found)


def _limited(facts: ContractFacts, now: _Standing, exact: Fraction) -> int:
    """The cumulative figure, rounded: never more than the price, and all of it once the work is over."""
    if now.price is None:
        return round_half_up(exact)
    if facts.method is not Method.AS_APPROVED and (now.is_complete or now.is_terminated):
        return now.price
    return min(now.price, round_half_up(exact))


def _provision(now: _Standing, earned: int) -> int:
    """The whole expected loss is borne at once: what of it is in the costs less the revenue so far needs no provision."""
    if now.price is None or now.at_completion is None or now.at_completion <= now.price:
        return 0
    return max(0, (now.at_completion - now.price) - (now.cost - earned))


def _standings(facts: ContractFacts, months: Sequence[date]) -> list[_Standing]:
    ends = [following(month) for month in months]
    deltas = sums_before(((one.approved_on, one.delta_minor) for one in facts.changes), ends)
    costs = sums_before(((one.day, one.amount_minor) for one in facts.costs), ends)
    return [_standing(facts, end, delta, cost) for end, delta, cost in zip(ends, deltas, costs, strict=True)]


def _standing(facts: ContractFacts, end: date, delta: int, cost: int) -> _Standing:
    price = None if facts.price_minor is None else facts.price_minor + delta
    is_terminated = facts.termination is not None and facts.termination.day < end
    is_complete = facts.completed_on is not None and facts.completed_on < end
    if is_terminated and facts.termination is not None and facts.termination.price_minor is not None:
        price = facts.termination.price_minor
    if price is not None and price < 0:
        faults = Faults()
        faults.add(
            "/changes", "change_order.below_zero", f"Before {end} the change orders bring the price to {price}; it cannot be below 0."
        )
        faults.raise_any("revenue of a contract")
    known = [one for one in facts.estimates if one.day < end]
    latest = max(known, key=lambda one: one.day, default=None)
    at_completion = cost if is_complete or is_terminated else None if latest is None else max(cost, latest.at_completion_minor)
    return _Standing(end=end, price=price, cost=cost, at_completion=at_completion, is_complete=is_complete, is_terminated=is_terminated)


def _as_approved(facts: ContractFacts, standings: Sequence[_Standing]) -> list[Fraction]:
    ends = [now.end for now in standings]
    work = sums_before(((one.day, one.amount_minor) for one in facts.work if _counts(facts, one.day)), ends)
    sold = [Fraction(0)] * len(ends) if facts.prepaid is None else earned_before(facts.prepaid, ends)
    return [facts.earned_before_minor + done + used for done, used in zip(work, sold, strict=True)]


def _milestone(facts: ContractFacts, standings: Sequence[_Standing]) -> list[Fraction]:
    reached = [
        (one.approved_on, one.amount_minor) for one in facts.milestones if one.approved_on is not None and _counts(facts, one.approved_on)
    ]
    return [Fraction(facts.earned_before_minor + done) for done in sums_before(reached, [now.end for now in standings])]


def _cost_to_cost(_facts: ContractFacts, standings: Sequence[_Standing]) -> list[Fraction]:
    return [Fraction((now.price or 0) * max(0, now.cost), now.at_completion) if now.at_completion else Fraction(0) for now in standings]


def _straight_line(facts: ContractFacts, standings: Sequence[_Standing]) -> list[Fraction]:
    if facts.service is None or facts.service.end is None:
        raise ValueError("a price that is earned evenly has no days")
    start, days = facts.service.start, (facts.service.end - facts.service.start).days
    return [Fraction((now.price or 0) * min(days, max(0, (now.end - start).days)), days) for now in standings]


_EXACT: Mapping[Method, _Exact] = {
    Method.AS_APPROVED: _as_approved,
    Method.COST_TO_COST: _cost_to_cost,
    Method.MILESTONE: _milestone,
    Method.STRAIGHT_LINE: _straight_line,
}


def _counts(facts: ContractFacts, day: date) -> bool:
    return facts.counts_from is None or day >= facts.counts_from


def sums_before(amounts: Iterable[tuple[date, int]], ends: Sequence[date]) -> list[int]:
    """What the amounts of all days before each of ``ends`` come to; ``ends`` in order."""
    rest = sorted(amounts, key=lambda one: one[0])
    found, total, at = [], 0, 0
    for end in ends:
        while at < len(rest) and rest[at][0] < end:
            total += rest[at][1]
            at += 1
        found.append(total)
    return found

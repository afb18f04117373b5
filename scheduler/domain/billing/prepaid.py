"""
Minutes that are paid before they are worked: the periods of a retainer whose minutes roll over, and blocks of hours.

What is sold together is a pot. Work draws from the oldest pot that is open on its day; a pot's price is earned as its minutes are drawn, and
what is left of it when the pot lapses.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from scheduler.domain.billing.months import check_month, following
from scheduler.domain.ground.checks import Faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    """Minutes sold for a price (minor units), to be drawn from ``opens_on`` on and before ``lapses_on``; ``None``: they never lapse."""

    opens_on: date
    price_minor: int
    minutes: int
    lapses_on: date | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        faults.integer("/price_minor", self.price_minor, least=0)
        faults.integer("/minutes", self.minutes, least=0)
        if self.lapses_on is not None and self.lapses_on <= self.opens_on:
            faults.add(
                "/lapses_on", "interval.empty", f"The minutes lapse {self.lapses_on}, before anybody could use them; lapse them later."
            )
        faults.raise_any("sold minutes")

    def is_open(self, day: date) -> bool:
        """Whether work of the day may draw from it."""
        return self.opens_on <= day and (self.lapses_on is None or day < self.lapses_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesUsed:
    """Minutes worked on a day that the client has paid for, or not (``beyond``)."""

    day: date
    minutes: int

    def __post_init__(self) -> None:
        faults = Faults()
        faults.integer("/minutes", self.minutes, least=0)
        faults.raise_any("used minutes")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainerPeriod:
    """A month of a retainer: its fee (minor units), the minutes in it, and those that were worked in it."""

    month: date
    fee_minor: int
    included_minutes: int
    used_minutes: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        check_month(faults, "/month", self.month)
        for name in ("fee_minor", "included_minutes", "used_minutes"):
            faults.integer(f"/{name}", getattr(self, name), least=0)
        faults.raise_any("retainer period")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Minutes of a day taken from a pot; ``pot`` is its place in the list, ``None`` for minutes beyond all that was sold."""

    pot: int | None
    day: date
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepaid:
    """What was sold and what was worked of it; whatever is left lapses on ``ends_on``."""

    pots: tuple[Pot, ...]
    uses: tuple[MinutesUsed, ...] = ()
    ends_on: date | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "pots", tuple(sorted(self.pots, key=lambda one: one.opens_on)))
        object.__setattr__(self, "uses", tuple(sorted(self.uses, key=lambda one: one.day)))


def of_retainer(periods: Iterable[RetainerPeriod], *, roll_over_months: int, ends_on: date | None = None) -> Prepaid:
    """
    The periods as pots: minutes of a period may be used in it and in so many months after it, the oldest first.

    With 0 months each period stands alone and its whole fee is earned in it, whatever was worked.
    """
    all_periods = tuple(periods)
    pots = tuple(
        Pot(
            opens_on=one.month,
            price_minor=one.fee_minor,
            minutes=one.included_minutes,
            lapses_on=following(one.month, by=roll_over_months + 1),
        )
        for one in all_periods
    )
    uses = tuple(MinutesUsed(day=one.month, minutes=one.used_minutes) for one in all_periods)
    return Prepaid(pots=pots, uses=uses, ends_on=ends_on)


def draws(prepaid: Prepaid) -> tuple[Draw, ...]:
    """From which pot each day's minutes come, in order of the days."""
    left = [pot.minutes for pot in prepaid.pots]
    found = []
    for use in prepaid.uses:
        wanted = use.minutes
        for number, pot in enumerate(prepaid.pots):
            taken = min(wanted, left[number]) if pot.is_open(use.day) else 0
            if taken:
                left[number] -= taken
                wanted -= taken
                found.append(Draw(pot=number, day=use.day, minutes=taken))
        if wanted:
            found.append(Draw(pot=None, day=use.day, minutes=wanted))
    return tuple(found)


def beyond(prepaid: Prepaid) -> tuple[MinutesUsed, ...]:
    """Minutes worked beyond what was sold and not used up: they are billed apart."""
    return tuple(MinutesUsed(day=one.day, minutes=one.minutes) for one in draws(prepaid) if one.pot is None)


def earned_before(prepaid: Prepaid, ends: Sequence[date]) -> list[Fraction]:
    """What the pots have earned before each of these days, exactly: minutes drawn and minutes lapsed, each at its pot's price per minute."""
    drawn = draws(prepaid)
    found = []
    for end in ends:
        minutes: defaultdict[int | None, int] = defaultdict(int)
        for one in drawn:
            if one.day < end:
                minutes[one.pot] += one.minutes
        found.append(sum((_earned(pot, minutes[number], prepaid.ends_on, end) for number, pot in enumerate(prepaid.pots)), Fraction(0)))
    return found


def _earned(pot: Pot, drawn: int, ends_on: date | None, end: date) -> Fraction:
    if pot.opens_on >= end:
        return Fraction(0)
    is_over = any(day is not None and day <= end for day in (pot.lapses_on, ends_on))
    if is_over or not pot.minutes:
        return Fraction(pot.price_minor)
    return Fraction(pot.price_minor * drawn, pot.minutes)

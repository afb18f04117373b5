"""
Cuts on the demand side: every second run of a person on some demands pays.

Of each demand of a cut a plan has one run at most, so people together have at most so many seconds as there are pairs among the
demands; a person named counts as one run more, on both sides. What a person pays depends on whether an odd number counts so far: one
bit to remember per cut.

Of the runs to come a rate each may be taken off beforehand, up to half of the price: m of them pay at least m - 1 halves, and m halves
where an odd number counts already. So a schedule that stands even has one rate in hand, to be given back when nothing more can come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.verify_ledger import Ledger

Numbers = np.ndarray[Any, Any]
LEAST_DEMANDS, MOST_DEMANDS = 2, 9
PricedCut = tuple[tuple[str, ...], str | None, int]
"""Demands, the person named, the price in ten-thousandths of Z."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut as it concerns one person."""

    demands: frozenset[str]
    named: bool
    """Whether it is the person whom the cut names: the runs begin to count at one."""
    price: int
    """In ten-thousandths of Z."""


def cut_faults(ledger: Ledger, prices: Prices) -> Iterator[str]:
    """Cuts that prove nothing: of demands that may have two runs, of too few or too many, or below 0."""
    held = {pin.run.demand for pin in ledger.pins()}
    for (demands, person), price in prices.cuts.items():
        fits = LEAST_DEMANDS <= len(demands) <= MOST_DEMANDS and list(demands) == sorted(set(demands))
        if not fits or price < 0 or (person is not None and person not in ledger.people):
            yield f"cut of {', '.join(demands)} and {person}: {price}"
        for demand in demands:
            if demand not in ledger.demands or demand in held or ledger.demands[demand].max_people > 1:
                yield f"cut of {', '.join(demands)}: {demand} may have more than one run"


def cuts_worth(prices: Prices) -> int:
    """What the demand side is worth at the cuts, in units of Z: each as often as there is a second run to pay."""
    return sum(c * ((len(demands) + (person is not None)) // 2) for (demands, person), c in prices.cuts.items())


def priced_cuts(prices: Prices) -> tuple[PricedCut, ...]:
    """The cuts with a price, in an order of their own, whatever the file's."""
    return tuple(sorted(((*cut, E4 * c) for cut, c in prices.cuts.items() if c), key=lambda cut: (cut[0], cut[1] or "")))


def cuts_of(cuts: Iterable[PricedCut], person: str, demands: Collection[str]) -> tuple[Cut, ...]:
    """The cuts that somebody with runs on these demands could have to pay."""
    return tuple(
        Cut(mine, who == person, price)
        for listed, who, price in cuts
        if len(mine := frozenset(d for d in listed if d in demands)) + (who == person) >= LEAST_DEMANDS
    )


class CutPayments:
    """Pays for the runs of one schedule, one after the other."""

    def __init__(self, cuts: Iterable[Cut]) -> None:
        self._cuts = tuple(cuts)
        self._odd = {cut for cut in self._cuts if cut.named}

    def of(self, demand: str) -> int:
        """What one more run, on this demand, would pay."""
        return sum(cut.price for cut in self._odd if demand in cut.demands)

    def take(self, demand: str) -> None:
        """Count it."""
        self._odd ^= {cut for cut in self._cuts if demand in cut.demands}


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates by cut, and what follows from them for a person's ways."""

    members: Numbers
    """1 where a way's demand belongs to the cut, by cut and way."""
    most: tuple[int, ...]
    """Half of each price."""
    named: tuple[bool, ...]

    @staticmethod
    def of(cuts: Sequence[Cut], pairs: Sequence[str], whole: np.dtype[np.generic]) -> Rates:
        """The rates that cuts may have."""
        members = np.array([[pair in cut.demands for pair in pairs] for cut in cuts], dtype=whole).reshape(len(cuts), len(pairs))
        return Rates(members, tuple(cut.price // 2 for cut in cuts), tuple(cut.named for cut in cuts))

    @property
    def start(self) -> list[int]:
        """Half of the price where the person is named, as every run pays that at least; none otherwise."""
        return [most if named else 0 for most, named in zip(self.most, self.named, strict=True)]

    def charge(self, rates: Sequence[int]) -> Numbers:
        """What a run pays beforehand, by way."""
        charged: Numbers = (np.array(rates, dtype=self.members.dtype)[:, None] * self.members).sum(axis=0)
        return charged

    def seconds(self, ways: Numbers) -> list[int]:
        """By cut: runs of these ways that count for it beyond the first."""
        counted: list[int] = self.members[:, ways].sum(axis=1).tolist()
        return [0 if named else count - 1 for count, named in zip(counted, self.named, strict=True)]

    def movable(self, rates: Sequence[int], steps: Sequence[int]) -> list[int]:
        """The steps that lead away from no end of a rate."""
        ends = zip(rates, self.most, steps, strict=True)
        return [0 if (rate <= 0 and x < 0) or (rate >= most and x > 0) else x for rate, most, x in ends]

    def moved(self, rates: Sequence[int], by: Sequence[int]) -> list[int]:
        """The rates after steps."""
        return [min(most, max(0, rate + x)) for rate, most, x in zip(rates, self.most, by, strict=True)]

    def in_hand(self, rates: Sequence[int]) -> int:
        """What an empty schedule has in hand."""
        return sum(rate for rate, named in zip(rates, self.named, strict=True) if not named)

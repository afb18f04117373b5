"""
The most that a person's schedule can be worth at prices, proven.

Runs are gone through in the order of their first period. A state is what of the past still matters: the value and the minutes so far,
the room left in periods to come, and the demands, shifts, projects and cuts decided while more runs of theirs may follow. A state is
dropped when it cannot beat the best schedule known, or when another one is ahead by all that could still make up for it. Where states
become too many, the least promising are given up, and the most that any of them could have come to limits the result: it is an upper
limit always, and exact unless the report says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.verify_cuts import CutPayments
from solver_models.staffing.verify_multipliers import Lagrangian, Tree
from solver_models.staffing.verify_room import Room

if TYPE_CHECKING:
    from solver_models.staffing.verify_multipliers import Multipliers
    from solver_models.staffing.verify_offers import Offers
    from solver_models.staffing.verify_options import Numbers

EFFORT = 1_000_000_000
"""
Tries to add a run to a state, and comparisons of states, for one person. Counted, not timed, so that everybody who checks a
certificate comes to the same figure.
"""
_AT_FIRST = 20_000
"""Tries without multipliers: enough for a person with few runs to choose from."""
_STEPS, _MORE_STEPS = (20, 40), 100
"""Steps for multipliers before and after a first schedule is known, and after each sweep."""
STATE_CAPS = (500, 32_000)
"""States kept when there are too many: at first, for a good schedule, and at most."""
_WIDER = 4
"""Each sweep may hold so many times the states of the one before; it takes up to the square of that in effort."""
_AT_ONCE = 500
"""Runs looked at for a first schedule."""
_MOST_MINUTES = 2**31 - 1
"""Minutes of one period that a sweep can count."""
_LARGEST_BITS = 60
"""Sums of a person's amounts stay below this power of two in compiled code."""


@dataclass(frozen=True, slots=True)
class BestWorth:
    """The best schedule's worth lies between ``found``, that of a schedule, and ``limit``; the bound counts ``limit``."""

    limit: int
    found: int
    effort: int = 0
    """Tries that it took."""

    @property
    def exact(self) -> bool:
        """Whether the limit is the best schedule's worth."""
        return self.limit == self.found


def best_worth(offers: Offers, *, caps: tuple[int, int] = STATE_CAPS, effort: int = EFFORT, before: BestWorth | None = None) -> BestWorth:
    """How much the best schedule is worth at most, in ten-thousandths of Z; ``before`` is what less effort came to."""
    band = offers.fairness
    known = 0 if band is None else band.worth(0)
    if not len(offers.value):
        return BestWorth(offers.constant + known, offers.constant + known)
    coarse = max(0, _largest(offers).bit_length() - _LARGEST_BITS)
    search = _Search(_coarser(offers, coarse), -(-known >> coarse))
    if before is not None and not coarse:
        search.known, search.limit = before.found - offers.constant, before.limit - offers.constant
    search.run(caps, effort)
    known = max(known, worth_at_once(offers, -offers.value)) if coarse else search.known
    limit, found = offers.constant + (search.limit << coarse), offers.constant + known
    if before is not None:
        limit, found = min(limit, before.limit), max(found, before.found)
    return BestWorth(limit, found, effort=search.effort)


def _largest(offers: Offers) -> int:
    """No sum of a person's amounts exceeds this."""
    demands, minutes, band = len({way.pair for way in offers.ways}), sum(offers.room), offers.fairness
    run = int(abs(offers.value).max()) + sum(cut.price for cut in offers.cuts)
    total = 2 * demands * run + sum(map(abs, offers.fees.values()))
    return total if band is None else total + band.cost * (2 * demands + 1) * (minutes + band.booked + band.low + band.high)


def _coarser(offers: Offers, bits: int) -> Offers:
    """
    The same choice in units of a power of two, in integers of 64 bits.

    Worth is rounded up and costs are rounded down, so every schedule is worth at least what it was.
    """
    worth, once = -(-offers.worth >> bits), offers.once >> bits
    sums = np.zeros((worth.shape[0], worth.shape[1] + 1), dtype=worth.dtype)
    np.cumsum(worth, axis=1, out=sums[:, 1:])
    value = sums[offers.way, offers.last + 1] - sums[offers.way, offers.first] - once[offers.way]
    band = offers.fairness
    return replace(
        offers,
        fairness=None if band is None else replace(band, cost=band.cost >> bits),
        fees={project: fee >> bits for project, fee in offers.fees.items()},
        cuts=tuple(replace(cut, price=cut.price >> bits) for cut in offers.cuts),
        minutes=offers.minutes.astype(np.int64),
        worth=worth.astype(np.int64),
        once=once.astype(np.int64),
        value=value.astype(np.int64),
    )


class _Search:
    """Narrows down the best schedule's worth between ``known`` and ``limit``, without what is ``constant``."""

    def __init__(self, offers: Offers, known: int) -> None:
        self._offers = offers
        self._tree = Tree.of(offers)
        self._room = Room.of(offers)
        self._lagrangian = Lagrangian(offers, self._tree, self._room)
        self.free = self._lagrangian.start()
        self.known, self.limit, self.effort = known, max(known, self.free.limit), 0

    def sweep(self, multipliers: Multipliers, *, cap: int, effort: int) -> None:
        """Follow the runs that a better schedule than the best known could have; of periods without measure only the multipliers know."""
        if max(self._offers.room) > _MOST_MINUTES:
            return
        # Brings numba along, which takes half a second: whoever checks only a plan's rules need not wait for it.
        from solver_models.staffing.verify_sweep import swept

        kept = np.flatnonzero(multipliers.limit - self._lagrangian.loss(multipliers) > self.known)
        found = swept(self._offers, self._tree, self._room, multipliers, kept, known=self.known, cap=cap, effort=effort)
        self.effort += found.effort
        self.known = max(self.known, found.best)
        self.limit = max(self.known, min(self.limit, found.given_up))

    def run(self, caps: tuple[int, int], effort: int) -> None:
        """Sweep without multipliers, then find good ones and a good schedule, and sweep with ever more states, as far as the effort allows."""
        self.sweep(self.free, cap=caps[0], effort=min(effort, _AT_FIRST))
        lagrangian, best, (cap, most) = self._lagrangian, self.free, caps
        for steps in _STEPS if self.limit > self.known else ():
            best = self._improved(best, steps)
            self.known = max(self.known, worth_at_once(self._offers, lagrangian.loss(best)))
            self.limit = max(self.known, self.limit)
        while self.limit > self.known and self.effort < effort and cap:
            before = self.effort
            self.sweep(best, cap=cap, effort=effort - self.effort)
            best = self._improved(best, _MORE_STEPS)
            # A sweep cut short proves little, so the next one is as wide as should fit, and there is none that would be hardly wider.
            fits = cap * isqrt(100 * max(0, effort - self.effort) // max(1, self.effort - before)) // 10
            cap, narrow = min(most, _WIDER * cap, fits), cap
            cap = cap if 2 * cap > 3 * narrow else 0

    def _improved(self, multipliers: Multipliers, steps: int) -> Multipliers:
        best = self._lagrangian.improved(multipliers, goal=self.known, steps=steps)
        self.limit = max(self.known, min(self.limit, best.limit))
        return best


def worth_at_once(offers: Offers, loss: Numbers) -> int:
    """The worth of a schedule put together run by run, those that cost least of the limit first."""
    order = np.argsort(loss, kind="stable")[:_AT_ONCE].tolist()
    room, places = list(offers.room), list(offers.places or ())
    pairs, shifts, projects, cuts = set[str](), dict[object, int](), set[str](), CutPayments(offers.cuts)
    worth = minutes = 0
    for run in order:
        way, span = offers.ways[offers.way[run]], range(int(offers.first[run]), int(offers.last[run]) + 1)
        taken = offers.minutes[offers.way[run]].tolist()
        fee = (0 if way.project in projects else offers.fees.get(way.project, 0)) + cuts.of(way.pair)
        gain = int(offers.value[run]) - fee
        if offers.fairness is not None:
            gain += offers.fairness.worth(minutes + sum(taken[t] for t in span)) - offers.fairness.worth(minutes)
        if gain <= 0 or way.pair in pairs or shifts.get(way.unit, way.shift) != way.shift:
            continue
        if any(taken[t] > room[t] for t in span) or (places and any(places[t] < 1 for t in span)):
            continue
        for t in span:
            room[t] -= taken[t]
            if places:
                places[t] -= 1
        pairs.add(way.pair)
        cuts.take(way.pair)
        shifts[way.unit] = way.shift
        projects.add(way.project)
        worth, minutes = worth + int(offers.value[run]) - fee, minutes + sum(taken[t] for t in span)
    return worth if offers.fairness is None else worth + offers.fairness.worth(minutes)

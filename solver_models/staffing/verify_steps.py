"""
Runs in steps: begun for as long as they must last, then gone on with period by period.

Where any end is allowed, a run need not be chosen whole: a few ways to begin and to go on stand for many runs, and schedules that
differ only in how a run began are the same from then on. Where some ends are not allowed (absences leave too little of what is
promised), the runs are steps of their own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver_models.staffing.verify_multipliers import Multipliers
    from solver_models.staffing.verify_offers import Offers
    from solver_models.staffing.verify_options import Numbers


@dataclass(frozen=True, slots=True)
class Step:
    """A run from ``first`` to ``last``, or one more period of a run that ended before ``first`` (``goes_on``)."""

    way: int
    first: int
    last: int
    paid: int
    """Worth less what it pays at the multipliers."""
    later: int
    """What going on afterwards could add at most."""
    goes_on: bool
    continued: bool
    """Whether a step goes on from it."""


def steps_of(offers: Offers, multipliers: Multipliers, kept: Numbers) -> Iterator[Step]:
    """The steps of some runs."""
    by_way: defaultdict[int, list[int]] = defaultdict(list)
    for run, way in zip(kept.tolist(), offers.way[kept].tolist(), strict=True):
        by_way[way].append(run)
    first, last, paid = offers.first.tolist(), offers.last.tolist(), multipliers.paid.tolist()
    for way, runs in by_way.items():
        if len(runs) > 1 and offers.any_end[way]:
            yield from _begun_and_gone_on(offers, multipliers, way, {first[run] for run in runs}, max(last[run] for run in runs))
        else:
            yield from (Step(way, first[run], last[run], paid[run], 0, goes_on=False, continued=False) for run in runs)


def _begun_and_gone_on(offers: Offers, multipliers: Multipliers, way: int, firsts: set[int], end: int) -> Iterator[Step]:
    """Ways to begin in some periods, and to go on until the last one that matters."""
    net: list[int] = multipliers.net[way].tolist()
    minutes: list[int] = offers.minutes[way].tolist()
    least, once = int(offers.least[way]), int(multipliers.once[way])
    goes = [minutes[t] <= offers.room[t] and (offers.places is None or offers.places[t] > 0) for t in range(end + 1)]
    later = [0] * (end + 2)
    for t in range(end, -1, -1):
        later[t] = max(0, net[t] + later[t + 1]) if goes[t] else 0

    def continued(t: int) -> bool:
        return t < end and goes[t + 1]

    for begin in sorted(firsts):
        until = begin + least - 1
        yield Step(way, begin, until, sum(net[begin : until + 1]) - once, later[until + 1], goes_on=False, continued=continued(until))
    ends = {begin + least - 1 for begin in firsts}
    for t in range(min(firsts) + least, end + 1):
        if goes[t] and t - 1 in ends:
            ends.add(t)
            yield Step(way, t, t, net[t], later[t + 1], goes_on=True, continued=continued(t))

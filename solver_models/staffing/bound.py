"""
Column generation: a bound on every plan from prices, and the schedules that those prices call for.

Each round the master mixes the schedules known so far, its dual prices go to every person, and each answers with the best
schedule at those prices. Any prices give a bound; the rounds end when no schedule improves the mix.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver_models.staffing.master import Master
from solver_models.staffing.prices import Prices, demand_side_e4
from solver_models.staffing.problem import E4
from solver_models.staffing.schedules import Pricer, Schedule, schedule_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Run

_CLOSED = 1e-7
"""Share of the bound at which the mix counts as the best there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedBound:
    """The least bound met, in units of Z, the prices that give it, and every schedule met on the way."""

    bound_x60: int
    prices: Prices
    schedules: tuple[Schedule, ...]
    mix: tuple[tuple[float, Schedule], ...]
    """The schedules of the last mix with their weights, the heaviest first."""


def price_bound(
    columns: Columns,
    plans: Iterable[Sequence[Run]],
    *,
    workers: int,
    is_over: Callable[[], bool],
    seconds_left: Callable[[], float],
    on_bound: Callable[[int], None] = lambda _: None,
) -> PricedBound:
    """
    Tighten the bound until no schedule improves the mix, or ``is_over``.

    ``plans`` (at least one feasible one) give the first schedules; ``on_bound`` hears of every bound.
    """
    master = Master(columns)
    people = columns.problem.people
    for plan in plans:
        master.add(schedule_of(columns, p, plan) for p in people)
    pricers = [Pricer(columns, p) for p in people]
    best: tuple[int, Prices] | None = None
    with ThreadPoolExecutor(max_workers=workers) as pool:
        while not (best is not None and is_over()):
            mix_x60, prices = master.solve()
            answers = list(pool.map(lambda pricer, prices=prices: pricer.best(prices, seconds=max(0.05, seconds_left())), pricers))
            bound = (demand_side_e4(columns, prices) + sum(value for value, _ in answers)) // E4
            if best is None or bound < best[0]:
                best = bound, prices
                on_bound(bound)
            new = master.add(schedule for _, found in answers for schedule in found)
            if new == 0 or best[0] - mix_x60 <= _CLOSED * abs(best[0]):
                break
    assert best is not None
    return PricedBound(bound_x60=best[0], prices=best[1], schedules=tuple(master.schedules), mix=tuple(master.mix()))

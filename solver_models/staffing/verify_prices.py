"""
The bound that prices prove, recomputed.

    bound = (what the demand side is worth at the prices + everybody's best schedule at them) / 10,000, rounded down

The formulas are those of the certificate; a person's best schedule is found, or limited from above, by ``verify_schedule``.
Nothing is taken from the file but the prices.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4
from solver_models.staffing.verify_cuts import cut_faults, cuts_worth
from solver_models.staffing.verify_limits import APART_LIMIT, Use
from solver_models.staffing.verify_offers import PersonReader
from solver_models.staffing.verify_options import PriceBook
from solver_models.staffing.verify_rules import FULL_E4
from solver_models.staffing.verify_schedule import EFFORT, STATE_CAPS, BestWorth, best_worth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from solver_models.staffing.certificate import Prices
    from solver_models.staffing.verify_ledger import Ledger

EFFORT_A_PERSON, LEAST_EFFORT = 9_000_000, 300_000_000
"""For all people together, and at least."""
EFFORT_A_SECOND = 50_000_000
"""What two cores do in a second, or a little less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedBound:
    """The bound, and how much of it is exact."""

    bound_x60: int
    demand_side_e4: int
    people: tuple[BestWorth, ...]
    """Everybody's best schedule, in the problem's order."""


def effort_for(people: int, seconds: float) -> int:
    """
    What is spent on the bound of an answer that took so many seconds (0: nobody says): about as long at most, or some six seconds.

    It follows from the file alone, so whoever checks it gets the same figure. Seconds that are not true loosen the bound; they cannot
    make it wrong.
    """
    enough = max(LEAST_EFFORT, EFFORT_A_PERSON * people)
    return enough if seconds <= 0 else min(enough, max(LEAST_EFFORT, EFFORT_A_SECOND * int(seconds)))


def priced_bound(
    ledger: Ledger,
    prices: Prices,
    *,
    effort: int | None = None,
    caps: tuple[int, int] = STATE_CAPS,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> PricedBound:
    """
    The bound that these prices give; they must have no ``price_faults``.

    Everybody may use an equal share of half of the effort. What is left is shared by those who need more, again and again, while that
    is at least twice what they could use before; who needs more than that gets a limit instead of the exact best schedule.
    """
    book, everybody = PriceBook.of(ledger, prices), ledger.problem.people
    left = effort_for(len(everybody), 0) if effort is None else effort
    found: list[BestWorth] = []
    with ThreadPoolExecutor(os.cpu_count()) as threads:

        def swept(people: Iterable[int], share: int, before: Sequence[BestWorth | None]) -> Iterator[BestWorth]:
            def of(n: int, known: BestWorth | None) -> BestWorth:
                return best_worth(PersonReader(book, everybody[n]).offers(), caps=caps, effort=min(EFFORT, share), before=known)

            return threads.map(of, people, before)

        share = left // (2 * max(1, len(everybody)))
        for worth in swept(range(len(everybody)), share, [None] * len(everybody)):
            found.append(worth)
            on_progress(len(found), len(everybody))
        left -= sum(worth.effort for worth in found)
        while (waiting := [n for n, worth in enumerate(found) if not worth.exact]) and left // len(waiting) >= max(1, 2 * share):
            share = left // len(waiting)
            for n, worth in zip(waiting, swept(waiting, share, [found[n] for n in waiting]), strict=True):
                found[n] = worth
                left -= worth.effort
    side = demand_side_e4(ledger, prices, book.used)
    total = side + sum(worth.limit for worth in found)
    return PricedBound(bound_x60=total // E4, demand_side_e4=side, people=tuple(found))


def price_faults(ledger: Ledger, prices: Prices) -> Iterator[str]:
    """Why the prices are none that give a bound: prices of nothing, or below 0 where that is not allowed."""
    binding = binding_projects(ledger)
    for (demand, shift, t), v in prices.share.items():
        if demand not in ledger.demands or not 0 <= t < ledger.horizon:
            yield f"share: there is no {demand} in period {t}"
        elif v < 0 and not _binds(ledger, binding, demand, shift, t):
            yield f"share of {demand} moved by {shift} in period {t} is {v}; below 0 only where all_or_nothing binds"
    for demand, h in prices.heads.items():
        if demand not in ledger.demands or h < 0:
            yield f"heads of {demand}: {h}"
    if prices.fresh < 0 or (prices.fresh and ledger.problem.policy.max_churn_minutes is None):
        yield f"new: {prices.fresh}"
    for (project, g), a in prices.apart.items():
        groups = ledger.projects[project].apart if project in ledger.projects else ()
        if not 0 <= g < len(groups) or a < 0:
            yield f"apart group {g} of {project}: {a}"
    pinned = ledger.pinned_projects()
    for (project, g, person), w in prices.together.items():
        groups = ledger.projects[project].together if project in ledger.projects else ()
        if not 0 <= g < len(groups) or person not in groups[g] or (w and project in pinned):
            yield f"together group {g} of {project} for {person}: {w}"
    yield from cut_faults(ledger, prices)


def binding_projects(ledger: Ledger) -> frozenset[str]:
    """Projects where all or nothing binds."""
    return frozenset(p.id for p in ledger.problem.projects if p.all_or_nothing) - ledger.pinned_projects()


def _binds(ledger: Ledger, binding: frozenset[str], demand: str, shift: int, t: int) -> bool:
    """Whether rule 8 asks for all of the demand, so moved, in the period."""
    wanted, at = ledger.demands[demand], t - shift
    inside = t >= ledger.problem.policy.frozen_periods and 0 <= at < ledger.horizon
    return inside and wanted.project in binding and wanted.effort[at] > 0


def demand_side_e4(ledger: Ledger, prices: Prices, used: Use) -> int:
    """What the demand side is worth at the prices, in ten-thousandths of Z."""
    shares = _share_worth(prices, used)
    binding, whole = binding_projects(ledger), dict[str, int]()
    total = 0
    for unit, demands in ledger.units.items():
        heads = sum(_heads_worth(ledger, prices, used, demand) for demand in demands)
        worth = max((heads + sum(shares.get((demand, s), 0) for demand in demands) for s in ledger.unit_shifts(unit)), default=0)
        project = ledger.demands[demands[0]].project
        if project in binding:
            whole[project] = whole.get(project, 0) + worth
        else:
            total += worth
    return total + sum(max(0, worth) for worth in whole.values()) + E4 * (_groups_worth(ledger, prices, used) + cuts_worth(prices))


def _share_worth(prices: Prices, used: Use) -> dict[tuple[str, int], int]:
    """By demand and shift: all of the demand at its prices; less than all, but nearly, where being on pays."""
    worth: dict[tuple[str, int], int] = {}
    for (demand, shift, t), v in prices.share.items():
        limit = max(E4, used.shares_e4[demand, t]) if v >= 0 else FULL_E4
        worth[demand, shift] = worth.get((demand, shift), 0) + v * limit
    return worth


def _heads_worth(ledger: Ledger, prices: Prices, used: Use, demand: str) -> int:
    h = prices.heads.get(demand, 0)
    return E4 * h * max(ledger.demands[demand].max_people, used.people[demand]) if h else 0


def _groups_worth(ledger: Ledger, prices: Prices, used: Use) -> int:
    """New minutes and project groups, in units of Z."""
    worth = prices.fresh * (ledger.problem.policy.max_churn_minutes or 0)
    for (project, g), a in prices.apart.items():
        group = ledger.projects[project].apart[g]
        worth += a * max(APART_LIMIT, len(group & used.on_project[project]))
    by_group: dict[tuple[str, int], int] = {}
    for (project, g, _), w in prices.together.items():
        by_group[project, g] = by_group.get((project, g), 0) + w
    return worth + sum(max(0, w) for w in by_group.values())

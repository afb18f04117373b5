"""Deals that may be won or lost: which outcomes there are, what each is worth in money, and what that comes to on the whole."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, takewhile
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.money import round_half_up
from scheduler.domain.staffing.work import ProjectState
from scheduler.planning.scope import projects_in_scope
from scheduler.planning.to_problem import to_problem
from solver_models.staffing.outcomes import freed_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scheduler.domain.staffing.work import Project
    from scheduler.planning.request import PlanRequest
    from scheduler.planning.snapshot import Snapshot
    from scheduler.planning.staffing import Staffing
    from solver_models.staffing.outcomes import Freed

EXACT_MAX = 12
"""Up to so many deals every outcome is counted out; of more, outcomes are drawn."""
_Z95 = 1.96
QUANTILES = (10, 50, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeal:
    """A tentative project in scope; ``freed``: what people get back of their time when it is lost."""

    id: str
    name: str
    chance: Fraction
    freed: Mapping[str, Freed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The firm with every open deal won, and the deals."""

    staffing: Staffing
    deals: tuple[OpenDeal, ...]
    """With a chance above 0 and below 1; those that are sure to come are no question, those sure not to are left out."""

    @property
    def is_exact(self) -> bool:
        """Whether every outcome is counted out."""
        return len(self.deals) <= EXACT_MAX

    def chance_of(self, won: Iterable[str]) -> Fraction:
        """The probability that just these deals are won, each for itself."""
        chance, among = Fraction(1), set(won)
        for deal in self.deals:
            chance *= deal.chance if deal.id in among else 1 - deal.chance
        return chance


def pipeline(snapshot: Snapshot, request: PlanRequest) -> Pipeline:
    """The deals of a request, and its problem as if all of them were won. Raises like ``to_problem``."""
    chosen, _ = projects_in_scope(snapshot, request)
    tentative = {i: p for i, p in chosen.items() if p.state is ProjectState.TENTATIVE}
    lost = frozenset(i for i, p in tentative.items() if p.probability == 0)
    sure = _without(snapshot, lost)
    won = replace(sure, projects=tuple(_won(p) if p.id in tentative else p for p in sure.projects))
    asked = _asked(replace(request, project_ids=frozenset(chosen), project_states=None), lost)
    staffing = to_problem(won, asked)
    planned = {d.project for d in staffing.problem.demands}
    open_deals = [p for i, p in sorted(tentative.items()) if i in planned and 0 < p.probability < 1]
    return Pipeline(
        staffing=staffing,
        deals=tuple(
            OpenDeal(id=p.id, name=p.name, chance=Fraction(p.probability), freed=_freed(won, asked, p, staffing)) for p in open_deals
        ),
    )


def _won(project: Project) -> Project:
    return replace(project, state=ProjectState.WON, probability=Decimal(1))


def _without(snapshot: Snapshot, lost: frozenset[str]) -> Snapshot:
    """Nobody is booked on a lost deal."""
    if not lost:
        return snapshot
    return replace(
        snapshot,
        projects=tuple(p for p in snapshot.projects if p.id not in lost),
        demands=tuple(d for d in snapshot.demands if d.project_id not in lost),
        bookings=tuple(b for b in snapshot.bookings if b.project_id not in lost),
        bill_rates=tuple(r for r in snapshot.bill_rates if r.project_id not in lost),
    )


def _asked(request: PlanRequest, gone: frozenset[str]) -> PlanRequest:
    """The request without what it says of projects that are gone."""
    policy = replace(request.policy, priorities=tuple(one for one in request.policy.priorities if one[0] not in gone))
    return replace(request, policy=policy, project_ids=None if request.project_ids is None else request.project_ids - gone)


def _freed(snapshot: Snapshot, request: PlanRequest, deal: Project, staffing: Staffing) -> dict[str, Freed]:
    """What bookings of the deal take that are no runs, by person: the difference of two problems, where there are any."""
    runs = {(run.person, run.demand) for run in staffing.problem.current}
    if all((b.person_id, b.demand_id) in runs for b in snapshot.bookings if b.project_id == deal.id):
        return {}
    gone = frozenset({deal.id})
    after = to_problem(_without(snapshot, gone), _asked(request, gone)).problem
    before = {p.id: p for p in staffing.problem.people}
    freed = {p.id: freed_between(before[p.id], p) for p in after.people if p.id in before}
    return {person: rows for person, rows in freed.items() if any(map(any, rows))}


def outcomes(found: Pipeline, *, samples: int, seed: int) -> Iterator[frozenset[str]]:
    """
    The outcomes to look at: all, the likeliest first; or, of many deals, first those of the thresholds and then as they are drawn.

    An outcome that is drawn again is not looked at again.
    """
    deals = [deal.id for deal in found.deals]
    if found.is_exact:
        every = [frozenset(won) for size in range(len(deals) + 1) for won in combinations(deals, size)]
        yield from sorted(every, key=lambda won: (-found.chance_of(won), sorted(won)))
        return
    yield from dict.fromkeys([*(won for _, won in thresholds(found)), *drawn(found, samples=samples, seed=seed)])


def drawn(found: Pipeline, *, samples: int, seed: int) -> list[frozenset[str]]:
    """Outcomes by their chances, the same ones for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - a sample, no secret
    return [frozenset(deal.id for deal in found.deals if rng.random() < deal.chance) for _ in range(samples)]


def thresholds(found: Pipeline) -> list[tuple[Fraction, frozenset[str]]]:
    """For each chance that some deal has, the outcome in which the deals are won that are at least as likely; the surest first."""
    chances = sorted({deal.chance for deal in found.deals}, reverse=True)
    return [(chance, frozenset(deal.id for deal in found.deals if deal.chance >= chance)) for chance in chances]


def summary(found: Pipeline, looked_at: Mapping[frozenset[str], Mapping[str, int]], *, samples: int, seed: int) -> dict[str, Any]:
    """
    What is expected and how far it spreads, as plain JSON; ``looked_at``: each outcome's ``low_x60``, ``high_x60``, ``margin_minor``.

    Counted out, the figures are exact up to each plan's own gap; drawn, the mean comes with an interval that holds it in 95 of 100
    such draws. Nothing is expected of outcomes that were not looked at in time: then all figures are null.
    """
    size = None
    if found.is_exact:
        weights = {won: found.chance_of(won) for won in outcomes(found, samples=samples, seed=seed)}
    else:
        # Those drawn first whose outcome was decided: to leave out just the hard ones would bend the mean.
        decided = list(takewhile(looked_at.__contains__, drawn(found, samples=samples, seed=seed)))
        size = len(decided)
        weights = {won: Fraction(times, size) for won, times in Counter(decided).items()}
    is_whole = bool(weights) and all(won in looked_at for won in weights)
    return {
        "method": "exact" if found.is_exact else "sampled",
        "is_complete": is_whole and (found.is_exact or size == samples),
        "outcomes": 2 ** len(found.deals),
        "outcomes_decided": len(looked_at),
        "samples": size,
        "amounts": _spread(weights, looked_at, size=size) if is_whole else None,
    }


def _spread(
    weights: Mapping[frozenset[str], Fraction], found: Mapping[frozenset[str], Mapping[str, int]], *, size: int | None
) -> dict[str, Any]:
    margins = sorted((found[won]["margin_minor"], weight) for won, weight in weights.items())
    mean = sum((margin * weight for margin, weight in margins), Fraction(0))
    variance = float(sum(((margin - mean) ** 2 * weight for margin, weight in margins), Fraction(0)))
    if size is not None and size > 1:
        variance *= size / (size - 1)
    error = None if size is None else _Z95 * math.sqrt(variance / max(1, size))
    return {
        "expected_margin_minor": round_half_up(mean),
        "expected_margin_low_minor": None if error is None else math.floor(float(mean) - error),
        "expected_margin_high_minor": None if error is None else math.ceil(float(mean) + error),
        "standard_deviation_minor": round(math.sqrt(variance)),
        "least_margin_minor": margins[0][0],
        "greatest_margin_minor": margins[-1][0],
        **{f"margin_p{percent}_minor": _quantile(margins, percent) for percent in QUANTILES},
        "expected_worth_low_minor": math.floor(sum(found[won]["low_x60"] * weight for won, weight in weights.items()) / 60),
        "expected_worth_high_minor": math.ceil(sum(found[won]["high_x60"] * weight for won, weight in weights.items()) / 60),
    }


def _quantile(margins: Sequence[tuple[int, Fraction]], percent: int) -> int:
    """The least margin that so many percent of the outcomes, by their chances, do not exceed."""
    passed = Fraction(0)
    for margin, weight in margins:
        passed += weight
        if passed * 100 >= percent:
            return margin
    return margins[-1][0]

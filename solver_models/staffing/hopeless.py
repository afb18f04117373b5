"""
All-or-nothing projects that nobody could ever fill, and prices that say so.

In some period of some demand, whatever its shift, as many people as may work on it at their largest shares do not reach what rule 8
asks. Left to itself a mix of schedules would fill such a project in parts. Its prices in a certificate: a reward for that
period, which nobody can earn whole; a charge per run that takes the reward back from whoever has part of it; and on every run of the
project more than it could bring.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4, LEAST_SHARE_E4

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Demand

_CLEAR_E4 = 100
"""Shares that must be missing at least; with less the prices would grow out of bounds."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A period of a demand at a shift that at most this share of can be covered by one run."""

    demand: Demand
    shift: int
    period: int
    most_e4: int


@dataclass(frozen=True, slots=True)
class Hopeless:
    """A project, and the prices that show it: as in a certificate."""

    project: str
    heads: Mapping[str, int]
    share: Mapping[tuple[str, int, int], int]


def hopeless_projects(columns: Columns) -> dict[str, Hopeless]:
    """Those that can be shown so."""
    found = {}
    for project in columns.problem.projects:
        if columns.is_whole(project.id) and (shown := _shown(columns, project.id)) is not None:
            found[project.id] = shown
    return found


def _shown(columns: Columns, project: str) -> Hopeless | None:
    terms = columns.terms
    demands = terms.of_project.get(project, ())
    for unit in dict.fromkeys(terms.unit_of[d.id] for d in demands):
        gaps = [_gap(columns, unit, s) for s in columns.shifts[unit]]
        if gaps and (certain := [gap for gap in gaps if gap is not None]) and len(certain) == len(gaps):
            return _priced(columns, project, certain)
    return None


def _gap(columns: Columns, unit: str, shift: int) -> Gap | None:
    """The widest gap of a unit at a shift."""
    gaps = (gap for d in columns.terms.units[unit] for gap in _gaps(columns, d, shift))
    return min(gaps, key=lambda gap: gap.most_e4 * columns.people_limit(gap.demand), default=None)


def _gaps(columns: Columns, d: Demand, shift: int) -> Iterator[Gap]:
    terms = columns.terms
    options = [o for o in columns.by_demand.get(d.id, ()) if o.shift == shift]
    for t, effort in enumerate(terms.effort(d.id, shift)):
        if effort > 0 and t >= terms.frozen:
            most = max((o.share_e4 for o in options if o.lo <= t <= o.hi), default=0)
            if most * columns.people_limit(d) <= LEAST_SHARE_E4 - _CLEAR_E4:
                yield Gap(d, shift, t, most)


def _priced(columns: Columns, project: str, gaps: list[Gap]) -> Hopeless | None:
    demands = columns.terms.of_project[project]
    options = [o for d in demands for o in columns.by_demand.get(d.id, ())]
    fairness = columns.problem.policy.fairness_cost
    charge = 1 + max((max(0, o.best_gain()) + fairness * sum(o.minutes) for o in options), default=0)
    most = {gap.demand.id: max(g.most_e4 for g in gaps if g.demand.id == gap.demand.id) for gap in gaps}
    limits = {d.id: columns.people_limit(d) for d in demands}
    missing_e4 = LEAST_SHARE_E4 - sum(limits[d] * share for d, share in most.items())
    if missing_e4 < _CLEAR_E4:
        return None
    reward = -(-E4 * (charge + 1) * sum(limits.values()) // missing_e4)
    heads = {d.id: charge + -(-reward * most.get(d.id, 0) // E4) for d in demands}
    return Hopeless(project, heads, {(gap.demand.id, gap.shift, gap.period): -reward for gap in gaps})

"""Prices of what people share: demands, new minutes, project groups; and the bound that any of them give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Demand, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """
    Prices that stand in for the demand-side rules (3, 6, 7, 8), in units of Z; what is not listed is 0.

    ``share`` by demand, shift and period: of the demand's whole share there; ``heads`` by demand: of one run; ``fresh``: of a new
    minute; ``apart`` by project and group: of a person of the group on the project; ``together`` by project, group and person.
    """

    share: Mapping[tuple[str, int, int], int] = field(default_factory=dict)
    heads: Mapping[str, int] = field(default_factory=dict)
    fresh: int = 0
    apart: Mapping[tuple[str, int], int] = field(default_factory=dict)
    together: Mapping[tuple[str, int, str], int] = field(default_factory=dict)

    def projects(self, listed: Iterable[Project]) -> list[Project]:
        """Those with a priced group."""
        priced = {project for project, _ in self.apart} | {project for project, _, _ in self.together}
        return [p for p in listed if p.id in priced]

    def of_working_on(self, project: Project, person: str) -> int:
        """What a person pays for having a run on the project."""
        apart = sum(self.apart.get((project.id, g), 0) for g, group in enumerate(project.apart) if person in group)
        return apart + sum(self.together.get((project.id, g, person), 0) for g, group in enumerate(project.together) if person in group)


def demand_side_e4(columns: Columns, prices: Prices) -> int:
    """
    What the demand side is worth at these prices, in ten-thousandths of Z.

    Each unit of shift takes its dearest shift, each all-or-nothing project goes ahead only when its units together are worth
    it. Added to everybody's best schedule at the same prices it bounds every plan.
    """
    total = 0
    whole: dict[str, int] = {}
    for unit, demands in columns.terms.units.items():
        worth = max((sum(_demand_e4(columns, prices, d, s) for d in demands) for s in columns.shifts[unit]), default=0)
        project = demands[0].project
        if columns.is_whole(project):
            whole[project] = whole.get(project, 0) + worth
        else:
            total += worth
    total += sum(max(0, worth) for worth in whole.values())
    total += E4 * prices.fresh * (columns.problem.policy.max_churn_minutes or 0)
    total += E4 * sum(a * max(1, columns.used.apart.get(key, 0)) for key, a in prices.apart.items())
    for listed in columns.problem.projects:
        for g, group in enumerate(listed.together):
            total += E4 * max(0, sum(prices.together.get((listed.id, g, person), 0) for person in group))
    return total


def _demand_e4(columns: Columns, prices: Prices, demand: Demand, shift: int) -> int:
    worth = 0
    if prices.share:
        for t in range(columns.terms.horizon):
            v = prices.share.get((demand.id, shift, t), 0)
            worth += v * (columns.share_limit_e4(demand.id, t) if v >= 0 else 9_900)
    return worth + E4 * prices.heads.get(demand.id, 0) * columns.people_limit(demand)

"""What the demand side of a problem is worth at prices of what people share; with the people's side any prices give a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver_models.staffing.certificate import Prices
from solver_models.staffing.problem import E4

__all__ = ["Prices", "demand_side_e4"]

if TYPE_CHECKING:
    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Demand


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

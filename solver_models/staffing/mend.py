"""All-or-nothing projects that a plan fills in part are filled up, or taken out, whichever costs less."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from solver_models.staffing.pricing import schedules_of
from solver_models.staffing.recreate import HeldRuns, Turns
from solver_models.staffing.usage import NO_LIMIT, Usage
from solver_models.staffing.whole_projects import Change, WholeProjects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver_models.staffing.bound import Pricing
    from solver_models.staffing.budget import Budget
    from solver_models.staffing.problem import Run


def mended(pricing: Pricing, runs: Iterable[Run], budget: Budget, *, seed: int) -> tuple[Run, ...]:
    """The runs, in which no project is filled in part any more, unless the budget ends before; there must be prices."""
    assert pricing.best is not None
    market, table = pricing.market, pricing.market.table
    limit = table.columns.problem.policy.max_churn_minutes
    turns = Turns(market, pricing.pricer)
    projects = WholeProjects(market, pricing.pricer, turns)
    asked, draw = turns.vectors(pricing.best.prices)[-1], random.Random(seed)  # noqa: S311
    schedules = schedules_of(table, runs)
    change = Change(schedules, Usage(market, table.pinned_runs()), HeldRuns.of(market, schedules))
    for r in (r for s in schedules for r in s.chosen):
        change.used.count(r)
    for project in projects.projects:
        if change.used.on_project[project] == 0 or projects.is_filled(project, change.used) or budget.is_stopped:
            continue
        filled, change = change.copy(), change.copy()
        is_filled = projects.put_in(project, filled, asked, draw) and filled.used.fresh <= (NO_LIMIT if limit is None else limit)
        projects.take_out(project, change, asked, draw)
        budget.spend(filled.work + change.work)
        if is_filled and filled.worth(asked.fresh) >= change.worth(asked.fresh):
            change = filled
    return table.plan(r for p in range(len(schedules)) for r in change.schedule(p).chosen)

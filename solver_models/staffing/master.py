"""
The master of column generation: mixes of whole schedules under the demand-side rules, as a linear or integer program.

Its dual prices tell each person what every demand asks; any prices give a bound (``dense_prices``). It may be built for some
people only, beside runs that stay: then it is a neighbourhood of a plan.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from ortools.math_opt.python import mathopt

from solver_models.staffing.cuts import CutRows
from solver_models.staffing.demand_side import DemandSide
from solver_models.staffing.dense_prices import DensePrices
from solver_models.staffing.problem import E4
from solver_models.staffing.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from solver_models.staffing.dense_prices import Cut, Market
    from solver_models.staffing.schedules import Schedule

UNIT = 6_000
"""Z of one major currency unit: keeps the program's numbers near one."""
_USED = 1e-6
_MOST_NODES = 200


class NoMixError(RuntimeError):
    """The program ended without an answer."""


class Master:
    """
    A program that grows by schedules; every person in it takes exactly one, in fractions or whole.

    ``people`` are those who choose (``None`` = all), ``used`` is what everybody else's runs take, and their own pinned ones. A new
    minute costs ``fresh`` beside the limit there is: what somebody outside would give for it.
    """

    def __init__(self, market: Market, *, people: Collection[str] | None = None, used: Usage | None = None, fresh: int = 0) -> None:
        self._fresh_price = fresh
        self._market = market
        self._table = market.table
        self._columns = market.table.columns
        chosen = [p for p in self._columns.problem.people if people is None or p.id in people]
        names = {p.id for p in chosen}
        penalty = 1 + 10 * max((abs(self._columns.best_alone(p) - self._columns.base(p)) / UNIT for p in chosen), default=0)
        pinned = [b for b in self._table.pinned_runs() if b.option.person in names]
        self._lp = mathopt.Model()
        self._lp.objective.is_maximize = True
        self._person = {p.id: self._lp.add_linear_constraint(lb=1, ub=1) for p in chosen}
        self._side = DemandSide(self._lp, market, names, Usage(market, pinned) if used is None else used, penalty)
        self._pinned_projects = {(b.option.person, self._columns.terms.demands[b.option.demand].project) for b in pinned}
        self._cuts: dict[Cut, mathopt.LinearConstraint] = {}
        self._cut_rows = CutRows()
        self._variables: dict[Schedule, mathopt.Variable] = {}
        self._weights: list[float] = []
        self._solver: mathopt.IncrementalSolver | None = None

    def copy_of(self, schedules: Iterable[Schedule]) -> Master:
        """Another program of the same market and everybody, with these schedules and no cuts."""
        copy = Master(self._market)
        copy.add(schedules)
        return copy

    @property
    def schedules(self) -> Collection[Schedule]:
        """Everything on offer."""
        return self._variables.keys()

    def add(self, schedules: Iterable[Schedule]) -> int:
        """Offer schedules to the mix; how many were new."""
        before = len(self._variables)
        for schedule in schedules:
            if schedule not in self._variables:
                self._add_column(schedule)
        return len(self._variables) - before

    def _add_column(self, schedule: Schedule) -> None:
        side, a = self._side, self._table.arrays
        var = self._variables[schedule] = self._lp.add_variable(lb=0)
        self._person[schedule.person].set_coefficient(var, 1)
        fresh, projects = 0, dict[str, None]()
        for r in schedule.chosen:
            o = a.option[r]
            if a.heads[r] and (heads := side.heads.get(int(a.demand[o]))) is not None:
                heads.set_coefficient(var, 1)
            if side.share or side.least:
                for t in range(a.first[r], a.last[r] + 1):
                    for rows in (side.share, side.least):
                        if (row := rows.get((int(a.row[o]), t))) is not None:
                            row.set_coefficient(var, a.share_e4[o] / E4)
            fresh += int(a.fresh[r])
            if a.pair[o] >= 0:
                projects[self._columns.terms.demands[self._table.options[o].demand].project] = None
        self._lp.objective.set_linear_coefficient(var, (schedule.value - self._fresh_price * fresh) / UNIT)
        if side.fresh is not None and fresh:
            side.fresh.set_coefficient(var, fresh)
        if self._cuts:
            self._set_cuts(var, schedule, self._cut_rows)
        for project in projects:
            if (schedule.person, project) not in self._pinned_projects:
                self._set_groups(var, project, schedule.person)

    def _set_groups(self, var: mathopt.Variable, project: str, person: str) -> None:
        listed = self._columns.terms.projects[project]
        for g, group in enumerate(listed.apart):
            if person in group:
                self._side.apart[project, g].set_coefficient(var, 1)
        for g in range(len(listed.together)):
            if (row := self._side.together.get((project, g, person))) is not None:
                row.set_coefficient(var, 1)

    def _set_cuts(self, var: mathopt.Variable, schedule: Schedule, rows: CutRows) -> None:
        a = self._table.arrays
        demands = {int(a.demand[a.option[r]]) for r in schedule.chosen}
        for cut, halves in rows.halves(self._table.person_index[schedule.person], demands).items():
            self._cuts[cut].set_coefficient(var, halves)

    def cut(self, cuts: Iterable[Cut]) -> int:
        """Add cuts; how many were new."""
        new = [cut for cut in cuts if cut not in self._cuts]
        rows = CutRows()
        for cut in new:
            self._cut_rows.add(cut)
            self._cuts[cut] = self._lp.add_linear_constraint(ub=rows.add(cut))
        for schedule, var in self._variables.items():
            self._set_cuts(var, schedule, rows)
        return len(new)

    def mix(self) -> list[tuple[float, Schedule]]:
        """The schedules of the last answer with their weights, the heaviest first."""
        used = [(w, s) for w, s in zip(self._weights, self._variables, strict=False) if w > _USED]
        return sorted(used, key=lambda pair: -pair[0])

    def solve(self, *, seconds: float) -> tuple[float, DensePrices]:
        """Objective of the best mix in units of Z, and the prices behind it. Raises NoMixError when there is none in time."""
        if self._solver is None:
            self._solver = mathopt.IncrementalSolver(self._lp, mathopt.SolverType.GLOP)
        result = self._solver.solve(params=mathopt.SolveParameters(time_limit=timedelta(seconds=max(0.01, seconds))))
        if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
            raise NoMixError(f"the master program ended {result.termination.reason}")
        self._weights = result.variable_values(list(self._variables.values()))
        return UNIT * result.objective_value(), self._prices(result)

    def _prices(self, result: mathopt.SolveResult) -> DensePrices:
        side, table = self._side, self._table
        heads = np.zeros(len(table.demand_index), dtype=np.int64)
        heads[list(side.heads)] = _prices(result.dual_values(list(side.heads.values())))
        share = np.zeros((0, 0), dtype=np.int64)
        if side.share or side.least:
            share = np.zeros((len(table.row_index), table.horizon), dtype=np.int64)
            for key, price in zip(side.share, _prices(result.dual_values(list(side.share.values()))), strict=True):
                share[key] = price
            for key, dual in zip(side.least, result.dual_values(list(side.least.values())), strict=True):
                share[key] += round(UNIT * dual)
        return DensePrices(
            share=share,
            heads=heads,
            fresh=self._fresh_price + (0 if side.fresh is None else max(0, round(UNIT * result.dual_values(side.fresh)))),
            apart={key: p for key, row in side.apart.items() if (p := max(0, round(UNIT * result.dual_values(row))))},
            together={key: p for key, row in side.together.items() if (p := round(UNIT * result.dual_values(row)))},
            cuts={cut: p for cut, row in self._cuts.items() if (p := max(0, round(UNIT * result.dual_values(row))))},
        )

    def choose(self, *, seconds: float, nodes: int = _MOST_NODES) -> tuple[float, list[Schedule]]:
        """
        One whole schedule for each person, the best choice met within so many nodes of a search, and its objective in units of Z.
        Raises NoMixError without any.

        The program is an integer one from then on.
        """
        for variable in (*self._variables.values(), *self._side.choices):
            variable.integer = True
        limits = mathopt.SolveParameters(node_limit=nodes, time_limit=timedelta(seconds=max(0.01, seconds)))
        result = mathopt.solve(self._lp, mathopt.SolverType.HIGHS, params=limits)
        if not result.has_primal_feasible_solution():
            raise NoMixError(f"the master program ended {result.termination.reason}")
        weights = result.variable_values(list(self._variables.values()))
        chosen = [s for s, w in zip(self._variables, weights, strict=True) if w > 0.5]
        return UNIT * result.objective_value(), chosen


def _prices(duals: list[float]) -> list[int]:
    return [max(0, round(UNIT * dual)) for dual in duals]

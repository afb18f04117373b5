"""
The master of column generation: mixes of whole schedules under the demand-side rules (3, 6, 7, 8), as a linear program.

Its dual prices tell each person what every demand asks; any prices give a bound (``prices.demand_side_e4``).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ortools.math_opt.python import mathopt

from solver_models.staffing.prices import Prices
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Demand, Project
    from solver_models.staffing.schedules import Schedule

UNIT = 6_000
"""Z of one major currency unit: keeps the program's numbers near one."""
_FREE = math.inf
_USED = 1e-6


class NoMixError(RuntimeError):
    """The schedules known, some of them fixed, cannot be mixed under the demand-side rules."""


class Master:
    """A linear program that grows by schedules; every person takes exactly one, in fractions."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._lp = mathopt.Model()
        self._lp.objective.is_maximize = True
        self._penalty = 10 * max((abs(columns.best_alone(p) - columns.base(p)) / UNIT for p in columns.problem.people), default=0) + 1
        self._person = {p.id: self._row(1, 1) for p in columns.problem.people}
        self._heads: dict[str, mathopt.LinearConstraint] = {}
        self._share: dict[tuple[str, int, int], mathopt.LinearConstraint] = {}
        self._least: dict[tuple[str, int, int], mathopt.LinearConstraint] = {}
        self._apart: dict[tuple[str, int], mathopt.LinearConstraint] = {}
        self._together: dict[tuple[str, int, str], mathopt.LinearConstraint] = {}
        self._fresh: mathopt.LinearConstraint | None = None
        self.schedules: list[Schedule] = []
        self._variables: list[mathopt.Variable] = []
        self._index: dict[int, int] = {}
        self._weights: list[float] = []
        self._known: set[object] = set()
        self._add_demand_rows()
        self._add_project_rows()
        self._solver = mathopt.IncrementalSolver(self._lp, mathopt.SolverType.GLOP)

    def _row(self, low: float, high: float) -> mathopt.LinearConstraint:
        return self._lp.add_linear_constraint(lb=low, ub=high)

    def _add_demand_rows(self) -> None:
        columns = self._columns
        moved = {u: self._moves(u) for u, shifts in columns.shifts.items()}
        goes: dict[str, mathopt.Variable] = {}
        for unit, demands in columns.terms.units.items():
            if moved[unit]:
                project = demands[0].project
                row = self._row(0, 0) if columns.is_whole(project) else self._row(1, 1)
                if columns.is_whole(project):
                    if project not in goes:
                        goes[project] = self._lp.add_variable(lb=0, ub=1)
                    row.set_coefficient(goes[project], -1)
                for at_shift in moved[unit].values():
                    row.set_coefficient(at_shift, 1)
        for d in columns.problem.demands:
            if columns.by_demand.get(d.id) or columns.is_whole(d.project):
                self._add_rows_of(d, moved[columns.terms.unit_of[d.id]])

    def _moves(self, unit: str) -> dict[int, mathopt.Variable]:
        """One variable per shift where the shift is a choice, or going ahead is."""
        demands, shifts = self._columns.terms.units[unit], self._columns.shifts[unit]
        if len(shifts) < 2 and not self._columns.is_whole(demands[0].project):
            return {}
        return {s: self._lp.add_variable(lb=0, ub=1) for s in shifts}

    def _add_rows_of(self, d: Demand, moved: dict[int, mathopt.Variable]) -> None:
        columns = self._columns
        limit = columns.people_limit(d)
        options = columns.by_demand.get(d.id, [])
        if len({o.person for o in options}) > limit:
            self._heads[d.id] = self._row(-_FREE, limit)
        alone = len(columns.terms.units[columns.terms.unit_of[d.id]]) == 1
        whole = columns.is_whole(d.project)
        if limit == 1 and not whole and (not moved or alone):
            return
        for s in columns.shifts[columns.terms.unit_of[d.id]]:
            effort = columns.terms.effort(d.id, s)
            spans = [(o.lo, o.hi) for o in options if o.shift == s]
            for t in range(columns.terms.horizon):
                if any(lo <= t <= hi for lo, hi in spans):
                    self._share[d.id, s, t] = self._bounded(-_FREE, columns.share_limit_e4(d.id, t) / E4, moved.get(s))
                if whole and t >= columns.terms.frozen and effort[t] > 0:
                    row = self._least[d.id, s, t] = self._bounded(0.99, _FREE, moved.get(s))
                    self._excuse(row, 1)

    def _bounded(self, low: float, high: float, factor: mathopt.Variable | None) -> mathopt.LinearConstraint:
        """Low x factor <= row <= high x factor, one side of it infinite."""
        if factor is None:
            return self._row(low, high)
        finite = low if high == _FREE else high
        row = self._row(0 if high == _FREE else -_FREE, _FREE if high == _FREE else 0)
        row.set_coefficient(factor, -finite)
        return row

    def _add_project_rows(self) -> None:
        columns = self._columns
        limit = columns.problem.policy.max_churn_minutes
        if limit is not None:
            self._fresh = self._row(-_FREE, limit)
        for project in columns.problem.projects:
            for g in range(len(project.apart)):
                self._apart[project.id, g] = self._row(-_FREE, max(1, columns.used.apart.get((project.id, g), 0)))
            if project.id not in columns.pinned_projects:
                self._add_together_rows(project)

    def _add_together_rows(self, project: Project) -> None:
        for g, group in enumerate(project.together):
            if len(group) > 1:
                works = self._lp.add_variable(lb=0, ub=1)
                for person in sorted(group):
                    row = self._together[project.id, g, person] = self._row(0, 0)
                    row.set_coefficient(works, -1)
                    self._excuse(row, 1)
                    self._excuse(row, -1)

    def _excuse(self, row: mathopt.LinearConstraint, sign: int) -> None:
        """Let the row be broken at a price far above any gain, so that fixed schedules never leave the program without a mix."""
        slack = self._lp.add_variable(lb=0)
        row.set_coefficient(slack, sign)
        self._lp.objective.set_linear_coefficient(slack, -self._penalty)

    def add(self, schedules: Iterable[Schedule]) -> int:
        """Offer schedules to the mix; how many were new."""
        new = 0
        for schedule in schedules:
            if (schedule.person, schedule.key) not in self._known:
                self._known.add((schedule.person, schedule.key))
                self._add_column(schedule)
                new += 1
        return new

    def _add_column(self, schedule: Schedule) -> None:
        var = self._lp.add_variable(lb=0)
        self._lp.objective.set_linear_coefficient(var, schedule.value / UNIT)
        self._person[schedule.person].set_coefficient(var, 1)
        fresh = 0
        for b in schedule.runs:
            o = b.option
            if o.demand in self._heads:
                self._heads[o.demand].set_coefficient(var, 1)
            for t in range(b.first, b.last + 1):
                for rows in (self._share, self._least):
                    if (row := rows.get((o.demand, o.shift, t))) is not None:
                        row.set_coefficient(var, o.share_e4 / E4)
            fresh += sum(o.fresh[b.first - o.lo : b.last - o.lo + 1])
        if self._fresh is not None and fresh:
            self._fresh.set_coefficient(var, fresh)
        for project in dict.fromkeys(self._columns.terms.demands[b.option.demand].project for b in schedule.runs):
            self._set_groups(var, project, schedule.person)
        self.schedules.append(schedule)
        self._index[id(schedule)] = len(self._variables)
        self._variables.append(var)

    def _set_groups(self, var: mathopt.Variable, project: str, person: str) -> None:
        listed = self._columns.terms.projects.get(project)
        if listed is not None:
            for g, group in enumerate(listed.apart):
                if person in group:
                    self._apart[project, g].set_coefficient(var, 1)
            for g in range(len(listed.together)):
                if (row := self._together.get((project, g, person))) is not None:
                    row.set_coefficient(var, 1)

    def fix(self, schedule: Schedule) -> None:
        """From now on the person takes this schedule whole."""
        self._variables[self._index[id(schedule)]].lower_bound = 1

    def mix(self) -> list[tuple[float, Schedule]]:
        """The schedules of the last mix with their weights, the heaviest first."""
        used = [(w, s) for w, s in zip(self._weights, self.schedules, strict=False) if w > _USED]
        return sorted(used, key=lambda pair: -pair[0])

    def solve(self) -> tuple[float, Prices]:
        """Objective of the best mix in units of Z, and the prices behind it. Raises NoMixError when it has no optimum."""
        result = self._solver.solve()
        if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
            raise NoMixError(f"the master program ended {result.termination.reason}")
        self._weights = result.variable_values(self._variables)
        dual = result.dual_values()
        share = {key: _price(dual[row]) for key, row in self._share.items()}
        for key, row in self._least.items():
            share[key] = share.get(key, 0) + round(UNIT * dual[row])
        prices = Prices(
            share={key: v for key, v in share.items() if v},
            heads={d: v for d, row in self._heads.items() if (v := _price(dual[row]))},
            fresh=0 if self._fresh is None else _price(dual[self._fresh]),
            apart={key: v for key, row in self._apart.items() if (v := _price(dual[row]))},
            together={key: v for key, row in self._together.items() if (v := round(UNIT * dual[row]))},
        )
        return UNIT * result.objective_value(), prices


def _price(dual: float) -> int:
    return max(0, round(UNIT * dual))

"""Rules 3, 6, 7 and 8 as rows of a linear program over whole schedules; their duals are the prices of ``dense_prices``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from solver_models.staffing.problem import E4, LEAST_SHARE_E4

if TYPE_CHECKING:
    from collections.abc import Collection

    from ortools.math_opt.python import mathopt

    from solver_models.staffing.dense_prices import Market
    from solver_models.staffing.problem import Demand, Project
    from solver_models.staffing.usage import Usage

FREE = math.inf


class DemandSide:
    """
    The rows: ``heads`` by demand index, ``share`` and ``least`` (rule 8) by row index and period, ``fresh``, ``apart`` and
    ``together`` by project, group (and person).

    ``people`` are those who choose, ``used`` is what other runs take. Rows of rule 8 and of ``together`` may be broken at a
    ``penalty`` per unit, so that no choice made elsewhere leaves the program without an answer. ``choices`` are its 0-1 variables.
    """

    def __init__(self, lp: mathopt.Model, market: Market, people: Collection[str], used: Usage, penalty: float) -> None:
        self._lp = lp
        self._market = market
        self._table = market.table
        self._columns = market.table.columns
        self._used = used
        self._penalty = penalty
        self.heads: dict[int, mathopt.LinearConstraint] = {}
        self.share: dict[tuple[int, int], mathopt.LinearConstraint] = {}
        self.least: dict[tuple[int, int], mathopt.LinearConstraint] = {}
        self.apart: dict[tuple[str, int], mathopt.LinearConstraint] = {}
        self.together: dict[tuple[str, int, str], mathopt.LinearConstraint] = {}
        self.fresh: mathopt.LinearConstraint | None = None
        self.choices: list[mathopt.Variable] = []
        wanted = self._wanted(people)
        self._add_demands(wanted)
        self._add_projects({self._columns.terms.demands[d].project for d in wanted}, people)

    def _wanted(self, people: Collection[str]) -> list[str]:
        """Demands on which the people have options, and those of all-or-nothing projects that one of them is part of."""
        columns, terms = self._columns, self._columns.terms
        wanted = {o.demand: None for p in columns.problem.people if p.id in people for o in columns.by_person.get(p.id, ())}
        whole = {terms.demands[d].project for d in wanted if columns.is_whole(terms.demands[d].project)}
        if len(people) == len(columns.problem.people):
            whole |= {p.id for p in columns.problem.projects if columns.is_whole(p.id)}
        return [*wanted, *(d.id for d in columns.problem.demands if d.project in whole and d.id not in wanted)]

    def _row(self, low: float, high: float) -> mathopt.LinearConstraint:
        return self._lp.add_linear_constraint(lb=low, ub=high)

    def _choice(self, fixed: bool | None = None) -> mathopt.Variable:
        variable = self._lp.add_variable(lb=1 if fixed else 0, ub=0 if fixed is False else 1)
        self.choices.append(variable)
        return variable

    def _add_demands(self, wanted: list[str]) -> None:
        terms = self._columns.terms
        goes: dict[str, mathopt.Variable] = {}
        moved: dict[str, dict[int, mathopt.Variable]] = {}
        for unit in dict.fromkeys(terms.unit_of[d] for d in wanted):
            moved[unit] = self._moves(unit)
            project = terms.units[unit][0].project
            is_whole = self._columns.is_whole(project)
            # A unit without any shift has no row of its own, but keeps its all-or-nothing project from going ahead.
            if moved[unit] or is_whole:
                row = self._row(0, 0) if is_whole else self._row(1, 1)
                for at_shift in moved[unit].values():
                    row.set_coefficient(at_shift, 1)
                if is_whole:
                    if project not in goes:
                        goes[project] = self._choice(fixed=True if self._used.on_project[project] > 0 else None)
                    row.set_coefficient(goes[project], -1)
        for d in wanted:
            self._add_rows_of(terms.demands[d], moved[terms.unit_of[d]])

    def _moves(self, unit: str) -> dict[int, mathopt.Variable]:
        """One variable per shift where the shift is a choice, or going ahead is; runs that stay have chosen."""
        demands, shifts = self._columns.terms.units[unit], self._columns.shifts[unit]
        if len(shifts) < 2 and not self._columns.is_whole(demands[0].project):
            return {}
        chosen = self._used.shift_of(unit)
        return {s: self._choice(fixed=None if chosen is None else s == chosen) for s in shifts}

    def _add_rows_of(self, d: Demand, moved: dict[int, mathopt.Variable]) -> None:
        columns, terms = self._columns, self._columns.terms
        index = self._table.demand_index[d.id]
        limit = columns.people_limit(d)
        options = columns.by_demand.get(d.id, [])
        if len({o.person for o in options}) > limit:
            self.heads[index] = self._row(-FREE, limit - int(self._used.heads[index]))
        is_whole = columns.is_whole(d.project)
        if not self._market.needs_shares(d):
            return
        for s in columns.shifts[terms.unit_of[d.id]]:
            row = self._table.row_index[d.id, s]
            effort = terms.effort(d.id, s)
            periods = {t for lo, hi in {(o.lo, o.hi) for o in options if o.shift == s or o.pin} for t in range(lo, hi + 1)}
            one = np.flatnonzero(self._market.priced[row]) if self._market.is_undivided(d.id) else None
            for t in range(terms.horizon) if one is None else map(int, one):
                taken = float(self._used.share_e4[row, t]) / E4
                if t in periods:
                    self.share[row, t] = self._bounded(-FREE, self._market.share_limit[row, t] / E4, taken, moved.get(s))
                if is_whole and t >= terms.frozen and effort[t] > 0:
                    self.least[row, t] = self._bounded(LEAST_SHARE_E4 / E4, FREE, taken, moved.get(s))
                    self._excuse(self.least[row, t], 1)

    def _bounded(self, low: float, high: float, taken: float, factor: mathopt.Variable | None) -> mathopt.LinearConstraint:
        """Low x factor <= row + taken <= high x factor, one side of it infinite."""
        if factor is None:
            return self._row(low - taken, high - taken)
        row = self._row(-taken if high == FREE else -FREE, FREE if high == FREE else -taken)
        row.set_coefficient(factor, -(low if high == FREE else high))
        return row

    def _add_projects(self, projects: set[str], people: Collection[str]) -> None:
        columns, limit = self._columns, self._columns.problem.policy.max_churn_minutes
        if limit is not None:
            self.fresh = self._row(-FREE, limit - self._used.fresh)
        for project in columns.problem.projects:
            if project.id not in projects:
                continue
            for g, group in enumerate(project.apart):
                most = max(1, columns.used.apart.get((project.id, g), 0))
                self.apart[project.id, g] = self._row(-FREE, most - len(self._used.there(project.id, group)))
            if project.id not in columns.pinned_projects:
                self._add_together(project, set(people))

    def _add_together(self, project: Project, people: set[str]) -> None:
        for g, group in enumerate(project.together):
            if len(group) > 1 and group & people:
                works = self._choice(fixed=None if group <= people else bool(self._used.there(project.id, group)))
                for person in sorted(group & people):
                    row = self.together[project.id, g, person] = self._row(0, 0)
                    row.set_coefficient(works, -1)
                    self._excuse(row, 1)
                    self._excuse(row, -1)

    def _excuse(self, row: mathopt.LinearConstraint, sign: int) -> None:
        slack = self._lp.add_variable(lb=0)
        row.set_coefficient(slack, sign)
        self._lp.objective.set_linear_coefficient(slack, -self._penalty)

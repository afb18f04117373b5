"""
Large-neighbourhood search: re-plan a few people who compete for the same demands, everybody else kept, again and again.

Each neighbourhood is the whole model on those people's options, so that every rule holds in every plan.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from solver_models.staffing.model import StaffingModel
from solver_models.staffing.roster import objective_x60

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Run

_SIZES = (8, 12, 20)
"""How many people a neighbourhood has, drawn each time."""
_SECONDS = 3.0
_NOISE = 0.4
"""How far chance may outweigh likeness when people are put together."""
_BY_PROJECT = 0.3
"""How often a project's demands bring people together, rather than somebody's."""


class Neighbourhoods:
    """Improves plans of one problem; the sequence of neighbourhoods follows from the seed."""

    def __init__(self, columns: Columns, *, workers: int, seed: int) -> None:
        self._columns = columns
        self._workers = workers
        self._random = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._wanted = {p.id: frozenset(o.demand for o in columns.by_person.get(p.id, ())) for p in columns.problem.people}
        self._people = [p for p, demands in self._wanted.items() if demands]
        self._demands_of: dict[str, frozenset[str]] = {}
        for d in columns.problem.demands:
            self._demands_of[d.project] = self._demands_of.get(d.project, frozenset()) | {d.id}
        self._projects = list(self._demands_of)

    def improve(self, plan: tuple[Run, ...], *, seconds: float, watch: Callable[[cp_model.CpSolver], None]) -> tuple[Run, ...]:
        """The plan with one neighbourhood re-planned, or the plan itself when that found nothing better."""
        chosen = self._neighbours()
        model = StaffingModel(self._columns, people=chosen, kept=[r for r in plan if r.person not in chosen])
        model.hint(plan)
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = min(_SECONDS, seconds)
        solver.parameters.num_workers = self._workers
        solver.parameters.random_seed = self._random.randrange(2**31)
        solver.parameters.linearization_level = 2
        if self._workers > 1:
            solver.parameters.subsolvers.append("max_lp")
        watch(solver)
        if solver.solve(model.cp) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return plan
        runs = model.chosen_runs(solver.value)
        return runs if objective_x60(self._columns, runs) > objective_x60(self._columns, plan) else plan

    def _neighbours(self) -> set[str]:
        """Somebody, or a project, and those who want most of the same demands, with some chance."""
        if self._random.random() < _BY_PROJECT:
            wanted = self._demands_of[self._random.choice(self._projects)]
        else:
            wanted = self._wanted[self._random.choice(self._people)]

        def likeness(person: str) -> float:
            theirs = self._wanted[person]
            return len(wanted & theirs) / len(wanted | theirs) + _NOISE * self._random.random()

        return set(sorted(self._people, key=likeness, reverse=True)[: self._random.choice(_SIZES)])

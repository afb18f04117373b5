"""One person's whole schedule as a column, and the best one at given prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from solver_models.staffing.model import StaffingModel
from solver_models.staffing.prices import Prices
from solver_models.staffing.problem import E4
from solver_models.staffing.roster import Booked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver_models.staffing.columns import Columns
    from solver_models.staffing.problem import Person, Run


@dataclass(frozen=True, slots=True)
class Schedule:
    """All runs of one person, and their Z."""

    person: str
    runs: tuple[Booked, ...]
    value: int

    @property
    def key(self) -> tuple[Run, ...]:
        """The runs, comparable."""
        return tuple(sorted(b.run for b in self.runs))


def schedule_of(columns: Columns, person: Person, runs: Iterable[Run]) -> Schedule:
    """The person's schedule among the runs of a plan."""
    mine = tuple(Booked(columns.option_of(r), r.first, r.last) for r in runs if r.person == person.id)
    return Schedule(person.id, mine, columns.person_objective(person, [(b.option, b.first, b.last) for b in mine]))


class Pricer:
    """One person's side of the model (rules 1, 2, 4, 5 and one shift per unit), built once and solved at any prices."""

    def __init__(self, columns: Columns, person: Person) -> None:
        self._columns = columns
        self._person = person
        self._model = StaffingModel(columns, people={person.id}, prices=Prices())

    def best(self, prices: Prices, *, seconds: float) -> tuple[int, tuple[Schedule, ...]]:
        """
        An upper bound on the value of the person's best schedule in ten-thousandths of Z (exact unless time runs out),
        and the schedules met on the way, the best one last.
        """
        self._model.set_objective(prices)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.linearization_level = 0
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.symmetry_level = 0
        met = _Met(self._model)
        status = solver.solve(self._model.cp, met)
        found = tuple(schedule_of(self._columns, self._person, runs) for runs in met.plans)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return round(solver.best_objective_bound), found
        return unsearched_bound_e4(self._columns, self._person, prices), found


def unsearched_bound_e4(columns: Columns, person: Person, prices: Prices) -> int:
    """What no schedule of the person is worth more than, without any search: every option at its best, every rebate taken whole."""
    demands = {o.demand for o in columns.by_person.get(person.id, ())}
    shares = sum(-min(0, v) for (demand, _, _), v in prices.share.items() if demand in demands)
    groups = sum(-min(0, w) for (_, _, who), w in prices.together.items() if who == person.id)
    return E4 * (columns.best_alone(person) + shares + groups)


class _Met(cp_model.CpSolverSolutionCallback):
    def __init__(self, model: StaffingModel) -> None:
        super().__init__()
        self._model = model
        self.plans: list[tuple[Run, ...]] = []

    def on_solution_callback(self) -> None:
        self.plans.append(self._model.chosen_runs(self.value))

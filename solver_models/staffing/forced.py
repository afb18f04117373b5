"""
The best plan that does one thing more: fill a demand, or put a person on one.

Small problems are searched whole, so that the answer is exact. Of others a neighbourhood of a plan in hand is searched: the people
who could do it and those who could take over their work; everybody else keeps their runs. A plan found there is a plan of the
whole, and nothing is claimed where none is found.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from solver_models.staffing.around import PartColumns, around, kept_runs
from solver_models.staffing.columns import Columns
from solver_models.staffing.exact import bound_of
from solver_models.staffing.model import StaffingModel
from solver_models.staffing.verify_ledger import Ledger
from solver_models.staffing.verify_objective import objective_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from threading import Event

    from solver_models.staffing.problem import Demand, Problem, Run

_WHOLE_OPTIONS = 4_000
"""Up to so many options the whole problem is searched."""
_ISOLATED_S = 1.0
_LEAST_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """What a plan has to do: fill the demand, or have a run of the person on it."""

    demand: str
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The plan that is explained: its runs and Z, and the bound on every plan where there is one."""

    runs: tuple[Run, ...]
    objective_x60: int
    bound_x60: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """
    What came of it. ``plan`` with its Z, if one was found; ``bound_x60``: no plan that does it is worth more, if that is known;
    ``impossible``: no plan does it, whatever it is worth, and that is proven.
    """

    plan: tuple[Run, ...] | None = None
    objective_x60: int | None = None
    bound_x60: int | None = None
    impossible: bool = False

    def is_worth(self, least_x60: int) -> bool | None:
        """Whether some plan that does it is worth so much; ``None`` where that is not known."""
        if self.objective_x60 is not None and self.objective_x60 >= least_x60:
            return True
        if self.impossible or (self.bound_x60 is not None and self.bound_x60 < least_x60):
            return False
        return None


@dataclass(slots=True, kw_only=True)
class Clock:
    """The time that is left to explain one thing."""

    until: float
    workers: int = 1
    seed: int = 0
    stop: Event | None = field(default=None, compare=False)

    @property
    def left_s(self) -> float:
        """Seconds left; none after a stop."""
        return 0.0 if self.stop is not None and self.stop.is_set() else max(0.0, self.until - time.monotonic())


def needed_min(demand: Demand) -> int:
    """
    Minutes that fill a demand: all but a hundredth and three minutes in each period with effort.

    That is what shares of a third lose, three times a third being full, and what is lost to rounding.
    """
    effort = sum(demand.effort)
    weeks = sum(1 for minutes in demand.effort if minutes > 0)
    return max(1, effort - (effort + 300 * weeks) // 100)


def is_filled(problem: Problem, runs: Iterable[Run], demand_id: str) -> bool:
    """Whether the runs fill the demand, counted by the checker's own rules."""
    ledger = Ledger.of(problem)
    delivered = sum(minutes for run in runs if run.demand == demand_id for _, minutes in ledger.minutes_by_period(run))
    return delivered >= needed_min(next(d for d in problem.demands if d.id == demand_id))


def forced(problem: Problem, must: Must, basis: Basis, clock: Clock, *, least_x60: int | None = None) -> Forced:
    """
    The best plan that does it, as far as the time goes.

    With ``least_x60`` it is only asked whether one is worth so much, and the search ends as soon as that is known. ``basis`` is where
    the search begins; it may be a plan of a problem that this one is a change of.
    """
    part = PartColumns(problem, {must.demand} | {r.demand for r in (*problem.fixed, *problem.current)})
    if part.conflicts or not _is_possible(part, must, clock):
        return Forced(impossible=True)
    if _size(problem) <= _WHOLE_OPTIONS:
        return _search(Columns(problem), must, basis, clock, least_x60=least_x60)
    return _nearby(problem, must, basis, clock)


def _size(problem: Problem) -> int:
    """About how many options there are, without listing them: fewer people are qualified than there are."""
    shifts = max([1, *(d.shift[1] - d.shift[0] + 1 for d in problem.demands)])
    shares = max([1, *(len(d.shares_e4) for d in problem.demands)])
    return len(problem.people) * len(problem.demands) * min(shifts, 3) * shares // 4


def _is_possible(part: PartColumns, must: Must, clock: Clock) -> bool:
    """Whether it could be done if there were no other demand but those with pinned runs, and no rule on whole projects."""
    problem = part.problem
    pinned = {pin.run.demand for pin in part.pins}
    projects = tuple(replace(p, all_or_nothing=False, together=()) for p in problem.projects)
    alone = PartColumns(replace(problem, projects=projects), {must.demand} | pinned)
    model = StaffingModel(alone, demands={must.demand}, kept=[pin.shortest for pin in alone.pins])
    _demand_it(model, must)
    model.cp.clear_objective()  # type: ignore[no-untyped-call]
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = max(_LEAST_S, min(_ISOLATED_S, clock.left_s))
    return solver.solve(model.cp) != cp_model.INFEASIBLE


def _demand_it(model: StaffingModel, must: Must) -> None:
    """Add what the plan must do."""
    mine = [c for c in model.choices if c.option.demand == must.demand]
    if must.person is not None:
        model.cp.add_bool_or([c.used for c in mine if c.option.person == must.person])
        return
    literals = [lit for c in mine for lit in c.on]
    minutes = [m for c in mine for m in c.option.minutes]
    needed = needed_min(model.columns.terms.demands[must.demand])
    model.cp.add(cp_model.LinearExpr.weighted_sum(literals, minutes) >= needed)


def _nearby(problem: Problem, must: Must, basis: Basis, clock: Clock) -> Forced:
    """A plan from the neighbourhood of the one in hand; what it leaves out bounds nothing."""
    chosen = around(problem, must.demand, basis.runs, first=must.person)
    part = PartColumns(chosen.problem, chosen.demands)
    kept = kept_runs(part, basis.runs, chosen)
    here = Basis(runs=basis.runs, objective_x60=0)
    model = StaffingModel(part, people=chosen.people, kept=kept)
    found = _run(model, must, here, clock, least_x60=None)
    if found.plan is None:
        return Forced()
    elsewhere = [r for r in basis.runs if r.demand not in chosen.demands]
    runs = tuple(sorted((*elsewhere, *found.plan)))
    return _as_found(problem, runs)


def _as_found(problem: Problem, runs: tuple[Run, ...]) -> Forced:
    """A plan put together from parts, if the checker takes it for one."""
    from solver_models.staffing.verify import check_plan

    if check_plan(problem, runs):
        return Forced()
    return Forced(plan=runs, objective_x60=objective_of(Ledger.of(problem), runs))


def _search(columns: Columns, must: Must, basis: Basis, clock: Clock, *, least_x60: int | None) -> Forced:
    return _run(StaffingModel(columns), must, basis, clock, least_x60=least_x60)


def _run(model: StaffingModel, must: Must, basis: Basis, clock: Clock, *, least_x60: int | None) -> Forced:
    """Search a model with what must be done."""
    _demand_it(model, must)
    model.hint(basis.runs)
    if clock.left_s <= 0:
        return Forced()
    solver = _solver(clock, least_x60)
    watcher = _Watcher(clock, least_x60)
    status = solver.solve(model.cp, watcher)
    if status == cp_model.INFEASIBLE:
        return Forced(impossible=True)
    plan = model.chosen_runs(solver.value) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
    return Forced(
        plan=plan,
        objective_x60=None if plan is None else round(solver.objective_value),
        bound_x60=None if status == cp_model.UNKNOWN and solver.best_objective_bound >= 2**53 else bound_of(solver.best_objective_bound),
    )


def _solver(clock: Clock, least_x60: int | None) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.max_time_in_seconds = max(_LEAST_S, clock.left_s)
    parameters.num_workers = clock.workers
    parameters.random_seed = clock.seed % 2**31
    parameters.catch_sigint_signal = False
    parameters.linearization_level = 2

    def heard(bound: float) -> None:
        if (least_x60 is not None and bound_of(bound) < least_x60) or clock.left_s <= 0:
            solver.stop_search()

    solver.best_bound_callback = heard
    return solver


class _Watcher(cp_model.CpSolverSolutionCallback):
    """Ends the search once a plan is worth enough."""

    def __init__(self, clock: Clock, least_x60: int | None) -> None:
        super().__init__()
        self._clock = clock
        self._least = least_x60

    def on_solution_callback(self) -> None:
        if (self._least is not None and round(self.objective_value) >= self._least) or self._clock.left_s <= 0:
            self.stop_search()


def moved(before: Sequence[Run], after: Sequence[Run]) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Runs that are gone and runs that are new; one that goes on otherwise is both."""
    return tuple(sorted(set(before) - set(after))), tuple(sorted(set(after) - set(before)))

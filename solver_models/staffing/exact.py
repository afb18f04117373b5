"""CP-SAT on the whole model: proves small problems optimal."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from solver_models.staffing.model import StaffingModel
from solver_models.staffing.roster import objective_x60

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver_models.limits import Limits
    from solver_models.staffing.budget import Budget
    from solver_models.staffing.columns import Columns
    from solver_models.staffing.standing import Standing

_PROVERS = ("max_lp", "reduced_costs", "lb_tree_search", "default_lp", "quick_restart")
_WORK_S = 1_000
"""Units of work that a second of the search's deterministic time counts as."""


class ModelContradictionError(RuntimeError):
    """The search called a problem infeasible that has a plan: a fault of the model, never an answer."""


def prove(columns: Columns, standing: Standing, limits: Limits, budget: Budget, *, workers: int) -> None:
    """Search the whole model from the best plan so far, until optimal or the budget is spent; ``standing`` hears what is found."""
    assert standing.plan is not None
    model = StaffingModel(columns)
    model.hint(standing.plan)
    solver = _solver(limits, budget, workers=workers)
    solver.best_bound_callback = lambda bound: _heard(solver, standing, bound)
    with _watched(solver, standing, budget):
        status = solver.solve(model.cp, _Improvements(standing, model))
    if limits.work is not None:
        budget.spend(_WORK_S * solver.response_proto.deterministic_time)
    if status in (cp_model.INFEASIBLE, cp_model.MODEL_INVALID):
        raise ModelContradictionError(f"CP-SAT answered {solver.status_name(status)} although pinned runs alone are a plan")
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        runs = model.chosen_runs(solver.value)
        worth = objective_x60(columns, runs)
        standing.offer(runs, worth)
        # Of an optimal plan the checked objective is the bound to the unit, where the solver's own is a rounded double.
        standing.tighten(worth if status == cp_model.OPTIMAL else bound_of(solver.best_objective_bound))
    if status == cp_model.OPTIMAL and standing.objective is not None and standing.bound < standing.objective:
        raise ModelContradictionError(f"the bound {standing.bound} lies below the plan's {standing.objective}")


def _solver(limits: Limits, budget: Budget, *, workers: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.max_time_in_seconds = max(0.01, budget.seconds_left)
    parameters.random_seed = limits.seed % 2**31
    # Its own handler would take Ctrl-C away from ours, and aborts the process when it fires outside the solving thread.
    parameters.catch_sigint_signal = False
    parameters.linearization_level = 2
    if limits.work is not None:
        parameters.num_workers = 1  # several threads take another course each time
        parameters.max_deterministic_time = max(0.01, (limits.work - budget.work) / _WORK_S)
        return solver
    parameters.num_workers = workers
    if workers > 1:
        # Half the threads prove with the full linear relaxation, the others improve the plan around it.
        parameters.subsolvers.extend(_PROVERS[: max(1, workers // 2)])
    return solver


def _heard(solver: cp_model.CpSolver, standing: Standing, bound: float) -> None:
    standing.tighten(bound_of(bound))
    if standing.is_settled:
        solver.stop_search()


@contextmanager
def _watched(solver: cp_model.CpSolver, standing: Standing, budget: Budget) -> Iterator[None]:
    """Stop the solver soon after somebody asks, time is up or the gap is reached (if work is counted, its own thread looks at that)."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            if budget.is_stopped or (standing.has_gap and not budget.counts_work):
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


class _Improvements(cp_model.CpSolverSolutionCallback):
    def __init__(self, standing: Standing, model: StaffingModel) -> None:
        super().__init__()
        self._standing = standing
        self._model = model

    def on_solution_callback(self) -> None:
        self._standing.tighten(bound_of(self.best_objective_bound))
        runs = self._model.chosen_runs(self.value)
        self._standing.offer(runs, objective_x60(self._model.columns, runs))
        if self._standing.has_gap:
            self.stop_search()


def bound_of(value: float) -> int:
    """
    The integer bound behind CP-SAT's figure.

    CP-SAT counts in integers and reports a double; the reader's limit on the size of Z keeps it exact to the unit, or the
    next double upwards is taken.
    """
    whole = round(value)
    return whole if abs(value) < 2**52 else whole + abs(whole) // 2**51

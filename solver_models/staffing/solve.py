"""
Solve a staffing problem: greedy first; prices for a bound, a dive and neighbourhoods when it is large; then CP-SAT on the whole model.

The proof is the search's own: the least bound of either.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from solver_models.limits import Limits
from solver_models.result import Progress, Status
from solver_models.staffing.bound import Pricing
from solver_models.staffing.columns import Columns
from solver_models.staffing.explain import explain
from solver_models.staffing.greedy import filled_plan, greedy_plan
from solver_models.staffing.improve import Neighbourhoods
from solver_models.staffing.model import StaffingModel
from solver_models.staffing.nothing import is_empty, nothing_planned
from solver_models.staffing.pins import exceeded_limits
from solver_models.staffing.plan import Answer
from solver_models.staffing.roster import objective_x60

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from solver_models.staffing.problem import Problem, Run

_FEW_OPTIONS = 2_500
"""Up to so many options the whole model is solved at once; beyond, prices bound it first."""
_IN_VAIN = 60
"""Neighbourhoods in a row without a better plan after which the whole model takes over."""
_PROVERS = ("max_lp", "reduced_costs", "lb_tree_search", "default_lp", "quick_restart")


class ModelContradictionError(RuntimeError):
    """The search called a problem infeasible that has a plan: a fault of the model, never an answer."""


def solve(
    problem: Problem,
    limits: Limits | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_plan: Callable[[tuple[Run, ...], int], None] | None = None,
) -> Answer:
    """
    The best plan found within the limits, its bound, and the reason for every demand left open.

    Without people or demands there is nothing to plan, and nothing is claimed of the empty plan.

    ``on_progress`` hears of every better plan or bound, ``on_plan`` of every better plan (its runs and Z); both from search
    threads, one call at a time. Raises ``ModelContradictionError`` if the search contradicts a plan in hand.
    """
    if is_empty(problem):
        return nothing_planned(problem)
    limits = limits or Limits()
    began = time.monotonic()
    columns = Columns(problem)
    engine = {"muster": version("muster"), "ortools": version("ortools")}
    if columns.conflicts:
        return Answer(
            status=Status.INFEASIBLE,
            assignments=None,
            objective_x60=None,
            bound_x60=None,
            proof=None,
            conflicts=columns.conflicts,
            seed=limits.seed,
            engine=engine,
            seconds=time.monotonic() - began,
        )
    search = Search(columns, limits, began=began, on_progress=on_progress, on_plan=on_plan)
    search.run()
    assert search.best is not None
    done = search.objective == search.bound
    return Answer(
        status=Status.OPTIMAL if done else Status.FEASIBLE,
        assignments=search.best,
        objective_x60=search.objective,
        bound_x60=search.bound,
        proof="search",
        conflicts=exceeded_limits(problem, columns.used),
        fills=explain(columns, search.best),
        seed=limits.seed,
        engine=engine,
        seconds=time.monotonic() - began,
    )


class Search:
    """One run of the solver: the best plan so far and the least bound so far, kept outside of CP-SAT."""

    def __init__(
        self,
        columns: Columns,
        limits: Limits,
        *,
        began: float,
        on_progress: Callable[[Progress], None] | None = None,
        on_plan: Callable[[tuple[Run, ...], int], None] | None = None,
    ) -> None:
        self._columns = columns
        self._limits = limits
        self._began = began
        self._on_progress = on_progress
        self._on_plan = on_plan
        self._lock = threading.Lock()
        self._workers = limits.workers or os.cpu_count() or 1
        self.best: tuple[Run, ...] | None = None
        self.objective: int | None = None
        self.bound: int = demand_bound(columns)

    def run(self) -> None:
        """Search until optimal, the gap, the time limit or a stop."""
        greedy = greedy_plan(self._columns)
        self.offer(greedy, objective_x60(self._columns, greedy))
        if len(self._columns.options) > _FEW_OPTIONS and not self._is_done():
            self._price(greedy)
            self._improve()
        if not self._is_done():
            model = StaffingModel(self._columns)
            model.hint(self.best or greedy)
            self._solve(model)

    def _improve(self) -> None:
        """Re-plan neighbourhoods until so many of them in a row were no better."""
        neighbourhoods = Neighbourhoods(self._columns, workers=self._workers, seed=self._limits.seed)
        in_vain = 0
        while in_vain < _IN_VAIN and not self._is_done():
            assert self.best is not None
            with self._watched() as watch:
                runs = neighbourhoods.improve(self.best, seconds=max(0.01, self._left()), watch=watch)
            in_vain = in_vain + 1 if runs == self.best else 0
            self.offer(runs, objective_x60(self._columns, runs))

    def _price(self, greedy: tuple[Run, ...]) -> None:
        """Bound the problem by prices, for at most half of the time, and dive from the prices to a plan."""
        ends = time.monotonic() + self._left() / 2
        pricing = Pricing(
            self._columns,
            [greedy],
            workers=self._workers,
            is_over=lambda: time.monotonic() > ends or self._is_done(),
            seconds_left=lambda: ends - time.monotonic(),
        )
        pricing.bound(self.tighten)
        runs = filled_plan(self._columns, pricing.dive())
        self.offer(runs, objective_x60(self._columns, runs))

    def _is_done(self) -> bool:
        gap = Progress(seconds=0, objective_x60=self.objective, bound_x60=self.bound).gap
        return self._limits.stop.is_set() or self._left() <= 0 or (gap is not None and gap <= self._limits.gap)

    def _left(self) -> float:
        return self._limits.time_s - (time.monotonic() - self._began)

    def offer(self, runs: tuple[Run, ...], objective: int) -> None:
        """Take a plan if it is better than the best so far."""
        with self._lock:
            if self.objective is None or objective > self.objective:
                self.best, self.objective = runs, objective
                if self._on_plan is not None:
                    self._on_plan(runs, objective)
                self._report()

    def tighten(self, bound: int) -> None:
        """Take a bound if it is less than the least so far."""
        with self._lock:
            if bound < self.bound:
                self.bound = bound
                self._report()

    def _report(self) -> None:
        if self._on_progress is not None:
            seconds = time.monotonic() - self._began
            self._on_progress(Progress(seconds=seconds, objective_x60=self.objective, bound_x60=self.bound))

    def _solve(self, model: StaffingModel) -> None:
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = max(0.01, self._left())
        solver.parameters.random_seed = self._limits.seed % 2**31
        workers = self._workers
        solver.parameters.num_workers = workers
        # Its own handler would take Ctrl-C away from ours, and aborts the process when it fires outside the solving thread.
        solver.parameters.catch_sigint_signal = False
        solver.parameters.linearization_level = 2
        if workers > 1:
            # Half the threads prove with the full linear relaxation, the others improve the plan around it.
            solver.parameters.subsolvers.extend(_PROVERS[: max(1, workers // 2)])
        callback = _Improvements(self, model)
        solver.best_bound_callback = lambda bound: self._on_bound(solver, bound)
        with self._watched() as watch:
            watch(solver)
            status = solver.solve(model.cp, callback)
        if status in (cp_model.INFEASIBLE, cp_model.MODEL_INVALID):
            raise ModelContradictionError(f"CP-SAT answered {solver.status_name(status)} although pinned runs alone are a plan")
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            runs = model.chosen_runs(solver.value)
            self.offer(runs, objective_x60(self._columns, runs))
        if status != cp_model.UNKNOWN:
            self.tighten(bound_of(solver.best_objective_bound))
        if status == cp_model.OPTIMAL and self.objective is not None and self.bound < self.objective:
            raise ModelContradictionError(f"CP-SAT's bound {self.bound} lies below the plan's {self.objective}")

    def _on_bound(self, solver: cp_model.CpSolver, bound: float) -> None:
        self.tighten(bound_of(bound))
        if self._is_done():
            solver.stop_search()

    @contextmanager
    def _watched(self) -> Iterator[Callable[[cp_model.CpSolver], None]]:
        """Stop the solver given soon after somebody asks, the gap is reached or time is up."""
        ended = threading.Event()
        solvers: list[cp_model.CpSolver] = []

        def watch() -> None:
            while not ended.wait(0.05):
                if self._is_done():
                    for solver in solvers:
                        solver.stop_search()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield solvers.append
        finally:
            ended.set()
            watcher.join()


class _Improvements(cp_model.CpSolverSolutionCallback):
    def __init__(self, search: Search, model: StaffingModel) -> None:
        super().__init__()
        self._search = search
        self._model = model

    def on_solution_callback(self) -> None:
        self._search.tighten(bound_of(self.best_objective_bound))
        runs = self._model.chosen_runs(self.value)
        self._search.offer(runs, objective_x60(self._model.columns, runs))


def bound_of(value: float) -> int:
    """
    The integer bound behind CP-SAT's figure.

    CP-SAT counts in integers and reports a double; the reader's limit on the size of Z keeps it exact to the unit, or the
    next double upwards is taken.
    """
    whole = round(value)
    return whole if abs(value) < 2**52 else whole + abs(whole) // 2**51


def demand_bound(columns: Columns) -> int:
    """A bound without search: every demand on the people who bring most, as if each had nothing else to do."""
    total = sum(columns.base(p) for p in columns.problem.people)
    for d in columns.problem.demands:
        best: dict[str, int] = {}
        pinned = 0
        for o in columns.by_demand.get(d.id, ()):
            gain = max(o.run_gain(first, last) for first, last in o.intervals())
            if o.pin is not None:
                pinned += gain
            else:
                best[o.person] = max(best.get(o.person, 0), gain)
        free = max(0, d.max_people - columns.used.people.get(d.id, 0))
        total += pinned + sum(sorted(best.values(), reverse=True)[:free])
    return total

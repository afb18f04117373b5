"""CP-SAT, twice: one Boolean per run, and the model that a tutorial would write."""

from __future__ import annotations

from collections import defaultdict
from importlib.metadata import version
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from benchmarks.pairs import Pairs
from benchmarks.peers.contract import answer_of
from benchmarks.peers.greedy import greedy_pairs

if TYPE_CHECKING:
    from benchmarks.peers.contract import Task
    from solver_models.staffing.plan import Answer
    from solver_models.staffing.problem import Run

Chosen = list[tuple[int, int, cp_model.IntVar]]
"""Person, demand, and whether the one does the other."""


def solve_with_booleans(task: Task) -> Answer:
    """One Boolean per person and demand; capacity per person and week; the greedy plan as a hint."""
    pairs, model = Pairs(task.problem), cp_model.CpModel()
    loads: defaultdict[tuple[int, int], list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
    chosen: Chosen = []
    gains: list[int] = []
    for candidates in pairs.by_demand:
        takes = [model.new_bool_var("") for _ in candidates.people]
        model.add_at_most_one(takes)
        for take, person, gain, row in zip(
            takes, candidates.people.tolist(), candidates.gain.tolist(), candidates.minutes.tolist(), strict=True
        ):
            chosen.append((person, candidates.demand, take))
            gains.append(gain)
            for t, minutes in enumerate(row, start=candidates.first):
                if minutes:
                    loads[person, t].append((take, minutes))
    for (person, t), parts in loads.items():
        model.add(cp_model.LinearExpr.weighted_sum(*_split(parts)) <= int(pairs.capacity[person, t]))
    model.maximize(cp_model.LinearExpr.weighted_sum([take for _, _, take in chosen], gains))
    booked = {(run.person, run.demand) for run in greedy_pairs(pairs)[0]}
    people, demands = task.problem.people, task.problem.demands
    for person, demand, take in chosen:
        model.add_hint(take, int((people[person].id, demands[demand].id) in booked))
    return _solve(task, pairs, model, chosen)


def solve_as_in_a_tutorial(task: Task) -> Answer:
    """Whole minutes per person, demand and week, tied to a Boolean per person and demand."""
    pairs, model = Pairs(task.problem), cp_model.CpModel()
    loads: defaultdict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
    chosen: Chosen = []
    terms: list[tuple[cp_model.IntVar, int]] = []
    for candidates in pairs.by_demand:
        takes = [model.new_bool_var("") for _ in candidates.people]
        model.add(sum(takes) <= 1)
        for take, person, row in zip(takes, candidates.people.tolist(), candidates.minutes.tolist(), strict=True):
            chosen.append((person, candidates.demand, take))
            rate = task.problem.demands[candidates.demand].value_rate - task.problem.people[person].cost_rate
            for t, minutes in enumerate(row, start=candidates.first):
                worked = model.new_int_var(0, minutes, "")
                model.add(worked == minutes).only_enforce_if(take)
                model.add(worked == 0).only_enforce_if(~take)
                loads[person, t].append(worked)
                terms.append((worked, rate))
    for (person, t), worked_min in loads.items():
        model.add(sum(worked_min) <= int(pairs.capacity[person, t]))
    model.maximize(cp_model.LinearExpr.weighted_sum(*_split(terms)))
    return _solve(task, pairs, model, chosen)


def _split(terms: list[tuple[cp_model.IntVar, int]]) -> tuple[list[cp_model.IntVar], list[int]]:
    return [variable for variable, _ in terms], [factor for _, factor in terms]


def _solve(task: Task, pairs: Pairs, model: cp_model.CpModel, chosen: Chosen) -> Answer:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = task.left
    solver.parameters.num_workers = task.workers
    solver.parameters.random_seed = task.seed
    status = solver.solve(model, _Better(task))
    engine = {"ortools": version("ortools")}
    bound = None if status == cp_model.UNKNOWN and not solver.best_objective_bound else int(solver.best_objective_bound + 0.5)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return answer_of(task, None, objective_x60=None, bound_x60=bound, engine=engine)
    runs: list[Run] = [pairs.run(person, demand) for person, demand, take in chosen if solver.value(take)]
    return answer_of(task, runs, objective_x60=round(solver.objective_value), bound_x60=bound, engine=engine)


class _Better(cp_model.CpSolverSolutionCallback):
    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task

    def on_solution_callback(self) -> None:
        self._task.tell(round(self.objective_value), round(self.best_objective_bound))

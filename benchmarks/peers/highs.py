"""
HiGHS as a MIP solver: one Boolean per person and demand.

Never in one process with ortools: their symbols clash.
"""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import TYPE_CHECKING

import highspy
import numpy as np

from benchmarks.pairs import Pairs
from benchmarks.peers.contract import answer_of

if TYPE_CHECKING:
    from benchmarks.peers.contract import Task
    from solver_models.staffing.plan import Answer


def solve_with_highs(task: Task) -> Answer:
    """At most one person a demand, capacity per person and week."""
    pairs = Pairs(task.problem)
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.silent()
    highs.passModel(_model(pairs))
    highs.setOptionValue("threads", task.workers)
    highs.setOptionValue("random_seed", task.seed)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.cbMipImprovingSolution.subscribe(
        lambda event: task.tell(round(-event.data_out.objective_function_value), _bound(event.data_out.mip_dual_bound))
    )
    highs.setOptionValue("time_limit", task.left)
    highs.run()
    found = highs.getInfo()
    engine = {"highspy": version("highspy")}
    bound = _bound(found.mip_dual_bound)
    if found.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return answer_of(task, None, objective_x60=None, bound_x60=bound, engine=engine)
    taken = np.round(np.array(highs.getSolution().col_value)).astype(bool)
    runs, column = [], 0
    for candidates in pairs.by_demand:
        ends = column + len(candidates.people)
        runs += [pairs.run(int(person), candidates.demand) for person in candidates.people[taken[column:ends]]]
        column = ends
    brings = int(np.concatenate([candidates.gain for candidates in pairs.by_demand])[taken].sum())
    return answer_of(task, runs, objective_x60=brings, bound_x60=None if bound is None else max(brings, bound), engine=engine)


def _bound(dual_bound: float) -> int | None:
    """HiGHS minimises; its figure is good to a part in a million."""
    return math.ceil(-dual_bound) if math.isfinite(dual_bound) else None


def _model(pairs: Pairs) -> highspy.HighsLp:
    """Minimise what is lost, column by column: rows are demands, then people x weeks."""
    weeks = pairs.capacity.shape[1]
    rows: list[int] = []
    values: list[float] = []
    starts = [0]
    for row, candidates in enumerate(pairs.by_demand):
        for person, minutes in zip(candidates.people.tolist(), candidates.minutes.tolist(), strict=True):
            at = len(pairs.by_demand) + person * weeks + candidates.first
            rows += [row, *(at + k for k, value in enumerate(minutes) if value)]
            values += [1.0, *(float(value) for value in minutes if value)]
            starts.append(len(rows))
    gains = np.concatenate([candidates.gain for candidates in pairs.by_demand])
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(gains), len(pairs.by_demand) + pairs.capacity.size
    lp.col_cost_ = -gains.astype(float)
    lp.col_lower_, lp.col_upper_ = np.zeros(len(gains)), np.ones(len(gains))
    lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
    lp.row_upper_ = np.concatenate([np.ones(len(pairs.by_demand)), pairs.capacity.ravel().astype(float)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = np.array(starts), np.array(rows), np.array(values)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(gains)
    return lp

"""Compilation ahead of need: every entry point once, for nobody."""

from __future__ import annotations

import numpy as np

from solver_models.staffing.kernel.arrays import Arrays, PriceVector
from solver_models.staffing.kernel.auction import sell
from solver_models.staffing.kernel.bars import bar
from solver_models.staffing.kernel.proximal import FIGURES, Known, Sales, approach
from solver_models.staffing.kernel.search import MOST_RUNS, best_schedules


def compile_all() -> None:
    """Compile what is not yet kept on disk."""
    none, table = np.zeros(0, dtype=np.int64), np.zeros((0, 0), dtype=np.int64)
    arrays = Arrays(table, table, table, none, table, table)
    prices = PriceVector(table, none, 0, none, none, np.zeros(0, dtype=np.bool_), table, none, none)
    sell(arrays, none, none, np.zeros((0, 0)), 0.0, np.zeros((0, 0)), np.zeros(0), np.zeros(0))
    best_schedules(arrays, prices, none, np.zeros((0, 0)), np.zeros(0), 0, np.zeros((0, MOST_RUNS), dtype=np.int64), 2)
    nothing, person = np.zeros(0, dtype=np.bool_), np.zeros((2, 6), dtype=np.int64)
    bar(arrays._replace(people=person), 0, nothing, table, table, nothing, 0, nothing)
    some = np.zeros(0)
    known, sales = (
        Known(none, none, none, none, some, some),
        Sales(none, none, none, none, some, some, none, none, np.zeros(0, dtype=np.bool_)),
    )
    approach(np.zeros((0, FIGURES)), known, sales, some, none, none, 0.0, 1)

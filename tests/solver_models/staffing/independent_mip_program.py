"""A mixed-integer program in whole numbers, handed to HiGHS and checked again in whole numbers."""

from __future__ import annotations

from math import gcd, inf
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Iterable

Term = tuple[int, int]
"""Coefficient and column."""


class Program:
    """Columns and rows with integer coefficients; every column takes whole values >= 0; the objective is maximised."""

    def __init__(self) -> None:
        self.constant = 0
        self.worth: list[int] = []
        self.upper: list[float] = []
        self.is_integer: list[bool] = []
        self.rows: list[tuple[dict[int, int], int | None, int | None]] = []

    def binary(self, worth: int = 0) -> int:
        return self._column(worth, 1, is_integer=True)

    def amount(self, worth: int) -> int:
        """A cost that rests on its lower bound, a whole number as soon as all binaries are."""
        assert worth <= 0
        return self._column(worth, inf, is_integer=False)

    def _column(self, worth: int, upper: float, *, is_integer: bool) -> int:
        self.worth.append(worth)
        self.upper.append(upper)
        self.is_integer.append(is_integer)
        return len(self.worth) - 1

    def row(self, terms: Iterable[Term], *, least: int | None = None, most: int | None = None) -> None:
        collected: dict[int, int] = {}
        for coefficient, column in terms:
            collected[column] = collected.get(column, 0) + coefficient
        kept = {column: coefficient for column, coefficient in collected.items() if coefficient}
        if not kept:
            assert (least or 0) <= 0 <= (0 if most is None else most), "a row without columns that cannot hold"
            return
        common = gcd(*kept.values())
        self.rows.append(
            (
                {column: coefficient // common for column, coefficient in kept.items()},
                None if least is None else -(-least // common),
                None if most is None else most // common,
            )
        )

    def maximum(self) -> int:
        """The best objective: HiGHS without a gap, its solution rounded, every row and the objective recomputed exactly."""
        if not self.worth:
            return self.constant
        scale = max(1, *(abs(worth) for worth in self.worth)) / 1_000
        answer = milp(
            c=-np.array(self.worth, dtype=float) / scale,
            integrality=np.array(self.is_integer, dtype=int),
            bounds=Bounds(0, np.array(self.upper)),
            constraints=self._constraints(),
            options={"mip_rel_gap": 0.0},
        )
        if answer.status != 0:
            raise RuntimeError(f"HiGHS ended with status {answer.status}: {answer.message}")
        values = [round(float(value)) for value in answer.x]
        for terms, least, most in self.rows:
            total = sum(coefficient * values[column] for column, coefficient in terms.items())
            if (least is not None and total < least) or (most is not None and total > most):
                raise RuntimeError(f"The rounded solution breaks a row: {least} <= {total} <= {most}")
        return self.constant + sum(worth * value for worth, value in zip(self.worth, values, strict=True))

    def _constraints(self) -> list[LinearConstraint]:
        if not self.rows:
            return []
        entries = [(number, column, float(value)) for number, (terms, _, _) in enumerate(self.rows) for column, value in terms.items()]
        rows, columns, coefficients = zip(*entries, strict=True)
        matrix = csr_array((coefficients, (rows, columns)), shape=(len(self.rows), len(self.worth)))
        lower = [-inf if least is None else float(least) for _, least, _ in self.rows]
        upper = [inf if most is None else float(most) for _, _, most in self.rows]
        return [LinearConstraint(matrix, lower, upper)]

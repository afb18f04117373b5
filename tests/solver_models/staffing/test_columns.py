"""Options are what the definitions say, however fast they are made."""

from __future__ import annotations

from dataclasses import fields
from random import Random
from typing import Any

import pytest

from solver_models.staffing.columns import Columns, Option
from tests.solver_models.staffing.plain_options import plain_options
from tests.solver_models.staffing.random_problems import larger_problem, small_problem


def _values(option: Option) -> dict[str, Any]:
    return {f.name: getattr(option, f.name) for f in fields(option)}


@pytest.mark.parametrize("seeds", [range(start, start + 50) for start in range(0, 300, 50)], ids=str)
def test_options_follow_from_the_definitions(seeds: range) -> None:
    """All people of a demand at once or one pair at a time: the same options, in the same order, in plain integers."""
    for seed in seeds:
        problem = larger_problem(seed) if seed % 5 == 0 else small_problem(seed)
        made = [_values(o) for o in Columns(problem).options]
        assert made == [_values(o) for o in plain_options(problem)], seed
        numbers = (value for values in made for key in ("minutes", "promised", "gain", "fresh") for value in values[key])
        assert all(type(value) is int for value in numbers)


@pytest.mark.parametrize("seed", range(40))
def test_best_gain_is_the_best_of_the_runs(seed: int) -> None:
    """By prefix sums or run by run."""
    for option in Columns(small_problem(seed)).options:
        assert option.best_gain() == max(option.run_gain(first, last) for first, last in option.intervals())


def test_an_option_is_found_by_any_of_its_runs() -> None:
    """By person, demand, share and shift."""
    columns = Columns(small_problem(3))
    assert columns.options
    for option in columns.options:
        assert columns.option_of(option.run(option.lo, option.hi)) is option


@pytest.mark.parametrize("seed", range(40))
def test_intervals_until_are_those_that_end_in_time(seed: int) -> None:
    """What stands in the way of later periods leaves out the longer runs and nothing else."""
    rng = Random(seed)
    for option in Columns(small_problem(seed)).options:
        until = [rng.randint(t - 1, option.hi) for t in range(option.lo, option.hi + 1)]
        kept = [(first, last) for first, last in option.intervals() if last <= until[first - option.lo]]
        assert list(option.intervals(until)) == kept

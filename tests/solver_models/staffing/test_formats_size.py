"""Problems out of reach are refused with an estimate, before anything is built from them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from solver_models.staffing.formats import InvalidFormat, estimate_size, problem_from_json, read_problem
from solver_models.staffing.formats_size import too_many
from solver_models.staffing.problem import Demand, Person, Problem
from tests.solver_models.staffing.full_problem import FULL, MISSING, raw_of


def test_s02_counts_out_of_reach_are_refused_before_reading() -> None:
    """A million demands x 10,000 people x 522 weeks: refused with the estimate; 10,000 x 60,000 x 52 is not."""
    fault = too_many(people=10_000, demands=1_000_000, periods=522)
    assert fault is not None
    assert fault.code == "problem.too_large"
    assert "10,000,000,000 pairs (variables" in fault.message
    assert "MB" in fault.message
    assert too_many(people=10_000, demands=60_000, periods=52) is None


def test_s02_a_text_of_too_many_people_and_demands() -> None:
    """The counts are checked on the text, before its values."""
    value = FULL | {"people": [{}] * 50_000, "demands": [{}] * 50_000}
    with pytest.raises(InvalidFormat) as caught:
        problem_from_json(value)
    assert [fault.code for fault in caught.value.faults] == ["problem.too_large"]


def test_s02_more_runs_than_any_memory_holds() -> None:
    """A readable problem with too many possible runs is refused with the estimate of variables and memory."""
    periods = 1_000
    days = [(date(2000, 1, 1) + timedelta(days=t)).isoformat() for t in range(periods)]
    value = {
        "format": "staffing-problem/1",
        "currency": "EUR",
        "periods": days,
        "people": [{"id": f"p{i}", "capacity": [1] * periods, "cost_rate": 0, "skills": {}} for i in range(20)],
        "demands": [
            {"id": f"d{i}", "project": "p", "requires": {}, "effort": [0] * 400 + [1] * 200 + [0] * 400, "value_rate": 0}
            | {"shares": [n / 10_000 for n in range(1, 1_000)], "min_run": 1, "shift": [-400, 400]}
            for i in range(2)
        ],
    }
    with pytest.raises(InvalidFormat) as caught:
        problem_from_json(value)
    (fault,) = caught.value.faults
    assert fault.code == "problem.too_large"
    assert f"{20 * 2 * 999 * 801 * 200 * 201 // 2:,}" in fault.message


def test_an_objective_beyond_64_bits_is_refused() -> None:
    """The sum of the objective's terms must stay below 2^60."""
    huge = [("/people/0/capacity", [10**6, 10**6]), ("/people/0/usual", MISSING), ("/demands/0/value_rate", 10**10)]
    assert read_problem(raw_of(*huge)).demands[0].value_rate == 10**10
    many = [{"id": f"p{i}", "capacity": [10**6, 10**6], "cost_rate": 10**10, "skills": {}} for i in range(60)]
    people = [FULL["people"][0], FULL["people"][1], *many]
    with pytest.raises(InvalidFormat) as caught:
        read_problem(raw_of(("/people", people)))
    (fault,) = caught.value.faults
    assert fault.code == "problem.too_large"
    assert "2^60" in fault.message


def test_the_size_estimate_counts_qualified_people_and_their_runs() -> None:
    """Runs of a qualified person: shares x shifts inside the horizon x (first, last) of at least ``min_run`` periods."""
    problem = Problem(
        currency="EUR",
        periods=tuple(f"2026-01-{day:02d}" for day in range(1, 6)),
        people=(
            Person(id="a", capacity=(60,) * 5, cost_rate=1, skills={"sap": 3, "sql": 1}),
            Person(id="b", capacity=(60,) * 5, cost_rate=1, skills={"sap": 2}),
        ),
        demands=(
            Demand(id="x", project="p", effort=(0, 60, 60, 60, 0), value_rate=1, requires={"sap": 3}, min_run=2, shares_e4=(5000, 10000)),
            Demand(id="y", project="p", effort=(0, 60, 60, 60, 0), value_rate=1, requires={"sap": 2}, shift=(-9, 0)),
            Demand(id="z", project="p", effort=(0, 0, 0, 0, 0), value_rate=1),
        ),
    )
    size = estimate_size(problem)
    assert (size.pairs, size.qualified_pairs) == (6, 1 + 2 + 2)
    assert size.run_choices == 2 * 3 + 2 * 2


def test_a_large_text_that_is_all_wrong_ends() -> None:
    """Listing stops where nobody reads on."""
    value = FULL | {"people": [{"id": f"p{i}", "capacity": [-1, -1], "cost_rate": -1, "skill": {}} for i in range(10_000)]}
    with pytest.raises(InvalidFormat) as caught:
        problem_from_json(value)
    assert len(caught.value.faults) == 10_001
    assert caught.value.faults[-1].code == "faults.too_many"

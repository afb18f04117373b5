"""Reading ``staffing-problem/1``: every rule of the format, each fault with its place, its code and what is allowed."""

from __future__ import annotations

import copy
import json
from decimal import Decimal

import pytest

from solver_models.staffing.formats import Fault, InvalidFormat, decode_json, problem_from_json, read_problem
from solver_models.staffing.problem import Demand, Person, Policy, Problem
from tests.solver_models.staffing.full_problem import FULL, FULL_PROBLEM, MISSING, raw_of


def faults_of(*changes: tuple[str, object]) -> tuple[Fault, ...]:
    """Every fault of the changed problem."""
    with pytest.raises(InvalidFormat) as caught:
        read_problem(raw_of(*changes))
    return caught.value.faults


def test_every_key_is_read() -> None:
    """Fractions become whole ten-thousandths, lists tuples, and everything else is kept as it stands."""
    assert read_problem(raw_of()) == FULL_PROBLEM


def test_optional_keys_have_the_formats_defaults() -> None:
    """What is absent allows all or asks for nothing."""
    lists = [(f"/{key}", MISSING) for key in ("projects", "fixed", "current", "policy")]
    problem = read_problem(raw_of(*lists, ("/people/0/preferences", {})))
    assert (problem.projects, problem.fixed, problem.current, problem.policy) == ((), (), (), Policy())
    assert problem.people[1] == Person(id="bob", capacity=(0, 0), cost_rate=0)
    bare = {"id": "bare", "project": "p", "requires": {}, "effort": [1, 1], "value_rate": 1}
    assert read_problem(
        raw_of(
            ("/demands/1", bare),
            *lists,
            ("/people/0/available_for", MISSING),
            ("/people/0/not_for", MISSING),
            ("/people/0/preferences", MISSING),
        )
    ).demands[1] == Demand(id="bare", project="p", effort=(1, 1), value_rate=1)


def test_an_absent_list_allows_all_and_an_empty_one_none() -> None:
    """``[]`` is not the same as no key."""
    problem = read_problem(
        raw_of(("/people/0/available_for", []), ("/demands/0/only", []), ("/demands/0/locations", []), ("/demands/0/shares", []))
    )
    person, demand = problem.people[0], problem.demands[0]
    assert (person.available_for, demand.only, demand.locations, demand.shares_e4) == (frozenset(), frozenset(), frozenset(), ())
    assert (problem.people[1].available_for, problem.demands[1].only, problem.demands[1].shares_e4) == (None, None, (10_000,))


def test_values_decoded_elsewhere_read_the_same() -> None:
    """A binary float means the shortest decimal that prints like it: 0.29 is 2,900 ten-thousandths."""
    assert problem_from_json(json.loads(raw_of())) == problem_from_json(decode_json(raw_of())) == read_problem(raw_of())


def test_s01_nobody_and_nothing_is_a_problem() -> None:
    """Empty lists of people and demands are no fault."""
    empty = {"format": "staffing-problem/1", "currency": "EUR", "periods": ["2026-01-05"], "people": [], "demands": []}
    assert problem_from_json(empty) == Problem(currency="EUR", periods=("2026-01-05",))


CASES: list[tuple[str, object, str, str]] = [
    ("/format", MISSING, "field.missing", "required"),
    ("/currency", MISSING, "field.missing", "required"),
    ("/currency", "eur", "currency.invalid", "EUR"),
    ("/currency", "EURO", "currency.invalid", "ISO 4217"),
    ("/currency", 978, "field.type", "text"),
    ("/periods", MISSING, "field.missing", "required"),
    ("/periods", [], "list.length", "1 to 3,660"),
    ("/periods", "2026-01-05", "field.type", "a list"),
    ("/periods/1", "2026-01-05", "periods.not_ascending", "after 2026-01-05"),
    ("/periods/1", "2026-01-04", "periods.not_ascending", "in order"),
    ("/periods/1", "2026-02-30", "date.invalid", "YYYY-MM-DD"),
    ("/periods/1", "20260112", "date.invalid", "YYYY-MM-DD"),
    ("/periods/1", "2026-W03-1", "date.invalid", "YYYY-MM-DD"),
    ("/periods/1", 20260112, "field.type", "text"),
    ("/people", MISSING, "field.missing", "required"),
    ("/people", {}, "field.type", "a list"),
    ("/people/1", "bob", "field.type", "an object"),
    ("/people/1/capacity", MISSING, "field.missing", "required"),
    ("/people/1/cost_rate", MISSING, "field.missing", "required"),
    ("/people/1/skills", MISSING, "field.missing", "required"),
    ("/people/1/capacity", [1], "list.length", "2 numbers"),
    ("/people/1/capacity", [1, 2, 3], "list.length", "2 numbers"),
    ("/people/1/capacity", 2400, "field.type", "one per period"),
    ("/people/1/capacity/0", [1], "field.type", "whole number"),
    ("/people/1/usual", [1], "list.length", "2 numbers"),
    ("/people/1/usual", None, "field.type", "leave an optional key out"),
    ("/people/1/cost_rate", -1, "number.out_of_range", "0 to 10,000,000,000"),
    ("/people/1/cost_rate", 10**10 + 1, "number.out_of_range", "0 to 10,000,000,000"),
    ("/people/1/cost_rate", 2**63, "number.too_large", "0 to 10,000,000,000"),
    ("/people/1/cost_rate", 99.5, "number.not_integer", "whole number"),
    ("/people/1/cost_rate", "99", "field.type", "without quotes"),
    ("/people/1/cost_rate", True, "field.type", "whole number"),
    ("/people/1/skills/sap", 0, "number.out_of_range", "1 to 5"),
    ("/people/1/skills/sap", 6, "number.out_of_range", "1 to 5"),
    ("/people/1/skills/sap", 2.5, "number.not_integer", "whole number"),
    ("/people/1/skills", ["sap"], "field.type", "an object"),
    ("/people/1/location", "", "text.empty", "one character"),
    ("/people/1/location", "x" * 201, "text.too_long", "200"),
    ("/people/1/max_demands", -1, "number.out_of_range", "0 to"),
    ("/people/0/available_for/0", "biuld", "id.unknown", 'Did you mean "build"?'),
    ("/people/1/not_for", "test", "field.type", "a list"),
    ("/people/0/preferences/towr", 1, "id.unknown", 'Did you mean "tower"?'),
    ("/people/0/preferences/ann", 1, "id.unknown", "no demand or project"),
    ("/people/0/preferences/test", 10**10 + 1, "number.out_of_range", "10,000,000,000"),
    ("/people/1/idle_cost", -1, "number.out_of_range", "0 to"),
    ("/people/1/band", [0.5], "list.length", "two numbers"),
    ("/people/1/band", [0.5, 0.4], "list.order", "lower one first"),
    ("/people/1/band", [-0.1, 0.4], "number.out_of_range", "0 to 10"),
    ("/people/1/band", [0, 10.0001], "number.out_of_range", "0 to 10"),
    ("/people/1/band", [0.12345, 1], "number.places", "four decimal places"),
    ("/people/1/idel_cost", 1, "field.unknown", 'Did you mean "idle_cost"?'),
    ("/people/1/id", "ann", "id.duplicate", "/people/0"),
    ("/people/1/id", "", "text.empty", "one character"),
    ("/people/1/id", 7, "field.type", "text in quotes"),
    ("/demands/1/project", MISSING, "field.missing", "required"),
    ("/demands/1/requires", MISSING, "field.missing", "required"),
    ("/demands/1/effort", MISSING, "field.missing", "required"),
    ("/demands/1/value_rate", MISSING, "field.missing", "required"),
    ("/demands/1/id", "build", "id.duplicate", "/demands/0"),
    ("/demands/1/project", "test", "id.demand_and_project", "rename"),
    ("/demands/1/project", "build", "id.demand_and_project", "/demands/0"),
    ("/demands/1/requires/sap", 6, "number.out_of_range", "1 to 5"),
    ("/demands/1/effort", [1], "list.length", "2 numbers"),
    ("/demands/1/value_rate", -(10**10) - 1, "number.out_of_range", "-10,000,000,000"),
    ("/demands/0/prefers/sap", 0.5, "number.not_integer", "whole number"),
    ("/demands/1/overqualified_cost", 10**10 + 1, "number.out_of_range", "10,000,000,000"),
    ("/demands/1/locations", "Bonn", "field.type", "a list"),
    ("/demands/1/locations", ["Bonn", "Bonn"], "list.duplicate", "twice"),
    ("/demands/1/shares", 1, "field.type", "a list"),
    ("/demands/1/shares", [0], "number.out_of_range", "0.0001 to 1"),
    ("/demands/1/shares", [1.0001], "number.out_of_range", "0.0001 to 1"),
    ("/demands/1/shares", [0.33333], "number.places", "0.3333"),
    ("/demands/1/shares", [1, 1.0], "list.duplicate", "twice"),
    ("/demands/1/max_people", -1, "number.out_of_range", "0 to"),
    ("/demands/1/max_people", 1.5, "number.not_integer", "whole number"),
    ("/demands/1/min_coverage", -0.0001, "number.out_of_range", "0 to 1"),
    ("/demands/1/min_coverage", 1.1, "number.out_of_range", "0 to 1"),
    ("/demands/1/min_coverage", "0.8", "field.type", "without quotes"),
    ("/demands/1/shift", [1], "list.length", "two numbers"),
    ("/demands/1/shift", [1, 0], "list.order", "lower one first"),
    ("/demands/1/shift", [0, 3661], "number.out_of_range", "3,660"),
    ("/demands/0/shift", [0, 0], "shift.beside_project", "not both"),
    ("/demands/1/only", ["carl"], "id.unknown", "no person"),
    ("/demands/1/only", ["ann", "ann"], "list.duplicate", "twice"),
    ("/demands/1/never", ["anna"], "id.unknown", 'Did you mean "ann"?'),
    ("/demands/1/min_cover", 0.5, "field.unknown", 'Did you mean "min_coverage"?'),
    ("/projects", {}, "field.type", "a list"),
    ("/projects/0/id", MISSING, "field.missing", "required"),
    ("/projects/0/id", "build", "id.demand_and_project", "rename"),
    ("/projects/0/all_or_nothing", 1, "field.type", "true or false"),
    ("/projects/0/shift", [2, 1], "list.order", "lower one first"),
    ("/projects/0/apart", ["ann", "bob"], "field.type", "a list of texts"),
    ("/projects/0/apart", [["ann", "bbo"]], "id.unknown", 'Did you mean "bob"?'),
    ("/projects/0/together", [["zoe"]], "id.unknown", "no person"),
    ("/projects/0/budget", 1, "field.unknown", "Allowed here"),
    ("/fixed/0/person", MISSING, "field.missing", "required"),
    ("/fixed/0/share", MISSING, "field.missing", "required"),
    ("/fixed/0/first", MISSING, "field.missing", "required"),
    ("/fixed/0/last", MISSING, "field.missing", "required"),
    ("/fixed/0/person", "anne", "id.unknown", 'Did you mean "ann"?'),
    ("/fixed/0/demand", "tower", "id.unknown", "no demand"),
    ("/fixed/0/share", 1.5, "number.out_of_range", "0.0001 to 1"),
    ("/fixed/0/first", -1, "run.outside_horizon", "0 to 1"),
    ("/fixed/0/last", 2, "run.outside_horizon", "0 to 1"),
    ("/current/0/last", 0, "run.ends_before_start", "before its first"),
    ("/current/0/shift", 0.5, "number.not_integer", "whole number"),
    ("/current/0/period", 1, "field.unknown", "Allowed here"),
    ("/policy", [], "field.type", "an object"),
    ("/policy/setup_cost", -1, "number.out_of_range", "0 to"),
    ("/policy/churn_cost", -1, "number.out_of_range", "0 to"),
    ("/policy/max_churn_minutes", -1, "number.out_of_range", "0 to"),
    ("/policy/frozen_periods", -1, "number.out_of_range", "0 to"),
    ("/policy/fairness_cost", -1, "number.out_of_range", "0 to"),
    ("/policy/band", [0, "1"], "field.type", "without quotes"),
    ("/policy/frozen", 1, "field.unknown", 'Did you mean "frozen_periods"?'),
    ("/peeple", [], "field.unknown", 'Did you mean "people"?'),
]


@pytest.mark.parametrize(("pointer", "value", "code", "says"), CASES, ids=[f"{at} {code}" for at, _, code, _ in CASES])
def test_h08_each_fault_has_its_place_and_code(pointer: str, value: object, code: str, says: str) -> None:
    """The pointer leads to the fault (or into it), the code names the rule, and the message says what is allowed."""
    found = [fault for fault in faults_of((pointer, value)) if fault.code == code]
    assert found
    assert found[0].pointer == pointer or found[0].pointer.startswith(pointer + "/")
    assert says in found[0].message


def test_h08_one_fault_does_not_beget_others() -> None:
    """A typo in a key, a number or an optional text is one fault, and so are missing periods."""
    for pointer, value in (
        ("/people/1/idel_cost", 1),
        ("/demands/1/min_coverage", 7),
        ("/people/0/location", ""),
        ("/policy/band", [2, 1]),
    ):
        assert len(faults_of((pointer, value))) == 1


@pytest.mark.parametrize("key", ["predecessors", "depends_on", "after"])
def test_s07_dependencies_are_refused_not_ignored(key: str) -> None:
    """Demands have no order among them: a list of what must come first is an unknown field, never silently dropped."""
    (fault,) = faults_of((f"/demands/0/{key}", ["d2"]))
    assert (fault.pointer, fault.code) == (f"/demands/0/{key}", "field.unknown")


def test_every_fault_is_listed_at_once() -> None:
    """Faults in every corner of the text come together, in its order."""
    changes: list[tuple[str, object]] = [
        ("/currency", "eur"),
        ("/people/0/cost_rate", -1),
        ("/people/1/colour", "red"),
        ("/demands/0/effort", [1, 2, 3]),
        ("/demands/1/shares", [2]),
        ("/projects/0/all_or_nothing", "yes"),
        ("/fixed/0/person", "nobody"),
        ("/current/0/first", 9),
        ("/policy/churn_cost", 0.5),
    ]
    assert [fault.pointer for fault in faults_of(*changes)] == [
        "/currency",
        "/people/0/cost_rate",
        "/people/1/colour",
        "/demands/0/effort",
        "/demands/1/shares/0",
        "/projects/0/all_or_nothing",
        "/fixed/0/person",
        "/current/0/first",
        "/policy/churn_cost",
    ]


def test_unequal_periods() -> None:
    """Months are not of equal length."""
    faults = faults_of(("/periods", ["2026-01-01", "2026-02-01", "2026-03-01"]))
    assert ("/periods/2", "periods.not_equal") in [(fault.pointer, fault.code) for fault in faults]


@pytest.mark.parametrize("minutes", [-1, 10**6 + 1])
def test_minutes_are_bounded(minutes: int) -> None:
    """Capacity and effort of a period are 0 to a million minutes."""
    for pointer in ("/people/1/capacity", "/people/1/usual", "/demands/1/effort"):
        (fault,) = faults_of((pointer, [0, minutes]))
        assert (fault.pointer, fault.code) == (f"{pointer}/1", "number.out_of_range")


def test_s04_durations_that_are_none() -> None:
    """A shortest run of 0 periods, negative effort, parts of a minute and NaN are refused; all effort zero asks for no run."""
    assert [f.code for f in faults_of(("/demands/1/min_run", 0))] == ["number.out_of_range"]
    assert [f.code for f in faults_of(("/demands/1/min_run", -1))] == ["number.out_of_range"]
    assert [f.code for f in faults_of(("/demands/1/effort", [-60, 0]))] == ["number.out_of_range"]
    assert [f.code for f in faults_of(("/demands/1/effort", [0.5, 0]))] == ["number.not_integer"]
    assert [f.code for f in faults_of(("/demands/1/effort", [float("nan"), 0]))] == ["number.not_finite"]
    assert [f.code for f in faults_of(("/demands/1/effort", [1, 1, 1]))] == ["list.length"]
    assert read_problem(raw_of(("/demands/1/effort", [0, 0]))).demands[1].effort == (0, 0)


def test_a_pair_twice_in_current_is_a_fault_and_in_fixed_is_not() -> None:
    """Two fixed runs of a person on a demand are for the solver to refuse: the problem is infeasible, its text is right."""
    twice = [
        {"person": "ann", "demand": "test", "share": 1, "first": 0, "last": 0},
        {"person": "ann", "demand": "test", "share": 1, "first": 1, "last": 1},
    ]
    (fault,) = faults_of(("/current", twice))
    assert (fault.pointer, fault.code) == ("/current/1", "current.duplicate")
    assert len(read_problem(raw_of(("/fixed", twice))).fixed) == 2


def test_a_project_need_not_be_listed() -> None:
    """``projects`` is optional: demands may name others, and preferences may too."""
    problem = read_problem(raw_of(("/projects", [])))
    assert problem.people[0].preferences["tower"] == 50


def test_another_format_is_the_only_fault() -> None:
    """A plan given as a problem is one fault, not a hundred."""
    (fault,) = faults_of(("/format", "staffing-plan/1"))
    assert (fault.pointer, fault.code) == ("/format", "format.unknown")
    assert "staffing-problem/1" in fault.message


@pytest.mark.parametrize(
    ("text", "e4"), [("0.29", 2_900), ("0.0001", 1), ("1", 10_000), ("1.0000", 10_000), ("5e-1", 5_000), ("0.50000", 5_000)]
)
def test_fractions_are_taken_as_written(text: str, e4: int) -> None:
    """Decimals of at most four places (further zeros say nothing new) are exact ten-thousandths."""
    value = copy.deepcopy(FULL)
    value["demands"][1]["shares"] = [Decimal(text)]
    assert problem_from_json(value).demands[1].shares_e4 == (e4,)


def test_whole_numbers_may_be_written_with_a_zero_fraction() -> None:
    """2400.0 is the whole number 2400."""
    assert read_problem(raw_of(("/people/1/capacity", [2400.0, 0]))).people[1].capacity == (2400, 0)

"""Whatever stands where in a text, a reader answers with a value or with faults, never with another error."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from solver_models.result import Status
from solver_models.staffing.certificate import Prices
from solver_models.staffing.formats import (
    Fault,
    InvalidFormat,
    answer_to_json,
    decode_json,
    plan_from_json,
    problem_from_json,
    problem_to_json,
    read_problem,
)
from solver_models.staffing.plan import Answer, Conflict, DemandFill, Reason, ReasonKind
from solver_models.staffing.problem import Project
from tests.solver_models.staffing.verify_cases import demand, person, problem, run

if TYPE_CHECKING:
    from collections.abc import Callable

CASE = problem(
    [
        person("ann", usual=(1, 2, 3, 4), preferences={"build": 1}, skills={"sap": 1}, band=(0, 1)),
        person("bob", not_for=frozenset({"build"})),
    ],
    [demand("build", requires={"sap": 1}, shares_e4=(1, 2), shift=(0, 1), only=frozenset({"ann"})), demand("test", project="alone")],
    projects=[Project(id="tower", apart=(frozenset({"ann", "bob"}),))],
    fixed=[run()],
    current=[run("bob", "test")],
    setup_cost=1,
    band=(1, 2),
)
PROBLEM = problem_to_json(CASE)
PLAN = answer_to_json(
    Answer(
        status=Status.FEASIBLE,
        assignments=(run(),),
        objective_x60=60,
        bound_x60=61,
        proof="search",
        certificate=Prices(share={("build", 0, 1): 7}, heads={"build": 3}),
        conflicts=(Conflict(rule="apart", facts={"project": "tower"}),),
        fills=(DemandFill(demand="build", filled_min=1, open_min=2, reason=Reason(kind=ReasonKind.OUTBID, facts={"by": []})),),
        engine={"ortools": "9"},
    ),
    CASE,
)

odd_numbers = st.sampled_from(
    [0, -1, 1, 0.5, 10**12, 10**400, 1e300, -0.0, Decimal("1E+1000000"), Decimal("1E-1000000"), Decimal("NaN"), float("inf")]
)
odd_texts = st.sampled_from(["", " ", "ann", "build", "tower", "\0", "\ud800", "x" * 300, "1e999999", "2026-01-05", "staffing-plan/1"])
anything = st.recursive(
    st.none() | st.booleans() | odd_numbers | odd_texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(odd_texts | st.sampled_from(["id", "shift", "first"]), inner, max_size=3),
    max_leaves=8,
)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything inside a JSON value."""
    inner: list[tuple[str | int, object]] = []
    match value:
        case dict():
            inner = list(value.items())
        case list():
            inner = list(enumerate(value))
    return [*([path] if path else []), *(place for step, item in inner for place in places(item, (*path, step)))]


def changed(value: object, path: tuple[str | int, ...], new: object) -> object:
    """A copy of the value with something else at a path."""
    result: Any = copy.deepcopy(value)
    at = result
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = new
    return result


def refused(read: Callable[[Any], object], value: object) -> tuple[Fault, ...] | None:
    """The faults of a value, ``None`` if it is accepted; any other error passes through."""
    try:
        read(value)
    except InvalidFormat as error:
        return error.faults
    return None


@example(("format",), "\ud800", ("format",), None)
@settings(max_examples=400)
@given(st.sampled_from(places(PROBLEM)), anything, st.sampled_from(places(PROBLEM)), anything)
def test_a_problem_is_read_or_refused(path: tuple[str | int, ...], new: object, other_path: tuple[str | int, ...], other: object) -> None:
    """Two places of a right problem hold anything at all; what is accepted is written and read back equal."""
    value = changed(PROBLEM, path, new)
    if other_path[: len(path)] != path:
        value = changed(value, other_path, other) if path[: len(other_path)] != other_path else value
    faults = refused(problem_from_json, value)
    if faults is None:
        result = problem_from_json(value)
        assert problem_from_json(problem_to_json(result)) == result
    else:
        assert json.dumps([fault.pointer + fault.message for fault in faults], ensure_ascii=False).encode()
        assert faults


@settings(max_examples=200)
@given(st.sampled_from(places(PLAN)), anything)
def test_a_plan_is_read_or_refused(path: tuple[str | int, ...], new: object) -> None:
    """One place of a right plan holds anything at all."""
    assert refused(lambda value: plan_from_json(value, CASE), changed(PLAN, path, new)) != ()


@given(st.binary(max_size=40) | st.text('[]{}",:0123456789eE+-.\\undtrfalsNaIiy ', max_size=40).map(str.encode))
def test_bytes_are_read_or_refused(raw: bytes) -> None:
    """Any bytes at all."""
    assert refused(decode_json, raw) != ()
    assert refused(read_problem, raw) != ()

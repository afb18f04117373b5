"""Reading and writing ``staffing-plan/1``: bare plans, whole answers, and faults with their places."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from solver_models.result import Status
from solver_models.staffing import verify
from solver_models.staffing.certificate import Prices
from solver_models.staffing.formats import InvalidFormat, answer_to_json, decode_json, plan_from_json, read_plan
from solver_models.staffing.plan import Answer, Conflict, DemandFill, Reason, ReasonKind
from tests.solver_models.staffing.verify_cases import demand, person, problem, run

CASE = problem([person("ann"), person("bob")], [demand("build", shares_e4=(2_900, 10_000))])
ANSWER = Answer(
    status=Status.FEASIBLE,
    assignments=(run("ann", share_e4=2_900), run("bob", share_e4=2_900, first=1, last=2, shift=-1)),
    objective_x60=100_001,
    bound_x60=100_060,
    proof="prices",
    certificate=Prices(share={("build", 0, 1): 7}, heads={"build": 3}),
    conflicts=(Conflict(rule="capacity", facts={"person": "ann", "period": 2, "minutes": 5, "limit": 4}),),
    fills=(
        DemandFill(demand="build", filled_min=5, open_min=7, reason=Reason(kind=ReasonKind.OUTBID, facts={"by": ["build"], "rate": 0.5})),
    ),
    seed=7,
    engine={"ortools": "9.15"},
    seconds=1.25,
)
KEYS = {
    *("format", "assignments", "status", "objective_x60", "bound_x60", "objective", "bound", "gap", "proof", "certificate", "conflicts"),
    *("seed", "engine", "seconds", "demands"),
}


def written(**changes: Any) -> dict[str, Any]:
    """The answer as JSON, with other values for some keys."""
    return answer_to_json(ANSWER, CASE) | changes


def faults_of(value: object) -> list[tuple[str, str]]:
    """Pointer and code of every fault of a plan."""
    with pytest.raises(InvalidFormat) as caught:
        read_plan(json.dumps(value).encode(), CASE)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def test_an_answer_is_written_with_every_key() -> None:
    """Amounts are in minor units beside their exact sixtieths; fractions are decimals."""
    value = written()
    assert set(value) == KEYS
    assert value["assignments"][0] == {"person": "ann", "demand": "build", "share": 0.29, "first": 0, "last": 3, "shift": 0}
    assert (value["objective"], value["bound"]) == (100_001 / 60, 100_060 / 60)
    assert value["gap"] == pytest.approx(59 / 100_060)
    assert '"share": 0.29,' in json.dumps(value)


def test_an_answer_read_back_is_the_same() -> None:
    """Written, encoded and read, an answer is equal to itself."""
    assert read_plan(json.dumps(written()).encode(), CASE) == ANSWER
    assert plan_from_json(written(), CASE) == ANSWER


def test_an_answer_without_plan() -> None:
    """Infeasible and unknown have null for plan, amounts and gap, and are read back."""
    for status in (Status.INFEASIBLE, Status.UNKNOWN):
        answer = Answer(status=status, assignments=None, objective_x60=None, bound_x60=None, proof=None)
        value = answer_to_json(answer, CASE)
        assert set(value) == KEYS
        assert [value[key] for key in ("assignments", "objective", "bound", "gap", "certificate")] == [None] * 5
        assert read_plan(json.dumps(value).encode(), CASE) == answer


def test_a_bare_plan_is_enough() -> None:
    """``format`` and ``assignments`` make a plan that claims nothing else."""
    runs = [{"person": "ann", "demand": "build", "share": 1, "first": 0, "last": 3}]
    answer = read_plan(json.dumps({"format": "staffing-plan/1", "assignments": runs}).encode(), CASE)
    assert answer == Answer(status=Status.FEASIBLE, assignments=(run("ann"),), objective_x60=None, bound_x60=None, proof=None)
    assert verify.verify(CASE, answer).holds


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"format": "staffing-problem/1"}, "/format", "format.unknown"),
        ({"assignments": None}, "/assignments", "field.type"),
        ({"assignments": [{"person": "ann"}]}, "/assignments/0/demand", "field.missing"),
        ({"status": "optmal"}, "/status", "value.not_allowed"),
        ({"status": "infeasible"}, "/assignments", "plan.unexpected"),
        ({"status": 1}, "/status", "value.not_allowed"),
        ({"proof": "trust me"}, "/proof", "value.not_allowed"),
        ({"objective_x60": 1.5}, "/objective_x60", "number.not_integer"),
        ({"objective_x60": 2**63}, "/objective_x60", "number.too_large"),
        ({"bound": "much"}, "/bound", "field.type"),
        ({"bound": 10**30}, "/bound", "number.too_large"),
        ({"bound": float("nan")}, "/bound", "number.not_finite"),
        ({"certificate": []}, "/certificate", "field.type"),
        ({"conflicts": [{"rule": "capacty", "facts": {}}]}, "/conflicts/0/rule", "value.not_allowed"),
        ({"conflicts": [{"rule": "capacity"}]}, "/conflicts/0/facts", "field.missing"),
        ({"demands": [{"demand": "x", "filled_min": 0, "open_min": 0}]}, "/demands/0/demand", "id.unknown"),
        ({"demands": [{"demand": "build", "filled_min": -1, "open_min": 0}]}, "/demands/0/filled_min", "number.out_of_range"),
        (
            {"demands": [{"demand": "build", "filled_min": 0, "open_min": 0, "reason": {"kind": "lazy"}}]},
            "/demands/0/reason/kind",
            "value.not_allowed",
        ),
        ({"engine": {"ortools": 9.15}}, "/engine/ortools", "field.type"),
        ({"seed": -1}, "/seed", "number.out_of_range"),
        ({"seconds": "fast"}, "/seconds", "field.type"),
        ({"assignements": []}, "/assignements", "field.unknown"),
    ],
)
def test_faults_of_a_plan(changes: dict[str, Any], pointer: str, code: str) -> None:
    """Each wrong value has its place and code."""
    assert (pointer, code) in faults_of(written(**changes))


def test_faults_of_runs_are_those_of_the_problem() -> None:
    """Runs name known people and demands, and periods of the horizon; everything wrong is listed."""
    wrong = {"person": "anne", "demand": "biuld", "share": 1.2, "first": -1, "last": 4, "shift": "1"}
    assert faults_of({"format": "staffing-plan/1", "assignments": [wrong]}) == [
        ("/assignments/0/person", "id.unknown"),
        ("/assignments/0/demand", "id.unknown"),
        ("/assignments/0/share", "number.out_of_range"),
        ("/assignments/0/first", "run.outside_horizon"),
        ("/assignments/0/last", "run.outside_horizon"),
        ("/assignments/0/shift", "field.type"),
    ]


@pytest.mark.parametrize("x60", [0, 60, -60, 1, -1, 59, 10**17 + 1, -(10**17) - 7])
def test_amounts_written_as_sixtieths_agree_with_themselves(x60: int) -> None:
    """Whatever rounding a JSON number brings, the exact integers and the amounts beside them are accepted together."""
    answer = replace(ANSWER, objective_x60=x60, bound_x60=x60)
    raw = json.dumps(answer_to_json(answer, CASE)).encode()
    assert read_plan(raw, CASE).objective_x60 == x60
    assert plan_from_json(decode_json(raw), CASE).bound_x60 == x60


def test_an_amount_alone_is_taken_as_the_claim() -> None:
    """``objective`` without ``objective_x60`` is rounded to the nearest sixtieth."""
    value = written(objective=Decimal("1666.6833333"), objective_x60=None, gap=None)
    assert plan_from_json(value, CASE).objective_x60 == 100_001


@pytest.mark.parametrize(
    ("changed", "disagreeing"),
    [({"objective": 1666.7}, ("objective",)), ({"bound_x60": 10**9}, ("bound", "gap")), ({"gap": 0.5}, ("gap",)), ({}, ())],
)
def test_figures_that_contradict_each_other_are_read_and_told(changed: dict[str, Any], disagreeing: tuple[str, ...]) -> None:
    """A forged figure is for the checker to judge, not a fault of the format."""
    assert plan_from_json(written(**changed), CASE).disagreeing == disagreeing

"""The certificate in a plan file: every price as written, every fault told with its place."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from solver_models.result import Status
from solver_models.staffing.certificate import Prices
from solver_models.staffing.formats import InvalidFormat, answer_to_json, read_plan
from solver_models.staffing.plan import Answer
from solver_models.staffing.problem import Project
from tests.solver_models.staffing.price_cases import PriceCase
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.verify_cases import demand, person, problem, run

CASE = problem(
    [person("ann"), person("bob")],
    [demand("build"), demand("paint", project="garden", effort=(0, 600, 600, 0)), demand("bench"), demand("roof", max_people=2)],
    projects=[
        Project(id="tower", apart=(frozenset({"ann", "bob"}),), together=(frozenset({"ann"}), frozenset({"bob"}))),
        Project(id="garden", all_or_nothing=True),
    ],
    max_churn_minutes=100,
    frozen_periods=2,
)
ANSWER = Answer(status=Status.FEASIBLE, assignments=(), objective_x60=0, bound_x60=60, proof="prices")
ALL_KINDS = Prices(
    share={("build", 0, 0): 2**62, ("paint", 0, 2): -5, ("build", -1, 3): 7},
    heads={"paint": 3},
    fresh=4,
    apart={("tower", 0): 1},
    together={("tower", 1, "bob"): -2},
    cuts={(("bench", "build"), "ann"): 9, (("bench", "build"), None): 8},
)


def written(prices: Prices) -> dict[str, Any]:
    """The certificate as it stands in a file."""
    found = answer_to_json(replace(ANSWER, certificate=prices), CASE)["certificate"]
    assert isinstance(found, dict)
    return found


def faults_of(**certificate: Any) -> list[tuple[str, str]]:
    """Pointer and code of every fault of a certificate."""
    value = answer_to_json(ANSWER, CASE) | {"certificate": certificate}
    with pytest.raises(InvalidFormat) as caught:
        read_plan(json.dumps(value).encode(), CASE)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def test_prices_are_written_as_lists_sorted_and_without_zeros() -> None:
    """What is not listed is 0."""
    zeros = {("build", 1, 0): 0} | dict(ALL_KINDS.share)
    assert written(replace(ALL_KINDS, share=zeros)) == {
        "share": [["build", -1, 3, 7], ["build", 0, 0, 2**62], ["paint", 0, 2, -5]],
        "heads": [["paint", 3]],
        "new": 4,
        "apart": [["tower", 0, 1]],
        "together": [["tower", 1, "bob", -2]],
        "cuts": [[["bench", "build"], None, 8], [["bench", "build"], "ann", 9]],
    }


def test_prices_read_back_are_those_written() -> None:
    """Every kind of price survives the file."""
    raw = json.dumps(answer_to_json(replace(ANSWER, certificate=ALL_KINDS), CASE)).encode()
    assert read_plan(raw, CASE).certificate == ALL_KINDS


@pytest.mark.parametrize("seed", range(7_000, 7_020))
def test_any_prices_that_may_be_survive_the_file(seed: int) -> None:
    """On problems with every key, prices of every kind are read as they were written, zeros apart."""
    case = PriceCase(small_problem(seed))
    prices = case.prices(Random(seed))
    raw = json.dumps(answer_to_json(replace(ANSWER, certificate=prices), case.problem)).encode()
    back = read_plan(raw, case.problem).certificate
    assert back is not None
    for kind in ("share", "heads", "apart", "together", "cuts"):
        assert getattr(back, kind) == {key: v for key, v in getattr(prices, kind).items() if v}
    assert back.fresh == prices.fresh


@pytest.mark.parametrize("missing", ["share", "heads", "new", "apart", "together", "cuts"])
def test_every_list_may_be_left_out(missing: str) -> None:
    """An absent list has no prices; an empty certificate is one of zeros."""
    value = answer_to_json(ANSWER, CASE) | {"certificate": {k: v for k, v in written(ALL_KINDS).items() if k != missing}}
    attribute = "fresh" if missing == "new" else missing
    empty: Any = 0 if missing == "new" else {}
    assert read_plan(json.dumps(value).encode(), CASE).certificate == replace(ALL_KINDS, **{attribute: empty})
    assert read_plan(json.dumps(value | {"certificate": {}}).encode(), CASE).certificate == Prices()


@pytest.mark.parametrize(
    ("kind", "entry", "pointer", "code"),
    [
        ("share", ["biuld", 0, 0, 1], "/0", "id.unknown"),
        ("share", ["build", 0.5, 0, 1], "/1", "number.not_integer"),
        ("share", ["build", "0", 0, 1], "/1", "field.type"),
        ("share", ["build", True, 0, 1], "/1", "field.type"),
        ("share", ["build", 10**9, 0, 1], "/1", "number.out_of_range"),
        ("share", ["build", 0, 4, 1], "/2", "number.out_of_range"),
        ("share", ["build", 0, -1, 1], "/2", "number.out_of_range"),
        ("share", ["build", 0, 0, 1.5], "/3", "number.not_integer"),
        ("share", ["build", 0, 0, 2**63], "/3", "number.too_large"),
        ("share", ["build", 0, 0, 10**400], "/3", "number.too_large"),
        ("share", ["build", 0, 0, True], "/3", "field.type"),
        ("share", ["build", 0, 0, None], "/3", "field.type"),
        ("share", ["build", 0, 3, -1], "/3", "price.negative"),
        ("share", ["paint", 0, 1, -1], "/3", "price.negative"),
        ("share", ["paint", 0, 3, -1], "/3", "price.negative"),
        ("share", ["build", 0, 0], "", "list.length"),
        ("share", {"demand": "build"}, "", "field.type"),
        ("heads", ["biuld", 1], "/0", "id.unknown"),
        ("heads", ["build", -1], "/1", "number.out_of_range"),
        ("heads", ["build", 0.5], "/1", "number.not_integer"),
        ("heads", ["build"], "", "list.length"),
        ("apart", ["twoer", 0, 1], "/0", "id.unknown"),
        ("apart", ["tower", 1, 1], "/1", "number.out_of_range"),
        ("apart", ["tower", -1, 1], "/1", "number.out_of_range"),
        ("apart", ["garden", 0, 1], "/1", "number.out_of_range"),
        ("apart", ["tower", 0, -1], "/2", "number.out_of_range"),
        ("together", ["tower", 2, "ann", 1], "/1", "number.out_of_range"),
        ("together", ["tower", 0, "bob", 1], "/2", "price.not_in_group"),
        ("together", ["tower", 0, "nobody", 1], "/2", "price.not_in_group"),
        ("together", ["tower", 0, 7, 1], "/2", "field.type"),
        ("together", ["tower", 0, "ann", 0.5], "/3", "number.not_integer"),
        ("cuts", [["build", "banch"], None, 1], "/0/1", "id.unknown"),
        ("cuts", [["build", "bench"], "anne", 1], "/1", "id.unknown"),
        ("cuts", [["build", "bench"], 7, 1], "/1", "field.type"),
        ("cuts", [["build", "bench", "build"], None, 1], "/0/2", "list.duplicate"),
        ("cuts", [["bench", "build"], None, 1], "", "list.duplicate"),
        ("cuts", [["build", "bench"], None, 1], "", "list.duplicate"),
        ("cuts", [["build"], None, 1], "/0", "list.length"),
        ("cuts", [["build"] * 10, None, 1], "/0", "list.length"),
        ("cuts", [["build", 3], None, 1], "/0/1", "field.type"),
        ("cuts", ["build", None, 1], "/0", "field.type"),
        ("cuts", [["build", "bench"], None], "", "list.length"),
        ("cuts", [["build", "bench", "paint"], None, -1], "/2", "number.out_of_range"),
        ("cuts", [["build", "bench", "paint"], None, 0.5], "/2", "number.not_integer"),
        ("cuts", [["build", "roof"], None, 1], "/0/1", "price.rule_not_binding"),
    ],
)
def test_faults_of_a_price(kind: str, entry: object, pointer: str, code: str) -> None:
    """Each wrong value has its place and code; the prices around it are read on."""
    good = written(ALL_KINDS)[kind]
    assert faults_of(**{kind: [*good, entry, *([["build", 9.5]] if kind == "heads" else [])]})[0] == (
        f"/certificate/{kind}/{len(good)}{pointer}",
        code,
    )


@pytest.mark.parametrize("kind", ["share", "heads", "apart", "together"])
def test_a_price_given_twice_is_a_fault(kind: str) -> None:
    """Neither of two prices is the price."""
    entries = written(ALL_KINDS)[kind]
    assert faults_of(**{kind: [*entries, entries[-1]]}) == [(f"/certificate/{kind}/{len(entries)}", "list.duplicate")]


@pytest.mark.parametrize(
    ("certificate", "pointer", "code"),
    [
        ({"new": -1}, "/new", "number.out_of_range"),
        ({"new": 1.5}, "/new", "number.not_integer"),
        ({"new": None}, "/new", "field.type"),
        ({"shares": []}, "/shares", "field.unknown"),
        ({"share": {}}, "/share", "field.type"),
        ({"heads": None}, "/heads", "field.type"),
    ],
)
def test_faults_of_a_certificate(certificate: dict[str, Any], pointer: str, code: str) -> None:
    """Keys are those of the format, and each has its kind."""
    assert faults_of(**certificate) == [(f"/certificate{pointer}", code)]


def test_rules_that_do_not_bind_have_no_price() -> None:
    """New minutes without a limit, together groups of a project with a pinned run; being on such a project pays nobody either."""
    pinned = replace(
        CASE, fixed=(run("ann", first=2), run("bob", "paint", first=1, last=2)), policy=replace(CASE.policy, max_churn_minutes=None)
    )
    value = answer_to_json(replace(ANSWER, certificate=ALL_KINDS), pinned)
    with pytest.raises(InvalidFormat) as caught:
        read_plan(json.dumps(value).encode(), pinned)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/certificate/share/2/3", "price.negative"),
        ("/certificate/new", "price.rule_not_binding"),
        ("/certificate/together/0", "price.rule_not_binding"),
        *((f"/certificate/cuts/{n}/0/1", "price.rule_not_binding") for n in range(2)),
    ]


def test_integers_written_as_decimals_are_integers() -> None:
    """3.0 is 3, here as everywhere."""
    value = answer_to_json(ANSWER, CASE) | {"certificate": {"share": [["build", 0.0, 1.0, 3.0]], "heads": [["build", 2.0]]}}
    assert read_plan(json.dumps(value).encode(), CASE).certificate == Prices(share={("build", 0, 1): 3}, heads={"build": 2})


def test_large_certificates_are_read() -> None:
    """A hundred thousand prices, as a large firm has them, come back as they were."""
    many = problem([person()], [demand(f"d{n}", effort=(60,) * 50) for n in range(2_000)])
    prices = Prices(share={(d.id, 0, t): 1 + t for d in many.demands for t in range(50)})
    raw = json.dumps(answer_to_json(replace(ANSWER, certificate=prices), many)).encode()
    assert read_plan(raw, many).certificate == prices

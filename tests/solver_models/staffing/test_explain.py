"""Reasons for open demand: each is true when checked against the problem and the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver_models.limits import Limits
from solver_models.staffing.plan import DemandFill, ReasonKind
from solver_models.staffing.problem import Policy, Problem, Project, Run
from solver_models.staffing.solve import solve
from solver_models.staffing.verify import objective_x60
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.small_cases import demand, person, problem, reason_of, run, solved

ANA = person("ana")


def test_nobody_qualified_names_the_nearest_miss() -> None:
    """The nearest is who lacks the fewest levels, with the skill and both levels."""
    people = [person("ana", skills={"sap": 2}), person("ben", skills={"java": 5})]
    reason = reason_of(problem(people, [demand("d", requires={"sap": 3})]), "d")
    assert reason.kind == ReasonKind.NOBODY_QUALIFIED
    assert reason.facts["nearest"] == [{"person": "ana", "missing": [{"skill": "sap", "required": 3, "held": 2}]}]


def test_away_names_the_weeks() -> None:
    """Qualified people without the minutes: in which periods."""
    people = [person("ana", [600, 0, 0, 600], usual=(600,) * 4)]
    reason = reason_of(problem(people, [demand("d")]), "d")
    assert reason.kind == ReasonKind.AWAY_OR_BOOKED
    assert reason.facts["people"] == [{"person": "ana", "periods": [1, 2]}]


def test_hours_lost_to_an_absence_are_explained() -> None:
    """A filled demand whose person is away for a week is open for that week."""
    people = [person("ana", [600, 0, 600, 600], usual=(600,) * 4)]
    case = problem(people, [demand("d", min_coverage_e4=7_000)])
    assert reason_of(case, "d").facts["people"] == [{"person": "ana", "periods": [1]}]
    assert [(f.filled_min, f.open_min) for f in solved(case).fills] == [(1_800, 600)]


def test_outbid_says_by_what() -> None:
    """The person's other run brings more; by how much is the difference of the two."""
    reason = reason_of(problem([ANA], [demand("d", value_rate=100), demand("e", value_rate=101)]), "d")
    assert reason.kind == ReasonKind.OUTBID
    (offer,) = reason.facts["by"]
    assert (offer["person"], offer["value_per_hour"], offer["short_x60"]) == ("ana", 90, 2_400)
    assert [(b["demand"], b["value_per_hour"]) for b in offer["instead_of"]] == [("e", 91)]


def test_not_worth_its_cost_says_by_how_much() -> None:
    """Value below cost: the shortfall per hour for the best person."""
    reason = reason_of(problem([ANA, person("ben", cost_rate=30)], [demand("d", value_rate=7)]), "d")
    assert reason.kind == ReasonKind.NOT_WORTH_ITS_COST
    assert (reason.facts["person"], reason.facts["short_per_hour"]) == ("ana", 3)


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        pytest.param("locations", problem([ANA], [demand("d", locations=frozenset({"MUC"}))]), id="locations"),
        pytest.param("only", problem([ANA], [demand("d", only=frozenset())]), id="only"),
        pytest.param("never", problem([ANA], [demand("d", never=frozenset({"ana"}))]), id="never"),
        pytest.param("not_for", problem([person("ana", not_for=frozenset({"d"}))], [demand("d")]), id="not_for"),
        pytest.param("available_for", problem([person("ana", available_for=frozenset())], [demand("d")]), id="available_for"),
        pytest.param("shares", problem([ANA], [demand("d", shares_e4=())]), id="no shares"),
        pytest.param("frozen", problem([ANA], [demand("d", [600, 600, 0, 0])], frozen_periods=2), id="frozen"),
        pytest.param("max_churn_minutes", problem([ANA], [demand("d")], max_churn_minutes=100), id="max_churn_minutes"),
        pytest.param(
            "all_or_nothing",
            problem([ANA], [demand("d"), demand("e", requires={"cobol": 1})], projects=[Project(id="P", all_or_nothing=True)]),
            id="all_or_nothing",
        ),
        pytest.param(
            "together",
            problem(
                [ANA, person("ben")],
                [demand("d", only=frozenset({"ana"}))],
                projects=[Project(id="P", together=(frozenset({"ana", "ben"}),))],
            ),
            id="together",
        ),
        pytest.param(
            "max_demands",
            problem([person("ana", max_demands=1)], [demand("d", [60] * 4), demand("e", [60] * 4)], fixed=[run("ana", "e")]),
            id="max_demands",
        ),
    ],
)
def test_blocked_by_a_rule_names_it(rule: str, case: Problem) -> None:
    """What a rule keeps open names the rule."""
    reason = reason_of(case, "d")
    assert reason.kind == ReasonKind.BLOCKED_BY_RULE
    assert reason.facts["rule"] == rule


def _fills(case: Problem) -> tuple[tuple[Run, ...], dict[str, DemandFill]] | None:
    answer = solve(case, Limits(time_s=30, workers=1))
    return None if answer.assignments is None else (answer.assignments, {f.demand: f for f in answer.fills if f.reason})


@pytest.mark.parametrize("seed", [*range(6_000, 6_100), 336, 541, 731, 737, 754, 865, 1_043, 1_219, 1_224])
def test_reasons_hold_on_random_problems(seed: int) -> None:
    """What a reason claims is recomputed: levels by looking, time by planning the demand alone, offers by making the exchange."""
    case = small_problem(seed)
    found = _fills(case)
    if found is None:
        return
    plan, fills = found
    for d in case.demands:
        if (fill := fills.get(d.id)) is None or fill.reason is None:
            continue
        facts = fill.reason.facts
        able = [p.id for p in case.people if all(p.skills.get(s, 0) >= level for s, level in d.requires.items())]
        pins = {r.person for r in (*case.fixed, *case.current) if r.demand == d.id}
        match fill.reason.kind:
            case ReasonKind.NOBODY_QUALIFIED:
                assert able == []
            case ReasonKind.AWAY_OR_BOOKED if not pins and not any(r.demand == d.id for r in plan):
                assert not _could_run(case, d.id)
            case ReasonKind.OUTBID:
                for offer in facts["by"]:
                    assert objective_x60(case, _exchanged(plan, d.id, offer)) == objective_x60(case, plan) - offer["short_x60"]
                    assert offer["short_x60"] >= 0
            case ReasonKind.NOT_PROVEN:
                pytest.fail("the plan is optimal")
            case _:
                assert fill.open_min > 0


def _could_run(case: Problem, name: str) -> bool:
    """Whether anybody has a run on the demand when it is the only free one and every hour of it is worth a fortune."""
    pinned = {r.demand for r in (*case.fixed, *case.current)}
    alone = tuple(
        replace(d, value_rate=10**7) if d.id == name else d if d.id in pinned else replace(d, only=frozenset()) for d in case.demands
    )
    policy = Policy(frozen_periods=case.policy.frozen_periods)
    smaller = replace(
        case,
        demands=alone,
        policy=policy,
        projects=tuple(replace(p, all_or_nothing=False, together=(), apart=()) for p in case.projects),
    )
    runs = solve(smaller, Limits(time_s=30, workers=1)).assignments or ()
    return any(r.demand == name for r in runs)


def _exchanged(plan: tuple[Run, ...], name: str, offer: dict[str, object]) -> list[Run]:
    instead = offer["instead_of"]
    assert isinstance(instead, list)
    given_up = {b["demand"]: b for b in instead}
    rest = [r for r in plan if not (r.person == offer["person"] and r.demand in given_up)]
    assert len(rest) == len(plan) - len(given_up)
    rest = [r for r in rest if (r.person, r.demand) != (offer["person"], name)]
    cut = {d: b["cut_to"] for d, b in given_up.items() if "cut_to" in b}
    rest += [replace(r, last=cut[r.demand]) for r in set(plan) - set(rest) if r.demand in cut]
    wanted = Run(
        person=str(offer["person"]),
        demand=name,
        share_e4=int(str(offer["share_e4"])),
        first=int(str(offer["first"])),
        last=int(str(offer["last"])),
        shift=int(str(offer["shift"])),
    )
    return [*rest, wanted]

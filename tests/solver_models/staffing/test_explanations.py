"""Relaxations, "why not", shortfalls and fits, each held against plans found by trying everything."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING

import pytest

from solver_models.staffing.candidates import Candidates
from solver_models.staffing.changes import Change, Kind
from solver_models.staffing.fits import fits, least_cost_x60
from solver_models.staffing.forced import Basis, Forced, Must, forced, is_filled, needed_min
from solver_models.staffing.hall_sets import hall_set
from solver_models.staffing.problem import Problem, Project
from solver_models.staffing.relaxations import _Search, remedies
from solver_models.staffing.verify_ledger import Ledger
from solver_models.staffing.verify_prices import priced_bound
from solver_models.staffing.why_not import RULES
from tests.solver_models.staffing.brute_force_rules import Rules
from tests.solver_models.staffing.explanation_checks import basis_of, check_relaxations, check_why_not, clock
from tests.solver_models.staffing.forced_plans import NOTHING, best_plan_that, can_fill, employs, fills
from tests.solver_models.staffing.random_problems import small_problem
from tests.solver_models.staffing.small_cases import demand, person, problem, run, solved

if TYPE_CHECKING:
    from solver_models.staffing.problem import Demand, Run

ANA = person("ana", skills={"sap": 2})


def found_for(case: Problem, demand_id: str = "d") -> dict[tuple[tuple[Kind, int], ...], bool]:
    """Kinds and steps of the remedies of a demand, and whether each is proven minimal."""
    answer = solved(case)
    assert answer.assignments is not None
    assert answer.objective_x60 is not None
    basis = Basis(runs=answer.assignments, objective_x60=answer.objective_x60, bound_x60=answer.bound_x60)
    listed = list(remedies(case, demand_id, basis, clock()))
    for remedy in listed:
        assert remedy.gain_x60 > 0
    return {tuple((change.kind, n) for change, n in remedy.changes): remedy.is_minimal for remedy in listed}


@pytest.mark.parametrize(
    ("kind", "steps", "case"),
    [
        pytest.param(Kind.LEVEL, 2, problem([ANA], [demand("d", requires={"sap": 4})]), id="two levels lower"),
        pytest.param(
            Kind.LATER,
            2,
            problem([person("ana", [600] * 5)], [demand("d", [600, 600, 600, 0, 0]), demand("e", [600, 600, 0, 0, 0], value_rate=900)]),
            id="two weeks later",
        ),
        pytest.param(
            Kind.PLACE, 1, problem([person("ana", location="Bonn")], [demand("d", locations=frozenset({"Oslo"}))]), id="another place"
        ),
        pytest.param(Kind.ADMIT, 1, problem([ANA], [demand("d", never=frozenset({"ana"}))]), id="admitted"),
        pytest.param(Kind.PIN, 1, problem([ANA], [demand("d", value_rate=500), demand("e")], fixed=[run("ana", "e")]), id="a pin lifted"),
        pytest.param(Kind.HIRE, 1, problem([ANA], [demand("d"), demand("e", value_rate=500)]), id="a hire"),
        pytest.param(Kind.RATE, 3 + 1, problem([ANA], [demand("d", value_rate=7)]), id="a rate one above the cost"),
        pytest.param(Kind.CHURN, 2_400 - 100, problem([ANA], [demand("d")], max_churn_minutes=100), id="new minutes"),
        pytest.param(Kind.UNFREEZE, 1, problem([ANA], [demand("d")], frozen_periods=1), id="a week less frozen"),
        pytest.param(
            Kind.WHOLE,
            1,
            problem([ANA], [demand("d"), demand("e", requires={"x": 1})], projects=[Project(id="P", all_or_nothing=True)]),
            id="not all or nothing",
        ),
    ],
)
def test_a_relaxation_of_one_kind(kind: Kind, steps: int, case: Problem) -> None:
    """What blocks says what is found, in as few steps as do, and that no fewer do is proven."""
    assert found_for(case).get(((kind, steps),)) is True


def test_two_halves_for_two_people() -> None:
    """Nobody has the time for all of it, two have it for half each: two people may share it and each may take a half."""
    case = problem([person("ana", [300] * 4), person("ben", [300] * 4)], [demand("d")])
    assert ((Kind.PEOPLE, 1), (Kind.SHARE, 1)) in found_for(case)


def test_a_better_plan_needs_no_relaxation() -> None:
    """Where the plan in hand is not the best and a better one fills the demand, that is what is said."""
    case = problem([ANA], [demand("d")])
    (remedy,) = remedies(case, "d", Basis(runs=(), objective_x60=0, bound_x60=999_999), clock())
    assert (remedy.changes, remedy.gain_x60) == ((), 2_400 * 90)


def test_what_could_not_be_decided_is_said() -> None:
    """Without time nothing is found and nothing is claimed."""
    case = problem([ANA], [demand("d", requires={"sap": 4})])
    none_left = replace(clock(), until=0.0)
    assert list(remedies(case, "d", Basis(runs=(), objective_x60=0, bound_x60=0), none_left)) == []
    assert forced(case, Must(demand="d", person="ana"), Basis(runs=(), objective_x60=0), none_left).impossible


def test_nothing_is_searched_once_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many steps are left to try: the time for one search more than it has is what an answer may take."""
    tried: list[object] = []

    def forced_anyway(*asked: object, **_: object) -> Forced:
        tried.append(asked)
        return Forced()

    late = replace(clock(), until=0.0)
    monkeypatch.setattr("solver_models.staffing.relaxations.forced", forced_anyway)
    case = problem([ANA], [demand("d")], max_churn_minutes=100)
    search = _Search(case, "d", Basis(runs=(), objective_x60=0, bound_x60=1), late)
    churn = Change(kind=Kind.CHURN)
    assert [search.fills({churn: n}) for n in range(100)] == [None] * 100
    assert tried == []


@pytest.mark.parametrize("seed", [0, 1, 4, 7, 10, 22, 25, 100])
def test_relaxations_of_random_firms(seed: int) -> None:
    """Every relaxation fills its demand, none of its parts does, and each open demand has one."""
    check_relaxations(seed)


@pytest.mark.parametrize("first", range(0, 20, 10))
def test_why_not_in_random_firms(first: int) -> None:
    """Every rule named bars the person from every plan; every cost equals what a fresh forced search says."""
    for seed in range(first, first + 10):
        check_why_not(seed)


def test_every_rule_has_its_number() -> None:
    """The keys that explanations name, by the numbers of docs/model.md."""
    assert set(RULES.values()) == set(range(9))


@pytest.mark.parametrize("seed", range(30))
def test_shortfalls_are_true_and_none_is_larger(seed: int) -> None:
    """No plan fills a set that falls short; of all sets and ranges with the demand none falls short by more."""
    case = small_problem(seed)
    for d in case.demands:
        found = hall_set(case, d.id, clock())
        assert (0 if found is None else found.short_min) == _largest_shortfall(case, d.id)
        if found is None:
            continue
        assert d.id in found.demands
        whole = [e for e in case.demands if e.id in found.demands]
        assert best_plan_that(case, lambda rules, runs, whole=whole: _delivers_all(rules, runs, whole)) is None  # type: ignore[misc]


def _delivers_all(rules: Rules, runs: tuple[Run, ...], demands: list[Demand]) -> bool:
    return all(sum(rules.minutes(r, t) for r in runs if r.demand == d.id for t in rules.periods) == sum(d.effort) for d in demands)


def _largest_shortfall(case: Problem, demand_id: str) -> int:
    """
    Over all ranges of periods that the demand may run in, counted from the rules of the brute force.

    First of the demands that nobody can do who could not do this one. Where they do not fall short, in each range of the smallest of the
    sets that fall short by most, what hangs together with the demand by people who could do both.
    """
    rules = Rules(case)
    cuts = [replace(r, last=min(r.last, rules.frozen_before - 1)) if r in rules.frozen else r for r in rules.pinned]
    able = {d.id: {p.id for p in case.people if rules.may_take(p.id, d) or _goes_on(cuts, p.id, d.id)} for d in case.demands}
    pool = best = 0
    may_run = [t for t in rules.periods if any(rules.effort(demand_id, t - s) > 0 for s in rules.shifts[rules.unit_of(demand_id)])]
    for first, last in combinations_with_replacement(range(min(may_run, default=0), max(may_run, default=-1) + 1), 2):
        span = range(first, last + 1)
        wanted = {d.id: _wanted(rules, cuts, d.id, span) for d in case.demands}
        free = {p.id: sum(_free(rules, cuts, p.id, t) for t in span) for p in case.people}
        if wanted[demand_id] <= 0:
            continue
        pool = max(pool, _short(tuple(d for d, n in wanted.items() if n > 0 and able[d] <= able[demand_id]), wanted, free, able))
        others = [d.id for d in case.demands if d.id != demand_id and wanted[d.id] > 0]
        sets = [(demand_id, *chosen) for size in range(len(others) + 1) for chosen in combinations(others, size)]
        _, _, largest = max((_short(ids, wanted, free, able), -len(ids), ids) for ids in sets)
        mine = {demand_id}
        for _ in largest:
            mine |= {d for d in largest if any(able[d] & able[e] for e in mine)}
        best = max(best, _short(tuple(mine), wanted, free, able))
    return pool or best


def _goes_on(cuts: list[Run], person_id: str, demand_id: str) -> bool:
    return any((r.person, r.demand) == (person_id, demand_id) for r in cuts)


def _free(rules: Rules, cuts: list[Run], person_id: str, t: int) -> int:
    booked = sum(rules.minutes(r, t) for r in cuts if r.person == person_id)
    return 0 if t < rules.frozen_before else max(0, rules.people[person_id].capacity[t] - booked)


def _short(ids: tuple[str, ...], wanted: dict[str, int], free: dict[str, int], able: dict[str, set[str]]) -> int:
    return sum(wanted[d] for d in ids) - sum(free[p] for p in set[str]().union(*(able[d] for d in ids)))


def _wanted(rules: Rules, cuts: list[Run], demand_id: str, span: range) -> int:
    shifts = rules.shifts[rules.unit_of(demand_id)]
    if not shifts:
        return 0
    effort = min(sum(rules.effort(demand_id, t - s) for t in span) for s in shifts)
    return int(effort - sum(rules.minutes(r, t) for r in cuts if r.demand == demand_id for t in span))


def test_a_shortfall_in_plain_figures() -> None:
    """Three demands want SAP 3 or more in two weeks, two people have it: 60 hours wanted, 40 there."""
    people = [person("ana", [600, 600, 600, 600], skills={"sap": 3}), person("ben", skills={"sap": 4}), person("cy", skills={"sap": 2})]
    demands = [demand(name, [0, 600, 600, 0], requires={"sap": level}) for name, level in (("d", 3), ("e", 3), ("f", 4))]
    found = hall_set(problem(people, demands), "d", clock())
    assert found is not None
    assert (found.demands, found.people, found.first, found.last) == (("d", "e", "f"), ("ana", "ben"), 1, 2)
    assert (found.wanted_min, found.capacity_min, found.requires) == (3_600, 2_400, {"sap": 3})


def test_fits_in_plain_figures() -> None:
    """Who is free comes before who would leave something; the price is what the plan loses at its prices."""
    people = [person("ana"), person("ben", cost_rate=20), person("cy", location="Oslo")]
    case = problem(people, [demand("d", locations=None, never=frozenset({"cy"})), demand("e", value_rate=200, only=frozenset({"ana"}))])
    answer = solved(case)
    assert answer.assignments is not None
    listed = fits(case, answer.assignments, answer.certificate, "d")
    assert [(fit.person, fit.is_there) for fit in listed] == [("ben", True), ("ana", False)]
    assert [(left.demand, left.first, left.last) for left in listed[1].conflicts] == [("e", 0, 3)]
    assert [fit.value_per_hour for fit in listed] == [80, 90]


def test_fits_beyond_the_most_are_chosen_by_time_where_costs_may_not_tell() -> None:
    """Of many who are free the cheapest are listed, or for readers without costs the first by id, whatever they cost."""
    for rates in ((30, 20, 10), (10, 20, 30)):
        people = [person(name, cost_rate=rate) for name, rate in zip(("ana", "ben", "cy"), rates, strict=True)]
        case = problem([*people, person("dee")], [demand("d"), demand("e", value_rate=200, only=frozenset({"dee"}))])
        runs = (run("dee", "e"),)
        assert [fit.person for fit in fits(case, runs, None, "d", most=2, by_cost=False)] == ["ana", "ben"]
        assert [fit.person for fit in fits(case, runs, None, "d", most=2)] == (["cy", "ben"] if rates[0] == 30 else ["ana", "ben"])


@pytest.mark.parametrize("seed", range(15))
def test_who_is_listed_without_costs_and_in_which_order_does_not_follow_from_them(seed: int) -> None:
    """The same plan of people with other cost rates has the same list."""
    case = small_problem(seed)
    basis = basis_of(case)
    if basis is None:
        return
    rates = [p.cost_rate for p in case.people]
    other = replace(case, people=tuple(replace(p, cost_rate=rate + 7) for p, rate in zip(case.people, reversed(rates), strict=True)))
    prices = solved(case).certificate
    for d in case.demands:
        lists = [fits(one, basis.runs, prices, d.id, by_cost=False) for one in (case, other)]
        told = [[(fit.person, fit.is_there, fit.minutes, fit.conflicts, fit.short) for fit in listed] for listed in lists]
        assert told[0] == told[1]


def test_people_are_not_admitted_in_the_order_of_their_cost() -> None:
    """What would fill a demand lists people whom its lists bar; the order would tell who costs less."""
    people = [person("ana", cost_rate=30), person("ben", cost_rate=10), person("cy", cost_rate=20)]
    case = problem(people, [demand("d", never=frozenset({"ana", "ben", "cy"}))])
    admitted = [change.person for bundle in Candidates(case, "d").single() for change in bundle if change.kind is Kind.ADMIT]
    assert admitted == ["ana", "ben", "cy"]


@pytest.mark.parametrize("seed", range(15))
def test_prices_of_fits_never_claim_too_much(seed: int) -> None:
    """What the prices prove that somebody costs at least is no more than what they cost."""
    case = small_problem(seed)
    basis = basis_of(case)
    if basis is None:
        return
    answer = solved(case)
    assert answer.certificate is not None
    bound = priced_bound(Ledger.of(case), answer.certificate).bound_x60
    for d in case.demands:
        for fit in fits(case, basis.runs, answer.certificate, d.id):
            best = best_plan_that(case, employs(fit.person, d.id))
            if fit.cost_x60 is not None and best is not None:
                assert least_cost_x60(basis.objective_x60, bound, fit.cost_x60) <= basis.objective_x60 - best.objective_x60


def test_what_can_fill_a_demand_is_found_by_trying_less() -> None:
    """What the checks leave out of trying everything changes no answer: asked for a worth just below and at the best there is."""
    asked = 0
    for seed in range(40):
        case = small_problem(seed)
        for one in (d for d in case.demands if any(d.effort)):
            best = best_plan_that(case, fills(one.id))
            assert can_fill(case, one.id, over_x60=NOTHING) == (best is not None)
            if best is not None:
                assert can_fill(case, one.id, over_x60=best.objective_x60 - 1)
                assert not can_fill(case, one.id, over_x60=best.objective_x60)
                asked += 1
    assert asked > 15


def test_what_fills_a_demand() -> None:
    """All but a hundredth and three minutes a week, so that three times a third is full; counted twice over."""
    thirds = demand("d", [100, 250, 0, 1_001], shares_e4=(3_300,), max_people=3)
    assert needed_min(thirds) == 1_351 - (1_351 + 900) // 100
    runs = tuple(run(name, "d", share_e4=3_300) for name in ("ana", "ben", "cy"))
    case = problem([person(name, [2_400] * 4) for name in ("ana", "ben", "cy")], [thirds])
    assert is_filled(case, runs, "d")
    assert not is_filled(case, runs[:2], "d")
    assert best_plan_that(case, fills("d")) is not None


def test_changes_sort() -> None:
    """Relaxations have one order, so that equal ones are equal."""
    assert Change(kind=Kind.HIRE, demand="d") < Change(kind=Kind.LEVEL, demand="c")

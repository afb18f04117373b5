"""Key figures of a plan: coverage by hours and by value, money, utilisation by team and skill, bench, and what changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.ids import DemandId, PersonId
from scheduler.domain.ground.money import round_half_up
from solver_models.staffing.minutes import Terms
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from scheduler.planning.bills import Bill
    from scheduler.planning.staffing import Staffing
    from solver_models.staffing.problem import Problem, Run

MINUTES_PER_HOUR = 60
Minutes = Mapping[tuple[str, str, int], int]
"""Minutes by person, demand and period."""


def key_figures(
    staffing: Staffing,
    runs: Sequence[Run],
    *,
    terms: Terms,
    people: Sequence[Mapping[str, Any]],
    demands: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """
    The figures as plain JSON. ``people`` and ``demands`` are those of the plan's view.

    ``money`` and ``value_coverage`` tell prices, and of money all but revenue tells costs.
    """
    planned = minutes_of(runs, terms)
    return {
        "coverage": ratio(sum(d["filled_minutes"] for d in demands), sum(d["effort_minutes"] for d in demands)),
        "value_coverage": value_coverage(demands, {d.id: d.value_rate for d in staffing.problem.demands}),
        "bench_minutes": sum(_bench(p) for p in people),
        "teams": _teams(people, staffing.teams),
        "skills": _skills(people, demands, staffing),
        "churn": churn(planned, terms),
        "money": money(planned, staffing, people=people),
    }


def minutes_of(runs: Iterable[Run], terms: Terms) -> Minutes:
    """What runs deliver."""
    found: Counter[tuple[str, str, int]] = Counter()
    for run in runs:
        row = terms.minutes(run.person, run.demand, run.share_e4, run.shift)
        found.update({(run.person, run.demand, t): row[t] for t in range(run.first, run.last + 1) if row[t]})
    return found


def value_coverage(demands: Sequence[Mapping[str, Any]], rates: Mapping[str, int]) -> float | None:
    """Part of the wanted work that is filled, each hour weighted by what it brings; ``None`` where nothing brings anything."""
    weighted = [(rates.get(one["demand"]["id"], 0), one) for one in demands]
    wanted = sum(rate * one["effort_minutes"] for rate, one in weighted if rate > 0)
    return ratio(sum(rate * one["filled_minutes"] for rate, one in weighted if rate > 0), wanted)


def churn(planned: Minutes, terms: Terms) -> dict[str, int]:
    """Minutes that change against the bookings in force, and those of them that are new: an hour passed on is two changed, one new."""
    before = minutes_of(terms.problem.current, terms)
    differences = [planned.get(key, 0) - before.get(key, 0) for key in {*planned, *before}]
    return {
        "changed_minutes": sum(map(abs, differences)),
        "new_minutes": sum(one for one in differences if one > 0),
        "dropped_minutes": -sum(one for one in differences if one < 0),
    }


def money(planned: Minutes, staffing: Staffing, *, people: Sequence[Mapping[str, Any]]) -> dict[str, int | bool | None]:
    """
    What the plan's assignments bring and cost, in minor units; bookings that stay beside them are not counted.

    Each day is priced as an invoice would price it, and each line (project, month, person, rate) is rounded once: the forecast from the
    bookings that the plan makes comes to the same. ``revenue_minor`` as if all work came, ``expected_revenue_minor`` by its chances; the
    margin is what is expected less the cost of all planned hours, and ``margin_after_bench_minor`` less what unbooked hours of employees
    cost too. Where nobody costs anything, as in a plan without costs, there is no margin. ``unpriced_minutes`` are in no revenue;
    ``bills_costs``: costs follow from the revenue, because contracts bill them.
    """
    prices = staffing.day_prices
    if prices is None:
        return dict.fromkeys(_MONEY)
    days = (
        day
        for (person_id, demand_id, t), minutes in planned.items()
        for day in prices.of_demand(minutes, person_id=PersonId(person_id), index=t, demand_id=DemandId(demand_id))
    )
    found = prices.amounts(days).values()
    expected, cost = sum(one.expected_minor for one in found), sum(one.cost_minor for one in found)
    idle = {p.id: p.idle_cost for p in staffing.problem.people}
    bench = round_half_up(sum((Fraction(_bench(p) * idle[p["person"]["id"]], MINUTES_PER_HOUR) for p in people), Fraction(0)))
    figures = (cost, bench, expected - cost, expected - cost - bench)
    is_known = any(p.cost_rate for p in staffing.problem.people)
    return {
        "revenue_minor": sum(one.revenue_minor for one in found),
        "expected_revenue_minor": expected,
        **{name: amount if is_known else None for name, amount in zip(_OF_COSTS, figures, strict=True)},
        "unpriced_minutes": sum(one.unpriced_minutes for one in found),
        "bills_costs": prices.bills_costs({DemandId(demand_id) for _, demand_id, _ in planned}),
    }


_OF_COSTS = ("cost_minor", "bench_cost_minor", "margin_minor", "margin_after_bench_minor")
_MONEY = ("revenue_minor", "expected_revenue_minor", *_OF_COSTS, "unpriced_minutes", "bills_costs")


def margin_after_bench(problem: Problem, runs: Iterable[Run], bills: Mapping[str, Bill]) -> int:
    """What is expected of runs less what everybody costs who can be planned, booked or not, in minor units."""
    terms = Terms(problem)
    total = Fraction(0)
    booked: Counter[tuple[str, int]] = Counter()
    for (person_id, demand_id, t), minutes in minutes_of(runs, terms).items():
        bill = bills[demand_id]
        total += Fraction(minutes * bill.hour(person_id) * bill.chance_e4, E4) - minutes * terms.people[person_id].cost_rate
        booked[person_id, t] += minutes
    for person in problem.people:
        total -= person.idle_cost * sum(max(0, c - booked[person.id, t]) for t, c in enumerate(person.capacity))
    return round_half_up(total / MINUTES_PER_HOUR)


def outside_band_minutes(problem: Problem, runs: Iterable[Run]) -> int:
    """Minutes by which people are below or above their band over the horizon, as the policy counts them."""
    terms = Terms(problem)
    booked: Counter[str] = Counter()
    for (person_id, _, _), minutes in minutes_of(runs, terms).items():
        booked[person_id] += minutes
    total = 0
    for person in problem.people:
        low, high = person.band or problem.policy.band
        capacity = sum(person.capacity)
        total += max(0, low * capacity // E4 - booked[person.id]) + max(0, booked[person.id] + -high * capacity // E4)
    return total


def _bench(person: Mapping[str, Any]) -> int:
    """Unbooked minutes, week by week: one week's overbooking fills no other week."""
    return sum(max(0, c - b) for c, b in zip(person["capacity_minutes"], person["booked_minutes"], strict=True))


def _group(people: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    capacity = sum(p["total_capacity_minutes"] for p in people)
    booked = sum(p["total_booked_minutes"] for p in people)
    return {
        "people": len(people),
        "capacity_minutes": capacity,
        "booked_minutes": booked,
        "bench_minutes": sum(_bench(p) for p in people),
        "utilisation": ratio(booked, capacity),
    }


def _teams(people: Sequence[Mapping[str, Any]], teams: Mapping[str, str]) -> list[dict[str, Any]]:
    """By team, those without one last."""
    by_team: dict[str | None, list[Mapping[str, Any]]] = {}
    for person in people:
        by_team.setdefault(teams.get(person["person"]["id"]), []).append(person)
    return [{"team": team, **_group(by_team[team])} for team in sorted(by_team, key=lambda name: (name is None, name or ""))]


def _skills(people: Sequence[Mapping[str, Any]], demands: Sequence[Mapping[str, Any]], staffing: Staffing) -> list[dict[str, Any]]:
    """By skill: whoever holds it at any level (somebody with two counts in both), and the demands that require it."""
    held: dict[str, set[str]] = {}
    for person in staffing.problem.people:
        for skill, level in person.skills.items():
            if level > 0:
                held.setdefault(skill, set()).add(person.id)
    wanted: dict[str, set[str]] = {}
    for demand in staffing.problem.demands:
        for skill in demand.requires:
            wanted.setdefault(skill, set()).add(demand.id)
    names = staffing.names
    found = []
    for skill in sorted({*held, *wanted}, key=lambda one: (names.skill(one), one)):
        asking = [d for d in demands if d["demand"]["id"] in wanted.get(skill, ())]
        effort, filled = (sum(d[name] for d in asking) for name in ("effort_minutes", "filled_minutes"))
        group = _group([p for p in people if p["person"]["id"] in held.get(skill, ())])
        named = {"id": skill, "name": names.skill(skill)}
        found.append({"skill": named, **group, "effort_minutes": effort, "filled_minutes": filled, "coverage": ratio(filled, effort)})
    return found


def ratio(part: int, whole: int) -> float | None:
    """Part / whole to four places; ``None`` of nothing."""
    return round_half_up(Fraction(part * E4, whole)) / E4 if whole else None

"""What a plan is worth: Z, in minor units x 60, computed person by person from the definition."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4
from solver_models.staffing.verify_ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from solver_models.staffing.problem import Demand, Person, Problem, Run

ByPeriod = dict[int, int]


def objective_x60(problem: Problem, assignments: Iterable[Run]) -> int:
    """The plan's objective in minor units x 60, whether or not the plan is feasible."""
    return objective_of(Ledger.of(problem), assignments)


def value_per_hour(problem: Problem, person_id: str, demand_id: str) -> int:
    """
    What an hour of this person on this demand is worth, net, in minor units.

    Value rate less cost rate, plus preference and preferred skills, less what is held above the required levels. Each call
    looks the two up; price many pairs with ``net_rate``.
    """
    person = next(p for p in problem.people if p.id == person_id)
    demand = next(d for d in problem.demands if d.id == demand_id)
    return net_rate(person, demand)


def net_rate(person: Person, demand: Demand) -> int:
    """Net minor units per hour of a person on a demand."""
    preference = person.preferences.get(demand.id, person.preferences.get(demand.project, 0))
    preferred = sum(bonus * person.skills.get(skill, 0) for skill, bonus in demand.prefers.items())
    above = sum(max(0, person.skills.get(skill, 0) - level) for skill, level in demand.requires.items())
    return demand.value_rate - person.cost_rate + preference + preferred - demand.overqualified_cost * above


def objective_of(ledger: Ledger, assignments: Iterable[Run]) -> int:
    """The objective of a plan for a problem already read."""
    by_pair: defaultdict[tuple[str, str], ByPeriod] = defaultdict(dict)
    booked: defaultdict[str, ByPeriod] = defaultdict(dict)
    earned = 0
    for run in assignments:
        rate = net_rate(ledger.people[run.person], ledger.demands[run.demand])
        pair, own = by_pair[run.person, run.demand], booked[run.person]
        for t, minutes in ledger.minutes_by_period(run):
            earned += minutes * rate
            pair[t] = pair.get(t, 0) + minutes
            own[t] = own.get(t, 0) + minutes
    policy = ledger.problem.policy
    new_pairs = sum(pair not in ledger.current_pairs for pair in by_pair)
    changed = _changed_minutes(by_pair, ledger.current_minutes()) if policy.churn_cost else 0
    unused = sum(_unused_cost(ledger, person, booked.get(person.id, {})) for person in ledger.problem.people)
    return earned - 60 * policy.setup_cost * new_pairs - policy.churn_cost * changed - unused


def _changed_minutes(new: Mapping[tuple[str, str], ByPeriod], old: Mapping[tuple[str, str], ByPeriod]) -> int:
    """Minutes by which the plan differs from the one in force, by person, demand and period."""
    changed = 0
    for pair in new.keys() | old.keys():
        after, before = new.get(pair, {}), old.get(pair, {})
        changed += sum(abs(after.get(t, 0) - before.get(t, 0)) for t in after.keys() | before.keys())
    return changed


def _unused_cost(ledger: Ledger, person: Person, booked: ByPeriod) -> int:
    """What a person's idle minutes and minutes outside the band cost."""
    policy = ledger.problem.policy
    idle = sum(max(0, capacity - booked.get(t, 0)) for t, capacity in enumerate(person.capacity)) if person.idle_cost else 0
    low, high = person.band if person.band is not None else policy.band
    capacity, minutes = sum(person.capacity), sum(booked.values())
    short = max(0, low * capacity // E4 - minutes)
    excess = max(0, minutes - -(-high * capacity // E4))
    return person.idle_cost * idle + policy.fairness_cost * (short + excess)

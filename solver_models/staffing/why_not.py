"""Why somebody is not on a demand: the rule that bars them, or what it would cost to put them there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from solver_models.staffing.around import PartColumns
from solver_models.staffing.eligibility import blocking_rules, missing_levels
from solver_models.staffing.forced import Must, forced
from solver_models.staffing.roster import Roster

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from solver_models.staffing.forced import Basis, Clock
    from solver_models.staffing.options import Option
    from solver_models.staffing.problem import Demand, Person, Problem, Run

RULES = {
    **dict.fromkeys(("requires", "locations", "available_for", "not_for", "only", "never", "shares"), 1),
    **dict.fromkeys(("capacity", "max_demands"), 2),
    **dict.fromkeys(("effort", "max_people", "shift"), 3),
    **dict.fromkeys(("window", "frozen", "min_run", "min_coverage"), 4),
    "one_run": 5,
    "max_churn_minutes": 6,
    **dict.fromkeys(("apart", "together"), 7),
    "all_or_nothing": 8,
    "several": 0,
}
"""The number of each rule in docs/model.md; 0 for several together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rule that keeps the person off the demand in every plan, by its number and key, with its facts as plain JSON."""

    rule: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Its number in docs/model.md."""
        return RULES[self.rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """By how much the best plan is worth more than the best with the person there, in units of Z: between the two."""

    low_x60: int
    high_x60: int | None
    """``None``: no plan with the person there was found in time."""

    @property
    def is_exact(self) -> bool:
        """Whether it is one figure."""
        return self.low_x60 == self.high_x60


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """
    Why the person is not on the demand.

    ``is_there``: they are, in the plan in hand. ``bars``: no plan has them there, because of these rules. Otherwise what it would
    ``cost``, with a ``plan`` that has them there, the best where the cost is exact.
    """

    person: str
    demand: str
    is_there: bool = False
    bars: tuple[Bar, ...] = ()
    cost: Cost | None = None
    plan: tuple[Run, ...] | None = None


def why_not(problem: Problem, basis: Basis, person_id: str, demand_id: str, clock: Clock) -> WhyNot:
    """Why the person has no run on the demand; without a bound on all plans the cost has no upper end."""
    if any((r.person, r.demand) == (person_id, demand_id) for r in basis.runs):
        return WhyNot(person=person_id, demand=demand_id, is_there=True)
    if bars := rule_bars(problem, person_id, demand_id):
        return WhyNot(person=person_id, demand=demand_id, bars=bars)
    found = forced(problem, Must(demand=demand_id, person=person_id), basis, clock)
    if found.impossible:
        return WhyNot(person=person_id, demand=demand_id, bars=(_project_bar(problem, person_id, demand_id),))
    low = max(0, basis.objective_x60 - found.bound_x60 if found.bound_x60 is not None else 0)
    is_open = basis.bound_x60 is None or found.objective_x60 is None
    high = None if is_open else max(low, (basis.bound_x60 or 0) - (found.objective_x60 or 0))
    return WhyNot(person=person_id, demand=demand_id, cost=Cost(low_x60=low, high_x60=high), plan=found.plan)


def rule_bars(problem: Problem, person_id: str, demand_id: str) -> tuple[Bar, ...]:
    """The rules that bar the person from the demand in every plan, as far as they follow from the two and from what is pinned."""
    part = PartColumns(problem, {demand_id} | {r.demand for r in (*problem.fixed, *problem.current)})
    person, demand = part.terms.people[person_id], part.terms.demands[demand_id]
    if any((pin.run.person, pin.run.demand) == (person_id, demand_id) for pin in part.pins):
        return ()
    if bars := tuple(_rule_1(person, demand)):
        return bars
    options = [o for o in part.by_demand.get(demand_id, ()) if o.person == person_id]
    if not options:
        return (_no_run(part, person, demand),)
    return _by_pins(part, options)


def _rule_1(person: Person, demand: Demand) -> Iterator[Bar]:
    for skill, (required, held) in sorted(missing_levels(person, demand).items()):
        yield Bar(rule="requires", facts={"skill": skill, "required": required, "held": held})
    for rule in blocking_rules(person, demand):
        facts = {"location": person.location, "allowed": sorted(demand.locations or ())} if rule == "locations" else {}
        yield Bar(rule=rule, facts=facts)
    if not demand.shares_e4:
        yield Bar(rule="shares")


def _no_run(part: PartColumns, person: Person, demand: Demand) -> Bar:
    """Why the two have no run at all."""
    terms = part.terms
    window, shifts = terms.windows[demand.id], part.shifts[terms.unit_of[demand.id]]
    if window is None:
        return Bar(rule="window")
    inside = [s for s in shifts if window[0] + s >= 0 and window[1] + s < terms.horizon]
    if not inside:
        return Bar(rule="shift")
    if all(window[1] + s < terms.frozen for s in inside):
        return Bar(rule="frozen")
    short: set[int] = set()
    for s in inside:
        share = min(demand.shares_e4)
        minutes, promised = terms.minutes(person.id, demand.id, share, s), terms.promised(demand.id, share, s)
        short |= {t for t, (m, q) in enumerate(zip(minutes, promised, strict=True)) if m < q and t >= terms.frozen}
    return Bar(rule="min_coverage", facts={"periods": sorted(short), "least_e4": demand.min_coverage_e4})


def _by_pins(part: PartColumns, options: list[Option]) -> tuple[Bar, ...]:
    """Where nothing fits beside the pinned runs: the rule they use up."""
    pinned = Roster(part)
    if any(pinned.best_fit(o) is not None for o in options):
        return ()
    rules = {rule for o in options if (rule := pinned.blocking_rule(o)) is not None}
    rules = rules or {what for o in options for t in range(o.lo, o.hi + 1) if (what := pinned.obstacle(o, t)) is not None}
    periods = sorted({t for o in options for t in range(o.lo, o.hi + 1) if pinned.obstacle(o, t) is not None})
    facts: dict[str, Any] = {"pinned": True, "periods": periods}
    return tuple(Bar(rule=rule, facts=facts) for rule in sorted(rules)) or (Bar(rule="max_churn_minutes", facts={"pinned": True}),)


def _project_bar(problem: Problem, person_id: str, demand_id: str) -> Bar:
    """What bars the pair although it has a run beside the pinned ones: what binds its project as a whole."""
    part = PartColumns(problem, ())
    project = part.terms.projects.get(part.terms.demands[demand_id].project)
    if project is not None and part.is_whole(project.id):
        return Bar(rule="all_or_nothing", facts={"project": project.id})
    free = project is not None and project.id not in part.pinned_projects
    if project is not None and free and any(person_id in group and len(group) > 1 for group in project.together):
        others = sorted({p for group in project.together if person_id in group for p in group if p != person_id})
        return Bar(rule="together", facts={"project": project.id, "people": others})
    return Bar(rule="several")

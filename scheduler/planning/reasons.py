"""Why a demand stays open, in a planner's words. Facts a sentence does not know are ignored; facts it misses are left unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scheduler.planning.wording import count, some
from solver_models.staffing.plan import ReasonKind

if TYPE_CHECKING:
    from scheduler.planning.wording import Names
    from solver_models.staffing.plan import Reason

_COST_KINDS = frozenset({ReasonKind.NOT_WORTH_ITS_COST, ReasonKind.OUTBID, ReasonKind.NOT_PROVEN})

RULES: Mapping[str, str] = {
    "locations": "everybody qualified works at a location it does not allow",
    "only": "it is open to named people only, and none of them can take it",
    "never": "everybody qualified is barred from it by name",
    "available_for": "everybody qualified is reserved for other work",
    "not_for": "everybody qualified lacks a skill or a bill rate for its whole time",
    "min_coverage": "absences would leave whoever takes it below the least coverage it asks for",
    "max_people": "it already has as many people as it allows",
    "one_run": "whoever could take more of it is on it already, and a person has one run on a demand",
    "shares": "no allowed share of its effort fits what is left of it",
    "effort": "no allowed share of its effort fits what is left of it",
    "apart": "people who must be kept apart on this project would meet",
    "together": "people who must work together on this project cannot all take part",
    "all_or_nothing": "its project is all or nothing, and filling all of it brings less or is not possible",
    "max_demands": "whoever could take it has as many demands at once as they may",
    "max_churn_minutes": "the plan may not bring more new hours than the limit on changes allows",
    "frozen": "its weeks are frozen: only what is booked already may run there",
    "frozen_periods": "its weeks are frozen: only what is booked already may run there",
    "shift": "no allowed start keeps it inside the horizon",
    "min_run": "nobody has the time for as long at a stretch as it asks for",
    "capacity": "bookings that must stay take the time of everybody qualified",
    "fairness": "filling it would push people out of the fairness band",
}
"""What each rule means for a demand that it keeps open."""

_BARS: Mapping[str, str] = {
    "locations": "location",
    "only": "the list of those it is open to",
    "never": "the list of those it is closed to",
    "available_for": "being reserved for other work",
    "not_for": "a lapsed skill or a missing rate",
}
"""Rules that bar single people."""

_BINDS: Mapping[str, str] = {
    "all_or_nothing": "whose project is all or nothing",
    "together": "whose people must work together",
}
"""Why a run on another demand cannot be given up alone."""


def tells_costs(reason: Reason) -> bool:
    """Whether a cost rate follows from the facts, or who of several people costs less: whoever is named was chosen by what they bring."""
    if reason.kind is ReasonKind.BLOCKED_BY_RULE:
        return "holds" in reason.facts or reason.facts.get("rule") == "fairness"
    return reason.kind in _COST_KINDS


def sentence(reason: Reason, names: Names, *, demand_id: str | None = None, with_amounts: bool = True) -> str:
    """
    One sentence for a planner.

    Without ``with_amounts`` it tells no figure from which a cost rate follows, and nobody's name that was chosen by cost.
    """
    facts = reason.facts
    match reason.kind:
        case ReasonKind.NOBODY_QUALIFIED:
            return _nobody_qualified(facts, names)
        case ReasonKind.AWAY_OR_BOOKED:
            return _away_or_booked(facts, names)
        case ReasonKind.OUTBID:
            return _outbid(facts, names, with_amounts=with_amounts)
        case ReasonKind.NOT_WORTH_ITS_COST:
            return _not_worth_its_cost(facts, names, with_amounts=with_amounts)
        case ReasonKind.BLOCKED_BY_RULE:
            return _blocked_by_rule(facts, names, demand_id=demand_id, with_choice=with_amounts or not tells_costs(reason))
        case ReasonKind.NOT_PROVEN:
            return "The search ended before it was known whether filling it would pay; give it more time."


def _nobody_qualified(facts: Mapping[str, Any], names: Names) -> str:
    nearest = _dicts(facts.get("nearest"))
    if not nearest:
        return "Nobody is qualified: the plan has no people."
    misses = []
    for entry in nearest:
        gaps = [
            f"{names.skill(gap.get('skill'))} {gap.get('held', 0)} of {gap.get('required')} ({_levels(gap)} short)"
            for gap in _dicts(entry.get("missing"))
        ]
        misses.append(f"{names.person(entry.get('person'))} with {some(gaps)}" if gaps else names.person(entry.get("person")))
    return f"Nobody is qualified; nearest: {some(misses)}."


def _levels(gap: Mapping[str, Any]) -> str:
    return count(int(gap.get("required", 0)) - int(gap.get("held", 0)), "level")


def _away_or_booked(facts: Mapping[str, Any], names: Names) -> str:
    people = _dicts(facts.get("people"))
    if not people:
        periods = facts.get("periods") or ()
        return f"Everybody qualified lacks the time{f' in {names.week_list(periods)}' if periods else ''}."
    words = []
    for entry in people:
        periods = entry.get("periods") or ()
        when = f" in {names.week_list(periods)}" if periods else ""
        words.append(f"{names.person(entry.get('person'))}{' is booked by what must stay' if entry.get('pinned') else ''}{when}")
    why = "" if any(entry.get("pinned") for entry in people) else " (away, on holiday, booked, or on shorter hours)"
    return f"Qualified people lack the time{why}: {'; '.join(words)}{_rest(facts, listed=len(people))}."


def _outbid(facts: Mapping[str, Any], names: Names, *, with_amounts: bool) -> str:
    offers = _dicts(facts.get("by"))
    if not with_amounts:
        demands = {names.demand(other.get("demand")) for offer in offers for other in _dicts(offer.get("instead_of"))}
        on = f": who could do it is on {some(sorted(demands))}" if demands else ""
        return f"Other work brings more{on}."
    words = []
    for offer in offers:
        person, others = names.person(offer.get("person")), _dicts(offer.get("instead_of"))
        work = some([names.demand(other.get("demand")) for other in others]) or "other work"
        here, there = offer.get("gain_x60"), [gain for other in others if isinstance(gain := other.get("gain_x60"), int)]
        if isinstance(here, int) and there and len(there) == len(others):
            words.append(f"{person} would bring {names.amount(_minor(here))} here and lose {names.amount(_minor(sum(there)))} on {work}")
        else:
            words.append(f"{person} brings more on {work}")
    return f"Other work brings more: {'; '.join(words)}." if words else "Other work brings more."


def _minor(amount_x60: int) -> int:
    """Minor units from minor units x 60, half up."""
    return (amount_x60 + 30) // 60


def _not_worth_its_cost(facts: Mapping[str, Any], names: Names, *, with_amounts: bool) -> str:
    if not with_amounts:
        return "It is not worth its cost: even for the best choice it falls short."
    person = f"even for {names.person(facts['person'])}, the best choice, " if "person" in facts else ""
    short = facts.get("short_per_hour")
    by = f" by {names.amount(short)} an hour" if isinstance(short, int) else ""
    return f"It is not worth its cost: {person}it falls short{by}."


def _blocked_by_rule(facts: Mapping[str, Any], names: Names, *, demand_id: str | None, with_choice: bool) -> str:
    listed = facts.get("rules")
    rules = [str(rule) for rule in listed] if isinstance(listed, (list, tuple)) and listed else [str(facts.get("rule", "a rule"))]
    people = _people(facts.get("people"), names, demand_id=demand_id) if with_choice else []
    if "holds" in facts and not with_choice:
        return f"A rule keeps it open: who could take it would have to leave work {_BINDS.get(rules[0], rules[0])}."
    if "holds" in facts:
        return f"A rule keeps it open: {some(people)} would have to leave {names.demand(facts['holds'])}, {_BINDS.get(rules[0], rules[0])}."
    if len(rules) > 1 and all(rule in _BARS for rule in rules):
        why = f"whoever is qualified is barred by {some([_BARS[rule] for rule in rules], most=len(_BARS))}"
    else:
        why = some([RULES.get(rule, f"the rule {rule} does not allow it") for rule in rules])
    return f"A rule keeps it open: {why}{f' ({_of_all(people, facts)})' if people else ''}."


def _people(people: object, names: Names, *, demand_id: str | None) -> list[str]:
    entries = people if isinstance(people, (list, tuple)) else ()
    words = []
    for entry in entries:
        person_id = entry.get("person") if isinstance(entry, Mapping) else entry
        bar = names.bars.get(str(person_id), {}).get(demand_id or "")
        words.append(f"{names.person(person_id)} {bar}" if bar else names.person(person_id))
    return words


def _of_all(people: list[str], facts: Mapping[str, Any]) -> str:
    """The people listed, and how many there are beside them."""
    rest = _rest(facts, listed=len(people))
    return f"{', '.join(people)}{rest}" if rest else some(people)


def _rest(facts: Mapping[str, Any], *, listed: int) -> str:
    count = facts.get("people_count")
    return f" and {count - listed} more" if isinstance(count, int) and count > listed else ""


def _dicts(entries: object) -> list[Mapping[str, Any]]:
    return [e for e in entries if isinstance(e, Mapping)] if isinstance(entries, (list, tuple)) else []

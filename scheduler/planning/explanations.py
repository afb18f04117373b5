"""What keeps a demand open, what would fill it, and why somebody is not on it, in a planner's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.planning.wording import FEW, count, hours, some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scheduler.planning.wording import Names
    from solver_models.staffing.fits import Fit

_RATE = "rate"
_LISTS = {
    "only": "the list of those it is open to",
    "never": "the list of those it is closed to",
    "available_for": "being reserved for other work",
    "not_for": "a lapsed skill or a missing rate",
}
_BARS: Mapping[str, str] = {
    "only": "it is open to named people only",
    "never": "it is closed to them by name",
    "available_for": "they are reserved for other work",
    "not_for": "they lack a skill or a bill rate for its whole time",
    "shares": "it allows no share to anybody",
    "capacity": "bookings that must stay take their time",
    "max_demands": "bookings that must stay give them as many demands at once as they may have",
    "effort": "bookings that must stay take its share",
    "max_people": "bookings that must stay give it as many people as it allows",
    "shift": "no allowed start keeps it inside the horizon, or bookings that must stay give it another",
    "window": "it has no effort in the horizon",
    "frozen": "its weeks are frozen",
    "min_run": "they have not the time for as long at a stretch as it asks for",
    "min_coverage": "absences would leave them below the least coverage it asks for",
    "one_run": "a person has one run on a demand",
    "max_churn_minutes": "the plan may not bring more new hours than the limit on changes allows",
    "apart": "people who must be kept apart on this project would meet",
    "together": "people who must work together on this project cannot all take part",
    "all_or_nothing": "its project is all or nothing, and with them it cannot be filled whole",
    "several": "rules on its project and on other work leave no plan with them on it",
}
"""What each rule means for one person."""


def demand_words(said: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """An explanation of a demand with a sentence for each thing said; ``gain_minor`` and what is ``confidential`` tell costs."""
    return {
        "is_filled": said["is_filled"],
        "is_complete": said["is_complete"],
        "sentence": _came_to_nothing(said, names),
        "shortfall": None if said["shortfall"] is None else {**said["shortfall"], "sentence": shortfall_sentence(said["shortfall"], names)},
        "relaxations": [
            {
                "changes": [dict(change) for change in one["changes"]],
                "sentence": relaxation_sentence(one, names),
                "is_minimal": one["is_minimal"],
                "gain_minor": one["gain_x60"] // 60,
                "confidential": any(change["kind"] == _RATE for change in one["changes"]),
            }
            for one in said["relaxations"]
        ],
    }


def _came_to_nothing(said: Mapping[str, Any], names: Names) -> str | None:
    """Nothing to say is not the same as nothing found out."""
    if said["is_complete"] or said["relaxations"] or said["shortfall"] or said["is_filled"]:
        return None
    return f"What would fill {names.demand(said['demand'])} could not be found out in the time there is; ask again later."


def shortfall_sentence(short: Mapping[str, Any], names: Names) -> str:
    """Such as: these 7 demands want SAP 3+ in the weeks of ...: 420 h; qualified capacity 310 h."""
    number = len(short["demands"])
    skills = " and ".join(f"{names.skill(skill)} {level}+" for skill, level in short["requires"].items())
    who = f"These {number} demands want" if number > 1 else f"{names.demand(short['demands'][0])} wants"
    what = f" {skills}" if skills else ""
    listed = f" ({some([names.demand(d) for d in short['demands']])})" if number > 1 else ""
    when = names.week_list(range(short["first"], short["last"] + 1))
    return f"{who}{what} in {when}: {hours(short['wanted_min'])}; qualified capacity {hours(short['capacity_min'])}.{listed}"


def relaxation_sentence(relaxed: Mapping[str, Any], names: Names) -> str:
    """All changes of a relaxation in one sentence."""
    if not relaxed["changes"]:
        return "It can be filled as it is, by a better plan than this one: give the search more time."
    words = some([_WORDS[change["kind"]](change, names) for change in relaxed["changes"]], most=len(relaxed["changes"]))
    proof = "" if relaxed["is_minimal"] else " Whether less would do could not be decided in time."
    return f"It could be filled with: {words}.{proof}"


def _level(change: Mapping[str, Any], names: Names) -> str:
    return f"{count(change['steps'], 'level')} less of {names.skill(change['skill'])}"


def _move(change: Mapping[str, Any], names: Names) -> str:
    what = f"the project {names.project(change['project'])}" if "project" in change else "a start"
    return f"{what} {count(change['steps'], 'week')} {'later' if change['kind'] == 'later' else 'earlier'}"


def _share(change: Mapping[str, Any], _names: Names) -> str:
    share = change["share_e4"]
    return "one person for all of it" if share == 10_000 else f"a share of {share / 100:g} % for a person"


def _place(change: Mapping[str, Any], _names: Names) -> str:
    return f"work from {change['place']}" if "place" in change else "work from anywhere"


def _admit(change: Mapping[str, Any], names: Names) -> str:
    return f"{names.person(change['person'])} admitted to it in spite of {_LISTS[change['rule']]}"


def _hire(change: Mapping[str, Any], _names: Names) -> str:
    return f"{change['steps']} hired for it, with the skills it asks for" if change["steps"] > 1 else "a hire with the skills it asks for"


def _rate(change: Mapping[str, Any], names: Names) -> str:
    return f"a value that is {names.amount(change['steps'])} an hour higher"


_WORDS: Mapping[str, Callable[[Mapping[str, Any], Names], str]] = {
    "level": _level,
    "later": _move,
    "earlier": _move,
    "people": lambda change, _: f"{change['steps']} more to share it",
    "share": _share,
    "run": lambda change, _: f"runs that may be {count(change['steps'], 'week')} shorter",
    "place": _place,
    "admit": _admit,
    "at_once": lambda change, names: f"{count(change['steps'], 'demand')} more at once for {names.person(change['person'])}",
    "apart": lambda change, names: f"people who are kept apart on {names.project(change['project'])} allowed to meet",
    "together": lambda change, names: f"people who work together on {names.project(change['project'])} allowed there alone",
    "whole": lambda change, names: f"the project {names.project(change['project'])} no longer all or nothing",
    "churn": lambda change, _: f"{hours(change['steps'])} more of new bookings",
    "pin": lambda change, names: f"the booking of {names.person(change['person'])} on {names.demand(change['demand'])} no longer locked",
    "unfreeze": lambda change, _: f"{count(change['steps'], 'week')} less frozen",
    "hire": _hire,
    "rate": _rate,
}


def person_words(said: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """
    Why somebody is not on a demand, with a sentence.

    The cost, and the runs that would go and come for it, tell costs; ``sentence_without_amounts`` does not.
    """
    cost = said["cost"]
    return {
        "is_there": said["is_there"],
        "is_complete": said["is_complete"],
        "bars": [{**bar, "sentence": _bar(bar, names)} for bar in said["bars"]],
        "cost_low_minor": None if cost is None else cost["low_x60"] // 60,
        "cost_high_minor": None if cost is None or cost["high_x60"] is None else -(-cost["high_x60"] // 60),
        "is_exact": None if cost is None else cost["is_exact"],
        "would_leave": _demands(said["gone"], names),
        "would_take": _demands(said["new"], names),
        "sentence": _why_not(said, names, with_amounts=True),
        "sentence_without_amounts": _why_not(said, names, with_amounts=False),
    }


def _demands(runs: Any, names: Names) -> list[dict[str, Any]] | None:
    if runs is None:
        return None
    return [
        {
            "person": {"id": r["person"], "name": names.person(r["person"])},
            "demand": {"id": r["demand"], "name": names.demand(r["demand"])},
        }
        for r in runs
    ]


def _why_not(said: Mapping[str, Any], names: Names, *, with_amounts: bool) -> str:
    who, work = names.person(said["person"]), names.demand(said["demand"])
    if said["is_there"]:
        return f"{who} is on {work} in this plan."
    if said["bars"]:
        return f"{who} cannot be on {work}: {'; '.join(_bar(bar, names) for bar in said['bars'])}."
    if said["cost"] is None:
        return f"Whether {who} could be on {work} could not be found out in the time there is; ask again later."
    if not with_amounts and said["new"] is None:
        return f"No single rule keeps {who} off {work}; no plan with them on it was found in time, which proves nothing."
    if not with_amounts:
        return f"No rule keeps {who} off {work}; a plan with them on it is possible, and not better than this one."
    cost = said["cost"]
    low = names.amount(cost["low_x60"] // 60)
    if cost["is_exact"]:
        return f"{who} could be on {work}, and the best plan with that is worth {low} less."
    if cost["high_x60"] is None:
        return f"{who} could perhaps be on {work}; it costs at least {low}, and no plan with it was found in time."
    return f"{who} could be on {work}; it costs between {low} and {names.amount(-(-cost['high_x60'] // 60))}."


def _bar(bar: Mapping[str, Any], names: Names) -> str:
    facts, rule = bar["facts"], bar["rule"]
    if rule == "requires":
        return f"it asks for {names.skill(facts['skill'])} {facts['required']}, they have {facts['held']} (rule 1)"
    if rule == "locations":
        place = facts.get("location") or "no known place"
        return f"they are at {place}, and it allows {some(facts.get('allowed') or ['no place'])} (rule 1)"
    when = f" in {names.week_list(facts['periods'])}" if facts.get("periods") else ""
    number = f" (rule {bar['number']})" if bar["number"] else ""
    return f"{_BARS[rule]}{when}{number}"


def fit_words(fit: Fit, names: Names) -> dict[str, Any]:
    """One person who could take a demand. ``cost_minor`` and ``value_per_hour_minor`` tell costs."""
    conflicts: list[dict[str, Any]] = [
        {"demand": {"id": c.demand, "name": names.demand(c.demand)}, "first_week": names.week(c.first), "last_week": names.week(c.last)}
        for c in fit.conflicts
    ]
    words = [f"would leave {some([names.demand(c.demand) for c in fit.conflicts], most=FEW)}"] if conflicts else []
    words += [f"lacks time in {names.week_list(fit.short)}"] if fit.short else []
    free = "is on it" if fit.is_there else "is free for it"
    return {
        "person": {"id": fit.person, "name": names.person(fit.person)},
        "is_there": fit.is_there,
        "minutes": fit.minutes,
        "cost_minor": None if fit.cost_x60 is None else fit.cost_x60 // 60,
        "value_per_hour_minor": fit.value_per_hour,
        "conflicts": conflicts,
        "short_weeks": [names.week(t) for t in fit.short],
        "sentence": f"{names.person(fit.person)} {' and '.join(words) or free}.",
    }

"""Limits that locked or frozen bookings exceed, in a planner's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.planning.wording import hours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.planning.wording import Names
    from solver_models.staffing.plan import Conflict


def conflict_sentence(conflict: Conflict, names: Names) -> str:
    """One sentence for a planner: who or what, when, how much, against which limit."""
    facts = conflict.facts
    who, when = names.person(facts.get("person")), _week(facts, names)
    work = names.demand(facts.get("demand"))
    match conflict.rule:
        case "capacity":
            used, limit = int(facts.get("minutes", 0)), int(facts.get("limit", 0))
            return f"{who} is booked for {hours(used)}{when} by bookings that must stay, with {hours(limit)} bookable."
        case "max_demands":
            return f"{who} is on {facts.get('runs')} demands at once{when} by bookings that must stay; at most {facts.get('limit')} are allowed."
        case "effort":
            share = int(facts.get("share_e4", 0)) / 100
            return f"Bookings that must stay on {work} promise {share:g} % of its effort{when}."
        case "max_people":
            return f"Bookings that must stay put {facts.get('people')} people on {work}; at most {facts.get('limit')} are allowed."
        case "shift":
            shifts = ", ".join(str(s) for s in facts.get("shifts", ()))
            unit = facts.get("unit", facts.get("demand"))
            name = names.project(unit) if str(unit) in names.projects else names.demand(unit)
            return f"Locked bookings on {name} start it at different times (moved by {shifts} weeks); it can have one start only."
        case "duplicate":
            return f"{who} has {facts.get('runs', 'several')} locked bookings on {work}; one is allowed."
        case "apart":
            name = names.project(facts.get("project"))
            return f"Bookings that must stay put {facts.get('people')} people of a group on {name} that is to be kept apart."
        case rule:
            return f"Bookings that must stay break the rule {rule}."


def _week(facts: Mapping[str, Any], names: Names) -> str:
    return f" {names.in_week(facts['period'])}" if isinstance(facts.get("period"), int) else ""

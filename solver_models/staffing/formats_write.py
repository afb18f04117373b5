"""Writing ``staffing-problem/1``: plain JSON values; optional keys at their default are left out."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from solver_models.staffing.problem import E4, Policy

if TYPE_CHECKING:
    from solver_models.staffing.problem import Demand, Person, Problem, Project, Run


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """The problem as a value for ``json.dumps``; reading it back gives an equal problem."""
    moving = {project.id for project in problem.projects if project.shift is not None}
    return {
        "format": "staffing-problem/1",
        "currency": problem.currency,
        "periods": list(problem.periods),
        "people": [_person(person) for person in problem.people],
        "demands": [_demand(demand, moves_alone=demand.project not in moving) for demand in problem.demands],
        "projects": [_project(project) for project in problem.projects],
        "fixed": [run_to_json(run) for run in problem.fixed],
        "current": [run_to_json(run) for run in problem.current],
        "policy": _policy(problem.policy),
    }


def run_to_json(run: Run) -> dict[str, Any]:
    """A run with every key."""
    return {
        "person": run.person,
        "demand": run.demand,
        "share": decimal_from_e4(run.share_e4),
        "first": run.first,
        "last": run.last,
        "shift": run.shift,
    }


def decimal_from_e4(value_e4: int) -> float:
    """Ten-thousandths as a number that prints as the decimal meant: 2900 as 0.29."""
    return value_e4 / E4


def _person(person: Person) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": person.id,
        "capacity": list(person.capacity),
        "cost_rate": person.cost_rate,
        "skills": dict(person.skills),
    }
    optional: dict[str, Any] = {
        "usual": None if person.usual is None else list(person.usual),
        "location": person.location,
        "max_demands": person.max_demands,
        "available_for": _names(person.available_for),
        "not_for": _names(person.not_for) or None,
        "preferences": dict(person.preferences) or None,
        "idle_cost": person.idle_cost or None,
        "band": _fractions(person.band),
    }
    return written | _given(optional)


def _demand(demand: Demand, *, moves_alone: bool) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": demand.id,
        "project": demand.project,
        "requires": dict(demand.requires),
        "effort": list(demand.effort),
        "value_rate": demand.value_rate,
    }
    optional: dict[str, Any] = {
        "prefers": dict(demand.prefers) or None,
        "overqualified_cost": demand.overqualified_cost or None,
        "locations": _names(demand.locations),
        "shares": None if demand.shares_e4 == (E4,) else [decimal_from_e4(share) for share in demand.shares_e4],
        "max_people": None if demand.max_people == 1 else demand.max_people,
        "min_run": demand.min_run,
        "min_coverage": None if demand.min_coverage_e4 == 8_000 else decimal_from_e4(demand.min_coverage_e4),
        "shift": list(demand.shift) if demand.shift != (0, 0) and moves_alone else None,
        "only": _names(demand.only),
        "never": _names(demand.never) or None,
    }
    return written | _given(optional)


def _project(project: Project) -> dict[str, Any]:
    optional: dict[str, Any] = {
        "all_or_nothing": project.all_or_nothing or None,
        "shift": None if project.shift is None else list(project.shift),
        "apart": [sorted(group) for group in project.apart] or None,
        "together": [sorted(group) for group in project.together] or None,
    }
    return {"id": project.id} | _given(optional)


def _policy(policy: Policy) -> dict[str, Any]:
    default = Policy()
    changed = {f.name: getattr(policy, f.name) for f in fields(policy) if getattr(policy, f.name) != getattr(default, f.name)}
    return changed | ({"band": _fractions(policy.band)} if "band" in changed else {})


def _given(optional: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in optional.items() if value is not None}


def _names(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _fractions(band: tuple[int, int] | None) -> list[float] | None:
    return None if band is None else [decimal_from_e4(limit) for limit in band]

"""
Reading ``staffing-problem/1``: every fault in one go, each with its place.

Decisions where the format leaves room: a demand may name a project that ``projects`` does not list (that list is optional);
``preferences`` may name any demand or any project, listed or named by a demand; a (person, demand) twice in ``fixed`` is no fault
of the format but makes the problem infeasible; keys that the format calls optional may be absent, never null; ``fixed``,
``current`` and ``policy`` may be absent and then ask for nothing.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from solver_models.staffing import formats_size
from solver_models.staffing.formats_faults import Fault, FaultList, InvalidFormat, shown
from solver_models.staffing.formats_fields import Fields, Known, fraction, references, text
from solver_models.staffing.problem import E4, Demand, Person, Policy, Problem, Project, Run

PROBLEM_FORMAT = "staffing-problem/1"

MAX_RATE = 10**10
MAX_MINUTES = 10**6
MAX_CHURN_MINUTES = 10**15
MAX_COUNT = 10**6
MAX_LEVEL = 5
MAX_BAND_E4 = 10 * E4
MAX_PERIODS = formats_size.MAX_PERIODS

_PROBLEM_KEYS = ("format", "currency", "periods", "people", "demands", "projects", "fixed", "current", "policy")
_PERSON_KEYS = (
    *("id", "capacity", "cost_rate", "skills", "usual", "location", "max_demands", "available_for", "not_for", "preferences"),
    *("idle_cost", "band"),
)
_DEMAND_KEYS = (
    *("id", "project", "requires", "effort", "value_rate", "prefers", "overqualified_cost", "locations", "shares", "max_people"),
    *("min_run", "min_coverage", "shift", "only", "never"),
)
_PROJECT_KEYS = ("id", "all_or_nothing", "shift", "apart", "together")
_RUN_KEYS = ("person", "demand", "share", "first", "last", "shift")
_RUN_REQUIRED = ("person", "demand", "share", "first", "last")
_POLICY_KEYS = ("setup_cost", "churn_cost", "max_churn_minutes", "frozen_periods", "fairness_cost", "band")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that references may use, and the number of periods."""

    periods: int
    """0 where the text does not say: then nothing is held against it."""
    people: Known
    demands: Known
    work: Known
    """Demands and projects together."""
    moving_projects: frozenset[str]
    """Projects with a ``shift`` of their own."""


def read_problem_value(value: object, *, faults: FaultList) -> Problem:
    """
    The problem a decoded JSON value stands for.

    Raises
    ------
    InvalidFormat
        With every fault: those gathered in ``faults`` before, and the format's own.
    """
    check_format(value, PROBLEM_FORMAT)
    top = Fields.of(value, "", faults, known=_PROBLEM_KEYS, required=_PROBLEM_KEYS[:5])
    periods = _periods(top)
    _refuse_too_many(top, len(periods))
    names = _names(top, len(periods))
    problem = Problem(
        currency=_currency(top),
        periods=periods,
        people=tuple([_person(item, at, names, faults) for at, item in top.items("people")]),
        demands=tuple([_demand(item, at, names, faults) for at, item in top.items("demands")]),
        projects=tuple([_project(item, at, names, faults) for at, item in top.items("projects")]),
        fixed=read_runs(top, "fixed", names),
        current=_current(top, names),
        policy=_policy(top),
    )
    _check_ids(problem, faults)
    faults.raise_if_any()
    if fault := formats_size.too_large(problem):
        raise InvalidFormat((fault,))
    return problem


def check_format(value: object, wanted: str) -> None:
    """Refuse a text that says it is of another format; its other faults would be about the wrong rules."""
    found = value.get("format", wanted) if isinstance(value, dict) else wanted
    if found != wanted:
        message = f'The format is {shown(found)}; "{wanted}" is read here.'
        raise InvalidFormat((Fault(pointer="/format", code="format.unknown", message=message),))


def names_of(problem: Problem) -> Names:
    """The names of a problem already read, for reading a plan of it."""
    return Names(
        periods=len(problem.periods),
        people=Known("person", frozenset(p.id for p in problem.people)),
        demands=Known("demand", frozenset(d.id for d in problem.demands)),
        work=Known("demand or project", frozenset()),
        moving_projects=frozenset(),
    )


def read_runs(fields: Fields, key: str, names: Names) -> tuple[Run, ...]:
    """A list of runs, each inside the horizon."""
    return tuple([_run(item, at, names, fields.faults) for at, item in fields.items(key)])


def _names(top: Fields, periods: int) -> Names:
    demands = _texts(top, "demands", "id")
    projects = _texts(top, "projects", "id") | _texts(top, "demands", "project")
    moving = frozenset(p["id"] for _, p in _objects(top, "projects") if "shift" in p and isinstance(p.get("id"), str))
    return Names(
        periods=periods,
        people=Known("person", _texts(top, "people", "id")),
        demands=Known("demand", demands),
        work=Known("demand or project", demands | projects),
        moving_projects=moving,
    )


def _objects(top: Fields, key: str) -> list[tuple[int, dict[str, Any]]]:
    items = top.found.get(key)
    return [(i, item) for i, item in enumerate(items) if isinstance(item, dict)] if isinstance(items, list) else []


def _texts(top: Fields, key: str, name: str) -> frozenset[str]:
    return frozenset(item[name] for _, item in _objects(top, key) if isinstance(item.get(name), str))


def _currency(top: Fields) -> str:
    code = top.name("currency")
    if code and not _CURRENCY.fullmatch(code):
        top.faults.add(
            "/currency", "currency.invalid", f"{shown(code)} is not a currency; give an ISO 4217 code of three capitals, such as EUR."
        )
    return code


def _periods(top: Fields) -> tuple[str, ...]:
    items = top.items("periods")
    if top.has("periods") and isinstance(top.found["periods"], list) and not 1 <= len(items) <= MAX_PERIODS:
        top.faults.add("/periods", "list.length", f"{len(items):,} periods; there must be 1 to {MAX_PERIODS:,}.")
        return ()
    days = [_day(item, at, top.faults) for at, item in items]
    steps = [(b - a) if a and b else None for a, b in pairwise(days)]
    length = next((step for step in steps if step is not None), None)
    for i, step in enumerate(steps, start=1):
        if step is not None and step <= timedelta(0):
            top.faults.add(
                f"/periods/{i}", "periods.not_ascending", f"{items[i][1]} does not come after {items[i - 1][1]}; list the days in order."
            )
        elif step is not None and length is not None and length > timedelta(0) and step != length:
            message = f"{items[i][1]} comes {step.days} days after {items[i - 1][1]}; all periods must be as long as the first, {length.days} days."
            top.faults.add(f"/periods/{i}", "periods.not_equal", message)
    return tuple(str(item) for _, item in items)


def _day(item: object, at: str, faults: FaultList) -> date | None:
    value = text(faults, at, item)
    if not value:
        return None
    if _DATE.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    faults.add(at, "date.invalid", f"{shown(value)} is not a day of the calendar written as YYYY-MM-DD.")
    return None


def _refuse_too_many(top: Fields, periods: int) -> None:
    sizes = [len(items) if isinstance(items := top.found.get(key), list) else 0 for key in ("people", "demands")]
    if fault := formats_size.too_many(people=sizes[0], demands=sizes[1], periods=periods):
        raise InvalidFormat((*top.faults.faults, fault))


def _person(value: object, at: str, names: Names, faults: FaultList) -> Person:
    fields = Fields.of(value, at, faults, known=_PERSON_KEYS, required=_PERSON_KEYS[:4])
    return Person(
        id=fields.name("id"),
        capacity=fields.wholes("capacity", names.periods, 0, MAX_MINUTES),
        cost_rate=fields.whole("cost_rate", 0, MAX_RATE),
        skills=fields.by_name("skills", 1, MAX_LEVEL),
        usual=fields.wholes("usual", names.periods, 0, MAX_MINUTES) if fields.has("usual") else None,
        location=fields.optional_name("location"),
        max_demands=fields.optional_whole("max_demands", 0, MAX_COUNT),
        available_for=fields.references("available_for", names.demands),
        not_for=fields.references("not_for", names.demands) or frozenset(),
        preferences=fields.by_name("preferences", -MAX_RATE, MAX_RATE, names.work),
        idle_cost=fields.whole("idle_cost", 0, MAX_RATE),
        band=fields.fractions_pair("band", 0, MAX_BAND_E4),
    )


def _demand(value: object, at: str, names: Names, faults: FaultList) -> Demand:
    fields = Fields.of(value, at, faults, known=_DEMAND_KEYS, required=_DEMAND_KEYS[:5])
    project = fields.name("project")
    if fields.has("shift") and project in names.moving_projects:
        message = f"The project {shown(project)} has a shift, which moves all its demands alike; give the shift there or here, not both."
        faults.add(fields.at("shift"), "shift.beside_project", message)
    return Demand(
        id=fields.name("id"),
        project=project,
        effort=fields.wholes("effort", names.periods, 0, MAX_MINUTES),
        value_rate=fields.whole("value_rate", -MAX_RATE, MAX_RATE),
        requires=fields.by_name("requires", 1, MAX_LEVEL),
        prefers=fields.by_name("prefers", -MAX_RATE, MAX_RATE),
        overqualified_cost=fields.whole("overqualified_cost", -MAX_RATE, MAX_RATE),
        locations=fields.references("locations", None),
        shares_e4=_shares(fields),
        max_people=fields.whole("max_people", 0, MAX_COUNT, 1),
        min_run=fields.optional_whole("min_run", 1, MAX_COUNT),
        min_coverage_e4=fields.fraction("min_coverage", 0, E4, 8_000),
        shift=fields.wholes_pair("shift", -MAX_PERIODS, MAX_PERIODS) or (0, 0),
        only=fields.references("only", names.people),
        never=fields.references("never", names.people) or frozenset(),
    )


def _shares(fields: Fields) -> tuple[int, ...]:
    if not fields.has("shares"):
        return (E4,)
    shares: list[int] = []
    for at, item in fields.items("shares"):
        known_faults = len(fields.faults.faults)
        share = fraction(fields.faults, at, item, 1, E4)
        if len(fields.faults.faults) > known_faults:
            continue
        if share in shares:
            fields.faults.add(at, "list.duplicate", f"The share {share / E4:g} is listed twice; list it once.")
        shares.append(share)
    return tuple(shares)


def _project(value: object, at: str, names: Names, faults: FaultList) -> Project:
    fields = Fields.of(value, at, faults, known=_PROJECT_KEYS, required=("id",))
    return Project(
        id=fields.name("id"),
        all_or_nothing=fields.truth("all_or_nothing"),
        shift=fields.wholes_pair("shift", -MAX_PERIODS, MAX_PERIODS),
        apart=tuple([references(faults, where, group, names.people) for where, group in fields.items("apart")]),
        together=tuple([references(faults, where, group, names.people) for where, group in fields.items("together")]),
    )


def _run(value: object, at: str, names: Names, faults: FaultList) -> Run:
    fields = Fields.of(value, at, faults, known=_RUN_KEYS, required=_RUN_REQUIRED)
    run = Run(
        person=fields.reference("person", names.people),
        demand=fields.reference("demand", names.demands),
        share_e4=fields.fraction("share", 1, E4, E4),
        first=_period(fields, "first", names.periods),
        last=_period(fields, "last", names.periods),
        shift=fields.whole("shift", -MAX_PERIODS, MAX_PERIODS),
    )
    if 0 <= run.last < run.first < names.periods:
        faults.add(fields.at("last"), "run.ends_before_start", f"The run ends in period {run.last}, before its first, {run.first}.")
    return run


def _period(fields: Fields, key: str, periods: int) -> int:
    known_faults = len(fields.faults.faults)
    period = fields.whole(key, -MAX_COUNT, MAX_COUNT)
    if periods and not 0 <= period < periods and len(fields.faults.faults) == known_faults:
        message = f"Period {period} lies outside the horizon; periods are counted from 0 to {periods - 1}."
        fields.faults.add(fields.at(key), "run.outside_horizon", message)
    return period


def _current(top: Fields, names: Names) -> tuple[Run, ...]:
    runs = read_runs(top, "current", names)
    seen: dict[tuple[str, str], int] = {}
    for i, run in enumerate(runs):
        before = seen.setdefault((run.person, run.demand), i)
        if before != i and run.person and run.demand:
            message = f"{shown(run.person)} is on {shown(run.demand)} already in /current/{before}; the plan in force has one run of a person on a demand."
            top.faults.add(f"/current/{i}", "current.duplicate", message)
    return runs


def _policy(top: Fields) -> Policy:
    fields = Fields.of(top.found.get("policy", {}), "/policy", top.faults, known=_POLICY_KEYS, required=())
    return Policy(
        setup_cost=fields.whole("setup_cost", 0, MAX_RATE),
        churn_cost=fields.whole("churn_cost", 0, MAX_RATE),
        max_churn_minutes=fields.optional_whole("max_churn_minutes", 0, MAX_CHURN_MINUTES),
        frozen_periods=fields.whole("frozen_periods", 0, MAX_PERIODS),
        fairness_cost=fields.whole("fairness_cost", 0, MAX_RATE),
        band=fields.fractions_pair("band", 0, MAX_BAND_E4) or (0, E4),
    )


def _check_ids(problem: Problem, faults: FaultList) -> None:
    """Ids are unique among their kind, and no id is both a demand's and a project's (``preferences`` could mean either)."""
    people, work, projects = [p.id for p in problem.people], [d.id for d in problem.demands], [p.id for p in problem.projects]
    for key, ids in (("people", people), ("demands", work), ("projects", projects)):
        first_at: dict[str, int] = {}
        for i, name in enumerate(ids):
            if name and first_at.setdefault(name, i) != i:
                message = f"The id {shown(name)} is taken by /{key}/{first_at[name]}; each id is given once."
                faults.add(f"/{key}/{i}/id", "id.duplicate", message)
    demands = {d.id: i for i, d in enumerate(problem.demands) if d.id}
    named = [(f"/projects/{i}/id", p.id) for i, p in enumerate(problem.projects)]
    named += [(f"/demands/{i}/project", d.project) for i, d in enumerate(problem.demands)]
    for at, project in named:
        if project in demands:
            message = f"{shown(project)} is the id of a project and of the demand /demands/{demands[project]}; rename one of them."
            faults.add(at, "id.demand_and_project", message)

"""What somebody may see of scenarios: one with what has moved under it, and several side by side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.access import require
from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, Fault
from scheduler.domain.ground.paging import LIMIT_MAX, PageRequest
from scheduler.domain.ground.permissions import COST_READ, PLANS_READ, PRICE_READ, SCENARIOS_READ
from scheduler.domain.staffing.plan_changes import plan_changes
from scheduler.domain.staffing.plan_scope import SCOPE
from scheduler.domain.staffing.plans import PlanState
from scheduler.domain.staffing.scenario_changes import with_scenarios
from scheduler.planning.key_figures import value_coverage
from scheduler.queries.snapshot import AREAS
from scheduler.store import retried
from scheduler.store.scenario_stack import live_rows, stack_of
from solver_models.staffing.formats import plan_from_json, problem_from_json
from solver_models.staffing.value import difference, estimate_of_people

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.staffing.plans import Plan, PlanProblem
    from scheduler.domain.staffing.scenario_rows import LiveRows
    from scheduler.domain.staffing.scenarios import Scenario
    from scheduler.store import Store, View
    from solver_models.staffing.plan import Answer

COMPARED_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTarget:
    """A live row that is not what it was when the change to it was written down."""

    pointer: str
    area: str
    id: str
    name: str | None
    then_version: int
    now_version: int | None
    """``None``: the row is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenScenario:
    """A scenario, what has moved under it, and what of it does not fit any more."""

    scenario: Scenario
    moved: tuple[MovedTarget, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One column of a comparison: a scenario (``None``: the firm as it is) and its newest plan that has a result."""

    scenario: Scenario | None
    plan: Plan | None
    is_outdated: bool = False
    """Whether the scenario, or one below it, was edited since it was planned."""
    moved_rows: int = 0
    """Live rows that were added, changed or deleted since it was planned."""
    changes: int | None = None
    """Bookings that the plan makes, moves or drops."""
    value_coverage: float | None = None
    """Part of the wanted work that is filled, each hour weighted by what it brings; ``None`` also without the right to see prices."""
    worth_x60: tuple[int, int] | None = None
    """What lies between the best plans of the base and of the scenario, in minor units x 60; ``None`` where they cannot be compared."""
    estimate_x60: int | None = None
    """What the people whom the scenario has beyond the base are worth at the base's prices; ``None`` where it has other changes."""
    kept: PlanProblem | None = field(default=None, repr=False)
    """What the plan was computed from; not to be shown."""
    differs: tuple[str, ...] = ()
    """What was asked for otherwise than of the first column that has a plan."""


@retried
def get_scenario(store: Store, *, actor: Actor, scenario_id: str) -> SeenScenario:
    """One scenario with what has moved under it. Raises DomainError ``record.not_found``."""
    with store.read(actor) as view:
        scenario: Scenario = view.area("scenarios").get(scenario_id)
        if scenario.applied_at is not None:
            return SeenScenario(scenario=scenario, moved=(), faults=())
        live = live_rows(view)
        try:
            with_scenarios(live, stack_of(view.unrestricted.area("scenarios"), scenario))
        except DomainError as error:
            faults = error.faults or (Fault(pointer="", code=error.code, message=error.detail),)
        else:
            faults = ()
    return SeenScenario(scenario=scenario, moved=tuple(_moved(scenario, live)), faults=faults)


@retried
def compare_scenarios(store: Store, *, actor: Actor, scenario_ids: Sequence[str], weeks: Mapping[str, Any]) -> tuple[Compared, ...]:
    """
    The base and the scenarios, each with its newest plan that succeeded; ``weeks``: what those plans must have been asked for.

    Raises DomainError ``access.denied``, ``input.invalid`` for too many and for one that is not there.
    """
    with store.read(actor) as view:
        require(actor, SCENARIOS_READ)
        require(actor, PLANS_READ)
        scenarios = list(_named(view, scenario_ids))
        columns = [_column(view, None, weeks), *(_column(view, scenario, weeks) for scenario in scenarios)]
    first = next((column.plan for column in columns if column.plan is not None), None)
    columns = [_against(column, first) for column in columns]
    return tuple(columns if not actor.may(COST_READ) else (columns[0], *(_worth(columns[0], column) for column in columns[1:])))


def _named(view: View, scenario_ids: Sequence[str]) -> Iterator[Scenario]:
    faults = []
    if not 1 <= len(scenario_ids) <= COMPARED_MAX:
        message = f"{len(scenario_ids)} scenarios are named; 1 to {COMPARED_MAX} can be compared at a time."
        faults.append(Fault(pointer="/scenario_ids", code="list.length", message=message))
    for scenario_id in scenario_ids[:COMPARED_MAX]:
        if view.area("scenarios").find(scenario_id) is None:
            message = f"There is no scenario {scenario_id[:64]}; give ids of existing ones."
            faults.append(Fault(pointer="/scenario_ids", code="reference.not_found", message=message))
    if faults:
        raise invalid("comparison", *faults)
    for scenario_id in scenario_ids:
        yield view.area("scenarios").get(scenario_id)


def _column(view: View, scenario: Scenario | None, weeks: Mapping[str, Any]) -> Compared:
    found = next(iter(_plans(view, scenario, weeks)), None)
    plan = None if found is None else view.plans.get(found)
    kept = None if plan is None else view.unrestricted.plans.problem(plan.id)
    if kept is None:
        return Compared(scenario=scenario, plan=plan)
    then = dict(kept.row_versions)
    planned = then.pop("scenarios", {})
    is_outdated = False
    if scenario is not None:
        stack = stack_of(view.unrestricted.area("scenarios"), scenario)
        is_outdated = planned != {one.id: one.version for one in stack}
    assert plan is not None
    assert plan.result is not None
    return Compared(
        scenario=scenario,
        plan=plan,
        is_outdated=is_outdated,
        moved_rows=_moved_rows(view, then),
        kept=kept,
        changes=None if plan.result["view"]["assignments"] is None else len(plan_changes(plan.result["view"], kept.problem).changes),
        value_coverage=_value_coverage(plan.result["view"], kept.problem) if view.actor.may(PRICE_READ) else None,
    )


def _value_coverage(shown: Mapping[str, Any], problem: Mapping[str, Any]) -> float | None:
    return value_coverage(shown["demands"], {demand["id"]: int(demand["value_rate"]) for demand in problem["demands"]})


def _plans(view: View, scenario: Scenario | None, weeks: Mapping[str, Any]) -> Iterator[str]:
    """Ids of plans that answer the question, the newest first."""
    filters = {"state": PlanState.SUCCEEDED.value} | ({} if scenario is None else {"scenario_id": scenario.id})
    cursor: str | None = None
    while True:
        page = view.plans.page(PageRequest(sort="-created_at", filters=filters, limit=LIMIT_MAX, cursor=cursor))
        for plan in page.items:
            asked = all(plan.request.get(name) == value for name, value in weeks.items())
            if asked and (scenario is not None or plan.scenario_id is None):
                yield plan.id
        cursor = page.next_cursor
        if cursor is None:
            return


def _moved_rows(view: View, then: Mapping[str, Mapping[str, int]]) -> int:
    moved = 0
    for area in AREAS:
        known, now = then.get(area, {}), view.unrestricted.area(area).versions()
        moved += sum(known.get(row_id) != now.get(row_id) for row_id in {*known, *now})
    return moved


def _against(column: Compared, first: Plan | None) -> Compared:
    if column.plan is None or first is None:
        return column
    asked = ("horizon_start", "weeks", *SCOPE, "tentative", "min_probability", "policy", "cost_blind")
    differs = tuple(name for name in asked if column.plan.request.get(name) != first.request.get(name))
    return replace(column, differs=differs)


def _worth(base: Compared, column: Compared) -> Compared:
    """The column with what it is worth beyond the base, where both answer the same question about the same rows."""
    if base.plan is None or column.plan is None or base.kept is None or column.kept is None or column.differs:
        return column
    if any(rows != column.kept.row_versions.get(area) for area, rows in base.kept.row_versions.items() if area != "scenarios"):
        return column
    before, after = (_answer(one.plan, one.kept) for one in (base, column))
    worth = difference(before, after)
    return replace(
        column,
        worth_x60=None if worth is None else (worth.low_x60, worth.high_x60),
        estimate_x60=_estimate(base.kept.problem, column.kept.problem, before),
    )


def _answer(plan: Plan | None, kept: PlanProblem | None) -> Answer:
    assert plan is not None
    assert plan.result is not None
    assert kept is not None
    return plan_from_json(plan.result["answer"], problem_from_json(kept.problem))


def _estimate(before: Mapping[str, Any], after: Mapping[str, Any], answer: Answer) -> int | None:
    known = {person["id"] for person in before["people"]}
    fresh = {person["id"] for person in after["people"]} - known
    without = {**after, "people": [person for person in after["people"] if person["id"] not in fresh]}
    if not fresh or answer.certificate is None or without != {**before, "people": list(before["people"])}:
        return None
    return estimate_of_people(problem_from_json(after), answer.certificate, fresh)


def _moved(scenario: Scenario, live: LiveRows) -> Iterator[MovedTarget]:
    for number, change in enumerate(scenario.changes):
        if change.base_version is None or change.target is None:
            continue
        area, row_id = change.target
        row = live[area].get(row_id)
        version = None if row is None else row.version
        if version != change.base_version:
            yield MovedTarget(
                pointer=f"/changes/{number}",
                area=area,
                id=row_id,
                name=getattr(row, "name", None),
                then_version=change.base_version,
                now_version=version,
            )

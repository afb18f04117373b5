"""Scenarios: writing one, seeing one with what has moved under it, comparing several, and applying one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import Field

from api.schemas.fields import Day, Id, Instant, Integer, Name, Schema, WriteSchema
from api.schemas.people import PersonWrite
from api.schemas.plan_view import KeyFigures, NamedShape, ProofShape, TotalsShape
from api.schemas.plans import PlanWrite
from api.schemas.scenario_changes import SHAPES
from scheduler.domain.ground.ids import ScenarioId
from scheduler.domain.staffing.scenarios import CHANGES_MAX, Scenario
from scheduler.planning.hire_sweep import SKILLS_MAX, HireSweep
from scheduler.usecases.scenario_application import ScenarioTerms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.queries.scenarios import Compared, SeenScenario
    from scheduler.usecases.scenario_application import ScenarioApplication
    from scheduler.usecases.scenarios import SweptHires

AnyChange: Any = Annotated[Union[SHAPES], Field(discriminator="kind")]  # noqa: UP007 - a union of a tuple's members
Changes: Any = Annotated[list[AnyChange], Field(max_length=CHANGES_MAX)]


class ScenarioWrite(WriteSchema):
    """
    A named list of changes over the live rows or, with ``base_id``, over another scenario.

    Changes are made in their order, each to what the ones before it left. They have to fit; what does not is named by its place.
    """

    name: Name
    base_id: Id | None = None
    changes: Changes = Field(default_factory=list)

    def to_value(self, *, own_id: str) -> Scenario:
        """As the domain knows it. Raises DomainError."""
        return Scenario(
            id=ScenarioId(own_id),
            name=self.name,
            base_id=None if self.base_id is None else ScenarioId(self.base_id),
            changes=tuple(change.to_value() for change in self.changes),
        )


class ScenarioPatch(WriteSchema):
    """Fields to change; a field that is given replaces the whole old one: changes are sent as the whole list that shall be."""

    name: Name = ""
    base_id: Id | None = None
    changes: Changes = Field(default_factory=list)

    def patched(self, scenario: Scenario, *, version: int) -> Scenario:
        """The scenario with the given fields replaced, and the version that the caller saw. Raises DomainError."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "changes" in given:
            given["changes"] = tuple(change.to_value() for change in self.changes)
        values = {"name": scenario.name, "base_id": scenario.base_id, "changes": scenario.changes, **given}
        return Scenario(
            id=scenario.id,
            external_id=scenario.external_id,
            applied_at=scenario.applied_at,
            applied_by=scenario.applied_by,
            version=version,
            **values,
        )


class ScenarioRead(Schema):
    """A scenario as it is stored, in the form in which it can be sent back."""

    id: Id
    version: Integer
    name: str
    base_id: Id | None
    changes: list[dict[str, Any]]
    applied_at: Instant | None
    applied_by: Id | None


class MovedTargetRead(Schema):
    """A row that was changed since the change to it was written down; ``now_version`` null: it is gone."""

    pointer: str
    area: str
    id: Id
    name: str | None
    then_version: Integer
    now_version: Integer | None


class FitFault(Schema):
    """Why a change does not fit any more."""

    pointer: str
    code: str
    message: str


class ScenarioSeen(ScenarioRead):
    """A scenario with what has moved under it and what of it does not fit any more."""

    fits: bool
    faults: list[FitFault]
    moved: list[MovedTargetRead]


class SweptSkill(Schema):
    """A skill at a level."""

    skill_id: Id
    level: Annotated[Integer, Field(ge=1, le=5)]


class HireSweepWrite(WriteSchema):
    """
    What one more person of each skill would be worth: ``profile`` is hired once for each of ``skills``, and planned as ``plan`` says.

    A ``scenario_id`` in the plan is what all the hires stand on.
    """

    plan: PlanWrite
    profile: PersonWrite
    skills: Annotated[list[SweptSkill], Field(min_length=1, max_length=SKILLS_MAX)]

    def to_value(self) -> HireSweep:
        """As planning knows it. Raises DomainError."""
        return HireSweep(
            request=self.plan.to_value(),
            profile=self.profile.model_dump(mode="json", exclude_unset=True),
            skills=tuple((one.skill_id, one.level) for one in self.skills),
        )


class SweptHire(Schema):
    """One hire: its scenario and the plan that is being computed."""

    skill_id: Id
    level: Integer
    scenario_id: Id
    plan_id: Id


class HireSweepRead(Schema):
    """
    What was asked for. When the plans are done, ``compare`` has each hire's worth beyond the firm as it is.

    Plans are watched and cancelled one by one, as others are.
    """

    base_plan_id: Id
    hires: list[SweptHire]
    compare: Annotated[str, Field(description="The address of the comparison.")]


class CompareQuery(Schema):
    """What to compare."""

    scenario_ids: Annotated[str, Field(max_length=2000, description="Ids of scenarios with commas between; the base is always there.")]
    horizon_start: Annotated[Day | None, Field(description="Only plans that begin here.")] = None
    weeks: Annotated[int | None, Field(ge=1, le=520, description="Only plans of so many weeks.")] = None

    def named(self) -> list[str]:
        """The ids, each once."""
        return list(dict.fromkeys(one.strip() for one in self.scenario_ids.split(",") if one.strip()))

    def asked(self) -> dict[str, Any]:
        """What the plans must have been asked for."""
        wanted = {"horizon_start": None if self.horizon_start is None else self.horizon_start.isoformat(), "weeks": self.weeks}
        return {name: value for name, value in wanted.items() if value is not None}


class ComparedColumn(Schema):
    """
    The base (``scenario_id`` null) or one scenario, with its newest plan that succeeded; without one the rest is null.

    ``is_outdated``: the scenario was edited since; ``moved_rows``: live rows that moved since; ``differs``: what was asked for otherwise
    than of the first column that has a plan. ``worth_low_minor`` to ``worth_high_minor`` encloses what the best plan here brings beyond the best
    plan of the base; null unless both were asked the same of the same rows. ``estimate_minor``: of a scenario that only hires, at the prices
    of the base's plan; it may lie outside. All amounts are null without the right to see costs.
    """

    scenario_id: Id | None
    scenario_version: Integer | None
    name: str
    plan_id: Id | None
    is_outdated: bool
    moved_rows: Integer
    differs: list[str]
    totals: TotalsShape | None
    key_figures: KeyFigures | None
    value_coverage: float | None
    bench_minutes: Integer | None
    changes: Annotated[Integer | None, Field(description="Bookings that the plan makes, moves or drops.")]
    worth_low_minor: Integer | None
    worth_high_minor: Integer | None
    estimate_minor: Integer | None
    proof: ProofShape | None


class ComparedFill(Schema):
    """How much of a demand a column fills; null where the column does not have it."""

    effort_minutes: Integer
    filled_minutes: Integer


class ComparedDemand(Schema):
    """One demand across the columns."""

    demand: NamedShape
    project: NamedShape
    fills: list[ComparedFill | None]


class ComparedRun(Schema):
    """When, how much of and with how many minutes somebody is on a demand."""

    first_week: str
    last_week: str
    share: str
    total_minutes: Integer


class ComparedBooking(Schema):
    """One person on one demand across the columns."""

    person: NamedShape
    demand: NamedShape
    project: NamedShape
    runs: list[ComparedRun | None]


class Comparison(Schema):
    """Columns side by side; ``fills`` and ``runs`` are in the order of the columns."""

    columns: list[ComparedColumn]
    demands: list[ComparedDemand]
    bookings: list[ComparedBooking]


class ScenarioApplicationWrite(WriteSchema):
    """Whether a plan's bookings are made as well (``plan_id``), and how firm they shall be."""

    plan_id: Id | None = None
    state: Literal["tentative", "confirmed"] = "tentative"
    override_reason: Annotated[
        Name | None, Field(description="Why people are booked beyond their capacity; needs the right `bookings:overbook`.")
    ] = None

    def to_value(self, *, dry_run: bool) -> ScenarioTerms:
        """As the use case knows it."""
        return ScenarioTerms(
            plan_id=self.plan_id, confirmed=self.state == "confirmed", override_reason=self.override_reason, dry_run=dry_run
        )


class WrittenRowRead(Schema):
    """A live row that was ``added``, ``changed`` or ``deleted``."""

    area: str
    id: Id
    change: str


class ScenarioApplicationRead(Schema):
    """What applying a scenario did or, as a dry run, would do; ``scenario_ids``: it, and those it stands on that were not live yet."""

    scenario_id: Id
    version: Integer
    dry_run: bool
    scenario_ids: list[Id]
    plan_id: Id | None
    rows: list[WrittenRowRead]


def shown_change(kind: str, body: Any) -> dict[str, Any]:
    """As it can be sent back."""
    return {"kind": kind, **body}


def shown_scenario(scenario: Scenario) -> ScenarioRead:
    """As callers see it."""
    return ScenarioRead.model_construct(**_fields(scenario))


def _fields(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "version": scenario.version,
        "name": scenario.name,
        "base_id": scenario.base_id,
        "changes": [shown_change(change.kind, change.body) for change in scenario.changes],
        "applied_at": scenario.applied_at,
        "applied_by": scenario.applied_by,
    }


def shown_seen(seen: SeenScenario) -> ScenarioSeen:
    """As callers see it."""
    return ScenarioSeen.model_construct(
        **_fields(seen.scenario),
        fits=not seen.faults,
        faults=[FitFault(pointer=one.pointer, code=one.code, message=one.message) for one in seen.faults],
        moved=[
            MovedTargetRead(
                pointer=one.pointer,
                area=one.area,
                id=one.id,
                name=one.name,
                then_version=one.then_version,
                now_version=one.now_version,
            )
            for one in seen.moved
        ],
    )


def shown_comparison(columns: Sequence[Compared]) -> Comparison:
    """As callers see it."""
    views = [None if one.plan is None or one.plan.result is None else one.plan.result["view"] for one in columns]
    return Comparison.model_construct(
        columns=[_column(one, view) for one, view in zip(columns, views, strict=True)],
        demands=list(_demands(views)),
        bookings=list(_bookings(views)),
    )


def _column(one: Compared, view: Any) -> ComparedColumn:
    totals = None if view is None else view["totals"]
    return ComparedColumn.model_construct(
        scenario_id=None if one.scenario is None else one.scenario.id,
        scenario_version=None if one.scenario is None else one.scenario.version,
        name="As it is" if one.scenario is None else one.scenario.name,
        plan_id=None if one.plan is None else one.plan.id,
        is_outdated=one.is_outdated,
        moved_rows=one.moved_rows,
        differs=list(one.differs),
        totals=totals,
        key_figures=None if view is None else view.get("key_figures"),
        value_coverage=one.value_coverage,
        bench_minutes=None if totals is None else max(0, totals["capacity_minutes"] - totals["booked_minutes"]),
        changes=one.changes,
        worth_low_minor=None if one.worth_x60 is None else one.worth_x60[0] // 60,
        worth_high_minor=None if one.worth_x60 is None else -(-one.worth_x60[1] // 60),
        estimate_minor=None if one.estimate_x60 is None else one.estimate_x60 // 60,
        proof=None if view is None else view["proof"],
    )


def _demands(views: Sequence[Any]) -> Any:
    found: dict[str, tuple[Any, dict[int, Any]]] = {}
    for number, view in enumerate(views):
        for one in [] if view is None else view["demands"]:
            found.setdefault(one["demand"]["id"], (one, {}))[1][number] = one
    for first, by_column in sorted(found.values(), key=lambda row: (row[0]["project"]["name"], row[0]["demand"]["name"])):
        fills = [
            None
            if n not in by_column
            else {"effort_minutes": by_column[n]["effort_minutes"], "filled_minutes": by_column[n]["filled_minutes"]}
            for n in range(len(views))
        ]
        yield ComparedDemand.model_construct(demand=first["demand"], project=first["project"], fills=fills)


def _bookings(views: Sequence[Any]) -> Any:
    found: dict[tuple[str, str], tuple[Any, dict[int, Any]]] = {}
    for number, view in enumerate(views):
        for one in (view or {}).get("assignments") or []:
            found.setdefault((one["person"]["id"], one["demand"]["id"]), (one, {}))[1][number] = one
    told = ("first_week", "last_week", "share", "total_minutes")
    for first, by_column in sorted(found.values(), key=lambda row: (row[0]["person"]["name"], row[0]["demand"]["name"])):
        runs = [None if n not in by_column else {name: by_column[n][name] for name in told} for n in range(len(views))]
        yield ComparedBooking.model_construct(person=first["person"], demand=first["demand"], project=first["project"], runs=runs)


def shown_application(done: ScenarioApplication) -> ScenarioApplicationRead:
    """As callers see it."""
    return ScenarioApplicationRead.model_construct(
        scenario_id=done.scenario.id,
        version=done.scenario.version,
        dry_run=done.dry_run,
        scenario_ids=list(done.scenario_ids),
        plan_id=None if done.plan is None else done.plan.id,
        rows=[WrittenRowRead.model_construct(area=row.area, id=row.id, change=row.change) for row in done.rows],
    )


def shown_sweep(swept: SweptHires, *, skills: Sequence[tuple[str, int]], compare: str) -> HireSweepRead:
    """As callers see it."""
    hires = [
        SweptHire(skill_id=skill, level=level, scenario_id=scenario.id, plan_id=plan.id)
        for (skill, level), (scenario, plan) in zip(skills, swept.hires, strict=True)
    ]
    return HireSweepRead(base_plan_id=swept.base.id, hires=hires, compare=compare)

"""What becomes of a deal, and the demands that follow from a project's tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from api.schemas.fields import Day, Id, Integer, Schema, WriteSchema
from api.schemas.records import read_shape, shown
from api.schemas.work import EffortShape, ProjectWrite
from scheduler.domain.delivery.estimates import NoWork, Unplaced
from scheduler.domain.staffing.task_demands import Outcome

if TYPE_CHECKING:
    from scheduler.domain.staffing.task_demands import DerivedDemand
    from scheduler.usecases.deals import DealDone
    from scheduler.usecases.task_demands import Derived

PROJECT_READ = read_shape("Project", ProjectWrite)


class DemandsFromTasksWrite(WriteSchema):
    """Which days are no working days."""

    calendar_id: Annotated[Id | None, Field(description="Whose days off are none; null: every Monday to Friday is one.")] = None


class DerivedDemandRead(Schema):
    """
    A task, and what became of the demand that follows from its estimate.

    ``outcome``: `created`, `updated`, `unchanged`; `changed_by_hand`: effort, skills or grade were changed since, so it stays as it is;
    `not_wanted`: nothing follows from its task any more, and it stays as it is; `too_much`: more minutes in a week than a demand can
    have; `left_out`: nothing follows from the task, for ``reason``. ``effort``: the demand's, as it is now.
    """

    task_id: Id
    outcome: Outcome | Annotated[str, Field(pattern="^left_out$")]
    reason: NoWork | None
    demand_id: Id | None
    wanted_minutes: Annotated[Integer, Field(description="What follows from the task.")]
    effort: list[EffortShape]

    @classmethod
    def of(cls, found: DerivedDemand | Unplaced) -> Self:
        """As HTTP shows it."""
        if isinstance(found, Unplaced):
            return cls.model_construct(
                task_id=found.task_id, outcome="left_out", reason=found.reason, demand_id=None, wanted_minutes=0, effort=[]
            )
        return cls.model_construct(
            task_id=found.task_id,
            outcome=found.outcome,
            reason=None,
            demand_id=None if found.demand is None else found.demand.id,
            wanted_minutes=found.wanted_minutes,
            effort=[] if found.demand is None else [EffortShape.of(one) for one in found.demand.effort],
        )


class DemandsFromTasksRead(Schema):
    """Every task that has a demand or could have one, and what became of it."""

    dry_run: bool
    items: list[DerivedDemandRead]


class WonDealWrite(WriteSchema):
    """Where the project really begins."""

    starts: Annotated[
        Day | None,
        Field(
            description="The project begins on the first working day from here on, and all of it moves: tasks and bookings without a demand "
            "by working days, demands and their bookings by whole weeks. Null: all stays where it is."
        ),
    ] = None
    calendar_id: Annotated[Id | None, Field(description="Whose days off are no working days.")] = None


class LostDealWrite(WriteSchema):
    """From when on nobody is booked on it."""

    from_: Annotated[
        Day | None, Field(alias="from", description="Bookings end on this Monday, those that begin later go; null: all go.")
    ] = None


class DealRead(Schema):
    """The project as it is now, and the ids of what moved, ended earlier or went with it."""

    project: PROJECT_READ  # type: ignore[valid-type]  # made by a function
    tasks_moved: list[Id]
    demands_moved: list[Id]
    bookings_moved: list[Id]
    bookings_shortened: list[Id]
    bookings_deleted: list[Id]


def shown_deal(done: DealDone) -> DealRead:
    """As callers see it."""
    ids: dict[str, Any] = {name: list(getattr(done, name)) for name in DealRead.model_fields if name != "project"}
    return DealRead.model_construct(project=shown(PROJECT_READ, done.project), **ids)


def shown_derived(derived: Derived, *, dry_run: bool) -> DemandsFromTasksRead:
    """As callers see it."""
    return DemandsFromTasksRead.model_construct(dry_run=dry_run, items=[DerivedDemandRead.of(one) for one in derived])

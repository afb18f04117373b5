"""What a list can be asked for: page, order, filters, and the moment whose state is wanted."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, StringConstraints

from api.schemas.fields import Day, Instant, Schema, checked_text
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.paging import LIMIT_MAX, PageRequest
from scheduler.domain.staffing.absence_requests import RequestState
from scheduler.domain.staffing.people import DayPart
from scheduler.domain.staffing.plans import PlanState
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState

Word = Annotated[str, StringConstraints(max_length=200), BeforeValidator(checked_text)]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


class ReadQuery(Schema):
    """Reading one thing."""

    as_of: Annotated[Instant | None, Field(description="The state that was recorded at this instant; without it, the present one.")] = None


class ListQuery(ReadQuery):
    """Reading a list."""

    sort: Annotated[Word | None, Field(description="A field of the list, with a minus in front for descending order.")] = None
    cursor: Annotated[str | None, Field(max_length=2000, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description="Most items in the page.")] = 100
    paging: ClassVar[frozenset[str]] = frozenset({"as_of", "sort", "cursor", "limit"})

    def page_request(self) -> PageRequest:
        """As the store knows it; every field that is not about paging is a filter."""
        given = self.model_dump(by_alias=True, exclude=set(self.paging), exclude_none=True)
        filters = {name: _text(value) for name, value in given.items()}
        return PageRequest(sort=self.sort, filters=filters, cursor=self.cursor, limit=self.limit)


class NamedList(ListQuery):
    """What has a name."""

    name: Annotated[Word | None, Field(description="Text within the name, in any case; no character is a wildcard.")] = None
    external_id: Word | None = None


class _InPeriod(ListQuery):
    from_: Annotated[Day | None, Field(alias="from", description="What has not ended on this day.")] = None
    until: Annotated[Day | None, Field(description="What has begun before this day.")] = None
    external_id: Word | None = None


class SkillList(NamedList):
    """Skills."""

    family: Word | None = None


class CalendarList(NamedList):
    """Calendars."""

    country: Word | None = None


class PersonList(NamedList):
    """People."""

    team: Word | None = None
    email: Word | None = None
    skill_id: Word | None = None
    location: Word | None = None


class AbsenceList(_InPeriod):
    """Absences."""

    person_id: Word | None = None
    kind: Word | None = None
    part: DayPart | None = None


class AbsenceKindList(NamedList):
    """Kinds of absences."""


class AbsenceRequestList(_InPeriod):
    """Requests for absences."""

    person_id: Word | None = None
    kind_id: Word | None = None
    state: RequestState | None = None


class ClientList(NamedList):
    """Clients."""


class ProjectList(NamedList):
    """Projects."""

    client_id: Word | None = None
    state: ProjectState | None = None
    contract: ContractKind | None = None


class DemandList(NamedList):
    """Demands."""

    project_id: Word | None = None
    skill_id: Word | None = None


class BookingList(_InPeriod):
    """Bookings."""

    person_id: Word | None = None
    project_id: Word | None = None
    demand_id: Word | None = None
    plan_id: Word | None = None
    state: BookingState | None = None
    over_capacity: Annotated[
        bool | None, Field(description="Whether it takes a day on which more is booked than the person's capacity.")
    ] = None


class ExpenseCategoryList(NamedList):
    """Expense categories."""


class ExpenseList(ListQuery):
    """Expenses."""

    from_: Annotated[Day | None, Field(alias="from", description="What was spent on this day or later.")] = None
    until: Annotated[Day | None, Field(description="What was spent before this day.")] = None
    person_id: Word | None = None
    project_id: Word | None = None
    task_id: Word | None = None
    category_id: Word | None = None
    state: LineState | None = None
    external_id: Word | None = None


class ScenarioList(NamedList):
    """Scenarios."""

    base_id: Word | None = None


class PlanList(Schema):
    """Plans."""

    state: PlanState | None = None
    scenario_id: Word | None = None
    sort: Annotated[Word | None, Field(description="A field of the list, with a minus in front for descending order.")] = None
    cursor: Annotated[str | None, Field(max_length=2000)] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = 100

"""The forecast of revenue as callers ask for it and see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from api.schemas.fields import Day, Id, Integer, Schema
from api.schemas.reports import DAYS_MAX, days_between

if TYPE_CHECKING:
    from scheduler.domain.ground.interval import DateInterval
    from scheduler.queries.revenue_forecast import ProjectMonth, RevenueForecast


class ForecastQuery(Schema):
    """Which days."""

    start: Annotated[Day, Field(description="The first day.")]
    end: Annotated[Day, Field(description="The day after the last one.")]

    def days(self) -> DateInterval:
        """The days asked for."""
        return days_between(self.start, self.end, most=DAYS_MAX)


class ProjectMonthRead(Schema):
    """
    What is booked on a project in a calendar month, and what that is worth in minor units.

    ``billed_minor`` is in ``currency``, that of the contract; the other amounts are in the firm's. Amounts are null where the caller may not see
    them. ``unpriced_minutes`` have no rate and are in no amount. ``expected_minor``: revenue by the chance that the work comes.
    """

    project_id: Id
    project_name: str
    month: Annotated[str, Field(description="YYYY-MM")]
    minutes: Integer
    unpriced_minutes: int | None
    currency: str
    billed_minor: int | None
    revenue_minor: int | None
    expected_minor: int | None
    cost_minor: int | None
    margin_minor: int | None


class RevenueForecastRead(Schema):
    """By project and month, in this order; ``currency``: the firm's."""

    currency: str
    months: list[ProjectMonthRead]


def shown_forecast(found: RevenueForecast) -> RevenueForecastRead:
    """As callers see it."""
    return RevenueForecastRead.model_construct(currency=found.currency, months=[_month(one) for one in found.months])


def _month(one: ProjectMonth) -> ProjectMonthRead:
    given = {name: getattr(one, name) for name in ProjectMonthRead.model_fields if name != "month"}
    return ProjectMonthRead.model_construct(month=f"{one.month:%Y-%m}", **given)

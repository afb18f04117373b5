"""Planned margins as callers see them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from api.schemas.fields import Day, Integer, Schema

if TYPE_CHECKING:
    from scheduler.queries.margins import Margins, MonthMargin

MONTHS_MAX = 12


class MarginQuery(Schema):
    """Which calendar months."""

    from_: Annotated[
        str | None,
        Field(
            alias="from", pattern="^(19[7-9][0-9]|20[0-9][0-9]|21[0-9][0-9])-(0[1-9]|1[0-2])$", description="Such as 2027-03; this month."
        ),
    ] = None
    months: Annotated[int, Field(ge=1, le=MONTHS_MAX, description="How many from then on.")] = 6

    def first(self, today: date) -> date:
        """A day in the first month."""
        return today if self.from_ is None else date.fromisoformat(f"{self.from_}-01")


class MonthRead(Schema):
    """
    What is booked in a calendar month, and what it brings and costs in minor units of the currency.

    Amounts are null where the caller may not see them; ``suppressed`` says by which rule cost and margin are kept back.
    ``unpriced_minutes`` have no bill rate and are not in the revenue. Where ``cost_basis`` is ``group_rate`` the cost is the booked
    minutes at the mean cost rate of ``rate_people`` people, as it was fixed on ``rate_fixed_on``.
    """

    month: Annotated[str, Field(description="YYYY-MM")]
    minutes: Integer
    unpriced_minutes: Integer
    revenue_minor: int | None
    cost_minor: int | None
    margin_minor: int | None
    suppressed: Literal["aggregate.too_small"] | None
    rate_fixed_on: Day | None
    rate_people: int | None


class GroupRead(Schema):
    """The months of a team; ``team`` is null for the whole firm."""

    team: str | None
    months: list[MonthRead]


class MarginsRead(Schema):
    """The report. ``planned``: from bookings, tentative ones included, not from time recorded or invoices."""

    kind: Literal["planned"]
    currency: str
    cost_basis: Annotated[Literal["own_rates", "group_rate"], Field(description="Everybody's own cost rates, or their group's mean.")]
    groups: list[GroupRead]


def shown_margins(found: Margins) -> MarginsRead:
    """As callers see it."""
    return MarginsRead.model_construct(
        kind="planned",
        currency=found.currency,
        cost_basis="own_rates" if found.own_rates else "group_rate",
        groups=[GroupRead.model_construct(team=group.team, months=[_month(month) for month in group.months]) for group in found.groups],
    )


def _month(found: MonthMargin) -> MonthRead:
    return MonthRead.model_construct(
        month=f"{found.month:%Y-%m}",
        minutes=found.minutes,
        unpriced_minutes=found.unpriced_minutes,
        revenue_minor=found.revenue_minor,
        cost_minor=found.cost_minor,
        margin_minor=found.margin_minor,
        suppressed=found.suppressed,
        rate_fixed_on=None if found.rate is None else found.rate.fixed_on,
        rate_people=None if found.rate is None else found.rate.people,
    )

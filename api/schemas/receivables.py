"""What clients owe, how long billing takes, and profitability, as callers see them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from api.schemas.fields import Currency, Day, Id, Integer, Schema
from api.schemas.lists import Word
from scheduler.domain.billing.months import month_of
from scheduler.domain.billing.receivables import Bucket
from scheduler.domain.delivery.forecast import SpentLine
from scheduler.queries.profitability import Dimension

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from scheduler.domain.billing.journal import Worth
    from scheduler.domain.billing.receivables import CycleTime
    from scheduler.domain.delivery.forecast import Amounts
    from scheduler.queries.profitability import Profitability, ProfitRow, ProfitRows
    from scheduler.queries.receivables import BillingCycle, Receivables

DAYS_MAX = 366
_TENTH = Decimal("0.1")


class ReceivablesQuery(Schema):
    """As of which day."""

    on: Annotated[Day | None, Field(description="At the end of this day; today.")] = None


class DaysQuery(Schema):
    """Which days, both included."""

    from_: Annotated[Day | None, Field(alias="from", description="The first; that of the last day's month.")] = None
    until: Annotated[Day | None, Field(description="The last; today.")] = None

    def days(self, today: date) -> tuple[date, date]:
        """The last 366 of them where more are asked for."""
        last = self.until or today
        first = self.from_ or month_of(last)
        return max(first, last - timedelta(days=DAYS_MAX - 1)), last


class ProfitabilityQuery(DaysQuery):
    """Which days, and what figures are put together by."""

    by: Dimension = Dimension.PROJECT


class ProfitLinesQuery(ProfitabilityQuery):
    """The lines of which group."""

    key: Annotated[Word | None, Field(description="`key` of the group; without it the lines of none.")] = None


class WorthRead(Schema):
    """An amount in minor units of its currency, and what it counts for in the firm's."""

    minor: int
    home_minor: int


class BucketsRead(Schema):
    """What is owed by how long it has been due."""

    not_due: WorthRead
    days_1_30: WorthRead
    days_31_60: WorthRead
    days_61_90: WorthRead
    over_90: WorthRead
    total: WorthRead


class ClientDebtRead(Schema):
    """What one client owes in one currency; below 0: what it is owed."""

    client_id: Id
    currency: Currency
    owed: BucketsRead


class CurrencyDebtRead(Schema):
    """What all clients owe in one currency, and how many days of sales that is (count-back; null: more than two years of them)."""

    currency: Currency
    owed: BucketsRead
    days_sales_outstanding: Annotated[str | None, Field(description="With one decimal place.")]


class ReceivablesRead(Schema):
    """What clients owe at the end of a day, currency by currency."""

    on: Day
    home_currency: Currency
    clients: list[ClientDebtRead]
    currencies: list[CurrencyDebtRead]


class CycleRead(Schema):
    """Days from work to bill, each weighted by its amount; `client_id` is null for all clients."""

    client_id: Id | None
    currency: Currency
    amount_minor: int
    mean_days: Annotated[str, Field(description="With one decimal place.")]
    median_days: Integer


class BillingCycleRead(Schema):
    """How long work waited for its bill."""

    first: Day
    last: Day
    cycles: list[CycleRead]


class ProfitAmountsRead(Schema):
    """Minutes and, in the firm's currency, value at bill rates, cost and margin. Minutes without a rate are in no amount."""

    minutes: int
    value_minor: int
    cost_minor: int
    margin_minor: int
    unpriced_minutes: int
    uncosted_minutes: int


class ProfitGroupRead(Schema):
    """A project, client, person or team: what was planned, what was done, and what was earned by the books."""

    key: str | None
    name: str | None
    planned: ProfitAmountsRead
    actual: ProfitAmountsRead
    earned_minor: Annotated[int | None, Field(description="Of the whole months in which the days lie; null by person and team.")]


class ProfitabilityRead(Schema):
    """Plan against actual in money."""

    first: Day
    last: Day
    home_currency: Currency
    by: Dimension
    groups: list[ProfitGroupRead]


class ProfitLineRead(Schema):
    """One person's work of a day, or an expense."""

    day: Day
    kind: Annotated[str, Field(description="`planned`, `worked` or `expense`.")]
    project_id: Id
    project: str
    person_id: Id
    person: str
    task_id: Id | None
    demand_id: Id | None
    minutes: int
    value_minor: int
    cost_minor: int


class ProfitLinesRead(Schema):
    """Lines that add up to a group; `is_cut`: there are more than can be shown at once, ask for fewer days."""

    lines: list[ProfitLineRead]
    is_cut: bool


def shown_receivables(found: Receivables) -> ReceivablesRead:
    """As callers see it."""
    return ReceivablesRead.model_construct(
        on=found.on,
        home_currency=found.home_currency,
        clients=[
            ClientDebtRead.model_construct(client_id=one.client_id, currency=one.currency, owed=_buckets(one.buckets))
            for one in found.clients
        ],
        currencies=[
            CurrencyDebtRead.model_construct(
                currency=currency, owed=_buckets(buckets), days_sales_outstanding=_days(found.days_sales_outstanding[currency])
            )
            for currency, buckets in sorted(found.totals.items())
        ],
    )


def shown_cycle(found: BillingCycle, first: date, last: date) -> BillingCycleRead:
    """As callers see it: all clients of a currency, then each."""
    cycles = [_cycle(None, currency, one) for currency, one in found.currencies.items()]
    cycles += [_cycle(client, currency, one) for (client, currency), one in found.clients.items()]
    return BillingCycleRead.model_construct(first=first, last=last, cycles=cycles)


def shown_profitability(found: Profitability, by: Dimension) -> ProfitabilityRead:
    """As callers see it."""
    groups = [
        ProfitGroupRead.model_construct(
            key=one.key, name=one.name, planned=_amounts(one.planned), actual=_amounts(one.actual), earned_minor=one.earned_minor
        )
        for one in found.groups
    ]
    return ProfitabilityRead.model_construct(first=found.first, last=found.last, home_currency=found.home_currency, by=by, groups=groups)


def shown_lines(found: ProfitRows) -> ProfitLinesRead:
    """As callers see it."""
    return ProfitLinesRead.model_construct(lines=[_line(row) for row in found.rows], is_cut=found.is_cut)


def _line(row: ProfitRow) -> ProfitLineRead:
    line = row.line
    kind = "planned" if line.is_booked else "expense" if isinstance(line, SpentLine) else "worked"
    return ProfitLineRead.model_construct(
        day=line.day,
        kind=kind,
        project_id=line.project_id,
        project=row.project,
        person_id=line.person_id,
        person=row.person,
        task_id=line.task_id,
        demand_id=line.demand_id,
        minutes=line.minutes,
        value_minor=line.bill_minor,
        cost_minor=line.cost_minor,
    )


def _amounts(one: Amounts) -> ProfitAmountsRead:
    return ProfitAmountsRead.model_construct(
        minutes=one.minutes,
        value_minor=one.bill_minor,
        cost_minor=one.cost_minor,
        margin_minor=one.bill_minor - one.cost_minor,
        unpriced_minutes=one.unpriced_minutes,
        uncosted_minutes=one.uncosted_minutes,
    )


def _buckets(buckets: Mapping[Bucket, Worth]) -> BucketsRead:
    total = WorthRead.model_construct(
        minor=sum(one.minor for one in buckets.values()), home_minor=sum(one.home for one in buckets.values())
    )
    return BucketsRead.model_construct(
        not_due=_worth(buckets[Bucket.NOT_DUE]),
        days_1_30=_worth(buckets[Bucket.DAYS_1_30]),
        days_31_60=_worth(buckets[Bucket.DAYS_31_60]),
        days_61_90=_worth(buckets[Bucket.DAYS_61_90]),
        over_90=_worth(buckets[Bucket.OVER_90]),
        total=total,
    )


def _worth(worth: Worth) -> WorthRead:
    return WorthRead.model_construct(minor=worth.minor, home_minor=worth.home)


def _cycle(client_id: str | None, currency: str, one: CycleTime) -> CycleRead:
    return CycleRead.model_construct(
        client_id=client_id, currency=currency, amount_minor=one.amount_minor, mean_days=_days(one.mean) or "", median_days=one.median
    )


def _days(days: Fraction | None) -> str | None:
    if days is None:
        return None
    return str((Decimal(days.numerator) / Decimal(days.denominator)).quantize(_TENTH, rounding=ROUND_HALF_UP))

"""Closed months, balances taken over and adjustments as callers see them, and which months a report is of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from api.schemas.fields import MOST_MINOR, Day, Flag, Id, Instant, Integer, Name, Schema, WriteSchema, checked_text
from api.schemas.lists import ListQuery, Word
from api.schemas.records import page_shape
from scheduler.domain.billing.ledger import REASON_MAX, ContractOpening, RevenueAdjustment
from scheduler.domain.billing.months import following, month_of
from scheduler.domain.ground.ids import AdjustmentId, ContractId, OpeningId
from scheduler.queries.ledger import Months

if TYPE_CHECKING:
    from scheduler.domain.billing.ledger import ClosedMonth
    from scheduler.domain.ground.ids import ActorId

MONTHS_MAX = 36
Month = Annotated[str, StringConstraints(pattern="^(19[7-9][0-9]|20[0-9][0-9]|21[0-9][0-9])-(0[1-9]|1[0-2])$")]
Signed = Annotated[Integer, Field(ge=-MOST_MINOR, le=MOST_MINOR)]
Lines = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=REASON_MAX), BeforeValidator(checked_text)]


def first_of(month: str) -> date:
    """The first day of a month that is written as 2027-03."""
    return date.fromisoformat(f"{month}-01")


class MonthsQuery(Schema):
    """Which calendar months, both included."""

    from_: Annotated[Month | None, Field(alias="from", description="The first, such as 2027-01; that of `until`.")] = None
    until: Annotated[Month | None, Field(description="The last; this month.")] = None

    def wanted(self, today: date) -> Months:
        """At most so many months, the last ones where more are asked for."""
        last = month_of(today) if self.until is None else first_of(self.until)
        first = last if self.from_ is None else first_of(self.from_)
        return Months(first=max(first, following(last, by=1 - MONTHS_MAX)), last=last)


class JournalFormat(StrEnum):
    """Files of the journal."""

    CSV = "csv"
    DATEV = "datev"


class JournalFileQuery(MonthsQuery):
    """Which months, as which file; `consultant` and `client` are the firm's numbers at DATEV, which that file needs."""

    format: JournalFormat = JournalFormat.CSV
    consultant: Annotated[int, Field(ge=1001, le=9_999_999)] = 1001
    client: Annotated[int, Field(ge=1, le=99_999)] = 1
    fiscal_year_start: Annotated[Day | None, Field(description="Of the months; the first of January.")] = None
    account_digits: Annotated[int, Field(ge=4, le=8)] = 4


class RollForwardQuery(MonthsQuery):
    """Which months, of which contract or client."""

    contract_id: Word | None = None
    client_id: Word | None = None


class ClosedMonthList(ListQuery):
    """Closed months."""

    from_: Annotated[Day | None, Field(alias="from", description="Months that begin on this day or later.")] = None
    until: Annotated[Day | None, Field(description="Months that begin before this day.")] = None
    external_id: Word | None = None


class ContractOpeningList(ListQuery):
    """Balances that were taken over."""

    contract_id: Word | None = None
    external_id: Word | None = None


class RevenueAdjustmentList(ListQuery):
    """Adjustments."""

    from_: Annotated[Day | None, Field(alias="from", description="Of this day or a later one.")] = None
    until: Annotated[Day | None, Field(description="Of a day before this one.")] = None
    contract_id: Word | None = None
    external_id: Word | None = None


class MonthCloseWrite(WriteSchema):
    """A month to be closed, for good."""

    month: Annotated[Month, Field(description="Such as 2027-01; it is over, and every earlier one is closed.")]
    dry_run: Annotated[Flag, Field(description="Only say what would be kept.")] = False


class ContractOpeningWrite(WriteSchema):
    """What other books say of a contract before the month from which these count; amounts in minor units, before tax."""

    contract_id: Id
    month: Annotated[Month, Field(description="The first month that these books have.")]
    earned_minor: Annotated[Signed, Field(description="All that was earned before it, in the contract's currency.")]
    billed_minor: Annotated[Signed, Field(description="All that was billed before it.")]
    home_minor: Annotated[Signed, Field(description="What the difference is carried at in the firm's currency; 0 where there is none.")]
    external_id: Name | None = None

    def to_value(self, *, own_id: str) -> ContractOpening:
        """As the domain knows it. Raises DomainError."""
        return ContractOpening(
            id=OpeningId(own_id),
            contract_id=ContractId(self.contract_id),
            month=first_of(self.month),
            earned_minor=self.earned_minor,
            billed_minor=self.billed_minor,
            home_minor=self.home_minor,
            external_id=self.external_id,
        )


class ContractOpeningRead(ContractOpeningWrite):
    """A balance that was taken over."""

    id: Id
    version: Integer


class RevenueAdjustmentWrite(WriteSchema):
    """An amount that is added to a contract's revenue and balance by hand, with its reason; its opposite takes it back."""

    contract_id: Id
    day: Annotated[Day, Field(description="In a month that is open.")]
    amount_minor: Annotated[Signed, Field(description="In minor units of the contract's currency, not 0; below 0 it is taken away.")]
    reason: Lines
    external_id: Name | None = None

    def to_value(self, *, own_id: str, by: ActorId) -> RevenueAdjustment:
        """As the domain knows it. Raises DomainError."""
        return RevenueAdjustment(
            id=AdjustmentId(own_id),
            contract_id=ContractId(self.contract_id),
            day=self.day,
            amount_minor=self.amount_minor,
            reason=self.reason,
            made_at=datetime.now(UTC),
            made_by=by,
            external_id=self.external_id,
        )


class RevenueAdjustmentRead(RevenueAdjustmentWrite):
    """An adjustment."""

    id: Id
    version: Integer
    made_at: Instant
    made_by: Id


class ClosedMonthRead(Schema):
    """A closed month; its hashes tell whether its rows, and those of months before, are what was kept."""

    id: Id
    month: Month
    closed_at: Instant
    closed_by: Id
    content_sha256: str
    chain_sha256: str
    version: Integer


ClosedMonthPage = page_shape("ClosedMonthPage", ClosedMonthRead)
ContractOpeningPage = page_shape("ContractOpeningPage", ContractOpeningRead)
RevenueAdjustmentPage = page_shape("RevenueAdjustmentPage", RevenueAdjustmentRead)


def said(month: date) -> str:
    """As 2027-03."""
    return f"{month:%Y-%m}"


def shown_month(one: ClosedMonth) -> ClosedMonthRead:
    """As callers see it."""
    return ClosedMonthRead.model_construct(
        id=one.id,
        month=said(one.month),
        closed_at=one.closed_at,
        closed_by=one.closed_by,
        content_sha256=one.content_sha256,
        chain_sha256=one.chain_sha256,
        version=one.version,
    )


def shown_opening(one: ContractOpening) -> ContractOpeningRead:
    """As callers see it."""
    return ContractOpeningRead.model_construct(
        id=one.id,
        version=one.version,
        contract_id=one.contract_id,
        month=said(one.month),
        earned_minor=one.earned_minor,
        billed_minor=one.billed_minor,
        home_minor=one.home_minor,
        external_id=one.external_id,
    )


def shown_adjustment(one: RevenueAdjustment) -> RevenueAdjustmentRead:
    """As callers see it."""
    return RevenueAdjustmentRead.model_construct(
        id=one.id,
        version=one.version,
        contract_id=one.contract_id,
        day=one.day,
        amount_minor=one.amount_minor,
        reason=one.reason,
        external_id=one.external_id,
        made_at=one.made_at,
        made_by=one.made_by,
    )

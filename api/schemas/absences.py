"""Kinds of absences, requests for them, what a decision came to, and balances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints

from api.schemas.fields import Day, Flag, Id, Instant, Integer, Name, RecordWrite, Schema, WriteSchema
from api.schemas.lists import ReadQuery
from api.schemas.people import Period
from api.schemas.records import read_shape, shown
from scheduler.domain.ground.ids import AbsenceKindId, AbsenceRequestId, PersonId
from scheduler.domain.staffing.absence_balances import RowKind
from scheduler.domain.staffing.absence_kinds import (
    ENTITLEMENT_MAX,
    FIRST_YEAR,
    LAST_YEAR,
    AbsenceKind,
    Accrual,
    BalanceUnit,
    BeyondBalance,
)
from scheduler.domain.staffing.absence_requests import AbsenceRequest, RequestState
from scheduler.domain.staffing.work import BookingState

if TYPE_CHECKING:
    from scheduler.queries.absence_balances import KindBalance
    from scheduler.usecases.absence_requests import RequestOutcome

Units = Annotated[Integer, Field(ge=0, le=ENTITLEMENT_MAX)]
Year = Annotated[Integer, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
MonthAndDay = Annotated[str, StringConstraints(strict=True, pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class AbsenceKindWrite(RecordWrite):
    """
    A kind of absence and its policy. Absences bear its name, so it never changes.

    ``entitlement``, ``full_week`` and ``carry_over_max`` are counted in ``unit``: half days, or minutes.
    """

    name: Name
    needs_approval: Flag = True
    is_always_recordable: Annotated[
        Flag, Field(description="Sickness: recorded whatever else is there, and its days count against no other kind.")
    ] = False
    unit: BalanceUnit = BalanceUnit.HALF_DAYS
    entitlement: Annotated[Units | None, Field(description="A year's; null: no balance is kept.")] = None
    full_week: Annotated[
        Annotated[Integer, Field(ge=1, le=ENTITLEMENT_MAX)] | None,
        Field(description="The working week that it is for; whoever works less gets less. Null: all get the same."),
    ] = None
    first_year: Annotated[Year | None, Field(description="Goes with `entitlement`: balances begin in this year, with nothing.")] = None
    accrual: Accrual = Accrual.UP_FRONT
    carry_over_max: Annotated[Units | None, Field(description="Null: all that is left.")] = None
    carry_over_until: Annotated[MonthAndDay | None, Field(description="Last day for what was carried over, such as `03-31`.")] = None
    beyond_balance: BeyondBalance = BeyondBalance.REFUSED
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> AbsenceKind:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name not in ("id", "version")}
        return AbsenceKind(id=AbsenceKindId(own_id), version=version, **given)

    @classmethod
    def of(cls, value: AbsenceKind) -> Self:
        """What a caller would send."""
        return cls.model_construct(**{name: getattr(value, name) for name in AbsenceKindWrite.model_fields})


class AbsenceRequestWrite(RecordWrite):
    """Days off that somebody asks for; ``first_half`` and ``last_half``: only half of the first, or last, day."""

    shown_only: ClassVar[Mapping[str, Any]] = {
        "state": RequestState,
        "requested_by": Id | None,
        "requested_at": Instant | None,
        "decided_by": Id | None,
        "decided_at": Instant | None,
        "reason": str | None,
    }
    read_only: ClassVar[frozenset[str]] = WriteSchema.read_only | set(shown_only)

    person_id: Id
    kind_id: Id | None
    period: Period
    first_half: Flag = False
    last_half: Flag = False
    note: Name | None = None
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> AbsenceRequest:
        """As the domain knows it."""
        return AbsenceRequest(
            id=AbsenceRequestId(own_id),
            version=version,
            person_id=PersonId(self.person_id),
            kind_id=None if self.kind_id is None else AbsenceKindId(self.kind_id),
            period=self.period.to_value(),
            first_half=self.first_half,
            last_half=self.last_half,
            note=self.note,
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: AbsenceRequest) -> Self:
        """What a caller would send."""
        given = {name: getattr(value, name) for name in AbsenceRequestWrite.model_fields if name != "period"}
        return cls.model_construct(**given, period=Period.of(value.period))


AbsenceRequestRead = read_shape("AbsenceRequest", AbsenceRequestWrite)


class DecisionWrite(WriteSchema):
    """Why a request is rejected, or an approval taken back; the person reads it."""

    reason: Name


class HitBookingRead(Schema):
    """A booking that is beyond capacity in the weeks of the absence."""

    booking_id: Id
    project_id: Id
    demand_id: Id | None
    state: BookingState
    period: Period


class ReplanBody(Schema):
    """What to send: the weeks of the absence and the projects of the demands; nothing else is planned."""

    horizon_start: Day
    weeks: Integer
    project_ids: list[Id]


class ReplanRead(Schema):
    """The request that asks for a plan of what the absence has hit."""

    method: Literal["POST"]
    address: str
    body: ReplanBody


class AbsenceRequestOutcome(Schema):
    """A request, what is to be said of it, the bookings that it has hit, and how to find others for them."""

    request: AbsenceRequestRead  # type: ignore[valid-type]
    warnings: list[str]
    bookings: list[HitBookingRead]
    replan: ReplanRead | None


def shown_outcome(outcome: RequestOutcome, *, plans: str) -> AbsenceRequestOutcome:
    """As HTTP shows it; ``plans``: the address where plans are asked for."""
    hit = [
        HitBookingRead.model_construct(
            booking_id=one.id, project_id=one.project_id, demand_id=one.demand_id, state=one.state, period=Period.of(one.period)
        )
        for one in outcome.bookings
    ]
    replan = None
    if outcome.replan is not None:
        asked = outcome.replan
        body = ReplanBody(horizon_start=asked.horizon_start, weeks=asked.weeks, project_ids=list(asked.project_ids))
        replan = ReplanRead(method="POST", address=plans, body=body)
    return AbsenceRequestOutcome.model_construct(
        request=shown(AbsenceRequestRead, outcome.request), warnings=list(outcome.warnings), bookings=hit, replan=replan
    )


class BalanceQuery(ReadQuery):
    """Which year."""

    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


class BalanceRowRead(Schema):
    """One row: from which day it counts, and what it adds; less than nothing where it takes."""

    day: Day
    what: RowKind
    units: Integer
    area: Annotated[str | None, Field(description="`absences` or `absence_requests`: what takes.")]
    record_id: Id | None


class AbsenceBalanceRead(Schema):
    """A kind's balance in the year; ``left`` is the sum of the rows, and less than nothing where it is overdrawn."""

    kind_id: Id
    kind: str
    unit: BalanceUnit
    left: Integer
    rows: list[BalanceRowRead]


class AbsenceBalancesRead(Schema):
    """All balances of a person in a year."""

    person_id: Id
    year: Integer
    balances: list[AbsenceBalanceRead]


def shown_balances(person_id: str, year: int, found: tuple[KindBalance, ...]) -> AbsenceBalancesRead:
    """As HTTP shows them."""
    balances = [
        AbsenceBalanceRead.model_construct(
            kind_id=one.kind.id,
            kind=one.kind.name,
            unit=one.kind.unit,
            left=one.balance.left,
            rows=[
                BalanceRowRead.model_construct(day=row.day, what=row.what, units=row.units, area=row.area, record_id=row.id)
                for row in one.balance.rows
            ],
        )
        for one in found
    ]
    return AbsenceBalancesRead.model_construct(person_id=person_id, year=year, balances=balances)

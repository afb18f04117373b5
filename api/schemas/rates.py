"""Bill rates and exchange rates."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from api.schemas.fields import Currency, Day, ExchangeRate, Id, Name, Rate, RecordWrite
from api.schemas.lists import ListQuery, Word
from scheduler.domain.ground.bill_rates import BillRate
from scheduler.domain.ground.exchange import ExchangeRate as ExchangeRateValue
from scheduler.domain.ground.ids import ActivityTypeId, BillRateId, ClientId, ExchangeRateId, PersonId, ProjectId


class BillRateWrite(RecordWrite):
    """
    What an hour costs a client.

    Each of ``person_id``, ``grade``, ``project_id``, ``client_id``, ``activity_type_id`` narrows it; absent means any. Of those that fit, one that
    names what stands further left here wins.
    """

    rate: Rate
    project_id: Id | None = None
    person_id: Id | None = None
    grade: Name | None = None
    client_id: Id | None = None
    activity_type_id: Id | None = None
    currency: Annotated[Currency | None, Field(description="ISO 4217; null: the firm's. It prices work that is billed in it alone.")] = None
    valid_from: Day | None = None
    valid_until: Annotated[Day | None, Field(description="The last day on which it counts.")] = None
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> BillRate:
        """As the domain knows it."""
        return BillRate(
            id=BillRateId(own_id),
            version=version,
            rate=self.rate,
            project_id=ProjectId(self.project_id) if self.project_id is not None else None,
            person_id=PersonId(self.person_id) if self.person_id is not None else None,
            grade=self.grade,
            client_id=ClientId(self.client_id) if self.client_id is not None else None,
            activity_type_id=ActivityTypeId(self.activity_type_id) if self.activity_type_id is not None else None,
            currency=self.currency,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            external_id=self.external_id,
        )

    @classmethod
    def of(cls, value: BillRate) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(**{name: getattr(value, name) for name in BillRateWrite.model_fields})


class ExchangeRateWrite(RecordWrite):
    """What one unit of a currency is worth in the firm's, on a day and until the next that is stored."""

    currency: Currency
    day: Day
    rate: ExchangeRate
    source: Annotated[Name, Field(description="Who says so, such as ECB.")]
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> ExchangeRateValue:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in ExchangeRateWrite.model_fields}
        return ExchangeRateValue(id=ExchangeRateId(own_id), version=version, **given)

    @classmethod
    def of(cls, value: ExchangeRateValue) -> Self:
        """What a caller would send to make ``value``."""
        return cls.model_construct(**{name: getattr(value, name) for name in ExchangeRateWrite.model_fields})


class BillRateList(ListQuery):
    """Bill rates."""

    project_id: Word | None = None
    person_id: Word | None = None
    grade: Word | None = None
    client_id: Word | None = None
    activity_type_id: Word | None = None
    currency: Word | None = None
    external_id: Word | None = None


class ExchangeRateList(ListQuery):
    """Exchange rates."""

    currency: Word | None = None
    from_: Annotated[Day | None, Field(alias="from", description="Of this day or later.")] = None
    until: Annotated[Day | None, Field(description="Of days before this one.")] = None
    external_id: Word | None = None

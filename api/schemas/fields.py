"""Field types: strict about type, exact about numbers, bounded in size."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from api.json_body import exact_decimal, text_fault
from scheduler.domain.ground.checks import is_visible
from scheduler.domain.ground.errors import DomainError, Fault

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DECIMAL_OF_ANY_KIND = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
EARLIEST = date(1970, 1, 1)
LATEST = date(2200, 1, 1)
MOST_MINUTES = 1_000_000_000
MOST_MINOR = 10**12


class Schema(BaseModel):
    """Base of all shapes: unknown fields are refused, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", from_attributes=False)
    read_only: ClassVar[frozenset[str]] = frozenset()


class Part(Schema, ABC):
    """Base of shapes inside others: its own rule of the domain is asked at once, so that the fault bears its place."""

    @abstractmethod
    def to_value(self) -> object:
        """As the domain knows it. Raises DomainError."""

    @model_validator(mode="after")
    def keeps_its_rule(self) -> Self:
        """Ask the domain."""
        try:
            self.to_value()
        except DomainError as error:
            fault = error.faults[0] if error.faults else Fault(pointer="", code=error.code, message=error.detail)
            is_ours = fault.pointer.split("/")[1:2] and fault.pointer.split("/")[1] in type(self).model_fields
            pointer = fault.pointer if is_ours else ""
            message = fault.message if is_ours or not fault.pointer else f"{fault.pointer.lstrip('/')}: {fault.message}"
            facts = {"code": fault.code, "message": message, "pointer": pointer}
            raise PydanticCustomError("domain", "{message}", facts) from None
        return self


class WriteSchema(Schema):
    """Base of what a caller sends: what the server sets itself cannot be given."""

    read_only: ClassVar[frozenset[str]] = frozenset(
        {"id", "version", "created_at", "created_by", "updated_at", "updated_by", "recorded_from", "recorded_to"}
        | {"approved_by", "locked", "role", "status", "total"}
    )


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("date.invalid", "A day is written as text YYYY-MM-DD, such as 2026-03-02")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("date.invalid", "The calendar has no such day; give an existing one as YYYY-MM-DD") from None
    if not EARLIEST <= day <= LATEST:
        raise PydanticCustomError("date.out_of_range", f"Days from {EARLIEST} to {LATEST} are taken")
    return day


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
    except ValueError:
        instant = None
    if instant is None:
        raise PydanticCustomError("time.invalid", "An instant is written as text, such as 2026-03-02T09:00:00Z")
    if instant.tzinfo is None:
        raise PydanticCustomError("time.zone_required", "Give the instant with its offset from UTC, such as 2026-03-02T09:00:00Z")
    if not EARLIEST <= instant.date() <= LATEST:
        raise PydanticCustomError("date.out_of_range", f"Days from {EARLIEST} to {LATEST} are taken")
    return instant.astimezone(UTC)


def read_decimal(value: Any) -> Decimal:
    """The exact decimal that text or a number writes."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, str):
        raise PydanticCustomError("field.type", 'A decimal is written as text, such as "85.50", or as a number')
    if value.strip().lower().lstrip("+-") in ("nan", "inf", "infinity", "snan"):
        raise PydanticCustomError("number.not_finite", "NaN and infinity are not allowed; give a finite number")
    found = exact_decimal(value) if _DECIMAL_OF_ANY_KIND.fullmatch(value) else Decimal(0)
    if found is None:
        raise PydanticCustomError("number.too_large", "The number is too long or too large; give a shorter one")
    if not _DECIMAL.fullmatch(value) or (found.is_zero() and found.is_signed()):
        raise PydanticCustomError(
            "number.invalid", 'This is no decimal; write it like "85.50": digits and a point, no plus sign, no exponent, no "-0"'
        )
    return found


def _places(most: int) -> Any:
    def check(value: Decimal) -> Decimal:
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > most:
            raise PydanticCustomError("number.too_precise", f"At most {most} decimal places are taken")
        return value

    return check


def plain(value: Decimal) -> str:
    """A decimal as text without exponent and without idle zeros: ``Decimal("1E+2")`` is ``"100"``."""
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def checked_text(value: Any) -> Any:
    """Refuse text that some database or some answer cannot hold."""
    if isinstance(value, str) and (fault := text_fault(value)):
        raise PydanticCustomError(fault[0], fault[1])
    return value


def _name(value: Any) -> Any:
    """A name can be seen."""
    if isinstance(checked_text(value), str) and not is_visible(value):
        raise PydanticCustomError("text.empty", "The text has no visible character; give at least one")
    return value


def _country(value: Any) -> Any:
    if isinstance(checked_text(value), str) and not _COUNTRY.fullmatch(value):
        raise PydanticCustomError("country.invalid", "A country is two capital letters, such as DE (ISO 3166-1 alpha-2)")
    return value


def _currency(value: Any) -> Any:
    if isinstance(checked_text(value), str) and not _CURRENCY.fullmatch(value):
        raise PydanticCustomError("currency.unknown", "A currency is three capital letters, such as EUR (ISO 4217)")
    return value


_Exact = BeforeValidator(read_decimal)
_AsText = PlainSerializer(plain, return_type=str)
Clean = Annotated[str, StringConstraints(strict=True, max_length=200), BeforeValidator(checked_text)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"\S"), BeforeValidator(_name)]
Id = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64), BeforeValidator(checked_text)]
Country = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{2}$"), BeforeValidator(_country)]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$"), BeforeValidator(_currency)]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Integer = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Minutes = Annotated[Integer, Field(ge=0, le=MOST_MINUTES)]
Minor = Annotated[Integer, Field(ge=0, le=MOST_MINOR)]

_DECIMAL_TEXT = WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["85.50"]})
Rate = Annotated[Decimal, Field(ge=0, le=10_000_000), AfterValidator(_places(4)), _Exact, _AsText, _DECIMAL_TEXT]
SignedRate = Annotated[Decimal, Field(ge=-1_000_000, le=1_000_000), AfterValidator(_places(4)), _Exact, _AsText, _DECIMAL_TEXT]
Fraction = Annotated[Decimal, Field(ge=0, le=1), AfterValidator(_places(4)), _Exact, _AsText, _DECIMAL_TEXT]
Percent = Annotated[Decimal, Field(ge=0, le=100), AfterValidator(_places(4)), _Exact, _AsText, _DECIMAL_TEXT]
Share = Annotated[Decimal, Field(gt=0, le=1), AfterValidator(_places(4)), _Exact, _AsText, _DECIMAL_TEXT]
ExchangeRate = Annotated[Decimal, Field(gt=0, le=100_000_000), AfterValidator(_places(10)), _Exact, _AsText, _DECIMAL_TEXT]
Markup = Annotated[Decimal, Field(ge=0, le=10), AfterValidator(_places(4)), _Exact, _AsText, _DECIMAL_TEXT]
Factor = Annotated[Decimal, Field(gt=0, le=1000), AfterValidator(_places(4)), _Exact, _AsText, _DECIMAL_TEXT]


class RecordWrite(WriteSchema, ABC):
    """Base of what a caller sends to make or change one record."""

    shown_only: ClassVar[Mapping[str, Any]] = {}
    """Further fields of the record that the server sets: name to type."""

    @abstractmethod
    def to_value(self, *, own_id: str, version: int) -> Any:
        """As the domain knows it. Raises DomainError."""

    @classmethod
    @abstractmethod
    def of(cls, value: Any) -> Self:
        """What a caller would send to make ``value``."""

"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger, DateTime, String, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine

E = TypeVar("E", bound=StrEnum)

SCALE = 4
"""Decimal places kept: fractions and rates have at most four."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware in, aware UTC out; SQLite drops the zone, so what is stored there is UTC by construction."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Microseconds and a zone where the database has one."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive datetime is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r} given where an instant is stored")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Scaled(TypeDecorator[Decimal]):
    """A decimal of at most four places, exact: an integer of ten-thousandths. (SQLite would make NUMERIC a float.)"""

    impl = BigInteger
    cache_ok = True
    places = SCALE

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """To ten-thousandths; more places would be lost and are refused."""
        if value is None:
            return None
        scaled = value.scaleb(self.places)
        if scaled != int(scaled):
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Without trailing zeros, never in exponent form."""
        if value is None:
            return None
        whole, rest = divmod(abs(value), 10**self.places)
        digits = f"{whole}.{rest:0{self.places}d}".rstrip("0").rstrip(".")
        return Decimal(f"-{digits}" if value < 0 else digits)


class FineScaled(Scaled):
    """The same with ten places, below 900 million: rates between currencies."""

    cache_ok = True
    places = 10


class Choice(TypeDecorator[E]):
    """A member of a string enum, stored as its value."""

    impl = String
    cache_ok = True

    def __init__(self, choices: type[E]) -> None:
        super().__init__(40)
        self.choices = choices

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Its value; anything that is no member is refused."""
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:  # noqa: ARG002
        """The member."""
        return None if value is None else self.choices(value)


class JsonText(TypeDecorator[Any]):
    """Plain JSON kept as text, so that both databases give back the same keys in the same order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To compact JSON."""
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:  # noqa: ARG002
        """The value."""
        return None if value is None else json.loads(value)


def can_be_text(value: str) -> bool:
    """Whether the value can stand in a text column of either database; what cannot is nowhere to be found."""
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def read_instant(text: str) -> datetime:
    """An instant from its ISO form with a zone. Raises ValueError, OverflowError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("naive")
    return instant.astimezone(UTC)


def key_type(length: int) -> String:
    """Text that is compared and sorted by code point on both databases, whatever the server's locale."""
    return String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


Id = key_type(64)
"""An identifier."""
Key = key_type(1000)
"""A folded name or an external id: case folding may triple a text."""
Name = String(400)

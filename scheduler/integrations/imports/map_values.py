"""What a map says: which file is read how, which rows feed which area, and what each field is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

ENCODINGS = ("utf-8", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16")
DELIMITERS = (",", ";", "\t", "|")
DEFAULT_NULLS = ("", "NULL")
ISO_DATE = "YYYY-MM-DD"
EXCEL_1900 = "excel-1900"
EXCEL_1904 = "excel-1904"
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How text becomes dates and numbers."""

    date: str = ISO_DATE
    decimal: str = "."
    thousands: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """One file (or sheet) of the import."""

    alias: str
    path: str
    """Name of the file, or a pattern with ``*`` that one file matches."""
    sheet: str | None = None
    header_row: int = 1
    encoding: str = "utf-8"
    delimiter: str = ","
    nulls: tuple[str, ...] = DEFAULT_NULLS
    reading: Reading = Reading()
    ignore: tuple[str, ...] = ()
    """Columns that are knowingly not used."""
    ignore_others: bool = False
    optional: bool = False


class Aggregate(StrEnum):
    """What may be made of several rows."""

    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    JOINED = "joined"
    """The distinct texts, in order of appearance, with ``;`` between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Rows of another file whose columns equal columns of this row."""

    file: str
    on: tuple[tuple[str, str], ...]
    """Pairs of (their column, our column)."""
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """
    How one field is made. Exactly one origin: ``column``, ``value``, ``text`` (a template) or ``aggregate`` of ``column``.

    ``look_up`` takes ``column`` from the rows found there instead of from the row itself.
    """

    column: str | None = None
    value: str | None = None
    text: str | None = None
    aggregate: Aggregate | None = None
    look_up: LookUp | None = None
    default: str | None = None
    values: Mapping[str, str] | None = None
    times: Decimal | None = None
    decimals: int | None = None
    reading: Mapping[str, str] = field(default_factory=dict)
    """Only what differs from the file's."""
    unit: str | None = None
    last_day_included: bool | None = None
    """For an end date, whether the date itself still counts."""
    to_monday: bool = False
    separator: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the feed's own (joined) row that the rule reads."""
        own = tuple(ours for _, ours in self.look_up.on) if self.look_up else ((self.column,) if self.column is not None else ())
        return own + (tuple(name.strip() for name in PLACEHOLDER.findall(self.text)) if self.text is not None else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Rows of one file that become records of one area."""

    area: str
    number: int
    """Its place among the feeds of the area, from 0."""
    file: str
    joins: tuple[LookUp, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    where_not: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group: tuple[str, ...] | None = None
    fields: Mapping[str, FieldRule] | None = None
    """``None``: the file bears the area's own column names."""

    @property
    def label(self) -> str:
        """Where the feed stands in the map."""
        return f"{self.area}[{self.number}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmRule:
    """Settings of the firm that a map may bring along."""

    name: str
    currency: str
    shadow_rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMap:
    """A whole map."""

    name: str
    files: Mapping[str, FileFormat]
    feeds: tuple[Feed, ...]
    firm: FirmRule | None = None
    notes: tuple[str, ...] = field(default=())
    """Assumptions that the map makes, repeated in the report."""

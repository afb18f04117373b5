"""What an hour is priced at, and how that came about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailStep:
    """One rule that made a figure, the row that it read, and the figures that it read or made."""

    rule: str
    row_kind: str
    row_id: str
    row_version: int
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A rate per hour in the main unit of a currency."""

    rate: Fraction | Decimal
    currency: str
    trail: tuple[TrailStep, ...] = ()

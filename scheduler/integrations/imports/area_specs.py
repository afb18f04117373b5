"""What an area of an import is: its fields, and what the text of a field is read as."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


class Shape(Enum):
    """What a field's text is read as."""

    TEXT = auto()
    KEY = auto()
    """An external id: of the record itself, or of what it refers to."""
    KEYS = auto()
    """A list of external ids."""
    KEY_GROUPS = auto()
    """Groups of external ids: ``a + b; c + d``."""
    LEVELS = auto()
    """``skill: level; skill: level``."""
    BONUSES = auto()
    """``skill: amount; skill: amount``."""
    TEXTS = auto()
    NUMBER = auto()
    NUMBERS = auto()
    MONEY = auto()
    """An amount in whole units of the firm's currency, or of the record's own."""
    RATE = auto()
    """What one currency is worth in another, with up to ten decimals."""
    INTEGER = auto()
    DURATION = auto()
    """Hours unless a unit is given; kept as whole minutes."""
    DATE = auto()
    END = auto()
    """A last day, kept as the first day after."""
    WEEK = auto()
    """A Monday."""
    CHOICE = auto()
    YES_NO = auto()
    WEEKDAYS = auto()
    """``Mon-Fri`` or ``Mon Tue Thu``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field of an area."""

    shape: Shape
    required: bool = False
    to: str | None = None
    """Area that a KEY, KEYS, KEY_GROUPS, LEVELS or BONUSES field refers to."""
    low: Decimal | None = None
    high: Decimal | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSpec:
    """One area: its fields by name, and the fields that make its id where none is given."""

    fields: dict[str, FieldSpec]
    id_from: tuple[str, ...] = ()
    part_of: str | None = None
    """Field that names the record this one is a part of; such an area has no ids of its own."""
    id_more: tuple[str, ...] = ()
    """Fields that go into the id as well, but only where they are given: they came later, and older ids stay as they are."""

"""Rounding of amounts: one way, named."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction


def round_half_up(value: Fraction) -> int:
    """The nearest integer; halves go away from zero, as ROUND_HALF_UP does."""
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole

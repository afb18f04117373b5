"""Decimal fractions as the problem's integers in ten-thousandths, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from decimal import Decimal


def e4(fraction: Decimal) -> int:
    """The fraction in ten-thousandths: exact, because the firm's values have at most four decimal places."""
    scaled = fraction * E4
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{fraction} has more than four decimal places")
    return int(scaled)

"""Decimal fractions as the problem's integers in ten-thousandths, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from decimal import Decimal


def e4(fraction: Decimal) -> int | None:
    """The fraction in ten-thousandths; ``None`` when it has more than four decimals."""
    scaled = fraction * E4
    return int(scaled) if scaled == scaled.to_integral_value() else None


def exact_e4(fraction: Decimal, *, what: str) -> int:
    """
    The fraction in ten-thousandths.

    Raises
    ------
    DomainError
        If it has more than four decimals: rounding it would plan something else than was asked.
    """
    value = e4(fraction)
    if value is None:
        raise DomainError(ErrorKind.INVALID, "number.too_precise", f"{what} is {fraction:f}; give at most four decimal places.")
    return value

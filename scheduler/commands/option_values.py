"""Values of options that the option parser knows no type for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from scheduler.commands.refusal import Refused, refused_with_faults


def given_day(text: str) -> date:
    """The day that ``--from`` names."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _fault("--from", "date.invalid", f"{text!r} is no date; write it as 2027-01-04.") from None


def given_number(option: str, text: str) -> Decimal:
    """An exact decimal; whether it is in range is for whoever uses it."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _fault(option, "number.invalid", f"{text!r} is no number; write it as 0.05.") from None


def _fault(option: str, code: str, message: str) -> Refused:
    return refused_with_faults("options", [(option, code, message)])

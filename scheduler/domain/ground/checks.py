"""Small rules that values check themselves with; a value collects all its faults and raises once."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

NAME_MAX = 200
"""Longest name, in characters."""
DECIMAL_PLACES = 4
AMOUNT_MAX = Decimal(10_000_000)
"""Largest rate, factor or bonus; in minor units of any currency the solver still takes it."""
INTEGER_MAX = 1_000_000_000_000
_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_CONTROL = frozenset({"Cc", "Zl", "Zp"})
"""Unicode categories of control characters and of line and paragraph separators."""
_OF_LINES = frozenset("\x00\n\t")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of the text after them, so that it reads as something else."""


def normal(text: str) -> str:
    """The text in Unicode normal form C, without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def name_key(text: str) -> str:
    """What two names share exactly when they count as the same name."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def is_visible(text: str) -> bool:
    """Whether any character of the text can be seen: not only spaces, controls and zero-width characters."""
    return any(unicodedata.category(character) not in _INVISIBLE for character in text)


class Faults:
    """The faults found so far in one value."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, pointer: str, code: str, message: str) -> None:
        """Note a fault."""
        self._found.append(Fault(pointer=pointer, code=code, message=message))

    def text(
        self, pointer: str, value: str, *, required: bool = True, most: int = NAME_MAX, borne: frozenset[str] = frozenset("\x00")
    ) -> str:
        """The normalised text; a fault when it is empty, too long or not storable. ``borne``: characters that are no fault here."""
        if "\x00" in value:
            self.add(pointer, "text.nul", "The text has a NUL character; remove it.")
        is_plain = value.isascii() and value.isprintable()  # as most texts are, and then no character of it has to be looked at
        if not is_plain and any("\ud800" <= c <= "\udfff" for c in value):
            self.add(pointer, "text.invalid_unicode", "The text has half of a surrogate pair; send valid Unicode.")
            return value
        result = normal(value)
        if required and not is_visible(result):
            self.add(pointer, "text.empty", "The text is empty; give at least one visible character.")
        hidden = None if is_plain else _hidden(result, borne)
        if hidden is not None:
            message = f"The text has the character U+{ord(hidden):04X}; line breaks, control and direction characters are not allowed."
            self.add(pointer, "text.control", message)
        if len(result) > most:
            self.add(pointer, "text.too_long", f"The text has {len(result)} characters; at most {most} are allowed.")
        return result

    def optional_text(self, pointer: str, value: str | None) -> str | None:
        """Like ``text``; nothing, or nothing but white space, is ``None``."""
        return None if value is None else self.text(pointer, value, required=False) or None

    def optional_lines(self, pointer: str, value: str | None, *, most: int) -> str | None:
        """Like ``optional_text``, but of several lines, with tabs, and with at most so many characters."""
        if value is None:
            return None
        lines = self.text(pointer, value.replace("\r\n", "\n"), required=False, most=most, borne=_OF_LINES)
        return lines if is_visible(lines) else None

    def integer(self, pointer: str, value: int, *, least: int, most: int = INTEGER_MAX) -> None:
        """A fault unless least <= value <= most."""
        if not least <= value <= most:
            self.add(pointer, "number.out_of_range", f"{_short(value)} is outside {least} to {most}.")

    def decimal(self, pointer: str, value: Decimal, *, least: Decimal, most: Decimal = AMOUNT_MAX, above: bool = False) -> None:
        """A fault unless least <= value <= most (``above``: > least), with at most four decimal places."""
        if not value.is_finite():
            self.add(pointer, "number.not_finite", "The number is not finite; give a decimal number.")
        elif not (least < value if above else least <= value) or value > most:
            self.add(pointer, "number.out_of_range", f"{_short(value)} is outside {'more than ' if above else ''}{least} to {most}.")
        elif value.as_tuple().exponent < -DECIMAL_PLACES and value != round(value, DECIMAL_PLACES):  # type: ignore[operator]
            self.add(pointer, "number.too_precise", f"{_short(value)} has more than {DECIMAL_PLACES} decimal places.")

    def raise_any(self, what: str) -> None:
        """Raise DomainError with everything found, if anything was."""
        if self._found:
            raise invalid(what, *self._found)


def invalid(what: str, *faults: Fault) -> DomainError:
    """The error for a value that breaks its own rules."""
    more = f" ({len(faults)} faults in all)" if len(faults) > 1 else ""
    first = faults[0]
    return DomainError(
        ErrorKind.INVALID, "input.invalid", f"The {what} is not valid: {first.pointer or '/'}: {first.message}{more}", faults
    )


def duplicates(values: Iterable[Hashable]) -> Iterator[Hashable]:
    """Every value that has occurred before."""
    seen: set[Hashable] = set()
    for value in values:
        if value in seen:
            yield value
        seen.add(value)


def _hidden(text: str, borne: frozenset[str]) -> str | None:
    """The first control or direction character of a text that is not one of those allowed here."""
    return next((c for c in text if c not in borne and (unicodedata.category(c) in _CONTROL or c in _BIDI)), None)


def _short(value: int | Decimal) -> str:
    if isinstance(value, Decimal):
        return str(value)[:40]
    return f"an integer of {value.bit_length()} bits" if value.bit_length() > 128 else str(value)

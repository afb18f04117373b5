"""
Reading one JSON object field by field: each reader records what is wrong and goes on with a stand-in.

The stand-ins never get out: whoever gathers the faults raises them all before a value is returned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from solver_models.staffing.formats_faults import escaped, shown
from solver_models.staffing.formats_json import Refused, text_fault
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solver_models.staffing.formats_faults import FaultList

MAX_TEXT = 200
_NUMBER_TEXT = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
_HUGE = 2**63


@dataclass(frozen=True, slots=True)
class Known:
    """The names a reference may use, and what they are: ``("person", {...})``."""

    kind: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object at ``pointer``."""

    found: Mapping[str, Any]
    pointer: str
    faults: FaultList

    @staticmethod
    def of(value: object, pointer: str, faults: FaultList, *, known: tuple[str, ...], required: tuple[str, ...]) -> Fields:
        """Check that the value is an object with known keys and all required ones."""
        if not isinstance(value, dict):
            wrong_type(faults, pointer, value, "an object")
            return Fields({}, pointer, faults)
        if not value.keys() <= set(known):
            for key in value:
                if key not in known:
                    _unknown_key(faults, pointer, key, known)
        for key in required:
            if key not in value:
                faults.add(f"{pointer}/{key}", "field.missing", f'The key "{key}" is missing; it is required.')
        return Fields(value, pointer, faults)

    def has(self, key: str) -> bool:
        """Whether the object has this key."""
        return key in self.found

    def at(self, key: str) -> str:
        """The pointer of a key."""
        return f"{self.pointer}/{key}"

    def whole(self, key: str, low: int, high: int, default: int = 0) -> int:
        """A whole number from ``low`` to ``high``."""
        if key not in self.found:
            return default
        return whole(self.faults, f"{self.pointer}/{key}", self.found[key], low, high)

    def optional_whole(self, key: str, low: int, high: int) -> int | None:
        """A whole number from ``low`` to ``high``, ``None`` if the key is absent."""
        return self.whole(key, low, high) if key in self.found else None

    def fraction(self, key: str, low_e4: int, high_e4: int, default_e4: int) -> int:
        """A decimal of at most four places, in ten-thousandths."""
        if key not in self.found:
            return default_e4
        return fraction(self.faults, f"{self.pointer}/{key}", self.found[key], low_e4, high_e4)

    def truth(self, key: str) -> bool:
        """True or false; false if absent."""
        value = self.found.get(key, False)
        if not isinstance(value, bool):
            wrong_type(self.faults, self.at(key), value, "true or false")
            return False
        return value

    def name(self, key: str) -> str:
        """An id or another name that is not empty; an absent one reads as empty (``of`` says if it is required)."""
        return text(self.faults, f"{self.pointer}/{key}", self.found[key]) if key in self.found else ""

    def optional_name(self, key: str) -> str | None:
        """A name, or ``None`` if the key is absent."""
        return self.name(key) if key in self.found else None

    def reference(self, key: str, known: Known) -> str:
        """An id that must be among the known ones."""
        value = self.name(key)
        return refer(self.faults, self.at(key), value, known) if value else ""

    def references(self, key: str, known: Known | None) -> frozenset[str] | None:
        """A set of ids (of any names, if ``known`` is None), or ``None`` if the key is absent."""
        return references(self.faults, self.at(key), self.found[key], known) if key in self.found else None

    def wholes(self, key: str, length: int, low: int, high: int) -> tuple[int, ...]:
        """A list of exactly ``length`` whole numbers, one per period; of any length where ``length`` is 0, not known."""
        if key not in self.found:
            return ()
        return wholes(self.faults, f"{self.pointer}/{key}", self.found[key], length=length, low=low, high=high)

    def by_name(self, key: str, low: int, high: int, known: Known | None = None) -> dict[str, int]:
        """An object of whole numbers by name."""
        value = self.found.get(key, {})
        if not isinstance(value, dict):
            wrong_type(self.faults, self.at(key), value, "an object")
            return {}
        for name, item in value.items():
            pointer = f"{self.pointer}/{key}/{escaped(name)}"
            whole(self.faults, pointer, item, low, high)
            if known is not None and name not in known.names:
                refer(self.faults, pointer, name, known)
            elif known is None:
                text(self.faults, pointer, name)
        return {name: int(item) for name, item in value.items() if type(item) is int or _integral(item)}

    def items(self, key: str) -> list[tuple[str, Any]]:
        """Pointer and value of each item of a list; an absent list is empty."""
        value = self.found.get(key, [])
        if not isinstance(value, list):
            wrong_type(self.faults, self.at(key), value, "a list")
            return []
        return [(f"{self.pointer}/{key}/{i}", item) for i, item in enumerate(value)]

    def wholes_pair(self, key: str, low: int, high: int) -> tuple[int, int] | None:
        """[earliest, latest], or ``None`` if the key is absent."""
        pair = [whole(self.faults, at, item, low, high) for at, item in self._pair(key)]
        return self._ordered(key, pair)

    def fractions_pair(self, key: str, low_e4: int, high_e4: int) -> tuple[int, int] | None:
        """[low, high] in ten-thousandths, or ``None`` if the key is absent."""
        pair = [fraction(self.faults, at, item, low_e4, high_e4) for at, item in self._pair(key)]
        return self._ordered(key, pair)

    def _pair(self, key: str) -> list[tuple[str, Any]]:
        if key not in self.found:
            return []
        pair = self.items(key)
        if isinstance(self.found[key], list) and len(pair) != 2:
            self.faults.add(self.at(key), "list.length", f"A list of {len(pair)}; it must have two numbers, the lower one first.")
            return []
        return pair

    def _ordered(self, key: str, pair: list[int]) -> tuple[int, int] | None:
        if len(pair) != 2:
            return None
        if pair[0] > pair[1]:
            self.faults.add(self.at(key), "list.order", "The first number is above the second; give the lower one first.")
        return pair[0], pair[1]


def wrong_type(faults: FaultList, pointer: str, value: object, wanted: str) -> None:
    """Record that a value is of another kind than the format wants."""
    match value:
        case Refused():
            faults.add(pointer, value.code, value.message)
        case None:
            faults.add(pointer, "field.type", f"null where {wanted} belongs; leave an optional key out for its default.")
        case _:
            faults.add(pointer, "field.type", f"{shown(value)} where {wanted} belongs.")


def whole(faults: FaultList, pointer: str, value: object, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``; a fault and ``low`` otherwise."""
    if type(value) is int:
        if low <= value <= high:
            return value
        if not -_HUGE < value < _HUGE:
            faults.add(pointer, "number.too_large", f"{shown(value)} is too large; allowed is {low:,} to {high:,}.")
        else:
            faults.add(pointer, "number.out_of_range", f"{value} is out of range; allowed is a whole number from {low:,} to {high:,}.")
        return low
    decimal = _decimal(faults, pointer, value, f"a whole number from {low:,} to {high:,}")
    if decimal is None:
        return low
    if not _integral(decimal):
        faults.add(pointer, "number.not_integer", f"{shown(decimal)} is not a whole number; allowed is {low:,} to {high:,}.")
        return low
    return whole(faults, pointer, int(decimal), low, high)


def fraction(faults: FaultList, pointer: str, value: object, low_e4: int, high_e4: int) -> int:
    """A decimal of at most four places as ten-thousandths, exactly; a fault and ``high_e4`` otherwise."""
    allowed = f"a number from {low_e4 / E4:g} to {high_e4 / E4:g} with at most four decimal places"
    decimal = Decimal(value) if type(value) is int and -_HUGE < value < _HUGE else _decimal(faults, pointer, value, allowed)
    if decimal is None:
        return high_e4
    if decimal and decimal.adjusted() > 20:
        faults.add(pointer, "number.too_large", f"{shown(decimal)} is too large; allowed is {allowed}.")
        return high_e4
    if decimal != decimal.quantize(Decimal("0.0001")):
        faults.add(pointer, "number.places", f"{shown(decimal)} has more than four decimal places; allowed is {allowed}, such as 0.3333.")
        return high_e4
    e4 = int(decimal * E4)
    if not low_e4 <= e4 <= high_e4:
        faults.add(pointer, "number.out_of_range", f"{shown(decimal)} is out of range; allowed is {allowed}.")
        return high_e4
    return e4


def text(faults: FaultList, pointer: str, value: object) -> str:
    """A name of 1 to 200 characters; a fault and an empty one otherwise."""
    if not isinstance(value, str):
        wrong_type(faults, pointer, value, "a text in quotes")
        return ""
    if value.isascii() and value.isprintable() and 0 < len(value) <= MAX_TEXT and not value.isspace():
        return value
    if fault := text_fault(value):
        faults.add(pointer, *fault)
    elif not value.strip():
        faults.add(pointer, "text.empty", "An empty text; give at least one character.")
    elif len(value) > MAX_TEXT:
        faults.add(pointer, "text.too_long", f"A text of {len(value):,} characters; at most {MAX_TEXT} are allowed.")
    else:
        return value
    return ""


def refer(faults: FaultList, pointer: str, name: str, known: Known) -> str:
    """The name, if it is known; a fault that names the nearest known one otherwise."""
    if name not in known.names:
        faults.add(pointer, "id.unknown", f"There is no {known.kind} {shown(name)}.{faults.nearest(name, known.names)}")
    return name


def references(faults: FaultList, pointer: str, value: object, known: Known | None) -> frozenset[str]:
    """A set of ids, each given once and known."""
    if not isinstance(value, list):
        wrong_type(faults, pointer, value, "a list of texts")
        return frozenset()
    names = {name for name in value if isinstance(name, str)}
    if len(names) == len(value) and known is not None and names <= known.names:
        return frozenset(names)
    seen: set[str] = set()
    for i, item in enumerate(value):
        name = text(faults, f"{pointer}/{i}", item)
        if name in seen:
            faults.add(f"{pointer}/{i}", "list.duplicate", f"{shown(name)} is listed twice; list it once.")
        elif name and known is not None:
            refer(faults, f"{pointer}/{i}", name, known)
        if name:
            seen.add(name)
    return frozenset(seen)


def wholes(faults: FaultList, pointer: str, value: object, *, length: int, low: int, high: int) -> tuple[int, ...]:
    """A list of exactly ``length`` whole numbers from ``low`` to ``high``; of any length where ``length`` is 0, not known."""
    if not isinstance(value, list):
        wrong_type(faults, pointer, value, "a list of whole numbers, one per period,")
        return (low,) * length
    if length and len(value) != length:
        faults.add(pointer, "list.length", f"A list of {len(value)}; it must have {length} numbers, one per period.")
    if value and set(map(type, value)) == {int} and low <= min(value) and max(value) <= high:
        return tuple(value)
    return tuple([whole(faults, f"{pointer}/{i}", item, low, high) for i, item in enumerate(value)])


def _unknown_key(faults: FaultList, pointer: str, key: object, known: tuple[str, ...]) -> None:
    name = str(key)
    allowed = ", ".join(known)
    faults.add(
        f"{pointer}/{escaped(name)}",
        "field.unknown",
        f"The key {shown(name)} is not known.{faults.nearest(name, known)} Allowed here: {allowed}.",
    )


def _decimal(faults: FaultList, pointer: str, value: object, wanted: str) -> Decimal | None:
    """The finite decimal a number stands for; a binary float means the shortest decimal that prints like it."""
    match value:
        case float() if isfinite(value):
            return _decimal(faults, pointer, Decimal(repr(value)), wanted)
        case Decimal() if value.is_finite():
            if value and value.adjusted() > 40:
                faults.add(pointer, "number.too_large", f"{shown(value)} is too large; allowed is {wanted}.")
                return None
            return value
        case Decimal() | float():
            faults.add(pointer, "number.not_finite", f"{value} is not a number that can be used; allowed is {wanted}.")
        case int() if not isinstance(value, bool):
            faults.add(pointer, "number.too_large", f"{shown(value)} is too large; allowed is {wanted}.")
        case str() if _NUMBER_TEXT.fullmatch(value[:MAX_TEXT]):
            huge = len(value) > 40 or Decimal(value).adjusted() > 40
            code = "number.too_large" if huge else "field.type"
            faults.add(pointer, code, f"{shown(value)} in quotes where {wanted} belongs; give the number without quotes.")
        case _:
            wrong_type(faults, pointer, value, wanted)
    return None


def _integral(value: object) -> bool:
    """Whether a decimal of modest size is a whole number."""
    if isinstance(value, float):
        return value.is_integer() and abs(value) < _HUGE
    return isinstance(value, Decimal) and value.is_finite() and value.adjusted() <= 40 and value == value.to_integral_value()

"""Take values out of the map's TOML, noting each one that is not what it should be."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from babel.numbers import list_currencies

from scheduler.integrations.imports.faults import Faults, Place
from scheduler.integrations.imports.map_values import EXCEL_1900, EXCEL_1904, Reading
from scheduler.integrations.imports.readings import date_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class MapReader:
    """One map being read, and its faults."""

    name: str
    faults: Faults

    def fault(self, at: str, code: str, message: str) -> None:
        """Note a fault at a place such as ``people[0].fields.name``."""
        self.faults.add(Place(self.name, None, at or None), code, message)

    def check_keys(self, body: Mapping[str, Any], at: str, known: Iterable[str]) -> None:
        """Every key must be a known one."""
        known = tuple(known)
        for key in body:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                nearest = f" Did you mean {near[0]}?" if near else ""
                self.fault(_join(at, key), "map.unknown_key", f"{key} is not known here.{nearest} Known are: {', '.join(known)}.")

    def table(self, body: Mapping[str, Any], key: str, at: str) -> dict[str, Any]:
        """A sub-table; empty where there is none."""
        value = body.get(key, {})
        if isinstance(value, dict):
            return value
        self.fault(_join(at, key), "map.type", "A table is wanted here.")
        return {}

    def tables(self, body: Mapping[str, Any], key: str, at: str = "") -> list[dict[str, Any]]:
        """A list of tables (``[[key]]``)."""
        value = body.get(key, [])
        if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            return value
        self.fault(
            _join(at, key),
            "map.type",
            f"A list of tables is wanted here: write [[{key}]]." if not at else "A list of tables is wanted here.",
        )
        return []

    def text(self, body: Mapping[str, Any], key: str, at: str, *, required: bool = False) -> str | None:
        """A text; numbers are written in quotes, so that nothing is rounded on the way."""
        value = body.get(key)
        if value is None:
            if required:
                self.fault(_join(at, key), "map.missing", f"{key} is missing.")
            return None
        if isinstance(value, str):
            return value
        self.fault(_join(at, key), "map.type", "A text in quotes is wanted here.")
        return None

    def texts(self, body: Mapping[str, Any], key: str, at: str) -> tuple[str, ...] | None:
        """A list of texts, or one text."""
        value = body.get(key)
        if value is None:
            return None
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        self.fault(_join(at, key), "map.type", "A list of texts in quotes is wanted here.")
        return None

    def integer(self, body: Mapping[str, Any], key: str, at: str, *, low: int, high: int) -> int | None:
        """A whole number within limits."""
        value = body.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and low <= value <= high):
            return value
        self.fault(_join(at, key), "map.number", f"A whole number from {low} to {high} is wanted here.")
        return None

    def flag(self, body: Mapping[str, Any], key: str, at: str) -> bool:
        """A yes or no; no where left out."""
        value = body.get(key, False)
        if isinstance(value, bool):
            return value
        self.fault(_join(at, key), "map.type", "true or false is wanted here.")
        return False

    def choice(self, body: Mapping[str, Any], key: str, at: str, allowed: Sequence[str], *, required: bool = False) -> str | None:
        """One of the allowed texts."""
        value = self.text(body, key, at, required=required)
        if value is None or value in allowed:
            return value
        self.fault(
            _join(at, key), "map.choice", f"{value!r} is not possible here; choose one of: {', '.join(map(repr, allowed)) or 'none'}."
        )
        return None

    def currency(self, body: Mapping[str, Any], key: str, at: str) -> str | None:
        """An ISO 4217 code."""
        code = self.text(body, key, at, required=True)
        if code is None or code in list_currencies():
            return code
        self.fault(_join(at, key), "map.currency", f"{code!r} is no ISO 4217 currency; write three capitals such as EUR.")
        return None

    def reading(self, body: Mapping[str, Any], at: str, general: Reading) -> Reading:
        """How dates and numbers are written, where it differs from ``general``."""
        pattern = self.text(body, "date", at) or general.date
        if pattern not in (EXCEL_1900, EXCEL_1904) and date_pattern(pattern) is None:
            message = f"{pattern!r} is no date format. Write YYYY, MM and DD once each (M, D and YY too), such as DD.MM.YYYY; hh:mm:ss is read over."
            self.fault(_join(at, "date"), "map.date_format", f"{message} Serial numbers: {EXCEL_1900} or {EXCEL_1904}.")
            pattern = general.date
        decimal = self.choice(body, "decimal", at, (".", ",")) or general.decimal
        thousands = self.choice(body, "thousands", at, ("", ",", ".", "'", "’", " ")) if "thousands" in body else general.thousands
        if thousands and thousands == decimal:
            self.fault(_join(at, "thousands"), "map.choice", "Thousands and decimals cannot have the same sign.")
        return Reading(date=pattern, decimal=decimal, thousands=thousands or "")


def _join(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key

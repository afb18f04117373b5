"""One person's whole schedule as a column."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """A person's runs beside the pinned ones (and their extensions), by index in the run table, and the person's Z with them."""

    person: str
    chosen: tuple[int, ...]
    value: int

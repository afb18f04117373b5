"""External ids become ids: of what the import brings, or of what is stored already."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from scheduler.domain.ground.ids import new_id
from scheduler.integrations.imports.areas import AREAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scheduler.integrations.imports.faults import Faults
    from scheduler.integrations.imports.records import Record, Records

STORED_AREAS = (
    "skills",
    "calendars",
    "people",
    "clients",
    "projects",
    "demands",
    "activity_types",
    "bill_rates",
    "exchange_rates",
    "absences",
    "bookings",
    "tasks",
    "time_entries",
    "expense_categories",
    "expenses",
    "tax_codes",
    "legal_entities",
    "client_accounts",
    "contracts",
    "charges",
    "contract_openings",
    "open_invoices",
)
"""Areas with ids of their own, each after those it refers to."""
GROWING_AREAS = frozenset({"time_entries", "expenses", "open_invoices"})
"""Areas of which there is more every day: only what an import may change of them is read."""


_NEAREST_NAMED = 50


class Unresolved(Exception):  # noqa: N818 - the name says what happened
    """A record refers to something that is not there; the fault is noted already."""


@dataclass(slots=True)
class References:
    """Where external ids lead."""

    records: Records
    faults: Faults
    ids: dict[str, dict[str, str]] = field(default_factory=dict)

    def register(self, stored: Mapping[str, Mapping[str, object]]) -> None:
        """Know the ids of what is stored, and give fresh ones to what is new."""
        for area in STORED_AREAS:
            known = {key: cast("str", value.id) for key, value in stored[area].items()}  # type: ignore[attr-defined]
            for record in self.records.by_area.get(area, ()):
                if record.key is not None and record.key not in known:
                    known[record.key] = new_id()
            self.ids[area] = known

    def one(self, record: Record, name: str) -> str | None:
        """The id that a KEY field leads to. Raises Unresolved."""
        key = record.values.get(name)
        if key is None:
            return None
        return self.all(record, name, [cast("str", key)])[0]

    def all(self, record: Record, name: str, keys: Iterable[str]) -> list[str]:
        """The ids that several external ids of one field lead to. Raises Unresolved."""
        area = AREAS[record.area].fields[name].to
        assert area is not None
        known = self.ids[area]
        keys = list(keys)
        found = [known.get(key) for key in keys]
        missing = [key for key, row_id in zip(keys, found, strict=True) if row_id is None]
        if missing:
            self._blame(record, name, area, missing)
            raise Unresolved
        return cast("list[str]", found)

    def _blame(self, record: Record, name: str, area: str, missing: Sequence[str]) -> None:
        if area in self.records.incomplete:
            return  # the row it means may be one of those with a fault
        for key in missing:
            # Looking for the nearest name takes time, so only the first faults say what may be meant.
            near = difflib.get_close_matches(key, list(self.ids[area])[:2_000], 1) if self.faults.count < _NEAREST_NAMED else []
            meant = f" Is {near[0]!r} meant?" if near else ""
            message = f"There is no {key!r} among the {area}, neither in these files nor stored.{meant} Correct it, or import it too."
            self.faults.add(record.place_of(name), "reference.not_found", message)

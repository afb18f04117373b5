"""How a record differs from what it was, in words that tell no cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from scheduler.domain.ground.interval import DateInterval

CONFIDENTIAL = frozenset(
    {"terms", "bill_rate", "overqualified_cost", "prefers", "contract_value_minor", "budget_minor", "rate", "shadow_rate"}
)
"""Fields whose content tells a cost rate or a price: that they changed is said, not how."""


class Change(StrEnum):
    """What became of a record."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A record that is not what it was."""

    area: str
    id: str
    change: Change
    name: str | None = None
    changed_fields: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    """Field to ``{"was": ..., "now": ...}``; ``None`` for a confidential one."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"area": self.area, "id": self.id, "name": self.name, "change": self.change.value, "fields": dict(self.changed_fields)}


def moved(area: str, was: Any, now: Any) -> Moved:
    """The difference of two states of a record, one of which may be ``None`` (not both)."""
    change = Change.ADDED if was is None else Change.DELETED if now is None else Change.CHANGED
    known = was if now is None else now
    differences = {} if was is None or now is None else _differences(was, now)
    return Moved(area=area, id=getattr(known, "id", area), change=change, name=getattr(known, "name", None), changed_fields=differences)


def _differences(was: Any, now: Any) -> dict[str, Mapping[str, Any] | None]:
    found: dict[str, Mapping[str, Any] | None] = {}
    for one in fields(now):
        before, after = getattr(was, one.name), getattr(now, one.name)
        if before != after and one.name != "version":
            found[one.name] = None if one.name in CONFIDENTIAL else {"was": _plain(before), "now": _plain(after)}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, DateInterval):
        return {"start": value.start.isoformat(), "end": value.end and value.end.isoformat()}
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(entry) for entry in value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value

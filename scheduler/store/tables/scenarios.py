"""Tables of scenarios and their changes."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer

from scheduler.store.columns import Id, JsonText, Key, Name, UtcDateTime
from scheduler.store.tables.base import child, head

SCENARIOS = head(
    "scenarios",
    Column("name", Name, nullable=False),
    Column("name_key", Key, nullable=False, index=True),
    Column("base_id", Id, ForeignKey("scenarios.id"), index=True),
    Column("needs", Name, nullable=False),
    Column("applied_at", UtcDateTime),
    Column("applied_by", Id),
)

SCENARIO_CHANGES = child(
    "scenario_changes",
    SCENARIOS,
    Column("position", Integer, primary_key=True),
    Column("kind", Name, nullable=False),
    # No foreign key: a scenario never keeps a live row from going.
    Column("person_id", Id, index=True),
    Column("body", JsonText),
    Column("base_version", Integer),
)
"""A change of which the person was erased has no body any more, and is no longer part of its scenario."""

"""A small invented export in the style of a consulting firm's tables: planned hours by person, engagement phase and week."""

from __future__ import annotations

from pathlib import Path

from scheduler.integrations.imports import ImportMap, Source, read_map, sources_from

ROOT = Path(__file__).parents[2]
MAP = ROOT / "docs" / "how-to" / "maps" / "planned-hours.toml"
FOLDER = ROOT / "tests" / "data" / "planned_hours"


def planned_hours_map() -> ImportMap:
    """The example map that the documentation offers."""
    return read_map(MAP.read_bytes())


def planned_hours_sources(**changed: str) -> list[Source]:
    """The export; a keyword replaces the content of the file of that name."""
    return [
        Source(source.name, changed[stem].encode()) if (stem := source.name.removesuffix(".csv")) in changed else source
        for source in sources_from([FOLDER])
    ]

"""Put the sample firm into a store, the way any firm's tables get there: by the importer."""

from __future__ import annotations

from datetime import date
from importlib import resources
from typing import TYPE_CHECKING

from scheduler.integrations.imports import Source, import_files, read_map

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.integrations.imports import ImportMap, ImportReport
    from scheduler.store import Store

HORIZON_START = date(2027, 1, 4)
WEEKS = 26


def sample_sources() -> tuple[Source, ...]:
    """The sample firm's tables."""
    files = resources.files("scheduler.sample_firm")
    return tuple(
        Source(entry.name, entry.read_bytes()) for entry in sorted(files.iterdir(), key=lambda e: e.name) if entry.name.endswith(".csv")
    )


def standard_map() -> ImportMap:
    """The map of Muster's own column names, with the sample firm's settings."""
    return read_map(resources.files("scheduler.sample_firm").joinpath("map.toml").read_bytes())


def load_sample_firm(store: Store, *, actor: Actor, now: datetime) -> ImportReport:
    """Import the sample firm; a second time changes nothing. Raises DomainError when the store's firm reckons in another currency."""
    return import_files(store, actor=actor, sources=sample_sources(), mapping=standard_map(), dry_run=False, now=now)

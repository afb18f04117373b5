"""What every solve obeys."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When to stop, and with how many threads to search.

    ``time_s``: wall-clock seconds; ``gap``: stop once (bound - objective) / max(1, |bound|) is at most this; ``stop``: set from
    any thread to end with the best plan so far.
    """

    time_s: float = 60.0
    gap: float = 0.0
    workers: int = 0
    """Search threads; 0 = one per core."""
    seed: int = 0
    work: float | None = None
    """Units of work (about a millisecond each on one core) after which to stop: the same answer with any number of threads."""
    memory_mb: int | None = None
    """
    Resident memory that the process should stay under: at four fifths of it the search ends with the best plan so far, which like
    the clock only ever stops it. ``None``: as much as there is.
    """
    stop: threading.Event = field(default_factory=threading.Event, compare=False)

"""
How what strangers ask for comes into the audit: the first request of a source in an hour, of so many sources at most.

All others are counted, and the next record says how many there were: nobody can fill the audit without a name.
"""

from __future__ import annotations

from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
SOURCES_MOST = 20
"""Sources of an hour that are recorded."""


class Strangers:
    """Requests of nobody who is known, as one server hears them."""

    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._recorded: set[str] = set()
        self._unrecorded = 0

    def heard(self, source: str, *, now: datetime) -> int | None:
        """One more request: ``None`` when it is only counted, else how many were since the last one that was recorded."""
        if self._hour is None or not timedelta() <= now - self._hour < HOUR:
            self._hour = now
            self._recorded = set()
        if source in self._recorded or len(self._recorded) >= SOURCES_MOST:
            self._unrecorded += 1
            return None
        self._recorded.add(source)
        counted, self._unrecorded = self._unrecorded, 0
        return counted

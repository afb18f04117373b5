"""
What clocks show, and the instants behind it: local times in a zone, days that have 23 or 25 hours, and work that crosses midnight.

Minutes are counted between instants, so a night in which clocks change bills the minutes that passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

SPAN_MAX = timedelta(days=14)
"""Longest work in one go: a timer that was forgotten for longer needs its end."""
_MINUTE = timedelta(minutes=1)
_SHIFT_MAX = timedelta(hours=26)
"""No clock is put forward or back by more: a day is skipped at most."""
EAST, WEST = timedelta(hours=14), timedelta(hours=12)
"""The clocks that are furthest ahead of UTC, and furthest behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant, or what a clock shows: without an offset it needs a zone, and in the hour that comes twice ``fold`` (0 first, 1 second)."""

    at: datetime
    fold: int | None = None

    def instant(self, zone: str, *, pointer: str) -> datetime:
        """The instant in UTC. Raises DomainError ``input.invalid`` with ``time.nonexistent_local`` or ``time.ambiguous_local``."""
        if self.at.tzinfo is not None:
            return self.at.astimezone(UTC)
        return _resolved(self.at, zone_of(zone), fold=self.fold, pointer=pointer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Work on one local day, from a start to an end."""

    work_date: date
    started_at: datetime
    ended_at: datetime

    @property
    def minutes(self) -> int:
        """The minutes that passed."""
        return (self.ended_at - self.started_at) // _MINUTE


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises DomainError ``input.invalid`` with ``time.zone_unknown``."""
    if name not in _known_zones():
        message = "There is no such time zone; give an IANA name, such as Europe/Berlin."
        raise invalid("time", Fault(pointer="/zone", code="time.zone_unknown", message=message))
    return ZoneInfo(name)


@cache
def _known_zones() -> frozenset[str]:
    """Names that mean the same on every machine."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def split_by_day(start: datetime, end: datetime, *, zone: str) -> tuple[Span, ...]:
    """
    Work from ``start`` to ``end`` as one part for each local day, cut where the day begins there; together they last as long as it did.

    Raises DomainError ``input.invalid`` with ``time.end_before_start`` or ``time.too_long``.
    """
    known = zone_of(zone)
    if end <= start:
        raise _end_fault("time.end_before_start", "The work ends at or before its start; give a later end.")
    if end - start > SPAN_MAX:
        raise _end_fault("time.too_long", f"Work in one go lasts at most {SPAN_MAX.days} days; give an earlier end.")
    return tuple(_parts(start.astimezone(UTC), end.astimezone(UTC), known))


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC: where clocks jump over midnight, the instant of the jump."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def local_today(now: datetime, zone: str | None, *, earliest: bool = False) -> date:
    """Today where the work was done; without a zone the latest date that any clock shows, or the ``earliest``."""
    if zone is not None:
        return now.astimezone(zone_of(zone)).date()
    return (now.astimezone(UTC) + (-WEST if earliest else EAST)).date()


def _parts(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Span]:
    while start < end:
        day = start.astimezone(zone).date()
        following = day + timedelta(days=1)
        while (cut := day_begins(following, zone)) <= start:  # a day that clocks skip
            following += timedelta(days=1)
        until = min(cut, end)
        yield Span(work_date=day, started_at=start, ended_at=until)
        start = until


def _resolved(wall: datetime, zone: ZoneInfo, *, fold: int | None, pointer: str) -> datetime:
    first, second = (wall.replace(tzinfo=zone, fold=one).astimezone(UTC) for one in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None, fold=0) != wall.replace(fold=0):
        raise _nonexistent(wall, zone, pointer)
    if first == second or fold == 0:
        return first
    if fold is None:
        raise _ambiguous(wall, zone, (first, second), pointer)
    return second


def _nonexistent(wall: datetime, zone: ZoneInfo, pointer: str) -> DomainError:
    """The neighbours are the last minute before clocks jump, and the first after it."""
    low = wall.replace(tzinfo=UTC) - _SHIFT_MAX
    high = low + 2 * _SHIFT_MAX
    while high - low > _MINUTE:
        middle = low + (high - low) // 2
        middle = middle.replace(second=0, microsecond=0)
        if middle <= low:
            middle = low + _MINUTE
        if middle.astimezone(zone).replace(tzinfo=None, fold=0) < wall:
            low = middle
        else:
            high = middle
    neighbours = [one.replace(second=0, microsecond=0).astimezone(zone).isoformat() for one in (low, high)]
    message = (
        f"Clocks in {zone.key} never show {wall.isoformat()}: they jump over it. The nearest times are {neighbours[0]} and {neighbours[1]}."
    )
    return _local_fault("time.nonexistent_local", message, pointer, neighbours)


def _ambiguous(wall: datetime, zone: ZoneInfo, both: tuple[datetime, datetime], pointer: str) -> DomainError:
    meant = [one.astimezone(zone).isoformat() for one in both]
    message = (
        f"Clocks in {zone.key} show {wall.isoformat()} twice. Give the offset ({meant[0]} or {meant[1]}), or the fold: 0 for the first, "
        "1 for the second."
    )
    return _local_fault("time.ambiguous_local", message, pointer, meant)


def _local_fault(code: str, message: str, pointer: str, choices: list[str]) -> DomainError:
    fault = Fault(pointer=pointer, code=code, message=message)
    return DomainError(ErrorKind.INVALID, code, message, (fault,), {"choices": choices})


def _end_fault(code: str, message: str) -> DomainError:
    return DomainError(ErrorKind.INVALID, code, message, (Fault(pointer="/ended_at", code=code, message=message),))

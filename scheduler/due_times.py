"""
When something that recurs is due, by a cron expression in a time zone.

The wall clock decides: each time it shows is due once. In the night when clocks go forward, a time that does not exist is due at the
instant when the clock jumps over it; in the night when they go back, a time that comes twice is due the first time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

from scheduler.domain.ground.checks import invalid
from scheduler.domain.ground.errors import Fault

FIELDS = 5
_FAR = datetime(2001, 1, 1)  # noqa: DTZ001 - a wall clock


def check_cron(expression: str | None) -> None:
    """Raise DomainError ``input.invalid`` for what is no cron expression of five fields, or is never due."""
    if expression is None:
        return
    fields = expression.split()
    message = "This is no cron expression; give minute, hour, day of month, month and day of week, such as 30 2 * * 1-5."
    fault = Fault(pointer="/cron", code="cron.invalid", message=message)
    if len(fields) != FIELDS or not croniter.is_valid(expression):
        raise invalid("rebalance policy", fault)
    try:
        croniter(expression, _FAR).get_next(datetime)
    except (ValueError, KeyError) as error:
        raise invalid("rebalance policy", fault) from error


def latest_due(expression: str, time_zone: str, *, after: datetime, until: datetime) -> datetime | None:
    """The last time that was due after one instant and not after another; ``None`` when none was. However many were, one counts."""
    zone = ZoneInfo(time_zone)
    # The wall clock may show less at a later instant: begin a day on, and look back as far.
    walls = croniter(expression, until.astimezone(zone).replace(tzinfo=None) + timedelta(days=1))
    first = after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    while (wall := walls.get_prev(datetime)) >= first:
        due = _instant(wall, zone)
        if after < due <= until:
            return due
    return None


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the zone's clocks show this, or jump over it."""
    due = wall.replace(tzinfo=zone).astimezone(UTC)
    if due.astimezone(zone).replace(tzinfo=None) == wall:
        return due
    # It does not exist: the first minute after the gap.
    before = due - timedelta(hours=3)
    shown = before.astimezone(zone).utcoffset()
    while before.astimezone(zone).utcoffset() == shown:
        before += timedelta(minutes=1)
    return before

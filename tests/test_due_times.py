"""Times that recur: once for each time of the wall clock, whatever the night."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.errors import DomainError
from scheduler.due_times import check_cron, latest_due

HOURS = st.integers(0, 30 * 24)


def dues(cron: str, zone: str, first: date, days: int, *, step: timedelta = timedelta(minutes=20)) -> list[datetime]:
    """Everything that a clock which looks every so often finds due."""
    now = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    last, until, found = now, now + timedelta(days=days), []
    while now < until:
        due = latest_due(cron, zone, after=last, until=now)
        if due is not None:
            found.append(due)
            last = due
        now += step
    return found


@pytest.mark.parametrize(
    ("cron", "zone", "first", "days"),
    [
        ("30 2 * * *", "Europe/Berlin", date(2026, 3, 27), 5),
        ("30 2 * * *", "Europe/Berlin", date(2026, 10, 23), 5),
        ("0 0 * * *", "Africa/Cairo", date(2026, 4, 22), 5),
        ("0 0 * * *", "Africa/Cairo", date(2026, 10, 28), 5),
        ("0 0 * * *", "America/Havana", date(2026, 3, 6), 5),
        ("0 0 * * *", "America/Havana", date(2026, 10, 30), 5),
        ("30 2 * * *", "Australia/Lord_Howe", date(2026, 4, 3), 5),
    ],
)
def test_z12_once_per_local_date_on_both_dst_nights(cron: str, zone: str, first: date, days: int) -> None:
    found = [due.astimezone(ZoneInfo(zone)).date() for due in dues(cron, zone, first, days)]
    begin = found[0]
    assert found == [begin + timedelta(days=n) for n in range(len(found))]
    assert len(found) >= days - 1


def test_a_time_that_does_not_exist_is_due_when_the_clock_jumps() -> None:
    until = datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert latest_due("30 2 * * *", "Europe/Berlin", after=until - timedelta(hours=12), until=until) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_j08_three_nights_off_is_one_time() -> None:
    """Only the last of the missed times counts."""
    until = datetime(2027, 2, 4, 8, tzinfo=UTC)
    assert latest_due("30 2 * * *", "UTC", after=until - timedelta(days=3), until=until) == datetime(2027, 2, 4, 2, 30, tzinfo=UTC)
    assert latest_due("30 2 * * *", "UTC", after=datetime(2027, 2, 4, 2, 30, tzinfo=UTC), until=until) is None


@settings(max_examples=60, deadline=None)
@given(start=HOURS, jump=st.integers(-26, 26))
def test_z16_a_clock_that_is_set_does_nothing_twice(start: int, jump: int) -> None:
    """Forward or back by up to a day: what was due once is not due again, because times are compared and not counted."""
    now = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=start)
    due = latest_due("*/30 * * * *", "Europe/Berlin", after=now - timedelta(hours=2), until=now)
    assert due is not None
    again = latest_due("*/30 * * * *", "Europe/Berlin", after=due, until=now + timedelta(hours=jump))
    assert again is None or again > due


@pytest.mark.parametrize("cron", ["", "x", "* * * *", "* * * * * *", "61 2 * * *", "0 0 30 2 *", "@daily", "0 25 * * *"])
def test_what_is_no_cron_expression_is_refused(cron: str) -> None:
    with pytest.raises(DomainError) as caught:
        check_cron(cron)
    assert caught.value.faults[0].code == "cron.invalid"

"""Local times, nights in which clocks change, and work that crosses midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.clock_times import SPAN_MAX, Moment, local_today, split_by_day
from scheduler.domain.ground.errors import DomainError

BERLIN = "Europe/Berlin"
ZONES = (
    BERLIN,
    "America/New_York",
    "Africa/Cairo",
    "America/Havana",
    "America/Sao_Paulo",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)


def at(text: str, zone: str = BERLIN, *, fold: int | None = None) -> datetime:
    return Moment(at=datetime.fromisoformat(text), fold=fold).instant(zone, pointer="/started_at")


def parts(start: datetime, end: datetime, zone: str = BERLIN) -> list[tuple[str, int]]:
    return [(part.work_date.isoformat(), part.minutes) for part in split_by_day(start, end, zone=zone)]


def test_z01_a_local_time_that_does_not_exist() -> None:
    """The refusal names the last minute before clocks jump, and the first after."""
    with pytest.raises(DomainError) as refused:
        at("2026-03-29T02:30")
    assert refused.value.code == "time.nonexistent_local"
    assert refused.value.faults[0].pointer == "/started_at"
    assert refused.value.facts["choices"] == ["2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00"]


def test_z02_a_local_time_that_comes_twice() -> None:
    """Without offset and fold the refusal names both; either tells them apart."""
    with pytest.raises(DomainError) as refused:
        at("2026-10-25T02:30")
    assert refused.value.code == "time.ambiguous_local"
    assert refused.value.facts["choices"] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    first, second = at("2026-10-25T02:30", fold=0), at("2026-10-25T02:30", fold=1)
    assert (first, second) == (at("2026-10-25T02:30+02:00"), at("2026-10-25T02:30+01:00"))
    assert second - first == timedelta(hours=1)
    assert at("2026-06-25T02:30", fold=1) == at("2026-06-25T02:30"), "where a time comes once, the fold says nothing"


@pytest.mark.parametrize(("night", "minutes"), [("2026-03-29", 120), ("2026-10-25", 240)])
def test_z03_a_shift_on_a_dst_night_lasts_as_long_as_it_did(night: str, minutes: int) -> None:
    """From 01:00 to 04:00 are two hours in spring and four in autumn."""
    assert parts(at(f"{night}T01:00"), at(f"{night}T04:00")) == [(night, minutes)]


def test_t06_what_crosses_midnight_is_cut_where_the_local_day_begins() -> None:
    """Midnight, a month's end, a leap day and a DST night: each day has its part, and together they last as long."""
    assert parts(at("2027-02-28T22:00"), at("2027-03-01T01:30")) == [("2027-02-28", 120), ("2027-03-01", 90)]
    assert parts(at("2028-02-28T23:00"), at("2028-03-01T01:00")) == [("2028-02-28", 60), ("2028-02-29", 1440), ("2028-03-01", 60)]
    assert parts(at("2026-10-24T22:00"), at("2026-10-26T01:00")) == [("2026-10-24", 120), ("2026-10-25", 1500), ("2026-10-26", 60)]
    assert parts(at("2026-03-28T22:00"), at("2026-03-30T01:00")) == [("2026-03-28", 120), ("2026-03-29", 1380), ("2026-03-30", 60)]


def test_midnight_that_does_not_exist_or_comes_twice() -> None:
    """In Cairo clocks jump over midnight, in Havana they go back to it: the day begins at the jump, and at the first midnight."""
    cairo, havana = ZoneInfo("Africa/Cairo"), ZoneInfo("America/Havana")
    start = datetime(2026, 4, 23, 23, tzinfo=cairo).astimezone(UTC)
    assert parts(start, start + timedelta(hours=2), "Africa/Cairo") == [("2026-04-23", 60), ("2026-04-24", 60)]
    start = datetime(2026, 10, 31, 23, tzinfo=havana).astimezone(UTC)
    assert parts(start, start + timedelta(hours=4), "America/Havana") == [("2026-10-31", 60), ("2026-11-01", 180)]


def test_a_day_that_clocks_skip_has_no_part() -> None:
    """Samoa had no 30 December 2011."""
    start = datetime(2011, 12, 29, 23, tzinfo=ZoneInfo("Pacific/Apia")).astimezone(UTC)
    assert parts(start, start + timedelta(hours=2), "Pacific/Apia") == [("2011-12-29", 60), ("2011-12-31", 60)]


def test_the_same_hours_lie_on_other_days_14_hours_apart() -> None:
    """One call, two people: the work date is that of their own clocks, the minutes are the same."""
    start, end = datetime(2027, 1, 3, 22, tzinfo=UTC), datetime(2027, 1, 3, 23, 30, tzinfo=UTC)
    assert parts(start, end, "Pacific/Kiritimati") == [("2027-01-04", 90)]
    assert parts(start, end, "America/New_York") == [("2027-01-03", 90)]


def test_today_is_the_day_of_the_zone_and_else_any_clocks() -> None:
    """Without a zone nobody is late or early who is not so by every clock."""
    now = datetime(2027, 1, 3, 11, tzinfo=UTC)
    assert local_today(now, "Pacific/Kiritimati") == date(2027, 1, 4)
    assert local_today(now, "Pacific/Pago_Pago") == date(2027, 1, 3)
    assert (local_today(now, None, earliest=True), local_today(now, None)) == (date(2027, 1, 2), date(2027, 1, 4))


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "", "Europe", "localtime", "right/Europe/Berlin"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    """Whatever the name looks like."""
    with pytest.raises(DomainError) as refused:
        split_by_day(at("2027-01-03T10:00"), at("2027-01-03T11:00"), zone=zone)
    assert refused.value.faults[0].code == "time.zone_unknown"


@pytest.mark.parametrize("hours", [0, -1, 24 * 14 + 1])
def test_t01_an_end_before_the_start_and_work_without_end(hours: int) -> None:
    """Each is refused at the end."""
    start = datetime(2027, 1, 3, 22, tzinfo=UTC)
    with pytest.raises(DomainError) as refused:
        split_by_day(start, start + timedelta(hours=hours), zone=BERLIN)
    assert refused.value.code == ("time.too_long" if hours > 0 else "time.end_before_start")
    assert refused.value.faults[0].pointer == "/ended_at"


@given(
    st.sampled_from(ZONES),
    st.datetimes(min_value=datetime(2010, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the strategy adds the zone
    st.integers(min_value=1, max_value=SPAN_MAX // timedelta(minutes=1)),
)
def test_minutes_are_conserved_by_the_split(zone: str, start: datetime, minutes: int) -> None:
    """Parts follow one another without gap, each on its own local day, and add up to the minutes that passed."""
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    found = split_by_day(start, end, zone=zone)
    assert sum(part.minutes for part in found) == minutes
    assert [part.started_at for part in found] == [start, *(part.ended_at for part in found[:-1])]
    assert found[-1].ended_at == end
    days = [part.work_date for part in found]
    assert days == sorted(set(days))
    known = ZoneInfo(zone)
    for part in found:
        last = part.ended_at - timedelta(minutes=1)
        assert {part.started_at.astimezone(known).date(), last.astimezone(known).date()} == {part.work_date}

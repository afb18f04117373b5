"""Nobody can fill the audit without a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.ground.strangers import HOUR, SOURCES_MOST, Strangers

START = datetime(2027, 2, 1, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(-600, 1800)), max_size=300))
def test_records_are_few_and_none_is_lost_count_of(requests: list[tuple[int, int]]) -> None:
    """At most one record a source and so many in all within an hour; every other request is in the count of the next record."""
    strangers, now = Strangers(), START
    recorded: list[datetime] = []
    counted = uncounted = 0
    for source, seconds in requests:
        now += timedelta(seconds=seconds)
        said = strangers.heard(f"192.0.2.{source}", now=now)
        if said is None:
            uncounted += 1
        else:
            recorded.append(now)
            counted, uncounted = counted + said, 0
    assert len(recorded) + counted + uncounted == len(requests)
    if all(seconds >= 0 for _, seconds in requests):
        assert all(sum(at <= one < at + HOUR for one in recorded) <= 2 * SOURCES_MOST for at in recorded)


def test_a_source_is_recorded_once_an_hour() -> None:
    """Its first request, and the first after an hour, with the number of those between."""
    strangers = Strangers()
    minutes = (0, 1, 59, 60, 61)
    assert [strangers.heard("192.0.2.1", now=START + timedelta(minutes=one)) for one in minutes] == [0, None, None, 2, None]


def test_many_sources_are_recorded_as_few() -> None:
    """Of a thousand addresses the first so many have a record."""
    strangers = Strangers()
    said = [strangers.heard(f"source {number}", now=START) for number in range(1000)]
    assert said == [0] * SOURCES_MOST + [None] * (1000 - SOURCES_MOST)
    assert strangers.heard("another", now=START + HOUR) == 1000 - SOURCES_MOST

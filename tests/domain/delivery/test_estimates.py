"""What the estimates of tasks come to week by week."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.estimates import NoWork, Unplaced, by_week, wanted_work
from scheduler.domain.delivery.structure import tree
from scheduler.domain.delivery.tasks import Task, TaskKind, TaskState
from scheduler.domain.ground.ids import SkillId
from scheduler.domain.ground.interval import DateInterval
from tests.factories import MONDAY, make_task, monday, weeks

ESTIMATE = 4_800


def found(*tasks: Task, project_days: DateInterval | None = None) -> dict[str, object]:
    """By task name: its weeks, or why there are none."""
    works = wanted_work(tree(tasks), project_days=project_days)
    return {one.name: one.reason if isinstance(one, Unplaced) else one.weeks for one in works}


@given(
    minutes=st.integers(1, 10_000_000),
    first=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    days=st.integers(1, 900),
    off=st.sets(st.integers(0, 900), max_size=40),
)
def test_weeks_add_up_to_the_estimate(minutes: int, first: date, days: int, off: set[int]) -> None:
    """Exactly, whatever the period and the days off; every week holds a day of the period, and none is empty."""
    period = DateInterval(first, first + timedelta(days=days))
    spread = by_week(minutes, period, off={first + timedelta(days=n) for n in off})
    assert sum(amount for _, amount in spread) == minutes
    assert [week for week, _ in spread] == sorted({week for week, _ in spread})
    for week, amount in spread:
        assert week.weekday() == 0
        assert amount > 0
        assert period.overlaps(DateInterval(week, week + timedelta(days=7)))


def test_minutes_lie_on_working_days() -> None:
    """Wednesday to Tuesday with the Friday off: two days in the first week, two in the next; a weekend alone counts its days."""
    wednesday = MONDAY + timedelta(days=2)
    week_long = DateInterval(wednesday, wednesday + timedelta(days=7))
    assert by_week(400, week_long, off={MONDAY + timedelta(days=4)}) == ((MONDAY, 200), (monday(1), 200))
    assert by_week(500, week_long) == ((MONDAY, 300), (monday(1), 200))
    saturday = MONDAY + timedelta(days=5)
    assert by_week(100, DateInterval(saturday, saturday + timedelta(days=2))) == ((MONDAY, 100),)


def test_an_estimate_counts_where_no_part_has_one() -> None:
    """The parts of a phase stand for it; so nothing is counted twice, at whatever depth the estimates are."""
    phase = make_task("phase", kind=TaskKind.PHASE, estimate_minutes=ESTIMATE, period=weeks(0, 1))
    whole = make_task("whole", parent="phase")
    part = make_task("part", parent="whole", estimate_minutes=600)
    assert found(phase, whole, part) == {"phase": NoWork.PARTS_STAND_FOR_IT, "part": ((MONDAY, 300), (monday(1), 300))}
    assert found(phase, whole) == {"phase": ((MONDAY, 2_400), (monday(1), 2_400))}


def test_a_period_comes_from_above() -> None:
    """A task without days lies on those of what it is part of, or of the project; else it is left out, and says so."""
    phase, part = make_task("phase", kind=TaskKind.PHASE, period=weeks(2, 2)), make_task("part", parent="phase", estimate_minutes=600)
    assert found(phase, part, project_days=weeks(0, 9)) == {"part": ((monday(2), 600),)}
    alone = make_task("alone", estimate_minutes=600)
    assert found(alone, project_days=weeks(3, 3)) == {"alone": ((monday(3), 600),)}
    assert found(alone) == {"alone": NoWork.NO_PERIOD}
    assert found(make_task("unsure", period=weeks(0, 0))) == {"unsure": NoWork.NO_ESTIMATE}


def test_what_is_done_or_cancelled_wants_nobody() -> None:
    """Done work is done; a cancelled task is left out with its parts, and an estimate among them does not count."""
    done = make_task("done", state=TaskState.DONE, estimate_minutes=600, period=weeks(0, 0))
    dropped = make_task("dropped", state=TaskState.CANCELLED, kind=TaskKind.PHASE, period=weeks(0, 0))
    under = make_task("under", parent="dropped", estimate_minutes=600)
    assert found(done, dropped, under) == {}
    phase = make_task("phase", kind=TaskKind.PHASE, estimate_minutes=600, period=weeks(0, 0))
    assert found(phase, make_task("gone", parent="phase", state=TaskState.CANCELLED, estimate_minutes=60)) == {"phase": ((MONDAY, 600),)}


def test_skills_and_grade_go_along() -> None:
    """Who could do a task is who could do the work that follows from it."""
    task = make_task(estimate_minutes=600, period=weeks(0, 0), requires={SkillId("sap"): 3}, grade="senior")
    (work,) = wanted_work(tree([task]), project_days=None)
    assert not isinstance(work, Unplaced)
    assert (work.requires, work.grade, work.minutes) == ({"sap": 3}, "senior", 600)

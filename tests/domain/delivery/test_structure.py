"""What may be part of what in a project, and what in its tree does not add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.structure import DEPTH_MAX, HOLDERS, check_place, check_stays, tree, warnings
from scheduler.domain.delivery.tasks import OPEN_STATES, STEPS, ChecklistItem, Task, TaskKind, TaskState, check_step
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ProjectId, TaskId
from tests.factories import MONDAY, make_task, monday, weeks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.delivery.structure import Part

PHASE = TaskKind.PHASE
BEFORE = MONDAY - timedelta(days=1)


def codes(error: DomainError) -> set[str]:
    return {fault.code for fault in error.faults}


def said(*tasks: Task, today: date = BEFORE, project_weeks: tuple[int, int] | None = (0, 9)) -> set[tuple[str, str]]:
    days = None if project_weeks is None else weeks(*project_weeks)
    return {(one.task_id, one.code) for one in warnings(tree(tasks), project_days=days, today=today)}


def test_a_task_has_a_period_and_a_milestone_a_day() -> None:
    """Each kind has its own sort of date; nobody works on a milestone, and a period ends."""
    with pytest.raises(DomainError) as period:
        make_task(kind=TaskKind.MILESTONE, period=weeks(0, 0), estimate_minutes=60)
    assert codes(period.value) == {"task.has_due", "task.milestone_estimate"}
    with pytest.raises(DomainError) as due:
        make_task(due=MONDAY)
    assert codes(due.value) == {"task.has_period"}
    with pytest.raises(DomainError) as endless:
        make_task(period=replace(weeks(0, 0), end=None))
    assert codes(endless.value) == {"task.open_ended"}


def test_what_may_be_part_of_what() -> None:
    """Every pair of kinds: a part is let in exactly where the table says so, from above and from below."""
    for holder in TaskKind:
        for kind in TaskKind:
            whole, part = make_task("whole", kind=holder), make_task("part", parent="whole", kind=kind)
            if kind in HOLDERS[holder]:
                check_place(part, [whole])
                check_place(whole, [part])
                continue
            for task, other in ((part, whole), (whole, part)):
                with pytest.raises(DomainError) as refused:
                    check_place(task, [other])
                assert codes(refused.value) == {"task.parent_kind"}


def test_a_whole_is_of_the_same_project() -> None:
    """A parent that the project does not have is refused, and a task never changes its project."""
    with pytest.raises(DomainError) as elsewhere:
        check_place(make_task("part", parent="nothing"), [])
    assert codes(elsewhere.value) == {"task.parent_elsewhere"}
    with pytest.raises(DomainError, match="stays in its project"):
        check_stays(make_task(), make_task(project_id=ProjectId("beta")))


def test_nothing_is_part_of_itself() -> None:
    """Neither of itself nor of one of its own parts."""
    top, middle = make_task("top", kind=PHASE), make_task("middle", kind=PHASE, parent="top")
    low = make_task("low", kind=PHASE, parent="middle")
    for parent in (top, middle, low):
        with pytest.raises(DomainError) as cycle:
            check_place(replace(top, parent_task_id=parent.id), [middle, low])
        assert codes(cycle.value) == {"task.cycle"}


def chain(length: int, *, start: int = 0) -> list[Task]:
    names = [f"t{start + number}" for number in range(length)]
    return [make_task(name, kind=PHASE, parent=names[n - 1] if n else None) for n, name in enumerate(names)]


def test_depth_counts_what_hangs_below() -> None:
    """A tree that is moved takes its own depth along."""
    high, low = chain(DEPTH_MAX - 3), chain(3, start=100)
    check_place(replace(low[0], parent_task_id=high[-1].id), [*high, *low])
    longer = [*low, make_task("t103", kind=PHASE, parent="t102")]
    with pytest.raises(DomainError) as deep:
        check_place(replace(longer[0], parent_task_id=high[-1].id), [*high, *longer])
    assert codes(deep.value) == {"task.too_deep"}


MOVES = st.lists(st.tuples(st.integers(0, 7), st.none() | st.integers(0, 7), st.sampled_from(TaskKind)), max_size=30)


@given(MOVES)
def test_whatever_is_let_in_is_a_tree(moves: Sequence[tuple[int, int | None, TaskKind]]) -> None:
    """Any moves and changes of kind, refused or not, leave every task in the tree once, under kinds that may hold it."""
    tasks = {number: make_task(f"t{number}") for number in range(8)}
    for number, parent, kind in moves:
        moved = replace(tasks[number], kind=kind, parent_task_id=None if parent is None else tasks[parent].id)
        try:
            check_place(moved, [task for other, task in tasks.items() if other != number])
        except DomainError:
            continue
        tasks[number] = moved
    listed = list(flat(tree(tasks.values())))
    assert sorted(part.task.id for part in listed) == sorted(task.id for task in tasks.values())
    for part in listed:
        assert all(inner.task.kind in HOLDERS[part.task.kind] for inner in part.parts)


def flat(parts: Sequence[Part]) -> list[Part]:
    return [one for part in parts for one in (part, *flat(part.parts))]


def test_the_tree_is_in_order_and_adds_estimates_up() -> None:
    """Parts by position, then name; a whole without an estimate has its parts', without what is cancelled."""
    tasks = [
        make_task("phase", kind=PHASE),
        make_task("b", parent="phase", position=1, estimate_minutes=60),
        make_task("c", parent="phase", position=0, estimate_minutes=30),
        make_task("a", parent="phase", position=1),
        make_task("x", parent="phase", position=2, estimate_minutes=1_000, state=TaskState.CANCELLED),
    ]
    (phase,) = tree(tasks)
    assert [part.task.name for part in phase.parts] == ["c", "a", "b", "x"]
    assert phase.estimate_minutes == 90
    assert phase.parts[1].estimate_minutes is None


def test_days_outside_the_whole_are_told() -> None:
    """Of a part beyond its phase, and of a phase or milestone beyond the project; a phase without days passes the project's on."""
    inside = make_task("inside", kind=PHASE, period=weeks(0, 3))
    part = make_task("part", parent="inside", period=weeks(3, 4))
    assert said(inside, part) == {(part.id, "task.outside_parent")}
    dateless = make_task("dateless", kind=PHASE)
    launch = make_task("launch", parent="dateless", kind=TaskKind.MILESTONE, due=monday(10))
    assert said(dateless, launch) == {(launch.id, "task.outside_project")}
    assert said(dateless, replace(launch, due=monday(10) - timedelta(days=1))) == set()
    assert said(dateless, launch, project_weeks=None) == set()


def test_late_is_what_is_open_after_its_last_day() -> None:
    """On the last day it is not late, on the next it is; what is done or cancelled never is."""
    last = monday(1) - timedelta(days=1)
    work, review = make_task("work", period=weeks(0, 0)), make_task("review", kind=TaskKind.DELIVERABLE, due=last)
    for task in (work, review):
        assert said(task, today=last) == set()
        assert said(task, today=last + timedelta(days=1)) == {(task.id, "task.late")}
        for state in set(TaskState) - OPEN_STATES:
            assert said(replace(task, state=state), today=last + timedelta(days=1)) == set()


def test_done_is_done_with_everything() -> None:
    """Open parts and open items of a checklist are told; cancelled parts are not open."""
    done = make_task("done", state=TaskState.DONE, checklist=(ChecklistItem(text="signed"),))
    part = make_task("part", parent="done")
    assert said(done, part) == {(done.id, "task.done_with_open_parts"), (done.id, "task.done_with_open_checklist")}
    ticked = replace(done, checklist=(ChecklistItem(text="signed", is_done=True),))
    assert said(ticked, replace(part, state=TaskState.CANCELLED)) == set()


def test_parts_of_more_than_the_whole_are_told() -> None:
    """Only where the whole has an estimate of its own, and the parts are more."""
    whole, part = make_task("whole", estimate_minutes=60), make_task("part", parent="whole", estimate_minutes=61)
    assert said(whole, part) == {(whole.id, "task.parts_exceed_estimate")}
    assert said(replace(whole, estimate_minutes=None), part) == said(whole, replace(part, estimate_minutes=60)) == set()


@pytest.mark.parametrize("before", TaskState)
@pytest.mark.parametrize("after", TaskState)
def test_states_go_the_steps_of_the_table(before: TaskState, after: TaskState) -> None:
    """Every pair of states: allowed where the table has the step or nothing changes."""
    one, other = make_task(state=before), make_task(state=after)
    if before is after or after in STEPS[before]:
        check_step(one, other)
        return
    with pytest.raises(DomainError) as refused:
        check_step(one, other)
    assert refused.value.code == "task.illegal_step"
    assert refused.value.facts["allowed"] == sorted(STEPS[before])


def test_a_part_of_what_is_not_listed_stands_at_the_top() -> None:
    """Nothing is lost of a tree that is not whole."""
    orphan = make_task("orphan", parent_task_id=TaskId("elsewhere"))
    assert [part.task for part in tree([orphan])] == [orphan]

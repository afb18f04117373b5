"""How a template becomes the tasks of a project, on its working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.delivery.structure import check_place, tree
from scheduler.domain.delivery.tasks import TaskKind
from scheduler.domain.delivery.templates import ProjectTemplate, TemplatePart, span_of, working_days
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ProjectId, TaskId, TemplateId
from scheduler.domain.ground.interval import DateInterval
from tests.factories import MONDAY

KINDS = st.sampled_from([TaskKind.PHASE, TaskKind.TASK])
ROLLOUT = (
    TemplatePart(key="test", name="Test", parent_key="build", start_day=4, length_days=2, estimate_minutes=600),
    TemplatePart(key="build", name="Build", kind=TaskKind.PHASE, start_day=0, length_days=6, checklist=("Kick-off held",)),
    TemplatePart(key="live", name="Go-live", kind=TaskKind.MILESTONE, due_day=6),
)


def template(*parts: TemplatePart) -> ProjectTemplate:
    return ProjectTemplate(id=TemplateId("t"), name="Rollout", parts=parts)


def faults(*parts: TemplatePart) -> set[tuple[str, str]]:
    with pytest.raises(DomainError) as refused:
        template(*parts)
    return {(fault.pointer, fault.code) for fault in refused.value.faults}


def test_days_are_working_days() -> None:
    """Weekends and days off move what follows; a period ends after its last working day, wherever weekends fall."""
    off = {MONDAY + timedelta(days=1)}
    days = working_days(MONDAY - timedelta(days=2), 7, off=off)
    assert [(day - MONDAY).days for day in days] == [0, 2, 3, 4, 7, 8, 9]
    ids = {part.key: TaskId(part.key) for part in ROLLOUT}
    build, live, test = template(*ROLLOUT).tasks(project_id=ProjectId("p"), ids=ids, day=days.__getitem__)
    assert build.period == DateInterval(MONDAY, MONDAY + timedelta(days=9))
    assert test.period == DateInterval(MONDAY + timedelta(days=7), MONDAY + timedelta(days=9))
    assert live.due == MONDAY + timedelta(days=9)
    assert (test.parent_task_id, test.estimate_minutes, test.position) == ("build", 600, 0)
    assert [item.text for item in build.checklist] == ["Kick-off held"]
    assert span_of((build, test, live)) == DateInterval(MONDAY, MONDAY + timedelta(days=10))


def test_a_template_without_days_has_no_span() -> None:
    """It takes no working day, and its project gets no period from it."""
    bare = template(TemplatePart(key="a", name="A"))
    assert bare.days == 0
    assert span_of(bare.tasks(project_id=ProjectId("p"), ids={"a": TaskId("a")}, day=lambda _: MONDAY)) is None
    assert template(*ROLLOUT).days == 7


def test_what_its_tasks_could_not_be_a_template_is_not() -> None:
    """Faults bear the place in the template: kinds with the wrong days, unknown and forbidden wholes, cycles, keys that are taken."""
    assert faults(TemplatePart(key="a", name="A", kind=TaskKind.MILESTONE, start_day=0, length_days=1)) == {
        ("/parts/0/start_day", "task.has_due")
    }
    assert faults(TemplatePart(key="a", name="A", due_day=3)) == {("/parts/0/due_day", "task.has_period")}
    assert faults(TemplatePart(key="a", name="A", parent_key="b")) == {("/parts/0/parent_key", "task.parent_elsewhere")}
    pair = [TemplatePart(key=key, name=key, parent_key=other) for key, other in (("a", "b"), ("b", "a"))]
    assert faults(*pair) == {("/parts/0/parent_key", "task.cycle"), ("/parts/1/parent_key", "task.cycle")}
    assert faults(TemplatePart(key="a", name="A"), TemplatePart(key="a", name="B")) == {("/parts", "template.key_taken")}
    with pytest.raises(DomainError) as alone:
        TemplatePart(key="a", name="A", start_day=3)
    assert [fault.pointer for fault in alone.value.faults] == ["/length_days"]


@given(
    parents=st.lists(st.integers(-1, 6), min_size=1, max_size=7),
    kinds=st.lists(KINDS, min_size=7, max_size=7),
    spans=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)), min_size=7, max_size=7),
    first=st.dates(date(2026, 1, 1), date(2030, 1, 1)),
)
def test_whatever_template_is_taken_makes_a_tree(
    parents: list[int], kinds: list[TaskKind], spans: list[tuple[int, int]], first: date
) -> None:
    """Every task in its place, after its whole, its working days as many as the template says."""
    parts = [
        TemplatePart(
            key=str(n),
            name=f"part {n}",
            kind=kinds[n],
            parent_key=None if up < 0 else str(up),
            start_day=spans[n][0],
            length_days=spans[n][1],
        )
        for n, up in enumerate(parents)
    ]
    try:
        taken = template(*parts)
    except DomainError:
        return
    days = working_days(first, taken.days, off=())
    tasks = taken.tasks(project_id=ProjectId("p"), ids={part.key: TaskId(part.key) for part in parts}, day=days.__getitem__)
    placed: list[str] = []
    for task in tasks:
        assert task.parent_task_id is None or task.parent_task_id in placed
        check_place(task, [other for other in tasks if other is not task])
        placed.append(task.id)
        assert task.period is not None
        assert sum(day.weekday() < 5 for day in task.period.days()) == spans[int(task.id)][1]
    assert len(placed) == len(parts)
    assert {part.task.id for part in tree(tasks)} == {str(n) for n, up in enumerate(parents) if up < 0}

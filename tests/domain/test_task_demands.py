"""What becomes of the demands that follow from tasks."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from scheduler.domain.ground.ids import ProjectId, SkillId, TaskId
from scheduler.domain.ground.wanted_work import WantedWork
from scheduler.domain.staffing.deals import moved_demand
from scheduler.domain.staffing.task_demands import Outcome, derived_demands, is_as_derived
from scheduler.domain.staffing.work import EFFORT_MAX, Demand
from tests.factories import MONDAY, make_demand, make_effort, monday

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.domain.staffing.task_demands import DerivedDemand

WORK = WantedWork(task_id=TaskId("design"), project_id=ProjectId("alpha"), name="Design", weeks=((MONDAY, 300), (monday(1), 200)))


def run(works: Sequence[WantedWork], demands: Sequence[Demand] = ()) -> list[DerivedDemand]:
    numbers = count()
    return list(derived_demands(works, demands, next_id=lambda: f"demand-{next(numbers)}"))


def made(work: WantedWork = WORK) -> Demand:
    (one,) = run([work])
    assert one.outcome is Outcome.CREATED
    assert one.demand is not None
    return one.demand


def test_a_second_run_finds_nothing_to_do() -> None:
    """The demand is the task's, with its weeks; made once, it is left as it is."""
    demand = made()
    assert (demand.task_id, demand.name, demand.effort) == ("design", "Design", make_effort({0: 300, 1: 200}))
    (again,) = run([WORK], [demand])
    assert (again.outcome, again.demand) == (Outcome.UNCHANGED, demand)


def test_a_task_that_moves_takes_its_demand_along() -> None:
    """Effort, skills and grade follow; what the task says nothing of stays as somebody set it."""
    demand = replace(made(), max_people=2, name="Designers")
    later = replace(WORK, weeks=((monday(2), 700),), requires={SkillId("sap"): 2}, grade="senior")
    (one,) = run([later], [demand])
    assert one.outcome is Outcome.UPDATED
    assert one.demand is not None
    assert (one.demand.effort, dict(one.demand.requires), one.demand.grade) == (make_effort({2: 700}), {"sap": 2}, "senior")
    assert (one.demand.max_people, one.demand.name) == (2, "Designers")


def test_what_was_changed_by_hand_stays() -> None:
    """It is reported; where the task comes to say the same, it follows again."""
    by_hand = replace(made(), effort=make_effort({0: 999}))
    (one,) = run([WORK], [by_hand])
    assert (one.outcome, one.demand, one.wanted_minutes) == (Outcome.CHANGED_BY_HAND, by_hand, 500)
    (agreed,) = run([replace(WORK, weeks=((MONDAY, 999),))], [by_hand])
    assert agreed.outcome is Outcome.UPDATED
    assert agreed.demand is not None
    assert is_as_derived(agreed.demand)


def test_demands_of_no_task_or_of_one_that_is_gone() -> None:
    """The former stay out of it, the latter are listed and kept."""
    demand = made()
    (gone,) = run([], [demand, make_demand()])
    assert (gone.outcome, gone.demand) == (Outcome.NOT_WANTED, demand)


def test_more_than_a_demand_can_want() -> None:
    """Nothing is made of a week beyond the limit; at the limit it is."""
    (over,) = run([replace(WORK, weeks=((MONDAY, EFFORT_MAX + 1),))])
    assert (over.outcome, over.demand) == (Outcome.TOO_MUCH, None)
    assert made(replace(WORK, weeks=((MONDAY, EFFORT_MAX),))).effort[0].minutes == EFFORT_MAX


def test_a_demand_that_moves_with_its_project_still_follows_from_its_task() -> None:
    """And one that was changed by hand is still changed by hand."""
    assert is_as_derived(moved_demand(made(), weeks=3))
    assert not is_as_derived(moved_demand(replace(made(), grade="senior"), weeks=3))

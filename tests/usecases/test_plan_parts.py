"""Applying a part of a plan, its diff, and what else may have moved meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.plan_changes import PlanPart, change_id
from scheduler.queries.capacity import capacity_faults
from scheduler.queries.plan_diff import plan_diff
from scheduler.usecases.plan_application import ApplyTerms, PlanApplication, apply_plan
from scheduler.usecases.records import create_record
from tests import factories as make
from tests.stored_plans import PLANNED_AT, planned, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.domain.staffing.plans import Plan
    from scheduler.store import Store

LATER = PLANNED_AT + timedelta(hours=1)
LEAD, BETA = "alpha-lead", "beta-lead"
HALVES = (Decimal(1), Decimal("0.5"))


def applied(store: Store, plan: Plan, *, version: int | None = None, **changes: Any) -> PlanApplication:
    terms = ApplyTerms(**{"confirmed": True, **changes})
    return apply_plan(store, actor=LOCAL, plan_id=plan.id, expected_version=version or plan.version, now=LATER, terms=terms)


def refusal(act: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value


def booked(store: Store) -> set[tuple[str, str | None]]:
    with store.read(LOCAL) as view:
        return {(b.person_id, b.demand_id) for b in view.bookings.all()}


def edit(store: Store, area: str, record_id: str, **changes: Any) -> None:
    with store.begin(LOCAL, now=LATER) as tx:
        tx.area(area).save(replace(tx.area(area).get(record_id), **changes))


BY_PERSON = PlanPart(person_ids=("bob",))
BY_DEMAND = PlanPart(demand_ids=(BETA,))
BY_CHANGE = PlanPart(change_ids=(change_id("bob", BETA),))


@pytest.mark.parametrize("part", [BY_PERSON, BY_DEMAND, BY_CHANGE], ids=["person", "demand", "assignment"])
def test_a_chosen_part_and_then_the_rest(firm: Store, part: PlanPart) -> None:
    """Only what is chosen becomes bookings; the rest can be applied later, each part once."""
    plan = planned(firm, run(), run("bob", BETA))
    first = applied(firm, plan, part=part)
    assert (booked(firm), first.remaining) == ({("bob", BETA)}, (change_id("ann", LEAD),))
    assert refusal(lambda: applied(firm, plan, part=part)).code == "plan.already_applied"
    assert refusal(lambda: applied(firm, plan, part=part, version=first.plan.version)).code == "plan.already_applied"
    rest = applied(firm, plan, version=first.plan.version)
    assert (booked(firm), rest.remaining) == ({("bob", BETA), ("ann", LEAD)}, ())
    assert refusal(lambda: applied(firm, plan, version=rest.plan.version)).code == "plan.already_applied"
    assert capacity_faults(firm, actor=LOCAL) == ()


def test_a_part_after_a_part_of_the_same_person(firm: Store) -> None:
    """What the plan itself has booked is no move that it would stumble over."""
    plan = planned(firm, run(), run("ann", BETA))
    first = applied(firm, plan, part=PlanPart(demand_ids=(BETA,)))
    applied(firm, plan, version=first.plan.version, part=PlanPart(demand_ids=(LEAD,)))
    assert booked(firm) == {("ann", BETA), ("ann", LEAD)}
    assert capacity_faults(firm, actor=LOCAL) == ()


def test_a_part_that_does_not_hold_alone_is_refused(firm: Store) -> None:
    """Bob takes over from Ann: with both halves of it or with none; the rule that would break is named."""
    edit(firm, "demands", LEAD, max_people=1)
    with firm.begin(LOCAL, now=PLANNED_AT) as tx:
        tx.bookings.add(make.make_booking())
    plan = planned(firm, run("bob"))
    error = refusal(lambda: applied(firm, plan, part=PlanPart(person_ids=("bob",))))
    assert error.code == "plan.part_breaks_rules"
    assert error.facts["broken"]
    assert booked(firm) == {("ann", LEAD)}
    applied(firm, plan, part=PlanPart(demand_ids=(LEAD,)))
    assert booked(firm) == {("bob", LEAD)}


def test_what_the_plan_does_not_change_cannot_be_chosen(firm: Store) -> None:
    """Each unknown id is named; choosing nothing is no part."""
    plan = planned(firm, run())
    error = refusal(lambda: applied(firm, plan, part=PlanPart(person_ids=("ann", "zoe"), demand_ids=(BETA,))))
    assert {(fault.pointer, fault.code) for fault in error.faults} == {
        ("/part/person_ids/1", "reference.not_found"),
        ("/part/demand_ids/0", "reference.not_found"),
    }
    assert refusal(PlanPart).faults[0].code == "part.empty"


FAR: dict[str, Callable[[Store], object]] = {
    "team": lambda s: edit(s, "people", "ann", team="Other"),
    "cost": lambda s: edit(s, "people", "ann", terms=(make.make_term(cost_rate=Decimal(77)),)),
    "absence outside the run": lambda s: create_record(s, actor=LOCAL, value=make.make_absence(first=make.monday(5)), now=LATER),
    "somebody else's absence": lambda s: create_record(s, actor=LOCAL, value=make.make_absence("bob"), now=LATER),
    "calendar's name": lambda s: edit(s, "calendars", "plain", name="Other"),
    "closure outside the run": lambda s: edit(s, "calendars", "plain", closures=(make.make_closure(make.monday(6)),)),
    "project's budget": lambda s: edit(s, "projects", "alpha", budget_minutes=600),
    "a booking in other weeks": lambda s: create_record(
        s, actor=LOCAL, value=make.make_booking(demand=None, project="beta", period=make.weeks(5, 6)), now=LATER
    ),
    "another demand": lambda s: edit(s, "demands", BETA, max_people=3),
}


@pytest.mark.parametrize("move", FAR)
def test_s22_a_firm_that_is_worked_in_applies_an_old_plan(firm: Store, move: str) -> None:
    """What does not touch the chosen changes is no hindrance, and is listed."""
    plan = planned(firm, run())
    FAR[move](firm)
    done = applied(firm, plan)
    assert len(done.other_moves) == 1
    assert "77" not in str(done.other_moves)
    assert ("ann", LEAD) in booked(firm)


def test_s22_the_other_moves_stand_beside_the_refusal(firm: Store) -> None:
    """A part that is not touched can still be applied."""
    plan = planned(firm, run(), run("bob", BETA))
    create_record(firm, actor=LOCAL, value=make.make_absence(), now=LATER)
    edit(firm, "people", "bob", team="Other")
    error = refusal(lambda: applied(firm, plan))
    assert [row["area"] for row in error.facts["rows"]] == ["absences"]
    assert [(row["area"], row["id"]) for row in error.facts["other_moves"]] == [("people", "bob")]
    done = applied(firm, plan, part=BY_PERSON)
    assert {row.area for row in done.other_moves} == {"absences", "people"}


def test_the_diff_is_what_applying_does(firm: Store) -> None:
    """By person and week: before, after, of what there is; page by page; nothing is left once it is applied."""
    with firm.begin(LOCAL, now=PLANNED_AT) as tx:
        tx.bookings.add(make.make_booking("bob", demand=None, project="beta"))
        tx.bookings.add(make.make_booking())
    create_record(firm, actor=LOCAL, value=make.make_absence("bob"), now=PLANNED_AT)
    plan = planned(firm, run("bob", BETA, 0, 1))
    pages = [plan_diff(firm, actor=LOCAL, plan_id=plan.id, page=PageRequest(limit=4))]
    pages.append(plan_diff(firm, actor=LOCAL, plan_id=plan.id, page=PageRequest(limit=4, cursor=pages[0].next_cursor)))
    assert pages[1].next_cursor is None
    weeks = [week for page in pages for week in page.items]
    assert [(w.person_id, w.week, w.before_min, w.after_min, w.capacity_min) for w in weeks] == [
        *(("ann", make.monday(n), 1_200, 0, 2_400) for n in range(4)),
        ("bob", make.monday(0), 480, 1_344, 1_920),
        ("bob", make.monday(1), 480, 1_680, 2_400),
    ]
    assert [(part.id, part.before_min, part.after_min) for part in weeks[4].parts] == [(change_id("bob", BETA), 0, 960)]
    assert (pages[0].before_min, pages[0].after_min) == (4 * 1_200 + 960, 1_344 + 1_680)
    assert set(pages[0].remaining) == {change_id("bob", BETA), change_id("ann", LEAD)}
    applied(firm, plan)
    assert plan_diff(firm, actor=LOCAL, plan_id=plan.id, page=PageRequest()).items == ()

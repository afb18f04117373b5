"""What scenarios make of rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import ScenarioId
from scheduler.domain.ground.permissions import COST_READ, PRICE_READ, PRIVATE_READ, STAFFING_READ
from scheduler.domain.staffing.record_json import record_from_json, record_to_json
from scheduler.domain.staffing.scenario_changes import with_scenarios
from scheduler.domain.staffing.scenario_refs import with_ids
from scheduler.domain.staffing.scenarios import Change, Scenario, check_stack
from scheduler.domain.staffing.work import ProjectState
from tests import factories as make

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.staffing.scenario_rows import LiveRows, ScenarioRows

RECORDS = (
    make.make_skill(),
    make.make_person(),
    make.make_project(apart=(frozenset({"ann", "bob"}),), shift_weeks=(0, 2), period=make.weeks(0, 3), priority=Decimal("1.5")),
    make.make_demand(prefers={"sap": Decimal("1.5")}, requires={"sap": 2}, only=frozenset({"ann"}), locations=frozenset({"Ulm"})),
    make.make_booking(),
    make.make_booking(demand=None),
    make.make_absence(),
    make.make_bill_rate("99.5", valid_from=make.MONDAY),
)


def live(**more: Any) -> LiveRows:
    """Ann and Bob, a won and a tentative project with a demand each, and a booking of Ann on both."""
    rows: dict[str, Any] = {
        "skills": [make.make_skill(), make.make_skill("java")],
        "calendars": [make.make_calendar()],
        "clients": [],
        "people": [make.make_person(), make.make_person("bob")],
        "absences": [make.make_absence()],
        "projects": [make.make_project(), make.make_project("beta", state=ProjectState.TENTATIVE, probability=Decimal("0.5"))],
        "demands": [make.make_demand(), make.make_demand(project="beta")],
        "bookings": [make.make_booking(), make.make_booking(demand="beta-lead", project="beta"), make.make_booking("bob", demand=None)],
        "bill_rates": [],
        **more,
    }
    return {area: {row.id: row for row in values} for area, values in rows.items()}


def scenario(*changes: Change, name: str = "what if", base: str | None = None) -> Scenario:
    return Scenario(id=ScenarioId(name), name=name, base_id=None if base is None else ScenarioId(base), changes=changes)


def change(kind: str, **body: Any) -> Change:
    return Change(kind=kind, body=body)


def made(*changes: Change) -> ScenarioRows:
    return with_scenarios(live(), [scenario(*changes)])


def faults(*changes: Change) -> Mapping[str, str]:
    """Pointer to code of what does not fit."""
    with pytest.raises(DomainError) as refusal:
        made(*changes)
    assert refusal.value.code == "scenario.does_not_fit"
    return {fault.pointer: fault.code for fault in refusal.value.faults}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_records_come_back_from_json_as_they_were(record: Any) -> None:
    """What is written as JSON text is read as an equal record."""
    written = json.loads(json.dumps(record_to_json(record)))
    assert record_from_json(type(record), written, id=record.id, version=record.version) == record


def test_bill_rates_of_a_scenario_keep_their_rules() -> None:
    """They refer to what is there, and overlap with no other in the same currency: none said is the firm's."""
    acme = {"clients": [make.make_client("acme")], "activity_types": [], "bill_rates": [make.make_bill_rate(client_id="acme")]}
    rows = {**live(**acme), "firm": {"firm": make.make_firm()}}

    def codes(**record: Any) -> list[tuple[str, str]]:
        with pytest.raises(DomainError) as refusal:
            with_scenarios(rows, [scenario(change("add_bill_rate", id="new", record={"rate": "90", **record}))])
        return [(fault.pointer, fault.code) for fault in refusal.value.faults]

    assert codes(client_id="globex") == [("/changes/0/record/client_id", "reference.not_found")]
    assert codes(activity_type_id="x") == [("/changes/0/record/activity_type_id", "reference.not_found")]
    assert codes(client_id="acme", currency="EUR") == [("/changes/0", "rate.overlap")]
    added = with_scenarios(
        rows, [scenario(change("add_bill_rate", id="new", record={"rate": "90", "client_id": "acme", "currency": "USD"}))]
    )
    assert added.area("bill_rates")["new"].currency == "USD"


def test_no_change_no_difference_and_the_rows_given_stay() -> None:
    """An empty scenario differs in nothing; whatever a scenario does, it does to a copy."""
    before = live()
    rows = with_scenarios(before, [scenario()])
    differ = rows.differ(before)
    assert (differ.added, differ.changed, differ.deleted) == ((), (), ())
    with_scenarios(before, [scenario(change("win_project", project_id="beta"), change("remove_person", id="ann", leaves="2027-03-01"))])
    assert before == live()


def test_a_deal_is_won_or_lost_once() -> None:
    """Only a tentative project can be won, lost or become more probable; who is booked on a lost deal is free again."""
    won = made(change("win_project", project_id="beta")).area("projects")["beta"]
    assert (won.state, won.probability) == (ProjectState.WON, 1)
    assert made(change("set_probability", project_id="beta", probability="0.8")).area("projects")["beta"].probability == Decimal("0.8")
    lost = made(change("lose_project", project_id="beta"))
    assert lost.area("projects")["beta"].state is ProjectState.LOST
    assert {booking.project_id for booking in lost.area("bookings").values()} == {"alpha"}
    cut = made(change("lose_project", project_id="beta", **{"from": "2027-03-15"}))
    assert cut.area("bookings")["booking-ann-beta-lead"].period == make.weeks(0, 1)
    assert faults(change("lose_project", project_id="beta", **{"from": "2027-03-16"})) == {"/changes/0/from": "week.not_monday"}
    assert faults(change("win_project", project_id="alpha")) == {"/changes/0/project_id": "project.not_tentative"}
    assert faults(change("lose_project", project_id="beta"), change("win_project", project_id="beta")) == {
        "/changes/1/project_id": "project.not_tentative"
    }


def test_a_project_moves_with_all_that_is_its() -> None:
    """Effort and bookings move by the weeks, also earlier; other projects stay."""
    rows = made(change("shift_project", project_id="beta", weeks=-2))
    assert [week.week for week in rows.area("demands")["beta-lead"].effort] == [make.monday(n) for n in range(-2, 2)]
    assert rows.area("bookings")["booking-ann-beta-lead"].period == make.weeks(-2, 1)
    assert rows.area("demands")["alpha-lead"] == make.make_demand()


def test_hires_cost_what_their_grade_does() -> None:
    """Each hire is a person of their own; a cost rate that is not given is the mean of the grade, or of everybody."""
    profile = record_to_json(make.make_person("sap expert", terms=(make.make_term(cost_rate=None),)))
    seniors = [make.make_person(name, terms=(make.make_term(grade="S", cost_rate=Decimal(rate)),)) for name, rate in (("x", 80), ("y", 81))]
    rows = with_scenarios(
        live(people=[make.make_person(), *seniors]), [scenario(change("hire", count=2, ids=["h1", "h2"], profile=profile))]
    )
    assert [(rows.area("people")[one].name, rows.area("people")[one].terms[0].cost_rate) for one in ("h1", "h2")] == [
        ("Sap Expert 1", Decimal(50)),
        ("Sap Expert 2", Decimal(50)),
    ]
    senior = {**profile, "terms": [{**profile["terms"][0], "grade": "S"}]}
    rows = with_scenarios(live(people=[make.make_person(), *seniors]), [scenario(change("hire", count=1, ids=["h1"], profile=senior))])
    assert rows.area("people")["h1"].terms[0].cost_rate == Decimal("80.5")
    with pytest.raises(DomainError) as refusal:
        with_scenarios(live(people=[], absences=[], bookings=[]), [scenario(change("hire", count=1, ids=["h1"], profile=profile))])
    assert refusal.value.faults[0].pointer == "/changes/0/profile/terms/0/cost_rate"


def test_a_skill_is_raised_from_a_day_on() -> None:
    """Before the day the old level holds, from it on the new one; a level that is held already is no change."""
    rows = made(change("raise_skill", person_id="ann", skill_id="sap", level=5, **{"from": "2027-03-15"}))
    held = {one.level: (one.valid_from, one.valid_until) for one in rows.area("people")["ann"].skills}
    assert held == {3: (None, date(2027, 3, 14)), 5: (date(2027, 3, 15), None)}
    assert [one.level for one in made(change("raise_skill", person_id="ann", skill_id="java", level=1)).area("people")["ann"].skills] == [
        3,
        1,
    ]
    assert faults(change("raise_skill", person_id="ann", skill_id="sap", level=3)) == {"/changes/0/level": "skill.already_held"}


def test_who_leaves_leaves_open_work() -> None:
    """Terms end, bookings go, and work without a demand becomes one."""
    rows = made(change("remove_person", id="bob", leaves="2027-03-15"))
    assert rows.area("people")["bob"].terms[0].period.end == date(2027, 3, 15)
    assert rows.area("bookings")["booking-bob-alpha"].period == make.weeks(0, 1)
    assert [week.week for week in rows.area("demands")["bob-left-0"].effort] == [make.monday(2), make.monday(3)]


def test_what_belongs_to_a_row_goes_with_it() -> None:
    """A project takes its demands, bookings and rates along; a skill that somebody has stays."""
    rows = made(change("remove_project", id="alpha"))
    assert set(rows.area("demands")) == {"beta-lead"}
    assert set(rows.area("bookings")) == {"booking-ann-beta-lead"}
    assert faults(change("remove_skill", id="sap")) == {"/changes/0/id": "record.in_use"}


def test_every_change_that_does_not_fit_is_named_by_its_place() -> None:
    """Faults of all changes come at once, each with the pointer of its change; what stands below is ``/base``."""
    assert faults(
        change("change_person", id="nobody", fields={}),
        change("change_person", id="ann", fields={"name": "\u200b"}),
        change("add_demand", id="d", record={"project_id": "gamma", "name": "X", "effort": []}),
        change("add_booking", id="b", record={**record_to_json(make.make_booking()), "project_id": "beta"}),
        change("change_demand", id="alpha-lead", fields={"project_id": "beta"}),
        change("add_person", id="ann", record={"name": "Ann again"}),
        change("win_project", project_id="beta"),
    ) == {
        "/changes/0/id": "reference.not_found",
        "/changes/1/fields/name": "text.empty",
        "/changes/2/record/project_id": "reference.not_found",
        "/changes/3/project_id": "booking.project_mismatch",
        "/changes/4/fields/project_id": "demand.booked",
        "/changes/5/id": "record.exists",
    }
    below = scenario(change("win_project", project_id="gone"), name="below")
    with pytest.raises(DomainError) as refusal:
        with_scenarios(live(), [below, scenario(change("win_project", project_id="beta"), base="below")])
    assert [fault.pointer for fault in refusal.value.faults] == ["/base/changes/0/project_id"]


def test_scenarios_stand_on_each_other() -> None:
    """A change may need what the scenario below made; a circle and a tower are refused."""
    below = scenario(change("add_project", id="gamma", record={"name": "Gamma", "state": "tentative", "probability": "0.2"}), name="below")
    above = scenario(change("win_project", project_id="gamma"), base="below")
    assert with_scenarios(live(), [below, above]).area("projects")["gamma"].state is ProjectState.WON
    with pytest.raises(DomainError, match=r"scenario\.does_not_fit"):
        with_scenarios(live(), [above])
    with pytest.raises(DomainError, match=r"scenario\.stands_on_itself"):
        check_stack([below, above, below])
    with pytest.raises(DomainError, match=r"scenario\.too_deep"):
        check_stack([scenario(name=f"s{n}") for n in range(21)])


def test_the_difference_can_be_written_in_its_order() -> None:
    """Created first what others refer to, deleted last."""
    before = live()
    rows = with_scenarios(
        before,
        [
            scenario(
                change("remove_project", id="alpha"),
                change("add_project", id="gamma", record={"name": "Gamma"}),
                change("add_demand", id="gamma-lead", record={"project_id": "gamma", "name": "Lead", "effort": []}),
            )
        ],
    )
    differ = rows.differ(before)
    assert [area for area, _ in differ.added] == ["projects", "demands"]
    assert [area for area, _ in differ.deleted] == ["bookings", "bookings", "demands", "projects"]
    assert differ.changed == ()


def test_names_of_ones_own_become_ids() -> None:
    """``#name`` stands for the id wherever an id goes, and nowhere else; ids the scenario gave before stay."""
    ids = iter(("id-1", "id-2", "id-3", "id-4"))
    changes = with_ids(
        [
            change("add_skill", id="#go", record={"name": "#go"}),
            change("add_project", record={"name": "Gamma"}),
            change("hire", count=2, ids=["#eve"], profile={"name": "Gopher", "skills": [{"skill_id": "#go", "level": 3}]}),
            change("add_demand", id="kept", record={"project_id": "alpha", "requires": {"#go": 2}, "only": ["#eve"]}),
        ],
        known={"kept"},
        next_id=lambda: next(ids),
    )
    assert [dict(one.body) for one in changes] == [
        {"id": "id-1", "record": {"name": "#go"}},
        {"id": "id-2", "record": {"name": "Gamma"}},
        {"count": 2, "ids": ["id-3", "id-4"], "profile": {"name": "Gopher", "skills": [{"skill_id": "id-1", "level": 3}]}},
        {"id": "kept", "record": {"project_id": "alpha", "requires": {"id-1": 2}, "only": ["id-3"]}},
    ]
    wrong = [
        change("add_skill", id="mine", record={}),
        change("add_skill", id="#a", record={}),
        change("add_skill", id="#a", record={}),
        change("win_project", project_id="#b"),
    ]
    with pytest.raises(DomainError) as refusal:
        with_ids(wrong, known=(), next_id=lambda: "x")
    assert {fault.pointer: fault.code for fault in refusal.value.faults} == {
        "/changes/0/id": "id.not_given",
        "/changes/2/id": "id.duplicate",
        "/changes/3/project_id": "reference.not_found",
    }


def test_a_scenario_needs_the_rights_to_all_it_says() -> None:
    """A cost rate, a price, a priority or an absence asks for the right to see such a thing; empty fields ask for nothing."""
    person = record_to_json(make.make_person())
    bare = record_to_json(make.make_person(terms=(make.make_term(cost_rate=None),)))
    cases: tuple[tuple[Change, set[str]], ...] = (
        (change("add_person", id="x", record=person), {COST_READ}),
        (change("add_person", id="x", record=bare), set()),
        (change("hire", count=1, ids=["x"], profile=person), {COST_READ}),
        (change("change_demand", id="x", fields={"bill_rate": "90"}), {PRICE_READ}),
        (change("change_project", id="x", fields={"priority": "2"}), {STAFFING_READ}),
        (change("win_project", project_id="x"), {STAFFING_READ}),
        (change("add_absence", id="x", record={"person_id": "ann"}), {PRIVATE_READ}),
        (change("shift_project", project_id="x", weeks=1), set()),
    )
    for one, needed in cases:
        assert set(scenario(one).needs) == needed, one.kind
        assert set(replace(scenario(), changes=(one,)).needs) == needed


MOVES = st.one_of(
    st.builds(lambda weeks: change("shift_project", project_id="beta", weeks=weeks), st.integers(-9, 9)),
    st.builds(lambda level: change("raise_skill", person_id="bob", skill_id="java", level=level), st.integers(1, 5)),
    st.builds(lambda p: change("set_probability", project_id="beta", probability=str(p)), st.sampled_from(["0", "0.25", "1"])),
    st.sampled_from([change("win_project", project_id="beta"), change("lose_project", project_id="beta")]),
    st.builds(lambda team: change("change_person", id="bob", fields={"team": team}), st.sampled_from(["North", None])),
    st.sampled_from([change("remove_booking", id="booking-ann-alpha-lead"), change("remove_person", id="ann", leaves="2027-03-10")]),
)


@settings(max_examples=60, deadline=None)
@given(changes=st.lists(MOVES, max_size=6), cut=st.integers(0, 6))
def test_a_stack_is_its_changes_in_order(changes: list[Change], cut: int) -> None:
    """Two scenarios on each other do what one with all their changes does; what differs leads from the one to the other."""
    before = live()
    try:
        together = with_scenarios(before, [scenario(*changes)])
    except DomainError as error:
        with pytest.raises(DomainError) as refusal:
            with_scenarios(before, [scenario(*changes[:cut], name="below"), scenario(*changes[cut:], base="below")])
        assert len(refusal.value.faults) == len(error.faults)
        return
    stacked = with_scenarios(before, [scenario(*changes[:cut], name="below"), scenario(*changes[cut:], base="below")])
    assert stacked.rows() == together.rows()
    differ = together.differ(before)
    led = {area: dict(rows) for area, rows in before.items()}
    for area, value in (*differ.added, *differ.changed):
        led[area][value.id] = value
    for area, value in differ.deleted:
        del led[area][value.id]
    assert led == together.rows()

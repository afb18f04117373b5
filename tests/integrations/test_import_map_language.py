"""The map's language at work: joins, groups, look-ups and aggregates on another tool's export."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.staffing.people import Employment
from scheduler.domain.staffing.work import WeekEffort
from scheduler.integrations.imports.faults import Faults
from scheduler.integrations.imports.map_file import read_map
from scheduler.integrations.imports.records import read_records
from tests.integrations.firm_files import count_all, faults_of, map_of, run
from tests.integrations.planned_hours_export import MAP, planned_hours_map, planned_hours_sources

if TYPE_CHECKING:
    from scheduler.domain.ground.ids import PersonId
    from scheduler.store import Store
    from scheduler.store.view import View


def person_id(view: View, external_id: str) -> PersonId:
    person = view.people.find_external(external_id)
    assert person is not None
    return person.id


def test_an_export_of_planned_hours_imports_as_it_is(store: Store) -> None:
    """Seven of the tables become a firm; the one the map does not name is reported, and the map says what it assumes."""
    report = run(store, planned_hours_sources(), planned_hours_map())
    assert {count.area: count.created for count in report.areas} == {
        "firm": 1,
        "skills": 5,
        "calendars": 2,
        "people": 5,
        "clients": 2,
        "projects": 2,
        "demands": 7,
        "bill_rates": 6,
        "absences": 2,
    }
    assert report.unused_files == ("timesheets.csv",)
    assert any("45 %" in note for note in report.notes)
    assert run(store, planned_hours_sources(), planned_hours_map()).unchanged == report.created


def test_planned_hours_of_one_level_add_up_to_one_demand(sqlite_store: Store) -> None:
    """Hours of all people of a level on a phase are summed by week; its people are counted once each."""
    run(sqlite_store, planned_hours_sources(), planned_hours_map())
    with sqlite_store.read(LOCAL) as view:
        demand = view.demands.find_external("501/10/JUNIOR/1")
        assert demand is not None
        assert demand.name == "Pumping station, Survey: JUNIOR"
        hours = {
            date(2025, 1, 6): 70,
            date(2025, 1, 13): 70,
            date(2025, 1, 20): 70,
            date(2025, 1, 27): 70,
            date(2025, 2, 3): 40,
            date(2025, 2, 10): 40,
        }
        assert demand.effort == tuple(WeekEffort(week=week, minutes=60 * number) for week, number in hours.items())
        assert (demand.max_people, demand.grade) == (2, "JUNIOR")
        names = {skill.id: skill.name for skill in view.skills.all()}
        assert {names[skill]: level for skill, level in demand.requires.items()} == {"Waterworks": 1, "JUNIOR": 1}


def test_people_of_two_practices_are_two_demands(sqlite_store: Store) -> None:
    """The practice is a column of another file; grouping by it keeps the practices apart."""
    run(sqlite_store, planned_hours_sources(), planned_hours_map())
    with sqlite_store.read(LOCAL) as view:
        keys = {demand.external_id for demand in view.demands.all() if "502" in (demand.external_id or "")}
        assert keys == {"502/10/JUNIOR/1", "502/10/JUNIOR/2", "502/10/LEAD/2"}


def test_cost_is_a_share_of_the_mean_of_another_files_rows(sqlite_store: Store) -> None:
    """45 % of the mean of 100 and 121 is 49.725, which rounds half up to 49.73."""
    run(sqlite_store, planned_hours_sources(), planned_hours_map())
    with sqlite_store.read(LOCAL) as view:
        people = {person.external_id: person.terms[0] for person in view.people.all()}
        assert {key: term.cost_rate for key, term in people.items()} == {
            "7001": Decimal("49.73"),
            "7002": Decimal("49.5"),
            "7003": Decimal("42.75"),
            "7004": Decimal("92.25"),
            "7005": Decimal(81),
        }
        assert people["7002"].employment is Employment.CONTRACTOR
        assert sum(people["7003"].weekly_minutes) == 20 * 60
        project = view.projects.find_external("501")
        assert project is not None
        assert project.budget_minor == 20_000_050


def test_two_feeds_of_one_file_fill_one_area(sqlite_store: Store) -> None:
    """Rows as they are, and means of groups beside them: the part of the map that is offered as a comment, switched on."""
    text = MAP.read_text()
    offered = text[text.rindex("# [[bill_rates]]") :].replace("# ", "")
    run(sqlite_store, planned_hours_sources(), read_map((text + offered).encode()))
    with sqlite_store.read(LOCAL) as view:
        rates = {rate.external_id: rate for rate in view.bill_rates.all()}
        assert (rates["501/JUNIOR"].rate, rates["501/JUNIOR"].person_id, rates["501/JUNIOR"].grade) == (Decimal(105), None, "JUNIOR")
        assert (rates["502/7003"].rate, rates["502/7003"].person_id) == (Decimal(95), person_id(view, "7003"))


def test_a_row_whose_partner_is_missing_is_a_fault(sqlite_store: Store) -> None:
    """Planned hours of somebody who is in no other file: the row and the file looked in are named, once per use."""
    rows = "personnel_no,eng_no,eng_phase,week_start_date,planned_hours\n7001,501,10,2025-01-06,8\n7999,501,10,2025-01-06,8\n"
    faults = faults_of(sqlite_store, planned_hours_sources(staffing=rows), planned_hours_map())
    assert set(faults) == {("staffing.csv, row 3, column personnel_no", "join.missing")}
    assert count_all(sqlite_store) == 0


def test_a_row_with_two_partners_is_a_fault(sqlite_store: Store) -> None:
    """A look-up that finds two rows where one is wanted says which."""
    phases = "eng_no,eng_phase,phase_description,budget,start_date,end_date,actual_end_date\n" + "501,10,Survey,1,,,\n501,10,Again,1,,,\n"
    faults = faults_of(sqlite_store, planned_hours_sources(phases=phases), planned_hours_map())
    assert ("staffing.csv, row 2, column eng_no", "join.several") in faults


def test_rows_of_a_group_must_agree(sqlite_store: Store) -> None:
    """A column that is neither grouped by nor aggregated must be the same in all rows of its group."""
    mapping = map_of('[files.c]\npath = "c.csv"\n[[clients]]\nfile = "c"\ngroup = ["no"]\n[clients.fields]\nid = "no"\nname = "name"\n')
    assert faults_of(sqlite_store, {"c.csv": "no,name\n1,A\n2,B\n1,C\n"}, mapping) == [("c.csv, row 4, column name", "group.differs")]
    assert run(sqlite_store, {"c.csv": "no,name\n1,A\n2,B\n1,A\n"}, mapping).created == 2


def test_rows_can_be_chosen(sqlite_store: Store) -> None:
    """Where and where_not keep the rows with, or without, some contents."""
    mapping = map_of(
        '[files.c]\npath = "c.csv"\n[[clients]]\nfile = "c"\nwhere = { kind = ["client"] }\nwhere_not = { id = ["2", "3"] }\n'
        '[clients.fields]\nid = "id"\nname = "name"\n'
    )
    run(sqlite_store, {"c.csv": "id,name,kind\n1,A,client\n2,B,client\n4,D,supplier\n"}, mapping)
    with sqlite_store.read(LOCAL) as view:
        assert [client.external_id for client in view.clients.all()] == ["1"]


def test_optional_look_ups_find_nothing_without_a_fault(sqlite_store: Store) -> None:
    """A default stands in for what an optional join or look-up does not find."""
    mapping = map_of(
        """
[files.p]
path = "p.csv"
[files.s]
path = "s.csv"
[[projects]]
file = "p"
join = [{ file = "s", on = { code = "status" }, optional = true }]
[projects.fields]
id = "id"
name = { text = "{id} {p.status}" }
state = { column = "s.meaning", default = "lost" }
priority = { column = "weight", from = "s", on = { code = "status" }, optional = true, default = "2.5" }
"""
    )
    run(sqlite_store, {"p.csv": "id,status\na,W\nb,Z\n", "s.csv": "code,meaning,weight\nW,won,1\n"}, mapping)
    with sqlite_store.read(LOCAL) as view:
        found = {project.external_id: (project.name, project.state.value, project.priority) for project in view.projects.all()}
        assert found == {"a": ("a W", "won", Decimal(1)), "b": ("b Z", "lost", Decimal("2.5"))}


@pytest.mark.parametrize(
    ("made", "expected"),
    [("sum", 750), ("mean", 250), ("min", 60), ("max", 450), ("count", 180), ("count_distinct", 180)],
)
def test_aggregates_of_a_group(sqlite_store: Store, made: str, expected: int) -> None:
    """Sum, mean, smallest, largest, number of rows and number of different contents; empty cells do not count."""
    mapping = map_of(
        '[files.d]\npath = "d.csv"\n[[projects]]\nfile = "d"\ngroup = ["p"]\n[projects.fields]\n'
        f'id = "p"\nname = {{ joined = "h" }}\nbudget_hours = {{ {made} = "h" }}\n'
    )
    run(sqlite_store, {"d.csv": "p,h\nx,1\nx,4.0\nx,\nx,7.5\n"}, mapping)
    with sqlite_store.read(LOCAL) as view:
        (project,) = view.projects.all()
        assert (project.budget_minutes, project.name) == (expected, "1;4.0;7.5")


@settings(max_examples=25)
@given(order=st.permutations(range(36)), columns=st.permutations(range(5)))
def test_the_order_of_rows_and_columns_does_not_matter(order: list[int], columns: list[int]) -> None:
    """However the planned hours are sorted, the same records come out."""
    sources = planned_hours_sources()
    text = next(source.content for source in sources if source.name == "staffing.csv").decode()
    header, *rows = text.splitlines()
    assert len(rows) == 36
    lines = [",".join(line.split(",")[column] for column in columns) for line in (header, *(rows[number] for number in order))]
    faults = Faults()
    before = read_records(sources, planned_hours_map(), faults).by_area
    after = read_records(planned_hours_sources(staffing="\n".join(lines)), planned_hours_map(), faults).by_area
    assert faults.count == 0
    for area, records in before.items():
        assert sorted(str(sorted(record.values.items())) for record in records) == sorted(
            str(sorted(record.values.items())) for record in after[area]
        )

"""What was worked before Muster comes in with its totals: tasks, sorts of work, time entries, budgets."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.store.repository import Repository
from tests.integrations.firm_files import faults_of, firm_files, map_of, run, standard_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.store import Store

AREAS = ("activity_types", "tasks", "time_entries")
FILES: Mapping[str, str] = {
    "activity_types.csv": "id,name,is_billable\ndev,Development,yes\ntravel,Travel,no\n",
    "tasks.csv": (
        "id,project,name,kind,parent_task,start,end,estimate_hours\n"
        "t2,x,Build,task,t1,2026-02-01,2026-02-27,100\n"  # before the phase that it is part of
        "t1,x,Phase one,phase,,2026-01-05,2026-03-31,\n"
    ),
    "time_entries.csv": (
        "id,person,project,task,activity_type,day,hours,is_billable,note,state\n"
        "e1,p1,x,t2,dev,2026-02-02,7.5,yes,first,approved\n"
        "e2,p1,x,t2,dev,2026-02-03,0.33,yes,,approved\n"
        "e3,p2,y,,travel,2026-02-03,1.25,no,,submitted\n"
    ),
}
PROJECTS = "id,name,client,contract,contract_value,budget_hours,budget\nx,Cross,acme,fixed_price,1234.50,80,900.25\ny,Yard,acme,,,12.5,\n"

NOTHING = {
    "demands": "id,project,name\n",
    "demand_weeks": "demand,week,hours\n",
    "bookings": "id,person,project,start,end,weekly_hours\n",
    "bill_rates": "rate\n",
}


@pytest.fixture
def firm(store: Store) -> Store:
    """The firm of the other imports, with a second project."""
    run(store, firm_files(projects=PROJECTS, **NOTHING), standard_map())
    return store


def entries(store: Store) -> dict[str | None, tuple[object, ...]]:
    with store.read(LOCAL) as view:
        return {one.external_id: (one.minutes, one.state, one.is_billable, one.note) for one in view.area("time_entries").all()}


def test_totals_in_are_totals_out(firm: Store) -> None:
    """By project and in all: 0.33 hours are 19.8 minutes, kept as 20; the rounding is said."""
    report = run(firm, FILES, standard_map(*AREAS))
    assert {one.area: one.created for one in report.areas} == {"activity_types": 2, "tasks": 2, "time_entries": 3}
    rounding = Decimal(20) / 60 - Decimal("0.33")
    found = {one.project: (one.records_in, one.records_out, one.total_in, one.total_out, one.rounding) for one in report.totals}
    assert found == {
        None: (3, 3, Decimal("9.08"), Decimal(545) / 60, pytest.approx(rounding)),
        "x": (2, 2, Decimal("7.83"), Decimal(470) / 60, pytest.approx(rounding)),
        "y": (1, 1, Decimal("1.25"), Decimal("1.25"), Decimal(0)),
    }
    assert entries(firm) == {
        "e1": (450, LineState.APPROVED, True, "first"),
        "e2": (20, LineState.APPROVED, True, None),
        "e3": (75, LineState.SUBMITTED, False, None),
    }


def test_budgets_are_reconciled_too(store: Store) -> None:
    """Hours and money, to the cent; a project without a budget is not counted."""
    sources = firm_files(projects=PROJECTS, **NOTHING)
    totals = {one.figure: (one.records_in, one.total_in, one.total_out) for one in run(store, sources, standard_map()).totals}
    assert totals == {
        "budget_hours": (2, Decimal("92.5"), Decimal("92.5")),
        "budget": (1, Decimal("900.25"), Decimal("900.25")),
        "contract_value": (1, Decimal("1234.5"), Decimal("1234.5")),
    }


def test_i16_the_same_entries_again_change_nothing(firm: Store) -> None:
    """A second import finds all three stored; a corrected row changes that one alone, and totals still agree."""
    run(firm, FILES, standard_map(*AREAS))
    again = run(firm, FILES, standard_map(*AREAS))
    assert (again.created, again.changed, again.unchanged) == (0, 0, 7)
    corrected = {**FILES, "time_entries.csv": FILES["time_entries.csv"].replace("7.5", "8")}
    report = run(firm, corrected, standard_map(*AREAS))
    assert (report.created, report.changed) == (0, 1)
    assert all(one.agrees for one in report.totals)
    assert entries(firm)["e1"][0] == 480


def test_a_dry_run_says_the_totals_and_keeps_nothing(firm: Store) -> None:
    """The reconciliation is that of what would be written."""
    report = run(firm, FILES, standard_map(*AREAS), dry_run=True)
    assert report.totals[0].records_out == 3
    assert entries(firm) == {}


def test_what_an_entry_refers_to_must_fit(firm: Store) -> None:
    """A task of another project, a day without hours, a state that is none, a task in a circle: each at its cell."""
    files = {
        **FILES,
        "time_entries.csv": FILES["time_entries.csv"].replace("e3,p2,y,,", "e3,p2,y,t2,").replace("e1,p1,x", "e1,p9,x"),
    }
    assert faults_of(firm, files, standard_map(*AREAS)) == [
        ("time_entries.csv, row 2, column person", "reference.not_found"),
        ("time_entries.csv, row 4, column task", "reference.not_found"),
    ]
    circle = {**FILES, "tasks.csv": FILES["tasks.csv"].replace("phase,,", "phase,t2,"), "time_entries.csv": FILES["time_entries.csv"]}
    assert {code for _, code in faults_of(firm, circle, standard_map(*AREAS))} == {"task.parent_kind"}
    unknown = {**FILES, "time_entries.csv": FILES["time_entries.csv"].replace("submitted", "sent").replace("7.5", "25.5")}
    assert [code for _, code in faults_of(firm, unknown, standard_map(*AREAS))] == ["number.out_of_range", "value.unknown"]
    assert entries(firm) == {}


def test_entries_without_ids_are_summed_by_the_map(firm: Store) -> None:
    """Two rows of a day are one entry when the map groups them, known by what they are of; the sum is in the totals."""
    rows = "person,project,day,hours\np1,x,2026-02-02,1.5\np1,x,2026-02-02,2\np2,x,2026-02-02,1\n"
    mapping = map_of(
        '[files.log]\npath = "log.csv"\n[[time_entries]]\nfile = "log"\ngroup = ["person", "project", "day"]\n'
        '[time_entries.fields]\nperson = "person"\nproject = "project"\nday = "day"\nhours = { sum = "hours" }\n'
        'state = { value = "approved" }\n'
    )
    report = run(firm, {"log.csv": rows}, mapping)
    assert (report.created, report.totals[0].total_in, report.totals[0].total_out) == (2, Decimal("4.5"), Decimal("4.5"))
    assert run(firm, {"log.csv": rows}, mapping).unchanged == 2


def test_expenses_come_in_by_currency(firm: Store) -> None:
    """
    What a category says is taken over, a foreign amount keeps its rate with day and source, and unlike currencies are not added.

    100 Swiss francs at 1.0512345678 are 105.12 euros; 3,000 yen have no places.
    """
    files = {
        "expense_categories.csv": "id,name,tax_rate,markup\ntravel,Travel,0.19,0.05\n",
        "expenses.csv": (
            "id,person,project,category,day,amount,currency,rate,rate_date,rate_source,state,is_billable\n"
            "x1,p1,x,travel,2026-02-02,119.00,,,,,approved,\n"
            "x2,p1,x,travel,2026-02-03,100,CHF,1.0512345678,2026-02-03,ECB,approved,no\n"
            "x3,p2,y,travel,2026-02-03,3000,JPY,0.0061,2026-02-03,ECB,submitted,\n"
            "x4,p2,y,travel,2026-02-04,1.50,CHF,1.05,2026-02-03,ECB,submitted,\n"
        ),
    }
    mapping = standard_map("expense_categories", "expenses")
    report = run(firm, files, mapping)
    found = {one.currency: (one.records_in, one.records_out, one.total_in, one.total_out) for one in report.totals}
    assert found == {
        "CHF": (2, 2, Decimal("101.5"), Decimal("101.5")),
        "EUR": (1, 1, Decimal(119), Decimal(119)),
        "JPY": (1, 1, Decimal(3000), Decimal(3000)),
    }
    with firm.read(LOCAL) as view:
        stored = {one.external_id: one for one in view.area("expenses").all()}
    assert (stored["x1"].tax_minor, stored["x1"].charged_minor) == (1_900, 10_500)
    assert (stored["x2"].home_minor, stored["x2"].home_currency, stored["x2"].is_billable) == (10_512, "EUR", False)
    assert stored["x3"].amount_minor == 3_000
    assert run(firm, files, mapping).unchanged == 5
    missing = {**files, "expenses.csv": files["expenses.csv"].replace("2026-02-03,ECB,approved", ",,approved").replace("EUR", "XXX")}
    assert faults_of(firm, missing, mapping) == [
        ("expenses.csv, row 3, column rate_date", "expense.rate_missing"),
        ("expenses.csv, row 3, column rate_source", "expense.rate_missing"),
    ]


def test_entries_that_get_lost_on_the_way_are_noticed(firm: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault drops one entry in writing: the import is refused, and nothing of it is kept."""
    whole = Repository.add_many

    def leaky(self: Repository[Any], values: list[Any], **more: Any) -> None:
        whole(self, values[:-1] if isinstance(values[-1], TimeEntry) else values, **more)

    monkeypatch.setattr(Repository, "add_many", leaky)
    with pytest.raises(DomainError, match=r"3 time_entries with 9\.08 hours, but 2") as refused:
        run(firm, FILES, standard_map(*AREAS))
    assert refused.value.code == "import.not_reconciled"
    assert entries(firm) == {}


def test_one_bad_row_among_many_is_named(firm: Store) -> None:
    """What the database refuses is found row by row: an id that somebody else's entry has by now is not there twice."""
    run(firm, FILES, standard_map(*AREAS))
    renamed = {"activity_types.csv": "id,name\na,One\nb,development\nc,Three\n"}
    assert faults_of(firm, renamed, standard_map("activity_types")) == [("activity_types.csv, row 3, column name", "name.taken")]


def test_after_many_rows_the_database_is_told_how_many_there_are(firm: Store) -> None:
    """PostgreSQL would plan for an empty table otherwise, for minutes; that took invoice runs time by the square of the entries."""
    rows = "".join(f"e{number},p1,x,2026-02-02,0.01,approved\n" for number in range(1_000))
    run(firm, {"time_entries.csv": "id,person,project,day,hours,state\n" + rows}, standard_map("time_entries"))
    if firm.engine.dialect.name == "postgresql":
        with firm.engine.connect() as connection:
            known = connection.exec_driver_sql("SELECT reltuples FROM pg_class WHERE relname = 'time_entries'").scalar_one()
        assert known == 1_000

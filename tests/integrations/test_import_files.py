"""Importing a whole firm: all of it or nothing, and the same again changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import Employment
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState, WeekEffort
from scheduler.integrations.imports import ImportRefused, Source
from tests.integrations.firm_files import count_all, faults_of, firm_files, map_of, run, standard_map

if TYPE_CHECKING:
    from scheduler.store import Store
    from scheduler.store.reader import Reader, Versioned

V = TypeVar("V", bound="Versioned")


def stored(reader: Reader[V], external_id: str) -> V:
    """The value with this external id."""
    value = reader.find_external(external_id)
    assert value is not None
    return value


def test_people_arrive_as_they_are_written(store: Store) -> None:
    """Hours become minutes by weekday, a last day the first day after, an external id the id of what it names."""
    report = run(store, firm_files(), standard_map())
    assert (report.created, report.changed, report.unchanged, report.rows_read) == (14, 0, 0, 22)
    with store.read(LOCAL) as view:
        muc, ana, bo = stored(view.calendars, "muc"), stored(view.people, "p1"), stored(view.people, "p2")
        assert (muc.country, muc.subdivision, ana.email, bo.email) == ("DE", "BY", "ana@example.org", None)
        assert [term.period for term in ana.terms] == [DateInterval(date(2026, 1, 1), date(2027, 1, 1)), DateInterval(date(2027, 1, 1))]
        assert ana.terms[1].weekly_minutes == (384, 384, 384, 384, 384, 0, 0)
        assert (ana.terms[1].cost_rate, ana.terms[1].calendar_id) == (Decimal("65.5"), muc.id)
        assert (bo.terms[0].employment, bo.terms[0].location) == (Employment.CONTRACTOR, None)
        assert (bo.skills[0].skill_id, bo.skills[0].valid_until) == (stored(view.skills, "sap").id, date(2027, 3, 31))
        (absence,) = view.absences.all()
        assert (absence.person_id, absence.period) == (ana.id, DateInterval(date(2027, 2, 1), date(2027, 2, 6)))
        assert absence.external_id == "p1/2027-02-01/"


def test_work_arrives_as_it_is_written(store: Store) -> None:
    """Amounts become minor units, weeks a first and a last one or a list, and ids are made where the file has none."""
    run(store, firm_files(), standard_map())
    with store.read(LOCAL) as view:
        cross, builder, lead = stored(view.projects, "x"), stored(view.demands, "d1"), stored(view.demands, "d2")
        assert (cross.state, cross.probability) == (ProjectState.TENTATIVE, Decimal("0.5"))
        assert (cross.contract, cross.contract_value_minor) == (ContractKind.FIXED_PRICE, 123450)
        assert builder.requires == {stored(view.skills, "sap").id: 3}
        assert builder.only == frozenset({stored(view.people, "p1").id, stored(view.people, "p2").id})
        assert [week.minutes for week in builder.effort] == [1200] * 4
        assert lead.effort == (WeekEffort(week=date(2027, 1, 4), minutes=450), WeekEffort(week=date(2027, 1, 18), minutes=720))
        booking = stored(view.bookings, "b1")
        assert (booking.demand_id, booking.share, booking.state, booking.period.end) == (
            builder.id,
            Decimal(1),
            BookingState.LOCKED,
            date(2027, 2, 1),
        )
        assert {rate.external_id for rate in view.bill_rates.all()} == {"x/p1//", "//Senior/2027-01-01"}


def test_i16_the_same_files_twice_change_nothing(store: Store) -> None:
    """A second import says how many are there already, makes no duplicates and no new versions."""
    run(store, firm_files(), standard_map())
    before = count_all(store)
    report = run(store, firm_files(), standard_map())
    assert (report.created, report.changed, report.unchanged) == (0, 0, 14)
    assert "14 already imported" in report.summary()
    assert count_all(store) == before
    with store.read(LOCAL) as view:
        assert {person.version for person in view.people.all()} == {1}


def test_i16_a_partly_fixed_file_changes_only_what_differs(store: Store) -> None:
    """After a correction one value gets a new version, a new row is added, and everything else stays."""
    run(store, firm_files(), standard_map())
    report = run(store, firm_files(clients="id,name\nacme,Acme Ltd\nnew,Newcomer\n"), standard_map())
    assert (report.created, report.changed, report.unchanged) == (1, 1, 13)
    with store.read(LOCAL) as view:
        acme = stored(view.clients, "acme")
        assert (acme.name, acme.version) == ("Acme Ltd", 2)


def test_fields_that_the_map_does_not_feed_stay_as_they_are(sqlite_store: Store) -> None:
    """An import of names alone wipes neither e-mail addresses nor skills nor employment periods."""
    run(sqlite_store, firm_files(), standard_map())
    run(sqlite_store, {"people.csv": "id,name\np1,Ana Ruiz-Vega\n"}, standard_map("people"))
    with sqlite_store.read(LOCAL) as view:
        ana = stored(view.people, "p1")
        assert (ana.name, ana.email, len(ana.terms), len(ana.skills)) == ("Ana Ruiz-Vega", "ana@example.org", 2, 1)


def test_parts_alone_change_what_is_stored_already(sqlite_store: Store) -> None:
    """Skills of people who came with an earlier import; a person without rows keeps what they have."""
    run(sqlite_store, firm_files(), standard_map())
    report = run(sqlite_store, {"person_skills.csv": "person,skill,level\np1,sap,5\np1,lead,2\n"}, standard_map("person_skills"))
    assert (report.changed, report.unchanged) == (1, 0)
    with sqlite_store.read(LOCAL) as view:
        ana, bo = stored(view.people, "p1"), stored(view.people, "p2")
        assert ([held.level for held in ana.skills], len(bo.skills)) == ([5, 2], 1)


def test_a_dry_run_writes_nothing_and_says_what_it_would_do(store: Store) -> None:
    """dry_run reports the same counts and leaves the store empty."""
    report = run(store, firm_files(), standard_map(), dry_run=True)
    assert (report.dry_run, report.created) == (True, 14)
    assert "would be created" in report.summary()
    assert count_all(store) == 0


def test_i18_row_9999_of_10000_is_wrong_and_nothing_is_written(store: Store) -> None:
    """One bad row near the end of a long file: the fault is named, and no row of the file is kept."""
    rows = [f"c{number},Client {number}" for number in range(10_000)]
    rows[9_997] = "c9997,"
    faults = faults_of(store, {"clients.csv": "id,name\n" + "\n".join(rows)}, standard_map("clients"))
    assert faults == [("clients.csv, row 9999, column name", "field.missing")]
    assert count_all(store) == 0


def test_all_faults_of_all_files_come_at_once(sqlite_store: Store) -> None:
    """Fields, references, rules of a value and rules between rows: each with file, row and column."""
    bad = firm_files(
        people="id,name\np1,Ana\np1,Bo\n",
        terms="person,start,end,employment,calendar,weekly_hours,cost_rate\np1,2027-01-01,2026-01-01,employee,muc,40,60\np9,2027-01-01,,boss,muc,x,1\n",
        person_skills="person,skill,level\np1,sap,9\np1,sapp,3\n",
        demands="id,project,name,first_week,last_week,weekly_hours\nd1,x,Builder,2027-01-05,2027-01-25,20\nd2,x,Lead,2027-01-25,2027-01-04,4\n",
        demand_weeks="demand,week,hours\nd1,2027-01-04,-1\n",
        bookings="id,person,project,demand,start,end,share\nb1,p1,x,d1,2027-01-04,2027-01-30,0.5\n",
    )
    assert set(faults_of(sqlite_store, bad, standard_map())) == {
        ("people.csv, row 3, column id", "id.duplicate"),
        ("terms.csv, row 2, column end", "interval.empty"),
        ("terms.csv, row 3, column employment", "value.unknown"),
        ("terms.csv, row 3, column weekly_hours", "number.invalid"),
        ("terms.csv, row 3, column person", "reference.not_found"),
        ("person_skills.csv, row 2, column level", "number.out_of_range"),
        ("person_skills.csv, row 3, column skill", "reference.not_found"),
        ("demands.csv, row 2, column first_week", "date.not_monday"),
        ("demands.csv, row 3, column last_week", "interval.empty"),
        ("demand_weeks.csv, row 2, column hours", "number.out_of_range"),
        ("bookings.csv, row 2, column end", "week.not_monday"),
    }
    assert count_all(sqlite_store) == 0


def test_overlapping_periods_are_named_at_their_row(sqlite_store: Store) -> None:
    """The second of two employment periods of one person that overlap is the fault."""
    terms = (
        "person,start,end,employment,calendar,weekly_hours,cost_rate\n"
        "p2,2027-01-01,,employee,muc,40,60\np1,2026-01-01,,employee,muc,40,60\np1,2027-01-01,,employee,muc,40,60\n"
    )
    assert faults_of(sqlite_store, firm_files(terms=terms), standard_map()) == [("terms.csv, row 4, column start", "term.overlap")]


def test_a_week_listed_twice_is_a_fault_not_a_sum(sqlite_store: Store) -> None:
    """Unless the map says that rows are summed, the same week of the same demand stands once."""
    weeks = "demand,week,hours\nd2,2027-01-04,7\nd2,2027-01-04,7\n"
    assert faults_of(sqlite_store, firm_files(demand_weeks=weeks), standard_map()) == [
        ("demand_weeks.csv, row 3, column week", "week.duplicate")
    ]


def test_two_names_that_count_as_the_same_are_a_fault(sqlite_store: Store) -> None:
    """Clients are told apart by name, whatever the case and however an accent is composed."""
    clients = "id,name\na,Caf\u00e9\nb,CAFE\u0301\n"
    assert faults_of(sqlite_store, {"clients.csv": clients}, standard_map("clients")) == [("clients.csv, row 3, column name", "name.taken")]


def test_names_are_stored_composed(sqlite_store: Store) -> None:
    """A decomposed accent is stored in normal form C, and an id so written still finds its row."""
    run(sqlite_store, {"clients.csv": "id,name\ne\u0301,Cafe\u0301\n"}, standard_map("clients"))
    with sqlite_store.read(LOCAL) as view:
        (client,) = view.clients.all()
        assert (client.external_id, client.name) == ("\u00e9", "Caf\u00e9")


def test_a_booking_stays_on_the_project_of_its_demand(sqlite_store: Store) -> None:
    """A demand that an import would move away from its bookings is refused; with the booking moved too it is taken."""
    run(sqlite_store, firm_files(), standard_map())
    projects = "id,name\nx,Cross\ny,Yonder\n"
    moved = {"projects.csv": projects, "demands.csv": "id,project,name\nd1,y,Builder\n"}
    assert faults_of(sqlite_store, moved, standard_map("projects", "demands")) == [("demands.csv, row 2, column project", "demand.booked")]
    both = {**moved, "bookings.csv": "id,person,project,demand,start,end,share\nb1,p1,y,d1,2027-01-04,2027-01-31,1\n"}
    assert run(sqlite_store, both, standard_map("projects", "demands", "bookings")).changed == 2


def test_the_list_of_faults_is_cut_but_counted(sqlite_store: Store) -> None:
    """5,000 faults are counted; 1,000 are kept with their text, 50 travel with the error."""
    clients = "id,name\n" + "".join(f"c{number},\n" for number in range(5_000))
    with pytest.raises(ImportRefused) as refused:
        run(sqlite_store, {"clients.csv": clients}, standard_map("clients"))
    assert (refused.value.fault_count, len(refused.value.import_faults), len(refused.value.faults)) == (5_000, 1_000, 50)
    assert refused.value.faults[0].pointer == "/clients.csv/2/name"
    assert "5,000 faults" in refused.value.detail


def test_the_firms_currency_is_kept_once_there_are_amounts(sqlite_store: Store) -> None:
    """A map may bring the firm's settings; another currency than the stored amounts have is refused."""
    files = "".join(f'[files.{area}]\npath = "{area}.csv"\n[[{area}]]\nfile = "{area}"\n' for area in ("clients", "projects"))
    euro = map_of(f'[firm]\nname = "A"\ncurrency = "EUR"\nshadow_rate = "60.5"\n{files}')
    sources = [source for source in firm_files() if source.name in ("clients.csv", "projects.csv")]
    assert run(sqlite_store, sources, euro).created == 3
    assert run(sqlite_store, sources, euro).unchanged == 3
    with sqlite_store.read(LOCAL) as view:
        assert view.firm.get().shadow_rate == Decimal("60.5")
    yen = replace(euro, firm=replace(euro.firm, currency="JPY"))  # type: ignore[type-var]
    assert ("map.toml, column firm.currency", "firm.currency_in_use") in faults_of(sqlite_store, sources, yen)


def test_a_minor_unit_that_the_currency_lacks_is_refused(sqlite_store: Store) -> None:
    """Yen have no decimals: a contract value of 10.50 is a fault."""
    mapping = map_of('[firm]\nname = "A"\ncurrency = "JPY"\n[files.projects]\npath = "projects.csv"\n[[projects]]\nfile = "projects"\n')
    projects = {"projects.csv": "id,name,contract_value\nx,X,10.50\ny,Y,1000\n"}
    assert faults_of(sqlite_store, projects, mapping) == [("projects.csv, row 2, column contract_value", "money.too_precise")]


def test_files_the_map_does_not_name_are_reported(sqlite_store: Store) -> None:
    """Nothing is silently left out."""
    report = run(sqlite_store, [*firm_files(), Source("notes.csv", b"a\n1\n")], standard_map())
    assert report.unused_files == ("notes.csv",)


def test_a_missing_file_is_named_with_what_was_given(sqlite_store: Store) -> None:
    """A file that the map names and nobody gave is a fault, and what refers to its rows is not blamed as well."""
    sources = [source for source in firm_files() if source.name != "people.csv"]
    assert faults_of(sqlite_store, sources, standard_map()) == [("people.csv", "file.missing")]


def test_files_that_the_map_does_not_name_are_refused(store: Store) -> None:
    """Where every file of the map is optional and none of them is given, nothing would be read: that is a mistake and no success."""
    mapping = map_of('[files.c]\npath = "clients.csv"\noptional = true\n[[clients]]\nfile = "c"\n')
    with pytest.raises(DomainError) as refused:
        run(store, {"customers.csv": "id,name\na,Acme\n"}, mapping)
    assert refused.value.code == "import.no_files"
    assert "customers.csv" in refused.value.detail
    assert "clients.csv" in refused.value.detail


def test_bill_rates_that_overlap_are_faults_by_row(store: Store) -> None:
    """Two for the same in the files, or one beside what is stored: the row is named. The same again is no overlap with itself."""
    run(store, firm_files(), standard_map())
    header = "id,project,person,grade,rate,valid_from\n"
    rates = header + "a,x,p1,,150,\nb,,,Manager,200,\nc,,,Manager,210,2027-03-01\n"
    assert faults_of(store, firm_files(bill_rates=rates), standard_map()) == [
        ("bill_rates.csv, row 2, column valid_from", "rate.overlap"),
        ("bill_rates.csv, row 4, column valid_from", "rate.overlap"),
    ]


def test_m08_bill_rates_of_clients_activities_and_currencies(store: Store) -> None:
    """Rates that differ in one of them alone are records of their own, recognised when they come again; currencies are those in use."""
    run(
        store,
        {"activity_types.csv": "id,name\ntravel,Travel\n", "clients.csv": "id,name\nacme,Acme\n"},
        standard_map("activity_types", "clients"),
    )
    header, mapping = "rate,client,activity_type,currency\n", standard_map("bill_rates")
    rates = {"bill_rates.csv": header + "100,,,\n110,acme,,\n120,acme,travel,\n130,acme,travel,KWD\n"}
    assert run(store, rates, mapping).created == 4
    assert run(store, rates, mapping).unchanged == 4
    with store.read(LOCAL) as view:
        found = {rate.external_id: (rate.rate, rate.currency) for rate in view.bill_rates.all()}
    assert found["///" + "/client=acme/activity_type=travel/currency=KWD"] == (Decimal(130), "KWD")
    assert "///" in found
    wrong = {"bill_rates.csv": header + "".join(f"1,,,{code}\n" for code in ("JPY", "BTC", "eur", "XXX", "HRK"))}
    assert faults_of(store, wrong, mapping) == [(f"bill_rates.csv, row {row}, column currency", "currency.unknown") for row in range(3, 7)]


def test_exchange_rates_are_imported(store: Store) -> None:
    """By currency and day; the firm's own currency is a fault, and so is a second rate of a day."""
    run(store, firm_files(), standard_map())
    header, mapping = "currency,day,rate,source\n", standard_map("exchange_rates")
    rates = {"exchange_rates.csv": header + "USD,2027-03-01,0.9217123456,ECB\nUSD,2027-03-02,0.92,ECB\n"}
    assert run(store, rates, mapping).created == 2
    assert run(store, rates, mapping).unchanged == 2
    with store.read(LOCAL) as view:
        found = {rate.external_id: (rate.rate, rate.source) for rate in view.area("exchange_rates").all()}
    assert found["USD/2027-03-01"] == (Decimal("0.9217123456"), "ECB")
    own = {"exchange_rates.csv": header + "EUR,2027-03-01,1,ECB\n"}
    assert faults_of(store, own, mapping) == [("exchange_rates.csv, row 2, column currency", "rate.of_home")]
    twice = {"exchange_rates.csv": f"id,{header}mine,USD,2027-03-01,1,ECB\n"}
    assert faults_of(store, twice, mapping) == [("exchange_rates.csv, row 2, column day", "exchange_rate.taken")]

"""Reports of hours over HTTP: golden figures by hand, sums that agree, and who sees what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import PersonId, ProjectId, TimeEntryId
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.work import BookingState, ContractKind, ProjectState
from scheduler.usecases.users import create_user
from tests import factories as make
from tests.logins import bearer, make_user

if TYPE_CHECKING:
    from scheduler.application import Application

BASE = "http://127.0.0.1:8000"
FOUNDED = datetime(2027, 1, 11, 9, tzinfo=UTC)
WEEKS = {"start": "2027-03-01", "end": "2027-03-15"}
TUESDAY = date(2027, 3, 2)


@pytest.fixture
def firm(application: Application) -> None:
    """
    Ann of the North, senior, who should bill three quarters of her time; Ben of the South; Zoe of neither, who is booked too much.

    Ann is off on the first Monday, has ten confirmed hours a week and five more on a deal of one in four. Ben has time on bench.
    """
    with application.store.begin(LOCAL, now=FOUNDED) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        tx.projects.add(make.make_project())
        tx.projects.add(make.make_project("deal", state=ProjectState.TENTATIVE, probability=Decimal("0.25")))
        tx.projects.add(make.make_project("office", contract=ContractKind.INTERNAL))
        senior = make.make_term(grade="senior", location="Bonn", billable_target=Decimal("0.75"))
        tx.people.add(replace(make.make_person("ann", team="North"), terms=(senior,)))
        tx.people.add(make.make_person("ben", team="South", skills=(make.make_held(level=1),)))
        tx.people.add(make.make_person("zoe"))
        tx.absences.add(make.make_absence("ann"))
        tx.bookings.add(make.make_booking("ann", demand=None, weekly_minutes=600))
        deal = make.make_booking("ann", demand=None, project="deal", weekly_minutes=300, state=BookingState.TENTATIVE)
        tx.bookings.add(deal)
        tx.bookings.add(make.make_booking("zoe", demand=None, weekly_minutes=2_400))


def log(application: Application, person: str, day: date, minutes: int, *, project: str = "alpha", **more: Any) -> None:
    """Record time, approved unless something else is said."""
    now = more.pop("now", datetime(2027, 3, 20, tzinfo=UTC))
    with application.store.begin(LOCAL, now=now) as tx:
        entry = TimeEntry(
            id=TimeEntryId(f"{person}-{day}-{project}-{minutes}"),
            person_id=PersonId(person),
            project_id=ProjectId(project),
            work_date=day,
            minutes=minutes,
            **{"state": LineState.APPROVED, **more},
        )
        tx.area("time_entries").add(entry)


def get(client: TestClient, name: str, **params: object) -> Any:
    answer = client.get(f"/v1/reports/{name}", params={key: str(value) for key, value in params.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


def as_role(application: Application, role: Role, **more: Any) -> TestClient:
    user = create_user(application.store, actor=LOCAL, user=make_user(role=role, **more), now=datetime.now(UTC))
    return TestClient(create_app(application), base_url=BASE, headers=bearer(application, user), raise_server_exceptions=False)


@pytest.mark.usefixtures("firm")
def test_a_person_weeks_figures_are_those_by_hand(application: Application, client: TestClient) -> None:
    """
    Ann's first week: four days of eight hours, of which 480 + 240 of ten and five booked hours are left by her day off.

    Her target is three quarters of 1,920. She recorded 300 billable minutes, 100 that are not, 60 in the office, and a draft.
    """
    log(application, "ann", TUESDAY, 300)
    log(application, "ann", TUESDAY, 100, is_billable=False)
    log(application, "ann", TUESDAY, 60, project="office", is_billable=False, state=LineState.SUBMITTED)
    log(application, "ann", TUESDAY, 50, state=LineState.DRAFT)
    (found,) = get(client, "people", **WEEKS, by="person", person_id="ann")["groups"]
    assert (found["key"], found["name"]) == ("ann", "Ann")
    assert found["columns"][0] == {
        "contracted_minutes": 2_400,
        "bookable_minutes": 1_920,
        "confirmed_minutes": 480,
        "tentative_minutes": 240,
        "weighted_minutes": 540,
        "bench_minutes": 1_200,
        "overload_minutes": 0,
        "target_minutes": 1_440,
        "logged_minutes": 460,
        "billable_minutes": 300,
        "productive_minutes": 400,
        "booked_utilisation": "0.3750",
        "billable_utilisation": "0.1563",
        "productive_utilisation": "0.2083",
    }
    assert found["total"]["bookable_minutes"] == 1_920 + 2_400


@pytest.mark.usefixtures("firm")
def test_every_grouping_adds_up_to_the_firm(application: Application, client: TestClient) -> None:
    """Team, grade, location and person give the firm's sums, and weeks give the month's."""
    log(application, "ann", TUESDAY, 300)
    log(application, "zoe", TUESDAY, 77, is_billable=False)
    (whole,) = get(client, "people", **WEEKS)["groups"]
    figures = [name for name in whole["total"] if name.endswith("_minutes")]
    for by in ("team", "grade", "location", "person"):
        groups = get(client, "people", **WEEKS, by=by)["groups"]
        assert len(groups) > 1
        for name in figures:
            assert sum(group["total"][name] for group in groups) == whole["total"][name], (by, name)
    month = get(client, "people", **WEEKS, span="month")["groups"][0]
    assert month["columns"] == [whole["total"]]


@pytest.mark.usefixtures("firm")
def test_a_skill_has_everybody_who_holds_it(client: TestClient) -> None:
    """All three hold SAP, at different levels."""
    (sap,) = get(client, "people", **WEEKS, by="skill")["groups"]
    assert (sap["key"], sap["total"]["contracted_minutes"]) == ("SAP", 3 * 4_800)


@pytest.mark.usefixtures("firm")
def test_a_report_as_of_last_monday_is_the_same_next_month(application: Application, client: TestClient) -> None:
    """Whatever is booked, recorded or changed meanwhile; without as_of it is not."""
    log(application, "ann", TUESDAY, 300)
    then = datetime(2027, 3, 22, tzinfo=UTC)
    asked = {**WEEKS, "by": "person"}
    before = get(client, "people", **asked, as_of=then.isoformat())
    plans = get(client, "plan-actual", **WEEKS, as_of=then.isoformat())
    with application.store.begin(LOCAL, now=then + timedelta(days=3)) as tx:
        tx.people.save(replace(tx.people.get(PersonId("ben")), team="West"))
        tx.absences.add(make.make_absence("ben"))
        booking = tx.bookings.get(make.make_booking("ann", demand=None).id)
        tx.bookings.save(replace(booking, weekly_minutes=1_200))
    log(application, "ben", TUESDAY, 200, now=then + timedelta(days=4))
    assert get(client, "people", **asked, as_of=then.isoformat()) == before
    assert get(client, "plan-actual", **WEEKS, as_of=then.isoformat()) == plans
    assert get(client, "people", **asked) != before
    assert get(client, "plan-actual", **WEEKS) != plans


@pytest.mark.usefixtures("firm")
def test_overload_is_seen_by_day(application: Application, client: TestClient) -> None:
    """Zoe is booked for all her time and falls ill on a day: her booking is shortened; one without room is overload."""
    with application.store.begin(LOCAL, now=FOUNDED) as tx:
        tx.allow_excess("a fire to put out")
        tx.bookings.add(make.make_booking("zoe", demand=None, project="office", weekly_minutes=60))
    (zoe,) = get(client, "people", **WEEKS, by="person", person_id="zoe")["groups"]
    assert [column["overload_minutes"] for column in zoe["columns"]] == [60, 60]
    assert zoe["total"]["bench_minutes"] == 0


@pytest.mark.usefixtures("firm")
def test_plan_against_actual_by_project(application: Application, client: TestClient) -> None:
    """Ten of Ann's hours (eight in the first week) and forty of Zoe's, against what both recorded; the deal has time too."""
    log(application, "ann", TUESDAY, 500)
    log(application, "zoe", TUESDAY, 480)
    log(application, "ben", TUESDAY, 30, project="deal")
    found = get(client, "plan-actual", **WEEKS)
    assert found["starts"] == ["2027-03-01", "2027-03-08"]
    assert [(group["key"], group["columns"][0]) for group in found["groups"]] == [
        ("alpha", {"planned_minutes": 480 + 2_400, "logged_minutes": 980, "difference_minutes": -1_900}),
        ("deal", {"planned_minutes": 240, "logged_minutes": 30, "difference_minutes": -210}),
    ]
    (firm,) = get(client, "plan-actual", **WEEKS, by="firm")["groups"]
    assert firm["total"] == {"planned_minutes": 480 + 600 + 4_800 + 240 + 300, "logged_minutes": 1_010, "difference_minutes": -5_410}


@pytest.mark.usefixtures("firm")
def test_accuracy_looks_at_what_had_been_booked_some_weeks_before(application: Application, client: TestClient) -> None:
    """
    Two weeks before, Zoe had 2,400 minutes and Ann 480 + 240; since then Zoe's booking is gone, which changes nothing of it.

    Zoe recorded 2,000 and Ann none: 400 + 720 missed of 2,000 is 44 % accurate. A year before nothing was booked.
    """
    with application.store.begin(LOCAL, now=datetime(2027, 2, 25, tzinfo=UTC)) as tx:
        booking = tx.bookings.get(make.make_booking("zoe", demand=None).id)
        tx.bookings.delete(booking.id, booking.version)
    for day in range(4):
        log(application, "zoe", make.MONDAY + timedelta(days=day), 500)
    asked = {"start": "2027-03-01", "weeks": 1}
    (then,) = get(client, "forecast-accuracy", **asked, weeks_ahead=2)["groups"]
    assert then["total"] == {"forecast_minutes": 3_120, "logged_minutes": 2_000, "missed_minutes": 1_120, "accuracy": "0.4400"}
    (now,) = get(client, "forecast-accuracy", **asked, weeks_ahead=0)["groups"]
    assert now["total"] == {"forecast_minutes": 720, "logged_minutes": 2_000, "missed_minutes": 2_720, "accuracy": "0.0000"}
    (never,) = get(client, "forecast-accuracy", **asked, weeks_ahead=52)["groups"]
    assert never["total"]["forecast_minutes"] == 0


@pytest.mark.usefixtures("firm")
def test_the_scarcest_skill_comes_first(application: Application, client: TestClient) -> None:
    """
    SAP 3 is Ann's and Zoe's, 1,920 + 2,400 minutes of the first week; 5,000 are wanted and half of 1,000 expected.

    So 1,180 minutes stay open, whoever does what. SAP 1 has Ben too and lacks nothing.
    """
    with application.store.begin(LOCAL, now=FOUNDED) as tx:
        tx.projects.save(replace(tx.projects.get(ProjectId("deal")), probability=Decimal("0.5")))
        for name, level, minutes, project in (("a", 3, 5_000, "alpha"), ("b", 3, 1_000, "deal"), ("c", 1, 100, "alpha")):
            tx.demands.add(
                make.make_demand(name, project=project, effort={0: minutes}, requires={make.make_skill().id: level}, max_people=3)
            )
    first, second = get(client, "bottlenecks", start="2027-03-01", weeks=2)["pools"]
    assert (first["skill"], first["level"], first["people"]) == ("SAP", 3, 2)
    assert first["weeks"][0] == {
        "week": "2027-03-01",
        "wanted_minutes": 5_000,
        "expected_minutes": 5_500,
        "bookable_minutes": 4_320,
        "missing_minutes": 1_180,
    }
    assert (first["missing_minutes"], first["pressure"]) == (1_180, "0.6031")
    assert (second["level"], second["weeks"][0]["expected_minutes"], second["missing_minutes"]) == (1, 5_600, 0)


@pytest.mark.usefixtures("firm")
def test_everybody_gets_the_sums_of_those_whom_they_see(application: Application) -> None:
    """A member of themselves, a team's manager of the team, finance of all; a project manager has the hours of their projects."""
    log(application, "ann", TUESDAY, 300)
    log(application, "zoe", TUESDAY, 30, project="office")
    expected = {
        as_role(application, Role.MEMBER, person_id=PersonId("ann")): 4_800,
        as_role(application, Role.RESOURCE_MANAGER, team="South"): 4_800,
        as_role(application, Role.FINANCE): 14_400,
    }
    for client, minutes in expected.items():
        assert get(client, "people", **WEEKS)["groups"][0]["total"]["contracted_minutes"] == minutes
    manager = as_role(application, Role.PROJECT_MANAGER, project_ids=frozenset({ProjectId("alpha")}))
    assert manager.get("/v1/reports/people", params=WEEKS).status_code == 403
    assert [group["key"] for group in get(manager, "plan-actual", **WEEKS)["groups"]] == ["alpha"]
    assert as_role(application, Role.CLIENT_VIEWER).get("/v1/reports/people", params=WEEKS).status_code == 403


@pytest.mark.parametrize(
    ("name", "params", "code", "pointer"),
    [
        ("people", {**WEEKS, "end": "2027-03-01"}, "interval.empty", "?end"),
        ("people", {**WEEKS, "end": "2031-03-01"}, "report.too_large", "?end"),
        ("bottlenecks", {"start": "2027-03-02"}, "week.not_monday", "?start"),
        ("forecast-accuracy", {"start": "2027-03-02"}, "week.not_monday", "?start"),
    ],
)
def test_what_cannot_be_reported_is_refused_with_a_way_out(
    client: TestClient, name: str, params: dict[str, str], code: str, pointer: str
) -> None:
    """422 at the parameter that is wrong."""
    answer = client.get(f"/v1/reports/{name}", params=params)
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]

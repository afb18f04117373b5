"""Values come back as they were kept, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import BookingId, CalendarId, ClientId, ExchangeRateId, PersonId, PlanId, ProjectId, SkillId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import Closure, DayPart, Employment
from scheduler.domain.staffing.work import Booking, ContractKind, ProjectState
from tests import factories as make

if TYPE_CHECKING:
    from scheduler.store import Store

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)


def kept(store: Store, *values: Any) -> list[Any]:
    """Each value added to its area, in one transaction; whether people have time for their bookings is no matter here."""
    from scheduler.usecases.records import AREA_OF

    with store.begin(LOCAL, now=NOW) as tx:
        tx.allow_excess("rows of a test")
        return [tx.area(AREA_OF[type(value)]).add(value) for value in values]


def refusal(store: Store, *values: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        kept(store, *values)
    return caught.value


RICH_PERSON = make.make_person(
    terms=(
        make.make_term(period=DateInterval(date(2024, 2, 29), date(2026, 7, 1)), weekly_minutes=(480, 0, 0, 0, 240, 1440, 1)),
        make.make_term(
            period=DateInterval(date(2026, 7, 1)),
            employment=Employment.CONTRACTOR,
            cost_rate=Decimal("87.1234"),
            location="Zürich",
            grade="Senior",
        ),
    ),
    skills=(make.make_held(valid_until=date(2026, 1, 1)), make.make_held(level=5, valid_from=date(2026, 1, 2)), make.make_held("java")),
    email="ann@example.org",
    team="Platform",
    max_demands=3,
    external_id="E-1",
)
RICH_DEMAND = make.make_demand(
    requires={SkillId("sap"): 3},
    prefers={SkillId("java"): Decimal("-1.5")},
    overqualified_cost=Decimal("0.0001"),
    locations=frozenset({"Bern", "Zürich"}),
    shares=(Decimal(1), Decimal("0.29"), Decimal("0.5")),
    only=frozenset({PersonId("ann"), PersonId("bob")}),
    never=frozenset({PersonId("bob")}),
    max_people=2,
    min_run_weeks=2,
    min_coverage=Decimal("0.75"),
    shift_weeks=(-2, 3),
    grade="Senior",
)
RICH_PROJECT = make.make_project(
    client_id="client",
    state=ProjectState.TENTATIVE,
    probability=Decimal("0.35"),
    priority=Decimal("1.25"),
    contract=ContractKind.FIXED_PRICE,
    contract_value_minor=12_345_678_901,
    planned_minutes=60_000,
    budget_minutes=1,
    budget_minor=0,
    period=DateInterval(date(2027, 1, 1), date(2028, 1, 1)),
    all_or_nothing=True,
    shift_weeks=(0, 4),
    apart=(frozenset({PersonId("ann"), PersonId("bob")}),),
    together=(frozenset({PersonId("ann"), PersonId("cy")}), frozenset({PersonId("bob"), PersonId("cy")})),
)
FIRM = (
    make.make_skill(family="ERP", external_id="S1"),
    make.make_skill("java"),
    make.make_calendar(country="CH", subdivision="ZH", closures=(Closure(day=date(2027, 12, 24), part=DayPart.HALF, name="Eve"),)),
    RICH_PERSON,
    make.make_person("bob", terms=(), skills=()),
    make.make_person("cy"),
    make.make_absence(days=3, part=DayPart.HALF, kind="Kinderbetreuung"),
    make.make_client(),
    RICH_PROJECT,
    RICH_DEMAND,
    make.make_demand("any", only=None, locations=None, effort={}),
    make.make_demand("none", only=frozenset(), locations=frozenset()),
    make.make_booking(share=Decimal("0.29"), shift_weeks=-1),
    make.make_booking("bob", demand=None),
    make.make_bill_rate("120.5", project_id=ProjectId("alpha"), valid_until=date(2027, 5, 1)),
    make.make_bill_rate("130.25", client_id=ClientId("client"), currency="JPY"),
    ExchangeRate(id=ExchangeRateId("jpy"), currency="JPY", day=date(2027, 3, 1), rate=Decimal("0.0061234567"), source="ECB"),
)


def test_every_value_comes_back_equal(store: Store) -> None:
    """What is kept is what is read, to the last decimal, group and half day; the version is 1."""
    kept(store, *FIRM)
    with store.read(LOCAL) as view:
        found = {value.id: value for area in READ_AREAS for value in view.area(area).all()}
    assert found == {value.id: replace(value, version=1) for value in FIRM}


READ_AREAS = ("skills", "calendars", "people", "absences", "clients", "projects", "demands", "bookings", "bill_rates", "exchange_rates")


def test_decimals_are_exact(store: Store) -> None:
    """0.29 is 0.29 and not a float near it, and 100 is not 1E+2."""
    kept(store, make.make_bill_rate("0.29"), make.make_bill_rate("100"))
    with store.read(LOCAL) as view:
        rates = sorted(str(rate.rate) for rate in view.bill_rates.all())
    assert rates == ["0.29", "100"]


def test_save_counts_versions_and_replaces_children(store: Store) -> None:
    """A saved person has the next version, and the new skills only."""
    kept(store, *FIRM[:4])
    with store.begin(LOCAL, now=NOW) as tx:
        ann = tx.people.get("ann")
        saved = tx.people.save(replace(ann, skills=(make.make_held("java", 1),)))
    assert saved.version == 2
    with store.read(LOCAL) as view:
        assert view.people.get("ann") == saved


def test_c04_stale_save_is_refused(store: Store) -> None:
    """Who saves over a version that is not the current one learns both versions, and nothing is changed."""
    (skill,) = kept(store, make.make_skill())
    with store.begin(LOCAL, now=NOW) as tx:
        tx.skills.save(replace(skill, name="First"))
    with pytest.raises(DomainError) as caught, store.begin(LOCAL, now=NOW) as tx:
        tx.skills.save(replace(skill, name="Second"))
    assert (caught.value.kind, caught.value.code) == (ErrorKind.STALE, "version.stale")
    assert (caught.value.facts["given_version"], caught.value.facts["current_version"]) == (1, 2)
    with store.read(LOCAL) as view:
        assert view.skills.get("sap").name == "First"


def test_saving_what_is_not_there_is_not_found(store: Store) -> None:
    """A deleted record cannot be changed."""
    with pytest.raises(DomainError, match=r"record\.not_found"), store.begin(LOCAL, now=NOW) as tx:
        tx.skills.save(make.make_skill(version=1))


def test_delete_is_refused_while_something_refers_to_it(store: Store) -> None:
    """The refusal names what hangs on the record, children of other records included."""
    kept(store, *FIRM)
    with pytest.raises(DomainError) as caught, store.begin(LOCAL, now=NOW) as tx:
        tx.people.delete("ann", 1)
    error = caught.value
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "record.in_use")
    assert error.facts["used_by"] == {
        "absences": [FIRM[6].id],
        "bookings": [FIRM[12].id],
        "demands": ["alpha-lead"],
        "projects": ["alpha"],
    }


def test_delete_takes_the_children_along(store: Store) -> None:
    """Nothing of a deleted person is left in the tables of now."""
    kept(store, *FIRM[:4])
    with store.begin(LOCAL, now=NOW) as tx:
        tx.people.delete("ann", 1)
        tx.skills.delete("sap", 1)
    with store.read(LOCAL) as view:
        assert view.people.find("ann") is None


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        (make.make_person(), {"/terms/0/calendar_id", "/skills/0/skill_id"}),
        (make.make_absence(), {"/person_id"}),
        (make.make_project(client_id="x", apart=(frozenset({PersonId("a"), PersonId("b")}),)), {"/client_id", "/apart/0"}),
        (make.make_demand(requires={SkillId("x"): 1}, only=frozenset({PersonId("y")})), {"/project_id", "/requires/x", "/only"}),
        (make.make_booking(), {"/person_id", "/project_id", "/demand_id"}),
        (make.make_bill_rate(person_id=PersonId("z")), {"/person_id"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a06_references_must_exist(store: Store, value: Any, pointers: set[str]) -> None:
    """Every reference to nothing is named by its pointer, all at once."""
    error = refusal(store, value)
    assert (error.kind, error.code) == (ErrorKind.INVALID, "reference.not_found")
    assert {fault.pointer for fault in error.faults} == pointers


@pytest.mark.parametrize("name", ["Café", "Cafe\u0301", "CAFÉ"])
def test_u01_names_are_unique_by_nfc_and_casefold(store: Store, name: str) -> None:
    """A composed and a decomposed spelling are one name, and so are capitals."""
    kept(store, replace(make.make_skill("one"), name="Café"))
    error = refusal(store, replace(make.make_skill("two"), name=name))
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "name.taken")


def test_people_may_share_a_name(store: Store) -> None:
    """Two people may be called alike."""
    people = [replace(make.make_person(key, terms=(), skills=()), name="Ann Lee") for key in ("a", "b")]
    assert len(kept(store, *people)) == 2


def test_external_ids_are_unique_within_an_area(store: Store) -> None:
    """The same external id may be a skill's and a client's, but not two skills'."""
    kept(store, make.make_skill(external_id="7"), make.make_client(external_id="7"))
    assert refusal(store, make.make_skill("java", external_id="7")).code == "external_id.taken"
    with store.read(LOCAL) as view:
        found = view.skills.find_external("7")
    assert found is not None
    assert found.id == "sap"


def test_a_refused_record_leaves_its_transaction_usable(store: Store) -> None:
    """An import can list every fault: what the database refuses does not spoil what comes after."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.skills.add(make.make_skill())
        with pytest.raises(DomainError, match=r"name\.taken"):
            tx.skills.add(replace(make.make_skill("other"), name="SAP"))
        tx.skills.add(make.make_skill("java"))
    with store.read(LOCAL) as view:
        assert [skill.id for skill in view.skills.all()] == ["java", "sap"]


def test_an_exception_rolls_everything_back(store: Store) -> None:
    """Nothing is half-applied."""
    with pytest.raises(DomainError), store.begin(LOCAL, now=NOW) as tx:
        tx.skills.add(make.make_skill())
        tx.skills.get("java")
    with store.read(LOCAL) as view:
        assert view.skills.all() == ()


def test_firm_settings_begin_unset(store: Store) -> None:
    """Version 0 says that nobody has set them; the first save makes version 1, a stale one is refused."""
    with store.begin(LOCAL, now=NOW) as tx:
        assert tx.firm.get().version == 0
        assert tx.firm.save(make.make_firm(currency="CHF")).version == 1
    with pytest.raises(DomainError, match=r"version\.stale"), store.begin(LOCAL, now=NOW) as tx:
        tx.firm.save(make.make_firm(currency="EUR"))
    with store.read(LOCAL) as view:
        assert view.firm.get() == make.make_firm(currency="CHF", version=1)


def test_a_calendar_in_use_by_a_term_stays(store: Store) -> None:
    """Children count as users of what they name."""
    kept(store, *FIRM[:4])
    with pytest.raises(DomainError) as caught, store.begin(LOCAL, now=NOW) as tx:
        tx.calendars.delete(CalendarId("plain"), 1)
    assert caught.value.facts["used_by"] == {"people": ["ann"]}


def test_bookings_name_their_plan_only_if_it_exists(store: Store) -> None:
    """A booking's plan is a reference like any other."""
    kept(store, make.make_person(terms=(), skills=()), make.make_project())
    booking = Booking(
        id=BookingId("b"), person_id=PersonId("ann"), project_id=ProjectId("alpha"), period=make.weeks(0, 1), weekly_minutes=60
    )
    assert {fault.pointer for fault in refusal(store, replace(booking, plan_id=PlanId("nope"))).faults} == {"/plan_id"}
    assert kept(store, booking)[0].version == 1


@pytest.mark.parametrize("nowhere", ["a\x00b", "a\ud800", "", "x" * 5_000])
def test_h14_ids_that_cannot_be_are_not_found_on_both_databases(store: Store, nowhere: str) -> None:
    """PostgreSQL refuses NUL in text and half characters cannot be sent: the answer is the same as for any unknown id."""
    with store.read(LOCAL) as view:
        assert view.people.find(nowhere) is None
        assert view.people.find_external(nowhere) is None
        assert view.people.many([nowhere]) == ()
        assert view.people.history(nowhere) == ()
        with pytest.raises(DomainError, match=r"record\.not_found"):
            view.plans.get(nowhere)
    absence = replace(make.make_absence(), person_id=PersonId(nowhere))
    assert refusal(store, absence).code == "reference.not_found"


@pytest.mark.parametrize("as_of", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("hours", [-14, 0, 14])
def test_any_instant_can_be_asked_about(store: Store, as_of: datetime, hours: int) -> None:
    """The ends of the calendar too: before everything there was nothing, after it all is as it is."""
    kept(store, make.make_skill())
    with store.read(LOCAL, as_of=as_of.replace(tzinfo=timezone(timedelta(hours=hours)))) as view:
        assert len(view.skills.all()) == (0 if as_of.year == 1 else 1)


def test_t02_an_instant_needs_its_zone(store: Store) -> None:
    """A naive one would mean another time at every place."""
    with pytest.raises(DomainError, match=r"time\.zone_required"), store.read(LOCAL, as_of=NOW.replace(tzinfo=None)):
        pass

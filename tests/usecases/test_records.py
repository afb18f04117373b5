"""Creating, changing and deleting records, and the rules between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.delivery.time_entries import ActivityType
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import ActivityTypeId, BookingId, ExchangeRateId, ProjectId, SkillId
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.people import Skill
from scheduler.queries.records import AREA_NAMES, get_firm, get_record, list_records, record_history, sorts_and_filters
from scheduler.queries.snapshot import read_snapshot
from scheduler.usecases.records import AREA_OF, change_firm, change_record, create_record, delete_record
from tests import factories as make

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.store import Store

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

FIRM = (
    make.make_skill(),
    make.make_calendar(),
    make.make_person(),
    make.make_absence(),
    make.make_client(),
    make.make_project(),
    make.make_demand(),
    make.make_booking(),
    make.make_bill_rate(),
)


@pytest.fixture
def firm(store: Store) -> Store:
    """A store with one record in every area."""
    for value in FIRM:
        create_record(store, actor=LOCAL, value=value, now=NOW)
    return store


def refusal(act: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value


def test_every_area_has_all_steps(firm: Store) -> None:
    """Created, read, listed, changed and deleted (last things first), in every area."""
    for value in reversed(FIRM):
        area = AREA_OF[type(value)]
        found = get_record(firm, actor=LOCAL, area=area, record_id=value.id)
        assert found == replace(value, version=1)
        assert list_records(firm, actor=LOCAL, area=area, page=PageRequest()).items == (found,)
        changed: Any = change_record(firm, actor=LOCAL, value=replace(found, external_id="X"), now=LATER)
        assert (changed.version, changed.external_id) == (2, "X")
        delete_record(firm, actor=LOCAL, area=area, record_id=value.id, version=2, now=LATER)
        missing = refusal(lambda area=area, value=value: get_record(firm, actor=LOCAL, area=area, record_id=value.id))  # type: ignore[misc]
        assert (missing.kind, missing.code) == (ErrorKind.NOT_FOUND, "record.not_found")
        assert len(record_history(firm, actor=LOCAL, area=area, record_id=value.id)) == 2


def test_a_change_of_nothing_makes_no_version(firm: Store) -> None:
    """In every area: no new version and no history, so no plan is out of date for it; a stale version is refused all the same."""
    for value in FIRM:
        area = AREA_OF[type(value)]
        found = get_record(firm, actor=LOCAL, area=area, record_id=value.id)
        assert change_record(firm, actor=LOCAL, value=found, now=LATER) == found
        assert len(record_history(firm, actor=LOCAL, area=area, record_id=value.id)) == 1
        stale: Any = replace(found, version=7)
        error = refusal(lambda stale=stale: change_record(firm, actor=LOCAL, value=stale, now=LATER))  # type: ignore[misc]
        assert error.code == "version.stale"
    settings = change_firm(firm, actor=LOCAL, firm=make.make_firm(), now=NOW)
    assert change_firm(firm, actor=LOCAL, firm=settings, now=LATER).version == 1


def test_bill_rates_for_the_same_do_not_overlap(store: Store) -> None:
    """On create and on change the other rate is named; one after the other, or for another grade, is fine."""
    day = NOW.date()
    first = create_record(store, actor=LOCAL, value=make.make_bill_rate(100, grade="Senior", valid_until=day), now=NOW)
    overlapping = make.make_bill_rate(110, grade="Senior", valid_from=day)
    error = refusal(lambda: create_record(store, actor=LOCAL, value=overlapping, now=NOW))
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "rate.overlap")
    assert first.id in error.detail
    assert f"until {day}" in error.detail
    create_record(store, actor=LOCAL, value=make.make_bill_rate(120, grade="Junior"), now=NOW)
    second = replace(overlapping, valid_from=day + timedelta(days=1))
    created = create_record(store, actor=LOCAL, value=second, now=NOW)
    assert refusal(lambda: change_record(store, actor=LOCAL, value=replace(created, valid_from=None), now=NOW)).code == "rate.overlap"
    assert change_record(store, actor=LOCAL, value=replace(created, rate=Decimal(115)), now=NOW).version == 2


def test_bill_rates_of_other_clients_activities_and_currencies_stand_beside_each_other(store: Store) -> None:
    """Each of the three tells rates apart; the firm's currency, said or not, is the same."""
    client = create_record(store, actor=LOCAL, value=make.make_client(), now=NOW)
    travel = create_record(store, actor=LOCAL, value=ActivityType(id=ActivityTypeId("travel"), name="Travel"), now=NOW)
    scopes: list[dict[str, Any]] = [{}, {"client_id": client.id}, {"activity_type_id": travel.id}, {"currency": "USD"}]
    for number, more in enumerate(scopes):
        create_record(store, actor=LOCAL, value=make.make_bill_rate(100 + number, **more), now=NOW)
    error = refusal(lambda: create_record(store, actor=LOCAL, value=make.make_bill_rate(90, currency="EUR"), now=NOW))
    assert (error.code, error.facts) == ("rate.overlap", {"bill_rate": "rate-100"})
    assert (
        refusal(lambda: delete_record(store, actor=LOCAL, area="clients", record_id=client.id, version=1, now=NOW)).code == "record.in_use"
    )


def test_a_day_has_one_exchange_rate_of_a_currency(store: Store) -> None:
    """Another for the same day is refused, another day's is not, and the firm's own currency has none; so that stays as it is."""
    rate = ExchangeRate(id=ExchangeRateId("a"), currency="USD", day=NOW.date(), rate=Decimal("0.9"), source="ECB")
    create_record(store, actor=LOCAL, value=rate, now=NOW)
    again = replace(rate, id=ExchangeRateId("b"))
    assert refusal(lambda: create_record(store, actor=LOCAL, value=again, now=NOW)).code == "exchange_rate.taken"
    create_record(store, actor=LOCAL, value=replace(again, day=NOW.date() + timedelta(days=1)), now=NOW)
    own = refusal(lambda: create_record(store, actor=LOCAL, value=replace(again, id=ExchangeRateId("c"), currency="EUR"), now=NOW))
    assert [fault.code for fault in own.faults] == ["rate.of_home"]
    settings = change_firm(store, actor=LOCAL, firm=make.make_firm(), now=NOW)
    other = refusal(lambda: change_firm(store, actor=LOCAL, firm=replace(settings, currency="CHF"), now=NOW))
    assert other.code == "firm.currency_in_use"


def test_as_of_reads_what_was_there(firm: Store) -> None:
    """A record, a list and the whole snapshot can be read as they were."""
    before = get_record(firm, actor=LOCAL, area="demands", record_id="alpha-lead")
    change_record(firm, actor=LOCAL, value=replace(before, effort=make.make_effort({9: 60})), now=LATER)
    assert get_record(firm, actor=LOCAL, area="demands", record_id="alpha-lead", as_of=LATER - timedelta(minutes=1)) == before
    listed = list_records(firm, actor=LOCAL, area="demands", page=PageRequest(), as_of=LATER - timedelta(minutes=1))
    assert listed.items == (before,)
    with firm.read(LOCAL, as_of=LATER - timedelta(minutes=1)) as view:
        snapshot, versions = read_snapshot(view)
    assert snapshot.demands == (before,)
    assert versions["demands"] == {"alpha-lead": 1}


def test_a_snapshot_knows_the_version_of_every_row(firm: Store) -> None:
    """Everything that planning reads has its version beside it, the firm's settings too."""
    change_firm(firm, actor=LOCAL, firm=make.make_firm(), now=NOW)
    with firm.read(LOCAL) as view:
        snapshot, versions = read_snapshot(view)
    of_money: dict[str, dict[str, int]] = {"exchange_rates": {}, "contracts": {}}
    assert versions == {"firm": {"firm": 1}, **of_money, **{AREA_OF[type(value)]: {value.id: 1} for value in FIRM}}
    assert snapshot.bookings == (replace(make.make_booking(), version=1),)


def test_c04_change_over_a_stale_version(firm: Store) -> None:
    """The first of two authors wins, the second is told."""
    skill = get_record(firm, actor=LOCAL, area="skills", record_id="sap")
    change_record(firm, actor=LOCAL, value=replace(skill, name="First"), now=NOW)
    error = refusal(lambda: change_record(firm, actor=LOCAL, value=replace(skill, name="Second"), now=NOW))
    assert error.kind is ErrorKind.STALE
    error = refusal(lambda: delete_record(firm, actor=LOCAL, area="skills", record_id="sap", version=1, now=NOW))
    assert error.kind is ErrorKind.STALE


def test_a_booking_is_on_the_project_of_its_demand(firm: Store) -> None:
    """Another project is refused with its pointer, and nothing is kept."""
    create_record(firm, actor=LOCAL, value=make.make_project("beta"), now=NOW)
    wrong = replace(make.make_booking(project="beta"), id=BookingId("wrong"))
    error = refusal(lambda: create_record(firm, actor=LOCAL, value=wrong, now=NOW))
    assert [(fault.pointer, fault.code) for fault in error.faults] == [("/project_id", "booking.project_mismatch")]
    assert refusal(lambda: get_record(firm, actor=LOCAL, area="bookings", record_id=BookingId("wrong"))).kind is ErrorKind.NOT_FOUND


def test_a_booked_demand_keeps_its_project(firm: Store) -> None:
    """Its bookings would be left on the old one."""
    create_record(firm, actor=LOCAL, value=make.make_project("beta"), now=NOW)
    demand = get_record(firm, actor=LOCAL, area="demands", record_id="alpha-lead")
    moved = replace(demand, project_id=ProjectId("beta"))
    assert refusal(lambda: change_record(firm, actor=LOCAL, value=moved, now=NOW)).code == "demand.booked"
    delete_record(firm, actor=LOCAL, area="bookings", record_id="booking-ann-alpha-lead", version=1, now=NOW)
    assert change_record(firm, actor=LOCAL, value=moved, now=NOW).project_id == "beta"


@pytest.mark.parametrize(("country", "subdivision"), [("XX", None), ("DE", "ZZ")])
def test_a_calendar_has_public_holidays(store: Store, country: str, subdivision: str | None) -> None:
    """A country or region without known holidays is refused when it is written, not when somebody plans."""
    calendar = make.make_calendar(country=country, subdivision=subdivision)
    assert refusal(lambda: create_record(store, actor=LOCAL, value=calendar, now=NOW)).kind is ErrorKind.INVALID


def test_the_currency_stays_once_there_are_amounts(store: Store) -> None:
    """Rates carry no currency: another one would change what they mean. Before there are any, it may change."""
    first = change_firm(store, actor=LOCAL, firm=make.make_firm(currency="EUR"), now=NOW)
    second = change_firm(store, actor=LOCAL, firm=replace(first, currency="CHF"), now=NOW)
    create_record(store, actor=LOCAL, value=make.make_bill_rate(), now=NOW)
    error = refusal(lambda: change_firm(store, actor=LOCAL, firm=replace(second, currency="EUR"), now=NOW))
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "firm.currency_in_use")
    assert change_firm(store, actor=LOCAL, firm=replace(second, name="New name"), now=NOW).version == 3
    assert get_firm(store, actor=LOCAL).name == "New name"


def test_areas_say_how_they_are_sorted_and_filtered() -> None:
    """Every area has a sort and, but for what is only made here, can be found by external id; none by cost."""
    made_here = {"change_sets", "budget_alerts", "approval_policies"}
    for area in AREA_NAMES:
        sorts, filters = sorts_and_filters(area)
        assert "id" in sorts
        assert ("external_id" in filters) == (area not in made_here)
        assert not any("cost" in name or "rate" in name for name in (*sorts, *filters))


def test_history_of_what_never_was(store: Store) -> None:
    """An unknown id has no history."""
    assert refusal(lambda: record_history(store, actor=LOCAL, area="skills", record_id="nope")).kind is ErrorKind.NOT_FOUND


def test_u01_names_are_kept_composed(store: Store) -> None:
    """A decomposed spelling is stored in normal form C, without white space around it."""
    created = create_record(store, actor=LOCAL, value=Skill(id=SkillId("s"), name="  Cafe\u0301 "), now=NOW)
    assert created.name == "Café"

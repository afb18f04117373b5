"""Lists: pages that stay in place, and only the sorts and filters an area allows."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ActorId, PlanId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.paging import PageRequest
from scheduler.domain.staffing.plans import Plan, PlanState
from tests import factories as make

if TYPE_CHECKING:
    from scheduler.domain.ground.paging import Page
    from scheduler.store import Store

NOW = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
NAMES = ("anna", "Änne", "Bob", "100 %", "a_b", "a\\b", "Zoë", "bob", "O'Neil", "李")


@pytest.fixture
def people(store: Store) -> Store:
    """A store with ten people, two of whom share a folded name."""
    with store.begin(LOCAL, now=NOW) as tx:
        for number, name in enumerate(NAMES):
            person = make.make_person(f"p{number}", terms=(), skills=(), team="even" if number % 2 == 0 else None)
            tx.people.add(replace(person, name=name))
    return store


def page(store: Store, area: str = "people", **request: Any) -> Page[Any]:
    with store.read(LOCAL) as view:
        return view.area(area).page(PageRequest(**request))


def all_pages(store: Store, **request: Any) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        one = page(store, cursor=cursor, **request)
        found += [item.id for item in one.items]
        cursor = one.next_cursor
        if cursor is None:
            return found


def refusal(store: Store, **request: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        page(store, **request)
    assert caught.value.kind is ErrorKind.INVALID
    return caught.value


@pytest.mark.parametrize("sort", [None, "-name", "id", "-id"])
def test_pages_cover_the_list_once_and_in_order(people: Store, sort: str | None) -> None:
    """Whatever the size, the pages together are the sorted list: by folded name and code point, alike on both databases."""
    order = sorted(range(len(NAMES)), key=lambda n: (NAMES[n].casefold(), f"p{n}") if sort not in {"id", "-id"} else (f"p{n}",))
    if sort and sort.startswith("-"):
        order.reverse()
    for size in (1, 3, 10, 500):
        assert all_pages(people, sort=sort, limit=size) == [f"p{n}" for n in order]


def test_a_page_stays_in_place_while_rows_come_and_go(people: Store) -> None:
    """What is added before the cursor, or removed at it, moves nothing after it."""
    first = page(people, limit=3)
    with people.begin(LOCAL, now=NOW) as tx:
        tx.people.add(replace(make.make_person("new", terms=(), skills=()), name="0 first of all"))
        tx.people.delete(first.items[-1].id, 1)
    second = page(people, limit=3, cursor=first.next_cursor)
    assert [item.name for item in second.items] == sorted(NAMES, key=str.casefold)[3:6]


def test_an_as_of_list_is_paged_as_it_was(people: Store) -> None:
    """A list as of an instant does not see what came later, and its cursor is of that list only."""
    with people.begin(LOCAL, now=NOW + timedelta(hours=1)) as tx:
        tx.people.delete("p0", 1)
    with people.read(LOCAL, as_of=NOW) as view:
        first = view.people.page(PageRequest(limit=9))
        rest = view.people.page(PageRequest(limit=9, cursor=first.next_cursor))
    assert len(first.items) + len(rest.items) == len(NAMES)
    assert refusal(people, limit=9, cursor=first.next_cursor).code == "cursor.invalid"


def test_h25_sorts_are_an_allow_list(people: Store) -> None:
    """Whatever is not on the list is refused, with the list."""
    for sort in ("cost_rate", "name;DROP TABLE people", "(select 1)", "name_key", "", "-", "--name", "terms.cost_rate"):
        error = refusal(people, sort=sort)
        assert error.code == "sort.not_allowed"
        assert error.facts["allowed"] == ["id", "name"]


def test_a12_filters_are_an_allow_list(people: Store) -> None:
    """Whatever is not on the list is refused, with the list; no filter tells anything about cost."""
    for name in ("cost_rate", "id=1 OR 1", "name_key", "terms", "version"):
        error = refusal(people, filters={name: "1"})
        assert error.code == "filter.not_allowed"
        assert "name" in error.facts["allowed"]


def test_h26_filter_values_are_text(people: Store) -> None:
    """No character of a value is an operator or a wildcard; case and composition do not matter."""
    for text, expected in (
        ("%", ["100 %"]),
        ("_", ["a_b"]),
        ("\\", ["a\\b"]),
        ("' OR 1=1--", []),
        ("=n", []),
        ("'", ["O'Neil"]),
        ("BOB", ["Bob", "bob"]),
        ("ÄNNE", ["Änne"]),
        ("A\u0308nne", ["Änne"]),
        ("李", ["李"]),
    ):
        assert sorted(item.name for item in page(people, filters={"name": text}).items) == sorted(expected), text


def test_h14_nul_in_a_filter_is_refused_on_both_databases(people: Store) -> None:
    """PostgreSQL cannot store NUL, SQLite can: the caller gets the same answer."""
    assert refusal(people, filters={"name": "a\x00"}).code == "text.nul"
    assert refusal(people, filters={"name": "a\ud800"}).code == "filter.invalid"


def test_filters_combine(people: Store) -> None:
    """Every filter given has to hold."""
    assert [item.name for item in page(people, filters={"team": "even", "name": "bob"}).items] == ["Bob"]


def test_people_by_skill_held(store: Store) -> None:
    """A filter may look at what belongs to the record."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.skills.add(make.make_skill())
        tx.people.add(make.make_person("ann", terms=(), skills=(make.make_held(level=1), make.make_held(level=2))[:1]))
        tx.people.add(make.make_person("bob", terms=(), skills=()))
    assert [item.id for item in page(store, filters={"skill_id": "sap"}).items] == ["ann"]


def test_periods_by_date(store: Store) -> None:
    """``from`` keeps what has not ended by that day, ``until`` what begins before it."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.people.add(make.make_person(terms=(), skills=()))
        for day in (1, 10, 20):
            tx.absences.add(make.make_absence(first=date(2027, 3, day), days=5))
        tx.absences.add(replace(make.make_absence(first=date(2027, 1, 1)), period=DateInterval(date(2027, 1, 1))))
    found = page(store, "absences", filters={"from": "2027-03-06", "until": "2027-03-20"}).items
    assert [absence.period.start for absence in found] == [date(2027, 1, 1), date(2027, 3, 10)]
    assert refusal(store, area="absences", filters={"from": "yesterday"}).code == "filter.invalid"
    assert [a.period.start.day for a in page(store, "absences", sort="-start", limit=2).items] == [20, 10]


def test_choices_are_named(store: Store) -> None:
    """A filter on a state says which states there are."""
    error = refusal(store, area="projects", filters={"state": "maybe"})
    assert error.code == "filter.invalid"
    assert "tentative" in error.detail


def test_page_size_has_a_range(people: Store) -> None:
    """A page is neither empty nor the whole database."""
    for limit in (0, -1, 501, 10**9):
        assert refusal(people, limit=limit).code == "limit.out_of_range"


def test_a_cursor_of_another_list_is_refused(people: Store) -> None:
    """Sort, filters and area are part of the cursor."""
    cursor = page(people, limit=1).next_cursor
    assert refusal(people, limit=1, cursor=cursor, sort="-name").code == "cursor.invalid"
    assert refusal(people, limit=1, cursor=cursor, filters={"team": "even"}).code == "cursor.invalid"
    assert refusal(people, area="skills", limit=1, cursor=cursor).code == "cursor.invalid"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cursor=st.one_of(
        st.text(max_size=30),
        st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=4)).map(
            lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
        ),
    )
)
def test_no_made_up_cursor_breaks_the_list(people: Store, cursor: str) -> None:
    """A cursor that the list did not return is refused in words."""
    assert refusal(people, cursor=cursor).code == "cursor.invalid"


def test_plans_are_listed_by_time(store: Store) -> None:
    """Newest first works across pages, and results are not part of the list."""
    with store.begin(LOCAL, now=NOW) as tx:
        for number in range(5):
            at = NOW + timedelta(minutes=number // 2)
            plan = Plan(
                id=PlanId(f"plan{number}"), state=PlanState.QUEUED, request={}, actor_id=ActorId("a"), created_at=at, result={"x": 1}
            )
            tx.plans.add(plan)
    found: list[str] = []
    cursor = None
    while True:
        with store.read(LOCAL) as view:
            one = view.plans.page(PageRequest(sort="-created_at", limit=2, cursor=cursor))
        found += [plan.id for plan in one.items]
        assert all(plan.result is None for plan in one.items)
        cursor = one.next_cursor
        if cursor is None:
            break
    assert found == [f"plan{number}" for number in (4, 3, 2, 1, 0)]

"""Every version is kept, and any past state can be read again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import AbsenceId, PersonId
from scheduler.store.tables.plans import RECORDING_CLOCK
from tests import factories as make
from tests.lasting_stores import empty

if TYPE_CHECKING:
    from scheduler.store import Store, Transaction

NOON = datetime(2027, 2, 1, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)

AREAS = ("skills", "people", "projects", "absences")
KEYS = (PersonId("a"), PersonId("b"), PersonId("c"))


def contents(area: str, key: str, salt: int) -> Any:
    """Some value for a key; another salt, another value, children included."""
    if area == "skills":
        return replace(make.make_skill(key), name=f"{key}{salt}", family=[None, "ERP", "Data"][salt % 3])
    if area == "people":
        held = tuple(make.make_held(KEYS[n], 1 + salt % 5) for n in range(salt % 3))
        return make.make_person(key, terms=(), skills=held, team=f"T{salt}")
    if area == "projects":
        group = frozenset(list(KEYS)[: 2 + salt % 2])
        return replace(make.make_project(key), apart=(group,) if salt % 4 == 0 else (), all_or_nothing=salt % 2 == 0)
    return replace(make.make_absence(key, days=1 + salt % 9), id=AbsenceId(f"absence-{key}"))


change = st.tuples(st.sampled_from(["keep", "keep", "keep", "delete"]), st.sampled_from(AREAS), st.sampled_from(KEYS), st.integers(0, 20))
transactions = st.lists(
    st.tuples(st.integers(-3, 3), st.lists(change, min_size=1, max_size=5), st.sampled_from([True, True, True, False])),
    min_size=1,
    max_size=8,
)
"""Hours that pass, changes, and whether the transaction commits."""


class _RolledBackError(Exception):
    pass


def apply(tx: Transaction, what: str, area: str, key: str, salt: int) -> None:
    """Add or change (or delete) one record, whatever is there."""
    repository = tx.area(area)
    value = contents(area, key, salt)
    current = repository.find(value.id)
    if what == "delete":
        if current is not None:
            repository.delete(value.id, current.version)
    elif current is None:
        repository.add(value)
    else:
        repository.save(replace(value, version=current.version))


def state(store: Store, as_of: datetime | None = None) -> dict[str, tuple[Any, ...]]:
    with store.read(LOCAL, as_of=as_of) as view:
        return {area: view.area(area).all() for area in AREAS}


def recorded_at(store: Store) -> datetime:
    with store.engine.connect() as connection:
        at: datetime = connection.execute(select(RECORDING_CLOCK.c.recorded_at)).scalar_one()
    return at


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=transactions)
def test_any_past_state_can_be_read_again(store: Store, history: list[tuple[int, list[tuple[str, str, str, int]], bool]]) -> None:
    """As of the instant of any transaction stands what it left, and just before it what it found, even if the clock ran back."""
    empty(store)
    history = [(0, [("keep", area, key, 1) for area in ("skills", "people") for key in KEYS], True), *history]
    now, states = NOON, [(recorded_at(store), state(store))]
    for hours, changes, commits in history:
        now += timedelta(hours=hours)
        with suppress(_RolledBackError), store.begin(LOCAL, now=now) as tx:
            for one in changes:
                with suppress(DomainError):  # what something else refers to stays, what refers to nothing is refused
                    apply(tx, *one)
            if not commits:
                raise _RolledBackError
        states.append((recorded_at(store), state(store)))
    for (_, before), (at, after) in pairwise(states):
        assert state(store, at) == after
        if before != after:
            assert state(store, at - TICK) == before


def test_history_of_a_record_outlives_it(store: Store) -> None:
    """The versions of a deleted record are still there, each with its time."""
    for hour, name in enumerate(("One", "Two")):
        with store.begin(LOCAL, now=NOON + timedelta(hours=hour)) as tx:
            found = tx.skills.find("sap")
            value = replace(make.make_skill(), name=name)
            tx.skills.add(value) if found is None else tx.skills.save(replace(value, version=found.version))
    with store.begin(LOCAL, now=NOON + timedelta(hours=2)) as tx:
        tx.skills.delete("sap", 2)
    with store.read(LOCAL) as view:
        versions = view.skills.history("sap")
        second = view.skills.at_version("sap", 2)
    assert [(v.value.name, v.value.version) for v in versions] == [("One", 1), ("Two", 2)]
    assert [v.recorded_to for v in versions] == [NOON + timedelta(hours=1), NOON + timedelta(hours=2)]
    assert second == versions[1].value


def test_a_transaction_leaves_one_version_however_often_it_saves(store: Store) -> None:
    """What a transaction did in between was never the state of the database."""
    with store.begin(LOCAL, now=NOON) as tx:
        skill = tx.skills.add(make.make_skill())
        tx.skills.save(replace(skill, name="Later"))
    with store.read(LOCAL) as view:
        assert [v.value.name for v in view.skills.history("sap")] == ["Later"]


def test_z16_a_clock_put_back_does_not_reorder_what_happened(store: Store) -> None:
    """A change made when the clock says an earlier hour is recorded just after the one before it."""
    with store.begin(LOCAL, now=NOON) as tx:
        skill = tx.skills.add(make.make_skill())
    with store.begin(LOCAL, now=NOON - timedelta(hours=1)) as tx:
        tx.skills.save(replace(skill, name="Later"))
    with store.read(LOCAL) as view:
        versions = view.skills.history("sap")
    assert [v.recorded_from for v in versions] == [NOON, NOON + TICK]


def test_nothing_was_there_before_the_first_change(store: Store) -> None:
    """As of an instant before it all, every list is empty and the firm has no settings."""
    with store.begin(LOCAL, now=NOON) as tx:
        tx.skills.add(make.make_skill())
        tx.firm.save(make.make_firm())
    with store.read(LOCAL, as_of=NOON - TICK) as view:
        assert view.skills.all() == ()
        assert view.firm.get().version == 0

"""Approved time, and what its prices and costs follow from: as it was before a transaction, and as the transaction has it so far."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.permissions import COST_READ
from scheduler.domain.ground.pricing import ApprovedHours
from scheduler.store.history import last_recorded, source
from scheduler.store.price_locks import hold_prices
from scheduler.store.tables.time import TIME_ENTRIES
from scheduler.store.tables.work import PROJECTS
from scheduler.store.view import View

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, FromClause

    from scheduler.domain.ground.pricing import Reach
    from scheduler.domain.staffing.people import Person
    from scheduler.domain.staffing.work import Demand, Firm
    from scheduler.store.transaction import Transaction

_AT_ONCE = 2_000
_NAMED = ("project_id", "person_id", "demand_id", "activity_type_id")


class ApprovedWork:
    """What was approved when a transaction began, for whoever asks what its prices and costs follow from."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._view = View(tx.connection, tx.actor).unrestricted
        self._whole: dict[str, tuple[Any, ...]] = {}

    @property
    def shows_costs(self) -> bool:
        """Whether the actor may learn what anybody costs."""
        return self._tx.actor.may(COST_READ)

    def changes(self, area: str) -> tuple[tuple[Any, Any], ...]:
        """The area's values that the transaction has written, as they were recorded before and as they are; ``None``: not there."""
        ids = self._tx.written(area)
        if not ids:
            return ()
        then = View(self._view.connection, self._view.actor, as_of=last_recorded(self._view.connection))
        before = {value.id: value for value in then.area(area).many(ids)}
        after = {value.id: value for value in self._view.area(area).many(ids)}
        return tuple((before.get(row_id), after.get(row_id)) for row_id in sorted(before.keys() | after.keys()))

    def hours(self, reached: Sequence[Reach]) -> Iterator[tuple[ApprovedHours, ...]]:
        """Time that is reached, each kind once, in order of days, some at a time; until the transaction ends, no more is approved."""
        hold_prices(self._view.connection)
        rows = self._entries()
        names = ("work_date", "project_id", "person_id", "demand_id", "activity_type_id", "is_billable")
        key = [rows.c[name] for name in names]
        query = select(*key).where(_is_meant(rows, reached)).distinct().order_by(*key)
        for part in self._view.connection.execute(query).partitions(_AT_ONCE):
            yield tuple(
                ApprovedHours(
                    day=day, project_id=project, person_id=person, demand_id=demand, activity_type_id=activity, is_billable=is_billable
                )
                for day, project, person, demand, activity, is_billable in part
            )

    def last_day(self, reached: Sequence[Reach]) -> date | None:
        """The last day of all that time."""
        rows = self._entries()
        found: date | None = self._view.connection.execute(select(func.max(rows.c.work_date)).where(_is_meant(rows, reached))).scalar()
        return found

    @cached_property
    def firm(self) -> Firm:
        """Its settings."""
        return self._view.firm.get()

    def all(self, area: str) -> tuple[Any, ...]:
        """All values of an area as they are; read once."""
        if area not in self._whole:
            self._whole[area] = self._view.area(area).all()
        return self._whole[area]

    def people(self, ids: Collection[str]) -> tuple[Person, ...]:
        """Those of the ids that exist."""
        return self._view.people.many(ids)

    def demands(self, ids: Collection[str]) -> tuple[Demand, ...]:
        """Those of the ids that exist."""
        return self._view.demands.many(ids)

    def _entries(self) -> FromClause:
        """Time as it was before the transaction: what an import brings along is priced by what it brings along."""
        return source(TIME_ENTRIES, last_recorded(self._view.connection) if self._tx.written("time_entries") else None)


def _is_meant(rows: FromClause, reached: Sequence[Reach]) -> ColumnElement[bool]:
    return and_(rows.c.state == LineState.APPROVED, or_(*(_reaches(rows, one) for one in reached)))


def _reaches(rows: FromClause, reach: Reach) -> ColumnElement[bool]:
    own = {name: getattr(reach, name) for name in _NAMED}
    wanted: list[ColumnElement[bool]] = [rows.c[name] == value for name, value in own.items() if value is not None]
    if reach.client_id is not None:
        wanted.append(rows.c.project_id.in_(select(PROJECTS.c.id).where(PROJECTS.c.client_id == reach.client_id)))
    if reach.first is not None:
        wanted.append(rows.c.work_date >= reach.first)
    if reach.last is not None:
        wanted.append(rows.c.work_date <= reach.last)
    if not reach.with_unbillable:
        wanted.append(rows.c.is_billable)
    return and_(rows.c.id.is_not(None), *wanted)

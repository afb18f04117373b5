"""Approved, billable time that bill rates may price, and what its prices follow from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.pricing import ApprovedHours
from scheduler.store.tables.time import TIME_ENTRIES
from scheduler.store.tables.work import PROJECTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.ground.bill_rates import BillRate
    from scheduler.domain.ground.ids import DemandId, PersonId
    from scheduler.domain.staffing.people import Person
    from scheduler.domain.staffing.work import Demand, Project
    from scheduler.store.view import View

_AT_ONCE = 2_000
Reached = tuple["BillRate", "date | None", "date | None"]
"""A bill rate, and the first and last day on which it is looked at; ``None``: no limit."""


class ApprovedWork:
    """
    What is approved and billable, for whoever asks what its prices follow from.

    The rates that it is asked about say what they may price, not what they do: more specific ones may come before them.
    """

    def __init__(self, view: View) -> None:
        self._view = view.unrestricted

    def hours(self, reached: Sequence[Reached]) -> Iterator[tuple[ApprovedHours, ...]]:
        """What the rates may price, each kind once, in order of days, some at a time."""
        rows = TIME_ENTRIES.c
        key = (rows.work_date, rows.project_id, rows.person_id, rows.demand_id, rows.activity_type_id)
        query = select(*key).where(_is_meant(reached)).distinct().order_by(*key)
        for part in self._view.connection.execute(query).partitions(_AT_ONCE):
            yield tuple(
                ApprovedHours(day=day, project_id=project, person_id=person, demand_id=demand, activity_type_id=activity)
                for day, project, person, demand, activity in part
            )

    def last_day(self, reached: Sequence[Reached]) -> date | None:
        """The last day of all that time."""
        found: date | None = self._view.connection.execute(select(func.max(TIME_ENTRIES.c.work_date)).where(_is_meant(reached))).scalar()
        return found

    def projects(self) -> tuple[Project, ...]:
        """All of them."""
        return self._view.projects.all()

    def contracts(self) -> tuple[Contract, ...]:
        """All of them."""
        return self._view.area("contracts").all()

    def people(self, ids: Collection[PersonId]) -> tuple[Person, ...]:
        """Those of the ids that exist."""
        return self._view.people.many(ids)

    def demands(self, ids: Collection[DemandId]) -> tuple[Demand, ...]:
        """Those of the ids that exist."""
        return self._view.demands.many(ids)


def _is_meant(reached: Sequence[Reached]) -> ColumnElement[bool]:
    rows = TIME_ENTRIES.c
    return and_(rows.state == LineState.APPROVED, rows.is_billable, or_(*(_reaches(*one) for one in reached)))


def _reaches(rate: BillRate, first: date | None, last: date | None) -> ColumnElement[bool]:
    rows = TIME_ENTRIES.c
    own = {name: getattr(rate, name) for name in ("project_id", "person_id", "activity_type_id")}
    wanted: list[ColumnElement[bool]] = [rows[name] == value for name, value in own.items() if value is not None]
    if rate.client_id is not None:
        wanted.append(rows.project_id.in_(select(PROJECTS.c.id).where(PROJECTS.c.client_id == rate.client_id)))
    if first is not None:
        wanted.append(rows.work_date >= first)
    if last is not None:
        wanted.append(rows.work_date <= last)
    return and_(rows.id.is_not(None), *wanted)

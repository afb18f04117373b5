"""Plan against actual in money: what work was to bring and cost, and what it did, by project, client, person or team, down to the lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.billing.books import rolled
from scheduler.domain.billing.months import month_of
from scheduler.domain.delivery.forecast import Amounts, Forecast, SpentLine, forecast_by
from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import COST_READ, LEDGER_READ, PRICE_READ
from scheduler.planning.contract_books import contract_books, home_rate
from scheduler.planning.project_work import ProjectWork
from scheduler.planning.snapshot import Snapshot
from scheduler.store import retried
from scheduler.store.ledger_reading import read_ledger
from scheduler.store.spent_lines import spent_lines
from scheduler.store.worked_minutes import worked_minutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from scheduler.domain.delivery.forecast import Line, WorkLine
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store, View
    from scheduler.store.ledger_reading import LedgerRows

ROWS_MAX = 2_000


class Dimension(StrEnum):
    """What figures are put together by; a person's team stands for the practice."""

    PROJECT = "project"
    CLIENT = "client"
    PERSON = "person"
    TEAM = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profit:
    """One group. Amounts are in the firm's currency."""

    key: str | None
    """The id of the project, client or person, or the team's name; ``None``: of none."""
    name: str | None
    planned: Amounts
    actual: Amounts
    earned_minor: int | None
    """Revenue by the books; ``None`` for people and teams, whose work is not all that a contract earns by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profitability:
    """The report over the days from ``first`` to ``last``."""

    first: date
    last: date
    home_currency: str
    groups: tuple[Profit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitRow:
    """A line that the report is made of; ``is_booked``: of the plan."""

    line: Line
    project: str
    person: str
    client_id: str | None
    team: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitRows:
    """Lines of a group, in order of their days; ``is_cut``: there are more."""

    rows: tuple[ProfitRow, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    rows: tuple[ProfitRow, ...]
    currency: str
    names: Mapping[Dimension, Mapping[str, str]]


@retried
def profitability(store: Store, *, actor: Actor, first: date, last: date, by: Dimension, today: date) -> Profitability:
    """
    Planned and actual minutes, value at bill rates, cost and margin of the days ``first`` to ``last``; by project and client also what was earned.

    What was earned is that of the whole months in which the days lie. Raises DomainError ``access.denied``, ``rate.exchange_missing``.
    """
    require(actor, LEDGER_READ)
    require(actor, COST_READ)
    require(actor, PRICE_READ)
    with store.read(actor) as view:
        everything = view.unrestricted
        work = _read(everything, first=first, last=last)
        books = read_ledger(everything, on=today) if by in {Dimension.PROJECT, Dimension.CLIENT} else None
    rows = {id(row.line): row for row in work.rows}
    sums = forecast_by((row.line for row in work.rows), lambda line: _key(rows[id(line)], by))
    earned = {} if books is None else _earned(books, by, first=first, last=last)
    names = work.names.get(by, {})
    groups = [
        Profit(
            key=key,
            name=key if by is Dimension.TEAM else names.get(key or ""),
            planned=sums.get(key, Forecast()).booked,
            actual=sums.get(key, Forecast()).actual,
            earned_minor=None if books is None else earned.get(key, 0),
        )
        for key in sums.keys() | earned.keys()
    ]
    ordered = tuple(sorted(groups, key=lambda one: (one.key is None, one.name or "", one.key or "")))
    return Profitability(first=first, last=last, home_currency=work.currency, groups=ordered)


@retried
def profit_rows(store: Store, *, actor: Actor, first: date, last: date, by: Dimension, key: str | None) -> ProfitRows:
    """The lines of one group of ``profitability``: they add up to it. Raises DomainError ``access.denied``."""
    require(actor, LEDGER_READ)
    require(actor, COST_READ)
    require(actor, PRICE_READ)
    with store.read(actor) as view:
        work = _read(view.unrestricted, first=first, last=last)
    found = [row for row in work.rows if _key(row, by) == key]
    return ProfitRows(rows=tuple(found[:ROWS_MAX]), is_cut=len(found) > ROWS_MAX)


def _read(view: View, *, first: date, last: date) -> _Work:
    projects = view.projects.all()
    ids = [one.id for one in projects]
    people = {one.id: one for one in view.people.all()}
    bookings = [one for one in view.bookings.all() if one.period.start <= last and (one.period.end is None or one.period.end > first)]
    snapshot = Snapshot(
        firm=view.firm.get(),
        calendars=view.calendars.all(),
        people=tuple(people.values()),
        absences=view.absences.all(),
        projects=projects,
        demands=view.demands.all(),
        bill_rates=view.bill_rates.all(),
    )
    after = last + timedelta(days=1)
    work = ProjectWork(snapshot, bookings=bookings)
    worked: Iterable[WorkLine] = work.worked(one for one in worked_minutes(view, ids, until=after) if one.day >= first)
    spent: Iterable[SpentLine] = (one for one in spent_lines(view, ids, until=after) if one.day >= first)
    lines: list[Line] = [*worked, *spent, *(one for one in work.booked(on=first) if one.day <= last)]
    by_id = {one.id: one for one in projects}
    rows = [
        ProfitRow(
            line=line,
            project=by_id[line.project_id].name,
            person=people[line.person_id].name,
            client_id=by_id[line.project_id].client_id,
            team=people[line.person_id].team,
        )
        for line in sorted(lines, key=lambda line: (line.day, line.project_id, line.person_id, line.is_booked))
    ]
    names: dict[Dimension, Mapping[str, str]] = {
        Dimension.PROJECT: {one.id: one.name for one in projects},
        Dimension.CLIENT: {one.id: one.name for one in view.clients.all()},
        Dimension.PERSON: {one.id: one.name for one in people.values()},
    }
    return _Work(rows=tuple(rows), currency=snapshot.firm.currency, names=names)


def _key(row: ProfitRow, by: Dimension) -> str | None:
    if by is Dimension.PROJECT:
        return row.line.project_id
    if by is Dimension.PERSON:
        return row.line.person_id
    return row.client_id if by is Dimension.CLIENT else row.team


def _earned(rows: LedgerRows, by: Dimension, *, first: date, last: date) -> Mapping[str | None, int]:
    """What was earned and adjusted in the months, in the firm's currency."""
    clients = {project.id: project.client_id for project in rows.work.projects}
    books, _ = contract_books(rows, until=month_of(last))
    found: defaultdict[str | None, int] = defaultdict(int)
    for book in books:
        project_id = book.record.contract.project_id
        key = project_id if by is Dimension.PROJECT else clients.get(project_id)
        months = rolled(book, until=month_of(last), last_closed=rows.last_closed, rate_of=home_rate(rows.exchange, on=rows.on))
        found[key] += sum(one.earned_home_minor + one.adjusted_home_minor for one in months if month_of(first) <= one.month)
    return found

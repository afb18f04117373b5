"""Where projects stand: the budget report of one, the flags of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.delivery.flags import Flag, FlagKind
from scheduler.domain.ground.access import require
from scheduler.domain.ground.permissions import BUDGETS_READ, COST_READ, PRICE_READ
from scheduler.planning.project_status import ProjectStatus, project_status
from scheduler.planning.project_work import ProjectWork
from scheduler.planning.snapshot import Snapshot
from scheduler.store import retried
from scheduler.store.spent_lines import spent_lines
from scheduler.store.worked_minutes import worked_minutes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from scheduler.domain.delivery.budgets import BudgetAlert
    from scheduler.domain.delivery.forecast import Line
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.ids import PersonId, ProjectId
    from scheduler.domain.ground.paging import PageRequest
    from scheduler.store import Store, View


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetReport:
    """One project's status, and what of it the reader may see."""

    status: ProjectStatus
    alerts: tuple[BudgetAlert, ...]
    currency: str
    people: frozenset[PersonId]
    """Those whom the reader may see by name; others stand together."""
    sees_prices: bool
    sees_costs: bool

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Flags that the reader may see."""
        return seen_flags(self.status, sees_prices=self.sees_prices, sees_costs=self.sees_costs)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedProject:
    """A project, and what is not as it should be in it."""

    project_id: ProjectId
    name: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedPage:
    """One page of projects that have flags; it may have none of them, and others follow."""

    items: tuple[FlaggedProject, ...]
    next_cursor: str | None


@retried
def project_budget(store: Store, *, actor: Actor, project_id: str, on: date, as_of: datetime | None = None) -> BudgetReport:
    """
    What was approved before the day ``on`` and is booked from then on. Raises DomainError ``record.not_found``, ``access.denied``.

    The report is of all the project's work: it is not the reader's reach to single bookings or entries that makes its sums.
    """
    with store.read(actor, as_of=as_of) as view:
        project = view.projects.get(project_id)
        require(actor, BUDGETS_READ)
        everything = view.unrestricted
        (status,) = statuses(everything, [project.id], on=on)
        alerts = everything.area("budget_alerts").matching(project_id=project_id)
        people = frozenset(one.id for one in view.people.many({line.person_id for line in status.lines}))
        currency = everything.firm.get().currency
        sees = {"sees_prices": project.id in _priced_for(actor, everything, [project.id]), "sees_costs": actor.may(COST_READ)}
    return BudgetReport(status=status, alerts=alerts, currency=currency, people=people, **sees)


@retried
def flagged_projects(store: Store, *, actor: Actor, page: PageRequest, on: date, kind: FlagKind | None = None) -> FlaggedPage:
    """Projects with flags among those of a page of all that the actor sees. Raises DomainError as lists do, and ``access.denied``."""
    with store.read(actor) as view:
        require(actor, BUDGETS_READ)
        found = view.projects.page(page)
        project_ids = [project.id for project in found.items]
        standing = statuses(view.unrestricted, project_ids, on=on)
        priced = _priced_for(actor, view.unrestricted, project_ids)
    items = []
    for status in standing:
        flags = seen_flags(status, sees_prices=status.project.id in priced, sees_costs=actor.may(COST_READ))
        kept = tuple(flag for flag in flags if kind is None or flag.kind is kind)
        if kept:
            items.append(FlaggedProject(project_id=status.project.id, name=status.project.name, flags=kept))
    return FlaggedPage(items=tuple(items), next_cursor=found.next_cursor)


def _priced_for(actor: Actor, view: View, project_ids: Sequence[ProjectId]) -> frozenset[ProjectId]:
    """Projects whose prices the actor may see: where a contract bills costs, costs follow from them."""
    if not actor.may(PRICE_READ):
        return frozenset()
    if actor.may(COST_READ):
        return frozenset(project_ids)
    contracts = view.area("contracts").among("project_id", project_ids)
    return frozenset(project_ids) - {contract.project_id for contract in contracts if contract.markup is not None}


def seen_flags(status: ProjectStatus, *, sees_prices: bool, sees_costs: bool) -> tuple[Flag, ...]:
    """What follows from costs or prices is for those who may see them."""

    def is_seen(flag: Flag) -> bool:
        if flag.kind is FlagKind.MARGIN_BELOW_TARGET:
            return sees_costs and sees_prices
        return sees_prices or flag.figures.get("measure") != "amount"

    return tuple(flag for flag in status.flags if is_seen(flag))


def statuses(view: View, project_ids: Sequence[ProjectId], *, on: date, with_booked: bool = True) -> tuple[ProjectStatus, ...]:
    """Where the projects stand, in the order in which they were asked for, with what is booked or without; the view sees everything."""
    worked = list(worked_minutes(view, project_ids, until=on))
    coming = view.bookings.among("project_id", project_ids) if with_booked else ()
    bookings = [one for one in coming if one.period.end is None or one.period.end > on]
    snapshot = _snapshot(view, project_ids, people={*(one.person_id for one in worked), *(one.person_id for one in bookings)})
    work = ProjectWork(snapshot, bookings=bookings)
    lines: dict[ProjectId, list[Line]] = {project_id: [] for project_id in project_ids}
    every: list[Line] = [*work.worked(worked), *work.booked(on=on), *spent_lines(view, project_ids, until=on)]
    for line in every:
        lines[line.project_id].append(line)
    tasks, budgets = view.area("tasks").among("project_id", project_ids), view.area("budgets").among("project_id", project_ids)
    projects = {project.id: project for project in snapshot.projects}
    return tuple(
        project_status(
            projects[project_id],
            on=on,
            lines=lines[project_id],
            tasks=[task for task in tasks if task.project_id == project_id],
            demands=[demand for demand in snapshot.demands if demand.project_id == project_id],
            budgets=[budget for budget in budgets if budget.project_id == project_id],
        )
        for project_id in project_ids
    )


def _snapshot(view: View, project_ids: Sequence[ProjectId], *, people: Collection[PersonId]) -> Snapshot:
    return Snapshot(
        firm=view.firm.get(),
        calendars=view.calendars.all(),
        people=view.people.many(people),
        absences=view.absences.among("person_id", people),
        projects=view.projects.many(project_ids),
        demands=view.demands.among("project_id", project_ids),
        bill_rates=view.bill_rates.all(),
        exchange_rates=view.area("exchange_rates").all(),
        contracts=view.area("contracts").among("project_id", project_ids),
    )

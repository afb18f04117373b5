"""Making the demands that follow from a project's tasks, and keeping them in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.delivery.estimates import Unplaced, wanted_work
from scheduler.domain.delivery.structure import tree
from scheduler.domain.delivery.templates import span_of
from scheduler.domain.ground.access import require
from scheduler.domain.ground.ids import new_id
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.wanted_work import WantedWork
from scheduler.domain.staffing.task_demands import DerivedDemand, Outcome, derived_demands
from scheduler.planning.price_changes import check_approved_stays
from scheduler.store import retried
from scheduler.store.approved_hours import ApprovedWork
from scheduler.store.calendar_days import whole_days_off
from scheduler.store.project_locks import hold_booked_days

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scheduler.domain.delivery.tasks import Task
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.idempotency import IdempotencyClaim
    from scheduler.domain.staffing.work import Project
    from scheduler.store import Store, Transaction

Derived = tuple[DerivedDemand | Unplaced, ...]
RIGHTS = ("tasks:read", "demands:create", "demands:change")


class _OnlyTried(Exception):  # noqa: N818 - not an error: it rolls a dry run back
    def __init__(self, derived: Derived) -> None:
        super().__init__()
        self.derived = derived


@retried
def derive_demands(
    store: Store,
    *,
    actor: Actor,
    project_id: str,
    calendar_id: str | None,
    dry_run: bool,
    now: datetime,
    idempotency: IdempotencyClaim | None = None,
) -> Derived:
    """
    Give every task with an estimate that counts its demand, or bring that in step; one that was changed by hand stays as it is.

    Run twice, the second run finds nothing to do. Raises DomainError ``record.not_found``, ``access.denied``, ``reference.not_found``
    (calendar), ``price.in_use``, ``capacity.exceeded`` where somebody is booked on a demand that grows beyond what they have.
    """
    try:
        with store.begin(actor, now=now, idempotency=None if dry_run else idempotency) as tx:
            hold_booked_days(tx, project_id)
            project = tx.projects.get(project_id)  # locked: of two runs one sees what the other made
            for right in RIGHTS:
                require(actor, right)
            tasks = tx.area("tasks").matching(project_id=project_id)
            off = whole_days_off(tx.calendars, calendar_id, days=_span(project, tasks))
            found = list(wanted_work(tree(tasks), project_days=project.period, off=off))
            derived = derived_demands(
                [one for one in found if isinstance(one, WantedWork)], tx.demands.matching(project_id=project_id), next_id=new_id
            )
            kept: Derived = (*(_kept(tx, one) for one in derived), *(one for one in found if isinstance(one, Unplaced)))
            check_approved_stays(ApprovedWork(tx))
            if dry_run:
                tx.settle_days()
                raise _OnlyTried(kept)
            return tx.answer(kept)
    except _OnlyTried as tried:
        return tried.derived


def _kept(tx: Transaction, derived: DerivedDemand) -> DerivedDemand:
    if derived.demand is not None and derived.outcome is Outcome.CREATED:
        tx.demands.add(derived.demand)
    if derived.demand is not None and derived.outcome is Outcome.UPDATED:
        tx.demands.save(derived.demand)
    return derived


def _span(project: Project, tasks: Sequence[Task]) -> DateInterval | None:
    """All days on which something of the project may lie."""
    found = [one for one in (project.period, span_of(tasks)) if one is not None and one.end is not None]
    return DateInterval(min(one.start for one in found), max(one.end for one in found if one.end is not None)) if found else None

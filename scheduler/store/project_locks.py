"""Locking a project with all that hangs on it, in the one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.store.areas.work import PROJECT_AREA
from scheduler.store.repository import stale

if TYPE_CHECKING:
    from scheduler.domain.staffing.work import Project
    from scheduler.store.transaction import Transaction


def hold_booked_days(tx: Transaction, project_id: str) -> None:
    """Lock the days of everybody who is booked on the project, before the project itself: whoever books does so in this order."""
    bookings = tx.unrestricted.bookings.matching(project_id=project_id)
    demands = {one.demand_id for one in bookings if one.demand_id is not None}
    tx.hold_days(people={one.person_id for one in bookings}, demands=demands)


def hold_project(tx: Transaction, project_id: str, *, expected_version: int) -> Project:
    """
    The whole project, locked, that the actor may change and saw in this version; for what follows from a right that was asked for.

    Raises DomainError ``record.not_found``, ``access.denied``, ``access.out_of_scope``, ``version.stale``.
    """
    hold_booked_days(tx, project_id)
    tx.projects.get(project_id)
    tx.projects.require_change(project_id)
    project = tx.elevated.projects.get(project_id)
    if project.version != expected_version:
        raise stale(PROJECT_AREA, project_id, given=expected_version, current=project.version)
    return project

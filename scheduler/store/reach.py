"""
Which rows of an area a limited right reaches: a condition for each area and scope.

What somebody is booked on, or manages, is looked up as it is now, also when they read an earlier state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, or_, select

from scheduler.domain.ground.permissions import SHOWN_TO_CLIENTS, Scope
from scheduler.store.tables.billing import CONTRACTS
from scheduler.store.tables.people import PEOPLE
from scheduler.store.tables.work import BOOKINGS, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, FromClause

    from scheduler.domain.ground.access import Actor

Reach = Callable[["FromClause", "Actor"], "ColumnElement[bool]"]


def _is(column: Any, value: str | None) -> ColumnElement[bool]:
    """Equal; somebody who is nobody has nothing, not even what belongs to nobody."""
    return false() if value is None else column == value


def _team_people(actor: Actor) -> Any:
    return select(PEOPLE.c.id).where(PEOPLE.c.team == actor.team)


def _of_client(area: str) -> Mapping[Scope, Reach]:
    """Rows of the actor's client, in the states that clients are shown; nothing in an area that they are shown nothing of."""
    if area not in SHOWN_TO_CLIENTS:
        return {}
    states = SHOWN_TO_CLIENTS[area]

    def reach(rows: FromClause, actor: Actor) -> ColumnElement[bool]:
        theirs = _is(rows.c.id if area == "clients" else rows.c.client_id, actor.client_id)
        return theirs if states is None else and_(theirs, rows.c.state.in_(states))

    return {Scope.CLIENT: reach}


def _booked_projects(actor: Actor) -> Any:
    return select(BOOKINGS.c.project_id).where(BOOKINGS.c.person_id == actor.person_id)


def _booked_demands(actor: Actor) -> Any:
    return select(BOOKINGS.c.demand_id).where(BOOKINGS.c.person_id == actor.person_id, BOOKINGS.c.demand_id.is_not(None))


def _booked_people(actor: Actor) -> Any:
    return select(BOOKINGS.c.person_id).where(BOOKINGS.c.project_id.in_(sorted(actor.project_ids)))


def _clients_of_projects(actor: Actor) -> Any:
    return select(PROJECTS.c.client_id).where(PROJECTS.c.id.in_(sorted(actor.project_ids)), PROJECTS.c.client_id.is_not(None))


def _contracts_of_projects(actor: Actor) -> Any:
    return select(CONTRACTS.c.id).where(CONTRACTS.c.project_id.in_(sorted(actor.project_ids)))


REACH: Mapping[str, Mapping[Scope, Reach]] = {
    "skills": {},
    "calendars": {},
    "firm": {},
    "users": {},
    "plans": {},
    # They are about everybody: whoever is limited to a team sees none.
    "rebalance_policies": {Scope.TEAM: lambda _rows, _actor: false()},
    "change_sets": {Scope.TEAM: lambda _rows, _actor: false()},
    "scenarios": {Scope.TEAM: lambda _rows, _actor: false()},
    "delegations": {
        Scope.TEAM: lambda rows, actor: rows.c.person_id.in_(_team_people(actor)),
        Scope.OWN: lambda rows, actor: _is(rows.c.person_id, actor.person_id),
    },
    "period_locks": {},
    "approval_policies": {},
    "people": {
        Scope.TEAM: lambda rows, actor: _is(rows.c.team, actor.team),
        Scope.PROJECTS: lambda rows, actor: rows.c.id.in_(_booked_people(actor)),
        Scope.OWN: lambda rows, actor: _is(rows.c.id, actor.person_id),
    },
    "absence_kinds": {},
    "absence_requests": {
        Scope.TEAM: lambda rows, actor: rows.c.person_id.in_(_team_people(actor)),
        Scope.OWN: lambda rows, actor: _is(rows.c.person_id, actor.person_id),
    },
    "absences": {
        Scope.TEAM: lambda rows, actor: rows.c.person_id.in_(_team_people(actor)),
        Scope.PROJECTS: lambda rows, actor: rows.c.person_id.in_(_booked_people(actor)),
        Scope.OWN: lambda rows, actor: _is(rows.c.person_id, actor.person_id),
    },
    "clients": {
        Scope.PROJECTS: lambda rows, actor: rows.c.id.in_(_clients_of_projects(actor)),
        **_of_client("clients"),
    },
    "projects": {
        Scope.PROJECTS: lambda rows, actor: rows.c.id.in_(sorted(actor.project_ids)),
        Scope.OWN: lambda rows, actor: rows.c.id.in_(_booked_projects(actor)),
        **_of_client("projects"),
    },
    "demands": {
        Scope.PROJECTS: lambda rows, actor: rows.c.project_id.in_(sorted(actor.project_ids)),
        Scope.OWN: lambda rows, actor: rows.c.id.in_(_booked_demands(actor)),
    },
    "bookings": {
        Scope.TEAM: lambda rows, actor: rows.c.person_id.in_(_team_people(actor)),
        Scope.PROJECTS: lambda rows, actor: rows.c.project_id.in_(sorted(actor.project_ids)),
        Scope.OWN: lambda rows, actor: _is(rows.c.person_id, actor.person_id),
    },
    "project_templates": {},
    "expense_categories": {},
    # Everybody sees their own, whatever else.
    "expenses": {
        Scope.TEAM: lambda rows, actor: or_(rows.c.person_id.in_(_team_people(actor)), _is(rows.c.person_id, actor.person_id)),
        Scope.PROJECTS: lambda rows, actor: or_(rows.c.project_id.in_(sorted(actor.project_ids)), _is(rows.c.person_id, actor.person_id)),
        Scope.OWN: lambda rows, actor: _is(rows.c.person_id, actor.person_id),
    },
    "tax_codes": {},
    "legal_entities": {},
    "client_accounts": {
        Scope.PROJECTS: lambda rows, actor: rows.c.client_id.in_(_clients_of_projects(actor)),
    },
    "contracts": {
        Scope.PROJECTS: lambda rows, actor: rows.c.project_id.in_(sorted(actor.project_ids)),
    },
    "charges": {
        Scope.PROJECTS: lambda rows, actor: rows.c.contract_id.in_(_contracts_of_projects(actor)),
    },
    # Of one contract alone: what bills several projects together is finance's.
    "invoices": {
        Scope.PROJECTS: lambda rows, actor: rows.c.contract_id.in_(_contracts_of_projects(actor)),
    },
    "payments": {},
    "closed_months": {},
    "contract_openings": {},
    "revenue_adjustments": {},
    "tasks": {
        Scope.PROJECTS: lambda rows, actor: rows.c.project_id.in_(sorted(actor.project_ids)),
        Scope.OWN: lambda rows, actor: rows.c.project_id.in_(_booked_projects(actor)),
    },
    "budgets": {
        Scope.PROJECTS: lambda rows, actor: rows.c.project_id.in_(sorted(actor.project_ids)),
    },
    "budget_alerts": {
        Scope.PROJECTS: lambda rows, actor: rows.c.project_id.in_(sorted(actor.project_ids)),
    },
    "change_orders": {
        Scope.PROJECTS: lambda rows, actor: rows.c.project_id.in_(sorted(actor.project_ids)),
    },
    "activity_types": {},
    # Everybody sees their own, whatever else.
    "time_entries": {
        Scope.TEAM: lambda rows, actor: or_(rows.c.person_id.in_(_team_people(actor)), _is(rows.c.person_id, actor.person_id)),
        Scope.PROJECTS: lambda rows, actor: or_(rows.c.project_id.in_(sorted(actor.project_ids)), _is(rows.c.person_id, actor.person_id)),
        Scope.OWN: lambda rows, actor: _is(rows.c.person_id, actor.person_id),
    },
    "time_policies": {},
    "exchange_rates": {},
    "bill_rates": {
        Scope.PROJECTS: lambda rows, actor: rows.c.project_id.in_(sorted(actor.project_ids)),
    },
}
"""A scope that an area does not have here reaches nothing."""

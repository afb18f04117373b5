"""
What every column of every table holds: nothing confidential, something about a person, or money.

Who may read what, what an audit record seals, what an export of a person lists and what an erasure changes all follow from here.
A test fails the build when a column is missing. The versions of a table (``..._versions``) are classified as the table is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scheduler.store.tables.base import TWINS


class Holds(StrEnum):
    """What a column says, and so who may read it and how an audit record keeps it."""

    NONE = "none"
    """Ids, versions, dates and the firm's own words: nothing about one person, no money."""
    PERSONAL = "personal"
    """Something about the person of the row."""
    MONEY = "money"
    """What clients pay or a project may cost, or what follows from that alone."""
    SECRET = "secret"  # noqa: S105 - a class of columns
    """A key, or the hash of a password or token: in no record, export or answer."""
    COST = "cost"
    """A person's cost rate, or what it follows from: personal and money at once. Without ``cost:read`` it is nowhere."""


class Erased(StrEnum):
    """What an erasure makes of a personal column."""

    PSEUDONYM = "pseudonym"
    REMOVED = "removed"
    NEUTRAL = "neutral"
    """A word that says nothing: the column must not be empty, and something must be known to have been there."""
    ROW_ID = "row_id"
    """The row's own id, which says nothing: the column must not be empty, and no two may be the same."""
    SEALED = "sealed"
    """It is encrypted under the person's key, which is destroyed."""
    KEPT = "kept"
    """It stays; the rule says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a column holds and, where that is personal, what becomes of it when the person is erased."""

    holds: Holds
    erased: Erased | None = None
    why: str | None = None
    """Why it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """
    The columns of one table; ``person``: the column that names the person whom a row is about.

    ``may_be_nobodys``: where that is empty the row stands for itself, and what it says is sealed under its own id.
    """

    columns: Mapping[str, Rule]
    person: str | None = None
    may_be_nobodys: bool = False
    personal: frozenset[str] = field(init=False)
    """Columns that say something about the row's person."""

    def __post_init__(self) -> None:
        personal = frozenset(name for name, rule in self.columns.items() if rule.holds in {Holds.PERSONAL, Holds.COST})
        object.__setattr__(self, "personal", personal)

    def person_of(self, row: Mapping[str, Any]) -> str | None:
        """Under whose key the row's personal values are sealed."""
        found: str | None = row.get(self.person or "")
        return row["id"] if found is None and self.may_be_nobodys else found


NONE = Rule(holds=Holds.NONE)
MONEY = Rule(holds=Holds.MONEY)
SECRET = Rule(holds=Holds.SECRET)
PSEUDONYM = Rule(holds=Holds.PERSONAL, erased=Erased.PSEUDONYM)
REMOVED = Rule(holds=Holds.PERSONAL, erased=Erased.REMOVED)
ROW_ID = Rule(holds=Holds.PERSONAL, erased=Erased.ROW_ID)
NEUTRAL = Rule(holds=Holds.PERSONAL, erased=Erased.NEUTRAL)
SEALED = Rule(holds=Holds.PERSONAL, erased=Erased.SEALED)
SEALED_COST = Rule(holds=Holds.COST, erased=Erased.SEALED)


def kept(why: str, *, holds: Holds = Holds.PERSONAL) -> Rule:
    """A personal column that an erasure leaves as it is, and why it must."""
    return Rule(holds=holds, erased=Erased.KEPT, why=why)


def _none(*names: str) -> dict[str, Rule]:
    return dict.fromkeys(names, NONE)


_CAPACITY = kept("Capacity and utilisation of past months follow from it; under a pseudonym it names nobody.")
_COSTS = kept("The firm's costs and margins of past work follow from it, and books have to be kept.", holds=Holds.COST)
_QUALIFIED = kept("Who was qualified for work that was done follows from it; under a pseudonym it names nobody.")
_TRACE = kept("It says from where a change was made, and records of the audit are never changed.")
_HEAD = ("id", "version")
_WEEKDAYS = ("mon_min", "tue_min", "wed_min", "thu_min", "fri_min", "sat_min", "sun_min")

TABLES: Mapping[str, Classified] = {
    "firm_settings": Classified(columns=_none(*_HEAD, "external_id", "name", "currency") | {"shadow_rate": MONEY}),
    "skills": Classified(columns=_none(*_HEAD, "external_id", "name", "name_key", "family")),
    "calendars": Classified(columns=_none(*_HEAD, "external_id", "name", "name_key", "country", "subdivision")),
    "calendar_closures": Classified(columns=_none("parent_id", "day", "part", "name")),
    "people": Classified(
        person="id",
        columns=_none(*_HEAD, "team", "max_demands") | {"external_id": REMOVED, "name": PSEUDONYM, "name_key": PSEUDONYM, "email": REMOVED},
    ),
    "person_terms": Classified(
        person="parent_id",
        columns=_none("parent_id", "calendar_id", "grade")
        | dict.fromkeys(("period_start", "period_end", "employment", *_WEEKDAYS), _CAPACITY)
        | {"cost_rate": _COSTS, "location": REMOVED},
    ),
    "person_skills": Classified(
        person="parent_id",
        columns=_none("parent_id", "position") | dict.fromkeys(("skill_id", "level", "valid_from", "valid_until"), _QUALIFIED),
    ),
    "absences": Classified(
        person="person_id",
        columns=_none(*_HEAD, "person_id")
        | {"external_id": REMOVED, "kind": NEUTRAL}
        | dict.fromkeys(("period_start", "period_end", "part"), _CAPACITY),
    ),
    "clients": Classified(columns=_none(*_HEAD, "external_id", "name", "name_key")),
    "projects": Classified(
        columns=_none(*_HEAD, "external_id", "name", "name_key", "client_id", "state", "probability", "priority", "contract")
        | _none("planned_minutes", "budget_minutes", "period_start", "period_end", "all_or_nothing", "shift_earliest", "shift_latest")
        | {"contract_value_minor": MONEY, "budget_minor": MONEY},
    ),
    "project_groups": Classified(person="person_id", columns=_none("parent_id", "kind", "position", "person_id")),
    "demands": Classified(
        columns=_none(*_HEAD, "external_id", "project_id", "name", "name_key", "grade", "any_location", "max_people", "min_run_weeks")
        | _none("min_coverage", "shift_earliest", "shift_latest", "anybody")
        | {"bill_rate": MONEY, "overqualified_cost": MONEY},
    ),
    "demand_effort": Classified(columns=_none("parent_id", "week", "minutes")),
    "demand_requires": Classified(columns=_none("parent_id", "skill_id", "level")),
    "demand_prefers": Classified(columns=_none("parent_id", "skill_id") | {"bonus": MONEY}),
    "demand_locations": Classified(columns=_none("parent_id", "location")),
    "demand_shares": Classified(columns=_none("parent_id", "position", "share")),
    "demand_people": Classified(person="person_id", columns=_none("parent_id", "kind", "person_id")),
    "bookings": Classified(
        person="person_id",
        # Ids of other tools are often made from the person's.
        columns=_none(*_HEAD, "person_id", "project_id", "demand_id", "period_start", "period_end", "share", "shift_weeks")
        | _none("weekly_minutes", "state", "plan_id")
        | {"external_id": REMOVED},
    ),
    "bill_rates": Classified(
        person="person_id",
        columns=_none(*_HEAD, "project_id", "person_id", "grade", "valid_from", "valid_until") | {"external_id": REMOVED, "rate": MONEY},
    ),
    "plans": Classified(
        columns=_none("id", "version", "state", "request", "actor_id", "created_at", "started_at", "finished_at", "attempts")
        | _none("cancel_requested", "progress_seconds", "progress_gap", "failure_code", "failure_detail", "applied_at", "applied_by")
        | dict.fromkeys(("progress_objective_x60", "progress_bound_x60", "result"), SEALED_COST),
    ),
    "plan_problems": Classified(
        columns=_none("plan_id", "row_versions", "read_at") | {"problem": SEALED_COST, "statements": SEALED_COST},
    ),
    "idempotency_records": Classified(
        columns=_none("actor_id", "key", "route", "body_sha256", "status", "headers", "created_at")
        | {"body": Rule(holds=Holds.COST, erased=Erased.REMOVED)},
    ),
    "audit_records": Classified(
        columns=_none("position", "recorded_at", "actor_id", "request_id", "plan_id", "hash") | {"source": _TRACE, "user_agent": _TRACE},
    ),
    "audit_changes": Classified(
        columns=_none("id", "position", "area", "row_id", "kind", "person_id", "before", "after") | {"sealed": SEALED_COST},
    ),
    "audit_head": Classified(columns=_none("id", "position", "hash")),
    "person_keys": Classified(columns=_none("id", "person_id", "created_at") | {"key": SECRET}),
    "users": Classified(
        person="person_id",
        may_be_nobodys=True,
        columns=_none(*_HEAD, "role", "person_id", "team", "client_id", "extra", "is_active")
        | {"external_id": REMOVED, "login": ROW_ID, "login_key": ROW_ID, "name": PSEUDONYM},
    ),
    "user_projects": Classified(columns=_none("parent_id", "project_id")),
    # What somebody proves with who they are is removed with the row when access ends, or when the person is erased.
    "user_passwords": Classified(columns=_none("user_id", "changed_at") | {"password_hash": SECRET}),
    "user_identities": Classified(columns=_none("issuer", "subject", "user_id", "created_at")),
    "sessions": Classified(columns=_none("user_id", "created_at", "expires_at") | {"digest": SECRET}),
    "api_tokens": Classified(columns=_none("id", "user_id", "name", "scopes", "created_at", "expires_at") | {"digest": SECRET}),
    "one_time_links": Classified(columns=_none("purpose", "user_id", "created_at", "expires_at") | {"digest": SECRET}),
    "known_devices": Classified(columns=_none("user_id", "created_at") | {"digest": SECRET}),
    "login_tries": Classified(columns=_none("failures", "last_at") | {"digest": SECRET}),
    "recording_clock": Classified(columns=_none("id", "recorded_at")),
}


def classified(table: str) -> Classified:
    """The columns of a table, or of the versions of one. Raises KeyError for one that nobody classified."""
    if table in TABLES:
        return TABLES[table]
    name = table.removesuffix("_versions")
    if name not in TWINS:
        raise KeyError(table)
    found = TABLES[name]
    return Classified(
        person=found.person, may_be_nobodys=found.may_be_nobodys, columns={**found.columns, "recorded_from": NONE, "recorded_to": NONE}
    )

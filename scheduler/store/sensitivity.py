"""
What every column of the database holds, as far as privacy goes. A column that is not named here fails the tests.

The right that a class needs decides who is shown the column: a reader without it gets the rows without the column, and can
neither filter nor sort by it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.permissions import COST_READ, PRICE_READ, PRIVATE_READ, STAFFING_READ

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sensitivity(StrEnum):
    """What sort of content a column has."""

    PLAIN = "plain"
    IDENTITY = "identity"
    """Personal: names somebody, or says what they do. Seen by whoever sees the row; erasing a person concerns it."""
    PRIVATE = "private"
    """Personal, and not everybody's business who sees the row."""
    STAFFING = "staffing"
    """What the firm thinks of projects and people when it staffs them."""
    PRICE = "price"
    """Money between the firm and its clients."""
    COST = "cost"
    """Money between the firm and its people: salaries, and what they follow from."""
    SECRET = "secret"  # noqa: S105 - the name of a class of columns
    """What somebody proves with who they are. No repository returns it."""


NEEDED: Mapping[Sensitivity, str | None] = {
    Sensitivity.PLAIN: None,
    Sensitivity.IDENTITY: None,
    Sensitivity.PRIVATE: PRIVATE_READ,
    Sensitivity.STAFFING: STAFFING_READ,
    Sensitivity.PRICE: PRICE_READ,
    Sensitivity.COST: COST_READ,
    Sensitivity.SECRET: None,
}

_S = Sensitivity


def _table(
    *,
    plain: str = "",
    identity: str = "",
    private: str = "",
    staffing: str = "",
    price: str = "",
    cost: str = "",
    secret: str = "",
) -> Mapping[str, Sensitivity]:
    named = {
        _S.PLAIN: plain,
        _S.IDENTITY: identity,
        _S.PRIVATE: private,
        _S.STAFFING: staffing,
        _S.PRICE: price,
        _S.COST: cost,
        _S.SECRET: secret,
    }
    return {column: sensitivity for sensitivity, columns in named.items() for column in columns.split()}


_WEEK = "mon_min tue_min wed_min thu_min fri_min sat_min sun_min"

CLASSES: Mapping[str, Mapping[str, Sensitivity]] = {
    "skills": _table(plain="id version external_id name name_key family"),
    "calendars": _table(plain="id version external_id name name_key country subdivision"),
    "calendar_closures": _table(plain="parent_id day part name"),
    "people": _table(plain="id version max_demands", identity="external_id name name_key team", private="email"),
    "person_terms": _table(
        plain="parent_id", identity=f"period_start period_end employment calendar_id {_WEEK} location grade", cost="cost_rate"
    ),
    "person_skills": _table(plain="parent_id position", identity="skill_id level valid_from valid_until"),
    "absences": _table(plain="id version external_id", identity="person_id period_start period_end part", private="kind"),
    "firm_settings": _table(plain="id version external_id name currency", price="shadow_rate"),
    "clients": _table(plain="id version external_id name name_key"),
    "projects": _table(
        plain="id version external_id name name_key client_id state contract planned_minutes budget_minutes period_start period_end"
        " all_or_nothing shift_earliest shift_latest",
        staffing="probability priority",
        price="contract_value_minor budget_minor",
    ),
    "project_groups": _table(plain="parent_id kind position", staffing="person_id"),
    "demands": _table(
        plain="id version external_id project_id name name_key grade any_location max_people min_run_weeks min_coverage shift_earliest"
        " shift_latest",
        staffing="anybody",
        price="overqualified_cost bill_rate",
    ),
    "demand_effort": _table(plain="parent_id week minutes"),
    "demand_requires": _table(plain="parent_id skill_id level"),
    "demand_prefers": _table(plain="parent_id skill_id", price="bonus"),
    "demand_locations": _table(plain="parent_id location"),
    "demand_shares": _table(plain="parent_id position share"),
    "demand_people": _table(plain="parent_id kind", staffing="person_id"),
    "bookings": _table(
        plain="id version external_id project_id demand_id share shift_weeks weekly_minutes state plan_id",
        identity="person_id period_start period_end",
    ),
    "bill_rates": _table(plain="id version external_id project_id grade valid_from valid_until", identity="person_id", price="rate"),
    "plans": _table(
        plain="id version state request created_at started_at finished_at attempts cancel_requested progress_seconds failure_code applied_at",
        identity="actor_id applied_by",
        cost="progress_objective_x60 progress_bound_x60 progress_gap result failure_detail",
    ),
    "plan_problems": _table(plain="plan_id row_versions read_at", cost="problem statements"),
    "idempotency_records": _table(plain="key route body_sha256 status created_at", identity="actor_id", cost="headers body"),
    "recording_clock": _table(plain="id recorded_at"),
    "users": _table(plain="id version role extra is_active client_id", identity="external_id login login_key name person_id team"),
    "user_projects": _table(plain="parent_id", identity="project_id"),
    "user_passwords": _table(identity="user_id changed_at", secret="password_hash"),  # noqa: S106 - a column's name
    "user_identities": _table(plain="issuer", identity="subject user_id created_at"),
    "sessions": _table(identity="user_id created_at expires_at", secret="digest"),  # noqa: S106
    "api_tokens": _table(plain="id scopes", identity="user_id name created_at expires_at", secret="digest"),  # noqa: S106
    "one_time_links": _table(plain="purpose created_at expires_at", identity="user_id", secret="digest"),  # noqa: S106
    "known_devices": _table(identity="user_id created_at", secret="digest"),  # noqa: S106
    "login_tries": _table(plain="failures last_at", secret="digest"),  # noqa: S106
}
"""Table to column to class. The versions of a table are classed as the table is."""

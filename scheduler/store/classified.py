"""
What every column of every table holds, and what becomes of it when the person whom it is about is erased.

All that concerns privacy follows from here: who is shown a column and may filter or sort by it (``sight``), what a record of the
audit seals and what it never tells, what an export of a person lists, and what an erasure changes. A column that is not named here
fails the tests. The versions of a table (``..._versions``) are classified as the table is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.store.classified_billing import BILLING
from scheduler.store.classified_ledger import LEDGER
from scheduler.store.column_classes import Classified, Erased, Holds, Rule
from scheduler.store.column_classes import by_class as _table
from scheduler.store.tables.base import TWINS

if TYPE_CHECKING:
    from collections.abc import Mapping

_CAPACITY = "Capacity and utilisation of past months follow from it; under a pseudonym it names nobody."
_COSTS = "The firm's costs and margins of past work follow from it, and books have to be kept."
_QUALIFIED = "Who was qualified for work that was done follows from it; under a pseudonym it names nobody."
_TEAM = "Totals of a team's past months follow from it; under a pseudonym it names nobody."
_TRACE = "It says from where a change was made, and records of the audit are never changed."
_COMPUTED = "It stays as it was computed; in words, a mark stands for the name."
_SENT_IN = "It was sent in under ids of the sender's own, only the sender sees it, and it is deleted with its job."
_TIMER = "It lasts until it is stopped or discarded, and then is gone."
_WEEK = "mon_min tue_min wed_min thu_min fri_min sat_min sun_min"

TABLES: Mapping[str, Classified] = {
    **BILLING,
    **LEDGER,
    "firm_settings": _table(plain="id version external_id name currency", price="shadow_rate"),
    "skills": _table(plain="id version external_id name name_key family"),
    "calendars": _table(plain="id version external_id name name_key country subdivision"),
    "calendar_closures": _table(plain="parent_id day part name"),
    "people": _table(
        {"external_id email": Erased.REMOVED, "name name_key": Erased.PSEUDONYM, "team": _TEAM},
        person="id",
        plain="id version max_demands",
        identity="external_id name name_key team",
        private="email",
    ),
    "person_terms": _table(
        {
            f"period_start period_end employment calendar_id grade billable_target {_WEEK}": _CAPACITY,
            "location": Erased.REMOVED,
            "cost_rate": _COSTS,
        },
        person="parent_id",
        plain="parent_id",
        identity=f"period_start period_end employment calendar_id {_WEEK} location grade billable_target",
        cost="cost_rate",
    ),
    "person_skills": _table(
        {"skill_id level valid_from valid_until": _QUALIFIED},
        person="parent_id",
        plain="parent_id position",
        identity="skill_id level valid_from valid_until",
    ),
    "absences": _table(
        # Ids of other tools are often made from the person's.
        {"external_id": Erased.REMOVED, "person_id": Erased.OPAQUE, "period_start period_end part": _CAPACITY, "kind": Erased.NEUTRAL},
        person="person_id",
        plain="id version request_id",
        identity="external_id person_id period_start period_end part",
        private="kind",
    ),
    "absence_kinds": _table(
        plain="id version external_id name name_key needs_approval is_always_recordable unit entitlement full_week first_year accrual"
        " carry_over_max carry_over_until beyond_balance"
    ),
    "absence_requests": _table(
        {
            "external_id kind_id note reason": Erased.REMOVED,
            "person_id requested_by decided_by": Erased.OPAQUE,
            "period_start period_end first_half last_half": _CAPACITY,
        },
        person="person_id",
        plain="id version state requested_at decided_at",
        identity="external_id person_id period_start period_end first_half last_half requested_by decided_by",
        private="kind_id note reason",
    ),
    "clients": _table(plain="id version external_id name name_key"),
    "projects": _table(
        plain="id version external_id name name_key client_id state contract period_start period_end"
        " all_or_nothing shift_earliest shift_latest template_id template_version",
        staffing="probability priority planned_minutes budget_minutes",
        price="contract_value_minor budget_minor",
    ),
    "project_groups": _table({"person_id": Erased.OPAQUE}, person="person_id", plain="parent_id kind position", staffing="person_id"),
    "demands": _table(
        plain="id version external_id project_id name name_key grade any_location max_people min_run_weeks min_coverage shift_earliest"
        " shift_latest task_id derived_sha256",
        staffing="anybody",
        price="overqualified_cost bill_rate",
    ),
    "demand_effort": _table(plain="parent_id week minutes"),
    "carried_effort": _table(plain="demand_id counts_from minutes"),
    "demand_requires": _table(plain="parent_id skill_id level"),
    "demand_prefers": _table(plain="parent_id skill_id", price="bonus"),
    "demand_locations": _table(plain="parent_id location"),
    "demand_shares": _table(plain="parent_id position share"),
    "demand_people": _table({"person_id": Erased.OPAQUE}, person="person_id", plain="parent_id kind", staffing="person_id"),
    "bookings": _table(
        {"external_id": Erased.REMOVED, "person_id": Erased.OPAQUE},
        person="person_id",
        plain="id version project_id demand_id share shift_weeks weekly_minutes state plan_id period_start period_end over_capacity",
        identity="external_id person_id",
    ),
    "tasks": _table(
        {"owner_id": Erased.OPAQUE},
        person="owner_id",
        plain="id version external_id project_id parent_task_id name name_key kind position period_start period_end due state"
        " estimate_minutes progress_percent grade is_billable",
        identity="owner_id",
    ),
    "task_requires": _table(plain="parent_id skill_id level"),
    "project_templates": _table(plain="id version external_id name name_key"),
    "template_parts": _table(
        plain="parent_id position key name kind parent_key start_day length_days due_day estimate_minutes grade is_billable checklist"
    ),
    "template_part_requires": _table(plain="parent_id position skill_id level"),
    "task_checklist": _table(plain="parent_id position text is_done"),
    "change_orders": _table(
        {"decided_by": Erased.OPAQUE},
        plain="id version external_id project_id name number state reason decided_at",
        identity="decided_by",
        staffing="budget_delta_minutes minutes_before minutes_after",
        price="value_delta_minor value_before_minor value_after_minor budget_delta_minor budget_before_minor budget_after_minor",
    ),
    "budgets": _table(
        plain="id version external_id project_id task_id demand_id grade target_key alert_percents",
        staffing="minutes",
        price="amount_minor target_margin",
    ),
    "budget_alerts": _table(
        plain="id version external_id budget_id project_id measure percent fired_at",
        price="limit_minor used_minor",
    ),
    "change_order_demands": _table(plain="parent_id position demand_id base_version name grade"),
    "change_order_effort": _table(plain="parent_id position week minutes"),
    "change_order_requires": _table(plain="parent_id position skill_id level"),
    "activity_types": _table(plain="id version external_id name name_key is_billable is_active"),
    "time_entries": _table(
        {"external_id started_at ended_at zone ticket_ref note": Erased.REMOVED, "person_id": Erased.OPAQUE},
        person="person_id",
        # Minutes by day, project and state stay: they were approved, billed and paid.
        plain="id version project_id task_id demand_id booking_id work_date minutes activity_type_id is_billable state",
        identity="external_id person_id started_at ended_at zone ticket_ref note",
    ),
    "time_policies": _table(
        {"team": _TEAM}, plain="id version external_id name name_key project_id valid_from valid_until remind_after_days", identity="team"
    ),
    "time_policy_rules": _table(plain="parent_id kind severity figure"),
    "running_timers": _table(
        {"started_at zone": _TIMER, "person_id": Erased.OPAQUE, "ticket_ref note": Erased.REMOVED},
        person="person_id",
        plain="project_id task_id demand_id activity_type_id is_billable",
        identity="person_id started_at zone ticket_ref note",
    ),
    "time_reminders": _table({"person_id": Erased.OPAQUE}, person="person_id", plain="week missing_min reminded_at", identity="person_id"),
    "expense_categories": _table(
        plain="id version external_id name name_key is_allowed limit_item_minor limit_day_minor beyond_limit receipt_above_minor tax_rate"
        " tax_category is_reimbursable is_billable",
        price="markup",
    ),
    "expenses": _table(
        {
            "external_id note": Erased.REMOVED,
            "person_id": Erased.OPAQUE,
            "amount_minor currency rate rate_date rate_source home_minor home_currency tax_rate": _COSTS,
        },
        person="person_id",
        plain="id version project_id task_id category_id work_date is_reimbursable is_billable state",
        identity="external_id person_id note amount_minor currency rate rate_date rate_source home_minor home_currency tax_rate",
        price="markup",
    ),
    "expense_receipts": _table(
        {"person_id": Erased.OPAQUE, "name": Erased.REMOVED},
        person="person_id",
        plain="parent_id position receipt_id media_type size_bytes sha256",
        identity="person_id name",
    ),
    "receipt_contents": _table({"content": _COSTS}, plain="sha256", identity="content"),
    "person_days": _table(
        {"person_id": Erased.OPAQUE}, person="person_id", plain="day capacity_min booked_min excess_min", identity="person_id"
    ),
    "booking_loads": _table(
        {"person_id": Erased.OPAQUE},
        person="person_id",
        plain="booking_id period_start period_end promised minutes",
        identity="person_id",
    ),
    "capacity_overrides": _table(
        {"person_id actor_id": Erased.OPAQUE, "reason": Erased.REMOVED},
        person="person_id",
        plain="id first_day last_day over_min created_at",
        identity="person_id actor_id",
        private="reason",
    ),
    "bill_rates": _table(
        {"external_id": Erased.REMOVED, "person_id": Erased.OPAQUE},
        person="person_id",
        plain="id version project_id grade client_id activity_type_id currency valid_from valid_until",
        identity="external_id person_id",
        price="rate",
    ),
    "exchange_rates": _table(plain="id version external_id currency day rate source"),
    "plans": _table(
        {
            "actor_id applied_by": Erased.OPAQUE,
            "progress_objective_x60 progress_bound_x60 progress_gap failure_detail": _COMPUTED,
            "result": Erased.SEALED,
        },
        plain="id version state request created_at started_at finished_at attempts cancel_requested progress_seconds failure_code applied_at"
        " applied_changes scenario_id",
        identity="actor_id applied_by",
        cost="progress_objective_x60 progress_bound_x60 progress_gap result failure_detail",
    ),
    "rebalance_policies": _table(
        {"min_worth": "It is the firm's own choice, and about nobody."},
        plain="id version external_id name name_key cron time_zone is_active weeks any_project any_skill frozen_weeks"
        " max_churn_hours unasked time_limit_s project_states demand_states teams locations",
        staffing="min_probability",
        price="churn_cost setup_cost",
        # With a threshold on worth of one's own choice, costs could be found by trying.
        cost="min_worth",
    ),
    "rebalance_policy_projects": _table(plain="parent_id project_id"),
    "rebalance_policy_skills": _table(plain="parent_id skill_id"),
    "rebalance_policy_told": _table({"person_id": Erased.OPAQUE}, person="person_id", plain="parent_id", identity="person_id"),
    "change_sets": _table(
        {"actor_id": Erased.OPAQUE, "gain_x60 dropped_count": _COMPUTED},
        plain="id version external_id policy_id policy_version state created_at due_at is_dry_run plan_id base_plan_id finished_at"
        " expired_at failure_code",
        identity="actor_id",
        cost="gain_x60 dropped_count",
    ),
    "change_groups": _table(
        {"worth_x60": _COMPUTED, "decided_by": Erased.OPAQUE},
        plain="parent_id position changes reasons state decided_at undo",
        identity="decided_by",
        cost="worth_x60",
    ),
    "plan_problems": _table({"problem statements": Erased.SEALED}, plain="plan_id row_versions read_at", cost="problem statements"),
    "jobs": _table(
        {"actor_id": Erased.OPAQUE},
        plain="id kind target_id open_target state request_id run_id worker_id attempts cancel_requested progress_seconds progress_gap"
        " created_at started_at finished_at failure_code failure_detail",
        identity="actor_id",
    ),
    "workers": _table(plain="id place pid pid_started beats started_at"),
    "webhooks": _table(
        {"actor_id": Erased.OPAQUE},
        plain="id url events is_active created_at",
        identity="actor_id",
        secret="secret",  # noqa: S106 - a column
    ),
    "webhook_deliveries": _table(plain="id webhook_id event_type payload state attempts next_at created_at delivered_at last_result"),
    "mails": _table(
        {"person_id": Erased.OPAQUE},
        person="person_id",
        plain="id event_type payload state attempts next_at created_at delivered_at last_result",
        identity="person_id",
    ),
    "mail_wishes": _table({"user_id events": Erased.REMOVED}, identity="user_id events"),
    "solves": _table({"problem result": _SENT_IN}, plain="id limits", cost="problem result"),
    "sweeps": _table({"request result": _COMPUTED}, plain="id", cost="request result"),
    "line_approvals": _table(
        {"person_id submitted_by decided_by decided_for": Erased.OPAQUE, "reason": Erased.REMOVED},
        person="person_id",
        plain="id kind line_id project_id day waits_for due_at submitted_at decided_at",
        identity="person_id submitted_by decided_by decided_for reason",
    ),
    "delegations": _table(
        {"external_id": Erased.REMOVED, "person_id deputy_id": Erased.OPAQUE},
        person="person_id",
        plain="id version period_start period_end",
        identity="external_id person_id deputy_id",
    ),
    "period_locks": _table(
        {"locked_by lifted_by": Erased.OPAQUE},
        plain="id version external_id locked_before project_id note locked_at lifted_at lift_reason",
        identity="locked_by lifted_by",
    ),
    "approval_policies": _table(
        plain="id version external_id sheet_period escalation_days reject_needs_reason tell_deciders",
    ),
    "scenarios": _table(
        {"applied_by": Erased.OPAQUE},
        plain="id version external_id name name_key base_id needs applied_at",
        identity="applied_by",
    ),
    "scenario_changes": _table(
        {"person_id": Erased.OPAQUE, "body": Erased.REMOVED},
        person="person_id",
        # Rights to see single fields of a body are asked for with its scenario's row (``needs``).
        plain="parent_id position kind base_version",
        identity="person_id body",
    ),
    "idempotency_records": _table(
        {"actor_id": Erased.OPAQUE, "headers body": Erased.REMOVED},
        plain="key route body_sha256 standing_sha256 status created_at",
        identity="actor_id",
        cost="headers body",
    ),
    "audit_records": _table(
        {"actor_id": Erased.OPAQUE, "source user_agent": _TRACE},
        plain="position recorded_at request_id plan_id hash",
        identity="actor_id source user_agent",
    ),
    "audit_changes": _table(
        {"person_id": Erased.OPAQUE, "sealed": Erased.SEALED},
        plain="id position area row_id kind",
        identity="person_id",
        price="before after",
        cost="sealed",
    ),
    "audit_head": _table(plain="id position hash"),
    "person_keys": _table({"person_id": Erased.OPAQUE}, plain="id created_at", identity="person_id", secret="key"),  # noqa: S106 - a column
    "recording_clock": _table(plain="id recorded_at"),
    "users": _table(
        {
            "external_id": Erased.REMOVED,
            "login login_key": Erased.ROW_ID,
            "name": Erased.PSEUDONYM,
            "person_id": Erased.OPAQUE,
            "team": _TEAM,
        },
        person="person_id",
        nobodys=True,
        plain="id version role extra is_active client_id",
        identity="external_id login login_key name person_id team",
    ),
    "user_projects": _table({"project_id": Erased.OPAQUE}, plain="parent_id", identity="project_id"),
    "user_passwords": _table({"user_id changed_at": Erased.REMOVED}, identity="user_id changed_at", secret="password_hash"),  # noqa: S106
    "user_identities": _table({"subject user_id created_at": Erased.REMOVED}, plain="issuer", identity="subject user_id created_at"),
    "sessions": _table(
        {"user_id created_at expires_at": Erased.REMOVED},
        identity="user_id created_at expires_at",
        secret="digest",  # noqa: S106
    ),
    "api_tokens": _table(
        {"user_id name created_at expires_at": Erased.REMOVED},
        plain="id scopes",
        identity="user_id name created_at expires_at",
        secret="digest",  # noqa: S106
    ),
    "one_time_links": _table(
        {"user_id": Erased.REMOVED},
        plain="purpose created_at expires_at",
        identity="user_id",
        secret="digest",  # noqa: S106
    ),
    "known_devices": _table({"user_id created_at": Erased.REMOVED}, identity="user_id created_at", secret="digest"),  # noqa: S106
    "login_tries": _table(plain="failures last_at", secret="digest"),  # noqa: S106
}


def classified(table: str) -> Classified:
    """The columns of a table, or of the versions of one. Raises KeyError for one that nobody classified."""
    if table in TABLES:
        return TABLES[table]
    name = table.removesuffix("_versions")
    if name not in TWINS:
        raise KeyError(table)
    found = TABLES[name]
    recorded = dict.fromkeys(("recorded_from", "recorded_to"), Rule(holds=Holds.PLAIN))
    return Classified(person=found.person, may_be_nobodys=found.may_be_nobodys, columns={**found.columns, **recorded})

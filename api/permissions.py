"""
What each operation asks for, and docs/permissions.md, which is written from this and from the table of rights.

``python -m api.permissions`` writes the page, ``--check`` says whether the committed one is up to date. Nothing here lets
anybody in or keeps anybody out: rights are asked for where rows are loaded. A test compares what every operation does with this.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.domain.ground.permissions import (
    ABSENCE_REQUESTS_DECIDE,
    ABSENCE_REQUESTS_READ,
    AUDIT_READ,
    BUDGETS_READ,
    CHANGE_ORDERS_APPROVE,
    CHARGES_APPROVE,
    COST_AGGREGATE,
    COST_READ,
    EXPENSES_CHANGE,
    EXPENSES_READ,
    GRANTS,
    IMPORTS_CREATE,
    INVOICES_APPROVE,
    INVOICES_CHANGE,
    INVOICES_CREATE,
    INVOICES_ISSUE,
    INVOICES_READ,
    JOBS_CHANGE,
    JOBS_READ,
    LEDGER_CLOSE,
    LEDGER_READ,
    LINES_DECIDE,
    LINES_UNAPPROVE,
    MAILS_CHANGE,
    MAILS_READ,
    MEANINGS,
    METRICS_READ,
    PEOPLE_DEACTIVATE,
    PERIOD_LOCKS_CHANGE,
    PERIOD_LOCKS_CREATE,
    PLANS_APPLY,
    PLANS_READ,
    PRICE_READ,
    PRIVATE_READ,
    REPORTS_READ,
    SCENARIOS_CHANGE,
    SCENARIOS_READ,
    SHOWN_TO_CLIENTS,
    SOLVES_OWN,
    TIME_CREATE,
    TIME_READ,
    TOKENS_OWN,
    USER_ROLES,
    USERS_CHANGE,
    USERS_READ,
    WEBHOOKS_CHANGE,
    WEBHOOKS_READ,
    Scope,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMITTED = Path(__file__).parent.parent / "docs" / "permissions.md"


class On(StrEnum):
    """What an operation is about."""

    NOTHING = "nothing"
    """No object: the right alone decides."""
    LIST = "list"
    """The objects of a kind that one may see."""
    NEW = "new"
    """An object that does not exist yet."""
    OBJECT = "object"
    """One object: first it must be seen, else 404; then the right decides, else 403."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What an operation asks for: ``see`` to know of the object, ``right`` (and ``also``) to do it. No right: anybody logged in."""

    on: On = On.NOTHING
    right: str | None = None
    see: str | None = None
    also: str | None = None
    instead: str | None = None
    """Who has this right needs none of the others."""
    is_public: bool = False
    by_session: bool = False
    """A session is needed: an API token is forbidden to (``session.required``), whatever its scopes."""


_ONE = {
    "skills": "skill",
    "calendars": "calendar",
    "people": "person",
    "absences": "absence",
    "absence_kinds": "absence_kind",
    "clients": "client",
    "projects": "project",
    "demands": "demand",
    "bookings": "booking",
    "bill_rates": "bill_rate",
    "exchange_rates": "exchange_rate",
    "tasks": "task",
    "expense_categories": "expense_category",
    "expenses": "expense",
    "project_templates": "project_template",
    "change_orders": "change_order",
    "budgets": "budget",
    "tax_codes": "tax_code",
    "legal_entities": "legal_entity",
    "client_accounts": "client_account",
    "contracts": "contract",
    "charges": "charge",
    "rebalance_policies": "rebalance_policy",
    "delegations": "delegation",
    "activity_types": "activity_type",
    "time_policies": "time_policy",
    "time_entries": "time_entry",
}


def _of_records() -> dict[str, Needs]:
    found = {}
    for area, one in _ONE.items():
        see = f"{area}:read"
        found[f"list_{area}"] = Needs(on=On.LIST, right=see)
        found[f"create_{one}"] = Needs(on=On.NEW, right=f"{area}:create")
        found[f"read_{one}"] = Needs(on=On.OBJECT, right=see, see=see)
        found[f"change_{one}"] = Needs(on=On.OBJECT, right=f"{area}:change", see=see)
        found[f"delete_{one}"] = Needs(on=On.OBJECT, right=f"{area}:delete", see=see)
    return found


OPERATIONS: Mapping[str, Needs] = {
    "read_health": Needs(is_public=True),
    "read_readiness": Needs(is_public=True),
    "log_in": Needs(is_public=True),
    "set_up": Needs(is_public=True),
    "reset_password": Needs(is_public=True),
    "oidc_log_in": Needs(is_public=True),
    "oidc_callback": Needs(is_public=True),
    "oidc_link": Needs(by_session=True),
    "read_session": Needs(),
    "log_out": Needs(),
    "change_password": Needs(by_session=True),
    **_of_records(),
    "deactivate_person": Needs(on=On.OBJECT, right=PEOPLE_DEACTIVATE, see="people:read"),
    "create_absence_request": Needs(on=On.NEW, right="absence_requests:create"),
    "list_absence_requests": Needs(on=On.LIST, right=ABSENCE_REQUESTS_READ),
    "read_absence_request": Needs(on=On.OBJECT, right=ABSENCE_REQUESTS_READ, see=ABSENCE_REQUESTS_READ),
    "approve_absence_request": Needs(on=On.OBJECT, right=ABSENCE_REQUESTS_DECIDE, see=ABSENCE_REQUESTS_READ, also=PRIVATE_READ),
    "reject_absence_request": Needs(on=On.OBJECT, right=ABSENCE_REQUESTS_DECIDE, see=ABSENCE_REQUESTS_READ, also=PRIVATE_READ),
    "cancel_absence_request": Needs(on=On.OBJECT, right=ABSENCE_REQUESTS_DECIDE, see=ABSENCE_REQUESTS_READ, also=PRIVATE_READ),
    "withdraw_absence_request": Needs(on=On.OBJECT, right="absence_requests:change", see=ABSENCE_REQUESTS_READ),
    "read_absence_balances": Needs(on=On.OBJECT, right=ABSENCE_REQUESTS_READ, see="people:read", also=PRIVATE_READ),
    "add_receipt": Needs(on=On.OBJECT, right=EXPENSES_CHANGE, see=EXPENSES_READ),
    "download_receipt": Needs(on=On.OBJECT, right=EXPENSES_READ, see=EXPENSES_READ),
    "delete_receipt": Needs(on=On.OBJECT, right=EXPENSES_CHANGE, see=EXPENSES_READ),
    "check_expense": Needs(on=On.OBJECT, right=EXPENSES_READ, see=EXPENSES_READ),
    "create_project_from_template": Needs(on=On.OBJECT, right="projects:create", see="project_templates:read", also="tasks:create"),
    "read_project_structure": Needs(on=On.OBJECT, right="tasks:read", see="projects:read"),
    "approve_change_order": Needs(on=On.OBJECT, right=CHANGE_ORDERS_APPROVE, see="change_orders:read"),
    "reject_change_order": Needs(on=On.OBJECT, right=CHANGE_ORDERS_APPROVE, see="change_orders:read"),
    "approve_charge": Needs(on=On.OBJECT, right=CHARGES_APPROVE, see="charges:read"),
    "unapprove_charge": Needs(on=On.OBJECT, right=CHARGES_APPROVE, see="charges:read"),
    "read_contract_status": Needs(on=On.OBJECT, right="contracts:read", see="contracts:read", also=PRICE_READ),
    "set_logo": Needs(on=On.OBJECT, right="legal_entities:change", see="legal_entities:read"),
    "download_logo": Needs(on=On.OBJECT, right="legal_entities:read", see="legal_entities:read"),
    "delete_logo": Needs(on=On.OBJECT, right="legal_entities:change", see="legal_entities:read"),
    "read_project_budget": Needs(on=On.OBJECT, right=BUDGETS_READ, see="projects:read"),
    "list_project_flags": Needs(on=On.LIST, right=BUDGETS_READ),
    "derive_demands": Needs(on=On.OBJECT, right="demands:change", see="projects:read", also="tasks:read"),
    "win_project": Needs(on=On.OBJECT, right="projects:change", see="projects:read"),
    "lose_project": Needs(on=On.OBJECT, right="projects:change", see="projects:read"),
    "estimate_effort_left": Needs(on=On.OBJECT, right="demands:change", see="demands:read"),
    "read_timesheet": Needs(on=On.OBJECT, right="time_entries:read", see="people:read"),
    "list_inbox": Needs(on=On.LIST, right=LINES_DECIDE),
    "submit_lines": Needs(right="time_entries:change"),
    "recall_lines": Needs(right="time_entries:change"),
    "approve_lines": Needs(right=LINES_DECIDE),
    "reject_lines": Needs(right=LINES_DECIDE),
    "unapprove_lines": Needs(right=LINES_DECIDE, instead=LINES_UNAPPROVE),
    "list_period_locks": Needs(on=On.LIST, right="period_locks:read"),
    "create_period_lock": Needs(on=On.NEW, right=PERIOD_LOCKS_CREATE),
    "lift_period_lock": Needs(on=On.OBJECT, right=PERIOD_LOCKS_CHANGE, see="period_locks:read"),
    "read_approval_policy": Needs(right="approval_policies:read"),
    "change_approval_policy": Needs(right="approval_policies:change"),
    "read_time_week": Needs(on=On.OBJECT, right=TIME_READ, see="people:read"),
    "set_time_week": Needs(on=On.OBJECT, right=TIME_CREATE, see="people:read"),
    "copy_time_week": Needs(on=On.OBJECT, right=TIME_CREATE, see="people:read"),
    "prefill_time_week": Needs(on=On.OBJECT, right=TIME_CREATE, see="people:read"),
    "list_missing_time": Needs(on=On.LIST, right=TIME_READ),
    "read_timer": Needs(right=TIME_CREATE),
    "start_timer": Needs(right=TIME_CREATE),
    "stop_timer": Needs(right=TIME_CREATE),
    "discard_timer": Needs(right=TIME_CREATE),
    "read_firm": Needs(on=On.OBJECT, right="firm:read", see="firm:read"),
    "change_firm": Needs(on=On.OBJECT, right="firm:change", see="firm:read"),
    "explain_plan": Needs(on=On.OBJECT, right=PLANS_READ, see=PLANS_READ),
    "list_candidates": Needs(on=On.OBJECT, right=PLANS_READ, see=PLANS_READ),
    "create_plan": Needs(on=On.NEW, right="plans:create"),
    "list_plans": Needs(on=On.LIST, right=PLANS_READ),
    "read_plan": Needs(on=On.OBJECT, right=PLANS_READ, see=PLANS_READ),
    "watch_plan": Needs(on=On.OBJECT, right=PLANS_READ, see=PLANS_READ),
    "cancel_plan": Needs(on=On.OBJECT, right="plans:change", see=PLANS_READ),
    "read_plan_diff": Needs(on=On.OBJECT, right=PLANS_READ, see=PLANS_READ),
    "apply_plan": Needs(on=On.OBJECT, right=PLANS_APPLY, see=PLANS_READ),
    "run_rebalance_policy": Needs(on=On.OBJECT, right="change_sets:create", see="rebalance_policies:read"),
    "list_change_sets": Needs(on=On.LIST, right="change_sets:read"),
    "read_change_set": Needs(on=On.OBJECT, right="change_sets:read", see="change_sets:read"),
    "approve_change_set": Needs(on=On.OBJECT, right="change_sets:change", see="change_sets:read"),
    "reject_change_set": Needs(on=On.OBJECT, right="change_sets:change", see="change_sets:read"),
    "undo_change_set": Needs(on=On.OBJECT, right="change_sets:change", see="change_sets:read"),
    "create_scenario": Needs(on=On.NEW, right="scenarios:create"),
    "list_scenarios": Needs(on=On.LIST, right=SCENARIOS_READ),
    "sweep_hires": Needs(on=On.NEW, right="scenarios:create", also="plans:create"),
    "compare_scenarios": Needs(on=On.LIST, right=SCENARIOS_READ, also=PLANS_READ),
    "read_scenario": Needs(on=On.OBJECT, right=SCENARIOS_READ, see=SCENARIOS_READ),
    "change_scenario": Needs(on=On.OBJECT, right=SCENARIOS_CHANGE, see=SCENARIOS_READ),
    "delete_scenario": Needs(on=On.OBJECT, right="scenarios:delete", see=SCENARIOS_READ),
    "apply_scenario": Needs(on=On.OBJECT, right=SCENARIOS_CHANGE, see=SCENARIOS_READ),
    "download_problem": Needs(on=On.OBJECT, right=PLANS_READ, see=PLANS_READ, also=COST_READ),
    "download_plan": Needs(on=On.OBJECT, right=PLANS_READ, see=PLANS_READ, also=COST_READ),
    "create_sweep": Needs(on=On.NEW, right="scenarios:create", also="plans:create"),
    "list_sweeps": Needs(on=On.LIST, right=SCENARIOS_READ),
    "read_sweep": Needs(on=On.OBJECT, right=SCENARIOS_READ, see=SCENARIOS_READ),
    "create_solve": Needs(on=On.NEW, right=SOLVES_OWN),
    "read_solve": Needs(on=On.OBJECT, right=SOLVES_OWN, see=SOLVES_OWN),
    "download_solved_plan": Needs(on=On.OBJECT, right=SOLVES_OWN, see=SOLVES_OWN),
    "list_jobs": Needs(on=On.LIST, right=JOBS_READ),
    "read_job": Needs(on=On.OBJECT, right=JOBS_READ, see=JOBS_READ),
    "cancel_job": Needs(on=On.OBJECT, right=JOBS_CHANGE, see=JOBS_READ),
    "retry_job": Needs(on=On.OBJECT, right=JOBS_CHANGE, see=JOBS_READ),
    "read_metrics": Needs(right=METRICS_READ),
    "list_webhooks": Needs(on=On.LIST, right=WEBHOOKS_READ),
    "create_webhook": Needs(on=On.NEW, right=WEBHOOKS_CHANGE),
    "list_deliveries": Needs(on=On.OBJECT, right=WEBHOOKS_READ, see=WEBHOOKS_READ),
    "replay_webhook": Needs(on=On.OBJECT, right=WEBHOOKS_CHANGE, see=WEBHOOKS_READ),
    "delete_webhook": Needs(on=On.OBJECT, right=WEBHOOKS_CHANGE, see=WEBHOOKS_READ),
    "read_notifications": Needs(),
    "change_notifications": Needs(),
    "list_mails": Needs(on=On.LIST, right=MAILS_READ),
    "replay_mails": Needs(right=MAILS_CHANGE),
    "read_people_report": Needs(right=REPORTS_READ),
    "read_bottlenecks": Needs(right=REPORTS_READ, also="demands:read"),
    "read_plan_actual": Needs(right="time_entries:read", also="bookings:read"),
    "read_forecast_accuracy": Needs(right="time_entries:read", also="bookings:read"),
    "explain_rate": Needs(right=PRICE_READ),
    "read_revenue_forecast": Needs(right=BUDGETS_READ),
    "list_closed_months": Needs(on=On.LIST, right="closed_months:read"),
    "close_month": Needs(right=LEDGER_CLOSE, also=COST_READ),
    "list_contract_openings": Needs(on=On.LIST, right="contract_openings:read"),
    "create_contract_opening": Needs(on=On.NEW, right="contract_openings:create"),
    "delete_contract_opening": Needs(on=On.OBJECT, right="contract_openings:delete", see="contract_openings:read"),
    "list_revenue_adjustments": Needs(on=On.LIST, right="revenue_adjustments:read"),
    "create_revenue_adjustment": Needs(on=On.NEW, right="revenue_adjustments:create"),
    "read_journal": Needs(right=LEDGER_READ, also=COST_READ),
    "download_invoices": Needs(right=INVOICES_READ, also=PRICE_READ),
    "download_journal": Needs(right=LEDGER_READ, also=COST_READ),
    "read_roll_forward": Needs(right=LEDGER_READ, also=PRICE_READ),
    "read_revenue": Needs(right=LEDGER_READ, also=PRICE_READ),
    "read_receivables": Needs(right=LEDGER_READ, also=PRICE_READ),
    "read_billing_cycle": Needs(right=LEDGER_READ),
    "read_profitability": Needs(right=LEDGER_READ, also=COST_READ),
    "list_profit_lines": Needs(right=LEDGER_READ, also=COST_READ),
    "read_margins": Needs(right=COST_AGGREGATE, instead=COST_READ),
    "list_invoices": Needs(on=On.LIST, right=INVOICES_READ),
    "create_invoice": Needs(on=On.NEW, right=INVOICES_CREATE),
    "create_open_invoice": Needs(on=On.NEW, right=INVOICES_CREATE, also=INVOICES_ISSUE),
    "read_invoice": Needs(on=On.OBJECT, right=INVOICES_READ, see=INVOICES_READ),
    "change_invoice": Needs(on=On.OBJECT, right=INVOICES_CHANGE, see=INVOICES_READ),
    "delete_invoice": Needs(on=On.OBJECT, right=INVOICES_CHANGE, see=INVOICES_READ),
    "cancel_invoice": Needs(on=On.OBJECT, right=INVOICES_CHANGE, see=INVOICES_READ),
    "approve_invoice": Needs(on=On.OBJECT, right=INVOICES_APPROVE, see=INVOICES_READ),
    "reopen_invoice": Needs(on=On.OBJECT, right=INVOICES_APPROVE, see=INVOICES_READ),
    "issue_invoice": Needs(on=On.OBJECT, right=INVOICES_ISSUE, see=INVOICES_READ),
    "void_invoice": Needs(on=On.OBJECT, right=INVOICES_ISSUE, see=INVOICES_READ),
    "credit_invoice": Needs(on=On.OBJECT, right=INVOICES_CREATE, see=INVOICES_READ),
    "create_payment": Needs(on=On.OBJECT, right="payments:create", see=INVOICES_READ),
    "list_payments": Needs(on=On.LIST, right="payments:read"),
    "download_invoice_file": Needs(on=On.OBJECT, right=INVOICES_READ, see=INVOICES_READ),
    "explain_invoice_line": Needs(on=On.OBJECT, right=INVOICES_READ, see=INVOICES_READ),
    "create_invoice_run": Needs(on=On.NEW, right=INVOICES_CREATE),
    "list_invoice_runs": Needs(on=On.LIST, right=INVOICES_CREATE),
    "read_invoice_run": Needs(on=On.OBJECT, right=INVOICES_CREATE, see=INVOICES_CREATE),
    "read_unbilled": Needs(right=INVOICES_CREATE, also=PRICE_READ),
    "create_import": Needs(on=On.NOTHING, right=IMPORTS_CREATE),
    "list_audit": Needs(on=On.LIST, right=AUDIT_READ, also=COST_READ),
    "list_users": Needs(on=On.LIST, right=USERS_READ),
    "create_user": Needs(on=On.NEW, right="users:create"),
    "read_user": Needs(on=On.OBJECT, right=USERS_READ, see=USERS_READ),
    "change_user": Needs(on=On.OBJECT, right=USERS_CHANGE, see=USERS_READ),
    "reset_user": Needs(on=On.OBJECT, right=USERS_CHANGE, see=USERS_READ),
    "scim_config": Needs(),
    "scim_list_users": Needs(on=On.LIST, right=USERS_READ),
    "scim_create_user": Needs(on=On.NEW, right="users:create"),
    "scim_read_user": Needs(on=On.OBJECT, right=USERS_READ, see=USERS_READ),
    "scim_replace_user": Needs(on=On.OBJECT, right=USERS_CHANGE, see=USERS_READ),
    "scim_change_user": Needs(on=On.OBJECT, right=USERS_CHANGE, see=USERS_READ),
    "scim_delete_user": Needs(on=On.OBJECT, right=USERS_CHANGE, see=USERS_READ),
    "list_tokens": Needs(on=On.LIST, right=TOKENS_OWN),
    "create_token": Needs(on=On.NEW, right=TOKENS_OWN),
    "revoke_token": Needs(on=On.OBJECT, right=TOKENS_OWN, see=TOKENS_OWN, instead=USERS_CHANGE),
}
"""By operation id. An operation that is not here fails the tests."""

_HEAD = """# Permissions

Written by `make permissions` from `scheduler/domain/ground/permissions.py` and `api/permissions.py`; CI refuses another.

A cell says how far a right reaches: **all**, **team** (people of the user's team and what belongs to them; a user who is limited to no team: all),
**projects** (the user's projects and what belongs to them; of people, those booked on them), **own** (the person that the user is, and what belongs
to them; projects and demands they are booked on), **client** (what belongs to the user's client, as listed below). An empty cell is
no right: what is not granted is forbidden. An API token has those of its user's rights that are its scopes.

What may not be seen is answered as if it did not exist: 404 by its id, 422 `reference.not_found` in a body, absent from lists. What may be seen and
not done is 403. So a member who names another person in an absence is told that there is no such person (422) and finds no absence of theirs (404);
finance, who sees all absences and changes none, is forbidden to (403). Columns that need a right of their own (`cost:read`, `price:read`,
`private:read`, `staffing:read`) are empty without it, cannot be set, and lists can be neither filtered nor sorted by them;
`scheduler/store/classified.py` classes every column.

## Rights
"""


def page() -> str:
    """The page as text."""
    lines = [_HEAD, f"| right | {' | '.join(role.replace('_', ' ') for role in USER_ROLES)} | |", "|---" * (len(USER_ROLES) + 2) + "|"]
    for right, scopes in GRANTS.items():
        cells = ["" if scopes[role] is Scope.NONE else scopes[role].value for role in USER_ROLES]
        lines.append(f"| `{right}` | {' | '.join(cells)} | {MEANINGS.get(right, '')} |")
    lines += ["", "## What a client viewer is shown", "", "Of their own client alone, without money and without names of people."]
    lines += ["What is not listed here they are not shown, whatever the table above says.", ""]
    for area, states in SHOWN_TO_CLIENTS.items():
        lines.append(f"- `{area}`" if states is None else f"- `{area}` that are {' or '.join(states)}")
    lines += ["", "## Operations", "", "| operation | needs | about |", "|---|---|---|"]
    for operation, needs in OPERATIONS.items():
        lines.append(f"| `{operation}` | {_words(needs)} | {needs.on.value if needs.on is not On.NOTHING else ''} |")
    return "\n".join(lines) + "\n"


def _words(needs: Needs) -> str:
    if needs.is_public:
        return "nothing: public"
    rights = dict.fromkeys(right for right in (needs.see, needs.right, needs.also) if right is not None)
    words = ", ".join(f"`{right}`" for right in rights) or ("a session, not a token" if needs.by_session else "a login")
    return words if needs.instead is None else f"{words}; or `{needs.instead}`"


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m api.permissions [--check]\n")
        return 2
    if not arguments:
        COMMITTED.write_text(page(), encoding="utf-8")
        return 0
    if COMMITTED.exists() and COMMITTED.read_text(encoding="utf-8") == page():
        return 0
    sys.stderr.write("docs/permissions.md is not what the code says; run: make permissions\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

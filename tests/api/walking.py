"""Walking every operation of the description with requests that would be understood."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import scheduler.sample_firm
from api.openapi import COMMITTED
from tests.cli.muster_process import small_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response
    from starlette.testclient import TestClient

    from tests.api.access_firm import Who

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10IEND\xaeB`\x82"
MISSING = "00000000-0000-4000-8000-000000000000"
STALE = {"If-Match": '"999"'}
"""What is allowed is refused for this alone, so that asking changes nothing."""
WITH_VERSION = frozenset(
    {"estimate_effort_left", "apply_plan", "apply_scenario", "approve_change_set", "reject_change_set", "undo_change_set"}
    | {"lift_period_lock"}
    | {"approve_charge", "unapprove_charge"}
    | {"win_project", "lose_project", "approve_change_order", "reject_change_order"}
    | {f"{step}_invoice" for step in ("approve", "reopen", "cancel", "issue", "void", "credit")}
    | {f"{step}_absence_request" for step in ("approve", "reject", "withdraw", "cancel")}
)
QUERIES = {
    "explain_plan": {"demand_id": "alpha-rich"},
    "list_candidates": {"demand_id": "alpha-rich"},
    "compare_scenarios": {"scenario_ids": "what-if"},
    "read_timesheet": {"day": "2027-03-01"},
    "read_time_week": {"week": "2026-01-05"},
    "list_missing_time": {"week": "2026-01-05"},
    "read_absence_balances": {"year": "2027"},
    "read_people_report": {"start": "2027-03-01", "end": "2027-03-08"},
    "read_plan_actual": {"start": "2027-03-01", "end": "2027-03-08"},
    "read_bottlenecks": {"start": "2027-03-01", "weeks": "1"},
    "download_invoices": {"format": "xero", "item": "200"},
    "explain_rate": {"person_id": "ann", "project_id": "alpha", "day": "2027-03-01"},
    "read_revenue_forecast": {"start": "2027-03-01", "end": "2027-04-01"},
    "read_forecast_accuracy": {"start": "2027-03-01", "weeks": "1"},
}
"""Of operations that are nothing without."""
MAP = (Path(scheduler.sample_firm.__file__).parent / "map.toml").read_bytes()


def operations() -> Iterator[tuple[str, str, str]]:
    """Id, method and path of everything that the description has."""
    description = json.loads(COMMITTED.read_text(encoding="utf-8"))
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path


def ask(client: TestClient, operation: str, method: str, path: str, *, object_id: str, who: Who) -> Response:
    """One request that would be understood, and that changes nothing where it is allowed, but for what it creates."""
    address = path.partition("{")[0] + object_id + path.partition("}")[2]
    if operation == "create_import":
        files = [("map", ("map.toml", MAP)), ("files", ("people.csv", b"a,b\n1,2\n"))]
        return client.post(address, files=files)
    address = address.replace("{receipt_id}", "receipt").replace("{kind}", "pdf").replace("{position}", "1")
    if operation == "add_receipt":
        return client.post(address, files={"file": ("receipt.pdf", b"%PDF-1.7 %%EOF")}, headers=STALE)
    if operation == "set_logo":
        return client.put(address, files={"file": ("logo.png", PNG)}, headers=STALE)
    body = bodies(operation, who)
    headers = STALE if method in ("PATCH", "DELETE") or operation in WITH_VERSION else {}
    return client.request(method, address, headers=headers, params=QUERIES.get(operation), json=body)


_NAMED = (
    "skill",
    "calendar",
    "person",
    "client",
    "project",
    "demand",
    "task",
    "project_template",
    "firm",
    "user",
    "activity_type",
    "time_policy",
    "change_order",
    "expense_category",
)


def bodies(operation: str, who: Who) -> Any:
    """A body for those operations that take one."""
    unique = f"{operation} {who.user.login}"
    period = {"start": "2027-03-01", "end": "2027-03-29"}
    return {
        "create_skill": {"name": unique},
        "create_calendar": {"name": unique},
        "create_person": {"name": unique, "team": "North"},
        "create_absence": {"person_id": "ann", "period": period},
        "create_client": {"name": unique},
        "create_project": {"name": unique},
        "create_demand": {"project_id": "alpha", "name": unique, "effort": []},
        "create_booking": {"person_id": "ann", "project_id": "alpha", "weekly_minutes": 60, "period": period},
        "create_project_template": {"name": unique},
        "create_project_from_template": {"project": {"name": unique}, "first_day": "2027-03-01"},
        "create_task": {"project_id": "alpha", "name": unique},
        "create_bill_rate": {"rate": "1", "project_id": "alpha", "grade": unique},
        "create_plan": {"horizon_start": "2027-03-01", "weeks": 4},
        "create_webhook": {"url": "https://127.0.0.1/", "events": ["plan.finished"]},
        "change_notifications": {"mail": []},
        "replay_mails": {"since": "2199-01-01T00:00:00Z"},
        "replay_webhook": {"since": "2199-01-01T00:00:00Z"},
        "create_solve": small_problem(),
        "deactivate_person": {"leaves": "2199-01-01"},
        "apply_plan": {"state": "tentative"},
        "estimate_effort_left": {"minutes": 600, "on": "2027-03-01"},
        **_money_bodies(unique),
        **_planning_bodies(unique),
        **_approval_bodies(period),
        **_time_bodies(unique),
        **_spending_bodies(unique),
        "create_user": {"login": unique.replace(" ", "-"), "name": "X", "role": "member"},
        "scim_create_user": {"userName": unique.replace(" ", "-")},
        "scim_replace_user": {"userName": who.user.login, "roles": [{"value": "nonsense"}]},
        "scim_change_user": {"Operations": [{"op": "nonsense"}]},
        **_access_bodies(unique),
        **_exchange_bodies(unique),
        **_plain_changes(),
        **{f"change_{one}": {"name": "Another"} for one in _NAMED},
    }.get(operation)


def _access_bodies(unique: str) -> dict[str, Any]:
    return {
        "reset_user": {"keep_access": True},
        "create_token": {"name": unique, "scopes": ["tokens:own"]},
        "change_password": {"current": "wrong", "password": "another long one"},
    }


def _exchange_bodies(unique: str) -> dict[str, Any]:
    """A day of the user's own: there is one rate for a currency and day."""
    day = date(2030, 1, 1) + timedelta(days=crc32(unique.encode()) % 50_000)
    return {
        "create_exchange_rate": {"currency": "USD", "day": day.isoformat(), "rate": "1.1", "source": "ECB"},
        "change_exchange_rate": {"source": "Another"},
    }


def _plain_changes() -> dict[str, Any]:
    return {"change_absence": {"kind": "training"}, "change_booking": {"state": "tentative"}, "change_bill_rate": {"rate": "2"}}


def _money_bodies(unique: str) -> dict[str, Any]:
    """For deals, change orders and budgets."""
    return {
        **_ledger_bodies(unique),
        **{key: {} for key in ("derive_demands", "win_project", "lose_project", "approve_change_order")},
        "reject_change_order": {"reason": "Too dear"},
        "create_budget": {"project_id": "alpha", "grade": unique, "minutes": 60},
        "change_budget": {"minutes": 90},
        "create_change_order": {"project_id": "alpha", "name": unique},
        **_billing_bodies(unique),
    }


_ADDRESS = {"line1": "Main Street 1", "country": "DE"}


def _billing_bodies(unique: str) -> dict[str, Any]:
    """For contracts and what they rest on. Projects and clients have theirs already, so what is allowed is refused for that."""
    contract = {"project_id": "alpha", "name": unique, "kind": "time_and_materials", "currency": "EUR"}
    return {
        "create_tax_code": {"name": unique, "category": "Z"},
        "create_legal_entity": {"name": unique, "address": _ADDRESS},
        "create_client_account": {"client_id": "acme", "name": unique, "address": _ADDRESS},
        "create_contract": contract | {"legal_entity_id": "acme-advisers", "starts_on": "2026-01-01"},
        "create_charge": {
            "contract_id": "contract-alpha",
            "kind": "deposit",
            "name": unique,
            "due_on": "2026-01-01",
            "amount_minor": 100,
        },
        **{key: {} for key in ("approve_charge", "unapprove_charge")},
        **{f"change_{one}": {"name": "Another"} for one in ("tax_code", "legal_entity", "client_account", "contract", "charge")},
    }


def _approval_bodies(period: dict[str, str]) -> dict[str, Any]:
    """For lines that are handed in and decided about."""
    lines = {"lines": [{"id": MISSING, "version": 1}]}
    return {
        **{f"{step}_lines": lines for step in ("submit", "recall")},
        **{f"{step}_lines": {**lines, "reason": "x"} for step in ("approve", "reject", "unapprove")},
        "create_delegation": {"person_id": "ann", "deputy_id": "bob", "period": period},
        "change_delegation": {"period": period},
        "create_period_lock": {"locked_before": "1970-01-02"},
        "lift_period_lock": {"reason": "x"},
        "change_approval_policy": {"escalation_days": 5},
    }


def _time_bodies(unique: str) -> dict[str, Any]:
    """For worked time."""
    return {
        "create_activity_type": {"name": unique},
        "create_time_policy": {"name": unique},
        "create_time_entry": {"person_id": "ann", "project_id": "alpha", "work_date": "2026-01-06", "minutes": 30},
        "change_time_entry": {"note": "Another"},
        "set_time_week": {"week": "2026-01-05", "cells": []},
        "copy_time_week": {"week": "2026-01-19"},
        "prefill_time_week": {"week": "2026-01-19"},
        "start_timer": {"project_id": "alpha", "zone": "Europe/Berlin"},
        "stop_timer": {},
    }


_OPEN = {
    "legal_entity_id": "acme-advisers",
    "client_id": "acme",
    "currency": "EUR",
    "issued_on": "1970-01-02",
    "due_on": "1970-02-02",
    "taken_over_on": "1970-02-03",
    "net_minor": 100,
    "gross_minor": 119,
    "open_minor": 119,
}


def _invoice_bodies(unique: str) -> dict[str, Any]:
    """For invoices and what becomes of them."""
    return {
        "create_invoice": {"contract_ids": ["contract-alpha"], "until": "1970-01-01"},
        "change_invoice": {"note": "Another"},
        **{f"{step}_invoice": {} for step in ("approve", "reopen", "issue")},
        **{f"{step}_invoice": {"reason": "x"} for step in ("cancel", "void", "credit")},
        "create_payment": {"paid_on": "2026-02-01", "amount_minor": 1},
        "create_open_invoice": _OPEN | {"number": unique[:50]},
        "create_invoice_run": {"until": "1970-01-01"},
    }


def _ledger_bodies(unique: str) -> dict[str, Any]:
    """For the books. Alpha's balance is there already, so another one is refused for that."""
    return {
        "close_month": {"month": "2199-01"},
        "create_contract_opening": {
            "contract_id": "contract-alpha",
            "month": "1970-03",
            "earned_minor": 1,
            "billed_minor": 0,
            "home_minor": 1,
        },
        "create_revenue_adjustment": {"contract_id": "contract-alpha", "day": "1970-02-03", "amount_minor": 1, "reason": unique},
    }


_SPENT = {"work_date": "2026-03-02", "amount_minor": 100, "currency": "EUR"}


def _spending_bodies(unique: str) -> dict[str, Any]:
    """For absences and expenses, and for invoices."""
    period = {"start": "2027-03-01", "end": "2027-03-29"}
    return {
        **_invoice_bodies(unique),
        "create_expense_category": {"name": unique},
        "create_expense": {"person_id": "ann", "project_id": "alpha", "category_id": "travel", **_SPENT},
        "change_expense": {"note": "Another"},
        "create_absence_kind": {"name": unique, "needs_approval": False},
        "create_absence_request": {"person_id": "ann", "kind_id": "training", "period": period},
        "change_absence_kind": {"entitlement": 50},
        **{f"{step}_absence_request": {"reason": unique} for step in ("reject", "cancel")},
    }


def _planning_bodies(unique: str) -> dict[str, Any]:
    """For policies, change sets and scenarios."""
    return {
        "create_rebalance_policy": {"name": unique},
        "change_rebalance_policy": {"weeks": 4},
        **{key: {} for key in ("run_rebalance_policy", "approve_change_set", "reject_change_set", "undo_change_set")},
        "create_scenario": {"name": unique, "changes": [{"kind": "shift_project", "project_id": "alpha", "weeks": 1}]},
        "sweep_hires": {
            "plan": {"horizon_start": "2027-03-01", "weeks": 4},
            "profile": {"name": unique},
            "skills": [{"skill_id": "sap", "level": 3}],
        },
        "create_sweep": {"kind": "hires", "count": 1, "plan": {"horizon_start": "2027-03-01", "weeks": 4}, "profile": {"name": unique}},
        "change_scenario": {"name": "Another"},
        "apply_scenario": {},
    }

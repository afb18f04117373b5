"""
The one table of rights: which role has which, and how far each reaches.

docs/permissions.md is generated from it (``make permissions``). What is not in the table nobody may do.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """What a user is to the firm."""

    ADMIN = "admin"
    RESOURCE_MANAGER = "resource_manager"
    PROJECT_MANAGER = "project_manager"
    FINANCE = "finance"
    MEMBER = "member"
    CLIENT_VIEWER = "client_viewer"
    SYSTEM = "system"
    """The program itself and whoever runs its commands on the machine; no user has it."""


USER_ROLES = tuple(role for role in Role if role is not Role.SYSTEM)


class Scope(StrEnum):
    """How far a right reaches."""

    NONE = "none"
    ALL = "all"
    TEAM = "team"
    """People of the user's team and what belongs to them; everything for a user who is limited to no team."""
    PROJECTS = "projects"
    """The user's projects and what belongs to them."""
    OWN = "own"
    """The person that the user is, and what belongs to them."""
    CLIENT = "client"
    """The user's client, and what of theirs is agreed."""


COST_READ = "cost:read"
COST_AGGREGATE = "cost:aggregate"
PRICE_READ = "price:read"
PRIVATE_READ = "private:read"
STAFFING_READ = "staffing:read"
PEOPLE_DEACTIVATE = "people:deactivate"
EXPENSES_READ = "expenses:read"
EXPENSES_CREATE = "expenses:create"
EXPENSES_CHANGE = "expenses:change"
EXPENSES_DELETE = "expenses:delete"
ABSENCE_REQUESTS_READ = "absence_requests:read"
ABSENCE_REQUESTS_DECIDE = "absence_requests:decide"
BOOKINGS_READ = "bookings:read"
CHANGE_SETS_READ = "change_sets:read"
BOOKINGS_CONFIRM = "bookings:confirm"
BOOKINGS_LOCK = "bookings:lock"
BOOKINGS_OVERBOOK = "bookings:overbook"
PLANS_APPLY = "plans:apply"
PLANS_READ = "plans:read"
SCENARIOS_READ = "scenarios:read"
SCENARIOS_CHANGE = "scenarios:change"
IMPORTS_CREATE = "imports:create"
USERS_READ = "users:read"
USERS_CREATE = "users:create"
USERS_CHANGE = "users:change"
TOKENS_OWN = "tokens:own"
AUDIT_READ = "audit:read"
SOLVES_OWN = "solves:own"
JOBS_READ = "jobs:read"
JOBS_CHANGE = "jobs:change"
TIME_READ = "time_entries:read"
TIME_CREATE = "time_entries:create"
TIME_CHANGE = "time_entries:change"
TIME_DELETE = "time_entries:delete"
METRICS_READ = "metrics:read"
WEBHOOKS_READ = "webhooks:read"
WEBHOOKS_CHANGE = "webhooks:change"
MAILS_READ = "mails:read"
MAILS_CHANGE = "mails:change"
REPORTS_READ = "reports:read"
LINES_DECIDE = "lines:decide"
LINES_UNAPPROVE = "lines:unapprove"
PERIOD_LOCKS_CREATE = "period_locks:create"
PERIOD_LOCKS_CHANGE = "period_locks:change"
CHANGE_ORDERS_APPROVE = "change_orders:approve"
BUDGETS_READ = "budgets:read"
CHARGES_APPROVE = "charges:approve"
INVOICES_READ = "invoices:read"
INVOICES_CREATE = "invoices:create"
INVOICES_CHANGE = "invoices:change"
INVOICES_APPROVE = "invoices:approve"
INVOICES_ISSUE = "invoices:issue"
LEDGER_READ = "ledger:read"
LEDGER_CLOSE = "ledger:close"

GRANTABLE = frozenset({COST_AGGREGATE})
"""Rights that an admin may give to a user beside those of the role."""

_N, _A, _T, _P, _O, _C = Scope.NONE, Scope.ALL, Scope.TEAM, Scope.PROJECTS, Scope.OWN, Scope.CLIENT


def _row(*scopes: Scope) -> Mapping[Role, Scope]:
    return dict(zip(USER_ROLES, scopes, strict=True))


GRANTS: Mapping[str, Mapping[Role, Scope]] = {
    #                       admin res. m. proj. m. finance member client viewer
    "skills:read": _row(_A, _A, _A, _A, _A, _N),
    "skills:create": _row(_A, _A, _N, _N, _N, _N),
    "skills:change": _row(_A, _A, _N, _N, _N, _N),
    "skills:delete": _row(_A, _A, _N, _N, _N, _N),
    "calendars:read": _row(_A, _A, _A, _A, _A, _N),
    "calendars:create": _row(_A, _A, _N, _N, _N, _N),
    "calendars:change": _row(_A, _A, _N, _N, _N, _N),
    "calendars:delete": _row(_A, _A, _N, _N, _N, _N),
    "people:read": _row(_A, _T, _P, _A, _O, _N),
    "people:create": _row(_A, _T, _N, _A, _N, _N),
    "people:change": _row(_A, _T, _N, _A, _N, _N),
    "people:delete": _row(_A, _T, _N, _N, _N, _N),
    PEOPLE_DEACTIVATE: _row(_A, _T, _N, _N, _N, _N),
    "absences:read": _row(_A, _T, _P, _A, _O, _N),
    "absences:create": _row(_A, _T, _N, _N, _O, _N),
    "absences:change": _row(_A, _T, _N, _N, _O, _N),
    "absences:delete": _row(_A, _T, _N, _N, _O, _N),
    "absence_kinds:read": _row(_A, _A, _A, _A, _A, _N),
    "absence_kinds:create": _row(_A, _N, _N, _N, _N, _N),
    "absence_kinds:change": _row(_A, _N, _N, _N, _N, _N),
    "absence_kinds:delete": _row(_A, _N, _N, _N, _N, _N),
    ABSENCE_REQUESTS_READ: _row(_A, _T, _N, _A, _O, _N),
    "absence_requests:create": _row(_A, _T, _N, _N, _O, _N),
    "absence_requests:change": _row(_A, _T, _N, _N, _O, _N),
    "absence_requests:delete": _row(_N, _N, _N, _N, _N, _N),
    ABSENCE_REQUESTS_DECIDE: _row(_A, _T, _N, _N, _N, _N),
    "clients:read": _row(_A, _A, _P, _A, _N, _C),
    "clients:create": _row(_A, _A, _N, _A, _N, _N),
    "clients:change": _row(_A, _A, _N, _A, _N, _N),
    "clients:delete": _row(_A, _A, _N, _N, _N, _N),
    "projects:read": _row(_A, _A, _P, _A, _O, _C),
    "projects:create": _row(_A, _A, _N, _N, _N, _N),
    "projects:change": _row(_A, _A, _P, _N, _N, _N),
    "projects:delete": _row(_A, _A, _N, _N, _N, _N),
    "demands:read": _row(_A, _A, _P, _A, _O, _N),
    "demands:create": _row(_A, _A, _P, _N, _N, _N),
    "demands:change": _row(_A, _A, _P, _N, _N, _N),
    "demands:delete": _row(_A, _A, _P, _N, _N, _N),
    BOOKINGS_READ: _row(_A, _T, _P, _A, _O, _N),
    "bookings:create": _row(_A, _T, _N, _N, _N, _N),
    "bookings:change": _row(_A, _T, _N, _N, _N, _N),
    "bookings:delete": _row(_A, _T, _N, _N, _N, _N),
    BOOKINGS_CONFIRM: _row(_A, _T, _N, _N, _N, _N),
    BOOKINGS_LOCK: _row(_A, _T, _N, _N, _N, _N),
    BOOKINGS_OVERBOOK: _row(_A, _T, _N, _N, _N, _N),
    "project_templates:read": _row(_A, _A, _A, _A, _N, _N),
    "project_templates:create": _row(_A, _A, _N, _N, _N, _N),
    "project_templates:change": _row(_A, _A, _N, _N, _N, _N),
    "project_templates:delete": _row(_A, _A, _N, _N, _N, _N),
    "tasks:read": _row(_A, _A, _P, _A, _O, _N),
    "tasks:create": _row(_A, _A, _P, _N, _N, _N),
    "tasks:change": _row(_A, _A, _P, _N, _N, _N),
    "tasks:delete": _row(_A, _A, _P, _N, _N, _N),
    "change_orders:read": _row(_A, _A, _P, _A, _N, _N),
    "change_orders:create": _row(_A, _A, _P, _A, _N, _N),
    "change_orders:change": _row(_A, _A, _P, _A, _N, _N),
    "change_orders:delete": _row(_A, _A, _P, _A, _N, _N),
    CHANGE_ORDERS_APPROVE: _row(_A, _N, _N, _A, _N, _N),
    "activity_types:read": _row(_A, _A, _A, _A, _A, _N),
    "activity_types:create": _row(_A, _A, _N, _A, _N, _N),
    "activity_types:change": _row(_A, _A, _N, _A, _N, _N),
    "activity_types:delete": _row(_A, _A, _N, _A, _N, _N),
    TIME_READ: _row(_A, _T, _P, _A, _O, _N),
    TIME_CREATE: _row(_A, _O, _O, _O, _O, _N),
    TIME_CHANGE: _row(_A, _O, _O, _O, _O, _N),
    TIME_DELETE: _row(_A, _O, _O, _O, _O, _N),
    "time_policies:read": _row(_A, _A, _A, _A, _A, _N),
    "time_policies:create": _row(_A, _N, _N, _A, _N, _N),
    "time_policies:change": _row(_A, _N, _N, _A, _N, _N),
    "time_policies:delete": _row(_A, _N, _N, _A, _N, _N),
    BUDGETS_READ: _row(_A, _A, _P, _A, _N, _N),
    "budgets:create": _row(_A, _A, _P, _A, _N, _N),
    "budgets:change": _row(_A, _A, _P, _A, _N, _N),
    "budgets:delete": _row(_A, _A, _P, _A, _N, _N),
    "budget_alerts:read": _row(_A, _A, _P, _A, _N, _N),
    "budget_alerts:create": _row(_N, _N, _N, _N, _N, _N),
    "budget_alerts:change": _row(_N, _N, _N, _N, _N, _N),
    "budget_alerts:delete": _row(_N, _N, _N, _N, _N, _N),
    "expense_categories:read": _row(_A, _A, _A, _A, _A, _N),
    "expense_categories:create": _row(_A, _N, _N, _A, _N, _N),
    "expense_categories:change": _row(_A, _N, _N, _A, _N, _N),
    "expense_categories:delete": _row(_A, _N, _N, _A, _N, _N),
    EXPENSES_READ: _row(_A, _T, _P, _A, _O, _N),
    EXPENSES_CREATE: _row(_A, _O, _O, _O, _O, _N),
    EXPENSES_CHANGE: _row(_A, _O, _O, _O, _O, _N),
    EXPENSES_DELETE: _row(_A, _O, _O, _O, _O, _N),
    "tax_codes:read": _row(_A, _A, _A, _A, _N, _N),
    "tax_codes:create": _row(_A, _N, _N, _A, _N, _N),
    "tax_codes:change": _row(_A, _N, _N, _A, _N, _N),
    "tax_codes:delete": _row(_A, _N, _N, _A, _N, _N),
    "legal_entities:read": _row(_A, _A, _A, _A, _N, _N),
    "legal_entities:create": _row(_A, _N, _N, _A, _N, _N),
    "legal_entities:change": _row(_A, _N, _N, _A, _N, _N),
    "legal_entities:delete": _row(_A, _N, _N, _A, _N, _N),
    "client_accounts:read": _row(_A, _A, _P, _A, _N, _N),
    "client_accounts:create": _row(_A, _N, _N, _A, _N, _N),
    "client_accounts:change": _row(_A, _N, _N, _A, _N, _N),
    "client_accounts:delete": _row(_A, _N, _N, _A, _N, _N),
    "contracts:read": _row(_A, _A, _P, _A, _N, _N),
    "contracts:create": _row(_A, _N, _N, _A, _N, _N),
    "contracts:change": _row(_A, _N, _N, _A, _N, _N),
    "contracts:delete": _row(_A, _N, _N, _A, _N, _N),
    "charges:read": _row(_A, _A, _P, _A, _N, _N),
    "charges:create": _row(_A, _N, _N, _A, _N, _N),
    "charges:change": _row(_A, _N, _N, _A, _N, _N),
    "charges:delete": _row(_A, _N, _N, _A, _N, _N),
    CHARGES_APPROVE: _row(_A, _N, _P, _A, _N, _N),
    INVOICES_READ: _row(_A, _N, _P, _A, _N, _N),
    INVOICES_CREATE: _row(_A, _N, _N, _A, _N, _N),
    INVOICES_CHANGE: _row(_A, _N, _N, _A, _N, _N),
    "invoices:delete": _row(_N, _N, _N, _N, _N, _N),
    INVOICES_APPROVE: _row(_A, _N, _N, _A, _N, _N),
    INVOICES_ISSUE: _row(_A, _N, _N, _A, _N, _N),
    "payments:read": _row(_A, _N, _N, _A, _N, _N),
    "payments:create": _row(_A, _N, _N, _A, _N, _N),
    "payments:change": _row(_N, _N, _N, _N, _N, _N),
    "payments:delete": _row(_N, _N, _N, _N, _N, _N),
    LEDGER_READ: _row(_A, _N, _N, _A, _N, _N),
    LEDGER_CLOSE: _row(_A, _N, _N, _A, _N, _N),
    "closed_months:read": _row(_A, _N, _N, _A, _N, _N),
    "closed_months:create": _row(_A, _N, _N, _A, _N, _N),
    "closed_months:change": _row(_N, _N, _N, _N, _N, _N),
    "closed_months:delete": _row(_N, _N, _N, _N, _N, _N),
    "contract_openings:read": _row(_A, _N, _N, _A, _N, _N),
    "contract_openings:create": _row(_A, _N, _N, _A, _N, _N),
    "contract_openings:change": _row(_N, _N, _N, _N, _N, _N),
    "contract_openings:delete": _row(_A, _N, _N, _A, _N, _N),
    "revenue_adjustments:read": _row(_A, _N, _N, _A, _N, _N),
    "revenue_adjustments:create": _row(_A, _N, _N, _A, _N, _N),
    "revenue_adjustments:change": _row(_N, _N, _N, _N, _N, _N),
    "revenue_adjustments:delete": _row(_N, _N, _N, _N, _N, _N),
    "bill_rates:read": _row(_A, _A, _P, _A, _N, _N),
    "bill_rates:create": _row(_A, _N, _N, _A, _N, _N),
    "bill_rates:change": _row(_A, _N, _N, _A, _N, _N),
    "bill_rates:delete": _row(_A, _N, _N, _A, _N, _N),
    "exchange_rates:read": _row(_A, _A, _A, _A, _N, _N),
    "exchange_rates:create": _row(_A, _N, _N, _A, _N, _N),
    "exchange_rates:change": _row(_A, _N, _N, _A, _N, _N),
    "exchange_rates:delete": _row(_A, _N, _N, _A, _N, _N),
    "firm:read": _row(_A, _A, _A, _A, _N, _N),
    "firm:create": _row(_A, _N, _N, _N, _N, _N),
    "firm:change": _row(_A, _N, _N, _N, _N, _N),
    PLANS_READ: _row(_A, _T, _N, _A, _N, _N),
    "plans:create": _row(_A, _T, _N, _N, _N, _N),
    "plans:change": _row(_A, _T, _N, _N, _N, _N),
    PLANS_APPLY: _row(_A, _T, _N, _N, _N, _N),
    SOLVES_OWN: _row(_O, _O, _N, _O, _N, _N),
    JOBS_READ: _row(_A, _O, _N, _O, _N, _N),
    JOBS_CHANGE: _row(_A, _O, _N, _O, _N, _N),
    METRICS_READ: _row(_A, _N, _N, _N, _N, _N),
    WEBHOOKS_READ: _row(_A, _N, _N, _N, _N, _N),
    WEBHOOKS_CHANGE: _row(_A, _N, _N, _N, _N, _N),
    MAILS_READ: _row(_A, _N, _N, _N, _N, _N),
    MAILS_CHANGE: _row(_A, _N, _N, _N, _N, _N),
    "rebalance_policies:read": _row(_A, _T, _N, _A, _N, _N),
    "rebalance_policies:create": _row(_A, _T, _N, _N, _N, _N),
    "rebalance_policies:change": _row(_A, _T, _N, _N, _N, _N),
    "rebalance_policies:delete": _row(_A, _T, _N, _N, _N, _N),
    CHANGE_SETS_READ: _row(_A, _T, _N, _A, _N, _N),
    "change_sets:create": _row(_A, _T, _N, _N, _N, _N),
    "change_sets:change": _row(_A, _T, _N, _N, _N, _N),
    "change_sets:delete": _row(_N, _N, _N, _N, _N, _N),
    LINES_DECIDE: _row(_A, _T, _P, _N, _N, _N),
    LINES_UNAPPROVE: _row(_A, _N, _N, _A, _N, _N),
    "delegations:read": _row(_A, _T, _O, _N, _N, _N),
    "delegations:create": _row(_A, _T, _O, _N, _N, _N),
    "delegations:change": _row(_A, _T, _O, _N, _N, _N),
    "delegations:delete": _row(_A, _T, _O, _N, _N, _N),
    "approval_policies:read": _row(_A, _A, _A, _A, _A, _N),
    "approval_policies:create": _row(_A, _N, _N, _N, _N, _N),
    "approval_policies:change": _row(_A, _N, _N, _N, _N, _N),
    "period_locks:read": _row(_A, _A, _A, _A, _A, _N),
    PERIOD_LOCKS_CREATE: _row(_A, _N, _N, _A, _N, _N),
    PERIOD_LOCKS_CHANGE: _row(_A, _N, _N, _A, _N, _N),
    SCENARIOS_READ: _row(_A, _T, _N, _A, _N, _N),
    "scenarios:create": _row(_A, _T, _N, _N, _N, _N),
    SCENARIOS_CHANGE: _row(_A, _T, _N, _N, _N, _N),
    "scenarios:delete": _row(_A, _T, _N, _N, _N, _N),
    IMPORTS_CREATE: _row(_A, _N, _N, _N, _N, _N),
    USERS_READ: _row(_A, _N, _N, _N, _N, _N),
    USERS_CREATE: _row(_A, _N, _N, _N, _N, _N),
    USERS_CHANGE: _row(_A, _N, _N, _N, _N, _N),
    TOKENS_OWN: _row(_O, _O, _O, _O, _O, _O),
    AUDIT_READ: _row(_A, _N, _N, _N, _N, _N),
    REPORTS_READ: _row(_A, _T, _N, _A, _O, _N),
    STAFFING_READ: _row(_A, _A, _A, _A, _N, _N),
    PRIVATE_READ: _row(_A, _A, _N, _A, _A, _N),
    PRICE_READ: _row(_A, _A, _A, _A, _N, _N),
    COST_READ: _row(_A, _N, _N, _A, _N, _N),
    COST_AGGREGATE: _row(_A, _N, _N, _A, _N, _N),
}

SHOWN_TO_CLIENTS: Mapping[str, tuple[str, ...] | None] = {
    "clients": None,
    "projects": ("won", "closed"),
}
"""
What a client viewer sees of the rows of their client, area by area: in which states; ``None`` where there are no states to hide.

A right with the scope ``client`` reaches nothing in an area that is not here. Drafts are nobody's but the firm's.
"""

MEANINGS: Mapping[str, str] = {
    PEOPLE_DEACTIVATE: "somebody leaves: their access ends, their bookings become open demand; an admin's access ends only by whoever may change users",
    "absences:read": "projects: when people who are booked on them are away, not why",
    ABSENCE_REQUESTS_READ: "requests for absences, and the balances of the people one sees",
    "absence_requests:change": "withdraw a request before it is decided",
    ABSENCE_REQUESTS_DECIDE: "approve, reject and cancel requests for absences, of others and made by others",
    EXPENSES_READ: "expenses and their receipts, with the own always in reach",
    EXPENSES_CREATE: "enter expenses, for oneself; an admin for anybody",
    EXPENSES_CHANGE: "change expenses that are not handed in, and add and remove their receipts",
    BOOKINGS_CONFIRM: "make bookings confirmed, and move or remove confirmed ones, by hand or by a plan",
    BOOKINGS_LOCK: "make bookings locked, and move or remove locked ones; no plan does",
    BOOKINGS_OVERBOOK: "book somebody beyond their capacity, with a reason that is recorded",
    PLANS_READ: "plans, their progress and events; the plan and problem files need cost:read as well",
    "plans:create": "ask for a plan",
    "plans:change": "cancel a plan",
    PLANS_APPLY: "turn a plan into bookings",
    SOLVES_OWN: "have a problem solved that one sends in, costs included; only the sender sees it and its plan, an admin just the job",
    JOBS_READ: "work in the background, without what it is about; own: what one asked for",
    JOBS_CHANGE: "cancel and retry jobs; a plan's needs plans:change as well",
    METRICS_READ: "what Prometheus collects: counts and times, no names and no money",
    WEBHOOKS_READ: "where events are sent to, and what became of each message",
    WEBHOOKS_CHANGE: "add and remove webhooks, and send messages again",
    MAILS_READ: "what was sent by mail to whom, and what became of it",
    MAILS_CHANGE: "send mails again",
    TIME_READ: "worked time, with the own always in reach; timers and weeks as well",
    TIME_CREATE: "log time: entries, timers, weeks, copies of weeks and what bookings propose; for oneself, an admin for anybody",
    "change_sets:create": "run a rebalance policy now",
    "change_sets:change": "approve, reject and undo groups of changes; what that books asks for the rights of a plan that is applied",
    BUDGETS_READ: "budgets, what is used of them and what projects come to; costs and margins need cost:read as well",
    CHANGE_ORDERS_APPROVE: "approve and reject change orders; what an approved one changes asks for no other right",
    SCENARIOS_READ: "what-if scenarios; those that say something of costs, prices, priorities or private things need that right as well",
    SCENARIOS_CHANGE: "edit a scenario, and apply it with the rights that its changes would need one by one",
    REPORTS_READ: "hours of the people whom one sees: capacity, bookings and recorded time, skills that are short",
    LINES_DECIDE: "approve and reject what waits for one: of the projects one leads, of one's team once it has come so far; never one's own",
    LINES_UNAPPROVE: "take back any approval; whoever gave one may take that back without it",
    "delegations:create": "say who decides in somebody's name for a time; own: in one's own",
    PERIOD_LOCKS_CREATE: "lock all lines before a day, of the firm or of a project",
    PERIOD_LOCKS_CHANGE: "lift such a lock, with a reason",
    CHARGES_APPROVE: "say that a milestone was reached, which makes its amount billable",
    INVOICES_READ: "invoices and credit notes; projects: those of one of one's projects alone, and those from whose lines costs follow need cost:read",
    INVOICES_CREATE: "propose what is billable and make drafts of it, and of credit notes",
    INVOICES_CHANGE: "change and cancel drafts",
    INVOICES_APPROVE: "approve a draft",
    INVOICES_ISSUE: "issue an approved invoice, which gives it its number, void one, and take over open ones of other books",
    LEDGER_READ: "revenue, balances of contracts and what clients owe; needs price:read, and the journal, profitability, provisions "
    "and contracts that bill costs need cost:read",
    LEDGER_CLOSE: "close a month of the books, for good",
    "contract_openings:create": "take over a contract's balance from other books",
    "revenue_adjustments:create": "add to a contract's revenue, or take away from it, by hand",
    "payments:create": "record what was paid, paid back or written off",
    IMPORTS_CREATE: "import whole tables, costs included",
    "exchange_rates:read": "what foreign currencies are worth in the firm's, day by day",
    TOKENS_OWN: "API tokens of one's own",
    AUDIT_READ: "every change that ever was, before and after; needs cost:read as well",
    STAFFING_READ: "who is kept together, apart, wanted or barred, and the priority of projects",
    PRIVATE_READ: "mail addresses, kinds of absence; in the rows that one may read",
    PRICE_READ: "bill rates, contract values and budgets in money; in the rows that one may read",
    COST_READ: "cost rates, costs, margins, objectives, bounds, prices, and every explanation from which one follows",
    COST_AGGREGATE: "planned cost and margin of the firm and of teams of at least five people, by month; an admin may give it to a user",
}
"""What rights mean whose name does not say it."""

"""A firm in which every role has something of its own, and something that is none of its business."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.ledger import ClosedMonth, ContractOpening, RevenueAdjustment
from scheduler.domain.delivery.budgets import Budget
from scheduler.domain.delivery.delegations import Delegation
from scheduler.domain.delivery.period_locks import PeriodLock
from scheduler.domain.delivery.receipts import receipt_of
from scheduler.domain.delivery.templates import ProjectTemplate
from scheduler.domain.delivery.time_entries import ActivityType
from scheduler.domain.delivery.time_policies import TimePolicy
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import (
    ActivityTypeId,
    ActorId,
    AdjustmentId,
    BudgetId,
    ChangeOrderId,
    ChangeSetId,
    ClientId,
    ClosedMonthId,
    ContractId,
    DelegationId,
    ExchangeRateId,
    OpeningId,
    PeriodLockId,
    PersonId,
    PlanId,
    ProjectId,
    RebalancePolicyId,
    ReceiptId,
    ScenarioId,
    TemplateId,
    TimeEntryId,
    TimePolicyId,
)
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.change_orders import ChangeOrder
from scheduler.domain.staffing.change_sets import ChangeSet, ChangeSetState
from scheduler.domain.staffing.plans import Plan, PlanState
from scheduler.domain.staffing.rebalance_policies import RebalancePolicy
from scheduler.domain.staffing.scenarios import Scenario
from scheduler.planning.request_json import request_to_json
from scheduler.store.receipt_contents import put_content
from scheduler.usecases.users import create_user
from tests import factories as make
from tests.api.access_invoices import add_invoice
from tests.logins import bearer, make_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.application import Application
    from scheduler.domain.ground.users import User
    from scheduler.store import Transaction

PDF = b"%PDF-1.7 of the firm %%EOF"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10 of the firm IEND\xaeB`\x82"
OWN: Mapping[str, str] = {
    "skills": "sap",
    "calendars": "plain",
    "people": "ann",
    "absences": "absence-ann",
    "absence-kinds": "training",
    "absence-requests": "request-ann",
    "clients": "acme",
    "projects": "alpha",
    "demands": "alpha-lead",
    "bookings": "booking-ann",
    "bill_rates": "rate-alpha",
    "exchange-rates": "dollars",
    "tasks": "alpha-design",
    "tax-codes": "vat",
    "legal-entities": "acme-advisers",
    "client-accounts": "account-acme",
    "contracts": "contract-alpha",
    "charges": "charge-alpha",
    "invoices": "invoice-alpha",
    "payments": "payment-alpha",
    "closed-months": "the-month",
    "contract-openings": "opening-alpha",
    "revenue-adjustments": "adjustment-alpha",
    "project-templates": "rollout",
    "delegations": "delegation-ann",
    "period-locks": "the-lock",
    "time-entries": "time-ann",
    "activity-types": "travel",
    "time-policies": "hours",
    "change-orders": "order-alpha",
    "budgets": "budget-alpha",
    "expense-categories": "travel",
    "expenses": "expense-ann",
    "scenarios": "what-if",
}
FOREIGN: Mapping[str, str] = {
    "people": "bob",
    "absences": "absence-bob",
    "absence-requests": "request-bob",
    "clients": "globex",
    "projects": "beta",
    "demands": "beta-lead",
    "bookings": "booking-bob",
    "bill_rates": "rate-beta",
    "tasks": "beta-design",
    "client-accounts": "account-globex",
    "contracts": "contract-beta",
    "charges": "charge-beta",
    "invoices": "invoice-beta",
    "payments": "payment-beta",
    "delegations": "delegation-bob",
    "time-entries": "time-bob",
    "change-orders": "order-beta",
    "budgets": "budget-beta",
    "expenses": "expense-bob",
}
"""Nobody's in particular: skills, calendars, templates, locks, activity types, time policies, rates, tax codes, legal entities, scenarios."""

ROLES: Mapping[str, dict[str, Any]] = {
    "admin": {"role": Role.ADMIN},
    "resource_manager": {"role": Role.RESOURCE_MANAGER},
    "resource_manager_of_north": {"role": Role.RESOURCE_MANAGER, "team": "North"},
    "project_manager": {"role": Role.PROJECT_MANAGER, "person_id": PersonId("ann"), "project_ids": frozenset({ProjectId("alpha")})},
    "finance": {"role": Role.FINANCE, "person_id": PersonId("ann")},
    "member": {"role": Role.MEMBER, "person_id": PersonId("ann")},
    "client_viewer": {"role": Role.CLIENT_VIEWER, "client_id": ClientId("acme")},
}
"""Users by what they may: each role, and a resource manager who is limited to a team. Some are Ann, who has time of her own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A user, and what their requests show at the door."""

    user: User
    headers: dict[str, str]

    @property
    def actor(self) -> Any:
        return self.user.actor(credential_id="test")


def make_firm_of_two(application: Application) -> None:
    """Ann of North works on Alpha for Acme; Bob of South works on Beta for Globex."""
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        tx.area("absence_kinds").add(make.make_absence_kind("training", needs_approval=False))
        tx.area("expense_categories").add(make.make_expense_category())
        tx.area("project_templates").add(ProjectTemplate(id=TemplateId("rollout"), name="Rollout"))
        tx.area("scenarios").add(Scenario(id=ScenarioId("what-if"), name="What if"))
        tx.area("period_locks").add(
            PeriodLock(id=PeriodLockId("the-lock"), locked_before=date(1970, 1, 2), locked_by=LOCAL.id, locked_at=tx.now)
        )
        tx.area("activity_types").add(ActivityType(id=ActivityTypeId("travel"), name="Travel"))
        tx.area("time_policies").add(TimePolicy(id=TimePolicyId("hours"), name="Hours"))
        _add_seller(tx)
        for name, team, rate, project, client in (
            ("ann", "North", "71.3391", "alpha", "acme"),
            ("bob", "South", "83.9177", "beta", "globex"),
        ):
            term = make.make_term(cost_rate=Decimal(rate))
            tx.people.add(replace(make.make_person(name, team=team, email=f"{name}@firm.example"), terms=(term,)))
            tx.clients.add(make.make_client(client))
            tx.projects.add(make.make_project(project, client_id=ClientId(client), budget_minor=5_000_000))
            tx.demands.add(make.make_demand(project=project))
            tx.absences.add(make.make_absence(name, id=f"absence-{name}", first=make.monday(5)))
            waiting = make.make_absence_request(name, id=f"request-{name}", first=make.monday(6), kind="training")
            tx.area("absence_requests").add(waiting)
            tx.bookings.add(make.make_booking(name, demand=f"{project}-lead", project=project, id=f"booking-{name}"))
            tx.area("tasks").add(make.make_task(project=project, owner_id=PersonId(name)))
            if name == "bob":
                _add_delegations(tx)
            tx.area("time_entries").add(make.make_time_entry(name, project=project, id=TimeEntryId(f"time-{name}"), day=date(2026, 1, 5)))
            order = ChangeOrder(id=ChangeOrderId(f"order-{project}"), project_id=ProjectId(project), name="More", number=1)
            tx.area("change_orders").add(order)
            tx.area("budgets").add(Budget(id=BudgetId(f"budget-{project}"), project_id=ProjectId(project), grade="senior", minutes=600))
            receipt = receipt_of(ReceiptId("receipt"), name="taxi.pdf", content=PDF)
            put_content(tx.connection, receipt.sha256, PDF)
            expense = make.make_expense(name, project=project, receipts=(receipt,))
            tx.area("expenses").add(expense.completed(make.make_expense_category(), home="EUR"))
            _add_contract(tx, project, client)
            tx.bill_rates.add(make.make_bill_rate(120, rate_id=f"rate-{project}", project_id=ProjectId(project)))


def _add_seller(tx: Transaction) -> None:
    """A legal entity with its tax and its logo, and what a dollar is worth to it."""
    dollars = ExchangeRate(id=ExchangeRateId("dollars"), currency="USD", day=date(2026, 1, 1), rate=Decimal("0.9"), source="ECB")
    tx.area("exchange_rates").add(dollars)
    tx.area("tax_codes").add(make.make_tax_code())
    tx.area("legal_entities").add(make.make_legal_entity())
    tx.logos.put("acme-advisers", media_type="image/png", content=PNG)


def _add_books(tx: Transaction) -> None:
    """Of long ago: a closed month, and after it a balance that was taken over and an adjustment of Alpha's."""
    closed = ClosedMonth(
        id=ClosedMonthId("the-month"),
        month=date(1970, 1, 1),
        closed_at=tx.now,
        closed_by=LOCAL.id,
        content_sha256="0" * 64,
        chain_sha256="0" * 64,
    )
    tx.area("closed_months").add(closed)
    alpha = ContractId("contract-alpha")
    opening = ContractOpening(
        id=OpeningId("opening-alpha"), contract_id=alpha, month=date(1970, 2, 1), earned_minor=5, billed_minor=3, home_minor=2
    )
    tx.area("contract_openings").add(opening)
    adjustment = RevenueAdjustment(
        id=AdjustmentId("adjustment-alpha"),
        contract_id=alpha,
        day=date(1970, 2, 2),
        amount_minor=7,
        reason="By hand",
        made_at=tx.now,
        made_by=LOCAL.id,
    )
    tx.area("revenue_adjustments").add(adjustment)


def _add_contract(tx: Transaction, project: str, client: str) -> None:
    tx.area("client_accounts").add(make.make_client_account(client))
    tx.area("contracts").add(make.make_contract(project))
    if project == "alpha":
        _add_books(tx)
    tx.area("charges").add(make.make_charge(project))
    add_invoice(tx, project, client)


def _add_delegations(tx: Transaction) -> None:
    """That are over."""
    for person, deputy in (("ann", "bob"), ("bob", "ann")):
        days = DateInterval(date(2020, 1, 1), date(2020, 2, 1))
        value = Delegation(id=DelegationId(f"delegation-{person}"), person_id=PersonId(person), deputy_id=PersonId(deputy), period=days)
        tx.area("delegations").add(value)


def make_ended_plan(application: Application) -> str:
    """A plan that was cancelled before it had a result."""
    now = datetime.now(UTC)
    with application.store.begin(LOCAL, now=now) as tx:
        plan = Plan(
            id=PlanId("the-plan"),
            state=PlanState.CANCELLED,
            request=request_to_json(make.make_request()),
            actor_id=ActorId("local"),
            created_at=now - timedelta(minutes=1),
            finished_at=now,
        )
        return tx.plans.add(plan).id


def make_decided_set(application: Application, plan_id: str) -> None:
    """A rebalance policy, and a change set that came to nothing."""
    with application.store.begin(LOCAL) as tx:
        policy = tx.area("rebalance_policies").add(RebalancePolicy(id=RebalancePolicyId("nightly"), name="Nightly"))
        tx.area("change_sets").add(
            ChangeSet(
                id=ChangeSetId("the-set"),
                policy_id=policy.id,
                policy_version=1,
                state=ChangeSetState.FAILED,
                actor_id=ActorId("local"),
                created_at=datetime.now(UTC),
                plan_id=PlanId(plan_id),
                base_plan_id=PlanId(plan_id),
                failure_code="job.failed",
            )
        )


def somebody(application: Application, name: str, **more: Any) -> Who:
    """A fresh user of ``ROLES``."""
    user = create_user(application.store, actor=LOCAL, user=make_user(**{**ROLES[name], **more}), now=datetime.now(UTC))
    return Who(user=user, headers=bearer(application, user))


def load_two_people(application: Application) -> None:
    """Two people, and a demand for each of which one asks for what nobody has."""
    with application.store.begin(LOCAL) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        for skill in (make.make_skill(), make.make_skill("java")):
            tx.skills.add(skill)
        for person in (make.make_person(), make.make_person("bob")):
            tx.people.add(person)
        tx.projects.add(make.make_project())
        tx.demands.add(make.make_demand("lead"))
        tx.demands.add(make.make_demand("expert", requires={"java": 3}))

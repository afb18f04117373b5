"""Identifiers: opaque strings, one type per thing."""

from __future__ import annotations

import uuid
from typing import NewType

ActorId = NewType("ActorId", str)
SkillId = NewType("SkillId", str)
CalendarId = NewType("CalendarId", str)
PersonId = NewType("PersonId", str)
AbsenceId = NewType("AbsenceId", str)
AbsenceKindId = NewType("AbsenceKindId", str)
AbsenceRequestId = NewType("AbsenceRequestId", str)
ClientId = NewType("ClientId", str)
ProjectId = NewType("ProjectId", str)
DemandId = NewType("DemandId", str)
BookingId = NewType("BookingId", str)
BillRateId = NewType("BillRateId", str)
ExchangeRateId = NewType("ExchangeRateId", str)
TaskId = NewType("TaskId", str)
TemplateId = NewType("TemplateId", str)
TimeEntryId = NewType("TimeEntryId", str)
ActivityTypeId = NewType("ActivityTypeId", str)
TimePolicyId = NewType("TimePolicyId", str)
ExpenseCategoryId = NewType("ExpenseCategoryId", str)
ExpenseId = NewType("ExpenseId", str)
ReceiptId = NewType("ReceiptId", str)
PlanId = NewType("PlanId", str)
ScenarioId = NewType("ScenarioId", str)
UserId = NewType("UserId", str)
RebalancePolicyId = NewType("RebalancePolicyId", str)
ChangeSetId = NewType("ChangeSetId", str)
DelegationId = NewType("DelegationId", str)
PeriodLockId = NewType("PeriodLockId", str)
ChangeOrderId = NewType("ChangeOrderId", str)
BudgetId = NewType("BudgetId", str)
BudgetAlertId = NewType("BudgetAlertId", str)
ContractId = NewType("ContractId", str)
ChargeId = NewType("ChargeId", str)
TaxCodeId = NewType("TaxCodeId", str)
LegalEntityId = NewType("LegalEntityId", str)
ClientAccountId = NewType("ClientAccountId", str)
InvoiceId = NewType("InvoiceId", str)
PaymentId = NewType("PaymentId", str)
ClosedMonthId = NewType("ClosedMonthId", str)
OpeningId = NewType("OpeningId", str)
AdjustmentId = NewType("AdjustmentId", str)


def new_id() -> str:
    """A fresh random identifier."""
    return str(uuid.uuid4())

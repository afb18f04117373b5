"""Runs that draft invoices, what they would draft, and what was never billed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from api.schemas.fields import Day, Id, Instant, Integer, Schema
from api.schemas.invoices import AllowanceRead, BillingWrite, InvoiceItemRead, InvoiceLineRead, TaxRead, shown_parts
from api.schemas.jobs import shown_failure
from api.schemas.lists import Word
from api.schemas.plans import FailureShape
from scheduler.domain.billing.contract_work import LeftReason
from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.billing.runs import RunScope
from scheduler.domain.ground.ids import ClientId, ContractId, LegalEntityId
from scheduler.domain.ground.jobs import JobState
from scheduler.domain.ground.paging import LIMIT_MAX, PageRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.domain.billing.contract_work import Finding
    from scheduler.domain.billing.run_progress import InvoiceRun
    from scheduler.queries.invoice_proposals import Proposal, Proposals
    from scheduler.queries.unbilled import Leak

IDS_MAX = 10_000


class InvoiceRunWrite(BillingWrite):
    """What a run bills: everything up to and with a day, of all contracts or of those that are named."""

    until: Annotated[Day, Field(description="The last day that is billed.")]
    since: Annotated[Day | None, Field(description="The first one; null: ever.")] = None
    legal_entity_id: Id | None = None
    client_ids: Annotated[list[Id], Field(max_length=IDS_MAX, description="Empty: all.", default_factory=list)]
    contract_ids: Annotated[list[Id], Field(max_length=IDS_MAX, description="Empty: all.", default_factory=list)]

    def to_value(self) -> RunScope:
        """As the domain knows it. Raises DomainError."""
        return RunScope(
            until=self.until,
            since=self.since,
            legal_entity_id=None if self.legal_entity_id is None else LegalEntityId(self.legal_entity_id),
            client_ids=frozenset(ClientId(one) for one in self.client_ids),
            contract_ids=frozenset(ContractId(one) for one in self.contract_ids),
        )


class FindingRead(Schema):
    """Something that whoever bills should know."""

    code: str
    message: str
    facts: dict[str, Any]


class LeftRead(Schema):
    """Something that is not billed, and why."""

    kind: ItemKind
    source_id: str
    day: Day
    reason: LeftReason
    detail: str
    minutes: Integer | None


class ProposalRead(Schema):
    """What would be drafted of contracts that go together; without lines: nothing. Amounts in minor units of ``currency``."""

    contract_ids: list[Id]
    client_id: Id | None
    currency: str | None
    net_minor: Integer
    tax_minor: Integer
    gross_minor: Integer
    lines: list[InvoiceLineRead]
    allowances: list[AllowanceRead]
    taxes: list[TaxRead]
    items: list[InvoiceItemRead]
    findings: list[FindingRead]
    left: list[LeftRead]


class RunOutcomeRead(Schema):
    """What came of contracts that go together: a draft, or nothing, and what should be known."""

    contract_ids: list[Id]
    invoice_id: Id | None
    findings: list[FindingRead]


class InvoiceRunRead(Schema):
    """A run: what was asked, how far it is, and what came of it. The id is the job's too, which cancels it; a dry run has none."""

    id: Id | None
    is_dry: bool
    state: JobState
    request: dict[str, Any]
    created_at: Instant | None
    started_at: Instant | None
    finished_at: Instant | None
    total: Annotated[Integer | None, Field(description="How many invoices there may be; null before it has begun.")]
    done: Integer
    failure: FailureShape | None
    outcomes: list[RunOutcomeRead]
    proposals: Annotated[list[ProposalRead], Field(description="Of a dry run; at most 200.")]


class InvoiceRunList(Schema):
    """Runs."""

    state: JobState | None = None
    sort: Annotated[Word | None, Field(description="A field of the list, with a minus in front for descending order.")] = None
    cursor: Annotated[str | None, Field(max_length=2000)] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = 100

    def page_request(self) -> PageRequest:
        """As the store knows it."""
        filters = {} if self.state is None else {"state": self.state.value}
        return PageRequest(sort=self.sort, filters=filters, cursor=self.cursor, limit=self.limit)


class UnbilledQuery(Schema):
    """How long it may take until work is on an invoice."""

    days: Annotated[int, Field(ge=0, le=3_660, description="Days after it was worked or spent.")] = 30


class LeakRead(Schema):
    """What of a contract, or of a project without one, is on no invoice; ``billable_minor`` before tax, by reason how many."""

    project_id: Id
    contract_id: Id | None
    currency: str | None
    count: Annotated[Integer, Field(description="Entries, expenses, charges and months.")]
    minutes: Integer
    oldest: Day
    billable_minor: Annotated[Integer, Field(description="What a run would bill of it now.")]
    reasons: Annotated[dict[str, int], Field(description="`not_drafted` where nothing stands in the way.")]


class UnbilledRead(Schema):
    """Everything that could have been billed by then, oldest first."""

    items: list[LeakRead]


def shown_run(run: InvoiceRun) -> InvoiceRunRead:
    """As HTTP shows it."""
    job, groups = run.job, run.groups
    outcomes = [
        RunOutcomeRead.model_construct(
            contract_ids=list((groups or ())[one.position]),
            invoice_id=one.invoice_id,
            findings=[FindingRead.model_construct(**finding) for finding in one.findings],
        )
        for one in run.outcomes
    ]
    return InvoiceRunRead.model_construct(
        id=run.id,
        is_dry=False,
        state=job.state,
        request={name: value for name, value in run.request.items() if name != "with_costs"},
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        total=None if groups is None else len(groups),
        done=run.done,
        failure=shown_failure(job),
        outcomes=outcomes,
        proposals=[],
    )


def shown_proposals(found: Proposals, body: InvoiceRunWrite) -> InvoiceRunRead:
    """What a run would draft, as HTTP shows it."""
    return InvoiceRunRead.model_construct(
        id=None,
        is_dry=True,
        state=JobState.SUCCEEDED,
        request=body.model_dump(mode="json"),
        created_at=None,
        started_at=None,
        finished_at=None,
        total=found.groups,
        done=0,
        failure=None,
        outcomes=[],
        proposals=[_proposal(one) for one in found.proposals],
    )


def shown_unbilled(found: Iterable[Leak]) -> UnbilledRead:
    """As HTTP shows it."""
    rows = [LeakRead.model_construct(**{name: getattr(one, name) for name in LeakRead.model_fields}) for one in found]
    return UnbilledRead.model_construct(items=rows)


def _proposal(one: Proposal) -> ProposalRead:
    head = one.invoice
    sums: dict[str, Any] = {name: 0 if head is None else getattr(head, name) for name in ("net_minor", "tax_minor", "gross_minor")}
    empty: dict[str, Any] = {"lines": [], "allowances": [], "taxes": [], "items": []}
    return ProposalRead.model_construct(
        contract_ids=list(one.contract_ids),
        client_id=None if head is None else head.client_id,
        currency=None if head is None else head.currency,
        **sums,
        **(empty if one.parts is None else shown_parts(one.parts)),
        findings=[_finding(finding) for finding in one.findings],
        left=[LeftRead.model_construct(**{name: getattr(left, name) for name in LeftRead.model_fields}) for left in one.left],
    )


def _finding(finding: Finding) -> FindingRead:
    return FindingRead.model_construct(code=finding.code, message=finding.message, facts=dict(finding.facts))

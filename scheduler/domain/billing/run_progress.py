"""A run that drafts invoices in the background, one transaction for each, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.runs import RunScope
from scheduler.domain.ground.ids import ClientId, ContractId, LegalEntityId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.jobs import JobRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What came of one group of contracts."""

    position: int
    invoice_id: str | None
    findings: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRun:
    """One run with the job that does it; its id is the job's."""

    job: JobRecord
    request: Mapping[str, Any]
    groups: tuple[tuple[str, ...], ...] | None = None
    """Contracts by invoice; ``None`` before it has begun."""
    done: int = 0
    """How many of the groups are done."""
    outcomes: tuple[RunOutcome, ...] = ()

    @property
    def id(self) -> str:
        """The job's id too."""
        return self.job.id


def scope_to_json(scope: RunScope, *, with_costs: bool) -> dict[str, Any]:
    """What was asked, to be kept; ``with_costs``: whether contracts that bill costs are billed too."""
    return {
        "until": scope.until.isoformat(),
        "since": None if scope.since is None else scope.since.isoformat(),
        "legal_entity_id": scope.legal_entity_id,
        "client_ids": sorted(scope.client_ids),
        "contract_ids": sorted(scope.contract_ids),
        "with_costs": with_costs,
    }


def scope_from_json(request: Mapping[str, Any]) -> RunScope:
    """The inverse."""
    return RunScope(
        until=date.fromisoformat(request["until"]),
        since=None if request["since"] is None else date.fromisoformat(request["since"]),
        legal_entity_id=None if request["legal_entity_id"] is None else LegalEntityId(request["legal_entity_id"]),
        client_ids=frozenset(ClientId(one) for one in request["client_ids"]),
        contract_ids=frozenset(ContractId(one) for one in request["contract_ids"]),
    )

"""What stands on an invoice as it was before the invoice was drafted: for whoever bills it once more and compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.domain.billing.contract_work import Finding
from scheduler.domain.billing.invoices import ItemKind
from scheduler.domain.billing.months import last_day, month_of
from scheduler.domain.billing.runs import Billed
from scheduler.store.billable_work import expenses_of, time_of
from scheduler.store.contract_work import NO_CLIENT, WorkReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from scheduler.domain.billing.contracts import Contract
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.ground.billable import BillableItem
    from scheduler.store.view import View


class StandingWork(WorkReader):
    """Reads what stood on a document, from the rows of the instant before it was drafted."""

    def __init__(self, before: View, parts: InvoiceParts) -> None:
        super().__init__(before)
        self._before = before
        self._parts = parts

    def billed_again(self) -> tuple[Billed | Finding, ...]:
        """What comes of each contract, in the order in which they were billed."""
        ids = sorted({line.contract_id for line in self._parts.lines if line.contract_id is not None})
        return tuple(self._again(contract) for contract in self._before.area("contracts").many(ids))

    def _again(self, contract: Contract) -> Billed | Finding:
        side = self.side(contract)
        if side is None:
            return Finding(code=NO_CLIENT, message="the contract's project had no client")
        days = [item.day for item in self._parts.items]
        charges = self._before.area("charges").many(self._sources(ItemKind.CHARGE))
        # To the end of the last month: what is not on the document is left out by name, and not by its day.
        last = max([*days, *(charge.due_on for charge in charges), contract.starts_on])
        return self.billed(contract, side, until=last_day(month_of(last)), only=frozenset(item.source_id for item in self._parts.items))

    def _sources(self, kind: ItemKind) -> list[str]:
        return [item.source_id for item in self._parts.items if item.kind is kind]

    def _open_time(self, contract: Contract, **_days: date | None) -> Iterable[BillableItem]:
        return time_of(self._before, contract.project_id, self._sources(ItemKind.TIME_ENTRY))

    def _open_expenses(self, contract: Contract, **_days: date | None) -> Sequence[str]:
        return expenses_of(self._before, contract.project_id, self._sources(ItemKind.EXPENSE))

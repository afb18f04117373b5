"""
How long it takes to invoice 100,000 approved entries, files included, and how much memory that needs.

``python -m benchmarks.invoicing`` fills a SQLite file, ``--database URL`` an empty PostgreSQL database. It drafts an invoice for each contract
as a month-end run does, begun again once half-way, then approves and issues all of them with PDF, CII and UBL, and verifies the books.
``--drafts`` issues nothing. It ends with 1 when drafting and issuing take longer than the target, when an entry is billed never or twice, or
when the books are not what follows from their rows.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.billing.contracts import Contract, ContractKind
from scheduler.domain.billing.parties import Address, ClientAccount, LegalEntity
from scheduler.domain.billing.runs import RunScope
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.bill_rates import BillRate
from scheduler.domain.ground.ids import (
    BillRateId,
    CalendarId,
    ClientAccountId,
    ClientId,
    ContractId,
    LegalEntityId,
    PersonId,
    ProjectId,
    TaxCodeId,
    TimeEntryId,
)
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.staffing.people import Calendar, Employment, Person, Term
from scheduler.domain.staffing.work import Client, Firm, Project
from scheduler.jobs.draft_invoices import DraftInvoices
from scheduler.jobs.engine import JobInterrupted
from scheduler.queries.ledger_verify import verify_ledger
from scheduler.store.areas.time import TIME_ENTRY_AREA
from scheduler.store.tables.base import TWINS
from scheduler.store.tables.invoices import INVOICE_ITEMS
from scheduler.store.tables.time import TIME_ENTRIES
from scheduler.usecases.invoice_issue import issue_invoice
from scheduler.usecases.invoice_runs import request_invoice_run
from scheduler.usecases.invoices import approve_invoice

if TYPE_CHECKING:
    from scheduler.store import Store

TARGET_S = 60.0
FIRST = date(2026, 3, 1)
UNTIL = date(2026, 3, 31)
PEOPLE = 200
_AT_ONCE = 5_000


def fill(store: Store, *, entries: int, contracts: int) -> None:
    """A firm of 200 people with one contract for each project, and its approved time of a month."""
    with store.begin(LOCAL) as tx:
        tx.firm.save(Firm(name="Firm", currency="EUR", shadow_rate=Decimal(40)))
        calendar = tx.calendars.add(Calendar(id=CalendarId("plain"), name="plain"))
        rates = (TaxRate(valid_from=date(2020, 1, 1), percent=Decimal(19)),)
        tax = tx.area("tax_codes").add(TaxCode(id=TaxCodeId("vat"), name="VAT", category=TaxCategory.STANDARD, rates=rates))
        address = Address(line1="Weg 1", postcode="10115", city="Berlin", country="DE")
        entity = LegalEntity(id=LegalEntityId("firm"), name="Firm", address=address, vat_id="DE123456789", tax_code_id=tax.id)
        tx.area("legal_entities").add(entity)
        tx.bill_rates.add(BillRate(id=BillRateId("all"), rate=Decimal("87.5")))
        week = (480, 480, 480, 480, 480, 0, 0)
        term = Term(
            period=DateInterval(date(2020, 1, 1)),
            employment=Employment.EMPLOYEE,
            calendar_id=calendar.id,
            weekly_minutes=week,
            cost_rate=Decimal(50),
        )
        for n in range(PEOPLE):
            tx.people.add(Person(id=PersonId(f"p{n}"), name=f"Person {n}", terms=(term,)))
        for n in range(contracts):
            client = tx.clients.add(Client(id=ClientId(f"c{n}"), name=f"Client {n}"))
            tx.area("client_accounts").add(
                ClientAccount(id=ClientAccountId(f"a{n}"), client_id=client.id, name=client.name, address=address)
            )
            project = tx.projects.add(Project(id=ProjectId(f"j{n}"), name=f"Project {n}", client_id=client.id))
            tx.area("contracts").add(
                Contract(
                    id=ContractId(f"k{n}"),
                    project_id=project.id,
                    name=project.name,
                    kind=ContractKind.TIME_AND_MATERIALS,
                    currency="EUR",
                    legal_entity_id=entity.id,
                    starts_on=date(2026, 1, 1),
                )
            )
    _fill_time(store, entries=entries, contracts=contracts)
    store.refresh_statistics()  # as an import does


def _fill_time(store: Store, *, entries: int, contracts: int) -> None:
    with store.engine.begin() as connection:
        for start in range(0, entries, _AT_ONCE):
            rows = [
                TIME_ENTRY_AREA.to_row(
                    TimeEntry(
                        id=TimeEntryId(f"e{n}"),
                        person_id=PersonId(f"p{n // contracts % PEOPLE}"),
                        project_id=ProjectId(f"j{n % contracts}"),
                        work_date=FIRST + timedelta(days=n // contracts % 31),
                        minutes=15 + n % 120,
                        state=LineState.APPROVED,
                        version=1,
                    )
                )
                for n in range(start, min(entries, start + _AT_ONCE))
            ]
            connection.execute(insert(TIME_ENTRIES), rows)
            versions = [{**row, "recorded_from": datetime.combine(FIRST, datetime.min.time(), UTC), "recorded_to": None} for row in rows]
            connection.execute(insert(TWINS[TIME_ENTRIES.name]), versions)


class _Half(threading.Event):
    """Stops a run after so many groups."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self._left = groups

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def draft(application: Application, *, contracts: int) -> float:
    """Seconds that the run takes, stopped half-way and begun again."""
    run = request_invoice_run(application.store, actor=LOCAL, scope=RunScope(until=UNTIL), now=datetime.now(UTC))
    handler = DraftInvoices(store=application.store)
    began = time.perf_counter()
    try:
        handler.run(run.id, _Half(contracts // 2))
    except JobInterrupted:
        handler.run(run.id, threading.Event())
    return time.perf_counter() - began


def issue_all(application: Application) -> float:
    """Seconds that approving and issuing with files take."""
    store = application.store
    with store.read(LOCAL) as view:
        made = view.area("invoices").all()
    began = time.perf_counter()
    for one in made:
        now = datetime.now(UTC)
        approved = approve_invoice(store, actor=LOCAL, invoice_id=one.id, expected_version=one.version, now=now)
        files_of = application.invoice_files
        issue_invoice(store, actor=LOCAL, invoice_id=one.id, expected_version=approved.version, files_of=files_of, now=now)
    return time.perf_counter() - began


def billed_once(store: Store, *, entries: int) -> bool:
    """Whether every entry stands on one invoice that counts."""
    with store.engine.connect() as connection:
        live = select(func.count(), func.count(INVOICE_ITEMS.c.source_id.distinct())).where(INVOICE_ITEMS.c.is_live)
        return tuple(connection.execute(live).one()) == (entries, entries)


def main() -> int:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="an empty PostgreSQL database; without it a SQLite file")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--contracts", type=int, default=100)
    parser.add_argument("--drafts", action="store_true", help="issue nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'invoicing.db'}"
        application = Application(Settings(database_url=url, data_dir=Path(folder)))
        application.migrate()
        store = application.store
        fill(store, entries=options.entries, contracts=options.contracts)
        before = _memory_mb()
        seconds = draft(application, contracts=options.contracts)
        print(
            f"{store.engine.dialect.name}: {options.entries:,} entries on {options.contracts:,} invoices: drafted in {seconds:.1f} s",
            flush=True,
        )
        if not options.drafts:
            issued = issue_all(application)
            seconds += issued
            print(f"approved and issued with files in {issued:.1f} s; {seconds:.1f} s in all, target {TARGET_S:.0f} s")
        is_whole = billed_once(store, entries=options.entries)
        print(f"memory {before:.0f} MB before, {_memory_mb():.0f} MB at most; each entry billed once: {is_whole}", flush=True)
        began = time.perf_counter()
        found = verify_ledger(store, actor=LOCAL)
        print(f"verified in {time.perf_counter() - began:.1f} s; first difference: {found.difference}", flush=True)
        application.stop()
    return int(not is_whole or not found.holds or (not options.drafts and seconds > TARGET_S))


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())

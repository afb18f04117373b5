"""A firm that bills: Ann and Bob work on Alpha (a capped contract on request) and Beta for Acme, on Gamma for Globex."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.domain.billing.contracts import Contract, ContractKind
from scheduler.domain.billing.invoices import PaymentKind
from scheduler.domain.billing.parties import Address, ClientAccount, LegalEntity
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.ids import (
    ClientAccountId,
    ClientId,
    ContractId,
    InvoiceId,
    LegalEntityId,
    PersonId,
    ProjectId,
    TaxCodeId,
    TimeEntryId,
    UserId,
)
from scheduler.domain.ground.permissions import Role
from scheduler.domain.ground.users import User
from scheduler.store.invoices import InvoiceRows
from scheduler.usecases.credit_notes import credit_invoice
from scheduler.usecases.invoice_drafts import draft_invoice
from scheduler.usecases.invoice_issue import issue_invoice
from scheduler.usecases.invoices import approve_invoice, void_invoice
from scheduler.usecases.payments import record_payment
from tests import factories as make

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scheduler.domain.billing.documents import InvoiceDocument
    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.billing.settlement import PaymentState
    from scheduler.store import Store, Transaction

NOW = datetime(2027, 4, 1, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
UNTIL = date(2027, 3, 31)
PROJECTS = {"alpha": "acme", "beta": "acme", "gamma": "globex"}
FINANCE = User(id=UserId("user-fin"), login="fin", name="Fin", role=Role.FINANCE).actor(credential_id="test-fin")


def make_entity(**changes: Any) -> LegalEntity:
    base: dict[str, Any] = {
        "id": LegalEntityId("firm"),
        "name": "Acme Advisers GmbH",
        "address": Address(line1="Weg 1", postcode="10115", city="Berlin", country="DE"),
        "vat_id": "DE123456789",
        "iban": "DE02120300000000202051",
        "tax_code_id": TaxCodeId("vat"),
    }
    return LegalEntity(**{**base, **changes})


def make_account(client: str = "acme", **changes: Any) -> ClientAccount:
    base: dict[str, Any] = {
        "id": ClientAccountId(f"account-{client}"),
        "client_id": ClientId(client),
        "name": f"{client.title()} Ltd",
        "address": Address(line1="High Street 7", postcode="20095", city="Hamburg", country="DE"),
    }
    return ClientAccount(**{**base, **changes})


def make_contract(project: str = "alpha", **changes: Any) -> Contract:
    """Time and materials in EUR; the id is ``c-`` and the project."""
    base: dict[str, Any] = {
        "id": ContractId(f"c-{project}"),
        "project_id": ProjectId(project),
        "name": project.title(),
        "kind": ContractKind.TIME_AND_MATERIALS,
        "currency": "EUR",
        "legal_entity_id": LegalEntityId("firm"),
        "starts_on": date(2027, 1, 1),
    }
    return Contract(**{**base, **changes})


def make_tax_code(**changes: Any) -> TaxCode:
    rates = (TaxRate(valid_from=date(2020, 1, 1), percent=Decimal(19)),)
    return TaxCode(**{"id": TaxCodeId("vat"), "name": "VAT", "category": TaxCategory.STANDARD, "rates": rates, **changes})


def make_entry(name: str, *, project: str = "alpha", person: str = "ann", day: int = 0, minutes: int = 60, **changes: Any) -> TimeEntry:
    """Approved and billable, on a day of March from its first on."""
    base: dict[str, Any] = {
        "id": TimeEntryId(name),
        "person_id": PersonId(person),
        "project_id": ProjectId(project),
        "work_date": make.MONDAY + timedelta(days=day),
        "minutes": minutes,
        "state": LineState.APPROVED,
    }
    return TimeEntry(**{**base, **changes})


def fill(store: Store, *, alpha: Contract | None = None, entity: LegalEntity | None = None, starts_on: date = date(2027, 1, 1)) -> None:
    """The firm without time: rates 100 for everybody, 19 % tax, a contract for each project."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        for name in ("ann", "bob"):
            tx.people.add(make.make_person(name))
        tx.area("tax_codes").add(make_tax_code())
        tx.area("legal_entities").add(entity or make_entity())
        for client in ("acme", "globex"):
            tx.clients.add(make.make_client(client))
            tx.area("client_accounts").add(make_account(client))
        for project, client in PROJECTS.items():
            tx.projects.add(make.make_project(project, client_id=ClientId(client)))
            contract = alpha if alpha is not None and project == "alpha" else make_contract(project, starts_on=starts_on)
            tx.area("contracts").add(contract)
        tx.bill_rates.add(make.make_bill_rate(100))


def log(store: Store, *entries: TimeEntry) -> None:
    """Keep entries as they are."""
    with store.begin(LOCAL, now=NOW) as tx:
        add_entries(tx, entries)


def add_entries(tx: Transaction, entries: Sequence[TimeEntry]) -> None:
    for entry in entries:
        tx.area("time_entries").add(entry)


def files_of(document: InvoiceDocument) -> dict[str, bytes]:
    """In place of a rendered file: what it would say."""
    return {"pdf": repr(document).encode()}


def draft(store: Store, *projects: str, **more: Any) -> Invoice:
    """A draft of contracts."""
    ids = [f"c-{project}" for project in projects or ("alpha",)]
    return draft_invoice(store, contract_ids=ids, **{"actor": FINANCE, "until": UNTIL, "now": NOW, **more})


def approve(store: Store, invoice: Invoice) -> Invoice:
    return approve_invoice(store, actor=FINANCE, invoice_id=invoice.id, expected_version=invoice.version, now=NOW)


def issue(store: Store, invoice: Invoice, **more: Any) -> Invoice:
    """Approved on the way."""
    approved = approve(store, invoice)
    given = {"files_of": files_of, "now": NOW, **more}
    return issue_invoice(store, actor=FINANCE, invoice_id=invoice.id, expected_version=approved.version, **given)


def credit(store: Store, invoice: Invoice, **more: Any) -> Invoice:
    """The draft of a credit note."""
    current = invoice_of(store, invoice.id)
    given = {"reason": "Wrong", "now": NOW, **more}
    return credit_invoice(store, actor=FINANCE, invoice_id=invoice.id, expected_version=current.version, **given)


def invoice_of(store: Store, invoice_id: InvoiceId | str) -> Invoice:
    with store.read(LOCAL) as view:
        found: Invoice = view.area("invoices").get(invoice_id)
        return found


def parts_of(store: Store, invoice_id: str) -> InvoiceParts:
    with store.read(LOCAL) as view:
        return InvoiceRows(view.connection).parts(invoice_id)


def refused(act: Callable[..., object], *args: Any, **kwargs: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act(*args, **kwargs)
    return caught.value


def pay(store: Store, invoice: Invoice, amount_minor: int, kind: PaymentKind = PaymentKind.PAYMENT, **more: Any) -> object:
    given = {"paid_on": TODAY, "now": NOW, **more}
    return record_payment(store, actor=FINANCE, invoice_id=invoice.id, kind=kind, amount_minor=amount_minor, **given)


def state_of(store: Store, invoice: Invoice) -> tuple[PaymentState, int]:
    with store.read(LOCAL) as view:
        found = InvoiceRows(view.connection).settlements([invoice_of(store, invoice.id)])[invoice.id]
    return found.state, found.open_minor


def void(store: Store, invoice: Invoice, **more: Any) -> Invoice:
    version = invoice_of(store, invoice.id).version
    return void_invoice(store, actor=FINANCE, invoice_id=invoice.id, expected_version=version, **{"reason": "Wrong", "now": NOW, **more})

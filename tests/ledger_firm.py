"""
A firm with books: Alpha is billed by time in EUR, Beta has a fixed price, Gamma is billed by time in USD; all for Acme, and Ann does the work.

The firm's currency is EUR; a dollar is worth 0.90 in January and 0.80 from February on. Ann costs 50 an hour and is billed at 100.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.charges import Charge, ChargeKind, ChargeState
from scheduler.domain.billing.content import chained, content_sha256
from scheduler.domain.billing.contracts import Contract, ContractKind
from scheduler.domain.billing.crediting import Credits, WantedCredit
from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoice_parts import InvoiceParts, summed
from scheduler.domain.billing.invoices import (
    Invoice,
    InvoiceItem,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    ItemKind,
    LineKind,
    Payment,
    PaymentKind,
)
from scheduler.domain.billing.parties import Address, LegalEntity
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from scheduler.domain.delivery.line_states import LineState
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.exchange import ExchangeRate
from scheduler.domain.ground.ids import (
    ChargeId,
    ClientId,
    ContractId,
    ExchangeRateId,
    InvoiceId,
    LegalEntityId,
    PaymentId,
    PersonId,
    ProjectId,
    TaxCodeId,
    TimeEntryId,
)
from scheduler.domain.ground.money import Money, round_half_up
from scheduler.domain.staffing.work import ContractKind as ProjectContract
from scheduler.store.invoices import InvoiceRows
from scheduler.store.number_series import keep_number, next_number
from tests import factories as make

if TYPE_CHECKING:
    from scheduler.store import Store, Transaction

JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))
NOW = datetime(2025, 4, 1, 9, 0, tzinfo=UTC)
"""The day after the first quarter."""
REACHED = date(2025, 1, 25)
"""When the milestone of Beta was."""
CURRENCIES = {"alpha": "EUR", "beta": "EUR", "gamma": "USD"}


def make_books(store: Store) -> None:
    """The firm, its three contracts, and the milestones of Beta, of which one of 4,000.00 was reached in January; 6,000.00 are to come."""
    with store.begin(LOCAL, now=NOW) as tx:
        tx.firm.save(make.make_firm())
        tx.calendars.add(make.make_calendar())
        tx.skills.add(make.make_skill())
        tx.people.add(make.make_person())
        tx.clients.add(make.make_client("acme"))
        accounts = {"receivable": "1400", "revenue": "8400", "tax:S 19": "1776"}
        tax = TaxRate(valid_from=date(2020, 1, 1), percent=Decimal(19))
        code = TaxCode(id=TaxCodeId("vat"), name="VAT", category=TaxCategory.STANDARD, rates=(tax,))
        tx.area("tax_codes").add(code)
        entity = LegalEntity(
            id=LegalEntityId("firm"), name="Acme Advisers GmbH", address=Address(country="DE"), accounts=accounts, tax_code_id=code.id
        )
        tx.area("legal_entities").add(entity)
        for rate, day in (("0.9", JAN), ("0.8", FEB)):
            value = ExchangeRate(id=ExchangeRateId(str(day)), currency="USD", day=day, rate=Decimal(rate), source="ECB")
            tx.area("exchange_rates").add(value)
        for currency in ("EUR", "USD"):
            tx.bill_rates.add(make.make_bill_rate(100, rate_id=f"rate-{currency}", currency=currency))
        for name, currency in CURRENCIES.items():
            fixed = {"contract": ProjectContract.FIXED_PRICE, "contract_value_minor": 1_000_000} if name == "beta" else {}
            tx.projects.add(make.make_project(name, client_id=ClientId("acme"), **fixed))
            kind = ContractKind.FIXED_PRICE if name == "beta" else ContractKind.TIME_AND_MATERIALS
            tx.area("contracts").add(make_contract(name, kind=kind, currency=currency))
        for name, amount, reached in (("design", 400_000, REACHED), ("build", 600_000, None)):
            tx.area("charges").add(make_milestone(name, amount, reached=reached))


def fill_books(store: Store) -> None:
    """
    Alpha: 10 h in January, of which 4 h are billed then and 6 h in February, with 5 h of February.

    Gamma: 20 h in January (2,000.00 USD), billed in February.
    """
    make_books(store)
    for name, day, hours, project in (
        ("a1", date(2025, 1, 11), 4, "alpha"),
        ("a2", date(2025, 1, 12), 6, "alpha"),
        ("a3", date(2025, 2, 3), 5, "alpha"),
        ("g1", date(2025, 1, 13), 20, "gamma"),
    ):
        log_time(store, name, day, hours=hours, project=project)
    issue(store, "i1", date(2025, 1, 29), items={"a1": (date(2025, 1, 11), 4)})
    issue(store, "i2", date(2025, 2, 27), items={"a2": (date(2025, 1, 12), 6), "a3": (date(2025, 2, 3), 5)})
    issue(store, "i3", date(2025, 2, 27), contract="gamma", items={"g1": (date(2025, 1, 13), 20)})


def make_contract(name: str, **terms: Any) -> Contract:
    """A contract of the project of the same name, from 1 January on."""
    ids = {"id": ContractId(name), "project_id": ProjectId(name), "legal_entity_id": LegalEntityId("firm")}
    return Contract(**{"name": name.title(), "starts_on": JAN, "kind": ContractKind.TIME_AND_MATERIALS, "currency": "EUR", **ids, **terms})


def make_milestone(name: str, amount: int, *, reached: date | None = None) -> Charge:
    """A milestone of Beta."""
    return Charge(
        id=ChargeId(name),
        contract_id=ContractId("beta"),
        kind=ChargeKind.MILESTONE,
        name=name.title(),
        due_on=reached or MAR,
        amount_minor=amount,
        state=ChargeState.PLANNED if reached is None else ChargeState.APPROVED,
        approved_on=reached,
    )


def log_time(store: Store, name: str, day: date, *, hours: int = 1, project: str = "alpha") -> str:
    """Approved work of Ann, at 100.00 an hour."""
    with store.begin(LOCAL, now=NOW) as tx:
        entry = make.make_time_entry(project=project, day=day, id=TimeEntryId(name), minutes=60 * hours, state=LineState.APPROVED)
        tx.area("time_entries").add(entry)
    return name


def issue(
    store: Store,
    name: str,
    day: date,
    *,
    contract: str = "alpha",
    items: dict[str, tuple[date, int]] | None = None,
    charges: dict[str, int] | None = None,
    credits_id: str | None = None,
    amount: int = 0,
    due_days: int = 30,
) -> Invoice:
    """
    Issue a document with 19 % of tax.

    ``items``: entries with their days and hours, at 100.00 each; ``charges``: milestones with amounts; ``amount``: what a credit note gives back.
    """
    lines, stands = _lines(contract, items or {}, charges or {})
    with store.begin(LOCAL, now=NOW) as tx:
        if credits_id is not None:
            wanted = [WantedCredit(position=1, amount_minor=amount)]
            lines = Credits(InvoiceRows(tx.connection).parts(credits_id), [], currency=CURRENCIES[contract]).credit(wanted).lines
        parts, sums = summed(InvoiceParts(lines=lines, items=stands), {})
        kind = InvoiceKind.INVOICE if credits_id is None else InvoiceKind.CREDIT_NOTE
        draft = Invoice(
            id=InvoiceId(name),
            kind=kind,
            state=InvoiceState.ISSUED,
            legal_entity_id=LegalEntityId("firm"),
            client_id=ClientId("acme"),
            currency=CURRENCIES[contract],
            net_minor=sums.net_minor,
            tax_minor=sums.tax_minor,
            gross_minor=sums.gross_minor,
            period_start=parts.period[0],
            period_end=parts.period[1],
            contract_id=ContractId(contract),
            credits_id=None if credits_id is None else InvoiceId(credits_id),
            issued_on=day,
            due_on=day + timedelta(days=due_days),
            home_currency="EUR",
        )
        issued = _numbered(tx, _at_home(draft), parts)
        tx.area("invoices").add(issued)
        InvoiceRows(tx.connection).put(name, parts)
    return issued


def _lines(
    contract: str, items: dict[str, tuple[date, int]], charges: dict[str, int]
) -> tuple[tuple[InvoiceLine, ...], tuple[InvoiceItem, ...]]:
    about = {
        "tax_category": TaxCategory.STANDARD,
        "tax_percent": Decimal(19),
        "contract_id": ContractId(contract),
        "project_id": ProjectId(contract),
    }
    lines: list[InvoiceLine] = []
    stands: list[InvoiceItem] = []
    if items:
        hours = sum(count for _, count in items.values())
        days = [day for day, _ in items.values()]
        worked: dict[str, Any] = {"person_id": PersonId("ann"), "service_from": min(days), "service_until": max(days)}
        lines.append(_line(LineKind.TIME, LineUnit.MINUTE, hours * 60, Decimal(100), hours * 10_000, {**about, **worked}))
        for source, (day, count) in items.items():
            stands.append(
                InvoiceItem(
                    position=1,
                    kind=ItemKind.TIME_ENTRY,
                    source_id=source,
                    day=day,
                    net_minor=count * 10_000,
                    person_id=PersonId("ann"),
                    minutes=count * 60,
                    billed_minutes=count * 60,
                )
            )
    for source, net in charges.items():
        reached: dict[str, Any] = {"service_from": REACHED, "service_until": REACHED}
        line = _line(LineKind.MILESTONE, LineUnit.PIECE, 1, Decimal(net) / 100, net, {**about, **reached})
        lines.append(replace(line, position=len(lines) + 1))
        stands.append(InvoiceItem(position=len(lines), kind=ItemKind.CHARGE, source_id=source, day=REACHED, net_minor=net))
    return tuple(lines), tuple(stands)


def _line(kind: LineKind, unit: LineUnit, quantity: int, price: Decimal, net: int, about: dict[str, Any]) -> InvoiceLine:  # noqa: PLR0917
    return InvoiceLine(
        position=1, kind=kind, description=kind.value, unit=unit, quantity=quantity, unit_price=price, net_minor=net, **about
    )


def _at_home(invoice: Invoice) -> Invoice:
    rate = Decimal(1) if invoice.currency == "EUR" else Decimal("0.9") if invoice.issued_on < FEB else Decimal("0.8")  # type: ignore[operator]
    net, tax = (
        Money(amount_minor=one, currency=invoice.currency).converted("EUR", rate).amount_minor
        for one in (invoice.net_minor, invoice.tax_minor)
    )
    known: dict[str, Any] = (
        {} if invoice.currency == "EUR" else {"home_rate_on": JAN if rate == Decimal("0.9") else FEB, "home_rate_source": "ECB"}
    )
    return replace(invoice, **known, home_rate=rate, home_net_minor=net, home_tax_minor=tax, home_gross_minor=net + tax)


def _numbered(tx: Transaction, invoice: Invoice, parts: InvoiceParts) -> Invoice:
    series = invoice.kind.value
    sequence, chain = next_number(tx.connection, "firm", series)
    letters = "R" if invoice.kind is InvoiceKind.INVOICE else "G"
    numbered = replace(invoice, series=series, sequence=sequence, number=f"{letters}-{sequence}", issued_at=NOW, issued_by=LOCAL.id)
    content = content_sha256(numbered, parts)
    after = chained(chain, content)
    keep_number(tx.connection, "firm", series, number=sequence, chain_sha256=after)
    return replace(numbered, content_sha256=content, chain_sha256=after)


def void(store: Store, name: str, *, at: datetime) -> None:
    """Make an invoice void, at an instant."""
    with store.begin(LOCAL, now=at) as tx:
        found: Invoice = tx.area("invoices").get(name)
        tx.area("invoices").save(replace(found, state=InvoiceState.VOID, reason="Wrong client"))
        InvoiceRows(tx.connection).release(name)


def pay(store: Store, name: str, invoice: Invoice, day: date, amount: int, *, kind: PaymentKind = PaymentKind.PAYMENT) -> None:
    """Money for an invoice, or what is given up of it, at the rate of the day."""
    rate = Decimal(1) if invoice.currency == "EUR" else Decimal("0.9") if day < FEB else Decimal("0.8")
    with store.begin(LOCAL, now=NOW) as tx:
        tx.area("payments").add(
            Payment(
                id=PaymentId(name),
                invoice_id=invoice.id,
                kind=kind,
                paid_on=day,
                amount_minor=amount,
                home_minor=round_half_up(amount * Fraction(rate)),
            )
        )

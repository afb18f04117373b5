"""An invoice as the value that is printed and sent: its parties as they are now, whether they are complete, and all that it says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.documents import HomeTax, InvoiceDocument, Preceding
from scheduler.domain.billing.invoice_parts import document_allowance, document_line
from scheduler.domain.billing.parties import BankAccount, Party
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scheduler.domain.billing.invoice_parts import InvoiceParts
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.billing.parties import ClientAccount, LegalEntity

    FilesOf = Callable[[InvoiceDocument], Mapping[str, bytes]]
    """Renders a document: the bytes of each file by its kind."""

_BOTH_VAT_IDS = frozenset({TaxCategory.REVERSE_CHARGE, TaxCategory.INTRA_COMMUNITY})
"""Categories under which both sides are known by their VAT ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who sends it and who gets it, with what their records add to the paper."""

    seller: Party
    buyer: Party
    buyer_reference: str | None = None
    order_reference: str | None = None
    intro: str | None = None
    footer: str | None = None
    logo: bytes | None = None

    def as_plain(self) -> dict[str, Any]:
        """What is frozen with the invoice, as plain JSON; the logo is in its files."""
        texts = {name: getattr(self, name) for name in ("buyer_reference", "order_reference", "intro", "footer")}
        return {"seller": _plain(self.seller), "buyer": _plain(self.buyer), **texts}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Parties:
        """As they were when the invoice was issued, without the logo."""
        return cls(**{**plain, "seller": _party_of(plain["seller"]), "buyer": _party_of(plain["buyer"])})


def _party_of(plain: Mapping[str, Any]) -> Party:
    bank = plain.get("bank")
    given = {**plain, "address_lines": tuple(plain.get("address_lines") or ()), "bank": None if bank is None else BankAccount(**bank)}
    return Party(**given)


def parties_of(
    entity: LegalEntity, account: ClientAccount | None, parts: InvoiceParts, *, order_reference: str | None, logo: bytes | None
) -> Parties:
    """Both sides as they are now. Raises DomainError ``invoice.party_incomplete`` with everything that is missing or wrong."""
    needs_vat_ids = any(tax.category in _BOTH_VAT_IDS for tax in parts.taxes)
    faults = [*_missing_of_seller(entity, needs_vat_id=needs_vat_ids), *_missing_of_buyer(account, needs_vat_id=needs_vat_ids)]
    made: dict[str, Party] = {}
    for pointer, one in (("/legal_entity", entity), ("/client_account", account)):
        if one is not None:
            try:
                made[pointer] = _party(one)
            except DomainError as error:
                faults += [fault for fault in error.under(pointer).faults if fault not in faults]
    if faults or account is None:
        detail = "What an invoice has to say of its parties is missing or wrong; see errors, and complete their records."
        raise DomainError(ErrorKind.INVALID, "invoice.party_incomplete", detail, tuple(faults))
    return Parties(
        seller=made["/legal_entity"],
        buyer=made["/client_account"],
        buyer_reference=account.buyer_reference,
        order_reference=order_reference,
        intro=entity.intro,
        footer=entity.footer,
        logo=logo,
    )


def document_of(invoice: Invoice, parts: InvoiceParts, parties: Parties, *, preceding: Invoice | None) -> InvoiceDocument:
    """The value that is rendered; ``preceding``: the invoice that a credit note credits. Raises DomainError ``input.invalid``."""
    if invoice.issued_on is None:
        raise ValueError("only what has a day of issue is printed")
    return InvoiceDocument(
        number=invoice.number,
        kind=invoice.kind,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        currency=invoice.currency,
        seller=parties.seller,
        buyer=parties.buyer,
        lines=tuple(document_line(line) for line in parts.lines),
        allowances=tuple(document_allowance(one) for one in parts.allowances),
        taxes=parts.taxes,
        net_minor=invoice.net_minor,
        tax_minor=invoice.tax_minor,
        gross_minor=invoice.gross_minor,
        period_from=invoice.period_start,
        period_until=invoice.period_end,
        buyer_reference=parties.buyer_reference,
        order_reference=parties.order_reference,
        home=_home(invoice),
        retained_minor=invoice.retained_minor,
        retention_due_on=invoice.retention_due_on,
        preceding=() if preceding is None else (Preceding(number=preceding.number or "", issued_on=preceding.issued_on),),
        language=invoice.language,
        intro=parties.intro,
        footer="\n".join(text for text in (invoice.note, parties.footer) if text) or None,
        logo=parties.logo,
    )


def _home(invoice: Invoice) -> HomeTax | None:
    if invoice.home_rate_on is None or invoice.home_rate_source is None or invoice.home_tax_minor is None:
        return None
    return HomeTax(
        currency=invoice.home_currency,
        rate=invoice.home_rate,
        day=invoice.home_rate_on,
        source=invoice.home_rate_source,
        tax_minor=invoice.home_tax_minor,
    )


def _missing_of_seller(entity: LegalEntity, *, needs_vat_id: bool) -> Iterator[Fault]:
    for name in ("line1", "city"):
        if not getattr(entity.address, name):
            yield _missing(f"/legal_entity/address/{name}")
    if entity.vat_id is None and (needs_vat_id or entity.tax_number is None):
        yield _missing("/legal_entity/vat_id")


def _missing_of_buyer(account: ClientAccount | None, *, needs_vat_id: bool) -> Iterator[Fault]:
    if account is None:
        yield _missing("/client_account")
        return
    for name in ("line1", "city"):
        if not getattr(account.address, name):
            yield _missing(f"/client_account/address/{name}")
    if needs_vat_id and account.vat_id is None:
        yield _missing("/client_account/vat_id")


def _missing(pointer: str) -> Fault:
    return Fault(pointer=pointer, code="field.missing", message="An invoice has to say this; complete the record.")


def _party(one: LegalEntity | ClientAccount) -> Party:
    """Raises DomainError."""
    iban, tax_number = getattr(one, "iban", None), getattr(one, "tax_number", None)
    bank = BankAccount(iban=iban, bic=getattr(one, "bic", None), bank_name=getattr(one, "bank_name", None)) if iban else None
    return Party(
        name=one.name,
        country=one.address.country,
        address_lines=tuple(line for line in (one.address.line1, one.address.line2) if line),
        postcode=one.address.postcode or None,
        city=one.address.city or None,
        vat_id=one.vat_id,
        tax_number=tax_number,
        email=one.email,
        bank=bank,
    )


def _plain(party: Party) -> dict[str, Any]:
    found = asdict(party)
    return {**found, "address_lines": list(party.address_lines)}

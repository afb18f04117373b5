"""Random invoices and credit notes of every kind that add up: what a seed makes is always the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from scheduler.domain.billing.document_lines import DocumentLine, ExemptionReason, LineUnit, line_net
from scheduler.domain.billing.documents import LANGUAGES, HomeTax, InvoiceDocument, Preceding
from scheduler.domain.billing.invoices import InvoiceKind
from scheduler.domain.billing.parties import BankAccount, Party
from scheduler.domain.billing.tax_codes import NEEDS_REASON, TaxCategory
from scheduler.domain.billing.totals import amount_off, share_off, totals
from scheduler.domain.ground.money import exponent, round_half_up

if TYPE_CHECKING:
    from scheduler.domain.billing.document_lines import Allowance

CURRENCIES = ("EUR", "EUR", "EUR", "USD", "CHF", "GBP", "JPY", "KWD")
IBANS = ("DE02120300000000202051", "FR1420041010050500013M02606", "NL91ABNA0417164300")
RATES = {
    "EUR": ("19", "7", "20", "5.5", "21", "9"),
    "CHF": ("8.1", "2.6"),
    "GBP": ("20", "5"),
    "JPY": ("10", "8"),
    "USD": ("8.875",),
    "KWD": ("5",),
}
S = TaxCategory.STANDARD
MIXES: tuple[tuple[TaxCategory, ...], ...] = (
    (S,),
    (S, S),
    (S, S, TaxCategory.EXEMPT),
    (TaxCategory.ZERO, S),
    (TaxCategory.REVERSE_CHARGE,),
    (TaxCategory.REVERSE_CHARGE, S, TaxCategory.EXEMPT),
    (TaxCategory.INTRA_COMMUNITY,),
    (TaxCategory.EXPORT,),
    (TaxCategory.EXPORT, TaxCategory.ZERO, S),
    (TaxCategory.EXEMPT,),
    (TaxCategory.OUTSIDE,),
)
REASONS = {
    TaxCategory.EXEMPT: ExemptionReason(text="Exempt under section 4 no. 21"),
    TaxCategory.REVERSE_CHARGE: ExemptionReason(text="Reverse charge", code="VATEX-EU-AE"),
    TaxCategory.INTRA_COMMUNITY: ExemptionReason(code="VATEX-EU-IC"),
    TaxCategory.EXPORT: ExemptionReason(text="Export", code="VATEX-EU-G"),
    TaxCategory.OUTSIDE: ExemptionReason(code="VATEX-EU-O"),
}
assert set(REASONS) == set(NEEDS_REASON)
TEXTS = (
    "Consulting",
    "Workshop «Ziele & Maße» <b>no markup</b>",
    "Développement d'une interface\nAvec tests et documentation",
    "#sys.inputs $x^2$ *literal* _text_ {{ 7*7 }}",
    "Implementation of the interface between the order system and the warehouse, with all that belongs to it. " * 4,
    "Revisión",
)


def random_document(seed: int, *, currency: str | None = None, lines_max: int = 300) -> InvoiceDocument:
    """The document of a seed: mixed categories and rates, discounts, deposits, credit notes; mostly short, some of 300 lines."""
    random = Random(seed)
    chosen = currency or random.choice(CURRENCIES)
    mix = random.choice(MIXES)
    taxes = [(category, Decimal(random.choice(RATES[chosen])) if category is S else Decimal(0)) for category in mix]
    count = min(lines_max, random.choice((1, 2, 3, 5, 8, 12, 20, 300 if random.random() < 0.1 else 30)))
    lines = [_line(random, position + 1, chosen, random.choice(taxes)) for position in range(count)]
    if random.random() < 0.3:
        lines.append(_deposit_drawn(random, len(lines) + 1, chosen, lines[0]))
    allowances = _allowances(random, lines)
    sums = totals(lines, allowances, REASONS)
    issued = date(2026, 1, 1) + timedelta(days=random.randrange(365))
    retained = random.random() < 0.1 and sums.gross_minor > 1
    return InvoiceDocument(
        number=f"2026-{seed:05d}",
        issued_on=issued,
        due_on=issued + timedelta(days=random.choice((0, 14, 30))) if random.random() < 0.8 else None,
        currency=chosen,
        seller=_seller(random),
        buyer=_buyer(random),
        lines=tuple(lines),
        allowances=allowances,
        taxes=sums.taxes,
        net_minor=sums.net_minor,
        tax_minor=sums.tax_minor,
        gross_minor=sums.gross_minor,
        period_from=issued.replace(day=1),
        period_until=issued,
        home=_home(random, chosen, issued, sums.tax_minor),
        retained_minor=max(1, sums.gross_minor // 20) if retained else 0,
        retention_due_on=date(2027, 12, 31) if retained else None,
        payment_terms="Payable without deduction.",
        language=random.choice(LANGUAGES),
        **_texts(random),
    )


def _line(random: Random, position: int, currency: str, tax: tuple[TaxCategory, Decimal]) -> DocumentLine:
    unit = random.choice(tuple(LineUnit))
    quantity = random.choice((1, 7, 15, 20, 40, 60, 90, 475, 12_345)) if unit is LineUnit.MINUTE else random.choice((1, 1, 1, 3, 250))
    price = Decimal(random.randrange(0, 400 * 10**4)).scaleb(-random.choice((0, exponent(currency), exponent(currency), 4)))
    day = date(2026, 1, 1) + timedelta(days=random.randrange(300))
    dated = random.random() < 0.5
    return DocumentLine(
        position=position,
        description=random.choice(TEXTS),
        unit=unit,
        quantity=quantity,
        unit_price=price,
        net_minor=line_net(unit, quantity, price, currency),
        tax_category=tax[0],
        tax_rate=tax[1],
        service_from=day if dated else None,
        service_until=day + timedelta(days=random.randrange(40)) if dated else None,
        note="Ordered by phone" if random.random() < 0.1 else None,
    )


def _deposit_drawn(random: Random, position: int, currency: str, like: DocumentLine) -> DocumentLine:
    minor = random.randrange(1, 1 + max(1, like.net_minor))
    price = Decimal(minor).scaleb(-exponent(currency))
    return replace(
        like,
        position=position,
        description="Deposit drawn",
        unit=LineUnit.PIECE,
        quantity=-1,
        unit_price=price,
        net_minor=-minor,
        service_from=None,
        service_until=None,
    )


def _allowances(random: Random, lines: list[DocumentLine]) -> tuple[Allowance, ...]:
    kind = random.random()
    if kind < 0.25:
        return share_off(lines, percent=Decimal(random.choice(("3", "10", "2.5", "33.3333"))), reason="Discount agreed")
    if kind < 0.5:
        by_tax: dict[object, int] = {}
        for line in lines:
            by_tax[line.tax] = by_tax.get(line.tax, 0) + line.net_minor
        most = sum(net for net in by_tax.values() if net > 0)
        return amount_off(lines, amount_minor=random.randrange(0, most // 4 + 1), reason="Goodwill") if most else ()
    return ()


def _seller(random: Random) -> Party:
    bank = random.choice(
        (BankAccount(iban=random.choice(IBANS), bic="BYLADEM1001", bank_name="Musterbank"), BankAccount(account_number="0012345"), None)
    )
    return Party(
        name="Muster Beratung GmbH",
        country="DE",
        address_lines=("Hauptstraße 1", "Hinterhaus", "3. OG")[: random.randrange(4)],
        postcode="10115",
        city="Berlin",
        vat_id="DE123456789",
        tax_number=random.choice((None, "30/123/45678")),
        legal_id=random.choice((None, "HRB 12345 B")),
        contact_name="Erika Beispiel",
        phone="+49 30 1234567",
        email="rechnung@muster.example",
        bank=bank,
    )


def _buyer(random: Random) -> Party:
    electronic = random.random() < 0.3
    return Party(
        name=random.choice(("Client SA", "Łódź Sp. z o.o.", "Ελλάδα Α.Ε.", "<Kunde> & Söhne", "=Formula Ltd")),
        country="FR",
        address_lines=("12 rue de l'Exemple",),
        postcode="75001",
        city="Paris",
        region=random.choice((None, "Île-de-France")),
        vat_id="FR40303265045",
        electronic_address="303265045" if electronic else None,
        electronic_scheme="0002" if electronic else None,
    )


def _home(random: Random, currency: str, day: date, tax_minor: int) -> HomeTax | None:
    if currency == "EUR" or random.random() < 0.4:
        return None
    rate = Decimal(random.randrange(1, 30_000)).scaleb(-4)
    minor = round_half_up(tax_minor * Fraction(rate) * 100 / 10 ** exponent(currency))
    return HomeTax(currency="EUR", rate=rate, day=day, source="ECB", tax_minor=minor)


def _texts(random: Random) -> dict[str, Any]:
    """What sort of document it is, with its references and texts."""
    credit = random.random() < 0.25
    return {
        "kind": InvoiceKind.CREDIT_NOTE if credit else InvoiceKind.INVOICE,
        "preceding": (Preceding(number="2025-00017", issued_on=date(2025, 12, 1)),) if credit else (),
        "buyer_reference": random.choice((None, "04011000-1234512345-06")),
        "order_reference": random.choice((None, "PO 4711")),
        "contract_reference": random.choice((None, "C-2025/3")),
        "project_reference": random.choice((None, "Apollo")),
        "deliver_to_country": random.choice((None, None, "FR")),
        "intro": random.choice((None, "We thank you for your order.\nThis is what we did:")),
        "footer": random.choice((None, "Managing director: Erika Beispiel")),
    }

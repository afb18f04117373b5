"""Who bills and who is billed: legal entities of the firm, and the accounts of clients."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.billing.contracts import PAYMENT_DAYS_MAX
from scheduler.domain.ground.checks import Faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.domain.ground.ids import ClientAccountId, ClientId, LegalEntityId, TaxCodeId

LANGUAGES = frozenset({"de", "en", "es", "fr", "it", "nl"})
TEXT_MAX = 2000
_COUNTRY = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"[A-Za-z0-9 /._-]*(\{year\}[A-Za-z0-9 /._-]*)?\{sequence(:0[1-9])?\}[A-Za-z0-9 /._-]*")


class Grouping(StrEnum):
    """What of a client stands on one invoice."""

    CONTRACT = "contract"
    CLIENT = "client"
    """Everything that one legal entity bills in one currency with the same terms of payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where somebody is; ``country``: two letters of ISO 3166."""

    line1: str = ""
    line2: str | None = None
    postcode: str = ""
    city: str = ""
    country: str

    def checked(self, faults: Faults) -> None:
        """Note every fault, and normalise."""
        for name in ("line1", "postcode", "city"):
            object.__setattr__(self, name, faults.text(f"/address/{name}", getattr(self, name), required=False))
        object.__setattr__(self, "line2", faults.optional_text("/address/line2", self.line2))
        if not _COUNTRY.fullmatch(self.country):
            faults.add("/address/country", "country.unknown", "A country is two capital letters, such as DE (ISO 3166).")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEntity:
    """A company of the firm: it issues invoices under its own numbers."""

    id: LegalEntityId
    name: str
    address: Address
    vat_id: str | None = None
    tax_number: str | None = None
    email: str | None = None
    iban: str | None = None
    bic: str | None = None
    bank_name: str | None = None
    language: str = "en"
    number_format: str = "INV-{year}-{sequence:05}"
    """``{year}`` starts the sequence anew each year."""
    credit_format: str = "CN-{year}-{sequence:05}"
    tax_code_id: TaxCodeId | None = None
    payment_days: int = 30
    intro: str | None = None
    footer: str | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)
    """Numbers of the general ledger's accounts by what they are for, see ``journal``."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _check_party(self, faults, ("vat_id", "tax_number", "email", "iban", "bic", "bank_name", "external_id"))
        for name in ("intro", "footer"):
            object.__setattr__(self, name, faults.optional_lines(f"/{name}", getattr(self, name), most=TEXT_MAX))
        for name in ("number_format", "credit_format"):
            if not _NUMBER.fullmatch(getattr(self, name)) or len(getattr(self, name)) > 40:
                faults.add(
                    f"/{name}", "number.format", "A number is made of letters, digits and / . _ -, {year} at most once and {sequence:05}."
                )
        if self.number_format == self.credit_format:
            faults.add("/credit_format", "number.format", "Invoices and credit notes would get the same numbers; give them other forms.")
        faults.integer("/payment_days", self.payment_days, least=0, most=PAYMENT_DAYS_MAX)
        for key, account in self.accounts.items():
            faults.text(f"/accounts/{key}", account, most=20)
        faults.raise_any("legal entity")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAccount:
    """How a client is billed; one for each client."""

    id: ClientAccountId
    client_id: ClientId
    name: str
    """The company's name as it stands on invoices."""
    address: Address
    vat_id: str | None = None
    email: str | None = None
    buyer_reference: str | None = None
    """Whom or what the client wants to be named, such as a Leitweg-ID."""
    debtor_number: str | None = None
    """The client's account in the firm's books."""
    language: str | None = None
    """``None``: the legal entity's."""
    tax_code_id: TaxCodeId | None = None
    payment_days: int | None = None
    grouping: Grouping = Grouping.CONTRACT
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        _check_party(self, faults, ("vat_id", "email", "buyer_reference", "debtor_number", "external_id"))
        if self.payment_days is not None:
            faults.integer("/payment_days", self.payment_days, least=0, most=PAYMENT_DAYS_MAX)
        faults.raise_any("client account")


def _check_party(party: LegalEntity | ClientAccount, faults: Faults, texts: tuple[str, ...]) -> None:
    object.__setattr__(party, "name", faults.text("/name", party.name))
    for name in texts:
        object.__setattr__(party, name, faults.optional_text(f"/{name}", getattr(party, name)))
    party.address.checked(faults)
    if party.language is not None and party.language not in LANGUAGES:
        faults.add("/language", "language.unknown", f"Invoices are written in {', '.join(sorted(LANGUAGES))}; choose one.")

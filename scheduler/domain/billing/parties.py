"""Who bills and who is billed: as their records say, and as they stand on the paper, frozen with it."""

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

ADDRESS_LINES_MAX = 3
_COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK
CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV
LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR
TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_COUNTRIES.split())
"""Countries by ISO 3166-1, two letters."""
_SCHEMES = """
0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0151 0183 0184 0188 0190 0191 0192 0193 0195 0196 0198 0199 0200 0201 0202
0204 0208 0209 0210 0211 0212 0213 0215 0216 0218 0221 0230 0235 9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927
9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957
9959 AN AQ AS AU EM
"""
ELECTRONIC_SCHEMES = frozenset(_SCHEMES.split())
"""Schemes of electronic addresses: what EN 16931 takes of the list EAS."""
_VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_GREECE_IN_VAT_IDS = "EL"

LANGUAGES = frozenset({"de", "en", "es", "fr", "it", "nl"})
TEXT_MAX = 2000
_NUMBER = re.compile(r"[A-Za-z0-9 /._-]*(\{year\}[A-Za-z0-9 /._-]*)?\{sequence(:0[1-9])?\}[A-Za-z0-9 /._-]*")


def is_iban(text: str) -> bool:
    """Whether the text is an IBAN without spaces whose check digits are right."""
    if not _IBAN.fullmatch(text):
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def is_vat_id(text: str) -> bool:
    """Whether the text can be a VAT identification number: the country's letters, then 2 to 13 letters and digits."""
    return bool(_VAT_ID.fullmatch(text)) and (text[:2] in COUNTRIES or text[:2] in {_GREECE_IN_VAT_IDS, "XI"})


def is_bic(text: str) -> bool:
    """Whether the text has the form of a bank's BIC."""
    return bool(_BIC.fullmatch(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """Where the money is to go: an IBAN, or another account number where the bank has none."""

    iban: str | None = None
    """Without spaces."""
    account_number: str | None = None
    bic: str | None = None
    bank_name: str | None = None
    holder: str | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        for name in ("account_number", "bank_name", "holder"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        for name in ("iban", "bic"):
            value = getattr(self, name)
            object.__setattr__(self, name, value.replace(" ", "").upper() or None if value else None)
        if (self.iban is None) == (self.account_number is None):
            faults.add("/iban", "bank.account_missing", "An account has an IBAN or another account number; give exactly one of them.")
        if self.iban is not None and not is_iban(self.iban):
            faults.add("/iban", "bank.iban_invalid", "This is no IBAN: its form or its check digits are wrong; compare it with the bank's.")
        if self.bic is not None and not is_bic(self.bic):
            faults.add("/bic", "bank.bic_invalid", "A BIC has 8 or 11 letters and digits.")
        faults.raise_any("bank account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The seller or the buyer of an invoice."""

    name: str
    country: str
    """ISO 3166-1, two letters."""
    address_lines: tuple[str, ...] = ()
    postcode: str | None = None
    city: str | None = None
    region: str | None = None
    vat_id: str | None = None
    tax_number: str | None = None
    """The number that the party has at its tax office, where it is no VAT identification number."""
    legal_id: str | None = None
    """The number in the register of companies."""
    contact_name: str | None = None
    phone: str | None = None
    email: str | None = None
    electronic_address: str | None = None
    """Where electronic invoices go; where there is none, the e-mail address stands for it."""
    electronic_scheme: str | None = None
    bank: BankAccount | None = None
    """The seller's."""

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        optional = (
            "postcode",
            "city",
            "region",
            "vat_id",
            "tax_number",
            "legal_id",
            "contact_name",
            "phone",
            "email",
            "electronic_address",
        )
        for name in (*optional, "electronic_scheme"):
            object.__setattr__(self, name, faults.optional_text(f"/{name}", getattr(self, name)))
        lines = tuple(faults.text(f"/address_lines/{index}", line) for index, line in enumerate(self.address_lines))
        object.__setattr__(self, "address_lines", lines)
        if len(lines) > ADDRESS_LINES_MAX:
            faults.add("/address_lines", "party.address_too_long", f"An address has at most {ADDRESS_LINES_MAX} lines beside its town.")
        if self.vat_id is not None:
            object.__setattr__(self, "vat_id", self.vat_id.replace(" ", "").upper())
        self._check_forms(faults)
        faults.raise_any("party")

    def _check_forms(self, faults: Faults) -> None:
        if self.country not in COUNTRIES:
            faults.add(
                "/country", "country.invalid", f"{self.country[:10]!r} is no country; give two capital letters such as DE (ISO 3166)."
            )
        if self.vat_id is not None and not is_vat_id(self.vat_id):
            faults.add("/vat_id", "party.vat_id_invalid", "A VAT id is the two letters of its country and a number.")
        if self.email is not None and not _EMAIL.fullmatch(self.email):
            faults.add("/email", "party.email_invalid", "This is no e-mail address.")
        if (self.electronic_address is None) != (self.electronic_scheme is None):
            message = "An electronic address and its scheme go together; give both or neither."
            faults.add("/electronic_scheme", "party.scheme_missing", message)
        if self.electronic_scheme is not None and self.electronic_scheme not in ELECTRONIC_SCHEMES:
            message = "This scheme is none that EN 16931 knows, such as 0088, 0204, 9930 or EM."
            faults.add("/electronic_scheme", "party.scheme_unknown", message)


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
        if self.country not in COUNTRIES:
            faults.add("/address/country", "country.invalid", "A country is two capital letters, such as DE (ISO 3166).")


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

"""Tax codes, legal entities and accounts of clients."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints
from pydantic.functional_validators import BeforeValidator

from api.schemas.fields import Clean, Country, Day, Flag, Id, Integer, Name, Part, Percent, RecordWrite, checked_text
from api.schemas.lists import ListQuery, NamedList, Word
from scheduler.domain.billing.contracts import PAYMENT_DAYS_MAX
from scheduler.domain.billing.parties import TEXT_MAX, Address, ClientAccount, Grouping, LegalEntity
from scheduler.domain.billing.tax_codes import TaxCategory, TaxCode, TaxRate
from scheduler.domain.ground.ids import ClientAccountId, ClientId, LegalEntityId, TaxCodeId

RATES_MAX = 100
ACCOUNTS_MAX = 100
Language = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z]{2}$"), BeforeValidator(checked_text)]
Lines = Annotated[str, StringConstraints(strict=True, max_length=TEXT_MAX), BeforeValidator(checked_text)]
PaymentDays = Annotated[Integer, Field(ge=0, le=PAYMENT_DAYS_MAX)]
NumberForm = Annotated[Name, Field(description="`{year}` starts the sequence anew each year; `{sequence:05}` has five digits at least.")]


class TaxRateShape(Part):
    """A rate in percent, such as 19, from a day on until the next."""

    valid_from: Day
    percent: Percent

    def to_value(self) -> TaxRate:
        """As the domain knows it."""
        return TaxRate(valid_from=self.valid_from, percent=self.percent)

    @classmethod
    def of(cls, value: TaxRate) -> Self:
        """As HTTP shows it."""
        return cls.model_construct(valid_from=value.valid_from, percent=value.percent)


class TaxCodeWrite(RecordWrite):
    """
    A tax as the firm names it, by the categories of EN 16931.

    ``S`` (taxed) has rates; ``Z`` (zero), ``E`` (exempt), ``AE`` (reverse charge), ``K`` (intra-community), ``G`` (export) and ``O`` (outside)
    have none, and all but ``Z`` say why: in words, or by a code such as VATEX-EU-AE.
    """

    name: Name
    category: TaxCategory
    rates: Annotated[list[TaxRateShape], Field(max_length=RATES_MAX, default_factory=list)]
    exemption_code: Name | None = None
    exemption_reason: Name | None = None
    is_active: Flag = True
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> TaxCode:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in TaxCodeWrite.model_fields if name != "rates"}
        return TaxCode(id=TaxCodeId(own_id), version=version, rates=tuple(one.to_value() for one in self.rates), **given)

    @classmethod
    def of(cls, value: TaxCode) -> Self:
        """What a caller would send."""
        given: dict[str, Any] = {name: getattr(value, name) for name in TaxCodeWrite.model_fields if name != "rates"}
        return cls.model_construct(**given, rates=[TaxRateShape.of(one) for one in value.rates])


class AddressShape(Part):
    """Where somebody is."""

    line1: Clean = ""
    line2: Clean | None = None
    postcode: Clean = ""
    city: Clean = ""
    country: Country

    def to_value(self) -> Address:
        """As the domain knows it."""
        return Address(**{name: getattr(self, name) for name in AddressShape.model_fields})

    @classmethod
    def of(cls, value: Address) -> Self:
        """As HTTP shows it."""
        return cls.model_construct(**{name: getattr(value, name) for name in AddressShape.model_fields})


class LegalEntityWrite(RecordWrite):
    """A company of the firm: it issues invoices under its own numbers, in its language unless the client's account names another."""

    name: Name
    address: AddressShape
    vat_id: Name | None = None
    tax_number: Name | None = None
    email: Name | None = None
    iban: Name | None = None
    bic: Name | None = None
    bank_name: Name | None = None
    language: Language = "en"
    number_format: NumberForm = "INV-{year}-{sequence:05}"
    credit_format: NumberForm = "CN-{year}-{sequence:05}"
    tax_code_id: Id | None = None
    payment_days: PaymentDays = 30
    intro: Lines | None = None
    footer: Lines | None = None
    accounts: Annotated[
        dict[Id, Name],
        Field(max_length=ACCOUNTS_MAX, default_factory=dict, description="Numbers of the ledger's accounts, by what they are for."),
    ]
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> LegalEntity:
        """As the domain knows it."""
        given = {name: getattr(self, name) for name in LegalEntityWrite.model_fields if name not in {"address", "tax_code_id"}}
        return LegalEntity(
            id=LegalEntityId(own_id), version=version, address=self.address.to_value(), tax_code_id=_tax_code(self.tax_code_id), **given
        )

    @classmethod
    def of(cls, value: LegalEntity) -> Self:
        """What a caller would send."""
        given: dict[str, Any] = {name: getattr(value, name) for name in LegalEntityWrite.model_fields if name != "address"}
        return cls.model_construct(**{**given, "accounts": dict(value.accounts)}, address=AddressShape.of(value.address))


class ClientAccountWrite(RecordWrite):
    """How a client is billed; what is left out of language, tax code and days to pay is the legal entity's."""

    client_id: Id
    name: Name
    address: AddressShape
    vat_id: Name | None = None
    email: Name | None = None
    buyer_reference: Annotated[Name | None, Field(description="What the client wants to be named, such as a Leitweg-ID.")] = None
    debtor_number: Annotated[Name | None, Field(description="The client's account in the firm's books.")] = None
    language: Language | None = None
    tax_code_id: Id | None = None
    payment_days: PaymentDays | None = None
    grouping: Grouping = Grouping.CONTRACT
    external_id: Name | None = None

    def to_value(self, *, own_id: str, version: int) -> ClientAccount:
        """As the domain knows it."""
        names = set(ClientAccountWrite.model_fields) - {"address", "client_id", "tax_code_id"}
        return ClientAccount(
            id=ClientAccountId(own_id),
            version=version,
            client_id=ClientId(self.client_id),
            address=self.address.to_value(),
            tax_code_id=_tax_code(self.tax_code_id),
            **{name: getattr(self, name) for name in names},
        )

    @classmethod
    def of(cls, value: ClientAccount) -> Self:
        """What a caller would send."""
        given: dict[str, Any] = {name: getattr(value, name) for name in ClientAccountWrite.model_fields if name != "address"}
        return cls.model_construct(**given, address=AddressShape.of(value.address))


class TaxCodeList(NamedList):
    """Tax codes."""


class LegalEntityList(NamedList):
    """Legal entities."""


class ClientAccountList(ListQuery):
    """Accounts of clients."""

    client_id: Word | None = None
    external_id: Word | None = None


def _tax_code(own_id: str | None) -> TaxCodeId | None:
    return None if own_id is None else TaxCodeId(own_id)

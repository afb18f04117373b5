"""Fields of the areas of billing: tax codes, legal entities, accounts of clients, contracts and charges, and what other books leave."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from scheduler.domain.billing.charges import ChargeKind
from scheduler.domain.billing.contracts import (
    PAYMENT_DAYS_MAX,
    ROLL_MONTHS_MAX,
    STEP_MAX,
    BeyondCap,
    ContractKind,
    LineDetail,
    Recognition,
    RoundingMode,
    RoundingScope,
    Unused,
)
from scheduler.domain.billing.parties import Grouping
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.integrations.imports.area_specs import AreaSpec, FieldSpec, Shape

if TYPE_CHECKING:
    from enum import StrEnum

_TEXT = FieldSpec(shape=Shape.TEXT)
_NAME = FieldSpec(shape=Shape.TEXT, required=True)
_KEY = FieldSpec(shape=Shape.KEY, required=True)
_DATE = FieldSpec(shape=Shape.DATE)
_LARGE = Decimal(10) ** 12
_MONEY = FieldSpec(shape=Shape.MONEY, low=Decimal(0), high=_LARGE)
_SHARE = FieldSpec(shape=Shape.NUMBER, low=Decimal(0), high=Decimal(1))
_RATE = FieldSpec(shape=Shape.NUMBER, low=Decimal(0), high=Decimal(1_000_000))
_HOURS = FieldSpec(shape=Shape.DURATION, low=Decimal(0), high=Decimal(100_000_000))
_MINUTES = FieldSpec(shape=Shape.INTEGER, low=Decimal(0), high=Decimal(STEP_MAX))
_DAYS = FieldSpec(shape=Shape.INTEGER, low=Decimal(0), high=Decimal(PAYMENT_DAYS_MAX))
_ADDRESS = {"line1": _TEXT, "line2": _TEXT, "postcode": _TEXT, "city": _TEXT, "country": _NAME}


def _to(area: str, *, required: bool = False) -> FieldSpec:
    return FieldSpec(shape=Shape.KEY, to=area, required=required)


def _choice(choices: type[StrEnum], *, required: bool = False) -> FieldSpec:
    return FieldSpec(shape=Shape.CHOICE, required=required, choices=tuple(str(choice.value) for choice in choices))


BILLING_AREAS: dict[str, AreaSpec] = {
    "tax_codes": AreaSpec(
        fields={
            "id": _KEY,
            "name": _NAME,
            "category": _choice(TaxCategory, required=True),
            "exemption_code": _TEXT,
            "exemption_reason": _TEXT,
            "is_active": FieldSpec(shape=Shape.YES_NO),
        }
    ),
    "tax_rates": AreaSpec(
        part_of="tax_code",
        fields={
            "tax_code": _to("tax_codes", required=True),
            "valid_from": FieldSpec(shape=Shape.DATE, required=True),
            "percent": FieldSpec(shape=Shape.NUMBER, required=True, low=Decimal(0), high=Decimal(100)),
        },
    ),
    "legal_entities": AreaSpec(
        fields={
            "id": _KEY,
            "name": _NAME,
            **_ADDRESS,
            **dict.fromkeys(("vat_id", "tax_number", "email", "iban", "bic", "bank_name", "language"), _TEXT),
            **dict.fromkeys(("number_format", "credit_format"), _TEXT),
            "tax_code": _to("tax_codes"),
            "payment_days": _DAYS,
        }
    ),
    "client_accounts": AreaSpec(
        id_from=("client",),
        fields={
            "id": FieldSpec(shape=Shape.KEY),
            "client": _to("clients", required=True),
            "name": _NAME,
            **_ADDRESS,
            **dict.fromkeys(("vat_id", "email", "buyer_reference", "debtor_number", "language"), _TEXT),
            "tax_code": _to("tax_codes"),
            "payment_days": _DAYS,
            "grouping": _choice(Grouping),
        },
    ),
    "contracts": AreaSpec(
        id_from=("project",),
        fields={
            "id": FieldSpec(shape=Shape.KEY),
            "project": _to("projects", required=True),
            "name": _NAME,
            "kind": _choice(ContractKind, required=True),
            "currency": _NAME,
            "legal_entity": _to("legal_entities", required=True),
            "starts_on": FieldSpec(shape=Shape.DATE, required=True),
            "ends_on": _DATE,
            "tax_code": _to("tax_codes"),
            "recognition": _choice(Recognition),
            "blended_rate": _RATE,
            "cap": _MONEY,
            "beyond_cap": _choice(BeyondCap),
            "value": _MONEY,
            "fee": _MONEY,
            "included_hours": _HOURS,
            "unused": _choice(Unused),
            "roll_months": FieldSpec(shape=Shape.INTEGER, low=Decimal(0), high=Decimal(ROLL_MONTHS_MAX)),
            "overage_rate": _RATE,
            "markup": FieldSpec(shape=Shape.NUMBER, low=Decimal(0), high=Decimal(10)),
            "discount": _SHARE,
            "retention": _SHARE,
            "retention_due_on": _DATE,
            "payment_days": _DAYS,
            "rounding_step": FieldSpec(shape=Shape.INTEGER, low=Decimal(1), high=Decimal(STEP_MAX)),
            "rounding_mode": _choice(RoundingMode),
            "rounding_minimum": _MINUTES,
            "rounding_scope": _choice(RoundingScope),
            "detail": _choice(LineDetail),
            "order_reference": _TEXT,
        },
    ),
    "charges": AreaSpec(
        fields={
            "id": _KEY,
            "contract": _to("contracts", required=True),
            "kind": _choice(ChargeKind, required=True),
            "name": _NAME,
            "due_on": FieldSpec(shape=Shape.DATE, required=True),
            "amount": FieldSpec(shape=Shape.MONEY, required=True, low=Decimal("0.0001"), high=_LARGE),
            "currency": _TEXT,
            "hours": _HOURS,
            "task": _to("tasks"),
            "approved_on": _DATE,
        }
    ),
    "contract_openings": AreaSpec(
        id_from=("contract",),
        fields={
            "id": FieldSpec(shape=Shape.KEY),
            "contract": _to("contracts", required=True),
            "month": FieldSpec(shape=Shape.DATE, required=True),
            "earned": FieldSpec(shape=Shape.MONEY, required=True, low=-_LARGE, high=_LARGE),
            "billed": FieldSpec(shape=Shape.MONEY, required=True, low=-_LARGE, high=_LARGE),
            "currency": _TEXT,
            "home": FieldSpec(shape=Shape.MONEY, low=-_LARGE, high=_LARGE),
        },
    ),
    "open_invoices": AreaSpec(
        id_from=("legal_entity", "number"),
        fields={
            "id": FieldSpec(shape=Shape.KEY),
            "number": _NAME,
            "legal_entity": _to("legal_entities", required=True),
            "client": _to("clients", required=True),
            "currency": _TEXT,
            **dict.fromkeys(("issued_on", "due_on", "taken_over_on"), FieldSpec(shape=Shape.DATE, required=True)),
            **dict.fromkeys(("net", "gross"), FieldSpec(shape=Shape.MONEY, required=True, low=-_LARGE, high=_LARGE)),
            **dict.fromkeys(("tax", "open", "paid"), FieldSpec(shape=Shape.MONEY, low=-_LARGE, high=_LARGE)),
            "tax_percent": FieldSpec(shape=Shape.NUMBER, low=Decimal(0), high=Decimal(100)),
            "retained": _MONEY,
            "retention_due_on": _DATE,
        },
    ),
}

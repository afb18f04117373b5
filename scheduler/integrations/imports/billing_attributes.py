"""The attributes of the areas of billing, made from the fields of their records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from scheduler.domain.billing.charges import ChargeKind, ChargeState
from scheduler.domain.billing.contracts import (
    BeyondCap,
    ContractKind,
    LineDetail,
    Recognition,
    Retainer,
    Rounding,
    RoundingMode,
    RoundingScope,
    Unused,
)
from scheduler.domain.billing.parties import Address, Grouping
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.integrations.imports.parts import invalid_field
from scheduler.integrations.imports.readers import enum_of, linked, minor, part, renamed, same_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from scheduler.integrations.imports.parts import Parts
    from scheduler.integrations.imports.records import Record
    from scheduler.integrations.imports.references import References

Attributes = dict[str, Any]


def _tax_code(record: Record, _r: References, parts: Parts, _c: str) -> Attributes:
    return (
        same_names(record, "name", "exemption_code", "exemption_reason", "is_active")
        | enum_of(record, "category", TaxCategory)
        | part(parts, record, "tax_rates")
    )


def _address(record: Record) -> Attributes:
    """The whole address, wherever one of its fields is given."""
    names = ("line1", "line2", "postcode", "city", "country")
    if not any(name in record.values for name in names):
        return {}
    given = {name: content for name in names if (content := record.values.get(name)) is not None}
    return {"address": Address(**{"country": "", **given})}  # type: ignore[arg-type]


def _legal_entity(record: Record, references: References, _p: Parts, _c: str) -> Attributes:
    names = (
        "name",
        "vat_id",
        "tax_number",
        "email",
        "iban",
        "bic",
        "bank_name",
        "language",
        "number_format",
        "credit_format",
        "payment_days",
    )
    return same_names(record, *names) | linked(record, references, "tax_code") | _address(record)


def _client_account(record: Record, references: References, _p: Parts, _c: str) -> Attributes:
    names = ("name", "vat_id", "email", "buyer_reference", "debtor_number", "language", "payment_days")
    return (
        same_names(record, *names)
        | linked(record, references, "client", "tax_code")
        | enum_of(record, "grouping", Grouping)
        | _address(record)
    )


def _contract(record: Record, references: References, _p: Parts, currency: str) -> Attributes:
    own = cast("str | None", record.values.get("currency")) or currency
    names = (
        "name",
        "currency",
        "starts_on",
        "ends_on",
        "blended_rate",
        "markup",
        "discount",
        "retention",
        "retention_due_on",
        "payment_days",
    )
    made = same_names(record, *names, "order_reference") | linked(record, references, "project", "legal_entity", "tax_code")
    for name, choices in (("kind", ContractKind), ("recognition", Recognition), ("beyond_cap", BeyondCap), ("detail", LineDetail)):
        made |= enum_of(record, name, choices)
    return made | minor(record, own, cap_minor="cap", value_minor="value") | _retainer(record, own) | _rounding(record)


def _retainer(record: Record, currency: str) -> Attributes:
    """All terms of the month together: those that are not given are as if they had never been."""
    names = ("fee", "included_hours", "unused", "roll_months", "overage_rate")
    if not any(name in record.values for name in names):
        return {}
    given = {name: record.values.get(name) for name in names}
    if all(content is None for content in given.values()):
        return {"retainer": None}
    fee = minor(record, currency, fee_minor="fee").get("fee_minor")
    return {
        "retainer": Retainer(
            fee_minor=fee,
            included_min=cast("int", given["included_hours"] or 0),
            unused=Unused(cast("str", given["unused"] or Unused.LAPSE)),
            roll_months=cast("int", given["roll_months"] or 0),
            overage_rate=cast("Decimal | None", given["overage_rate"]),
        )
    }


def _rounding(record: Record) -> Attributes:
    """All of the rounding together, as for retainers."""
    names = ("rounding_step", "rounding_mode", "rounding_minimum", "rounding_scope")
    if not any(name in record.values for name in names):
        return {}
    step, mode, least, scope = (record.values.get(name) for name in names)
    return {
        "rounding": Rounding(
            step_min=cast("int", step or 1),
            mode=RoundingMode(cast("str", mode or RoundingMode.UP)),
            minimum_min=cast("int", least or 0),
            scope=RoundingScope(cast("str", scope or RoundingScope.ENTRY)),
        )
    }


def _charge(record: Record, references: References, _p: Parts, currency: str) -> Attributes:
    """The amount is in the contract's currency, which the record names unless it is the firm's; see ``billing_checks``."""
    own = cast("str | None", record.values.get("currency")) or currency
    made = (
        same_names(record, "name", "due_on", "approved_on")
        | linked(record, references, "contract", "task")
        | enum_of(record, "kind", ChargeKind)
        | renamed(record, minutes="hours")
        | minor(record, own, amount_minor="amount")
    )
    if "approved_on" in record.values:
        made["state"] = ChargeState.PLANNED if record.values["approved_on"] is None else ChargeState.APPROVED
    return made


def _contract_opening(record: Record, references: References, _p: Parts, currency: str) -> Attributes:
    """Amounts are in the contract's currency, which the record names unless it is the firm's; see ``billing_checks``."""
    own = cast("str | None", record.values.get("currency")) or currency
    made = (
        same_names(record, "month")
        | linked(record, references, "contract")
        | minor(record, own, earned_minor="earned", billed_minor="billed")
    )
    if record.values.get("home") is not None:
        return made | minor(record, currency, home_minor="home")
    earned, billed = made.get("earned_minor"), made.get("billed_minor")
    if earned is None or billed is None:
        return made
    if own != currency and earned != billed:
        message = f"The balance is in {own}; say as home what it is carried at in {currency}."
        raise invalid_field("/home_minor", "field.missing", message)
    return made | {"home_minor": earned - billed}


def _open_invoice(record: Record, references: References, _p: Parts, currency: str) -> Attributes:
    """What is open, or what was paid, or neither: nothing was. The percent is always given, so that it follows from the amounts where it is not."""
    own = cast("str | None", record.values.get("currency")) or currency
    made = (
        same_names(record, "number", "issued_on", "due_on", "taken_over_on", "retention_due_on")
        | linked(record, references, "client", "legal_entity")
        | minor(record, own, net_minor="net", gross_minor="gross", retained_minor="retained")
        | {"currency": own, "tax_percent": record.values.get("tax_percent")}
    )
    figures = minor(record, own, tax="tax", open_minor="open", paid="paid")
    net, gross, tax, still, paid = (
        made.get("net_minor"),
        made.get("gross_minor"),
        *(figures.get(one) for one in ("tax", "open_minor", "paid")),
    )
    if net is None or gross is None:
        return made
    if tax is not None and net + tax != gross:
        raise invalid_field("/tax", "invoice.sums", f"Net and tax make {net + tax} minor units, and the gross is {gross}; correct them.")
    if still is not None and paid is not None and still + paid != gross:
        message = f"What is open and what was paid make {still + paid} minor units, and the gross is {gross}; correct them."
        raise invalid_field("/open_minor", "invoice.sums", message)
    return made | {"open_minor": gross - (paid or 0) if still is None else still}


BILLING_BUILDERS: dict[str, Callable[[Record, References, Parts, str], Attributes]] = {
    "tax_codes": _tax_code,
    "legal_entities": _legal_entity,
    "client_accounts": _client_account,
    "contracts": _contract,
    "charges": _charge,
    "contract_openings": _contract_opening,
    "open_invoices": _open_invoice,
}

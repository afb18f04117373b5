"""What the columns of contracts, invoices and payments hold; see ``classified``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.store.column_classes import Classified, Erased
from scheduler.store.column_classes import by_class as _table

if TYPE_CHECKING:
    from collections.abc import Mapping

_ISSUED = "It stands on an invoice, and books have to be kept."

BILLING: Mapping[str, Classified] = {
    "tax_codes": _table(plain="id version external_id name name_key category exemption_code exemption_reason is_active"),
    "tax_rates": _table(plain="parent_id valid_from percent"),
    "legal_entities": _table(
        plain="id version external_id name name_key line1 line2 postcode city country vat_id email tax_number iban bic bank_name language"
        " number_format credit_format tax_code_id payment_days intro footer accounts"
    ),
    "legal_entity_logos": _table(plain="legal_entity_id media_type sha256 content"),
    "number_series": _table(plain="legal_entity_id series last chain_sha256"),
    "client_accounts": _table(
        plain="id version external_id client_id name line1 line2 postcode city country vat_id email buyer_reference debtor_number language"
        " tax_code_id payment_days grouping"
    ),
    "contracts": _table(
        plain="id version external_id project_id name kind currency legal_entity_id starts_on ends_on tax_code_id recognition beyond_cap"
        " retainer_unused retainer_roll_months retention_due_on payment_days rounding_step_min rounding_mode rounding_minimum_min"
        " rounding_scope detail order_reference retainer_included_min retention",
        price="blended_rate cap_minor value_minor retainer_fee_minor retainer_overage_rate discount markup",
    ),
    "charges": _table(
        {"approved_by": Erased.OPAQUE},
        plain="id version external_id contract_id kind name due_on minutes task_id state approved_on approved_at",
        identity="approved_by",
        price="amount_minor",
    ),
    "invoices": _table(
        {"approved_by issued_by": Erased.OPAQUE},
        plain="id version external_id kind state legal_entity_id client_id currency period_start period_end contract_id credits_id number"
        " sequence series issued_on due_on retention_due_on payment_days language note needs reason home_currency home_rate_on"
        " home_rate_source parties taken_over_on created_at approved_at issued_at content_sha256 chain_sha256",
        identity="approved_by issued_by",
        price="net_minor tax_minor gross_minor retained_minor paid_before_minor home_rate home_net_minor home_tax_minor home_gross_minor",
    ),
    "invoice_lines": _table(
        {"person_id": Erased.OPAQUE, "description note": _ISSUED},
        person="person_id",
        plain="invoice_id position kind unit quantity tax_category tax_percent contract_id project_id service_from service_until tells_cost"
        " credits_position",
        identity="person_id description note",
        price="unit_price net_minor trail",
    ),
    "invoice_allowances": _table(
        plain="invoice_id position contract_id reason tax_category tax_percent", price="base_minor percent amount_minor"
    ),
    "invoice_taxes": _table(plain="invoice_id category percent exemption_code exemption_reason", price="net_minor tax_minor"),
    "invoice_items": _table(
        {"person_id": Erased.OPAQUE, "day minutes billed_minutes": _ISSUED},
        person="person_id",
        plain="invoice_id kind source_id position is_live",
        identity="person_id day minutes billed_minutes",
        price="net_minor",
    ),
    "invoice_files": _table(plain="invoice_id kind sha256", price="content"),
    "invoice_runs": _table(plain="id request groups"),
    "invoice_run_outcomes": _table(plain="run_id position invoice_id findings"),
    "payments": _table(plain="id version external_id invoice_id kind paid_on reference", price="amount_minor home_minor"),
}

"""What the columns of the books hold; see ``classified``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.store.column_classes import Classified, Erased
from scheduler.store.column_classes import by_class as _table

if TYPE_CHECKING:
    from collections.abc import Mapping

LEDGER: Mapping[str, Classified] = {
    "closed_months": _table(
        {"closed_by": Erased.OPAQUE},
        plain="id version external_id month closed_at known_at content_sha256 chain_sha256",
        identity="closed_by",
    ),
    "contract_balances": _table(
        {"provision_minor provision_home_minor": "Of a whole contract, and books have to be kept."},
        plain="month contract_id currency",
        price="opening_minor earned_minor billed_minor adjusted_minor closing_minor opening_home_minor earned_home_minor billed_home_minor"
        " adjusted_home_minor exchange_home_minor closing_home_minor",
        cost="provision_minor provision_home_minor",
    ),
    "ledger_postings": _table(
        plain="month position entry_id kind day text account currency document_number project client",
        # Those of provisions follow from costs: they are shown to whoever sees costs.
        price="amount_minor amount_home_minor",
    ),
    "contract_openings": _table(plain="id version external_id contract_id month", price="earned_minor billed_minor home_minor"),
    "revenue_adjustments": _table(
        {"made_by": Erased.OPAQUE},
        plain="id version external_id contract_id day reason made_at",
        identity="made_by",
        price="amount_minor",
    ),
}

"""Invoices of other books that are still to be paid, as they are sent to be taken over."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.fields import MOST_MINOR, Currency, Day, Id, Integer, Minor, Name, Percent, WriteSchema
from scheduler.domain.billing.documents import NUMBER_MAX
from scheduler.domain.billing.open_invoices import OpenInvoice
from scheduler.domain.ground.ids import ClientId, InvoiceId, LegalEntityId

Signed = Annotated[Integer, Field(ge=-MOST_MINOR, le=MOST_MINOR)]


class OpenInvoiceWrite(WriteSchema):
    """What other books say of an invoice; amounts in minor units of its currency, above 0. Credit notes are not taken over."""

    number: Annotated[Name, Field(max_length=NUMBER_MAX, description="As it is printed; no number of the legal entity's own.")]
    legal_entity_id: Id
    client_id: Id
    currency: Currency
    issued_on: Annotated[Day, Field(description="Its rate to the firm's currency is that of this day.")]
    due_on: Day
    taken_over_on: Annotated[
        Day, Field(description="The first day of these books, in a month that is open; what is paid from it on is recorded here.")
    ]
    net_minor: Signed
    gross_minor: Annotated[Signed, Field(description="What is between net and gross is the tax.")]
    open_minor: Annotated[Signed, Field(description="What of the gross was still to be paid when it was taken over.")]
    tax_percent: Annotated[Percent | None, Field(description="null: what share of the net the tax is, also of several rates together.")] = (
        None
    )
    retained_minor: Annotated[Minor, Field(description="Part of what is open that is due on `retention_due_on`.")] = 0
    retention_due_on: Day | None = None
    external_id: Name | None = None

    def to_value(self, *, own_id: str) -> OpenInvoice:
        """As the domain knows it. Raises DomainError."""
        given = {name: getattr(self, name) for name in OpenInvoiceWrite.model_fields}
        ids = {
            "id": InvoiceId(own_id),
            "legal_entity_id": LegalEntityId(self.legal_entity_id),
            "client_id": ClientId(self.client_id),
        }
        return OpenInvoice(**{**given, **ids})

"""The audit as callers see it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from api.schemas.fields import Id, Instant, Integer, Schema
from api.schemas.lists import Word
from scheduler.domain.ground.paging import LIMIT_MAX, PageRequest

if TYPE_CHECKING:
    from scheduler.store.audit_reading import AuditEntry


Kind = Literal["created", "changed", "deleted", "erased", "noted"]


class AuditList(Schema):
    """Changes."""

    actor_id: Annotated[Word | None, Field(description="Who made it.")] = None
    area: Annotated[
        Word | None, Field(description="The kind of row: people, bookings, plans, ...; `access`: logins, tokens, refusals.")
    ] = None
    record_id: Annotated[Word | None, Field(description="The id of the row.")] = None
    kind: Annotated[
        Kind | None, Field(description="What happened to the row; `noted`: no row was changed, `after` says what happened.")
    ] = None
    request_id: Annotated[Word | None, Field(description="The `Request-Id` of the request that made it.")] = None
    plan_id: Annotated[Word | None, Field(description="The plan that made it, or that it was made to.")] = None
    from_: Annotated[Instant | None, Field(alias="from", description="At this instant or after it.")] = None
    until: Annotated[Instant | None, Field(description="Before this instant.")] = None
    sort: Annotated[Literal["id", "-id"], Field(description="Oldest first (`id`), or newest first (`-id`).")] = "-id"
    cursor: Annotated[str | None, Field(max_length=2000, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description="Most items in the page.")] = 100

    def page_request(self) -> PageRequest:
        """As the store knows it."""
        given = {"actor_id": self.actor_id, "area": self.area, "row_id": self.record_id, "kind": self.kind, "request_id": self.request_id}
        times = {"from": self.from_, "until": self.until}
        filters = {name: value for name, value in {**given, "plan_id": self.plan_id}.items() if value is not None}
        filters |= {name: at.isoformat() for name, at in times.items() if at is not None}
        return PageRequest(sort=self.sort, filters=filters, cursor=self.cursor, limit=self.limit)


class AuditRead(Schema):
    """
    One row that was changed. Rows with the same ``position`` were changed together.

    ``before`` and ``after`` have the columns that differ; null where there was, or is, no row. ``unreadable``: why values
    are missing: the person was erased, or somebody altered the record. ``hash``: of the record of this position; it follows from all records up to it.
    """

    id: Id
    position: Integer
    recorded_at: Instant
    actor_id: Id
    source: str
    user_agent: str | None
    request_id: str | None
    plan_id: Id | None
    area: str
    record_id: Id
    kind: Kind
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    unreadable: Literal["erased", "altered"] | None
    hash: str


class AuditPage(Schema):
    """One page."""

    items: list[AuditRead]
    next_cursor: Annotated[str | None, Field(description="Where the next page begins; null on the last one.")]


def shown_entry(entry: AuditEntry) -> AuditRead:
    """As callers see it."""
    told = asdict(entry)
    return AuditRead.model_construct(record_id=told.pop("row_id"), **told)

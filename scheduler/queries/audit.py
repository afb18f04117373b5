"""What somebody may see of the audit, and whether it is what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.store import retried

if TYPE_CHECKING:
    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.audit import Link, Verification
    from scheduler.domain.ground.paging import Page, PageRequest
    from scheduler.store import Store
    from scheduler.store.audit_reading import AuditEntry


@retried
def list_audit(store: Store, *, actor: Actor, page: PageRequest) -> Page[AuditEntry]:
    """One page of changes. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
    with store.read(actor) as view:
        return view.audit.page(page)


@retried
def verify_audit(store: Store, *, actor: Actor, anchor: Link | None = None) -> Verification:
    """Walk along the chain of all records; ``anchor``: a record's place and hash as somebody noted them down earlier."""
    with store.read(actor) as view:
        return view.audit.verify(anchor=anchor)

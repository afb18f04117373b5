"""What somebody may see of the firm's records: one, a page of them, or one through time; now, or as of an instant.

``area`` is one of ``AREA_NAMES``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.store import retried
from scheduler.store.areas import AREAS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scheduler.domain.ground.access import Actor
    from scheduler.domain.ground.paging import Page, PageRequest
    from scheduler.domain.staffing.work import Firm
    from scheduler.store import Store
    from scheduler.store.reader import Recorded

AREA_NAMES = tuple(name for name in AREAS if name != "firm")


@retried
def get_record(store: Store, *, actor: Actor, area: str, record_id: str, as_of: datetime | None = None) -> Any:
    """One record. Raises DomainError ``record.not_found``."""
    with store.read(actor, as_of=as_of) as view:
        return view.area(area).get(record_id)


@retried
def list_records(store: Store, *, actor: Actor, area: str, page: PageRequest, as_of: datetime | None = None) -> Page[Any]:
    """One page of an area. Raises DomainError for a sort, filter, limit or cursor that is not allowed."""
    with store.read(actor, as_of=as_of) as view:
        return view.area(area).page(page)


@retried
def record_history(store: Store, *, actor: Actor, area: str, record_id: str) -> Sequence[Recorded[Any]]:
    """Every version of a record, oldest first, deleted ones too. Raises DomainError ``record.not_found`` for one that never was."""
    with store.read(actor) as view:
        found = view.area(area).history(record_id)
    if not found:
        raise DomainError(ErrorKind.NOT_FOUND, "record.not_found", f"There never was such a {AREAS[area].one}.")
    return found


@retried
def get_firm(store: Store, *, actor: Actor, as_of: datetime | None = None) -> Firm:
    """The firm's settings; version 0 when nobody has set them yet."""
    with store.read(actor, as_of=as_of) as view:
        return view.firm.get()


def sorts_and_filters(area: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names by which the list of an area can be sorted and filtered."""
    return tuple(AREAS[area].sorts), tuple(AREAS[area].filters)

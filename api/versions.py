"""What changed since the caller looked: the answer to a stale version."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from api.answers import json_bytes
from api.schemas.records import shown
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.queries.records import record_history

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.schemas.fields import RecordWrite
    from scheduler.domain.ground.access import Actor
    from scheduler.store import Store


@contextmanager
def with_diff(store: Store, *, actor: Actor, area: str, record_id: str, version: int, read: type[RecordWrite]) -> Iterator[None]:
    """Add to a refusal as stale which fields differ between the caller's version and the current one."""
    try:
        yield
    except DomainError as error:
        if error.kind is ErrorKind.STALE:
            error.facts = {**error.facts, "diff": _diff(store, actor=actor, area=area, record_id=record_id, version=version, read=read)}
        raise


def _diff(store: Store, *, actor: Actor, area: str, record_id: str, version: int, read: type[RecordWrite]) -> list[dict[str, Any]] | None:
    """Fields that differ, as they were and as they are; ``None`` when the caller's version was never recorded."""
    values = {one.value.version: one.value for one in record_history(store, actor=actor, area=area, record_id=record_id)}
    if version not in values:
        return None
    then, now = (json.loads(json_bytes(shown(read, values[one]))) for one in (version, max(values)))
    return [{"pointer": f"/{name}", "was": then[name], "is": now[name]} for name in now if name != "version" and then[name] != now[name]]

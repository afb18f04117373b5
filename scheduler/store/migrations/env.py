"""Runs migrations on the connection that ``scheduler.store.schema`` has opened, inside its transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from alembic import context

from scheduler.store.columns import Choice, Id, JsonText, Key, Scaled, UtcDateTime
from scheduler.store.tables import METADATA

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext


def _rendered(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    # A migration must mean the same for ever, so it names what the database stores, not today's column types.
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Choice):
        return "sa.String(length=40)"
    if isinstance(item, (Scaled, JsonText)):
        return f"sa.{item.impl!r}"
    if item in (Id, Key):
        autogenerate.imports.add("from scheduler.store.columns import key_type")
        return f"key_type({item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    render_item=_rendered,
    transactional_ddl=True,
)
context.run_migrations()

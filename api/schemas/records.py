"""From the shape that makes a record: the shape that shows it, the shape that changes it, and the shape of a page."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any, cast

from pydantic import Field, create_model

from api.schemas.fields import Id, Integer, RecordWrite, Schema, WriteSchema


@cache
def read_shape(name: str, write: type[RecordWrite]) -> type[RecordWrite]:
    """What a caller sees: all that can be sent, and what the server adds. One and the same for one name."""
    own: dict[str, Any] = {
        "id": (Id, ...),
        "version": (Integer, Field(ge=1, description="Counts changes; the ETag is this number.")),
        **{field: (kind, ...) for field, kind in write.shown_only.items()},
    }
    return cast("type[RecordWrite]", create_model(name, __base__=write, __doc__=write.__doc__, **own))


@cache
def patch_shape(name: str, write: type[RecordWrite]) -> type[WriteSchema]:
    """What a caller sends to change some fields: a field that is given replaces the whole old one, the others stay. One and the same for one name."""
    fields: dict[str, Any] = {
        field: (found.rebuild_annotation(), Field(default_factory=lambda: None)) for field, found in write.model_fields.items()
    }
    doc = f"Fields to change; a field that is given replaces the whole old one. {write.__doc__}"
    patch = cast("type[WriteSchema]", create_model(name, __base__=WriteSchema, __doc__=doc, **fields))
    patch.read_only = WriteSchema.read_only | set(write.shown_only)
    return patch


def page_shape(name: str, read: type[Schema]) -> type[Schema]:
    """One page of a list."""
    fields: dict[str, Any] = {
        "items": (list[read], ...),  # type: ignore[valid-type]
        "next_cursor": (str | None, Field(description="Where the next page begins; null on the last one.")),
    }
    return cast("type[Schema]", create_model(name, __base__=Schema, __doc__="One page.", **fields))


def shown(read: type[RecordWrite], value: Any) -> RecordWrite:
    """A value as callers see it. Stored values are shown as they are, even where rules became stricter since."""
    written = read.of(value)
    own = {"id": getattr(value, "id", "firm"), "version": value.version} | {name: getattr(value, name) for name in read.shown_only}
    return written.model_copy(update=own)


def patched(write: type[RecordWrite], patch: WriteSchema, value: Any, *, version: int) -> Any:
    """The value with the given fields replaced, and the version that the caller saw. Raises DomainError."""
    given = {name: getattr(patch, name) for name in patch.model_fields_set}
    own_id = str(getattr(value, "id", "firm"))
    changed = write.of(value).model_copy(update=given).to_value(own_id=own_id, version=version)
    kept = {field.name for field in fields(value)} & set(write.shown_only)
    return replace(changed, **{name: getattr(value, name) for name in kept})

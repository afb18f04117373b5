"""What an import makes of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scheduler.integrations.imports.records import Record


@dataclass(frozen=True, slots=True)
class Draft:
    """A value to be written, or found to be stored already: ``before`` is what is stored (``None``: it is new)."""

    area: str
    value: Any
    before: Any
    record: Record

    @property
    def is_change(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.before != self.value)

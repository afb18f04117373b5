"""Pages of a list: what is asked for and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T_co = TypeVar("T_co", covariant=True)

LIMIT_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which page of a list.

    ``sort``: a field name of the area's allow list, with ``-`` in front for descending; ``filters``: values as text, by a name
    of the area's allow list; ``cursor``: where the page before ended, as it came back from there.
    """

    sort: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    cursor: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T_co]):
    """Items of one page; ``next_cursor`` is ``None`` on the last one."""

    items: tuple[T_co, ...]
    next_cursor: str | None

"""Doing something once although it is asked for several times with the same key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """An answer as it was sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyClaim:
    """
    A caller's wish that this be done once.

    ``key``: chosen by the caller, one per actor; ``route``: method and path template; ``body_sha256``: hex digest of the body;
    ``respond``: renders the outcome of the use case into the answer that is kept with the change, in its transaction.
    """

    key: str
    route: str
    body_sha256: str
    respond: Callable[[Any], StoredResponse]


class Replayed(Exception):  # noqa: N818 - not an error: the answer is known already
    """The same thing was done before under this key; ``response`` is what was answered then."""

    def __init__(self, response: StoredResponse) -> None:
        super().__init__("already done under this idempotency key")
        self.response = response

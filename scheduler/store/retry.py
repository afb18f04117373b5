"""Trying a use case again when the database could not take its transaction just then."""

from __future__ import annotations

import functools
import random
import time
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

TRIES_AGAIN = 5
GIVE_UP_S = 30.0
"""A wait this long was long enough: SQLite has its own patience before it says that it is locked."""
_FIRST_PAUSE_S = 0.02


def retried(use_case: Callable[P, R]) -> Callable[P, R]:
    """The use case, run again from its start up to five times while its transaction fails with ``store.busy``."""

    @functools.wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        started = time.monotonic()
        for again in range(TRIES_AGAIN):
            try:
                return use_case(*args, **kwargs)
            except DomainError as error:
                if error.kind is not ErrorKind.BUSY or error.code != "store.busy" or time.monotonic() - started > GIVE_UP_S:
                    raise
            time.sleep(_FIRST_PAUSE_S * 2**again * random.uniform(0.5, 1.5))  # noqa: S311 - so that rivals part
        return use_case(*args, **kwargs)

    return run

"""In which order a run takes its tests."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")


def spread(items: Sequence[Item], *, is_long: Callable[[Item], bool], workers: int) -> list[Item]:
    """
    The same items, with the long ones spread over the workers' shares and first in each.

    ``--dist worksteal`` gives every worker an equal share of the list, in its order; who has finished takes from the end of another's.
    A long test at the end of the list would begin when the others have nothing left to do.
    """
    long = [item for item in items if is_long(item)]
    short = iter([item for item in items if not is_long(item)])
    ordered: list[Item] = []
    for worker in range(workers):
        share = (len(items) - len(ordered)) // (workers - worker)
        first = long[worker::workers]
        ordered += [*first, *islice(short, max(0, share - len(first)))]
    return [*ordered, *short]

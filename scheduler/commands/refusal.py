"""How a command says no: an exit code and clear lines on stderr, never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BAD_INPUT = 2
INFEASIBLE = 3
UNKNOWN = 4
REVIEW = 5


class Refused(Exception):  # noqa: N818 - it refuses; the error is the caller's
    """The command ends here. ``lines`` are printed as they are."""

    def __init__(self, *lines: str, exit_code: int = BAD_INPUT) -> None:
        super().__init__(*lines)
        self.lines = lines
        self.exit_code = exit_code


def refused_with_faults(what: str, faults: Iterable[tuple[str, str, str]]) -> Refused:
    """A refusal that lists every fault as place, code and message."""
    listed = [f"  {place or '/'}  {code}  {message}" for place, code, message in faults]
    count = "1 fault" if len(listed) == 1 else f"{len(listed)} faults"
    return Refused(f"{what}: {count}", *listed)

"""What is made once for all worker processes of a test run, by the first that needs it."""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A directory that all processes of one run know, and no other run."""

    path: Path

    def once(self, name: str, make: Callable[[], object]) -> None:
        """Call ``make`` unless another process of the run has done so; whoever comes in the meantime waits."""
        with (self.path / f"{name}.made").open("a+") as made:
            fcntl.flock(made, fcntl.LOCK_EX)  # closing the file lets go, and so does being killed
            made.seek(0)
            if not made.read():
                make()
                made.write("yes")

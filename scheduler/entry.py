"""
Where the ``muster`` command begins.

Loading the program takes a good part of a second. This module loads next to nothing, so that Ctrl-C ends quietly from the start.
"""

from __future__ import annotations

import os
import signal

INTERRUPTED = 130


def main() -> None:
    """Load the program and run it; until a command's own code is loaded, Ctrl-C ends the process at once."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and not ignored, as in a script's background
        signal.signal(signal.SIGINT, _leave)
    from scheduler import cli

    cli.main()


def _leave(_number: int, _frame: object) -> None:
    # Not an exception: it would surface in the middle of some import, and nothing has begun that would have to be undone.
    os._exit(INTERRUPTED)

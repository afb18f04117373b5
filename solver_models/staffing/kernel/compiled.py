"""
Compilation on first use, kept on disk for the next process.

What is kept belongs to exactly these sources: numba itself only looks at the file of the outermost function.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def _kept_in() -> Path:
    """A folder of the user's cache named after these sources, the compiler and the processor."""
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "muster" / f"compiled-{digest.hexdigest()[:16]}"


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(_kept_in())


def jit(function: Function) -> Function:
    """Compile on first use; other Python threads run meanwhile."""
    return cast("Function", numba.njit(nogil=True, cache=True)(function))

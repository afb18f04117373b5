"""
Compilation of the check's sweep on first use, kept on disk for the next process.

What is kept belongs to exactly these sources: numba itself only looks at the file of the outermost function.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

Function = Callable[..., Any]
_numba: Any = numba


def _folder() -> Path:
    """Where the user wants it, else a folder of the user's cache named after these sources."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen)
    digest = hashlib.sha256(numba.__version__.encode())
    for source in (Path(__file__), *sorted(Path(__file__).parent.glob("verify_states*.py"))):
        digest.update(source.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "muster" / f"verify-{digest.hexdigest()[:16]}"


def _writable() -> Path | None:
    """The folder, if compiled code can be kept there; if not, every process compiles for itself."""
    try:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):
        return None


_INNER = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def jit(function: Function) -> Function:
    """Compile as part of what calls it; Python cannot call it."""
    compiled: Function = _numba.njit(**_INNER)(function)
    return compiled


def plain(function: Function) -> Function:
    """The same for a function that makes no array, and so need not count who uses the ones it is given."""
    compiled: Function = _numba.njit(**_INNER, _nrt=False)(function)
    return compiled


def entry(function: Function) -> Function:
    """Compile on the first call from Python; other Python threads run meanwhile."""
    folder, others = _writable(), _numba.config.CACHE_DIR
    # Read by numba when the function is made; other compiled code of the process has a folder of its own.
    _numba.config.CACHE_DIR = str(folder or others)
    try:
        compiled: Function = _numba.njit(nogil=True, error_model="numpy", cache=folder is not None)(function)
    finally:
        _numba.config.CACHE_DIR = others
    return compiled

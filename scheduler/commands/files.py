"""Reading what the user names and writing what the user wants, with one clear line when it cannot be."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from scheduler.commands.refusal import Refused

MAX_INPUT_BYTES = 512 * 1024 * 1024


def read_input(path: Path) -> bytes:
    """The content of a file."""
    try:
        if path.is_dir():
            raise Refused(f"{path}: is a directory; name a file.")
        size = path.stat().st_size
        if size > MAX_INPUT_BYTES:
            raise Refused(f"{path}: has {size:,} bytes; at most {MAX_INPUT_BYTES:,} are read.")
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused(f"{path}: no such file.") from None
    except (OSError, ValueError) as error:
        raise Refused(f"{path}: cannot be read: {_why(error)}.") from None


class OutputFile:
    """
    A file that appears complete or not at all.

    What is not a regular file (a terminal, a pipe, a device) is written straight: replacing it would destroy it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._target = self._checked_target()

    def _checked_target(self) -> Path:
        """Find out now, not after an hour of solving, whether it can be written."""
        try:
            target = Path(os.path.realpath(self.path))
            if target.is_dir():
                raise Refused(f"{self.path}: is a directory; name a file to write.")
            if target.exists() and not target.is_file():
                return target
            if not target.parent.is_dir():
                raise Refused(f"{self.path}: its directory {target.parent} does not exist; create it first.")
            if target.exists() and not os.access(target, os.W_OK):
                raise Refused(f"{self.path}: cannot be written: permission denied.")
            with tempfile.TemporaryFile(dir=target.parent):
                return target
        except (OSError, ValueError) as error:
            raise Refused(f"{self.path}: cannot be written: {_why(error)}.") from None

    def is_same_as(self, other: Path) -> bool:
        """Whether writing would overwrite ``other``."""
        with contextlib.suppress(OSError):
            return self._target.samefile(other)
        return False

    def write(self, content: bytes) -> None:
        """Put the content there, whole."""
        try:
            if self._target.exists() and not self._target.is_file():
                with self._target.open("wb", buffering=0) as stream:
                    _write_all(stream.fileno(), content)
            else:
                self._replace(content)
        except OSError as error:
            raise Refused(f"{self.path}: cannot be written: {_why(error)}.") from None

    def _replace(self, content: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=self._target.parent, prefix=f".{self._target.name[:100]}.", suffix=".part")
        try:
            try:
                _write_all(handle, content)
                os.fchmod(handle, self._mode())
                os.fsync(handle)
            finally:
                os.close(handle)
            Path(name).replace(self._target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise

    def _mode(self) -> int:
        """That of the file it replaces, else what a new file gets."""
        if self._target.exists():
            return self._target.stat().st_mode & 0o777
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__

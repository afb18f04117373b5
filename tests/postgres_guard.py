"""
Owns a PostgreSQL server for as long as its parent lives.

A process of its own, standard library only: ``postgres_guard.py HOME UID GID COMMAND...``. It starts COMMAND and reads its
standard input; at end of file (the parent closed the pipe or died, even by SIGKILL) it stops the server and removes HOME.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

_STOP_TIMEOUT_S = 10.0


def main(home: Path, uid: str, gid: str, command: list[str]) -> int:
    """Run the server until the parent lets go of it, or it ends by itself."""
    identity: dict[str, Any] = {} if uid == "-" else {"user": int(uid), "group": int(gid), "extra_groups": []}
    with (home / "server.log").open("ab") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home, **identity)
    said: list[bytes] = []

    def stop_with_parent() -> None:
        said.append(sys.stdin.buffer.read())
        server.send_signal(signal.SIGINT)  # "fast shutdown": does not wait for clients
        try:
            server.wait(timeout=_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            server.kill()

    threading.Thread(target=stop_with_parent, daemon=True).start()
    code = server.wait()
    if said == [b""]:
        shutil.rmtree(home, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))

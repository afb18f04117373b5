"""
A parent process that has loaded ``muster`` once and forks a child for every command it is asked to run.

The children are processes of their own, with their own directory, environment and standard streams; only the second that
loading the program takes is spent once. Requests and answers are JSON lines.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any, NoReturn


def main() -> None:
    """Serve until the input ends."""
    from scheduler import cli

    for place in cli.COMMANDS.values():
        importlib.import_module(place.split(":")[0])
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(request)
        print(json.dumps({"pid": child}), flush=True)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"returncode": os.waitstatus_to_exitcode(status)}), flush=True)


def _run(request: dict[str, Any]) -> NoReturn:
    code: Any = 1
    try:
        for number, (name, flags) in enumerate(
            ((request["stdin"], os.O_RDONLY), (request["stdout"], os.O_WRONLY | os.O_CREAT), (request["stderr"], os.O_WRONLY | os.O_CREAT))
        ):
            os.dup2(os.open(name, flags, 0o600), number)
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - they live as long as the process
            for number, mode in ((0, "r"), (1, "w"), (2, "w"))
        )
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        sys.argv = ["muster", *request["arguments"]]
        from scheduler.cli import main as muster

        muster()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - a traceback is what the tests look for
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    main()

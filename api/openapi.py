"""Write the API's description to ``api/openapi.json``, or (``--check``) say whether the committed one is up to date."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api.app import bare_app

COMMITTED = Path(__file__).with_name("openapi.json")


def generated() -> str:
    """The description as text."""
    return json.dumps(bare_app().openapi(), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m api.openapi [--check]\n")
        return 2
    if not arguments:
        COMMITTED.write_text(generated(), encoding="utf-8")
        return 0
    if COMMITTED.exists() and COMMITTED.read_text(encoding="utf-8") == generated():
        return 0
    sys.stderr.write("api/openapi.json is not what the code describes; run: python -m api.openapi\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The runner of documents notices when a document is wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.transcript import Outcome, Step, missing_lines, run, steps

if TYPE_CHECKING:
    from pathlib import Path

_DOCUMENT = """
Some words.

```console
$ word=carried
$ cat > note.txt <<'END'
> one
>
> three
> END
```

```sh
not run
```

```console
$ cat note.txt; echo $word
one
...
carried
$ false
```
"""


def test_commands_share_one_shell_and_output_follows_them(tmp_path: Path) -> None:
    """Variables, files and here-documents carry over from block to block."""
    wanted = list(steps(_DOCUMENT))
    assert [step.command for step in wanted] == [
        "word=carried",
        "cat > note.txt <<'END'\none\n\nthree\nEND",
        "cat note.txt; echo $word",
        "false",
    ]
    outcomes = run(wanted, folder=tmp_path, environment=os.environ, timeout_s=20)
    assert [outcome.exit_code for outcome in outcomes] == [0, 0, 0, 1]
    assert outcomes[2].output.splitlines() == ["one", "", "three", "carried"]
    assert missing_lines(outcomes[2]) == []


def test_a_step_that_ends_the_shell_is_an_error(tmp_path: Path) -> None:
    """A document that stops half-way does not pass."""
    with pytest.raises(AssertionError, match="after step 0 of 2"):
        run([Step("exit 3", ()), Step("echo never", ())], folder=tmp_path, environment=os.environ, timeout_s=20)


@pytest.mark.parametrize(
    ("shown", "output", "missing"),
    [
        (("took 3.2 s",), "took 17.0 s", []),
        (("optimal",), "feasible", ["optimal"]),
        (("first", "second"), "second\nfirst", ["second"]),
        (("start", "...", "end"), "start\nmiddle\nend", []),
        (("a  b",), "a b", []),
    ],
)
def test_shown_lines_must_occur_in_order_but_numbers_may_differ(shown: tuple[str, ...], output: str, missing: list[str]) -> None:
    """Loose about numbers and spaces, strict about words and their order."""
    assert missing_lines(Outcome(Step("x", shown), output, 0)) == missing

"""Runs the shell transcripts of a Markdown document: every ``console`` block, in order, in one shell."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"[-+]?\d[\d,.:]*")
_SPACE = re.compile(r"\s+")
ANYTHING = "..."


@dataclass(frozen=True, slots=True)
class Step:
    """One command and the output the document shows for it."""

    command: str
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step really did."""

    step: Step
    output: str
    exit_code: int


def steps(markdown: str) -> Iterator[Step]:
    """Commands stand after ``$``, their further lines after ``>``; what follows is output."""
    for block in _BLOCK.findall(markdown):
        command: list[str] = []
        shown: list[str] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield Step("\n".join(command), tuple(shown))
                command, shown = [line[2:]], []
            elif line.startswith(("> ", ">")) and command and not shown:
                command.append(line[2:])
            else:
                shown.append(line)
        if command:
            yield Step("\n".join(command), tuple(shown))


def run(wanted: list[Step], *, folder: Path, environment: Mapping[str, str], timeout_s: float) -> list[Outcome]:
    """Run all steps in one bash, so that variables, directories and background processes carry over."""
    script = ["exec 2>&1", "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"]
    for number, step in enumerate(wanted):
        script += [f"printf '\\n@@begin {number}@@\\n'", step.command, f"printf '\\n@@end {number} %d@@\\n' $?"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    found = re.findall(r"\n@@begin (\d+)@@\n(.*?)\n@@end \1 (\d+)@@\n", done.stdout, re.DOTALL)
    if len(found) != len(wanted):
        raise AssertionError(f"the shell stopped after step {len(found)} of {len(wanted)}:\n{done.stdout}\n{done.stderr}")
    return [Outcome(step, output, int(code)) for step, (_, output, code) in zip(wanted, found, strict=True)]


def missing_lines(outcome: Outcome) -> list[str]:
    """
    Shown lines that the real output does not have, in order.

    Numbers may differ (times, ids, versions), and so may spaces; a line ``...`` stands for any lines.
    """
    real = [_plain(line) for line in outcome.output.splitlines()]
    missing = []
    for line in outcome.step.shown:
        wanted = _plain(line)
        if wanted in ("", ANYTHING):
            continue
        if wanted in real:
            real = real[real.index(wanted) + 1 :]
        else:
            missing.append(line)
    return missing


def _plain(line: str) -> str:
    return _SPACE.sub(" ", _NUMBER.sub("#", line)).strip()

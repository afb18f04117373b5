"""Documents keep pace with the code: their links lead somewhere, and what they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scheduler.cli import COMMANDS, Commands

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def _anchors(markdown: str) -> set[str]:
    """The anchors that headings get, by the rule of the usual renderers."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", markdown), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    """Files and headings that a document links to exist."""
    broken = []
    for target in _LINK.findall(_FENCE.sub("", document.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path) if path else document
        if not file.exists() or (anchor and anchor not in _anchors(file.read_text())):
            broken.append(target)
    assert broken == []


def test_every_make_target_in_a_document_exists() -> None:
    """Nobody is sent to a target that is not there."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        (str(document.relative_to(ROOT)), name)
        for document in DOCUMENTS
        for code in _CODE.findall(document.read_text())
        for name in re.findall(r"(?:^|`|&& )make ([a-z-]+)", code, re.MULTILINE)
    }
    assert named
    assert {(document, name) for document, name in named if name not in targets} == set()


def test_every_muster_command_in_a_document_exists() -> None:
    """Commands and their options are named as the program has them."""
    options = {name: _options(name) for name in COMMANDS}
    unknown = set()
    for document in DOCUMENTS:
        for code in _CODE.findall(document.read_text()):
            for name, rest in re.findall(r"(?:^|[\s`/])muster ([a-z]+)([^\n`|;&#]*)", code.replace("\\\n", " ")):
                wrong = [option for option in re.findall(r"(?<=\s)--[a-z-]+", rest) if option not in options.get(name, ())]
                if name not in COMMANDS or wrong:
                    unknown.add((str(document.relative_to(ROOT)), name, *wrong))
    assert unknown == set()


def _options(name: str) -> set[str]:
    command = Commands().get_command(None, name)
    own = {"--help"}.union(*((*parameter.opts, *parameter.secondary_opts) for parameter in command.params))
    return own.union(*(parameter.opts for inner in getattr(command, "commands", {}).values() for parameter in inner.params))

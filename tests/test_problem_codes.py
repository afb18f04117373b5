"""Every code that the program can answer with has its section in docs/problems.md, and no section is about a code that is gone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("api", "scheduler", "solver_models")
CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
OTHER_NAMES = re.compile(
    r"muster\..*|scheduler\..*|.*\.(id|db|json|toml|xml|csv|xlsx|html|md|key|typ)|compare\.db|request\.failed|firm\.(currency|shadow_rate)|plan\.finished|booking\.changed|change_set\.(ready|expired)|lines\.(submitted|escalated|rejected)|time\.missing|budget\.alert|budgets\.project_id|contract_openings\.contract_id|contracts\.project_id|client_accounts\.client_id|exchange_rates\.currency|contract\.(blended_rate|markup)|demand\.bill_rate|person\.cost_rate|name\.formatted"
)
"""What looks like a code and is none: loggers, modules, files, columns, log events, events of webhooks, places in a map."""
TRAIL_RULES = {"contract.blended_rate", "contract.markup", "demand.bill_rate", "person.cost_rate"}
"""Rules in the trail of a price."""
COMPOSED = {"sort.not_allowed", "filter.not_allowed"}
"""Codes put together from parts where they are raised."""


def documented() -> set[str]:
    return set(re.findall(r"^### `([^`]+)`$", (ROOT / "docs" / "problems.md").read_text(encoding="utf-8"), re.MULTILINE))


def texts() -> set[str]:
    """Every text constant of the program."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]
    nodes = (node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_code_has_its_section() -> None:
    """A caller who meets a code finds out what it means and what to do."""
    codes = {text for text in texts() if CODE.fullmatch(text) and not OTHER_NAMES.fullmatch(text)}
    assert len(codes) > 100
    assert sorted(codes - documented() - TRAIL_RULES) == []


def test_no_section_is_about_a_code_that_is_gone() -> None:
    """The page does not grow stale."""
    assert sorted(documented() - texts() - COMPOSED) == []

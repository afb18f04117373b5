"""House rules that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import grimp
import pytest

from tests.import_contracts import SharesNothing, StandardLibraryAlone

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path for package in ("solver_models", "scheduler", "api", "benchmarks", "tests") for path in (ROOT / package).rglob("*.py")
)
MAX_FILE_LINES = 400
MAX_BODY_LINES = 40
VAGUE = {"manager", "service", "helper", "helpers", "util", "utils", "common", "data", "info"}


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))


def test_no_file_is_longer_than_400_lines() -> None:
    """A longer file holds more than one meaning."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES if "migrations" not in path.parts}
    assert {path: length for path, length in lengths.items() if length > MAX_FILE_LINES} == {}


def test_no_function_body_is_longer_than_40_lines() -> None:
    """A longer body does more than one thing."""
    long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": _body_lines(node)
        for path in SOURCES
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _body_lines(node) > MAX_BODY_LINES
    }
    assert long == {}


def test_no_name_is_vague() -> None:
    """Files, classes and functions say what they are for."""
    vague = set()
    for path in SOURCES:
        vague |= {str(path.relative_to(ROOT)) for part in path.relative_to(ROOT).with_suffix("").parts if _words(part) & VAGUE}
        vague |= {
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _words(node.name) & VAGUE
        }
    assert vague == set()


@pytest.mark.parametrize(("imported", "kept"), [("decimal", True), ("shop.rules.tax", True), ("numpy", False), ("shop.store", False)])
def test_standard_library_alone_allows_only_itself_and_the_standard_library(*, imported: str, kept: bool) -> None:
    """The contract breaks on an import of any other package, and of our own packages outside."""
    graph = grimp.ImportGraph()
    for module in ("shop", "shop.rules", "shop.rules.price", "shop.rules.tax", "shop.store"):
        graph.add_module(module)
    if imported not in graph.modules:
        graph.add_module(imported, is_squashed=True)
    graph.add_import(importer="shop.rules.price", imported=imported)
    contract = StandardLibraryAlone(name="plain", session_options={}, contract_options={"modules": ["shop.rules"]})
    assert contract.check(graph, verbose=False).kept is kept


@pytest.mark.parametrize(
    ("importer", "imported", "kept"),
    [
        ("shop.check", "shop.check_sums", True),
        ("shop.check_sums", "shop.values", True),
        ("shop.check_sums", "numpy", True),
        ("shop.check", "shop.till", False),
        ("shop.values", "shop.till", False),
        ("shop.till", "shop.check", True),
    ],
)
def test_what_shares_nothing_imports_itself_and_what_is_listed(*, importer: str, imported: str, kept: bool) -> None:
    """The contract breaks on an import of our own beside that, also by way of what is listed; who else imports it does not matter."""
    graph = grimp.ImportGraph()
    for module in ("shop", "shop.check", "shop.check_sums", "shop.values", "shop.till"):
        graph.add_module(module)
    if imported not in graph.modules:
        graph.add_module(imported, is_squashed=True)
    graph.add_import(importer=importer, imported=imported)
    options = {"prefix": "shop.check", "beside": ["shop.values"]}
    assert SharesNothing(name="alone", session_options={}, contract_options=options).check(graph, verbose=False).kept is kept

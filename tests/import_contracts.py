"""Contract types of our own for import-linter."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    import grimp


class StandardLibraryAlone(Contract):
    """The modules, and what lies in them, import the standard library and each other, nothing else."""

    modules = fields.SetField(subfield=fields.ModuleField())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every import of every module in question."""
        del verbose
        tops: list[str] = sorted(module.name for module in self.modules)  # type: ignore[attr-defined]
        inside = set(tops).union(*(graph.find_descendants(top) for top in tops))
        foreign = [
            (importer, imported)
            for importer in sorted(inside)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported not in inside and imported.partition(".")[0] not in sys.stdlib_module_names
        ]
        return ContractCheck(kept=not foreign, metadata={"foreign": foreign})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name every import that breaks the contract."""
        foreign: list[tuple[str, Any]] = check.metadata["foreign"]
        for importer, imported in foreign:
            output.print_error(f"{importer} must not import {imported}.", bold=False)


class SharesNothing(Contract):
    """Modules of one package whose names begin alike import of our own packages each other and what is listed, and so does the listed."""

    prefix = fields.StringField()
    beside = fields.SetField(subfield=fields.ModuleField())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every import of every module in question."""
        del verbose
        prefix = str(self.prefix)
        inside = {module for module in graph.modules if module.startswith(prefix)} | {module.name for module in self.beside}  # type: ignore[attr-defined]
        ours = prefix.partition(".")[0]
        foreign = [
            (importer, imported)
            for importer in sorted(inside)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported not in inside and imported.partition(".")[0] == ours
        ]
        return ContractCheck(kept=not foreign, metadata={"foreign": foreign})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name every import that breaks the contract."""
        foreign: list[tuple[str, Any]] = check.metadata["foreign"]
        for importer, imported in foreign:
            output.print_error(f"{importer} must not import {imported}.", bold=False)

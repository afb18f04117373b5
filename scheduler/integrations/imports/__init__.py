"""Import a firm's tables from CSV and XLSX files, as a map says: all of it, or nothing."""

from scheduler.integrations.imports.faults import ImportFault, ImportRefused, Place
from scheduler.integrations.imports.importing import AreaCount, ImportReport, import_files, require_import
from scheduler.integrations.imports.map_file import read_map
from scheduler.integrations.imports.map_values import ImportMap
from scheduler.integrations.imports.reconciliation import Reconciled
from scheduler.integrations.imports.sources import sources_from
from scheduler.integrations.imports.tables import Source

__all__ = [
    "AreaCount",
    "ImportFault",
    "ImportMap",
    "ImportRefused",
    "ImportReport",
    "Place",
    "Reconciled",
    "Source",
    "import_files",
    "read_map",
    "require_import",
    "sources_from",
]

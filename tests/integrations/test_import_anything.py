"""Whatever a file holds: the import succeeds or says what is wrong, and nothing is half done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.integrations.imports import ImportRefused, Source, import_files, read_map
from scheduler.store import Store
from tests.integrations.firm_files import AREAS, FILES, count_all, firm_files, standard_map
from tests.integrations.test_import_doors import CLIENTS_IN_A_BOOK, book

if TYPE_CHECKING:
    from collections.abc import Iterator

CELLS = st.sampled_from(
    ["", "p1", "p2", "x", "d1", "sap", "sap: 3", "0", "1", "-1", "40", "0.5", "1e9", "9" * 30, "0." + "1" * 40, "2027-01-04", "2027-01-01"]
    + ["1900-01-01", "NULL", "employee", "muc", "yes", "Mon-Fri", "DE", "XX", "p1 + p2", ";", ":", "sap:", "'", '""', "\u0085", "é"]
)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path_factory.mktemp('anything') / 'muster.db'}")
    opened.migrate()
    yield opened
    opened.close()


def attempt(store: Store, sources: list[Source], mapping_text: bytes | None = None) -> None:
    """Try it out; whatever happens, an error says where, and the store stays empty."""
    try:
        mapping = standard_map() if mapping_text is None else read_map(mapping_text)
        import_files(store, actor=LOCAL, sources=sources, mapping=mapping, dry_run=True, now=datetime.now(UTC))
    except ImportRefused as refused:
        assert refused.fault_count >= len(refused.import_faults) > 0
    except DomainError as error:
        assert error.kind in {ErrorKind.TOO_LARGE, ErrorKind.INVALID}
    assert count_all(store) == 0


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(area=st.sampled_from(AREAS), rows=st.lists(st.lists(CELLS, min_size=8, max_size=8), max_size=4))
def test_any_cells_under_a_good_header(empty_store: Store, area: str, rows: list[list[str]]) -> None:
    """Cells that may be right or wrong, alone or together, in any area."""
    header = FILES[f"{area}.csv"].splitlines()[0].split(",")
    text = "\n".join(",".join(row) for row in [header, *(row[: len(header)] for row in rows)])
    attempt(empty_store, firm_files(**{area: text}))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    area=st.sampled_from(AREAS),
    content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
def test_any_bytes_as_a_file(empty_store: Store, area: str, content: bytes) -> None:
    """No file is so strange that the answer is a crash."""
    sources = [Source(source.name, content) if source.name == f"{area}.csv" else source for source in firm_files()]
    attempt(empty_store, sources)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 6_000), byte=st.integers(0, 255), cut=st.booleans())
def test_any_damage_to_a_workbook(empty_store: Store, at: int, byte: int, cut: bool) -> None:
    """A changed byte or a file cut short."""
    good = book([["id", "name"], ["a", "Acme"]])
    at = min(at, len(good) - 1)
    bad = good[:at] if cut else good[:at] + bytes([byte]) + good[at + 1 :]
    try:
        import_files(
            empty_store, actor=LOCAL, sources=[Source("c.xlsx", bad)], mapping=CLIENTS_IN_A_BOOK, dry_run=True, now=datetime.now(UTC)
        )
    except DomainError as error:
        assert error.kind in {ErrorKind.TOO_LARGE, ErrorKind.INVALID}


@settings(max_examples=100)
@given(text=st.text(alphabet='[]{}="#,.\n abcfilespeople1', max_size=80))
def test_any_text_as_a_map(text: str) -> None:
    """A map that is no map is refused with its faults."""
    with pytest.raises(ImportRefused):
        read_map(text.encode())

"""Whatever a file holds: the import succeeds or says what is wrong, and nothing is half done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.integrations.imports import ImportMap, ImportRefused, Source, import_files, read_map
from scheduler.store import Store
from tests.integrations.firm_files import AREAS, FILES, count_all, firm_files, standard_map
from tests.integrations.test_import_doors import CLIENTS_IN_A_BOOK, book

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = (
    "",
    "p1",
    "p2",
    "x",
    "d1",
    "sap",
    "0",
    "1",
    "-1",
    "40",
    "0.5",
    "1e9",
    "9" * 30,
    "0." + "1" * 40,
    "2027-01-04",
    "2027-01-01",
    "1900-01-01",
)
SHAPED = ("sap: 3", "NULL", "employee", "muc", "yes", "Mon-Fri", "DE", "XX", "p1 + p2", ";", ":", "sap:", "'", '""', "\u0085", "é")
CELLS = st.sampled_from([*PLAIN, *SHAPED])


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path_factory.mktemp('anything') / 'muster.db'}")
    opened.migrate()
    yield opened
    opened.close()


def refusal(store: Store, sources: list[Source], mapping: ImportMap) -> DomainError | None:
    """Try it out and give back the error, if there is one; any other exception fails the test."""
    try:
        import_files(store, actor=LOCAL, sources=sources, mapping=mapping, dry_run=True, now=datetime.now(UTC))
    except DomainError as error:
        return error
    return None


def check(store: Store, sources: list[Source], mapping: ImportMap) -> None:
    """Either there is no fault, or the error says which; the store stays empty."""
    error = refusal(store, sources, mapping)
    assert error is None or error.kind in {ErrorKind.TOO_LARGE, ErrorKind.INVALID}
    assert not isinstance(error, ImportRefused) or error.fault_count >= len(error.import_faults) > 0
    assert count_all(store) == 0


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(area=st.sampled_from(AREAS), rows=st.lists(st.lists(CELLS, min_size=8, max_size=8), max_size=4))
def test_any_cells_under_a_good_header(empty_store: Store, area: str, rows: list[list[str]]) -> None:
    """Cells that may be right or wrong, alone or together, in any area."""
    header = FILES[f"{area}.csv"].splitlines()[0].split(",")
    text = "\n".join(",".join(row) for row in [header, *(row[: len(header)] for row in rows)])
    check(empty_store, firm_files(**{area: text}), standard_map())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    area=st.sampled_from(AREAS),
    content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
def test_any_bytes_as_a_file(empty_store: Store, area: str, content: bytes) -> None:
    """No file is so strange that the answer is a crash."""
    sources = [Source(source.name, content) if source.name == f"{area}.csv" else source for source in firm_files()]
    check(empty_store, sources, standard_map())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 6_000), byte=st.integers(0, 255), cut=st.booleans())
def test_any_damage_to_a_workbook(empty_store: Store, at: int, byte: int, cut: bool) -> None:
    """A changed byte or a file cut short."""
    good = book([["id", "name"], ["a", "Acme"]])
    at = min(at, len(good) - 1)
    bad = good[:at] if cut else good[:at] + bytes([byte]) + good[at + 1 :]
    check(empty_store, [Source("c.xlsx", bad)], CLIENTS_IN_A_BOOK)


@settings(max_examples=100)
@given(text=st.text(alphabet='[]{}="#,.\n abcfilespeople1', max_size=80))
def test_any_text_as_a_map(text: str) -> None:
    """A map that is no map is refused with its faults."""
    with pytest.raises(ImportRefused):
        read_map(text.encode())

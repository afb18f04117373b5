"""The tables of ``benchmarks/results/README.md`` and ``docs/benchmarks.md``, made from the kept records alone."""

from __future__ import annotations

import statistics
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.generators import VERSION
from benchmarks.peers.systems import TITLES
from benchmarks.records import RESULTS, read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from benchmarks.cells import Cell
    from benchmarks.records import Record

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
WORTH_SAYING = 0.02
"""Share of the machine that other work had, above which the tables say so."""
HEAD = (
    "| system | answers | objective | bound | certified gap | gap to best bound | time to 1 % | seconds | peak memory |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def kept_records(folder: Path = RESULTS) -> list[Record]:
    """The records made by today's generator."""
    return [record for path in sorted(folder.glob("*/*.json")) if (record := read_record(path)).generator == VERSION]


def write_tables(cells: Sequence[Cell], *, folder: Path = RESULTS, document: Path = DOCUMENT) -> None:
    """Write the tables anew, beside the records and between the marks of the document."""
    tables = "\n".join(report(kept_records(folder), cells))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(f"# Results\n\nWritten by `make bench-full`; how to read them: docs/benchmarks.md.\n\n{tables}\n")
    text = document.read_text()
    before, mark, rest = text.partition(BEGIN)
    _, end_mark, after = rest.partition(END)
    if not mark or not end_mark:
        raise ValueError(f"{document.name} lacks the marks {BEGIN} and {END}")
    document.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}")


def report(records: Sequence[Record], cells: Sequence[Cell]) -> Iterator[str]:
    """Markdown lines: on what it was measured, then a table for each cell that has records."""
    if not records:
        yield "Nothing has been measured yet."
        return
    yield from _circumstances(records)
    bounds = best_bounds(records)
    for cell in cells:
        here = [record for record in records if record.cell == cell.name]
        if here:
            yield ""
            yield f"### {cell.title}"
            yield ""
            seeds = sorted({record.seed for record in here})
            yield f"{'Seeds' if len(seeds) > 1 else 'Seed'} {', '.join(map(str, seeds))}{'; medians' if len(seeds) > 1 else ''}."
            yield ""
            yield HEAD
            yield from _rows(here, bounds, cell)
            yield from _remarks(here)
            yield from _faults(here)


def best_bounds(records: Iterable[Record]) -> dict[str, int]:
    """For every problem the least bound that anybody gave, whatever the limit; none of an answer that the checker refused."""
    bounds: dict[str, int] = {}
    for record in records:
        bound = record.best_bound_x60
        if bound is not None and (record.holds or record.objective_x60 is None):
            bounds[record.problem_sha256] = min(bound, bounds.get(record.problem_sha256, bound))
    return bounds


def _rows(records: Sequence[Record], bounds: Mapping[str, int], cell: Cell) -> Iterator[str]:
    by_system: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_system[record.system].append(record)
    for system in cell.systems:
        if system in by_system:
            yield _row(by_system[system], bounds)


def _row(records: Sequence[Record], bounds: Mapping[str, int]) -> str:
    def best(record: Record) -> int | None:
        return bounds.get(record.problem_sha256)

    answers = [record for record in records if record.objective_x60 is not None]
    columns = [
        TITLES[records[0].system],
        f"{len(answers)} of {len(records)}",
        _median(answers, lambda record: _major(record.objective_x60), "{:,.0f}"),
        _median(records, lambda record: _major(record.best_bound_x60), "{:,.0f}"),
        _median(answers, lambda record: record.gap, "{:.2%}"),
        _median(answers, lambda record: record.gap_to(best(record)), "{:.2%}"),
        _median_time([record.seconds_to_near(best(record)) for record in records if best(record) is not None]),
        _median(records, lambda record: record.seconds, "{:,.1f} s"),
        _median(records, lambda record: record.peak_mb or None, "{:,.0f} MB"),
    ]
    return f"| {' | '.join(columns)} |"


def _median(records: Sequence[Record], figure: Callable[[Record], float | None], form: str) -> str:
    figures = [value for record in records if (value := figure(record)) is not None]
    return form.format(statistics.median(figures)) if figures else "-"


def _median_time(seconds: Sequence[float | None]) -> str:
    """A run that never got there counts as longer than any that did; without any bound there is nothing to be near to."""
    if not seconds:
        return "-"
    middle = sorted(float("inf") if value is None else value for value in seconds)[len(seconds) // 2]
    return "never" if middle == float("inf") else f"{middle:,.1f} s"


def _major(x60: int | None) -> float | None:
    return None if x60 is None else x60 / 6000


def _remarks(records: Sequence[Record]) -> Iterator[str]:
    """How much of a plan in force moved, and what else the machine did."""
    remarks = []
    for r in records:
        if r.moved_part is not None:
            remarks.append(f"- {TITLES[r.system]}, seed {r.seed}: {r.moved_part:.1%} of the person-weeks moved")
        if (r.other_work or 0) > WORTH_SAYING:
            remarks.append(f"- {TITLES[r.system]}, seed {r.seed}: other work had {r.other_work:.0%} of the machine meanwhile")
    if remarks:
        yield ""
        yield from remarks


def _faults(records: Sequence[Record]) -> Iterator[str]:
    faults = [f"- {TITLES[record.system]}, seed {record.seed}: {record.fault}" for record in records if record.fault]
    if faults:
        yield ""
        yield from faults


def _circumstances(records: Sequence[Record]) -> Iterator[str]:
    """Machine, versions, dates and commits, each listed once."""
    for title, values in (
        ("Machine", {_machine(record) for record in records}),
        ("Versions", {f"{name} {number}" for record in records for name, number in record.engine.items()}),
        ("Measured", {record.measured_on for record in records}),
        ("Code", {record.commit for record in records}),
        ("Currency", {record.currency for record in records}),
    ):
        yield f"- {title}: {', '.join(sorted(values)) if title != 'Machine' else '; '.join(sorted(values))}"


def _machine(record: Record) -> str:
    kind = record.machine
    return (
        f"{kind['processor']}, {record.workers} of {kind['cores']} cores, {kind['memory_gb']} GB, {kind['system']}, Python {kind['python']}"
    )

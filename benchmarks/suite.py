"""
Run benchmarks and write what they found.

    python -m benchmarks.suite quick                   # one problem of size S, a few seconds for each of the quick systems
    python -m benchmarks.suite full                    # every cell that has no result yet; each result is kept as it comes
    python -m benchmarks.suite full --only "M@60"      # one cell; "M@60/muster" one system of it, "*/timefold" one of all
    python -m benchmarks.suite full --list             # the cells and what is done of them
    python -m benchmarks.suite full --report           # only write the tables anew
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from benchmarks.cells import CELLS, Cell, Trial, trials
from benchmarks.generators import SIZES
from benchmarks.machine import cores
from benchmarks.peers.systems import FROM_NOTHING, QUICK
from benchmarks.peers.timefold.peer import TimefoldMissingError, prepare
from benchmarks.records import is_done, path_of, write_record
from benchmarks.tables import report, write_tables
from benchmarks.trial import run_trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.records import Record

QUICK_SECONDS = 12.0


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 1 when an answer of Muster's own is missing or was refused by the checker."""
    wanted = _parser().parse_args(arguments)
    return quick(wanted) if wanted.command == "quick" else full(wanted)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.suite", description="Run benchmarks and write what they found.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("quick", help="one problem, the quick systems, a table on standard output")
    one.add_argument("--size", choices=SIZES, default="S")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--seconds", type=float, default=QUICK_SECONDS, help="for each system")
    one.add_argument("--mode", choices=("plain", "full"), default="plain")
    one.add_argument("--systems", nargs="+", choices=FROM_NOTHING, default=None)
    every = commands.add_parser("full", help="every cell, resumed where it was left")
    every.add_argument("--only", action="append", default=[], metavar="PATTERN", help='such as "M@60" or "M@60/muster"; may be repeated')
    every.add_argument("--list", action="store_true", help="list the trials and what is done")
    every.add_argument("--report", action="store_true", help="only write the tables anew")
    every.add_argument("--again", action="store_true", help="also run what has a result")
    for command in (one, every):
        command.add_argument("--workers", type=int, default=cores(), help="cores for each system")
    return parser


def quick(wanted: argparse.Namespace) -> int:
    """One problem; nothing is kept."""
    systems = tuple(wanted.systems or (QUICK if wanted.mode == "plain" else QUICK[:2]))
    title = f"{wanted.size}, {wanted.seconds:g} s"
    cell = Cell(
        name="quick", title=title, size=wanted.size, seconds=wanted.seconds, seeds=(wanted.seed,), systems=systems, kind=wanted.mode
    )
    records = [run_trial(trial, workers=wanted.workers) for trial in available(trials([cell]))]
    print("\n".join(report(records, [cell])))
    return _verdict(records)


def full(wanted: argparse.Namespace) -> int:
    """Every trial of every cell that has no result yet."""
    chosen = trials(CELLS, only=wanted.only)
    if wanted.list:
        for trial in chosen:
            print(f"{'done' if is_done(trial) else 'open'}  {trial.name}")
        return 0
    records = []
    if not wanted.report:
        for trial in available([trial for trial in chosen if wanted.again or not is_done(trial)]):
            print(f"{trial.name}: {trial.cell.seconds:g} s", file=sys.stderr, flush=True)
            records.append(run_trial(trial, workers=wanted.workers))
            write_record(records[-1], path_of(trial))
            write_tables(CELLS)
    write_tables(CELLS)
    return _verdict(records)


def available(chosen: Sequence[Trial]) -> list[Trial]:
    """The trials of systems that can run here; the others are named on standard error."""
    if not any(trial.system == "timefold" for trial in chosen):
        return list(chosen)
    try:
        prepare()
    except TimefoldMissingError as missing:
        print(f"timefold is left out: {missing}", file=sys.stderr)
        return [trial for trial in chosen if trial.system != "timefold"]
    return list(chosen)


def _verdict(records: Sequence[Record]) -> int:
    wrong = [record for record in records if record.system.startswith("muster") and not record.holds]
    for record in wrong:
        print(f"{record.cell}/{record.system}/{record.seed}: {record.fault}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

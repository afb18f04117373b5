"""``muster verify``: an independent check of a plan file against its problem."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from scheduler.commands.check_report import report_lines
from scheduler.commands.files import read_input
from scheduler.commands.progress import CountBar
from scheduler.commands.refusal import refused_with_faults
from scheduler.commands.solve import read_problem_file
from solver_models.staffing import formats, verify

DOES_NOT_HOLD = 1


def verify_files(
    *,
    problem_path: Path = typer.Argument(..., metavar="PROBLEM", help="The problem, staffing-problem/1 JSON."),
    plan_path: Path = typer.Argument(..., metavar="PLAN", help="The plan, staffing-plan/1 JSON."),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
    require_certificate: bool = typer.Option(
        False, "--require-certificate", help="Fail when the bound cannot be recomputed from the plan file."
    ),
) -> None:
    """
    Check a plan: its rules, its objective and its bound, with code that shares nothing with the solver.

    Exit codes: 0 everything holds, 1 something does not, 2 bad input. A bound proven by prices is recomputed from them. One
    proven by search alone is reported as claimed, not independently checked; that fails only with --require-certificate.
    """
    problem = read_problem_file(problem_path)
    raw = read_input(plan_path)
    try:
        answer = formats.read_plan(raw, problem)
    except formats.InvalidFormat as error:
        raise refused_with_faults(str(plan_path), ((f.pointer, f.code, f.message) for f in error.faults)) from None
    with CountBar("best schedules at the prices") as bar:
        report = verify.verify(problem, answer, on_progress=bar.show)
    missing = require_certificate and report.bound_holds is None
    if as_json:
        print(json.dumps(verify.report_to_json(report), ensure_ascii=True, allow_nan=False))
    else:
        print("\n".join(report_lines(problem, report)))
        if missing:
            print("certificate  missing, and --require-certificate wants one")
    raise typer.Exit(DOES_NOT_HOLD if missing or not report.holds else 0)

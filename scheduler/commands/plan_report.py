"""A finished plan for people: who is booked when, what is filled, what is open and why, and how good it is."""

from __future__ import annotations

import textwrap
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

from scheduler.commands.check_report import report_lines
from scheduler.commands.progress import amount, percent
from scheduler.planning.from_plan import is_filled
from solver_models.staffing import formats, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WIDTH = 136
WEEKS_ABREAST = 26
_NAME = 24
_CELL = 4
_REASON_INDENT = "      "


def print_plan(result: Mapping[str, Any], problem: Mapping[str, Any]) -> None:
    """
    Print a plan's result.

    In colour on a terminal, as plain text of a fixed width elsewhere: a line never depends on who reads it.
    """
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console = Console(highlight=False, soft_wrap=True, no_color=True, width=WIDTH)
    for line in plan_lines(result, problem):
        console.print(line)


def plan_lines(result: Mapping[str, Any], problem: Mapping[str, Any]) -> Iterator[Text]:
    """The report, line by line."""
    view = result["view"]
    if result["nothing_to_plan"]:
        yield Text(view["summary"])
        return
    yield from _conflicts(view)
    yield from _left_out(view)
    if view["assignments"] is None:
        yield from _wrapped(view["summary"], indent="")
        yield from _alternative(result["alternative"])
        return
    yield from _grid(view)
    yield from _demands(view)
    yield from _proof(result, problem)


def _alternative(beside: Mapping[str, Any] | None) -> Iterator[Text]:
    """What would be possible without the bookings in conflict."""
    if beside is None or beside["view"]["assignments"] is None:
        return
    yield from _heading(f"The plan without {len(beside['dropped'])} of the locked bookings in conflict")
    yield from _grid(beside["view"])
    yield from _demands(beside["view"])


def _grid(view: Mapping[str, Any]) -> Iterator[Text]:
    """People x weeks: booked time in per cent of what is bookable."""
    weeks = [date.fromisoformat(week) for week in view["horizon"]["weeks"]]
    yield from _heading("People x weeks: booked in % of bookable time (. = nothing bookable)")
    for first in range(0, len(weeks), WEEKS_ABREAST):
        shown = weeks[first : first + WEEKS_ABREAST]
        months = [f"{week:%b}" if n == 0 or week.month != shown[n - 1].month else "" for n, week in enumerate(shown)]
        yield Text(" " * _NAME + "".join(f"{month:>{_CELL}}" for month in months) + "  whole", style="dim")
        yield Text(" " * _NAME + "".join(f"{week:%d}".rjust(_CELL) for week in shown) + "  horizon", style="dim")
        for person in view["people"]:
            yield _person_row(person, person["utilisation"][first : first + WEEKS_ABREAST])
        yield Text("")
    totals = view["totals"]
    yield Text(
        f"{len(view['people'])} people, {_hours(totals['booked_minutes'])} of {_hours(totals['capacity_minutes'])} booked"
        f" ({_percent(totals['utilisation'])}); {_hours(totals['filled_minutes'])} of {_hours(totals['effort_minutes'])} wanted are filled"
        f" ({_percent(totals['coverage'])})"
    )


def _person_row(person: Mapping[str, Any], utilisation: Sequence[float | None]) -> Text:
    row = Text(set_cell_size(person["person"]["name"], _NAME - 1) + " ")
    for part in utilisation:
        row.append((_percent(part)[:-1] if part is not None else ".").rjust(_CELL), style=_colour(part))
    row.append(f"  {_percent(person['total_utilisation']):>5}", style="bold")
    return row


def _colour(part: float | None) -> str:
    if part is None or part == 0:
        return "dim"
    if part > 1:
        return "red"
    return "green" if part >= 0.75 else "yellow"


def _conflicts(view: Mapping[str, Any]) -> Iterator[Text]:
    if view["conflicts"]:
        yield from _heading("Conflicts: limits that bookings which must stay exceed")
        for conflict in view["conflicts"]:
            yield from _wrapped(conflict["sentence"], indent="  ")


def _demands(view: Mapping[str, Any]) -> Iterator[Text]:
    """Three lists: filled, partly filled, open; a reason for whatever is open."""
    demands = sorted(view["demands"], key=lambda d: (d["project"]["name"], d["demand"]["name"]))
    staff = _staff(view)
    filled = [d for d in demands if is_filled(d)]
    partly = [d for d in demands if not is_filled(d) and d["filled_minutes"]]
    unfilled = [d for d in demands if not is_filled(d) and not d["filled_minutes"]]
    for title, group in (("Filled demand", filled), ("Partly filled demand", partly), ("Open demand", unfilled)):
        yield from _heading(f"{title}: {len(group)} of {len(demands)}")
        for demand in group:
            yield from _demand(demand, staff.get(demand["demand"]["id"], ""))


def _demand(demand: Mapping[str, Any], staff: str) -> Iterator[Text]:
    wanted, filled = _hours(demand["effort_minutes"]), _hours(demand["filled_minutes"])
    hours = wanted if is_filled(demand) or not demand["filled_minutes"] else f"{filled} of {wanted}"
    head = f"{demand['demand']['name']} ({demand['project']['name']}), {demand['first_week']} to {demand['last_week']}: {hours}"
    yield from _wrapped(f"{head}, by {staff}" if staff else head, indent="  ")
    if demand["reason"] is not None and not is_filled(demand):
        yield from _wrapped(f"{_hours(demand['open_minutes'])} open: {demand['reason']['sentence']}", indent=_REASON_INDENT, style="yellow")


def _staff(view: Mapping[str, Any]) -> dict[str, str]:
    """Who is on each demand, by its id."""
    names: dict[str, list[str]] = {}
    for assignment in view["assignments"] or ():
        share = float(assignment["share"])
        who = assignment["person"]["name"] + ("" if share == 1 else f" {share:.0%}")
        names.setdefault(assignment["demand"]["id"], []).append(who)
    return {demand: ", ".join(sorted(people)) for demand, people in names.items()}


def _left_out(view: Mapping[str, Any]) -> Iterator[Text]:
    if view["left_out"]:
        yield from _heading("Left out, or planned otherwise than asked")
        for statement in view["left_out"]:
            yield from _wrapped(statement["text"], indent="  ")


def _proof(result: Mapping[str, Any], problem: Mapping[str, Any]) -> Iterator[Text]:
    """How good the plan is, with the independent check made anew."""
    proof, currency = result["view"]["proof"], result["view"]["currency"]
    yield from _heading("How good it is")
    yield from _wrapped(result["view"]["summary"], indent="  ")
    yield Text(f"  status       {proof['status']} after {proof['seconds']:.1f} s of solving" + _how_it_ended(result))
    yield Text(f"  objective    {amount(proof['objective_x60'], currency)}")
    yield Text(f"  bound        {amount(proof['bound_x60'], currency)}")
    yield Text(f"  gap          {percent(proof['gap'])}")
    yield Text(f"  proof        {proof['kind'] or 'none'}")
    checked = formats.problem_from_json(problem)
    report = verify.verify(checked, formats.plan_from_json(result["answer"], checked))
    yield from _heading("Checked again, by code that shares nothing with the solver")
    yield from (Text(f"  {line}") for line in report_lines(checked, report))


def _how_it_ended(result: Mapping[str, Any]) -> str:
    ended = result["ended"] or {}
    if ended.get("timed_out"):
        return "; the solver had to be killed at its limit, this is the last plan it showed"
    return "; stopped early" if ended.get("stopped") else ""


def _heading(text: str) -> Iterator[Text]:
    yield Text("")
    yield Text(text, style="bold")


def _wrapped(text: str, *, indent: str, style: str = "") -> Iterator[Text]:
    for line in textwrap.wrap(text, width=WIDTH, initial_indent=indent, subsequent_indent=indent + "  "):
        yield Text(line, style=style)


def _hours(minutes: int) -> str:
    return f"{minutes / 60:,.1f}".removesuffix(".0") + " h"


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part * 100:.0f}%"

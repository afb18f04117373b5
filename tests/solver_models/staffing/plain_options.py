"""The options of a problem, one at a time and straight from the definitions: what the fast enumeration is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver_models.staffing.columns import Columns, Option
from solver_models.staffing.eligibility import blocking_rules, missing_levels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver_models.staffing.pins import Pin
    from solver_models.staffing.problem import Demand, Person, Problem


def plain_options(problem: Problem) -> Iterator[Option]:
    """Every option that has a run, by demand and person."""
    columns = Columns(problem)
    pin_of = {(p.run.person, p.run.demand): p for p in columns.pins}
    for d in problem.demands:
        for p in problem.people:
            pin = pin_of.get((p.id, d.id))
            if pin is not None:
                length = pin.last_min - pin.run.first + 1
                yield _option(
                    columns,
                    p,
                    d,
                    share_e4=pin.run.share_e4,
                    shift=pin.run.shift,
                    lo=pin.run.first,
                    hi=pin.last_max,
                    shortest=length,
                    pin=pin,
                )
            elif not missing_levels(p, d) and not blocking_rules(p, d):
                yield from (o for o in _free_options(columns, p, d) if any(o.intervals()))


def _free_options(columns: Columns, p: Person, d: Demand) -> Iterator[Option]:
    terms = columns.terms
    window = terms.windows[d.id]
    if window is None:
        return
    for shift in columns.shifts[terms.unit_of[d.id]]:
        lo, hi = max(window[0] + shift, terms.frozen), window[1] + shift
        if lo > hi or window[0] + shift < 0 or hi >= terms.horizon:
            continue
        wanted = window[1] - window[0] + 1 if d.min_run is None else d.min_run
        for share in sorted(set(d.shares_e4)):
            yield _option(columns, p, d, share_e4=share, shift=shift, lo=lo, hi=hi, shortest=max(1, min(wanted, hi - lo + 1)))


def _option(
    columns: Columns, p: Person, d: Demand, *, share_e4: int, shift: int, lo: int, hi: int, shortest: int, pin: Pin | None = None
) -> Option:
    terms, policy, part = columns.terms, columns.problem.policy, slice(lo, hi + 1)
    minutes = terms.minutes(p.id, d.id, share_e4, shift)[part]
    current = terms.current_minutes(p.id, d.id)
    now = [0] * len(minutes) if current is None else current[part]
    value = terms.value_per_hour(p.id, d.id)
    idle = [0 if columns.is_overrun(p, t) else p.idle_cost for t in range(lo, hi + 1)]
    gain = [m * (value + i) - policy.churn_cost * (abs(m - c) - c) for m, c, i in zip(minutes, now, idle, strict=True)]
    fixed = pin is not None and pin.fixed
    return Option(
        person=p.id,
        demand=d.id,
        share_e4=share_e4,
        shift=shift,
        lo=lo,
        hi=hi,
        shortest=shortest,
        minutes=tuple(minutes),
        promised=tuple(terms.promised(d.id, share_e4, shift)[part]),
        gain=tuple(gain),
        fresh=tuple(0 if fixed else max(0, m - c) for m, c in zip(minutes, now, strict=True)),
        entry=0 if current is not None else -60 * policy.setup_cost,
        min_coverage_e4=d.min_coverage_e4,
        pin=pin,
    )

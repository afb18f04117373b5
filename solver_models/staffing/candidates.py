"""Which changes could fill an open demand, found from what keeps people off it: bundles to be made as small as they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver_models.staffing.around import PartColumns
from solver_models.staffing.changes import Change, Kind, shortest_run
from solver_models.staffing.eligibility import blocking_rules, missing_levels
from solver_models.staffing.problem import E4

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver_models.staffing.problem import Person, Problem, Run

Bundle = dict[Change, int]
"""Changes with the most steps that are tried."""

MOVED_MOST = 8
"""Periods that a demand is moved at most."""
_FEW = 8
"""People, places or pins of each kind that are tried."""
_HIRES = 3
_LISTS = ("only", "never", "available_for", "not_for")


class Candidates:
    """The bundles of one demand, those first that ask least of anybody."""

    def __init__(self, problem: Problem, demand_id: str) -> None:
        self._problem = problem
        self._part = PartColumns(problem, {demand_id})
        self._demand = self._part.terms.demands[demand_id]
        self._unit = self._part.terms.unit_of[demand_id]
        self._project = self._part.terms.projects.get(self._demand.project)

    def single(self) -> Iterator[Bundle]:
        """Bundles of one kind each; a split is several kinds that belong together."""
        levels = self._levels()
        yield from ({change: n} for change, n in levels.items())
        yield from ({change: n} for change, n in self._moves().items())
        yield from self._splits()
        yield from ({change: 1} for change in self._places())
        yield from self._admissions()
        yield from ({change: 1} for change in self._at_once())
        yield from ({change: n} for change, n in (self._project_rules() | self._churn()).items())
        yield from ({change: 1} for change in self._pins())
        yield from ({change: n} for change, n in self._frozen().items())
        if len(levels) > 1:
            yield levels
        yield self.hire(1)

    def together(self) -> Bundle:
        """All of them but hiring."""
        everything = self._levels() | self._moves(lifted=True) | self._project_rules(lifted=True) | self._churn() | self._frozen()
        for bundle in (*self._splits(), *self._admissions()):
            everything |= {change: max(n, everything.get(change, 0)) for change, n in bundle.items()}
        for change in (*self._places(), *self._at_once(), *self._pins()):
            everything[change] = 1
        return everything

    def hire(self, number: int) -> Bundle:
        """So many hired people."""
        return {Change(kind=Kind.HIRE, demand=self._demand.id): number}

    def hires(self) -> Bundle:
        """As many as are ever tried, in place of anybody else, with what lets them share the demand."""
        bundle = self.hire(_HIRES)
        for split in self._splits():
            bundle |= {change: max(n, bundle.get(change, 0)) for change, n in split.items()}
        return bundle

    @property
    def rate(self) -> Change:
        """More for an hour of it."""
        return Change(kind=Kind.RATE, demand=self._demand.id)

    def _levels(self) -> Bundle:
        short = {skill for p in self._problem.people for skill in missing_levels(p, self._demand)}
        return {Change(kind=Kind.LEVEL, demand=self._demand.id, skill=s): self._demand.requires[s] for s in sorted(short)}

    def _moves(self, *, lifted: bool = False) -> Bundle:
        """To later and earlier starts that the horizon leaves room for; a unit with pinned runs has its shift from them, until ``lifted``."""
        terms = self._part.terms
        if not lifted and any(terms.unit_of[pin.run.demand] == self._unit for pin in self._part.pins):
            return {}
        windows = [w for d in terms.units[self._unit] if (w := terms.windows[d.id]) is not None]
        if not windows:
            return {}
        moves_whole = self._project is not None and self._unit == self._project.id
        low, high = (self._project.shift or (0, 0)) if moves_whole and self._project is not None else self._demand.shift
        later = min(MOVED_MOST, terms.horizon - 1 - max(w[1] for w in windows) - high)
        earlier = min(MOVED_MOST, min(w[0] for w in windows) + low)
        project = self._demand.project if moves_whole else ""
        found = {Kind.LATER: later, Kind.EARLIER: earlier}
        return {Change(kind=kind, demand=self._demand.id, project=project): n for kind, n in found.items() if n > 0}

    def _splits(self) -> Iterator[Bundle]:
        """One person for all of it, two for halves or one after the other, three for thirds, and one for what pinned runs leave."""
        d = self._demand
        runs = {Change(kind=Kind.RUN, demand=d.id): shortest_run(d) - 1}
        for people, shares in ((1, (E4,)), (2, (5_000,)), (3, (3_334, 3_333))):
            bundle = {Change(kind=Kind.PEOPLE, demand=d.id): people - d.max_people}
            bundle |= {Change(kind=Kind.SHARE, demand=d.id, share_e4=share): 1 for share in shares if share not in d.shares_e4}
            if people > 1:
                bundle |= runs
            if any(n > 0 for n in bundle.values()):
                yield _positive(bundle)
        pinned = [pin.run.share_e4 for pin in self._part.pins if pin.run.demand == d.id]
        if pinned and (left := E4 - sum(pinned)) not in d.shares_e4:
            bundle = {Change(kind=Kind.PEOPLE, demand=d.id): max(1, len(pinned) + 1 - d.max_people)} | runs
            yield _positive(bundle | ({Change(kind=Kind.SHARE, demand=d.id, share_e4=left): 1} if left > 0 else {}))

    def _qualified(self) -> Iterator[Person]:
        return (p for p in self._problem.people if not missing_levels(p, self._demand))

    def _places(self) -> list[Change]:
        allowed = self._demand.locations
        if allowed is None:
            return []
        elsewhere = {p.location or "" for p in self._problem.people if p.location not in allowed}
        return [Change(kind=Kind.PLACE, demand=self._demand.id, place=place) for place in sorted(elsewhere, reverse=True)[:_FEW]]

    def _admissions(self) -> Iterator[Bundle]:
        """Of people who hold its levels, each past all lists that bar them; not in the order of their cost, which the answer would tell."""
        barred = ((p, [r for r in blocking_rules(p, self._demand) if r in _LISTS]) for p in self._qualified())
        listed = [(p, rules) for p, rules in barred if rules]
        listed.sort(key=lambda entry: (len(blocking_rules(entry[0], self._demand)), entry[0].id))
        for p, rules in listed[:_FEW]:
            yield {Change(kind=Kind.ADMIT, demand=self._demand.id, person=p.id, rule=rule): 1 for rule in rules}

    def _at_once(self) -> list[Change]:
        limited = [p for p in self._allowed() if p.max_demands is not None]
        return [Change(kind=Kind.AT_ONCE, person=p.id) for p in limited[:_FEW]]

    def _allowed(self) -> list[Person]:
        return [self._problem.people[row] for row in self._part.eligibility.allowed_rows(self._demand)]

    def _project_rules(self, *, lifted: bool = False) -> Bundle:
        """Rules on the project; pinned runs on it put all or nothing out of force, until ``lifted``."""
        project = self._project
        if project is None:
            return {}
        found = (
            {Change(kind=Kind.WHOLE, project=project.id): 1}
            if project.all_or_nothing and (lifted or self._part.is_whole(project.id))
            else {}
        )
        for kind, groups in ((Kind.APART, project.apart), (Kind.TOGETHER, project.together)):
            found |= {Change(kind=kind, project=project.id, group=g): 1 for g, group in enumerate(groups[:_FEW]) if len(group) > 1}
        return found

    def _churn(self) -> Bundle:
        if self._problem.policy.max_churn_minutes is None:
            return {}
        return {Change(kind=Kind.CHURN): max(1, sum(sum(d.effort) for d in self._problem.demands))}

    def _pins(self) -> list[Change]:
        """Fixed runs on the demand or its unit, and those of people who could do it while they could."""
        window = self._part.terms.windows[self._demand.id]
        if window is None:
            return []
        near = {p.id for p in self._qualified()}
        mine = [r for r in self._problem.fixed if self._part.terms.unit_of[r.demand] == self._unit]
        theirs = [r for r in self._problem.fixed if r not in mine and r.person in near and _meet(r, window)]
        return [Change(kind=Kind.PIN, person=r.person, demand=r.demand) for r in (*mine, *theirs)[:_FEW]]

    def _frozen(self) -> Bundle:
        frozen = self._part.terms.frozen
        return {Change(kind=Kind.UNFREEZE): frozen} if frozen > 0 else {}


def _meet(run: Run, window: tuple[int, int]) -> bool:
    return run.first <= window[1] + MOVED_MOST and window[0] - MOVED_MOST <= run.last


def _positive(bundle: Bundle) -> Bundle:
    return {change: n for change, n in bundle.items() if n > 0}


def hardest_first(changes: Iterable[Change]) -> list[Change]:
    """The order in which to try to do without."""
    order = [*_HARD]
    return sorted(changes, key=lambda c: (order.index(c.kind), c))


_HARD = (
    Kind.RATE,
    Kind.HIRE,
    Kind.CHURN,
    Kind.WHOLE,
    Kind.TOGETHER,
    Kind.APART,
    Kind.UNFREEZE,
    Kind.PIN,
    Kind.AT_ONCE,
    Kind.ADMIT,
    Kind.EARLIER,
    Kind.PLACE,
    Kind.SHARE,
    Kind.PEOPLE,
    Kind.RUN,
    Kind.LEVEL,
    Kind.LATER,
)

"""
The ``certificate`` of ``staffing-plan/1``: lists of prices, each entry an array, zeros left out.

Large firms have 100,000 entries and more, so an entry without fault costs a few comparisons; only one that fails them is gone
through field by field, to say what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solver_models.staffing.certificate import Prices
from solver_models.staffing.formats_faults import shown
from solver_models.staffing.formats_fields import Fields, Known, refer, text, whole, wrong_type
from solver_models.staffing.formats_size import MAX_PERIODS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from solver_models.staffing.certificate import Cut
    from solver_models.staffing.formats_faults import FaultList
    from solver_models.staffing.problem import Demand, Problem, Project

MAX_COUNT = 10**6
MAX_PRICE = 2**62
"""No price needs to be larger than any objective."""
_KEYS = ("share", "heads", "new", "apart", "together", "cuts")
CUT_DEMANDS = (2, 9)
"""Fewest and most demands of a cut."""


def prices_to_json(prices: Prices) -> dict[str, Any]:
    """The prices as a value for ``json.dumps``: sorted, without zeros."""
    return {
        "share": [[*key, v] for key, v in sorted(prices.share.items()) if v],
        "heads": [[demand, h] for demand, h in sorted(prices.heads.items()) if h],
        "new": prices.fresh,
        "apart": [[*key, a] for key, a in sorted(prices.apart.items()) if a],
        "together": [[*key, w] for key, w in sorted(prices.together.items()) if w],
        "cuts": [[list(demands), person, c] for (demands, person), c in sorted(prices.cuts.items(), key=_place) if c],
    }


def _place(item: tuple[Cut, int]) -> tuple[tuple[str, ...], str]:
    """Cuts go by demands, and then by person, nobody first."""
    (demands, person), _ = item
    return demands, person or ""


def read_prices(value: object, problem: Problem, *, faults: FaultList) -> Prices:
    """The prices that a certificate lists."""
    fields = Fields.of(value, "/certificate", faults, known=_KEYS, required=())
    reader = _Reader(fields, _Priceable.of(problem))
    return Prices(
        share=reader.share(),
        heads=reader.heads(),
        fresh=reader.fresh(problem.policy.max_churn_minutes),
        apart=reader.apart(),
        together=reader.together(),
        cuts=reader.cuts(),
    )


@dataclass(frozen=True, slots=True)
class _Priceable:
    """What a problem has to put prices on."""

    periods: int
    frozen: int
    demands: dict[str, Demand]
    projects: dict[str, Project]
    people: frozenset[str]
    single: frozenset[str]
    """Demands with one run at most, which is not pinned."""
    pinned: frozenset[str]
    """Projects with a pinned run."""
    whole: frozenset[str]
    """Demands of projects where all or nothing binds."""

    @staticmethod
    def of(problem: Problem) -> _Priceable:
        demands = {d.id: d for d in problem.demands}
        projects = {p.id: p for p in problem.projects}
        frozen = problem.policy.frozen_periods
        held = [*problem.fixed, *(run for run in problem.current if run.first < frozen)]
        pinned = frozenset(demands[run.demand].project for run in held)
        binding = {p.id for p in problem.projects if p.all_or_nothing} - pinned
        whole = frozenset(d.id for d in problem.demands if d.project in binding)
        people = frozenset(p.id for p in problem.people)
        single = frozenset(d.id for d in problem.demands if d.max_people == 1) - {run.demand for run in held}
        return _Priceable(len(problem.periods), frozen, demands, projects, people, single, pinned, whole)

    def may_be_negative(self, demand: str, shift: int, period: int) -> bool:
        """Whether rule 8 binds there."""
        at = period - shift
        if demand not in self.whole or period < self.frozen:
            return False
        return 0 <= at < self.periods and self.demands[demand].effort[at] > 0


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one list of prices after the other; of an entry with a fault nothing is kept."""

    fields: Fields
    problem: _Priceable

    def share(self) -> dict[tuple[str, int, int], int]:
        demands, periods, found = self.problem.demands, self.problem.periods, dict[tuple[str, int, int], int]()
        for at, entry in self._entries("share"):
            match entry:
                case [str(d), int(s), int(t), int(v)] if (
                    bool not in map(type, entry)
                    and d in demands
                    and -MAX_PERIODS <= s <= MAX_PERIODS
                    and 0 <= t < periods
                    and -MAX_PRICE <= v <= MAX_PRICE
                    and (v >= 0 or self.problem.may_be_negative(d, s, t))
                    and (d, s, t) not in found
                ):
                    found[d, s, t] = v
                case _:
                    self._keep(found, at, self._read(at, entry, (self._demand, self._shift, self._period, self._signed)), self._share_sign)
        return found

    def heads(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for at, entry in self._entries("heads"):
            values = self._read(at, entry, (self._demand, self._unsigned))
            if values is not None and values[0] in found:
                self._repeated(at)
            elif values is not None:
                found[values[0]] = values[1]
        return found

    def fresh(self, limit: int | None) -> int:
        price = self.fields.whole("new", 0, MAX_PRICE)
        if price and limit is None:
            message = "New minutes have no price where the policy has no max_churn_minutes; leave it out."
            self.fields.faults.add(self.fields.at("new"), "price.rule_not_binding", message)
        return price

    def apart(self) -> dict[tuple[str, int], int]:
        found: dict[tuple[str, int], int] = {}
        for at, entry in self._entries("apart"):
            self._keep(found, at, self._read(at, entry, (self._project, self._group, self._unsigned)), self._apart_group)
        return found

    def together(self) -> dict[tuple[str, int, str], int]:
        found: dict[tuple[str, int, str], int] = {}
        for at, entry in self._entries("together"):
            values = self._read(at, entry, (self._project, self._group, self._name, self._signed))
            self._keep(found, at, values, self._together_group)
        return found

    def cuts(self) -> dict[Cut, int]:
        found: dict[Cut, int] = {}
        for at, entry in self._entries("cuts"):
            values = self._read(at, entry, (self._singles, self._somebody, self._unsigned))
            self._keep(found, at, values, lambda _at, _values: True)
        return found

    def _entries(self, key: str) -> list[tuple[str, Any]]:
        return self.fields.items(key)

    def _read(self, at: str, entry: object, readers: tuple[Callable[[str, object], Any], ...]) -> list[Any] | None:
        """The values of an entry, each read by its reader; ``None`` if one has a fault."""
        known = len(self.fields.faults.faults)
        if not isinstance(entry, list):
            wrong_type(self.fields.faults, at, entry, f"a list of {len(readers)}")
            return None
        if len(entry) != len(readers):
            self.fields.faults.add(at, "list.length", f"A list of {len(entry)}; it must have {len(readers)} values.")
            return None
        values = [reader(f"{at}/{i}", item) for i, (reader, item) in enumerate(zip(readers, entry, strict=True))]
        return values if len(self.fields.faults.faults) == known else None

    def _keep(self, found: dict[Any, int], at: str, values: list[Any] | None, allowed: Callable[[str, list[Any]], bool]) -> None:
        """Note a price that is allowed and not given before."""
        if values is None:
            return
        if (key := tuple(values[:-1])) in found:
            self._repeated(at)
        elif allowed(at, values):
            found[key] = values[-1]

    def _repeated(self, at: str) -> None:
        self.fields.faults.add(at, "list.duplicate", "This has a price already; give it one.")

    def _demand(self, at: str, item: object) -> str:
        return self._id(at, item, "demand", self.problem.demands)

    def _singles(self, at: str, item: object) -> tuple[str, ...]:
        """Demands of a cut."""
        least, most = CUT_DEMANDS
        if not isinstance(item, list):
            wrong_type(self.fields.faults, at, item, f"a list of {least} to {most} demands")
            return ()
        if not least <= len(item) <= most:
            self.fields.faults.add(at, "list.length", f"A list of {len(item)}; a cut has {least} to {most} demands.")
            return ()
        demands = [self._demand(f"{at}/{i}", demand) for i, demand in enumerate(item)]
        for i, demand in enumerate(demands):
            if demand in demands[:i]:
                self.fields.faults.add(f"{at}/{i}", "list.duplicate", f"The cut has {shown(demand)} already.")
            elif demand in self.problem.demands and demand not in self.problem.single:
                message = f"{shown(demand)} may have several people or has a pinned run; a cut counts demands with one run at most."
                self.fields.faults.add(f"{at}/{i}", "price.rule_not_binding", message)
        return tuple(sorted(demands))

    def _somebody(self, at: str, item: object) -> str | None:
        return None if item is None else self._id(at, item, "person", self.problem.people)

    def _project(self, at: str, item: object) -> str:
        return self._id(at, item, "project", self.problem.projects)

    def _name(self, at: str, item: object) -> str:
        return text(self.fields.faults, at, item)

    def _id(self, at: str, item: object, kind: str, known: Collection[str]) -> str:
        name = text(self.fields.faults, at, item)
        return refer(self.fields.faults, at, name, Known(kind, frozenset(known))) if name and name not in known else name

    def _shift(self, at: str, item: object) -> int:
        return whole(self.fields.faults, at, item, -MAX_PERIODS, MAX_PERIODS)

    def _period(self, at: str, item: object) -> int:
        return whole(self.fields.faults, at, item, 0, self.problem.periods - 1)

    def _group(self, at: str, item: object) -> int:
        return whole(self.fields.faults, at, item, 0, MAX_COUNT)

    def _unsigned(self, at: str, item: object) -> int:
        return whole(self.fields.faults, at, item, 0, MAX_PRICE)

    def _signed(self, at: str, item: object) -> int:
        return whole(self.fields.faults, at, item, -MAX_PRICE, MAX_PRICE)

    def _share_sign(self, at: str, values: list[Any]) -> bool:
        demand, shift, period, v = values
        if v >= 0 or self.problem.may_be_negative(demand, shift, period):
            return True
        message = "A price below 0 where all_or_nothing does not bind: give 0 or more, or leave it out."
        self.fields.faults.add(f"{at}/3", "price.negative", message)
        return False

    def _apart_group(self, at: str, values: list[Any]) -> bool:
        return self._listed_group(at, values[1], self.problem.projects[values[0]].apart) is not None

    def _together_group(self, at: str, values: list[Any]) -> bool:
        project, g, person, w = values
        group = self._listed_group(at, g, self.problem.projects[project].together)
        if group is None:
            return False
        if person not in group:
            message = f"{shown(person)} does not belong to together group {g} of project {shown(project)}."
            self.fields.faults.add(f"{at}/2", "price.not_in_group", message)
        elif project in self.problem.pinned and w:
            message = f"Project {shown(project)} has a pinned run, so its together groups do not bind and have no price; leave it out."
            self.fields.faults.add(at, "price.rule_not_binding", message)
        else:
            return True
        return False

    def _listed_group(self, at: str, g: int, groups: tuple[frozenset[str], ...]) -> frozenset[str] | None:
        if g < len(groups):
            return groups[g]
        counted = f"numbered 0 to {len(groups) - 1}" if groups else "none"
        self.fields.faults.add(f"{at}/1", "number.out_of_range", f"There is no group {g}; the project's are {counted}.")
        return None

"""A staffing problem read from its JSON, for the independent program: plain dictionaries, exact decimals, no code of the package."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

Item = dict[str, Any]
Pair = tuple[str, str]
SHARE_UNITS = 10_000


def whole_share(share: Any) -> int:
    """A decimal share in ten-thousandths, so that the program stays in whole numbers."""
    units = Fraction(Decimal(share)) * SHARE_UNITS
    assert units.denominator == 1, f"share {share} has more than four places"
    return int(units)


class Reading:
    """Everything that is a number before anything is decided."""

    def __init__(self, problem: Item) -> None:
        self.horizon = len(problem["periods"])
        self.people: dict[str, Item] = {person["id"]: person for person in problem.get("people", [])}
        self.demands: dict[str, Item] = {demand["id"]: demand for demand in problem.get("demands", [])}
        self.projects: dict[str, Item] = {project["id"]: project for project in problem.get("projects", [])}
        self.policy: Item = problem.get("policy", {})
        self.n: int = self.policy.get("frozen_periods", 0)
        self.fixed: list[Item] = problem.get("fixed", [])
        self.current: dict[Pair, Item] = {pair_of(run): run for run in problem.get("current", [])}
        taken = {pair_of(run) for run in self.fixed}
        self.frozen = [run for pair, run in self.current.items() if pair not in taken and run["first"] < self.n]
        self.pinned_pairs = taken | {pair_of(run) for run in self.frozen}
        self.pinned_projects = {self.demands[demand]["project"] for _, demand in self.pinned_pairs}

    @cached_property
    def window(self) -> dict[str, tuple[int, int]]:
        """First and last period with effort of the demands that have any."""
        found = {}
        for name, demand in self.demands.items():
            busy = [period for period, minutes in enumerate(demand["effort"]) if minutes]
            if busy:
                found[name] = (min(busy), max(busy))
        return found

    @cached_property
    def units(self) -> dict[str, list[str]]:
        """Demands that move together, by a name of their unit."""
        found = defaultdict(list)
        for name, demand in self.demands.items():
            moves = self.projects.get(demand["project"], {}).get("shift") is not None
            found["project " + demand["project"] if moves else "demand " + name].append(name)
        return found

    @cached_property
    def shifts(self) -> dict[str, list[int]]:
        """The shifts a unit may have."""
        found = {}
        for unit, members in self.units.items():
            pins = [run.get("shift", 0) for run in [*self.fixed, *self.frozen] if run["demand"] in members]
            if pins:
                found[unit] = pins[:1]
                continue
            if unit.startswith("project "):
                low, high = self.projects[self.demands[members[0]]["project"]]["shift"]
            else:
                low, high = self.demands[members[0]].get("shift", [0, 0])
            found[unit] = [shift for shift in range(low, high + 1) if all(self.fits(name, shift) for name in members)]
        return found

    def fits(self, demand: str, shift: int) -> bool:
        if demand not in self.window:
            return True
        first, last = self.window[demand]
        return first + shift >= 0 and last + shift < self.horizon

    def effort(self, demand: str, period: int, shift: int) -> int:
        source = period - shift
        return int(self.demands[demand]["effort"][source]) if 0 <= source < self.horizon else 0

    def promised(self, demand: str, share: Any, period: int, shift: int) -> int:
        return floor(Fraction(Decimal(share)) * self.effort(demand, period, shift))

    def minutes(self, person: str, demand: str, share: Any, period: int, shift: int) -> int:
        who = self.people[person]
        capacity = int(who["capacity"][period])
        usual = int((who["usual"] if "usual" in who else who["capacity"])[period])
        present = Fraction(1) if usual == 0 else min(Fraction(1), Fraction(capacity, usual))
        return min(floor(Fraction(Decimal(share)) * self.effort(demand, period, shift) * present), capacity)

    def minutes_of(self, run: Item | None, period: int) -> int:
        if run is None or not run["first"] <= period <= run["last"]:
            return 0
        return self.minutes(run["person"], run["demand"], run["share"], period, run.get("shift", 0))

    def now(self, pair: Pair, period: int) -> int:
        """Minutes of the plan in force."""
        return self.minutes_of(self.current.get(pair), period)

    def hour_worth(self, person: str, demand: str) -> int:
        who, what = self.people[person], self.demands[demand]
        levels = who.get("skills", {})
        wishes = who.get("preferences", {})
        worth: int = what["value_rate"] - who["cost_rate"]
        worth += wishes[demand] if demand in wishes else wishes.get(what["project"], 0)
        for skill, bonus in what.get("prefers", {}).items():
            worth += bonus * levels.get(skill, 0)
        for skill, least in what["requires"].items():
            worth -= what.get("overqualified_cost", 0) * max(0, levels.get(skill, 0) - least)
        return worth

    def qualified(self, person: str, demand: str) -> bool:
        who, what = self.people[person], self.demands[demand]
        refusals = (
            any(who.get("skills", {}).get(skill, 0) < least for skill, least in what["requires"].items()),
            "locations" in what and who.get("location") not in what["locations"],
            "available_for" in who and demand not in who["available_for"],
            demand in who.get("not_for", []),
            "only" in what and person not in what["only"],
            person in what.get("never", []),
        )
        return not any(refusals)

    def band(self, person: str) -> tuple[int, int]:
        """Booked minutes below and above which fairness costs."""
        low, high = self.people[person].get("band") or self.policy.get("band", [0, 1])
        total = sum(self.people[person]["capacity"])
        return floor(Fraction(Decimal(low)) * total), ceil(Fraction(Decimal(high)) * total)

    def pins_at(self, period: int) -> list[Item]:
        """Pinned runs present in a period that widen its limits."""
        counted = [*self.fixed, *self.frozen] if period < self.n else self.fixed
        return [run for run in counted if run["first"] <= period <= run["last"]]

    def contradictory(self) -> bool:
        """The ``fixed`` runs alone break capacity, ``max_demands``, shares, ``max_people``, one shift per unit, one run a pair or ``apart``."""
        if len({pair_of(run) for run in self.fixed}) < len(self.fixed):
            return True
        for members in self.units.values():
            if len({run.get("shift", 0) for run in self.fixed if run["demand"] in members}) > 1:
                return True
        for demand, what in self.demands.items():
            if sum(run["demand"] == demand for run in self.fixed) > what.get("max_people", 1):
                return True
        for project, what in self.projects.items():
            present = {run["person"] for run in self.fixed if self.demands[run["demand"]]["project"] == project}
            if any(len(present.intersection(group)) > 1 for group in what.get("apart", [])):
                return True
        return any(self._contradictory_in(period) for period in range(self.horizon))

    def _contradictory_in(self, period: int) -> bool:
        minutes: dict[str, int] = defaultdict(int)
        runs: dict[str, int] = defaultdict(int)
        shares: dict[str, int] = defaultdict(int)
        for run in self.fixed:
            if run["first"] <= period <= run["last"]:
                minutes[run["person"]] += self.minutes_of(run, period)
                runs[run["person"]] += 1
                shares[run["demand"]] += whole_share(run["share"])
        return (
            any(booked > self.people[person]["capacity"][period] for person, booked in minutes.items())
            or any(count > self.people[person].get("max_demands", count) for person, count in runs.items())
            or any(share > SHARE_UNITS for share in shares.values())
        )


def pair_of(run: Item) -> Pair:
    return run["person"], run["demand"]

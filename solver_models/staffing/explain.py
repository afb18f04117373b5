"""
Why a demand stays open, in facts that can be checked by hand against the problem and the plan.

The causes are tried from the hardest to the softest: nobody holds the levels; a rule bars all who do; none of the others
has the time; whoever has it costs more than the work brings; a rule bars the plan from taking it; other work brings more.
"""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, Any

from solver_models.staffing.eligibility import blocking_rules, missing_levels
from solver_models.staffing.exchanges import Exchange, Exchanges
from solver_models.staffing.plan import DemandFill, Reason, ReasonKind
from solver_models.staffing.problem import E4
from solver_models.staffing.roster import Booked, Roster

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver_models.staffing.columns import Columns, Option
    from solver_models.staffing.problem import Demand, Run

_LISTED = 3
"""How many people a reason names at most."""
_FULL_E4 = 9_900
"""Three times a third is full."""
_WEIGHED = 24
"""How many of the most valuable runs are weighed against what stands in their way."""


def explain(columns: Columns, runs: Sequence[Run]) -> tuple[DemandFill, ...]:
    """Filled and open minutes of every demand, with the reason for what is open."""
    roster = _roster(columns, runs)
    explainer = _Explainer(columns, roster)
    return tuple(_fill(roster, explainer, d) for d in columns.problem.demands)


def _roster(columns: Columns, runs: Sequence[Run]) -> Roster:
    roster = Roster(columns)
    for booked in list(roster.booked.values()):
        roster.remove(booked)
    for r in runs:
        roster.add(Booked(columns.option_of(r), r.first, r.last))
    return roster


def _fill(roster: Roster, explainer: _Explainer, demand: Demand) -> DemandFill:
    mine = roster.on_demand(demand.id)
    filled = sum(b.minutes for b in mine)
    open_min = max(0, sum(demand.effort) - filled)
    reason = explainer.reason(demand, mine) if open_min > 0 else None
    return DemandFill(demand=demand.id, filled_min=filled, open_min=open_min, reason=reason)


class _Explainer:
    def __init__(self, columns: Columns, roster: Roster) -> None:
        self._columns = columns
        self._terms = columns.terms
        self._roster = roster
        self._pinned = Roster(columns)
        self._exchanges = Exchanges(columns, roster)

    def reason(self, demand: Demand, mine: list[Booked]) -> Reason:
        eligibility = self._columns.eligibility
        allowed = [self._columns.problem.people[row].id for row in eligibility.allowed_rows(demand)]
        if not allowed and not (qualified := eligibility.qualified(demand)):
            return Reason(kind=ReasonKind.NOBODY_QUALIFIED, facts={"nearest": self._nearest(demand)})
        if not allowed and not mine:
            return self._barred(demand, qualified)
        if (rule := self._outside_time(demand)) is not None:
            return _blocked(rule)
        if mine and (lost := self._lost_to_absence(mine)):
            return lost
        options = [o for o in self._columns.by_demand.get(demand.id, ()) if o.pin is None]
        if not options:
            return _blocked("max_people") if self._is_full_of_people(demand) and mine else self._away(demand, allowed)
        return self._not_taken(demand, options, mine)

    def _barred(self, demand: Demand, qualified: list[str]) -> Reason:
        """By which rules everybody qualified is barred."""
        barred = [(p, blocking_rules(self._terms.people[p], demand)) for p in qualified]
        rules = sorted({rule for _, by in barred for rule in by})
        people = [{"person": p, "rules": list(by)} for p, by in barred[:_LISTED]]
        return _blocked(rules[0], rules=rules, people=people, people_count=len(barred))

    def _nearest(self, demand: Demand) -> list[dict[str, Any]]:
        people = self._columns.problem.people
        nearest = sorted((people[row] for row in self._columns.eligibility.nearest_rows(demand)), key=lambda p: p.id)
        return [
            {
                "person": p.id,
                "missing": [{"skill": s, "required": need, "held": held} for s, (need, held) in sorted(missing_levels(p, demand).items())],
            }
            for p in nearest[:_LISTED]
        ]

    def _outside_time(self, demand: Demand) -> str | None:
        """``shift`` when no shift keeps the window in the horizon, ``frozen`` when the window ends within the frozen periods."""
        window = self._terms.windows[demand.id]
        assert window is not None
        shifts = self._columns.shifts[self._terms.unit_of[demand.id]]
        if not any(window[0] + s >= 0 and window[1] + s < self._terms.horizon for s in shifts):
            return "shift"
        return "frozen" if all(window[1] + s < self._terms.frozen for s in shifts) else None

    def _lost_to_absence(self, mine: list[Booked]) -> Reason | None:
        """When the whole effort is promised, what is open was lost to the absences of those who run."""
        demand = mine[0].option.demand
        effort = self._terms.effort(demand, mine[0].option.shift)
        taken = [t for t, e in enumerate(effort) if e > 0 and t >= self._terms.frozen]
        if any(self._roster.share_e4(demand, t) < _FULL_E4 for t in taken):
            return None
        people: list[dict[str, Any]] = []
        for b in mine:
            o = b.option
            away = [t for t in range(b.first, b.last + 1) if o.minutes[t - o.lo] < o.promised[t - o.lo]]
            if away:
                people.append({"person": o.person, "periods": away})
        if not people:
            return _blocked("frozen" if any(effort[: self._terms.frozen]) else "shares")
        return Reason(
            kind=ReasonKind.AWAY_OR_BOOKED, facts={"people": people, "periods": sorted({t for p in people for t in p["periods"]})}
        )

    def _is_full_of_people(self, demand: Demand) -> bool:
        return self._roster.people_on(demand.id) >= self._columns.people_limit(demand)

    def _away(self, demand: Demand, allowed: Sequence[str]) -> Reason:
        """Nobody allowed has a run at all: in which periods their bookable minutes fall short of the least share."""
        share = min(demand.shares_e4, default=E4)
        if not demand.shares_e4:
            return _blocked("shares")
        people: list[dict[str, Any]] = []
        for p in allowed:
            short: set[int] = set()
            for s in self._columns.shifts[self._terms.unit_of[demand.id]]:
                minutes, promised = self._terms.minutes(p, demand.id, share, s), self._terms.promised(demand.id, share, s)
                short |= {t for t, (m, q) in enumerate(zip(minutes, promised, strict=True)) if m < q}
            people.append({"person": p, "periods": sorted(short)})
        if all(not p["periods"] for p in people):
            return _blocked("min_coverage", people=people[:_LISTED], people_count=len(people))
        people.sort(key=lambda p: (len(p["periods"]), p["person"]))
        periods = sorted({t for p in people for t in p["periods"]})
        return Reason(kind=ReasonKind.AWAY_OR_BOOKED, facts={"people": people[:_LISTED], "people_count": len(people), "periods": periods})

    def _not_taken(self, demand: Demand, options: list[Option], mine: list[Booked]) -> Reason:
        """Somebody could do it: pinned runs take the time, it is not worth its cost, a rule bars it, or other work brings more."""
        fits = self._most_valuable(options, mine)
        if not fits:
            return self._no_more_time(demand, mine) if mine else self._barred_by_pins(options)
        if fits[0][0].gain <= 0:
            return self._not_worth(fits[0][0], -fits[0][0].gain)
        offers = [self._exchanges.offer(wanted, replacing=now) for wanted, now in fits if wanted.gain > 0]
        exchanges = sorted((x for x in offers if isinstance(x, Exchange)), key=lambda x: x.short_x60)
        if exchanges and exchanges[0].short_x60 >= 0:
            return self._not_better(exchanges)
        if mine and self._is_full_of_people(demand):
            return _blocked("max_people")
        if (rule := self._project_rule(demand.project)) is not None:
            return _blocked(rule)
        for b in (b for x in exchanges for b in x.given_up):
            if (rule := self._project_rule(self._terms.demands[b.option.demand].project)) is not None:
                return _blocked(rule, people=[{"person": b.option.person}], holds=b.option.demand)
        blocked = sorted({x for x in offers if isinstance(x, str)})
        if blocked and not exchanges:
            return _blocked(blocked[0], rules=blocked)
        best = fits[0][0]
        return Reason(kind=ReasonKind.NOT_PROVEN, facts={"person": best.option.person, "value_x60": best.gain})

    def _most_valuable(self, options: list[Option], mine: list[Booked]) -> list[tuple[Booked, Booked | None]]:
        """The most valuable runs that fit beside the pinned ones, one per option, each with the person's own run on the demand."""
        own = {b.option.person: b for b in mine}
        fits: list[tuple[Booked, Booked | None]] = []
        for limit, o in sorted(((o.gain_limit(), o) for o in options), key=lambda pair: -pair[0]):
            if len(fits) >= _WEIGHED and limit <= fits[_WEIGHED - 1][0].gain:
                break
            now = own.get(o.person)
            if (fit := self._fit(o, now)) is not None:
                insort(fits, (fit, now), key=lambda pair: -pair[0].gain)
        return fits[:_WEIGHED]

    def _fit(self, option: Option, own: Booked | None) -> Booked | None:
        """The person's most valuable run beside the pinned ones; for somebody who is on the demand already, one that delivers more."""
        if own is None:
            return self._pinned.best_fit(option)
        runs = [Booked(option, first, last) for first, last in self._pinned.open_intervals(option)]
        more = [b for b in runs if b.minutes > own.minutes and own.option.pin is None]
        return max(more, key=lambda b: b.gain, default=None)

    def _no_more_time(self, demand: Demand, mine: list[Booked]) -> Reason:
        """Whoever is on the demand cannot give more, and nobody else has any time for it."""
        effort = self._terms.effort(demand.id, mine[0].option.shift)
        gaps = [t for t, e in enumerate(effort) if e > 0 and self._roster.share_e4(demand.id, t) < _FULL_E4]
        people = [{"person": b.option.person, "periods": gaps} for b in mine]
        return Reason(kind=ReasonKind.AWAY_OR_BOOKED, facts={"people": people, "periods": gaps})

    def _not_better(self, exchanges: list[Exchange]) -> Reason:
        """Doing more here would lose: other work of the person, or simply more than it brings."""
        if exchanges[0].given_up:
            return self._outbid([x for x in exchanges if x.given_up])
        wanted = exchanges[0].wanted
        if self._columns.problem.policy.fairness_cost > 0 and exchanges[0].replacing is None:
            return _blocked("fairness", people=[{"person": wanted.option.person}])
        return self._not_worth(wanted, exchanges[0].short_x60)

    def _not_worth(self, booked: Booked, short_x60: int) -> Reason:
        option = booked.option
        facts = {
            "person": option.person,
            "value_per_hour": self._terms.value_per_hour(option.person, option.demand),
            "idle_cost": self._terms.people[option.person].idle_cost,
            "minutes": booked.minutes,
            "short_x60": short_x60,
            "short_per_hour": short_x60 // max(1, booked.minutes),
        }
        return Reason(kind=ReasonKind.NOT_WORTH_ITS_COST, facts=facts)

    def _project_rule(self, project_id: str) -> str | None:
        """The rule that binds all of a project's runs together, where one does."""
        project = self._terms.projects.get(project_id)
        if project is None or project.id in self._columns.pinned_projects:
            return None
        if project.all_or_nothing:
            return "all_or_nothing"
        return "together" if any(len(g) > 1 for g in project.together) else None

    def _outbid(self, offers: list[Exchange]) -> Reason:
        """By what: for each person who could, the runs that bring more than this one would."""
        named: list[dict[str, Any]] = []
        seen: set[str] = set()
        for x in offers:
            o = x.wanted.option
            if x.short_x60 < 0 or o.person in seen or len(named) == _LISTED:
                continue
            seen.add(o.person)
            given_up = [
                {
                    "demand": b.option.demand,
                    "first": b.first,
                    "last": b.last,
                    "value_per_hour": self._terms.value_per_hour(o.person, b.option.demand),
                    "gain_x60": b.gain,
                    **({} if b.option.pin is None else {"cut_to": b.option.pin.last_min}),
                }
                for b in x.given_up
            ]
            named.append(
                {
                    "person": o.person,
                    "share_e4": o.share_e4,
                    "first": x.wanted.first,
                    "last": x.wanted.last,
                    "shift": o.shift,
                    "value_per_hour": self._terms.value_per_hour(o.person, o.demand),
                    "gain_x60": x.wanted.gain - (0 if x.replacing is None else x.replacing.gain),
                    "short_x60": x.short_x60,
                    "instead_of": given_up,
                }
            )
        return Reason(kind=ReasonKind.OUTBID, facts={"by": named})

    def _barred_by_pins(self, options: list[Option]) -> Reason:
        """Beside the pinned runs no run is left to anybody: their time, or the rule that pins use up."""
        rules = {rule for o in options if (rule := self._pinned.blocking_rule(o)) is not None}
        if not rules and any(next(self._pinned.open_intervals(o), None) is not None for o in options):
            rules = {"max_churn_minutes"}
        obstacles = [
            (o.person, t, what) for o in options for t in range(o.lo, o.hi + 1) if (what := self._pinned.obstacle(o, t)) is not None
        ]
        rules = rules or {what for _, _, what in obstacles if what != "capacity"}
        if rules:
            named = sorted(rules)
            return _blocked(named[0], rules=named)
        people: dict[str, list[int]] = {}
        for person, t, _ in obstacles:
            people.setdefault(person, []).append(t)
        listed = [{"person": p, "periods": sorted(set(periods)), "pinned": True} for p, periods in people.items()]
        facts = {"people": listed[:_LISTED], "people_count": len(listed), "periods": sorted({t for _, t, _ in obstacles})}
        return Reason(kind=ReasonKind.AWAY_OR_BOOKED, facts=facts)


def _blocked(rule: str, **facts: Any) -> Reason:
    return Reason(kind=ReasonKind.BLOCKED_BY_RULE, facts={"rule": rule, **facts})

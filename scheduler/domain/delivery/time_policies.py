"""Policies on time entries as data: which rule, with which figure, for whom and from when; and what an entry breaks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scheduler.domain.ground.checks import Faults, duplicates
from scheduler.domain.ground.errors import DomainError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from scheduler.domain.ground.ids import ProjectId, TimePolicyId

FIGURE_MAX = 100_000
REMIND_MAX = 90


class Severity(StrEnum):
    """What a broken rule does."""

    BLOCK = "block"
    """The entry is refused."""
    WARN = "warn"
    """The entry is taken, and the breach is told."""
    OFF = "off"
    """Nothing: a narrower policy lifts a wider one's rule."""


class RuleKind(StrEnum):
    """What a policy can ask for; those with a figure say of what."""

    LATEST_ENTRY_DAYS = "latest_entry_days"
    """Days after the work date within which it is entered or changed."""
    EARLIEST_ENTRY_DAYS = "earliest_entry_days"
    """Days ahead of today up to which work may be entered."""
    MAX_MINUTES_PER_DAY = "max_minutes_per_day"
    """Minutes of all entries of a person on one day."""
    OVERLAP = "overlap"
    """No two entries of a person at the same time."""
    MIN_NOTE_LENGTH = "min_note_length"
    """Characters of the note."""
    TASK_REQUIRED = "task_required"
    ACTIVITY_REQUIRED = "activity_required"


WITH_FIGURE: Mapping[RuleKind, int] = {
    RuleKind.LATEST_ENTRY_DAYS: 0,
    RuleKind.EARLIEST_ENTRY_DAYS: 0,
    RuleKind.MAX_MINUTES_PER_DAY: 1,
    RuleKind.MIN_NOTE_LENGTH: 1,
}
"""Rules that have a figure, and the least that makes sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """One rule of a policy."""

    kind: RuleKind
    severity: Severity = Severity.BLOCK
    figure: int | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        if self.kind not in WITH_FIGURE or self.severity is Severity.OFF:
            if self.figure is not None:
                faults.add("/figure", "time_policy.no_figure", "This rule has no figure; leave it out.")
        elif self.figure is None:
            faults.add("/figure", "field.missing", f"The rule {self.kind} needs its figure.")
        else:
            faults.integer("/figure", self.figure, least=WITH_FIGURE[self.kind], most=FIGURE_MAX)
        faults.raise_any("rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePolicy:
    """
    Rules for the time entries of the firm, of a team's people, or on a project, by their work date.

    Rule by rule the narrowest policy counts: a project's before a team's before the firm's.
    """

    id: TimePolicyId
    name: str
    project_id: ProjectId | None = None
    team: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    """Last day on which it counts."""
    rules: tuple[PolicyRule, ...] = ()
    remind_after_days: int | None = None
    """Days after the end of a week when those are reminded who have logged less than their target; ``None``: nobody is."""
    external_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        faults = Faults()
        object.__setattr__(self, "name", faults.text("/name", self.name))
        object.__setattr__(self, "team", faults.optional_text("/team", self.team))
        object.__setattr__(self, "external_id", faults.optional_text("/external_id", self.external_id))
        object.__setattr__(self, "rules", tuple(sorted(self.rules, key=lambda rule: rule.kind)))
        if self.project_id is not None and self.team is not None:
            faults.add("/team", "time_policy.two_scopes", "A policy is for a project or for a team, not both; make two policies.")
        if self.project_id is not None and self.remind_after_days is not None:
            faults.add("/remind_after_days", "time_policy.no_reminders", "People are reminded by the firm's or a team's policy.")
        if self.remind_after_days is not None:
            faults.integer("/remind_after_days", self.remind_after_days, least=0, most=REMIND_MAX)
        for kind in duplicates(rule.kind for rule in self.rules):
            faults.add("/rules", "time_policy.rule_twice", f"The rule {kind} is listed twice; keep one.")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            faults.add("/valid_until", "interval.empty", f"It ends {self.valid_until}, before it begins on {self.valid_from}.")
        faults.raise_any("time policy")

    def counts_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or day <= self.valid_until)


def check_policy_alone(policy: TimePolicy, others: Iterable[TimePolicy]) -> None:
    """No two policies of the same width say something of the same rule on the same day. Raises DomainError ``time_policy.overlap``."""
    for other in others:
        if other.id == policy.id or (other.project_id, other.team) != (policy.project_id, policy.team) or not _meet(policy, other):
            continue
        shared = sorted({rule.kind for rule in policy.rules} & {rule.kind for rule in other.rules})
        reminds = policy.remind_after_days is not None and other.remind_after_days is not None
        if shared or reminds:
            what = ", ".join([*shared, *(["reminders"] if reminds else [])])
            raise DomainError(
                ErrorKind.CONFLICT,
                "time_policy.overlap",
                f"The policy {other.name!r} says something of {what} for the same time and the same people; end one before the other begins.",
                facts={"policy_id": other.id, "rules": shared},
            )


def _meet(one: TimePolicy, other: TimePolicy) -> bool:
    """Whether there is a day on which both count."""
    return (one.valid_until is None or other.valid_from is None or other.valid_from <= one.valid_until) and (
        other.valid_until is None or one.valid_from is None or one.valid_from <= other.valid_until
    )


def reminder_policy(policies: Iterable[TimePolicy], *, team: str | None, today: date) -> TimePolicy | None:
    """By which policy somebody of the team is reminded of missing time: the team's before the firm's."""
    found = [p for p in policies if p.remind_after_days is not None and p.team in (None, team) and p.counts_on(today)]
    return max(found, key=lambda policy: (policy.team is not None, policy.id), default=None)

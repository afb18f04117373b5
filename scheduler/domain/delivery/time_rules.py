"""Which rules of the firm's policies a time entry breaks, each with its figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.delivery.clock_times import local_today
from scheduler.domain.delivery.time_policies import PolicyRule, RuleKind, Severity
from scheduler.domain.ground.errors import DomainError, ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from scheduler.domain.delivery.time_entries import TimeEntry
    from scheduler.domain.delivery.time_policies import TimePolicy
    from scheduler.domain.ground.ids import TimeEntryId, TimePolicyId

DEFAULTS: Mapping[RuleKind, PolicyRule] = {RuleKind.OVERLAP: PolicyRule(kind=RuleKind.OVERLAP, severity=Severity.WARN)}
"""What counts where no policy says otherwise."""
COMPLETENESS = frozenset({RuleKind.MIN_NOTE_LENGTH, RuleKind.TASK_REQUIRED, RuleKind.ACTIVITY_REQUIRED})
"""What a draft that was proposed may still lack."""
POINTERS: Mapping[RuleKind, str] = {
    RuleKind.LATEST_ENTRY_DAYS: "/work_date",
    RuleKind.EARLIEST_ENTRY_DAYS: "/work_date",
    RuleKind.MAX_MINUTES_PER_DAY: "/minutes",
    RuleKind.OVERLAP: "/started_at",
    RuleKind.MIN_NOTE_LENGTH: "/note",
    RuleKind.TASK_REQUIRED: "/task_id",
    RuleKind.ACTIVITY_REQUIRED: "/activity_type_id",
}
CODES: Mapping[RuleKind, str] = {
    RuleKind.LATEST_ENTRY_DAYS: "time.too_late",
    RuleKind.EARLIEST_ENTRY_DAYS: "time.too_early",
    RuleKind.MAX_MINUTES_PER_DAY: "time.day_full",
    RuleKind.OVERLAP: "time.overlap",
    RuleKind.MIN_NOTE_LENGTH: "time.note_short",
    RuleKind.TASK_REQUIRED: "time.task_required",
    RuleKind.ACTIVITY_REQUIRED: "time.activity_required",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A rule as it counts for an entry, and the policy that it is from (``None``: it counts where no policy says otherwise)."""

    rule: PolicyRule
    policy_id: TimePolicyId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWarning:
    """What is told of an entry that was taken."""

    entry_id: TimeEntryId
    code: str
    message: str
    policy_id: TimePolicyId | None = None
    figure: int | None = None
    found: int | None = None
    other_ids: tuple[TimeEntryId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule that an entry breaks: the figure allowed, the one found, and the other entries that it is about."""

    rule: RuleKind
    severity: Severity
    message: str
    entry_id: TimeEntryId
    policy_id: TimePolicyId | None = None
    figure: int | None = None
    found: int | None = None
    other_ids: tuple[TimeEntryId, ...] = ()

    @property
    def code(self) -> str:
        """Stable, with a section in docs/problems.md."""
        return CODES[self.rule]

    @property
    def warning(self) -> TimeWarning:
        """The same, of an entry that is taken."""
        names = ("entry_id", "code", "message", "policy_id", "figure", "found", "other_ids")
        return TimeWarning(**{name: getattr(self, name) for name in names})


def rules_for(entry: TimeEntry, policies: Iterable[TimePolicy], *, team: str | None) -> Mapping[RuleKind, InForce]:
    """The rule of each kind that counts for an entry: the project's before the team's before the firm's."""
    found = {kind: InForce(rule=rule) for kind, rule in DEFAULTS.items()}
    chosen = [p for p in policies if p.counts_on(entry.work_date) and p.project_id in (None, entry.project_id) and p.team in (None, team)]
    for policy in sorted(chosen, key=_width):
        found |= {rule.kind: InForce(rule=rule, policy_id=policy.id) for rule in policy.rules}
    return {kind: one for kind, one in found.items() if one.rule.severity is not Severity.OFF}


def breaches(entry: TimeEntry, *, others: Sequence[TimeEntry], rules: Mapping[RuleKind, InForce], now: datetime) -> tuple[Breach, ...]:
    """What the entry breaks beside its person's ``others`` of the days around; by ``now`` it is told what is late or early."""
    found = (_found(entry, others, rules[kind].rule, now) for kind in RuleKind if kind in rules)
    return tuple(
        Breach(
            rule=one.rule.kind,
            severity=one.rule.severity,
            message=one.message,
            entry_id=entry.id,
            policy_id=rules[one.rule.kind].policy_id,
            figure=one.rule.figure,
            found=one.found,
            other_ids=one.other_ids,
        )
        for one in found
        if one is not None
    )


def refuse(blocking: Sequence[Breach], *, pointers: Mapping[TimeEntryId, str]) -> DomainError:
    """The refusal of entries that break rules, all at once; ``pointers``: where in the request each entry stands."""
    faults = tuple(
        Fault(pointer=f"{pointers.get(one.entry_id, '')}{POINTERS[one.rule]}", code=one.code, message=one.message) for one in blocking
    )
    others = sorted({other for one in blocking if one.rule is RuleKind.OVERLAP for other in one.other_ids})
    more = f" ({len(faults)} rules in all)" if len(faults) > 1 else ""
    facts = {"breaches": [_facts(one) for one in blocking]}
    if others:
        first = next(one for one in blocking if one.rule is RuleKind.OVERLAP)
        return DomainError(ErrorKind.CONFLICT, "time.overlap", f"{first.message}{more}", faults, {**facts, "entry_ids": others})
    detail = f"The firm's policy on time does not allow it: {blocking[0].message}{more}"
    return DomainError(ErrorKind.INVALID, "time.policy", detail, faults, facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    rule: PolicyRule
    message: str
    found: int | None = None
    other_ids: tuple[TimeEntryId, ...] = ()


def _found(entry: TimeEntry, others: Sequence[TimeEntry], rule: PolicyRule, now: datetime) -> _Found | None:
    match rule.kind:
        case RuleKind.LATEST_ENTRY_DAYS | RuleKind.EARLIEST_ENTRY_DAYS:
            return _of_days(entry, rule, now)
        case RuleKind.MAX_MINUTES_PER_DAY:
            total = entry.minutes + sum(one.minutes for one in others if one.work_date == entry.work_date)
            message = f"{entry.work_date} would have {total} minutes; at most {rule.figure} are allowed on a day."
            return _Found(rule=rule, message=message, found=total) if total > (rule.figure or 0) else None
        case RuleKind.OVERLAP:
            met = tuple(sorted(one.id for one in others if entry.overlaps(one)))
            message = (
                f"Work at the same time is recorded already, in {', '.join(met)}; change one of them, or end one when the other begins."
            )
            return _Found(rule=rule, message=message, found=len(met), other_ids=met) if met else None
        case RuleKind.MIN_NOTE_LENGTH:
            length = len(entry.note or "")
            message = f"The note has {length} characters; at least {rule.figure} are wanted. Say what was done."
            return _Found(rule=rule, message=message, found=length) if length < (rule.figure or 0) else None
        case RuleKind.TASK_REQUIRED:
            return None if entry.task_id is not None else _Found(rule=rule, message="Work on this project names its task; give task_id.")
        case RuleKind.ACTIVITY_REQUIRED:
            message = "Work names its activity type; give activity_type_id."
            return None if entry.activity_type_id is not None else _Found(rule=rule, message=message)


def _of_days(entry: TimeEntry, rule: PolicyRule, now: datetime) -> _Found | None:
    figure = rule.figure or 0
    if rule.kind is RuleKind.LATEST_ENTRY_DAYS:
        late = (local_today(now, entry.zone, earliest=True) - entry.work_date).days
        message = f"{entry.work_date} is {late} days ago; work is entered and changed within {figure} days. Ask whoever keeps the policy."
        return _Found(rule=rule, message=message, found=late) if late > figure else None
    ahead = (entry.work_date - local_today(now, entry.zone)).days
    message = f"{entry.work_date} is {ahead} days ahead; work is entered at most {figure} days ahead. Enter it when it is done."
    return _Found(rule=rule, message=message, found=ahead) if ahead > figure else None


def _width(policy: TimePolicy) -> tuple[int, str]:
    """The wider first."""
    return (2 if policy.project_id is not None else 1 if policy.team is not None else 0, policy.id)


def _facts(one: Breach) -> dict[str, object]:
    return {
        "rule": one.rule.value,
        "severity": one.severity.value,
        "code": one.code,
        "policy_id": one.policy_id,
        "figure": one.figure,
        "found": one.found,
        "entry_ids": list(one.other_ids),
    }

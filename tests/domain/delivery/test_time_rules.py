"""Time entries, and the policies that they keep or break."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scheduler.domain.delivery.time_entries import TimeEntry
from scheduler.domain.delivery.time_policies import PolicyRule, RuleKind, Severity, TimePolicy, check_policy_alone
from scheduler.domain.delivery.time_rules import Breach, breaches, refuse, rules_for
from scheduler.domain.ground.errors import DomainError, ErrorKind
from scheduler.domain.ground.ids import ActivityTypeId, PersonId, ProjectId, TaskId, TimeEntryId, TimePolicyId

DAY = date(2027, 3, 1)
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def entry(entry_id: str = "one", **changes: Any) -> TimeEntry:
    given = {"id": TimeEntryId(entry_id), "person_id": PersonId("ann"), "project_id": ProjectId("alpha"), "work_date": DAY, "minutes": 60}
    return TimeEntry(**{**given, **changes})


def worked(entry_id: str, hour: int, minutes: int = 60, **changes: Any) -> TimeEntry:
    start = datetime(2027, 3, 1, hour, tzinfo=UTC)
    span = {"started_at": start, "ended_at": start + timedelta(minutes=minutes), "zone": "UTC", "minutes": minutes}
    return entry(entry_id, **{**span, **changes})


def policy(*rules: PolicyRule, policy_id: str = "firm", **changes: Any) -> TimePolicy:
    return TimePolicy(**{"id": TimePolicyId(policy_id), "name": policy_id, "rules": rules, **changes})


def broken(one: TimeEntry, *rules: PolicyRule, others: tuple[TimeEntry, ...] = (), now: datetime = NOON) -> list[tuple[str, Any, Any]]:
    found = breaches(one, others=others, rules=rules_for(one, [policy(*rules)], team=None), now=now)
    return [(breach.code, breach.figure, breach.found) for breach in found]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"minutes": 0}, "number.out_of_range"),
        ({"minutes": 1501}, "number.out_of_range"),
        ({"zone": "UTC"}, "field.missing"),
        ({"started_at": NOON, "ended_at": NOON, "zone": "UTC"}, "time.end_before_start"),
        ({"started_at": NOON, "ended_at": NOON + timedelta(minutes=61), "zone": "UTC"}, "time.minutes_differ"),
        ({"started_at": NOON, "ended_at": NOON + timedelta(minutes=60, seconds=1), "zone": "UTC"}, "time.whole_minutes"),
        ({"note": "x" * 2001}, "text.too_long"),
        ({"note": "a\x1b[31m"}, "text.control"),
    ],
)
def test_an_entry_checks_itself(changes: dict[str, Any], code: str) -> None:
    """Minutes are those that passed, and whole; start, end and zone come together; notes hold no control characters."""
    with pytest.raises(DomainError) as refused:
        entry(**changes)
    assert code in {fault.code for fault in refused.value.faults}


def test_a_note_may_have_several_lines() -> None:
    """Line breaks and tabs stay, the white space around goes, nothing but white space is no note."""
    assert entry(note="  Interviews\r\n\twith sales \n").note == "Interviews\n\twith sales"
    assert entry(note=" \n ").note is None


@pytest.mark.parametrize(
    ("one", "rule", "figure", "wanted"),
    [
        (entry(work_date=DAY - timedelta(days=8)), RuleKind.LATEST_ENTRY_DAYS, 7, ("time.too_late", 7, 8)),
        (entry(work_date=DAY + timedelta(days=3)), RuleKind.EARLIEST_ENTRY_DAYS, 1, ("time.too_early", 1, 2)),
        (entry(note="short"), RuleKind.MIN_NOTE_LENGTH, 6, ("time.note_short", 6, 5)),
        (entry(), RuleKind.TASK_REQUIRED, None, ("time.task_required", None, None)),
        (entry(), RuleKind.ACTIVITY_REQUIRED, None, ("time.activity_required", None, None)),
    ],
)
def test_each_breach_names_its_rule_and_its_figures(
    one: TimeEntry, rule: RuleKind, figure: int | None, wanted: tuple[str, Any, Any]
) -> None:
    """What is allowed and what was found, also with several at once; at noon UTC the furthest clocks show the day after, and the day itself."""
    assert broken(one, PolicyRule(kind=rule, figure=figure)) == [wanted]


def test_what_lies_on_the_edge_is_allowed() -> None:
    """The last day, the first day, the last minute and the exact length; a task and an activity."""
    edges = entry(work_date=DAY, note="123456", task_id=TaskId("t"), activity_type_id=ActivityTypeId("a"), minutes=60)
    rules = [
        PolicyRule(kind=RuleKind.LATEST_ENTRY_DAYS, figure=0),
        PolicyRule(kind=RuleKind.EARLIEST_ENTRY_DAYS, figure=0),
        PolicyRule(kind=RuleKind.MAX_MINUTES_PER_DAY, figure=100),
        PolicyRule(kind=RuleKind.MIN_NOTE_LENGTH, figure=6),
        PolicyRule(kind=RuleKind.TASK_REQUIRED),
        PolicyRule(kind=RuleKind.ACTIVITY_REQUIRED),
    ]
    assert broken(edges, *rules, others=(entry("two", minutes=40), entry("other day", work_date=DAY + timedelta(days=1)))) == []
    assert broken(edges, *rules, others=(entry("two", minutes=41),)) == [("time.day_full", 100, 101)]


def test_late_is_told_where_the_work_was_done() -> None:
    """At 23:00 UTC it is tomorrow in Berlin: there a day's limit of none has passed, by the clocks furthest behind it has not."""
    night = datetime(2027, 3, 1, 23, 30, tzinfo=UTC)
    start = datetime(2027, 3, 1, 8, tzinfo=UTC)
    span: dict[str, Any] = {"started_at": start, "ended_at": start + timedelta(hours=1)}
    late = PolicyRule(kind=RuleKind.LATEST_ENTRY_DAYS, figure=0)
    assert broken(entry(**span, zone="Europe/Berlin"), late, now=night) == [("time.too_late", 0, 1)]
    assert broken(entry(), late, now=night) == []


def test_t04_overlap_is_told_with_the_other_and_adjacent_is_none() -> None:
    """Without any policy it is a warning; a policy forbids or allows it; minutes alone overlap nothing."""
    nine, adjacent, within = worked("nine", 9), worked("ten", 10), worked("half past", 9, 30)
    found = breaches(within, others=(nine, adjacent, entry("minutes")), rules=rules_for(within, [], team=None), now=NOON)
    assert [(one.code, one.severity, one.other_ids) for one in found] == [("time.overlap", Severity.WARN, ("nine",))]
    assert breaches(nine, others=(adjacent,), rules=rules_for(nine, [], team=None), now=NOON) == ()
    assert broken(within, PolicyRule(kind=RuleKind.OVERLAP, severity=Severity.OFF), others=(nine,)) == []
    assert broken(within, PolicyRule(kind=RuleKind.OVERLAP), others=(nine,)) == [("time.overlap", None, 1)]


def test_the_narrowest_policy_counts_rule_by_rule() -> None:
    """A project's before a team's before the firm's; outside its dates a policy says nothing."""

    def rule(figure: int, severity: Severity = Severity.BLOCK) -> PolicyRule:
        return PolicyRule(kind=RuleKind.MAX_MINUTES_PER_DAY, figure=figure, severity=severity)

    note = PolicyRule(kind=RuleKind.MIN_NOTE_LENGTH, figure=5)
    firm, team = policy(rule(600), note), policy(rule(500), policy_id="team", team="North")
    project = policy(rule(400), policy_id="project", project_id=ProjectId("alpha"), valid_from=DAY, valid_until=DAY)
    lifted = policy(PolicyRule(kind=RuleKind.MIN_NOTE_LENGTH, severity=Severity.OFF), policy_id="beta", project_id=ProjectId("beta"))
    everything = [project, firm, lifted, team]

    def figures(one: TimeEntry, team_name: str | None) -> dict[str, int | None]:
        found = rules_for(one, everything, team=team_name)
        return {kind: found[kind].rule.figure for kind in (RuleKind.MAX_MINUTES_PER_DAY, RuleKind.MIN_NOTE_LENGTH) if kind in found}

    assert figures(entry(), "North") == {"max_minutes_per_day": 400, "min_note_length": 5}
    assert figures(entry(work_date=DAY + timedelta(days=1)), "North") == {"max_minutes_per_day": 500, "min_note_length": 5}
    assert figures(entry(project_id=ProjectId("beta")), "South") == {"max_minutes_per_day": 600}


def test_a_refusal_names_every_broken_rule_at_once() -> None:
    """Invalid; with an overlap among them a conflict that names the other entries."""

    def breach(rule: RuleKind, **more: Any) -> Breach:
        return Breach(rule=rule, severity=Severity.BLOCK, message=f"{rule}.", entry_id=TimeEntryId("one"), **more)

    plain = refuse(
        [breach(RuleKind.TASK_REQUIRED), breach(RuleKind.MIN_NOTE_LENGTH, figure=5, found=0)], pointers={TimeEntryId("one"): "/cells/3"}
    )
    assert (plain.kind, plain.code) == (ErrorKind.INVALID, "time.policy")
    assert [(f.pointer, f.code) for f in plain.faults] == [("/cells/3/task_id", "time.task_required"), ("/cells/3/note", "time.note_short")]
    both = refuse([breach(RuleKind.TASK_REQUIRED), breach(RuleKind.OVERLAP, other_ids=(TimeEntryId("two"),))], pointers={})
    assert (both.kind, both.code, both.facts["entry_ids"], len(both.faults)) == (ErrorKind.CONFLICT, "time.overlap", ["two"], 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"project_id": ProjectId("alpha"), "team": "North"}, "time_policy.two_scopes"),
        ({"project_id": ProjectId("alpha"), "remind_after_days": 2}, "time_policy.no_reminders"),
        ({"rules": (PolicyRule(kind=RuleKind.OVERLAP), PolicyRule(kind=RuleKind.OVERLAP))}, "time_policy.rule_twice"),
        ({"valid_from": DAY, "valid_until": DAY - timedelta(days=1)}, "interval.empty"),
    ],
)
def test_a_policy_checks_itself(changes: dict[str, Any], code: str) -> None:
    """For a project or a team, each rule once, in the order of time."""
    with pytest.raises(DomainError) as refused:
        policy(**changes)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_two_policies_of_one_width_do_not_speak_of_the_same_rule_at_once() -> None:
    """One after the other, of other rules, or for others they may."""
    rule = PolicyRule(kind=RuleKind.OVERLAP)
    one = policy(rule, valid_until=DAY)
    check_policy_alone(one, [one, policy(rule, policy_id="later", valid_from=DAY + timedelta(days=1))])
    check_policy_alone(
        one, [policy(rule, policy_id="team", team="North"), policy(PolicyRule(kind=RuleKind.TASK_REQUIRED), policy_id="task")]
    )
    with pytest.raises(DomainError) as refused:
        check_policy_alone(one, [policy(rule, policy_id="same", valid_from=DAY)])
    assert (refused.value.code, refused.value.facts["policy_id"]) == ("time_policy.overlap", "same")

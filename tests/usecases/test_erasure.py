"""Erasing a person, and what is held on one: nothing is left that says who it was, and no total moves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.audit import Unreadable
from scheduler.domain.ground.credentials import Identity
from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.idempotency import IdempotencyClaim, StoredResponse
from scheduler.domain.ground.ids import AbsenceId, PersonId
from scheduler.domain.ground.interval import DateInterval
from scheduler.domain.ground.opaque import KeyedDigest
from scheduler.domain.ground.permissions import Role
from scheduler.domain.staffing.erasure import pseudonym_of
from scheduler.queries.personal import export_person, identified
from scheduler.queries.plans import get_plan, get_plan_problem
from scheduler.store import Store
from scheduler.store.invoices import InvoiceReader
from scheduler.store.session_start import begin_session
from scheduler.store.tables import METADATA
from scheduler.usecases.erasure import erase_person
from scheduler.usecases.plan_application import ApplyTerms, apply_plan
from scheduler.usecases.records import change_record, create_record, delete_record
from scheduler.usecases.tokens import create_token
from scheduler.usecases.users import change_user, create_user
from tests import factories as make
from tests.billing_firm import draft, fill, issue, log, make_entry
from tests.logins import make_user
from tests.stored_plans import PLANNED_AT, planned, run

if TYPE_CHECKING:
    from scheduler.domain.billing.invoices import Invoice
    from scheduler.domain.ground.users import User
    from scheduler.domain.staffing.people import Person
    from scheduler.domain.staffing.plans import Plan

NOW = PLANNED_AT
LATER = NOW + timedelta(hours=1)
GONE = datetime(2029, 1, 1, tzinfo=UTC)
"""When all that was booked is done, and the person has left."""
NAME, FORMER, MAIL, PLACE, STAFF_ID, KIND = "Annabella Quint", "Annabella Prior", "quint@example.org", "Salzburg", "HR-4711", "sick leave"
SAYS_WHO = (NAME, FORMER, MAIL, PLACE, STAFF_ID, KIND, NAME.casefold())
PSEUDONYM = pseudonym_of("ann")
DIGEST = KeyedDigest("k" * 32)


def quint() -> Person:
    term = make.make_term(location=PLACE, cost_rate=Decimal("77.5"), period=DateInterval(date(2020, 1, 1), date(2028, 12, 31)))
    return replace(make.make_person(terms=(term,)), name=FORMER, external_id=STAFF_ID)


@pytest.fixture
def plan(store: Store) -> Plan:
    """A firm in which Annabella was renamed, was ill, is booked by a plan, and was answered about a minute ago."""
    claim = IdempotencyClaim(
        key="k", route="POST /v1/people", body_sha256="0", respond=lambda value: StoredResponse(status=201, body=value.name.encode())
    )
    for value in (make.make_skill(), make.make_calendar()):
        create_record(store, actor=LOCAL, value=value, now=NOW)
    person = create_record(store, actor=LOCAL, value=quint(), now=NOW, idempotency=claim)
    change_record(store, actor=LOCAL, value=replace(person, name=NAME, email=MAIL), now=NOW)
    sick = make.make_absence(id=AbsenceId("a1"), kind=KIND, external_id=f"{STAFF_ID}/1")
    demand = replace(make.make_demand(), name=f"Instead of {NAME}")
    for other in (make.make_person("bob"), make.make_project(), demand, sick):
        create_record(store, actor=LOCAL, value=other, now=NOW)
    made = planned(store, run())
    apply_plan(store, actor=LOCAL, plan_id=made.id, expected_version=made.version, now=LATER, terms=ApplyTerms(confirmed=True))
    return made


def everything(store: Store) -> dict[str, list[Any]]:
    with store.engine.connect() as connection:
        return {name: list(connection.execute(select(table).order_by(*table.primary_key))) for name, table in METADATA.tables.items()}


def totals(store: Store, plan: Plan) -> dict[str, Any]:
    """What sums are made of: time, money, bookings, and what plans came to."""
    with store.read(LOCAL) as view:
        kept = view.plans.get(plan.id)
        people = view.people.all()
        assert kept.result is not None
        return {
            "booked": [(b.person_id, b.project_id, b.period, b.share, b.state) for b in view.bookings.all()],
            "capacity": [(p.id, t.period, t.weekly_minutes, t.cost_rate, t.employment) for p in people for t in p.terms],
            "away": [(a.person_id, a.period, a.part) for a in view.absences.all()],
            "skills": [(p.id, p.skills) for p in people],
            "plan": (kept.result["view"]["totals"], kept.result["view"]["proof"]),
        }


def test_p05_nothing_says_who_it_was_and_no_total_moves(store: Store, plan: Plan) -> None:
    """Current rows and all versions, plans, their problems, the audit, answers: a pseudonym everywhere; the chain still verifies."""
    before = totals(store, plan)
    done = erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    assert done.pseudonym == PSEUDONYM
    demand_name = f"Instead of {NAME}"
    text = str(everything(store)).replace(demand_name, "").replace(demand_name.casefold(), "")
    assert [word for word in SAYS_WHO if word in text] == []
    assert totals(store, plan) == before
    with store.read(LOCAL) as view:
        assert view.audit.verify().holds
        person = view.people.get("ann")
        assert {one.value.name for one in view.people.history("ann")} == {PSEUDONYM}
    assert (person.name, person.email, person.external_id, person.version) == (PSEUDONYM, None, None, 3)
    with store.read(LOCAL, as_of=NOW + timedelta(minutes=1)) as then:
        assert then.people.get("ann").name == PSEUDONYM


def test_p05_plans_are_read_with_the_pseudonym(store: Store, plan: Plan) -> None:
    """What a plan says stays; names are those of today, and what was sealed says that it is gone."""
    named = get_plan(store, actor=LOCAL, plan_id=plan.id)
    assert named.result is not None
    assert named.result["view"]["assignments"][0]["person"] == {"id": "ann", "name": NAME}
    erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    erased = get_plan(store, actor=LOCAL, plan_id=plan.id)
    assert erased.result is not None
    assert erased.result["view"]["assignments"][0]["person"] == {"id": "ann", "name": PSEUDONYM}
    statements = [one for one in erased.result["view"]["valuation"] if one["id"] == "ann"]
    assert statements
    assert {one["text"] for one in statements} == {"Erased."}
    problem = get_plan_problem(store, actor=LOCAL, plan_id=plan.id).problem
    assert {one["id"]: one["cost_rate"] for one in problem["people"]} == {"ann": 0, "bob": 5000}


def test_p05_the_report_says_what_is_kept_and_why(store: Store, plan: Plan) -> None:
    """Costs and capacity of past work, the records of the audit, what plans came to; and texts that somebody has to look at."""
    done = erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    kept = {one.table: one for one in done.kept}
    assert {"people", "person_terms", "person_skills", "absences", "audit_changes", "plans"} == set(kept)
    assert all(one.why and one.rows for one in done.kept)
    assert any("cost_rate" in one.columns for one in done.kept)
    assert done.rewritten["people_versions"] == 2
    assert done.rewritten["idempotency_records"] == 1
    assert done.sealed == {"audit_changes": 4, "plans": 1}
    assert [(one.table, one.row_id) for one in done.mentions] == [("demands", "alpha-lead")]


def test_p05_the_audit_shows_that_somebody_was_erased_and_by_whom(store: Store, plan: Plan) -> None:
    """The erasure is a record of its own without personal values; the records before it have lost theirs."""
    erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    with store.read(LOCAL) as view:
        about = list(view.audit.about("ann"))
    last = about[-1]
    assert (last.kind, last.row_id, last.actor_id) == ("erased", "ann", "local")
    assert (last.before, last.after) == ({"version": 2}, {"version": 3})
    created = next(one for one in about if one.area == "people")
    assert created.unreadable is Unreadable.ERASED
    assert created.after is not None
    assert "name" not in created.after


def test_a_dry_run_reports_the_same_and_changes_nothing(store: Store, plan: Plan) -> None:
    """Not a row differs afterwards."""
    before = everything(store)
    tried = erase_person(store, actor=LOCAL, person_id="ann", now=GONE, dry_run=True)
    assert everything(store) == before
    assert tried.dry_run
    assert replace(tried, dry_run=False) == erase_person(store, actor=LOCAL, person_id="ann", now=GONE)


def test_whoever_was_deleted_can_be_erased(store: Store) -> None:
    """The versions still say who it was; nobody else is touched, and erasing twice does no harm."""
    for value in (make.make_skill(), make.make_calendar(), make.make_person("bob"), quint()):
        create_record(store, actor=LOCAL, value=value, now=NOW)
    delete_record(store, actor=LOCAL, area="people", record_id="ann", version=1, now=NOW)
    for _ in range(2):
        erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
        text = str(everything(store))
        assert [word for word in SAYS_WHO if word in text] == []
    assert "Bob" in text
    with store.read(LOCAL) as view:
        assert [one.kind for one in view.audit.about("ann")] == ["created", "deleted", "erased", "erased"]
        assert view.audit.verify().holds


def test_an_erased_person_can_be_changed_and_erased_again(store: Store, plan: Plan) -> None:
    """What is written afterwards is sealed under a new key."""
    erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    with store.read(LOCAL) as view:
        person = view.people.get("ann")
    change_record(store, actor=LOCAL, value=replace(person, name="Comeback"), now=LATER)
    with store.read(LOCAL) as view:
        assert list(view.audit.about("ann"))[-1].after == {"version": 4, "name": "Comeback"}
    erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    assert "Comeback" not in str(everything(store))


@pytest.fixture
def two_logins(store: Store, plan: Plan) -> tuple[User, ...]:
    """Two users who are Annabella, with everything that lets somebody in, and a change that one of them made to another person."""
    made = []
    for login in ("aquint", "quint.admin"):
        user = make_user(login, role=Role.ADMIN, person_id=PersonId("ann"), name=NAME, external_id=f"{STAFF_ID}/{login}")
        made.append(create_user(store, actor=LOCAL, user=user, now=NOW, password_hash="$argon2id$nonsense"))
    create_user(store, actor=LOCAL, user=make_user("root"), now=NOW)
    with store.begin(LOCAL, now=NOW) as tx:
        for user in made:
            begin_session(tx, user, digest=DIGEST, device_secret=None, session_secret=None)
            tx.credentials.tie(Identity(issuer="https://idp.example", subject=f"subject of {user.login}"), user.id, now=NOW)
    for user in made:
        actor = user.actor(credential_id="test")
        create_token(store, actor=actor, digest=DIGEST, name="Quint's", scopes=frozenset({"skills:read"}), expires_in_days=1, now=NOW)
    with store.read(LOCAL) as view:
        bob = view.people.get("bob")
    change_record(store, actor=made[0].actor(credential_id="test"), value=replace(bob, email="bob@example.org"), now=NOW)
    return tuple(made)


def test_p05_whoever_is_erased_is_out_and_known_no_more(store: Store, two_logins: tuple[User, ...]) -> None:
    """Users stay as rows that say nothing; sessions, tokens, passwords, identities and browsers are gone; the chain verifies."""
    erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    words = (*SAYS_WHO, "aquint", "quint.admin", "subject of", "Quint's", "argon2id")
    text = str(everything(store)).replace(f"Instead of {NAME}", "").replace(f"Instead of {NAME}".casefold(), "")
    assert [word for word in words if word in text] == []
    with store.read(LOCAL) as view:
        for user in two_logins:
            found = view.users.get(user.id)
            assert (found.login, found.name, found.is_active, found.external_id) == (user.id, PSEUDONYM, False, None)
        assert view.audit.verify().holds
    for name, rows in everything(store).items():
        if "user_id" in METADATA.tables[name].c:
            assert [row for row in rows if row.user_id in {user.id for user in two_logins}] == [], name


def test_a_user_that_is_somebody_else_by_now_stays(store: Store, plan: Plan) -> None:
    """What was recorded while the user was Annabella loses her name; who it is now can still log in."""
    user = make_user("shared", role=Role.MEMBER, person_id=PersonId("ann"), name=NAME)
    added = create_user(store, actor=LOCAL, user=user, now=NOW, password_hash="$argon2id$nonsense")
    other = replace(added, name="Bob", person_id=PersonId("bob"))
    changed = change_user(store, actor=LOCAL, user=other, now=LATER)
    erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    with store.read(LOCAL) as view:
        assert view.users.get(added.id) == changed
        assert view.credentials.password_hash(added.id) == "$argon2id$nonsense"
        assert [one.value.name for one in view.users.history(added.id)] == [PSEUDONYM, "Bob"]
        assert view.audit.verify().holds


def test_p05_the_last_admin_is_not_erased(store: Store, plan: Plan) -> None:
    """Somebody else must be an admin first."""
    create_user(store, actor=LOCAL, user=make_user("only", person_id=PersonId("ann")), now=NOW)
    with pytest.raises(DomainError, match=r"user\.last_admin"):
        erase_person(store, actor=LOCAL, person_id="ann", now=GONE)


def test_an_export_has_what_somebody_did_and_how_they_get_in(store: Store, two_logins: tuple[User, ...]) -> None:
    """Acts without what they did to others; tokens, sessions and identities without what they are known by."""
    found = export_person(store, actor=LOCAL, person="ann", now=LATER)
    assert [(act["area"], act["row_id"]) for act in found["acts"] if act["area"] == "people"] == [("people", "bob")]
    assert {"users", "sessions", "api_tokens", "user_identities", "user_passwords", "known_devices"} <= set(found["records"])
    text = json.dumps(found, ensure_ascii=False)
    assert "bob@example.org" not in text
    assert "argon2id" not in text
    assert "digest" not in text
    assert "login succeeded" in text


def test_who_is_erased_before_the_work_is_done_leaves_it_open(store: Store, plan: Plan) -> None:
    """What was booked from today on is nobody's any more."""
    erase_person(store, actor=LOCAL, person_id="ann", now=LATER)
    with store.read(LOCAL) as view:
        assert [one for one in view.bookings.all() if one.person_id == "ann"] == []
        assert [term.period.end for term in view.people.get("ann").terms] == [LATER.date()]


def test_who_never_was_is_not_found(store: Store) -> None:
    """Neither erased nor exported."""
    for key in ("nobody", "no\x00body"):
        with pytest.raises(DomainError, match=r"record\.not_found"):
            export_person(store, actor=LOCAL, person=key, now=NOW)
        with pytest.raises(DomainError, match=r"record\.not_found"):
            erase_person(store, actor=LOCAL, person_id=key, now=NOW)


def test_an_export_has_all_that_is_held(store: Store, plan: Plan) -> None:
    """Terms with every version, skills, absences, bookings, plans, problems, audit and answers; nobody else's."""
    found = export_person(store, actor=LOCAL, person=STAFF_ID, now=LATER)
    text = json.dumps(found, ensure_ascii=False)
    assert [word for word in SAYS_WHO[:-1] if word not in text] == []
    assert "Bob" not in text
    assert set(found["records"]) == {"people", "person_terms", "person_skills", "absences", "bookings", "person_days", "booking_loads"}
    assert [row["name"] for row in found["records"]["people"]["versions"]] == [FORMER, NAME]
    assert found["records"]["person_terms"]["current"][0]["cost_rate"] == "77.5"
    assert found["plans"][0]["said"]["assignments"][0]["total_minutes"] > 0
    assert found["plans"][0]["problem"]["people"][0]["cost_rate"] == 7750
    assert {entry["area"] for entry in found["audit"]} == {"people", "absences", "bookings"}
    assert found["answers"][0]["route"] == "POST /v1/people"


def test_after_an_erasure_an_export_says_no_more_than_the_pseudonym(store: Store, plan: Plan) -> None:
    """The id leads to rows that say nothing about who it was."""
    assert identified(store, actor=LOCAL, person=STAFF_ID) == "ann"
    erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    text = json.dumps(export_person(store, actor=LOCAL, person="ann", now=LATER), ensure_ascii=False)
    assert PSEUDONYM in text
    assert [word for word in SAYS_WHO if word in text] == []
    with pytest.raises(DomainError, match=r"record\.not_found"):
        identified(store, actor=LOCAL, person=STAFF_ID)


def test_nothing_is_left_in_the_file(migrated_sqlite_url: str) -> None:
    """SQLite keeps deleted rows in free pages and in its log, until the file is scrubbed."""
    store = Store(migrated_sqlite_url)
    for value in (make.make_skill(), make.make_calendar(), quint()):
        create_record(store, actor=LOCAL, value=value, now=NOW)
    with store.engine.connect() as connection:
        key = connection.execute(select(METADATA.tables["person_keys"].c.key)).scalar_one()
    erase_person(store, actor=LOCAL, person_id="ann", now=GONE)
    store.scrub()
    store.close()
    files = Path(migrated_sqlite_url.removeprefix("sqlite:///")).parent.glob("muster.db*")
    content = b"".join(file.read_bytes() for file in files)
    assert pseudonym_of("ann").encode() in content
    assert key not in content
    assert FORMER.encode() not in content


def test_drafts_no_longer_say_who_was_erased_and_issued_invoices_do(store: Store) -> None:
    """What was issued is kept by law and is what its hash says; a draft bills the same under the pseudonym."""
    fill(store)
    log(store, make_entry("e1"), make_entry("e2", project="beta"))
    issued, drafted = issue(store, draft(store)), draft(store, "beta")
    name = make.make_person("ann").name
    assert name in _texts(store, issued) + _texts(store, drafted)
    erasure = erase_person(store, actor=LOCAL, person_id="ann", now=LATER)
    assert erasure.rewritten["invoice_lines"] == 1
    assert (name in _texts(store, issued), name in _texts(store, drafted)) == (True, False)
    assert PSEUDONYM in _texts(store, drafted)
    with store.read(LOCAL) as view:
        assert view.area("invoices").get(drafted.id).net_minor == drafted.net_minor


def _texts(store: Store, invoice: Invoice) -> str:
    with store.read(LOCAL) as view:
        return " ".join(f"{one.description} {one.note or ''}" for one in InvoiceReader(view.connection).parts(invoice.id).lines)

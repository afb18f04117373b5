"""Contracts, charges and whom they bill over HTTP, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from scheduler.domain.billing.contracts import ContractKind, Retainer
from scheduler.domain.billing.document_lines import LineUnit
from scheduler.domain.billing.invoice_parts import InvoiceParts
from scheduler.domain.billing.invoices import Invoice, InvoiceItem, InvoiceKind, InvoiceLine, InvoiceState, ItemKind, LineKind
from scheduler.domain.billing.tax_codes import TaxCategory
from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import ClientId, ContractId, InvoiceId, LegalEntityId, new_id
from scheduler.store.invoices import InvoiceRows
from tests.api.access_firm import PNG, make_firm_of_two, somebody
from tests.api.test_records import ADDRESS, created

if TYPE_CHECKING:
    from scheduler.application import Application

VALUE = 3_000_00


def firm(client: TestClient, **project: Any) -> dict[str, str]:
    """A legal entity, and a project of a client."""
    customer = created(client, "clients", name="Acme")["id"]
    given = {"contract": "fixed_price", "contract_value_minor": VALUE, **project}
    found = created(client, "projects", name="Alpha", client_id=customer, **given)["id"]
    entity = created(client, "legal-entities", name="Acme GmbH", address=ADDRESS)["id"]
    return {"project_id": found, "legal_entity_id": entity, "client_id": customer}


def contract(client: TestClient, of: dict[str, str], kind: str = "fixed_price", **terms: Any) -> dict[str, Any]:
    return created(client, "contracts", **body(of, kind, **terms))


def body(of: dict[str, str], kind: str, **terms: Any) -> dict[str, Any]:
    ids = {name: of[name] for name in ("project_id", "legal_entity_id")}
    return {**ids, "name": "Alpha", "kind": kind, "currency": "EUR", "starts_on": "2026-01-01", **terms}


def charge(client: TestClient, contract_id: str, amount: int, kind: str = "milestone", **more: Any) -> dict[str, Any]:
    given = {"kind": kind, "name": kind, "due_on": "2026-02-01", "amount_minor": amount, **more}
    return created(client, "charges", contract_id=contract_id, **given)


def step(client: TestClient, address: str, version: int, **sent: Any) -> Any:
    return client.post(f"/v1/{address}", json=sent, headers={"If-Match": f'"{version}"'})


def change(client: TestClient, address: str, **sent: Any) -> Any:
    return client.patch(f"/v1/{address}", json=sent, headers={"If-Match": client.get(f"/v1/{address}").headers["ETag"]})


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def invoiced(
    application: Application,
    of: dict[str, str],
    contract_id: str,
    *lines: dict[str, Any],
    state: InvoiceState = InvoiceState.ISSUED,
    credits_id: str | None = None,
) -> str:
    """An invoice, or a credit note, with these lines; what stands on them is claimed."""
    made, items = [], []
    for position, given in enumerate(lines, start=1):
        net, source = given["net_minor"], given.pop("item", None)
        base: dict[str, Any] = {"kind": LineKind.TIME, "description": "Work", "unit": LineUnit.PIECE, "quantity": -1 if net < 0 else 1}
        base |= {"unit_price": Decimal(abs(net)) / 100, "tax_category": TaxCategory.STANDARD, "tax_percent": Decimal(19)}
        made.append(InvoiceLine(**{**base, "position": position, "contract_id": ContractId(contract_id), **given}))
        if source is not None:
            kind, source_id = source
            items.append(InvoiceItem(position=position, kind=kind, source_id=source_id, day=date(2026, 1, 1), net_minor=net))
    total = sum(line.net_minor for line in made)
    head = Invoice(
        id=InvoiceId(new_id()),
        kind=InvoiceKind.INVOICE if credits_id is None else InvoiceKind.CREDIT_NOTE,
        state=state,
        legal_entity_id=LegalEntityId(of["legal_entity_id"]),
        client_id=ClientId(of["client_id"]),
        currency="EUR",
        net_minor=total,
        tax_minor=0,
        gross_minor=total,
        contract_id=ContractId(contract_id),
        credits_id=None if credits_id is None else InvoiceId(credits_id),
        home_currency="EUR",
        created_at=datetime.now(UTC),
    )
    with application.store.begin(LOCAL) as tx:
        tx.elevated.area("invoices").add(head)
        InvoiceRows(tx.connection).put(head.id, InvoiceParts(lines=tuple(made), items=tuple(items)))
    return head.id


def test_a_contract_is_of_the_sort_that_its_project_says(client: TestClient) -> None:
    """Fixed kinds go with a fixed price, internal with internal, all others with time and materials; neither side leaves the other."""
    of = firm(client)
    for kind, terms in (("time_and_materials", {}), ("capped", {"cap_minor": 1}), ("internal", {})):
        assert told(client.post("/v1/contracts", json=body(of, kind, **terms))) == (409, "contract.other_than_project")
    made = contract(client, of, "fixed_schedule")
    assert told(client.post("/v1/contracts", json=body(of, "fixed_price"))) == (409, "contract.taken")
    assert told(change(client, f"contracts/{made['id']}", kind="internal")) == (409, "contract.other_than_project")
    assert told(change(client, f"projects/{of['project_id']}", contract="internal")) == (409, "contract.other_than_project")
    assert told(change(client, f"projects/{of['project_id']}", client_id=None)) == (409, "contract.client_missing")
    nobody = created(client, "projects", name="Beta")["id"]
    assert told(client.post("/v1/contracts", json=body({**of, "project_id": nobody}, "time_and_materials"))) == (
        409,
        "contract.client_missing",
    )


def test_each_kind_has_its_terms(client: TestClient) -> None:
    """A cap, a markup or a fee where they belong and nowhere else; the price is the contract's own in a foreign currency alone."""
    of = firm(client)
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"kind": "capped"}, "/cap_minor", "contract.terms"),
        ({"kind": "cost_plus"}, "/markup", "contract.terms"),
        ({"kind": "retainer"}, "/retainer", "contract.terms"),
        ({"kind": "retainer", "retainer": {"fee_minor": None, "included_min": 1}}, "/retainer/fee_minor", "contract.terms"),
        ({"kind": "fixed_price", "cap_minor": 1}, "/cap_minor", "contract.terms"),
        ({"kind": "fixed_price", "blended_rate": "1"}, "/blended_rate", "contract.terms"),
        ({"kind": "fixed_price", "value_minor": 1}, "/value_minor", "contract.value"),
        ({"kind": "fixed_price", "currency": "USD"}, "/value_minor", "contract.value"),
        ({"kind": "fixed_price", "recognition": "as_approved"}, "/recognition", "contract.recognition"),
        ({"kind": "fixed_price", "ends_on": "2025-12-31"}, "/ends_on", "interval.empty"),
        ({"kind": "fixed_price", "currency": "HRK", "value_minor": 1}, "/currency", "currency.unknown"),
        ({"kind": "fixed_price", "rounding": {"step_min": 0}}, "/rounding/step_min", "number.out_of_range"),
        ({"kind": "fixed_price", "legal_entity_id": "nobody"}, "/legal_entity_id", "reference.not_found"),
    ]
    for terms, pointer, code in wrong:
        answer = client.post("/v1/contracts", json=body(of, **terms))
        assert answer.status_code == 422, answer.text
        assert (pointer, code) in [(one["pointer"], one["code"]) for one in answer.json()["errors"]], answer.text
    foreign = contract(client, of, "fixed_price", currency="USD", value_minor=5)
    assert client.get(f"/v1/contracts/{foreign['id']}/status").json()["value_minor"] == 5


def test_the_last_milestone_waits_until_all_make_the_price(client: TestClient) -> None:
    """One after the other is approved, the last only once together they are the contract's value; open again, it may change."""
    of = firm(client)
    made = contract(client, of)
    first, last = charge(client, made["id"], 100_000), charge(client, made["id"], 150_000)
    done = step(client, f"charges/{first['id']}/approve", 1, reached_on="2026-02-03")
    assert (done.status_code, done.json()["state"], done.json()["approved_on"], done.headers["ETag"]) == (
        200,
        "approved",
        "2026-02-03",
        '"2"',
    )
    assert told(step(client, f"charges/{first['id']}/approve", 2)) == (409, "charge.approved")
    assert told(step(client, f"charges/{last['id']}/approve", 7)) == (412, "version.stale")
    refused = step(client, f"charges/{last['id']}/approve", 1)
    assert told(refused) == (409, "contract.milestones_differ")
    assert (refused.json()["milestones_minor"], refused.json()["value_minor"]) == (250_000, VALUE)
    assert change(client, f"charges/{last['id']}", amount_minor=200_000).status_code == 200
    assert step(client, f"charges/{last['id']}/approve", 2).status_code == 200
    for answer in (
        change(client, f"charges/{first['id']}", name="X"),
        client.delete(f"/v1/charges/{first['id']}", headers={"If-Match": '"2"'}),
    ):
        assert told(answer) == (409, "charge.approved")
    assert step(client, f"charges/{first['id']}/unapprove", 2).json()["approved_on"] is None
    assert told(step(client, f"charges/{first['id']}/unapprove", 3)) == (409, "charge.not_approved")
    assert client.delete(f"/v1/charges/{first['id']}", headers={"If-Match": '"3"'}).status_code == 204
    deposit = charge(client, made["id"], 1, "deposit")
    assert told(step(client, f"charges/{deposit['id']}/approve", 1)) == (409, "charge.not_approvable")


def test_a_charge_fits_its_contract(client: TestClient) -> None:
    """Milestones, agreed days and blocks belong to their kinds; a block sells minutes; a task is the project's; a kind keeps its charges."""
    of = firm(client)
    made = contract(client, of)
    base = {"contract_id": made["id"], "name": "X", "due_on": "2026-02-01", "amount_minor": 1}
    assert told(client.post("/v1/charges", json={**base, "kind": "schedule"})) == (409, "charge.other_than_contract")
    assert told(client.post("/v1/charges", json={**base, "kind": "block", "minutes": 60})) == (409, "charge.other_than_contract")
    for kind, more in (
        ("block", {}),
        ("milestone", {"minutes": 60}),
        ("milestone", {"amount_minor": 0}),
        ("milestone", {"contract_id": "x"}),
    ):
        assert client.post("/v1/charges", json={**base, "kind": kind, **more}).status_code == 422
    elsewhere = created(client, "projects", name="Other")["id"]
    task = created(client, "tasks", project_id=elsewhere, name="Gate", kind="milestone", due="2026-02-01")["id"]
    answer = client.post("/v1/charges", json={**base, "kind": "milestone", "task_id": task})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "charge.other_project")
    charge(client, made["id"], 1)
    assert told(change(client, f"contracts/{made['id']}", kind="fixed_schedule")) == (409, "charge.other_than_contract")
    assert told(client.delete(f"/v1/contracts/{made['id']}", headers={"If-Match": '"1"'})) == (409, "record.in_use")


def test_what_is_invoiced_stays(client: TestClient, application: Application) -> None:
    """On an invoice that counts a charge neither changes nor goes nor is unapproved, and its contract keeps whom and what it bills."""
    of = firm(client)
    made = contract(client, of)
    milestone = charge(client, made["id"], VALUE)
    assert step(client, f"charges/{milestone['id']}/approve", 1).status_code == 200
    item = (ItemKind.CHARGE, milestone["id"])
    invoiced(application, of, made["id"], {"kind": LineKind.MILESTONE, "net_minor": VALUE, "item": item}, state=InvoiceState.DRAFT)
    for answer in (
        step(client, f"charges/{milestone['id']}/unapprove", 2),
        change(client, f"charges/{milestone['id']}", amount_minor=1),
        client.delete(f"/v1/charges/{milestone['id']}", headers={"If-Match": '"2"'}),
    ):
        assert told(answer) == (409, "charge.billed")
    other = created(client, "legal-entities", name="Acme Swiss", address=ADDRESS)["id"]
    for terms in ({"legal_entity_id": other}, {"currency": "USD", "value_minor": 1}):
        assert told(change(client, f"contracts/{made['id']}", **terms)) == (409, "contract.invoiced")
    assert change(client, f"contracts/{made['id']}", ends_on="2026-12-31", discount="0.1").status_code == 200
    assert told(client.delete(f"/v1/contracts/{made['id']}", headers={"If-Match": '"2"'})) == (409, "record.in_use")


def test_a_cap_is_not_set_below_what_was_billed(client: TestClient, application: Application) -> None:
    """The status says what is left; credits give room back, drafts of them do not; the cap goes down to what counts and no further."""
    of = firm(client, contract="time_and_materials")
    made = contract(client, of, "capped", cap_minor=100_000)
    invoice = invoiced(application, of, made["id"], {"net_minor": 80_000}, {"kind": LineKind.CAP, "net_minor": -10_000})
    note = {"kind": LineKind.CORRECTION, "net_minor": 5_000, "credits_position": 1}
    invoiced(application, of, made["id"], note, credits_id=invoice)
    invoiced(application, of, made["id"], {**note, "net_minor": 40_000}, state=InvoiceState.DRAFT, credits_id=invoice)
    invoiced(application, of, made["id"], {"net_minor": 7_000}, state=InvoiceState.VOID)
    status = client.get(f"/v1/contracts/{made['id']}/status").json()
    assert (status["billed_minor"], status["cap_minor"], status["cap_left_minor"]) == (65_000, 100_000, 35_000)
    assert told(change(client, f"contracts/{made['id']}", cap_minor=64_999)) == (409, "contract.below_billed")
    assert change(client, f"contracts/{made['id']}", cap_minor=65_000).status_code == 200


def test_where_a_block_contract_stands(client: TestClient, application: Application) -> None:
    """Blocks that are billed with what is used of them, and what is left of a deposit: a draft's is not paid yet."""
    of = firm(client, contract="time_and_materials")
    made = contract(client, of, "block_hours")
    block = charge(client, made["id"], 60_000, "block", minutes=600)
    charge(client, made["id"], 60_000, "block", minutes=600, name="not billed")
    trail = ({"rule": "covered", "figures": {"cover": block["id"]}},)
    used = {"kind": LineKind.COVERED, "net_minor": 0, "unit": LineUnit.MINUTE, "quantity": 250, "trail": trail}
    deposit = {"kind": LineKind.DEPOSIT, "net_minor": 9_000}
    invoiced(
        application,
        of,
        made["id"],
        {"kind": LineKind.BLOCK, "net_minor": 60_000, "item": (ItemKind.CHARGE, block["id"])},
        used,
        dict(deposit),
    )
    invoiced(application, of, made["id"], {"kind": LineKind.DEPOSIT_DRAW, "net_minor": -2_000}, dict(deposit), state=InvoiceState.DRAFT)
    status = client.get(f"/v1/contracts/{made['id']}/status").json()
    assert status["blocks"] == [{"charge_id": block["id"], "name": "block", "minutes": 600, "used_minutes": 250, "left_minutes": 350}]
    assert (status["deposits_minor"], status["deposits_left_minor"], status["billed_minor"]) == (9_000, 7_000, 76_000)
    assert (status["cap_minor"], status["cap_left_minor"], status["value_minor"], status["milestones_minor"]) == (None,) * 4


def test_where_a_retainer_stands(client: TestClient, application: Application) -> None:
    """Each month that has begun: what is used, what rolled over and may still be used, and what lapsed; its terms stay once it is billed."""
    of = firm(client, contract="time_and_materials")
    terms = {"fee_minor": 1_000, "included_min": 100, "unused": "roll_over", "roll_months": 1}
    made = contract(client, of, "retainer", retainer=terms, starts_on="2026-01-15")
    trail = ({"rule": "covered", "figures": {"cover": "2026-01"}},)
    used = {"kind": LineKind.COVERED, "net_minor": 0, "unit": LineUnit.MINUTE, "quantity": 30, "trail": trail}
    fee = {"kind": LineKind.RETAINER, "net_minor": 1_000, "item": (ItemKind.RETAINER_PERIOD, f"{made['id']}:2026-01")}
    invoiced(application, of, made["id"], fee, used)
    status = client.get(f"/v1/contracts/{made['id']}/status", params={"on": "2026-03-01"}).json()
    short = [
        tuple(one[name] for name in ("month", "fee_is_billed", "used_minutes", "left_minutes", "lapsed_minutes"))
        for one in status["months"]
    ]
    assert short == [("2026-01", True, 30, 0, 70), ("2026-02", False, 0, 100, 0), ("2026-03", False, 0, 100, 0)]
    assert [one["usable_until"] for one in status["months"]] == ["2026-02-28", "2026-03-31", "2026-04-30"]
    for changed in ({"retainer": {**terms, "included_min": 200}}, {"starts_on": "2026-01-01"}):
        assert told(change(client, f"contracts/{made['id']}", **changed)) == (409, "contract.invoiced")


def test_of_cost_plus_only_those_who_see_costs_learn_what_was_billed(application: Application) -> None:
    """From the sum and the hours a salary follows: a project manager reads the status without it."""
    make_firm_of_two(application)
    with application.store.begin(LOCAL) as tx:
        stored = tx.area("contracts").get("contract-alpha")
        tx.area("contracts").save(replace(stored, kind=ContractKind.COST_PLUS, markup=Decimal("0.1")))
    people = {
        role: TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=somebody(application, role).headers)
        for role in ("project_manager", "finance")
    }
    before = people["finance"].get("/v1/contracts/contract-alpha/status").json()["billed_minor"]
    of = {"legal_entity_id": "acme-advisers", "client_id": "acme"}
    invoiced(application, of, "contract-alpha", {"net_minor": 1_234_567})
    for role, billed in (("project_manager", None), ("finance", before + 1_234_567)):
        answer = people[role].get("/v1/contracts/contract-alpha/status")
        assert (answer.status_code, answer.json()["billed_minor"]) == (200, billed), answer.text


@pytest.mark.parametrize("file", [PNG, b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x10\x03\x01\x22\x00\xff\xd9"], ids=["png", "jpeg"])
def test_a_logo_is_kept_as_it_was_sent(client: TestClient, file: bytes) -> None:
    """Its type is told by its content, the entity gets its next version, and another one takes its place; what is no picture is refused."""
    entity = created(client, "legal-entities", name="Acme GmbH", address=ADDRESS)["id"]
    address = f"/v1/legal-entities/{entity}/logo"
    assert client.get(address).status_code == 404
    for version in (1, 2):
        answer = client.put(address, files={"file": ("evil.html", file)}, headers={"If-Match": f'"{version}"'})
        assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{version + 1}"'), answer.text
    found = client.get(address)
    assert (found.content, found.headers["Content-Type"]) == (file, "image/png" if file is PNG else "image/jpeg")
    large = file[:16] + b"\xff\xff\xff\xff" + file[20:] if file is PNG else file + b"x" * 600_000
    for content in (b"%PDF-1.7 %%EOF", b"", file[:-1], large):
        answer = client.put(address, files={"file": ("logo.png", content)}, headers={"If-Match": '"3"'})
        assert answer.status_code == 422, answer.text
    assert told(client.put(address, files={"file": ("logo.png", file)}, headers={"If-Match": '"1"'})) == (412, "version.stale")
    assert client.delete(address, headers={"If-Match": '"3"'}).status_code == 200
    assert told(client.delete(address, headers={"If-Match": '"4"'})) == (404, "record.not_found")


def test_parties_and_taxes_check_themselves(client: TestClient) -> None:
    """Every tax code says its rates or its reason, every party a country that there is; a client has one account."""
    of = firm(client)
    taxes: list[tuple[dict[str, Any], str]] = [
        ({"category": "S"}, "tax.rates"),
        ({"category": "Z", "rates": [{"valid_from": "2020-01-01", "percent": "1"}]}, "tax.rates"),
        ({"category": "AE"}, "tax.reason_missing"),
        ({"category": "S", "rates": [{"valid_from": "2020-01-01", "percent": "100.1"}]}, "number.out_of_range"),
        ({"category": "S", "rates": [{"valid_from": "2020-01-01", "percent": "1"}] * 2}, "tax.duplicate"),
    ]
    for given, code in taxes:
        answer = client.post("/v1/tax-codes", json={"name": "X", **given})
        assert (answer.status_code, [one["code"] for one in answer.json()["errors"]][:1]) == (422, [code]), answer.text
    entities: list[tuple[dict[str, Any], str]] = [
        ({"address": {"country": "XX"}}, "country.invalid"),
        ({"number_format": "INV"}, "number.format"),
        ({"language": "xx"}, "language.unknown"),
    ]
    for given, code in entities:
        answer = client.post("/v1/legal-entities", json={"name": "X", "address": ADDRESS, **given})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code), answer.text
    account = {"client_id": of["client_id"], "name": "Acme Ltd", "address": ADDRESS}
    created(client, "client-accounts", **account)
    assert told(client.post("/v1/client-accounts", json=account)) == (409, "client_account.taken")


def test_who_may_not_see_prices_changes_contracts_without_them(application: Application) -> None:
    """A token without the right reads a capped contract and a retainer without amounts, changes what it sees, and leaves the amounts as they are."""
    make_firm_of_two(application)
    admin = somebody(application, "admin")
    with application.store.begin(LOCAL) as tx:
        stored = tx.area("contracts").get("contract-alpha")
        tx.area("contracts").save(replace(stored, kind=ContractKind.CAPPED, cap_minor=777_777, discount=Decimal("0.0777")))
        stored = tx.area("contracts").get("contract-beta")
        tx.area("contracts").save(replace(stored, kind=ContractKind.RETAINER, retainer=Retainer(fee_minor=777_777, included_min=60)))
    full = TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers=admin.headers)
    scopes = ["contracts:read", "contracts:change", "charges:read", "charges:change"]
    token = created(full, "tokens", name="narrow", scopes=scopes)["token"]
    narrow = TestClient(create_app(application), base_url="http://127.0.0.1:8000", headers={"Authorization": f"Bearer {token}"})
    for name in ("contracts/contract-alpha", "contracts/contract-beta", "charges/charge-alpha"):
        found = narrow.get(f"/v1/{name}")
        assert not any(figure in found.text for figure in ("777777", "0.0777", "100000")), found.text
        answer = change(narrow, name, name="Another")
        assert answer.status_code == 200, answer.text
    assert told(change(narrow, "contracts/contract-alpha", cap_minor=1)) == (403, "field.not_allowed")
    assert told(narrow.get("/v1/contracts/contract-alpha/status")) == (403, "access.denied")
    capped = full.get("/v1/contracts/contract-alpha").json()
    assert (capped["name"], capped["cap_minor"], capped["discount"]) == ("Another", 777_777, "0.0777")
    assert full.get("/v1/contracts/contract-beta").json()["retainer"]["fee_minor"] == 777_777
    assert full.get("/v1/charges/charge-alpha").json()["amount_minor"] == 1_000_00

"""The common contract of every error, and the bad inputs that HTTP and JSON make possible."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from api.json_route import MOST_BODY_BYTES
from scheduler.application import Application
from scheduler.config import Settings
from scheduler.domain.ground.access import LOCAL
from tests.cpu_time import cpu_at_most
from tests.logins import logged_in

if TYPE_CHECKING:
    from httpx2 import Response

JSON = {"Content-Type": "application/json"}
TERM = {
    "period": {"start": "2026-01-01"},
    "employment": "employee",
    "calendar_id": "plain",
    "weekly_minutes": [480, 480, 480, 480, 480, 0, 0],
}


def problem(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The problem, after checking what every problem has."""
    found: dict[str, Any] = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "request_id", "errors"} <= set(found)
    assert (answer.status_code, found["status"], found["code"]) == (status, status, code), answer.text
    assert found["request_id"] == answer.headers["Request-Id"]
    assert found["type"].endswith(code)
    for fault in found["errors"]:
        assert set(fault) == {"pointer", "code", "message"}
    for leak in ("Traceback", "sqlalchemy", "SELECT ", "INSERT ", "site-packages", "psycopg", "pydantic"):
        assert leak not in answer.text
    return found


def places(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in found["errors"]]


def skills(client: TestClient) -> int:
    return len(client.get("/v1/skills").json()["items"])


def test_h01_broken_json(client: TestClient) -> None:
    """A body that is no JSON is refused with line and column."""
    for raw, column in ((b"{", 2), (b'{"name": "SAP"', 15), (b'{"name": SAP}', 10)):
        found = problem(client.post("/v1/skills", content=raw, headers=JSON), 400, "json.syntax")
        assert (found["line"], found["column"]) == (1, column)
    assert skills(client) == 0


def test_h03_numbers_that_are_not_finite(client: TestClient) -> None:
    """NaN, infinities and what overflows to them are refused at their pointer."""
    for number in ("NaN", "Infinity", "-Infinity", "1e400"):
        raw = f'{{"rate": {number}}}'.encode()
        assert places(problem(client.post("/v1/bill_rates", content=raw, headers=JSON), 422, "number.not_finite")) == [
            ("/rate", "number.not_finite")
        ]
    for text in ("NaN", "sNaN", "-Infinity", "inf"):
        assert places(problem(client.post("/v1/bill_rates", json={"rate": text}), 422, "number.not_finite")) == [
            ("/rate", "number.not_finite")
        ]


def test_h04_an_integer_of_5000_digits(client: TestClient) -> None:
    """A huge integer is refused quickly."""
    raw = f'{{"name": "Alpha", "planned_minutes": {"9" * 5000}}}'.encode()
    client.get("/v1/health")
    with cpu_at_most(2):
        answer = client.post("/v1/projects", content=raw, headers=JSON)
    assert places(problem(answer, 422, "number.too_large")) == [("/planned_minutes", "number.too_large")]


def test_h05_a_decimal_with_a_huge_exponent(client: TestClient) -> None:
    """A decimal whose conversion would take seconds is refused quickly."""
    client.get("/v1/health")
    for text in ("1E+1000000", "1E-1000000", "9" * 5000, "0." + "0" * 5000 + "1"):
        with cpu_at_most(2):
            answer = client.post("/v1/bill_rates", json={"rate": text})
        assert places(problem(answer, 422, "number.too_large")) == [("/rate", "number.too_large")]


def test_h08_unknown_fields(client: TestClient) -> None:
    """An unknown field is refused with the nearest known name, at any depth."""
    found = problem(client.post("/v1/projects", json={"name": "Alpha", "budgte_minutes": 5, "is_admin": True}), 422, "field.unknown")
    assert sorted(places(found)) == [("/budgte_minutes", "field.unknown"), ("/is_admin", "field.unknown")]
    assert any("budget_minutes" in fault["message"] for fault in found["errors"])
    term = TERM | {"cost_rate": "1", "locaton": "Berlin"}
    found = problem(client.post("/v1/people", json={"name": "Ann", "terms": [term]}), 422, "field.unknown")
    assert places(found) == [("/terms/0/locaton", "field.unknown")]
    assert "location" in found["errors"][0]["message"]


def test_a10_fields_that_the_server_sets(client: TestClient) -> None:
    """What the server sets itself cannot be given, neither on making nor on changing."""
    for field in ("id", "version", "created_at", "recorded_from"):
        assert places(problem(client.post("/v1/skills", json={"name": "SAP", field: 1}), 422, "field.read_only")) == [
            (f"/{field}", "field.read_only")
        ]
    skill = client.post("/v1/skills", json={"name": "SAP"}).json()
    for field in ("role", "approved_by", "status", "total", "locked", "created_by", "version"):
        answer = client.patch(f"/v1/skills/{skill['id']}", json={field: 7}, headers={"If-Match": '"1"'})
        assert places(problem(answer, 422, "field.read_only")) == [(f"/{field}", "field.read_only")]
    assert client.get(f"/v1/skills/{skill['id']}").json() == skill
    user = client.post("/v1/users", json={"login": "eve", "name": "Eve", "role": "member"})
    assert user.status_code == 201, "where it is a field of the record it is one"


def test_h13_lone_surrogates(client: TestClient) -> None:
    """Half a surrogate pair is refused wherever text is taken."""
    answer = client.post("/v1/skills", content=rb'{"name": "\ud800"}', headers=JSON)
    assert places(problem(answer, 422, "text.invalid_unicode")) == [("/name", "text.invalid_unicode")]
    answer = client.post("/v1/demands", content=rb'{"requires": {"\ud800": 1}}', headers=JSON)
    problem(answer, 422, "text.invalid_unicode")


def test_h14_nul_anywhere(client: TestClient) -> None:
    """NUL is refused in bodies, paths and queries alike, on both databases."""
    answer = client.post("/v1/skills", content=rb'{"name": "S\u0000P"}', headers=JSON)
    assert places(problem(answer, 422, "text.nul")) == [("/name", "text.nul")]
    for address in ("/v1/skills/%00", "/v1/skills/a%00b", "/v1/plans/%00/problem", "/v1/sk%00ills"):
        problem(client.get(address), 422, "text.nul")
    for query in ("name=%00", "family=a%00", "%00=a", "cursor=%00", "sort=name%00", "as_of=%00"):
        problem(client.get(f"/v1/skills?{query}"), 422, "text.nul")
    problem(client.delete("/v1/skills/%00", headers={"If-Match": '"1"'}), 422, "text.nul")


def test_addresses_that_are_no_text(client: TestClient) -> None:
    """Escaped bytes that are not UTF-8 are refused in paths and queries; they are not looked for as question marks."""
    for address in ("/v1/skills/%ff", "/v1/skills?name=%C3", "/v1/skills?%ff=a", "/v1/skills/%ED%A0%80"):
        problem(client.get(address), 422, "text.invalid_unicode")
    assert client.get("/v1/skills?name=%C3%BC").status_code == 200


def test_parameters_that_no_operation_knows(client: TestClient) -> None:
    """A mistyped parameter is refused on every operation, whatever its method, and nothing is done."""
    made = client.post("/v1/skills", json={"name": "SAP"}).json()
    one = f"/v1/skills/{made['id']}"
    asked = [
        ("POST", "/v1/imports?dry_rum=true", "?dry_rum", "dry_run"),
        ("POST", "/v1/plans/x/apply?dryrun=true", "?dryrun", "dry_run"),
        ("GET", "/v1/skills?limt=5", "?limt", "limit"),
        ("GET", "/v1/bookings?form=2026-01-01", "?form", "from"),
        ("POST", "/v1/skills?dry_run=true", "?dry_run", "None is taken"),
        ("PATCH", f"{one}?dry_run=true", "?dry_run", "None is taken"),
        ("DELETE", f"{one}?dry_run=true", "?dry_run", "None is taken"),
        ("GET", "/v1/plans/x/events?x=1", "?x", "None is taken"),
    ]
    for method, address, pointer, hint in asked:
        body = {"files": [("map", b"x"), ("files", b"x")]} if "imports" in address else {"json": {"name": "B"}}
        found = problem(client.request(method, address, headers={"If-Match": '"1"'}, **body), 422, "field.unknown")
        assert places(found) == [(pointer, "field.unknown")], address
        assert hint in found["errors"][0]["message"], address
    assert client.get(one).json()["name"] == "SAP"
    assert skills(client) == 1


def test_parameters_given_twice(client: TestClient) -> None:
    """Nobody can know which of two values is meant."""
    found = problem(client.get("/v1/skills?limit=5&limit=6"), 422, "field.duplicate")
    assert places(found) == [("?limit", "field.duplicate")]


def test_names_that_nobody_can_see(client: TestClient) -> None:
    """A name has a visible character: spaces and zero-width characters are none."""
    for name in ("", " ", "\u2003", "\u200b", "\ufeff\u200d "):
        assert places(problem(client.post("/v1/skills", json={"name": name}), 422, "text.empty")) == [("/name", "text.empty")]


def test_countries_are_two_capitals(client: TestClient) -> None:
    """A country or currency that is not written as its standard says has the code of its rule."""
    for country in ("de", "DEU", ""):
        answer = client.post("/v1/calendars", json={"name": "Plain", "country": country})
        assert places(problem(answer, 422, "country.invalid")) == [("/country", "country.invalid")]
    answer = client.patch("/v1/firm", json={"currency": "eur"}, headers={"If-Match": '"0"'})
    assert places(problem(answer, 422, "currency.unknown")) == [("/currency", "currency.unknown")]


def test_decimals_are_written_in_one_way(client: TestClient) -> None:
    """A decimal as text is digits and a point, as its published pattern says."""
    for rate in ("1e2", "+100", "-0", "-0.0", "1_0", "1,5", ".5", "5.", " 5", "٣"):
        assert places(problem(client.post("/v1/bill_rates", json={"rate": rate}), 422, "number.invalid")) == [("/rate", "number.invalid")]


def test_what_is_wrong_is_said_in_words_of_this_api(client: TestClient) -> None:
    """Messages say what is allowed, and never in the words of the framework or the database."""
    wrong = [
        {"name": "Ann", "terms": [{**TERM, "cost_rate": "1", "weekly_minutes": [], "employment": "slave"}]},
        {"name": "Ann", "terms": ["x"], "skills": 5, "max_demands": "5"},
        {"name": 5, "terms": [{"period": "x"}], "skills": [{"skill_id": "", "level": 9}]},
        {"name": "x" * 201, "terms": [{**TERM, "cost_rate": "-1"}]},
    ]
    answers = [client.post("/v1/people", json=body) for body in wrong]
    answers += [client.get("/v1/skills?limit=0"), client.get("/v1/skills?limit=x"), client.post("/v1/plans/x/apply?dry_run=x", json={})]
    answers.append(client.post("/v1/people", json={"name": "Ann", "skills": [{"skill_id": "x", "level": 3}], "terms": []}))
    answers.append(client.post("/v1/bill_rates", json={"rate": "1", "project_id": "x"}))
    assert {place for answer in answers[-2:] for place in places(answer.json())} == {
        ("/skills/0/skill_id", "reference.not_found"),
        ("/project_id", "reference.not_found"),
    }
    for answer in answers:
        assert answer.status_code in (422, 428), answer.text
        for fault in answer.json()["errors"]:
            for word in ("should", "valid ", "pattern", "dictionary", "extract", "validation", " row", "{", "bill_rates"):
                assert word not in fault["message"].replace("such as {}", ""), fault
            assert ";" in fault["message"] or "," in fault["message"], fault


def test_h32_hosts(client: TestClient) -> None:
    """Links are made from the configured address; an unknown host is refused; forwarded hosts mean nothing."""
    for host in ("evil.example", "127.0.0.1.evil.example", "", "[", "localhost.evil:8000"):
        problem(client.get("/v1/skills", headers={"Host": host}), 400, "host.unknown")
    for number, host in enumerate(("localhost:8000", "127.0.0.1", "[::1]:9999", "LOCALHOST")):
        answer = client.post("/v1/skills", json={"name": f"S{number}"}, headers={"Host": host, "X-Forwarded-Host": "evil.example"})
        assert answer.headers["Location"].startswith("http://127.0.0.1:8000/v1/skills/")


def test_pages_of_other_sites_may_not_send(client: TestClient) -> None:
    """A browser's request from another site is refused, from the server's own pages it is not."""
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
        problem(client.post("/v1/skills", json={"name": "SAP"}, headers={"Origin": origin}), 403, "origin.not_allowed")
    assert client.post("/v1/skills", json={"name": "SAP"}, headers={"Origin": "http://localhost:8000"}).status_code == 201


def test_wrong_content_types(client: TestClient) -> None:
    """A body must say that it is JSON."""
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "", "application/jsonp"):
        answer = client.post("/v1/skills", content=b'{"name": "SAP"}', headers={"Content-Type": content_type})
        problem(answer, 415, "content_type.not_supported")
    assert client.post("/v1/skills", content=b'{"name": "SAP"}', headers={"Content-Type": "Application/JSON; charset=utf-8"}).is_success


def test_bodies_of_another_kind(client: TestClient) -> None:
    """No body, or one that is no object, is refused."""
    problem(client.post("/v1/skills"), 422, "body.missing")
    for raw in (b"[]", b"null", b'"x"', b"1"):
        answer = client.post("/v1/skills", content=raw, headers=JSON)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == ""


def test_bodies_beyond_the_limit(client: TestClient) -> None:
    """A body beyond the limit is refused, with and without its length announced."""
    raw = b'{"name": "' + b"x" * MOST_BODY_BYTES + b'"}'
    problem(client.post("/v1/skills", content=raw, headers=JSON), 413, "body.too_large")
    problem(client.post("/v1/skills", content=iter([raw[:1000], raw[1000:]]), headers=JSON), 413, "body.too_large")


def test_addresses_and_methods_that_do_not_exist(client: TestClient) -> None:
    """The framework's own answers are problems too."""
    problem(client.get("/"), 404, "path.not_found")
    problem(client.get("/v1/skills/"), 404, "path.not_found")
    answer = client.put("/v1/skills", json={})
    problem(answer, 405, "method.not_allowed")
    assert answer.headers["Allow"] == "GET, POST"
    assert client.put("/v1/people/x", json={}).headers["Allow"] == "DELETE, GET, PATCH"
    assert client.delete("/v1/health").headers["Allow"] == "GET"
    problem(client.get("/v1/skills", headers={"Accept": "application/xml"}), 406, "accept.not_supported")


def test_what_does_not_exist_is_not_found(client: TestClient) -> None:
    """Reading, changing and deleting what is not there get the same answer, whatever the id."""
    for record_id in ("4f7f1c1e-0000-4000-8000-000000000000", "x", "%25", "'"):
        problem(client.get(f"/v1/people/{record_id}"), 404, "record.not_found")
        problem(client.patch(f"/v1/people/{record_id}", json={}, headers={"If-Match": '"1"'}), 404, "record.not_found")
        problem(client.delete(f"/v1/people/{record_id}", headers={"If-Match": '"1"'}), 404, "record.not_found")
    problem(client.get(f"/v1/people/{'x' * 65}"), 422, "text.length")


def test_all_faults_of_a_body_come_together(client: TestClient) -> None:
    """Every fault is listed at once, but at most fifty."""
    body = {"name": "", "terms": [{"period": {"start": "2026-02-30"}, "cost_rate": "-1"}], "max_demands": "5", "x": 1}
    found = problem(client.post("/v1/people", json=body), 422, "text.empty")
    assert {pointer for pointer, _ in places(found)} >= {"/name", "/terms/0/period/start", "/terms/0/cost_rate", "/max_demands", "/x"}
    body = {"name": "Ann", "skills": [{"skill_id": "a", "level": 9}] * 80}
    assert len(problem(client.post("/v1/people", json=body), 422, "number.out_of_range")["errors"]) == 50


def test_a_rule_of_a_part_is_told_at_its_place(client: TestClient) -> None:
    """A broken rule inside a list bears the pointer of the part that broke it."""
    body = {"name": "Ann", "terms": [TERM | {"cost_rate": "1", "period": {"start": "2026-02-01", "end": "2026-01-01"}}]}
    assert places(problem(client.post("/v1/people", json=body), 422, "interval.empty")) == [("/terms/0/period", "interval.empty")]
    body = {"project_id": "p", "name": "Lead", "effort": [{"week": "2027-03-02", "minutes": 60}]}
    assert places(problem(client.post("/v1/demands", json=body), 422, "week.not_monday")) == [("/effort/0/week", "week.not_monday")]


def test_numbers_are_not_converted(client: TestClient) -> None:
    """A number in quotes, a boolean or a fraction is no whole number."""
    for value in ("5", True, 5.5, [5], 10**20):
        answer = client.post("/v1/people", json={"name": "Ann", "max_demands": value})
        assert answer.status_code == 422, value
        assert answer.json()["errors"][0]["pointer"] == "/max_demands"


def test_request_ids_go_in_and_out(client: TestClient) -> None:
    """A sane id of the client is kept, in the header, the problem and the log; another is replaced."""
    with capture_logs() as lines:
        answer = client.get("/v1/nothing", headers={"Request-Id": "abc-123"})
    assert problem(answer, 404, "path.not_found")["request_id"] == "abc-123"
    assert [(line["request_id"], line["status"], line["code"]) for line in lines] == [("abc-123", 404, "path.not_found")]
    seen = {client.get("/v1/health", headers={"Request-Id": odd}).headers["Request-Id"] for odd in ("", "a b", "x" * 65, "a\tb", "<>")}
    assert len(seen) == 5
    assert all(len(one) == 36 for one in seen)


def test_a_fault_of_the_server_says_nothing_of_itself(client: TestClient, application: Application) -> None:
    """What nobody expected is a generic 500; its text is in the log, under the request id, and nowhere else."""
    with application.store.begin(LOCAL) as tx:
        tx.connection.exec_driver_sql("DROP TABLE skills_versions" if _has(tx.connection, "skills_versions") else "DROP TABLE firm")
        tx.connection.exec_driver_sql("ALTER TABLE plans RENAME TO secret_plans")
    with capture_logs() as lines:
        answer = client.get("/v1/plans")
    problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert {line["event"] for line in lines} == {"request.failed", "request"}
    assert {line["request_id"] for line in lines} == {answer.headers["Request-Id"]}


def _has(connection: Any, table: str) -> bool:
    return bool(connection.dialect.has_table(connection, table))


def test_health_and_readiness(client: TestClient, working_client: TestClient) -> None:
    """The process answers as soon as it lives; it is ready only with its worker."""
    assert working_client.get("/v1/readiness").json() == {"status": "ok"}
    assert client.get("/v1/health").json() == {"status": "ok"}


def test_without_a_worker_the_server_is_not_ready(client: TestClient) -> None:
    """No worker, no readiness; a balancer may look again."""
    answer = client.get("/v1/readiness")
    problem(answer, 503, "server.not_ready")
    assert answer.headers["Retry-After"]


def test_an_unreachable_database_is_not_ready(postgres_server: Any, tmp_path: Any) -> None:
    """A database that is gone makes readiness fail, not the server."""
    url = postgres_server.url_of("does_not_exist")
    gone = TestClient(
        create_app(Application(Settings(database_url=url, data_dir=tmp_path))),
        base_url="http://localhost",
        raise_server_exceptions=False,
    )
    problem(gone.get("/v1/readiness"), 503, "server.not_ready")
    assert gone.get("/v1/health").status_code == 200


def test_the_description_and_its_page_need_no_network(client: TestClient) -> None:
    """The page at /docs shows every operation and loads nothing from elsewhere."""
    page = client.get("/docs").text
    for path in client.get("/v1/openapi.json").json()["paths"]:
        assert path in page
    assert "<script" not in page
    assert "https://" not in page


def test_answers_are_json_without_floats_for_money(client: TestClient) -> None:
    """A rate survives the way in and out to the last digit."""
    answer = client.post("/v1/bill_rates", json={"rate": "0.1001"})
    assert json.loads(answer.content)["rate"] == "0.1001"


@pytest.fixture
def configured(application: Application) -> TestClient:
    """An installation that is reached under a name of its own."""
    application.settings = application.settings.model_copy(update={"base_url": "https://plan.example.com/"})
    headers = logged_in(application)
    return TestClient(create_app(application), base_url="https://plan.example.com", headers=headers, raise_server_exceptions=False)


def test_h32_links_begin_with_the_configured_address(configured: TestClient) -> None:
    """The configured host is answered to, and links begin with it whatever name the request used."""
    for host in ("plan.example.com", "localhost"):
        answer = configured.post("/v1/skills", json={"name": host}, headers={"Host": host})
        assert answer.headers["Location"].startswith("https://plan.example.com/v1/skills/")

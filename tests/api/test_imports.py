"""Importing tables over HTTP, on both databases."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scheduler.sample_firm
from api.json_route import MOST_UPLOAD_BYTES
from tests.api.access_firm import somebody
from tests.api.test_cost_privacy import client_of
from tests.cpu_time import cpu_at_most

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from scheduler.application import Application

SAMPLE = Path(scheduler.sample_firm.__file__).parent
MAP = b"""
format = "muster-import/1"
[files]
skills = { path = "skills.csv" }
[[skills]]
file = "skills"
"""
SKILLS = b"id,name,family\nsap,SAP,ERP\njava,Java,Languages\n"


def send(client: TestClient, *files: tuple[str, bytes], mapping: bytes = MAP, key: str | None = None, **params: str) -> Response:
    parts = [("map", ("map.toml", mapping)), *(("files", file) for file in files)]
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/v1/imports", files=parts, headers=headers, params=params)


def skills(client: TestClient) -> list[str]:
    return [one["name"] for one in client.get("/v1/skills").json()["items"]]


def test_a_whole_firm_is_imported_and_again_changes_nothing(client: TestClient) -> None:
    """The sample firm comes in over HTTP; the same files again find everything there."""
    files = [(path.name, path.read_bytes()) for path in sorted(SAMPLE.glob("*.csv"))]
    mapping = (SAMPLE / "map.toml").read_bytes()
    tried = send(client, *files, mapping=mapping, dry_run="true")
    assert (tried.status_code, tried.json()["dry_run"]) == (200, True)
    assert skills(client) == []
    first = send(client, *files, mapping=mapping)
    assert first.status_code == 201, first.text
    people = next(area for area in first.json()["areas"] if area["area"] == "people")
    assert (people["created"], len(client.get("/v1/people").json()["items"])) == (people["created"], people["created"])
    again = send(client, *files, mapping=mapping).json()
    assert sum(area["created"] + area["changed"] for area in again["areas"]) == 0


def test_h39_another_query_is_another_request(client: TestClient) -> None:
    """The parameters in the address belong to the request that a key stands for."""
    done = send(client, ("skills.csv", SKILLS), key="k")
    assert done.status_code == 201, done.text
    answer = send(client, ("skills.csv", SKILLS), key="k", dry_run="false")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.mismatch")
    assert send(client, ("skills.csv", SKILLS), key="k").headers["Idempotent-Replay"] == "true"


def test_faults_of_files_are_listed_and_nothing_is_written(client: TestClient) -> None:
    """Each fault bears file, row and column; one bad row keeps all others out."""
    answer = send(client, ("skills.csv", SKILLS + b"x,,ERP\ny,,ERP\n"))
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["fault_count"]) == (422, "import.refused", 2)
    assert [fault["pointer"] for fault in problem["errors"]] == ["/skills.csv/4/name", "/skills.csv/5/name"]
    assert skills(client) == []


def test_a_bad_map_is_refused(client: TestClient) -> None:
    """A map that cannot be read is refused before any file is looked at."""
    for mapping in (b"", b"[[[", b"\xff\xfe", b'format = "other"'):
        answer = send(client, ("skills.csv", SKILLS), mapping=mapping)
        assert (answer.status_code, answer.json()["code"]) == (422, "map.invalid")


def test_who_may_not_import_is_told_so_before_anything_is_read(application: Application) -> None:
    """Nothing that they send is parsed, so none of it can be at fault."""
    answer = send(client_of(application, somebody(application, "finance", person_id=None)), ("skills.csv", SKILLS), mapping=b"[[[")
    assert (answer.status_code, answer.json()["code"]) == (403, "access.denied")


def test_h38_an_import_is_done_once(client: TestClient) -> None:
    """The same files under the same key are imported once, although every request draws its own boundary."""
    first = send(client, ("skills.csv", SKILLS), key="once")
    again = send(client, ("skills.csv", SKILLS), key="once")
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replay"]) == (201, 201, "true")
    assert again.content == first.content
    other = send(client, ("skills.csv", SKILLS + b"abap,ABAP,ERP\n"), key="once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.mismatch")
    assert sorted(skills(client)) == ["Java", "SAP"]


def test_i01_a_file_that_unpacks_too_large(client: TestClient) -> None:
    """An archive that would unpack to far more than it weighs is refused before it is opened."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    client.get("/v1/health")
    with cpu_at_most(2):
        answer = send(client, ("skills.xlsx", packed.getvalue()), mapping=MAP.replace(b"skills.csv", b"skills.xlsx"))
    assert (answer.status_code, answer.json()["code"]) == (413, "file.unpacked_too_large")


def test_uploads_beyond_the_limit(client: TestClient) -> None:
    """An upload whose announced length is beyond the limit is refused without being read."""
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(MOST_UPLOAD_BYTES + 1)}
    answer = client.post("/v1/imports", content=b"--x--", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


def test_requests_that_are_no_uploads(client: TestClient) -> None:
    """What is not multipart, lacks a part, or names its files badly is refused."""
    as_json: Any = client.post("/v1/imports", json={"map": "x"})
    assert (as_json.status_code, as_json.json()["code"]) == (415, "content_type.not_supported")
    lacking = client.post("/v1/imports", files=[("map", ("map.toml", MAP))])
    assert (lacking.status_code, lacking.json()["errors"][0]["pointer"]) == (422, "/files")
    unknown = client.post("/v1/imports", content=b"nonsense", headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert unknown.status_code in {400, 422}
    assert send(client, ("C:\\tables\\skills.csv", SKILLS)).status_code == 201

"""A project's phases, tasks, milestones and deliverables over HTTP, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.api.test_records import created

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def task_of(client: TestClient, project: str, name: str, **fields: Any) -> dict[str, Any]:
    return created(client, "tasks", project_id=project, name=name, **fields)


def test_a_project_is_broken_down_and_read_as_a_tree(client: TestClient) -> None:
    """Phases hold tasks in their order, estimates add up, and what does not add up is listed with the task it is about."""
    project = created(client, "projects", name="Alpha", period={"start": "2027-03-01", "end": "2027-07-01"})["id"]
    phase = task_of(client, project, "Design", kind="phase", period={"start": "2027-03-01", "end": "2027-04-01"})["id"]
    late = task_of(client, project, "Workshops", parent_task_id=phase, position=2, estimate_minutes=900)["id"]
    first = task_of(
        client,
        project,
        "Interviews",
        parent_task_id=phase,
        position=1,
        estimate_minutes=600,
        period={"start": "2027-03-29", "end": "2027-04-03"},
    )["id"]
    launch = task_of(client, project, "Launch", kind="milestone", due="2027-07-01")["id"]
    answer = client.get(f"/v1/projects/{project}/structure")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    shown = [(part["task_id"], part["depth"], part["estimate_minutes"]) for part in found["parts"]]
    assert shown == [(phase, 0, 1500), (first, 1, 600), (late, 1, 900), (launch, 0, None)]
    assert [(one["task_id"], one["code"]) for one in found["warnings"]] == [
        (first, "task.outside_parent"),
        (launch, "task.outside_project"),
    ]


def test_a_task_is_refused_where_it_cannot_be(client: TestClient) -> None:
    """Under a task of another project, under a milestone, under itself; a whole is not deleted while it has parts."""
    alpha, beta = (created(client, "projects", name=name)["id"] for name in ("Alpha", "Beta"))
    milestone = task_of(client, alpha, "Launch", kind="milestone")["id"]
    whole = task_of(client, alpha, "Whole")["id"]
    part = task_of(client, alpha, "Part", parent_task_id=whole)["id"]
    for parent, project, code in ((whole, beta, "task.parent_elsewhere"), (milestone, alpha, "task.parent_kind")):
        answer = client.post("/v1/tasks", json={"project_id": project, "name": "X", "parent_task_id": parent})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == "/parent_task_id"
    answer = client.patch(f"/v1/tasks/{whole}", json={"parent_task_id": part}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "task.cycle")
    answer = client.patch(f"/v1/tasks/{whole}", json={"project_id": beta}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "task.project_fixed")
    answer = client.delete(f"/v1/tasks/{whole}", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "record.in_use")
    assert client.get(f"/v1/tasks/{whole}").json()["version"] == 1


def test_states_go_step_by_step(client: TestClient) -> None:
    """What is cancelled is planned again before it is done; the answer says what it can become."""
    project = created(client, "projects", name="Alpha")["id"]
    task = task_of(client, project, "Design", state="cancelled")["id"]
    answer = client.patch(f"/v1/tasks/{task}", json={"state": "done"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "task.illegal_step")
    assert "planned" in answer.json()["detail"]
    for version, state in enumerate(("planned", "active", "done", "active"), start=1):
        answer = client.patch(f"/v1/tasks/{task}", json={"state": state}, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text


def test_a_project_is_made_from_a_template(client: TestClient) -> None:
    """Its tasks lie on the calendar's working days; the version that was taken stays with the project while the template moves on."""
    calendar = created(client, "calendars", name="Berlin", country="DE", subdivision="BE")["id"]
    parts = [
        {"key": "test", "name": "Test", "parent_key": "build", "start_day": 2, "length_days": 3},
        {"key": "build", "name": "Build", "kind": "phase", "start_day": 0, "length_days": 5},
        {"key": "live", "name": "Go-live", "kind": "milestone", "due_day": 5},
    ]
    template = created(client, "project-templates", name="Rollout", parts=parts)["id"]
    body = {"project": {"name": "Alpha"}, "first_day": "2027-03-24", "calendar_id": calendar}
    answer = client.post(f"/v1/project-templates/{template}/projects", json=body)
    assert answer.status_code == 201, answer.text
    project = answer.json()
    # Good Friday and Easter Monday, 26 and 29 March 2027, are no working days.
    assert project["period"] == {"start": "2027-03-24", "end": "2027-04-03"}
    assert (project["template_id"], project["template_version"]) == (template, 1)
    rows = {part["name"]: part for part in client.get(f"/v1/projects/{project['id']}/structure").json()["parts"]}
    assert rows["Test"]["period"] == {"start": "2027-03-30", "end": "2027-04-02"}
    assert (rows["Test"]["depth"], rows["Go-live"]["due"]) == (1, "2027-04-02")
    answer = client.patch(f"/v1/project-templates/{template}", json={"parts": []}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    answer = client.patch(f"/v1/projects/{project['id']}", json={"name": "Alpha 2"}, headers={"If-Match": '"1"'})
    assert (answer.json()["template_id"], answer.json()["template_version"]) == (template, 1)
    assert client.delete(f"/v1/project-templates/{template}", headers={"If-Match": '"2"'}).status_code == 204


def test_a_template_that_makes_no_project_makes_no_task_either(client: TestClient) -> None:
    """An unknown calendar or template, a template's own fault and a project that cannot be: an error that says where, and nothing kept."""
    template = created(client, "project-templates", name="Rollout", parts=[{"key": "a", "name": "A"}])["id"]
    body: dict[str, Any] = {"project": {"name": "Alpha", "client_id": "nobody"}, "first_day": "2027-03-24"}
    answer = client.post(f"/v1/project-templates/{template}/projects", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "reference.not_found")
    answer = client.post(f"/v1/project-templates/{template}/projects", json={**body, "project": {"name": "Alpha"}, "calendar_id": "none"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/calendar_id")
    assert client.post("/v1/project-templates/nothing/projects", json=body).status_code == 404
    for parts, pointer in (
        ([{"key": "a", "name": "A", "due_day": 1}], "/parts/0/due_day"),
        ([{"key": "a", "name": "A", "parent_key": "z"}], "/parts/0/parent_key"),
        ([{"key": "a", "name": "A", "start_day": 1}], "/parts/0/length_days"),
    ):
        answer = client.post("/v1/project-templates", json={"name": "Bad", "parts": parts})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert client.get("/v1/tasks").json()["items"] == client.get("/v1/projects").json()["items"] == []

"""The route that disturbs the services for a lesson: only where that is allowed, and only from our own page."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.dashboard.api.conftest import START_MS, TOKEN, get
from tests.dashboard.support.fake_job import FakeJob

from dashboard.app import create_app
from dashboard.job.client import JobClient
from dashboard.job.lesson_faults import JobFaults
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

PATH = "/api/lesson/faults"
OWN = {"Origin": "http://localhost"}
WANTED = {"fault": "cut-socket"}
FAULT = {
    "number": 7, "fault": "cut-socket", "began_ms": 7, "ended_ms": 8, "state": "right", "accepted": 200, "counted": 200,
    "lost": 0, "pane_counted": 310, "pane_recounted": 310, "connections": 4, "duplicates": 0, "sent": [], "error": None,
}  # fmt: skip


@pytest.fixture
def job(job: FakeJob) -> FakeJob:
    job.answers["POST /faults"] = (202, {"number": 7})
    job.answers["/faults"] = (200, {"allowed": True, "latest": FAULT})
    return job


@pytest.fixture
def client(tmp_path: Path, job: FakeJob, clock: list[int]) -> Iterator[FlaskClient]:
    settings = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path, job_url=job.url, lesson_faults=1)
    app = create_app(settings, lambda: START_MS, lambda: clock[0])
    yield app.test_client()
    app.extensions["dashboard.history"].close()


def post(client: FlaskClient, body: Any = WANTED, headers: dict[str, str] = OWN) -> tuple[int, Any]:
    answer = client.post(PATH, json=body, headers=headers)
    return answer.status_code, answer.json


def test_the_job_begins_the_fault(client: FlaskClient, job: FakeJob) -> None:
    assert post(client) == (202, {"number": 7})
    assert job.posted == [("/faults", WANTED)]


def test_without_the_setting_nothing_is_requested(client_of_job: FlaskClient, job: FakeJob) -> None:
    sentence = "Faults need LESSON_FAULTS=1 for ingest, job and dashboard."
    assert post(client_of_job) == (403, {"error": sentence})
    assert job.posted == []


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "https://evil.example"}])
def test_a_page_of_another_origin_can_not_do_it(client: FlaskClient, job: FakeJob, headers: dict[str, str]) -> None:
    status, answer = post(client, headers=headers)
    assert (status, answer["error"]) == (
        403, "Only the dashboard's own page may do that: its Origin is missing or another one."
    )  # fmt: skip
    assert client.options(PATH, headers=headers).headers.get("Access-Control-Allow-Origin") is None
    assert job.posted == []


@pytest.mark.parametrize("body", [{}, {"fault": "burn-house"}, {"fault": None}, [], {"fault": "cut-socket", "x": "y"}])
def test_a_body_that_names_no_fault_is_refused(client: FlaskClient, job: FakeJob, body: Any) -> None:
    assert post(client, body)[0] == 400
    assert job.posted == []


def test_a_body_that_is_no_small_json_is_refused(client: FlaskClient, job: FakeJob) -> None:
    data = json.dumps(WANTED)
    for options in (
        {"data": data, "content_type": "text/plain"},
        {"data": data + " " * 1024, "content_type": "application/json"},
        {"data": "", "content_type": "application/json"},
    ):
        answer = client.post(PATH, headers=OWN, **options)
        assert answer.json == {"error": "The body must be JSON of at most 1024 bytes."}
    assert job.posted == []


@pytest.mark.parametrize(
    ("answered", "status"),
    [
        ((403, {"error": "faults need SOURCE=demo"}), 403),
        ((409, {"error": "another fault is not over yet"}), 409),
        ((404, {"error": "nothing can be posted here"}), 503),
        ((503, {"error": "nothing is counted yet"}), 503),
    ],
)
def test_why_the_job_does_not_begin_it(
    client: FlaskClient, job: FakeJob, answered: tuple[int, Any], status: int
) -> None:
    job.answers["POST /faults"] = answered
    assert post(client) == (status, answered[1])


def test_many_faults_are_refused_for_a_while(client: FlaskClient, clock: list[int]) -> None:
    assert [post(client)[0] for _ in range(6)] == [202] * 5 + [429]
    assert client.post(PATH, json=WANTED, headers=OWN).headers["Retry-After"] == "5"
    clock[0] += 5000
    assert post(client)[0] == 202


def test_the_newest_fault_is_beside_the_trace(client: FlaskClient, job: FakeJob) -> None:
    job.answers["/trace"] = (200, {"trace": None, "error": None})
    assert get(client, "/api/lesson")["faults"] == {"allowed": True, "latest": FAULT}


def job_faults(job: FakeJob, clock: list[int], *, is_allowed: bool) -> JobFaults:
    client = JobClient(job.url, TOKEN, nullcontext, lambda: clock[0])
    return JobFaults(client, is_allowed, lambda: clock[0])


def test_the_newest_fault_is_requested_once_a_second_for_all_pages(job: FakeJob, clock: list[int]) -> None:
    faults = job_faults(job, clock, is_allowed=True)
    now = [faults.now() for _ in range(5)]
    assert now[0].allowed
    assert now[0].latest is not None
    assert (now[0].latest.counted, now[4]) == (200, now[0])
    assert len(job.requests) == 1
    clock[0] += 1000
    faults.now()
    assert len(job.requests) == 2


def test_while_the_job_can_not_be_reached_it_is_what_the_job_said_last(job: FakeJob, clock: list[int]) -> None:
    faults = job_faults(job, clock, is_allowed=True)
    known = faults.now()
    job.answers["/faults"] = (200, b"no json")
    clock[0] += 1000
    assert faults.now() == known
    job.answers["/faults"] = (404, {"error": "there are /search, /tag"})
    clock[0] += 1000
    assert not faults.now().allowed


def test_without_the_setting_the_job_is_not_asked(job: FakeJob, clock: list[int]) -> None:
    assert not job_faults(job, clock, is_allowed=False).now().allowed
    assert job.requests == []

"""The lesson view gets the last micro-batch from the job, at most once a second for all pages."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.api.conftest import START_MS, TOKEN, get
from tests.dashboard.support import feeder
from tests.dashboard.support.fake_job import FakeJob
from tests.dashboard.support.job_trace import trace
from tests.processes import wait_until

from dashboard.api.lesson import Lessons
from dashboard.job.client import JobClient
from dashboard.snapshots.shown_times import ShownTimes

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PATH = "/api/lesson"


@pytest.fixture
def job(job: FakeJob) -> FakeJob:
    job.answers["/trace"] = (200, {"trace": trace(), "error": None})
    return job


@pytest.fixture
def client(client_of_job: FlaskClient) -> FlaskClient:
    return client_of_job


def push(client: FlaskClient, seq: int) -> None:
    body = feeder.snapshot({"Cup": 3}, START_MS, seq)
    client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})


def test_the_trace_is_the_jobs_and_is_stored_nowhere(client: FlaskClient, job: FakeJob) -> None:
    answer = client.get(PATH)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    assert (answer.json["trace"], answer.json["error"]) == (trace(), None)
    assert job.requests == [("/trace", {})]


def test_before_a_micro_batch_there_is_no_trace_and_no_error(client: FlaskClient, job: FakeJob) -> None:
    job.answers["/trace"] = (200, {"trace": None, "error": None})
    found = get(client, PATH)
    assert (found["trace"], found["error"]) == (None, None)


def test_all_pages_together_ask_once_a_second(client: FlaskClient, job: FakeJob, clock: list[int]) -> None:
    for _ in range(5):
        get(client, PATH)
    clock[0] += 999
    get(client, PATH)
    assert len(job.requests) == 1
    clock[0] += 1
    job.answers["/trace"] = (200, {"trace": trace(seq=8), "error": "the posts can't be shown"})
    found = get(client, PATH)
    assert (found["trace"]["seq"], found["error"]) == (8, "the posts can't be shown")
    assert len(job.requests) == 2


def test_while_one_page_waits_for_the_job_the_others_get_what_there_is(client: FlaskClient, job: FakeJob) -> None:
    job.gate.clear()
    # Without gevent's patches a request of this test would hold the whole process, so the first one has a thread.
    found: list[Any] = []
    first = threading.Thread(target=lambda: found.append(client.application.test_client().get(PATH)))
    first.start()
    wait_until(lambda: job.requests, "the first one waits", 30)
    assert get(client, PATH)["trace"] is None
    job.gate.set()
    first.join(30)
    assert found[0].json["trace"] == trace()


def test_the_snapshot_of_the_micro_batch_says_when_it_was_shown(
    client: FlaskClient, job: FakeJob, clock: list[int]
) -> None:
    push(client, 6)
    assert get(client, PATH)["trace"]["stages"][-1]["stage"] == "store"
    push(client, 8)
    clock[0] += 1000
    assert get(client, PATH)["trace"]["stages"][-1] == {
        "stage": "show",
        "place": "dashboard",
        "began_ms": START_MS,
        "ended_ms": START_MS,
    }


def test_a_job_that_is_down_is_said(client: FlaskClient, job: FakeJob) -> None:
    job.shutdown()
    job.server_close()
    found = get(client, PATH)
    assert (found["trace"], found["error"]) == (None, "The job can't be reached.")


def test_a_job_that_knows_no_trace_is_said(client: FlaskClient, job: FakeJob) -> None:
    job.answers["/trace"] = (404, {"error": "there are /recount, /search, /tag"})
    assert get(client, PATH)["error"] == "there are /recount, /search, /tag"


def test_without_faults_none_are_allowed(client: FlaskClient, job: FakeJob) -> None:
    assert get(client, PATH)["faults"] == {"allowed": False, "latest": None}


def test_an_answer_is_forgotten_after_five_seconds(client: FlaskClient, job: FakeJob) -> None:
    waiting: list[tuple[Any, ...]] = []
    to_job = JobClient(job.url, TOKEN, nullcontext, lambda: 0)
    lessons = Lessons(to_job, ShownTimes(lambda: 0), lambda: 0, lambda *call: waiting.append(call))
    assert lessons.newest() is lessons.newest()
    ((seconds, forget, made),) = waiting
    assert (seconds, lessons._made) == (5.0, made)
    forget(made)
    assert lessons._made is None
    lessons.newest()
    # There is a newer one.
    forget(made)
    assert lessons._made is not None


def test_a_snapshot_that_was_never_pushed_was_shown_with_the_next_one() -> None:
    now = [100]
    times = ShownTimes(lambda: now[0])
    for seq in (3, 5):
        now[0] += 10
        times.note((1, seq), now[0] - 4)
    times.note((2, 1), 0)
    assert [times.find((1, seq)) for seq in (2, 3, 4, 5)] == [(106, 110), (106, 110), (116, 120), (116, 120)]
    assert times.find((1, 6)) is None

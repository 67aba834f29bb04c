"""A closed pane is counted again by the job, one at a time."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.api.conftest import START_MS, TOKEN, get
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.fake_job import FakeJob
from tests.processes import wait_until

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PATH = f"/api/recount?from_ms={START_MS}"
RECOUNT = {
    "from_ms": START_MS,
    "to_ms": START_MS + 10_000,
    "posts": {"counted": 500, "recounted": 499},
    "tag": {"counted": 12, "recounted": 12},
    "read_posts": 500,
}


@pytest.fixture
def job(job: FakeJob) -> FakeJob:
    job.answers["/recount"] = (200, RECOUNT)
    return job


@pytest.fixture
def client(client_of_job: FlaskClient) -> FlaskClient:
    return client_of_job


def test_both_numbers_are_shown(client: FlaskClient, job: FakeJob) -> None:
    assert get(client, f"{PATH}&key=%23WorldCup") == RECOUNT
    assert job.requests == [("/recount", {"from_ms": str(START_MS), "key": "worldcup"})]
    job.answers["/recount"] = (200, {**RECOUNT, "tag": None})
    assert get(client, PATH)["tag"] is None
    assert job.requests[1] == ("/recount", {"from_ms": str(START_MS)})


def test_what_the_job_has_forgotten_is_in_the_stored_pane(client: FlaskClient, job: FakeJob) -> None:
    job.answers["/recount"] = (200, json.loads(json.dumps(RECOUNT)))
    for numbers in (job.answers["/recount"][1][name] for name in ("posts", "tag")):
        numbers["counted"] = None
    assert get(client, f"{PATH}&key=rain")["posts"] == {"counted": None, "recounted": 499}
    body = feeder.snapshot({"Rain": 3}, START_MS, panes=[feeder.pane(START_MS, {"Rain": 12, "Sun": 488})])
    client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    recount = get(client, f"{PATH}&key=rain")
    assert (recount["posts"]["counted"], recount["tag"]["counted"]) == (500, 12)
    assert get(client, f"{PATH}&key=snow")["tag"]["counted"] is None


@pytest.mark.parametrize(
    ("answered", "status"),
    [
        ((404, {"error": "no such pane"}), 404),
        ((409, {"error": "the posts are gone"}), 409),
        ((500, {"error": "x"}), 503),
    ],
)
def test_why_a_pane_is_not_recounted(client: FlaskClient, job: FakeJob, answered: tuple[int, Any], status: int) -> None:
    job.answers["/recount"] = answered
    assert get(client, PATH, status) == answered[1]


def test_a_job_that_is_down_is_said(client: FlaskClient, job: FakeJob) -> None:
    job.shutdown()
    job.server_close()
    assert get(client, PATH, 503) == {"error": "The job can't be reached."}


@pytest.mark.parametrize("query", ["", "?from_ms=noon", "?key=x"])
def test_a_recount_needs_a_pane(client: FlaskClient, query: str) -> None:
    assert get(client, f"/api/recount{query}", 400)["error"].startswith("from_ms must be")


def test_a_muted_tag_is_not_recounted(client: FlaskClient, job: FakeJob) -> None:
    body = feeder.snapshot({"Rain": 3}, START_MS, mute=panel.mute("hush"))
    client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert get(client, f"{PATH}&key=Hush", 404) == {"error": "There is no such tag."}
    assert job.requests == []


def test_recounts_have_a_rate(client: FlaskClient, job: FakeJob, clock: list[int]) -> None:
    for _ in range(3):
        get(client, PATH)
    refused = client.get(PATH)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert refused.json == {"error": "Too many recounts."}
    clock[0] += 5_000
    get(client, PATH)
    assert len(job.requests) == 4


def test_one_pane_is_recounted_at_a_time(client: FlaskClient, job: FakeJob) -> None:
    job.gate.clear()
    # Without gevent's patches a request of this test would hold the whole process, so the first one has a thread.
    found: list[Any] = []
    first = threading.Thread(target=lambda: found.append(client.application.test_client().get(PATH)))
    first.start()
    wait_until(lambda: job.requests, "the first one waits", 30)
    assert get(client, PATH, 429) == {"error": "Another pane is being counted again now."}
    job.gate.set()
    first.join(30)
    assert found[0].json == RECOUNT

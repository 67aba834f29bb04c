"""The dashboard passes on what the job answers from its archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.api.conftest import START_MS, TOKEN, get
from tests.dashboard.support import feeder
from tests.dashboard.support.fake_job import FakeJob

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HOUR_MS = 3_600_000
RANGE = f"from_ms={START_MS}&to_ms={START_MS + HOUR_MS}"
TAG: dict[str, Any] = {"key": "rain", "label": "Rain", "posts": 12, "authors": 7, "taken_back": 1}
LEADERS = {"from_ms": START_MS, "to_ms": START_MS + HOUR_MS, "hours": 1, "top": [TAG]}
CURVE = {"key": "rain", "label": "Rain", "step_ms": HOUR_MS, "steps": [[START_MS, 12, 7, 1]]}


@pytest.fixture
def client(client_of_job: FlaskClient) -> FlaskClient:
    return client_of_job


def test_the_hours_the_leaders_and_a_tag_are_those_of_the_job(client: FlaskClient, job: FakeJob) -> None:
    job.answers |= {
        "/archive/hours": (200, {"hours": [[START_MS, 12]]}),
        "/archive/leaders": (200, LEADERS),
        "/archive/tag": (200, CURVE),
    }
    assert get(client, f"/api/archive?{RANGE}") == {"hours": [[START_MS, 12]]}
    assert get(client, f"/api/archive/leaders?at_ms={START_MS}&step=hour") == LEADERS
    assert get(client, f"/api/archive/tags/%23RAIN?{RANGE}&step=day") == CURVE
    span = {"from_ms": str(START_MS), "to_ms": str(START_MS + HOUR_MS)}
    assert job.requests == [
        ("/archive/hours", span),
        ("/archive/leaders", {"at_ms": str(START_MS), "step": "hour"}),
        ("/archive/tag", {"key": "rain", **span, "step": "day"}),
    ]
    response = client.get(f"/api/archive?{RANGE}")
    assert response.headers["Cache-Control"] == "max-age=60"


def test_a_muted_tag_is_in_no_answer(client: FlaskClient, job: FakeJob) -> None:
    mute = {"tags": 1, "hidden": 0, "keys": ["rain"], "patterns": [], "error": None}
    body = feeder.snapshot({"Sun": 3}, START_MS, mute=mute)
    assert client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    job.answers["/archive/leaders"] = (200, LEADERS)
    assert get(client, f"/api/archive/leaders?at_ms={START_MS}")["top"] == []
    assert client.get(f"/api/archive/tags/rain?{RANGE}").status_code == 404


@pytest.mark.parametrize(
    ("from_ms", "to_ms", "requested"),
    [(7, 7, (6, 7)), (9, 7, (6, 7)), (0, 0, (0, 1)), (0, 500 * 24 * HOUR_MS, (100 * 24 * HOUR_MS, 500 * 24 * HOUR_MS))],
)
def test_an_empty_range_is_its_last_millisecond_and_a_long_one_its_last_days(
    client: FlaskClient, job: FakeJob, from_ms: int, to_ms: int, requested: tuple[int, int]
) -> None:
    job.answers["/archive/hours"] = (200, {"hours": []})
    assert get(client, f"/api/archive?from_ms={from_ms}&to_ms={to_ms}") == {"hours": []}
    assert job.requests == [("/archive/hours", {"from_ms": str(requested[0]), "to_ms": str(requested[1])})]


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/api/archive", 400, "from_ms must be milliseconds since 1970, and is ''."),
        (f"/api/archive/tags/rain?{RANGE}&step=week", 400, "step must be hour or day, and is 'week'."),
        (f"/api/archive?{RANGE}", 404, "there is no archive: ARCHIVE_DIR is empty"),
    ],
)
def test_what_can_not_be_answered_is_one_sentence(
    client: FlaskClient, job: FakeJob, path: str, status: int, sentence: str
) -> None:
    job.answers["/archive/hours"] = (404, {"error": "there is no archive: ARCHIVE_DIR is empty"})
    response = client.get(path)
    assert (response.status_code, response.json) == (status, {"error": sentence})


def test_a_job_that_is_away_is_said(client: FlaskClient, job: FakeJob) -> None:
    job.answers["/archive/leaders"] = (503, {"error": "the archive can't be read now"})
    response = client.get(f"/api/archive/leaders?at_ms={START_MS}")
    assert (response.status_code, response.json) == (503, {"error": "the archive can't be read now"})
    job.shutdown()
    job.server_close()
    response = client.get(f"/api/archive/leaders?at_ms={START_MS}")
    assert (response.status_code, response.json) == (503, {"error": "The job can't be reached."})

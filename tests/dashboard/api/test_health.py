"""What an operator asks: does the process serve, and has it news."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.dashboard.api.conftest import push_numbered

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def test_it_is_not_ready_before_the_first_snapshot(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "error": "No snapshot has come yet: the job has not finished a micro-batch.",
        "age_ms": None,
        "fresh_for_ms": None,
    }


def test_it_is_ready_while_the_newest_snapshot_is_fresh(client: FlaskClient, clock: list[int]) -> None:
    push_numbered(client)
    clock[0] += 15_000
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.json == {"status": "ready", "age_ms": 15_000, "fresh_for_ms": 15_000}
    clock[0] += 45_000
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "error": "The newest snapshot came 60 s ago, and is old after 15 s.", "age_ms": 60_000, "fresh_for_ms": 15_000,
    }  # fmt: skip
    assert client.get("/healthz").status_code == 200
    push_numbered(client, seq=2)
    assert client.get("/readyz").status_code == 200


def test_it_says_that_pushes_come_and_are_refused(client: FlaskClient, clock: list[int]) -> None:
    client.post("/api/snapshots", data=b"{", headers={"Authorization": "Bearer another"})
    clock[0] += 2000
    token = "The push needs the header 'Authorization: Bearer <PUSH_TOKEN>' with the right token."
    answer = client.get("/readyz").json
    assert answer is not None
    assert answer["refused"] == {"reason": "token", "error": token, "age_ms": 2000}
    assert answer["error"].endswith(f"The last push was refused 2 s ago: {token}")
    push_numbered(client)
    assert "refused" not in (client.get("/readyz").json or {})
    clock[0] += 60_000
    assert "refused" not in (client.get("/readyz").json or {})


def test_a_snapshot_that_is_ignored_makes_nothing_fresh(client: FlaskClient, clock: list[int]) -> None:
    push_numbered(client, seq=2)
    clock[0] += 15_001
    push_numbered(client, seq=1)
    assert client.get("/readyz").status_code == 503


def test_what_a_snapshot_says_of_its_own_time_makes_it_neither_fresh_nor_old(client: FlaskClient) -> None:
    push_numbered(client, produced_at_ms=0)
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("pane_seconds", "trigger_seconds", "fresh_for_ms"),
    [
        (10, 1.0, 15_000),
        (10, 0, 15_000),
        (1, 0.2, 6_000),
        (60, 10, 110_000),
        (10, 3600, 3_600_000),
        (1e308, 1e308, 3.6e6),
    ],
)
def test_how_long_it_is_fresh_follows_from_the_pace_of_the_job(
    client: FlaskClient, pane_seconds: float, trigger_seconds: float, fresh_for_ms: int
) -> None:
    push_numbered(client, pane_seconds=pane_seconds, trigger_seconds=trigger_seconds)
    answer = client.get("/readyz").json
    assert answer is not None
    assert answer["fresh_for_ms"] == fresh_for_ms

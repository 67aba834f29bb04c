from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.dashboard.support import feeder

from dashboard import __version__
from dashboard.api.snapshots import MAX_BODY_BYTES
from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

TOKEN = "0123456789abcdef"
AT_MS = 1_795_176_007_000
RIGHT = {"Authorization": f"Bearer {TOKEN}"}


class Clock:
    now_ms = AT_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> Iterator[FlaskClient]:
    settings = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path)
    app = create_app(settings, clock, clock)
    yield app.test_client()
    app.extensions["dashboard.history"].close()


def body(seq: int = 1, **changes: Any) -> dict[str, Any]:
    return feeder.snapshot({"WorldCup": 310}, AT_MS, seq, **changes)


def test_a_snapshot_is_taken_and_then_read_without_its_panes(client: FlaskClient) -> None:
    pushed = body(panes=[feeder.pane(AT_MS - 10_000)])
    answer = client.post("/api/snapshots", json=pushed, headers=RIGHT)
    assert (answer.status_code, answer.json) == (200, {"accepted": True, "kept_until_ms": AT_MS})
    del pushed["panes"]
    assert client.get("/api/snapshot").json == pushed


def test_an_older_snapshot_is_ignored_and_its_panes_are_kept(client: FlaskClient) -> None:
    client.post("/api/snapshots", json=body(seq=5), headers=RIGHT)
    answer = client.post("/api/snapshots", json=body(seq=4, panes=[feeder.pane(AT_MS - 10_000)]), headers=RIGHT)
    assert answer.json == {"accepted": False, "kept_until_ms": AT_MS}
    shown, kept = client.get("/api/snapshot").json, client.get("/api/history").json
    assert shown is not None
    assert shown["seq"] == 5
    assert kept == {"panes": [feeder.pane(AT_MS - 10_000)], "next_from_ms": None}


def test_before_the_first_snapshot_there_is_none_to_read(client: FlaskClient) -> None:
    answer = client.get("/api/snapshot")
    assert answer.status_code == 503
    assert answer.json == {"error": "No snapshot has come yet: the job has not finished a micro-batch."}


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer pässword"}],
)
def test_without_the_right_token_nothing_is_taken(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.post("/api/snapshots", json=body(), headers=headers)
    assert answer.status_code == 401
    assert answer.json == {
        "error": "The push needs the header 'Authorization: Bearer <PUSH_TOKEN>' with the right token."
    }
    assert client.get("/api/snapshot").status_code == 503


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "The body is not JSON: Input data was truncated."),
        (
            b'{"epoch": 1}',
            "The snapshot has not the agreed shape: Object missing required field `seq`.",
        ),
    ],
)
def test_what_is_not_a_snapshot_is_answered_with_a_sentence(client: FlaskClient, data: bytes, sentence: str) -> None:
    answer = client.post("/api/snapshots", data=data, headers=RIGHT)
    assert (answer.status_code, answer.json) == (400, {"error": sentence})


def test_four_mebibytes_are_taken_and_one_byte_more_is_not(client: FlaskClient) -> None:
    whole = json.dumps(body()).encode()
    fits = whole + b" " * (MAX_BODY_BYTES - len(whole))
    assert client.post("/api/snapshots", data=fits, headers=RIGHT).status_code == 200
    answer = client.post("/api/snapshots", data=fits + b" ", headers=RIGHT)
    assert (answer.status_code, answer.json) == (
        413,
        {"error": "The snapshot is larger than 4194304 bytes."},
    )


def test_refused_pushes_are_counted_and_logged_once_a_minute_per_reason(
    client: FlaskClient, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    client.post("/api/snapshots", json=body(), headers=RIGHT)
    for _ in range(3):
        client.post("/api/snapshots", json=body())
        client.post("/api/snapshots", data=b"{", headers=RIGHT)
    clock.now_ms += 60_000
    client.post("/api/snapshots", json=body())
    counts = {"accepted": 1, "ignored": 0, "rejected": {"token": 4, "shape": 3}}
    assert client.get("/api/pushes").json == counts
    sentence = "The push needs the header 'Authorization: Bearer <PUSH_TOKEN>' with the right token."
    refused = {"reason": "token", "error": sentence, "age_ms": 0}
    assert client.get("/healthz").json == {
        "status": "ok", "version": __version__, "pushes": counts, "refused": refused, "history": None, "relay": None,
        "targets": None,
    }  # fmt: skip
    said = [record.getMessage().split(":")[0] for record in caplog.records if record.name.startswith("dashboard.")]
    assert said == [
        "push refused (token, 1 so far)", "push refused (shape, 1 so far)", "push refused (token, 4 so far)",
    ]  # fmt: skip
    assert TOKEN not in caplog.text


def test_a_second_cause_of_refusals_is_logged_at_once(
    client: FlaskClient, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for pane_seconds in (0, "ten", 0, "ten"):
        client.post("/api/snapshots", json=body(pane_seconds=pane_seconds), headers=RIGHT)
    for from_ms in (70, 80, 90):
        without_extent = feeder.pane(from_ms) | {"to_ms": from_ms}
        client.post("/api/snapshots", json=body(panes=[without_extent]), headers=RIGHT)
    said = [record.getMessage() for record in caplog.records if record.name == "dashboard.receive.push_counts"]
    assert [sentence.split(": ", 1)[0] for sentence in said] == [
        "push refused (shape, 1 so far)", "push refused (shape, 2 so far)", "push refused (shape, 5 so far)",
    ]  # fmt: skip
    clock.now_ms += 60_000
    client.post("/api/snapshots", json=body(pane_seconds=0), headers=RIGHT)
    assert "push refused (shape, 8 so far)" in caplog.text


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "", "9" * 30, "٣"])
def test_a_time_that_is_none_is_named(client: FlaskClient, value: str) -> None:
    answer = client.get("/api/history", query_string={"from_ms": value})
    assert answer.status_code == 400
    assert answer.json == {"error": f"from_ms must be milliseconds since 1970, and is {value!r}."}


def test_a_number_that_nothing_can_hold_is_a_wrong_shape(client: FlaskClient) -> None:
    answer = client.post("/api/snapshots", json=body(panes=[feeder.pane(2**63)]), headers=RIGHT)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"].startswith("The snapshot has not the agreed shape: ")


def test_a_history_that_can_not_be_had_is_said_and_snapshots_are_taken(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "history").write_text("a file, where a directory should be")
    app = create_app(Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path), clock, clock)
    client = app.test_client()
    answer = client.post("/api/snapshots", json=body(panes=[feeder.pane(AT_MS - 10_000)]), headers=RIGHT)
    assert (answer.status_code, answer.json) == (200, {"accepted": True, "kept_until_ms": None})
    assert client.get("/api/snapshot").status_code == 200
    away = client.get("/api/history")
    assert away.status_code == 503
    assert away.json is not None
    assert away.json["error"].startswith("The history can't be read: ")
    health = client.get("/healthz").json
    assert health is not None
    assert health["history"].startswith("the history can't be written; the job sends the panes again later: ")
    (tmp_path / "history").unlink()
    answer = client.post("/api/snapshots", json=body(seq=2, panes=[feeder.pane(AT_MS - 10_000)]), headers=RIGHT)
    assert answer.json == {"accepted": True, "kept_until_ms": AT_MS}
    health = client.get("/healthz").json
    assert health is not None
    assert health["history"] is None
    app.extensions["dashboard.history"].close()


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/healthz", "/static/main.js", "/nowhere", "/api/snapshot"):
        answer = client.get(path)
        assert "script-src 'self'; style-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        answer.close()


def test_what_is_not_there_is_said_in_json(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404
    assert client.get("/api/snapshots").status_code == 405
    assert set(client.get("/api/snapshots").headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    answer = client.get("/nowhere").json
    assert answer is not None
    assert answer["error"].startswith("The requested URL was not found")


def test_the_process_says_that_it_serves_and_what_time_it_has(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {
        "status": "ok", "version": __version__, "pushes": {"accepted": 0, "ignored": 0, "rejected": {}},
        "refused": None, "history": None, "relay": None, "targets": None,
    }  # fmt: skip
    assert client.get("/api/time").json == {"now_ms": AT_MS}


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    client.post("/api/snapshots", json=body(panes=[feeder.pane(AT_MS - 10_000)]), headers=RIGHT)
    for path in ("/api/snapshot", "/api/history", "/api/timeline", "/api/tags/worldcup", "/api/openapi.json"):
        first = client.get(path)
        assert first.headers["Cache-Control"] == "no-cache"
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path
    tag = client.get("/api/snapshot").headers["ETag"]
    client.post("/api/snapshots", json=body(seq=2), headers=RIGHT)
    assert client.get("/api/snapshot", headers={"If-None-Match": tag}).status_code == 200


def test_what_is_true_for_this_moment_only_is_not_kept_by_any_cache(client: FlaskClient) -> None:
    for path in ("/api/snapshot", "/api/time", "/api/pushes", "/healthz", "/readyz", "/metrics", "/api/tags/nobody"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize(
    "path", ["/api/snapshot", "/api/history", "/api/tags/worldcup", "/healthz", "/metrics", "/api"]
)
def test_head_is_answered_like_get_without_a_body(client: FlaskClient, path: str) -> None:
    client.post("/api/snapshots", json=body(), headers=RIGHT)
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]


def test_a_method_that_is_not_there_is_refused_in_json_with_those_that_are(client: FlaskClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.open("/api/snapshot", method=method)
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert answer.json is not None
        assert answer.json["error"]

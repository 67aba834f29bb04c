"""Tags that no list has: found by a part of their key, and shown by their key."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.dashboard.api.conftest import START_MS, TOKEN, get, pane
from tests.dashboard.conftest import TOKEN as PROCESS_TOKEN
from tests.dashboard.conftest import Dashboard
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.fake_job import FakeJob, counted, fake_job
from tests.processes import free_ports, wait_until

from dashboard.app import create_app
from dashboard.job.client import BUSY, UNREACHABLE
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

PARTIAL = "Only tags that led some list are searched: "


@pytest.fixture
def client(client_of_job: FlaskClient) -> FlaskClient:
    return client_of_job


def keys(answer: dict[str, Any]) -> list[str]:
    return [tag["key"] for tag in answer["tags"]]


def test_a_tag_that_never_led_is_found_with_its_rank(client: FlaskClient, job: FakeJob) -> None:
    job.answers["/search"] = (200, {"at_ms": 1, "tags": [counted("SmallTag", 12, 431, 40)]})
    assert get(client, "/api/search?q=Small") == {
        "q": "small",
        "tags": [
            {
                "key": "smalltag", "label": "SmallTag", "window_posts": 12, "window_rank": 431, "total_posts": 40,
                "first_seen_ms": 5, "in_history": False,
            }
        ],
        "partial": None,
    }  # fmt: skip
    assert job.requests == [("/search", {"q": "small", "limit": "20"})]


@pytest.mark.parametrize(
    ("written", "key"), [("%23Small", "small"), ("ＳＭＡＬＬ", "small"), (" 東京 ", "東京"), ("می\u200cرود", "میرود")]
)
def test_what_is_searched_is_folded_like_a_key(client: FlaskClient, job: FakeJob, written: str, key: str) -> None:
    job.answers["/search"] = (200, {"at_ms": 1, "tags": []})
    assert get(client, f"/api/search?q={written}")["q"] == key
    assert job.requests[0][1]["q"] == key


def test_tags_of_the_stored_panes_are_found_too(client: FlaskClient, job: FakeJob, push: Callable[..., None]) -> None:
    push({"Raincoat": 4}, panes=[pane(0, {"Rain": 9, "Rainbow": 5, "Brain": 3, "Sun": 2}), pane(1, {"RAIN": 8})])
    job.answers["/search"] = (200, {"at_ms": 1, "tags": [counted("Terrain", 7, 3, 9), counted("Rainbow", 2, 8, 30)]})
    answer = get(client, "/api/search?q=rain")
    # Those that begin with it come first, then most posts.
    assert [(tag["label"], tag["window_posts"], tag["total_posts"], tag["in_history"]) for tag in answer["tags"]] == [
        ("Rainbow", 2, 30, True), ("RAIN", 0, None, True), ("Terrain", 7, 9, False), ("Brain", 0, None, True),
    ]  # fmt: skip
    assert len(get(client, "/api/search?q=rain&limit=2")["tags"]) == 2


def test_a_muted_tag_is_not_found(client: FlaskClient, job: FakeJob, push: Callable[..., None]) -> None:
    push({"Raincoat": 4}, panes=[pane(0, {"Rain": 9, "Brain": 3})], mute=panel.mute("rain", patterns=("bra*",)))
    # As a job that has not read its file again.
    job.answers["/search"] = (200, {"at_ms": 1, "tags": [counted("Brainy", 7, 3, 9), counted("Train", 7, 3, 9)]})
    job.answers["/tag"] = (200, {"at_ms": 1, **counted("Rain", 7, 3, 9)})
    assert keys(get(client, "/api/search?q=rain")) == ["train"]
    get(client, "/api/tags/rain", 404)


def test_without_the_job_the_tags_that_led_are_searched(
    client: FlaskClient, job: FakeJob, push: Callable[..., None]
) -> None:
    push({"Raincoat": 4, "Sun": 2}, panes=[pane(0, {"Rain": 9})])
    job.answers["/search"] = (503, {"error": "nothing is counted yet"})
    answer = get(client, "/api/search?q=rain")
    assert answer["partial"] == f"{PARTIAL}nothing is counted yet"
    assert [(tag["label"], tag["window_posts"], tag["window_rank"]) for tag in answer["tags"]] == [
        ("Raincoat", 4, 1), ("Rain", 0, None),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"{", b'{"tags": [{"key": ""}]}', b"[" * 100_000, b" " * (2 << 20)])
def test_what_is_not_agreed_on_is_no_error_of_the_search(client: FlaskClient, job: FakeJob, body: bytes) -> None:
    job.answers["/search"] = (200, body)
    answer = get(client, "/api/search?q=rain")
    assert (answer["tags"], answer["partial"][: len(PARTIAL)]) == ([], PARTIAL)


def test_a_job_that_is_down_is_not_tried_with_each_search(client: FlaskClient, job: FakeJob, clock: list[int]) -> None:
    job.shutdown()
    job.server_close()
    for _ in range(3):
        assert get(client, "/api/search?q=rain")["partial"] == PARTIAL + UNREACHABLE
    clock[0] += 2001
    assert get(client, "/api/search?q=rain")["partial"] == PARTIAL + UNREACHABLE


@pytest.mark.parametrize("query", ["", f"?q={'x' * 101}", "?q=x&limit=0", "?q=x&limit=51", "?q=x&limit=x"])
def test_a_search_needs_a_text_and_a_number(client: FlaskClient, query: str) -> None:
    assert get(client, f"/api/search{query}", 400)["error"]


def test_a_search_for_nothing_finds_nothing(client: FlaskClient, job: FakeJob) -> None:
    for text in ("", "%23", "%20", "\u200d"):
        assert get(client, f"/api/search?q={text}") == {"q": "", "tags": [], "partial": None}
    assert job.requests == []


def test_the_metrics_count_searches(client: FlaskClient, job: FakeJob) -> None:
    job.answers["/search"] = (200, {"at_ms": 1, "tags": []})
    get(client, "/api/search?q=secretword")
    job.answers["/search"] = (503, {"error": "no"})
    get(client, "/api/search?q=secretword")
    text = client.get("/metrics").text
    assert 'hashtags_searches_total{result="whole"} 1.0' in text
    assert 'hashtags_searches_total{result="partial"} 1.0' in text
    assert "secretword" not in text


def test_the_panel_of_a_tag_that_never_led(client: FlaskClient, job: FakeJob, push: Callable[..., None]) -> None:
    push({"WorldCup": 30})
    job.answers["/tag"] = (200, {"at_ms": 1, **counted("SmallTag", 12, 431, 40)})
    tag = get(client, "/api/tags/%23SmallTag")
    assert (tag["key"], tag["label"], tag["first_seen_ms"], tag["history"]) == ("smalltag", "SmallTag", 5, [])
    assert tag["total"] == {"rank": None, "posts": 40}
    shown = ("rank", "posts", "share", "panes", "authors", "taken_back")
    assert [tag["window"][name] for name in shown] == [431, 12, 12 / 30, None, None, None]
    assert job.requests == [("/tag", {"key": "smalltag"})]


def test_many_panels_cost_the_job_one_request_for_each_snapshot(
    client: FlaskClient, job: FakeJob, push: Callable[..., None]
) -> None:
    job.answers["/tag"] = (200, {"at_ms": 1, **counted("SmallTag", 12, 431, 40)})
    for snapshots in (1, 2):
        push({"WorldCup": 30})
        for _ in range(5):
            get(client, "/api/tags/smalltag")
            get(client, "/api/tags/worldcup")
        assert len(job.requests) == snapshots


def test_a_tag_that_nobody_knows_is_not_found(client: FlaskClient, job: FakeJob, push: Callable[..., None]) -> None:
    push({"WorldCup": 30})
    for _ in range(2):
        assert "among the leading tags" in get(client, "/api/tags/unknown", 404)["error"]
    assert len(job.requests) == 1


def test_a_panel_has_the_pairs_of_its_tag(client: FlaskClient, push: Callable[..., None]) -> None:
    pairs = panel.pairs(START_MS, is_exact=False, worldcup={"Final": 41, "Goal": 7})
    push({"WorldCup": 30, "Rain": 2}, pairs=pairs)
    assert get(client, "/api/tags/worldcup")["pairs"] == {
        "at_ms": START_MS,
        "is_exact": False,
        "tags": [{"key": "final", "label": "Final", "posts": 41}, {"key": "goal", "label": "Goal", "posts": 7}],
    }
    assert get(client, "/api/tags/rain")["pairs"] is None


# The six requests must come within the second in which the dashboard waits for the first of them.
@pytest.mark.alone
@pytest.mark.slow
def test_a_slow_job_delays_nobody_else(tmp_path: Path) -> None:
    with fake_job(PROCESS_TOKEN) as slow:
        dashboard = Dashboard(tmp_path, JOB_URL=slow.url)
        try:
            feeder.push(dashboard.url, PROCESS_TOKEN, feeder.snapshot({"WorldCup": 3}, START_MS))
            slow.gate.clear()

            def search(found: list[Any]) -> None:
                with urllib.request.urlopen(f"{dashboard.url}/api/search?q=x", timeout=20) as answer:
                    found.append(json.load(answer)["partial"])

            partial: list[Any] = []
            threads = [threading.Thread(target=search, args=(partial,)) for _ in range(6)]
            for thread in threads:
                thread.start()
            wait_until(lambda: len(slow.requests) == 4, "four requests wait", 10)
            started = time.monotonic()
            with urllib.request.urlopen(f"{dashboard.url}/api/snapshot", timeout=20) as answer:
                assert answer.status == 200
            assert time.monotonic() - started < 0.8
            for thread in threads:
                thread.join(20)
            assert sorted(partial) == sorted([PARTIAL + BUSY] * 2 + [PARTIAL + UNREACHABLE] * 4)
        finally:
            dashboard.kill()


def test_a_job_without_a_query_port(tmp_path: Path) -> None:
    settings = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path, query_port=0)
    app = create_app(settings, lambda: START_MS, lambda: 0)
    answer = get(app.test_client(), "/api/search?q=x")
    assert answer["partial"] == f"{PARTIAL}The job's QUERY_PORT is switched off."
    app.extensions["dashboard.history"].close()


def test_the_job_on_this_machine_is_found_at_its_port() -> None:
    (port,) = free_ports(1)
    assert Settings(push_token=SecretStr(TOKEN), query_port=port).query_url == f"http://127.0.0.1:{port}"

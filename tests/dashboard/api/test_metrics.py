"""What an operator's tools ask: the numbers, for Prometheus."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from tests.dashboard.api.conftest import AT_MS, TOKEN, push_numbered
from tests.dashboard.conftest import ROOT
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.rising import rising, with_authors
from tests.dashboard.support.rising import sample as sample_list

from dashboard import __version__
from dashboard.api.metrics import MAX_SOURCES, STATES
from dashboard.app import create_app
from dashboard.receive.push_counts import REASONS
from dashboard.settings import Settings
from dashboard.traffic.counters import DISCONNECT_REASONS, REFUSAL_REASONS

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

Labels = dict[str, str]


def scrape(client: FlaskClient) -> dict[str, list[tuple[Labels, float]]]:
    """The samples of our own families, by name."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(answer.text))
    assert all(family.documentation for family in families)
    found: dict[str, list[tuple[Labels, float]]] = {}
    for family in families:
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter")
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return {name.removeprefix("hashtags_"): samples for name, samples in found.items() if name.startswith("hashtags_")}


def test_before_the_first_snapshot_the_metrics_tell_of_the_process_alone(client: FlaskClient) -> None:
    samples = scrape(client)
    assert samples == {
        "info": [({"version": __version__}, 1)],
        "viewers": [({"transport": "websocket"}, 0), ({"transport": "polling"}, 0)],
        "pushes_total": [
            ({"result": "accepted", "reason": ""}, 0),
            ({"result": "ignored", "reason": ""}, 0),
            ({"result": "rejected", "reason": "token"}, 0),
            ({"result": "rejected", "reason": "size"}, 0),
            ({"result": "rejected", "reason": "shape"}, 0),
            ({"result": "rejected", "reason": "relay"}, 0),
        ],
        "skipped_snapshots_total": [({}, 0)],
        "hung_up_total": [({"reason": reason}, 0) for reason in ("stuck", "flood", "malformed")],
        "refused_total": [
            ({"reason": reason}, 0)
            for reason in ("connections", "full", "rate", "slow body", "malformed", "questions", "unread")
        ],
        "ready": [({}, 0)],
        "history_panes": [({}, 0)],
        "history_notice": [({}, 0)],
        "relay_notice": [({}, 0)],
        "alerts_fired_total": [({}, 0)],
        "alerts_dropped_total": [({}, 0)],
        "alert_deliveries_total": [({"result": "delivered"}, 0), ({"result": "gave up"}, 0)],
        "alert_deliveries_waiting": [({}, 0)],
        "alert_oldest_waiting_seconds": [({}, 0)],
        "alert_targets": [({}, 0)],
        "alert_targets_failing": [({}, 0)],
        "alert_targets_error": [({}, 0)],
    }
    text = client.get("/metrics").text
    assert "process_resident_memory_bytes " in text
    assert "process_open_fds " in text


def test_who_asks_too_often_shows_in_the_metrics(tmp_path: Path, clock: list[int]) -> None:
    settings = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path, api_requests_per_minute=2)
    app = create_app(settings, lambda: AT_MS, lambda: clock[0])
    client = app.test_client()
    assert [client.get("/api/time").status_code for _ in range(4)] == [200, 200, 429, 429]
    assert ({"reason": "rate"}, 2) in scrape(client)["refused_total"]
    app.extensions["dashboard.history"].close()


def test_the_metrics_tell_what_the_newest_snapshot_says(client: FlaskClient, clock: list[int]) -> None:
    sources = [
        feeder.source(name="x", accepted=1000, duplicate=3, filtered=17, malformed={"not UTF-8": 2, "too long": 3}),
        feeder.source(name="bluesky", state="retrying", accepted=5),
    ]
    health = feeder.health(
        AT_MS,
        sources,
        lag_posts=12,
        lag_ms=1500,
        lost=7,
        skipped=2,
        late=5,
        cut=31,
        batch_ms=140,
        posts_per_second=50.2,
    )
    total = feeder.snapshot({}, AT_MS)["total"] | {"posts": 98000, "tags": 20111, "dropped_tags": 4, "dropped_posts": 9}
    push_numbered(
        client,
        seq=2,
        epoch=AT_MS,
        health=health,
        total=total,
        panes=[feeder.pane(AT_MS - 10_000), feeder.pane(AT_MS - 20_000)],
    )
    push_numbered(client, seq=1, epoch=AT_MS)
    client.post("/api/snapshots", data=b"{", headers={"Authorization": f"Bearer {TOKEN}"})
    client.post("/api/snapshots", data=b"{")
    clock[0] += 2500
    samples = scrape(client)
    alone = {name: values[0][1] for name, values in samples.items() if values[0][0] == {}}
    assert alone == {
        "snapshot_age_seconds": 2.5, "ready": 1, "history_panes": 2, "history_notice": 0, "relay_notice": 0,
        "epoch_timestamp_seconds": AT_MS / 1000, "posts_total": 98000, "lost_posts_total": 7,
        "skipped_posts_total": 2, "late_posts_total": 5, "snapshot_cut": 31, "dropped_tags_total": 4,
        "dropped_posts_total": 9, "tags": 20111, "window_posts": 310, "posts_per_second": 50.2, "lag_posts": 12,
        "lag_seconds": 1.5, "batch_seconds": 0.14, "query_failed": 0, "query_failures": 0, "ingest_reachable": 1,
        "ingest_notice": 0, "skipped_snapshots_total": 0, "alerts_fired_total": 0, "alerts_dropped_total": 0,
        "alert_deliveries_waiting": 0,
        "alert_oldest_waiting_seconds": 0, "alert_targets": 0, "alert_targets_failing": 0, "alert_targets_error": 0,
    }  # fmt: skip
    assert [value for _, value in samples["pushes_total"]] == [1, 1, 1, 0, 1, 0]
    assert samples["source_inputs_total"] == [
        ({"source": "x", "result": "accepted"}, 1000),
        ({"source": "x", "result": "duplicate"}, 3),
        ({"source": "x", "result": "filtered"}, 17),
        ({"source": "x", "result": "malformed"}, 5),
        ({"source": "bluesky", "result": "accepted"}, 5),
        ({"source": "bluesky", "result": "duplicate"}, 0),
        ({"source": "bluesky", "result": "filtered"}, 17),
        ({"source": "bluesky", "result": "malformed"}, 0),
    ]
    assert [labels for labels, value in samples["source_state"] if value] == [
        {"source": "x", "state": "live"}, {"source": "bluesky", "state": "retrying"},
    ]  # fmt: skip
    assert len(samples["source_state"]) == 2 * len(STATES)


def test_the_metrics_tell_of_people_and_of_what_rises_if_the_job_does(client: FlaskClient) -> None:
    names = ("window_authors", "rising_topics", "rising_held_back", "rising_baseline_missing_seconds")
    push_numbered(client)
    assert scrape(client).keys().isdisjoint(names)
    window = with_authors(feeder.snapshot({"WorldCup": 310}, AT_MS))["window"]
    push_numbered(client, seq=2, window=window, rising=sample_list(AT_MS))
    assert [scrape(client)[name] for name in names] == [[({}, 155)], [({}, 3)], [({}, 2)], [({}, 0)]]
    push_numbered(client, seq=3, rising=rising(AT_MS, missing_ms=600_500))
    assert scrape(client)["rising_baseline_missing_seconds"] == [({}, 600.5)]


def test_the_metrics_count_deletions_samples_and_muted_tags_and_name_none(client: FlaskClient) -> None:
    names = ("sample_posts", "window_taken_back", "muted", "muted_hidden", "mute_error")
    push_numbered(client)
    assert scrape(client).keys().isdisjoint(names)
    window = {**feeder.snapshot({"WorldCup": 310}, AT_MS)["window"], "taken_back": 7}
    health = feeder.health(AT_MS, [feeder.source(deleted=4, edited=3, not_stored=90)])
    post, mute = panel.post(1, AT_MS, "WorldCup"), panel.mute("hush", patterns=("sh*",), hidden=5, error="Line 2.")
    push_numbered(client, seq=2, window=window, samples=panel.samples(post), mute=mute, health=health)
    samples = scrape(client)
    assert [samples[name] for name in names] == [[({}, 1)], [({}, 7)], [({}, 2)], [({}, 5)], [({}, 1)]]
    results = {labels["result"]: value for labels, value in samples["source_inputs_total"]}
    assert (results["deleted"], results["edited"], results["not_stored"]) == (4, 3, 90)
    assert "hush" not in client.get("/metrics").text


def test_what_is_wrong_shows_in_the_metrics(client: FlaskClient, clock: list[int]) -> None:
    health = feeder.health(AT_MS, query_error="no disk", query_failures=3, batch_ms=None)
    health["ingest"] |= {"reachable": False, "status": None}
    push_numbered(client, health=health)
    clock[0] += 60_000
    samples = scrape(client)
    assert samples["ready"] == samples["ingest_reachable"] == [({}, 0)]
    assert samples["query_failed"] == [({}, 1)]
    assert samples["query_failures"] == [({}, 3)]
    assert samples.keys().isdisjoint({"batch_seconds", "source_state", "source_inputs_total", "ingest_notice"})


def test_names_from_outside_make_no_more_than_a_few_series(client: FlaskClient) -> None:
    names = ['in"jected{}\n', "", "long" * 20, *(f"source-{number}" for number in range(100)), "source-0"]
    sources = [feeder.source(name=name, state="swimming", accepted=1) for name in names]
    push_numbered(client, health=feeder.health(AT_MS, sources))
    samples = scrape(client)
    accepted = {of["source"]: value for of, value in samples["source_inputs_total"] if of["result"] == "accepted"}
    assert len(accepted) <= MAX_SOURCES + 1
    assert sum(accepted.values()) == len(names)
    assert accepted["source-0"] == 2
    assert {labels["state"] for labels, value in samples["source_state"] if value} == {"other"}


def test_a_history_that_can_not_be_read_takes_nothing_else_away(tmp_path: Path, clock: list[int]) -> None:
    (tmp_path / "history").write_text("a file, where a directory should be")
    app = create_app(Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path), lambda: AT_MS, lambda: clock[0])
    samples = scrape(app.test_client())
    assert samples["history_notice"] == [({}, 1)]
    assert "history_panes" not in samples
    assert samples["ready"] == [({}, 0)]


@pytest.mark.parametrize(
    "accept", ["*/*", "application/openmetrics-text; version=1.0.0", "text/plain; version=x\x7f", ""]
)
def test_the_metrics_are_plain_text_whatever_is_asked_for(client: FlaskClient, accept: str) -> None:
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def counters(part: object) -> dict[str, float]:
    """What a part of the dashboard counts, by the names of its attributes: numbers and Counters."""
    found: dict[str, float] = {}
    for name, value in vars(part).items():
        if isinstance(value, Counter):
            found |= {f"{name} {reason}": count for reason, count in value.items()}
        elif isinstance(value, int) and not isinstance(value, bool) and not name.endswith("_ms"):
            found[name] = value
    return found


def test_each_counter_of_the_process_is_among_the_metrics(client: FlaskClient) -> None:
    app = client.application
    parts = [app.extensions["dashboard.counters"], app.extensions["dashboard.pushes"]]
    for part in parts:
        for name, value in vars(part).items():
            if isinstance(value, Counter):
                reasons = {"_rejected": REASONS, "disconnected": DISCONNECT_REASONS, "refused": REFUSAL_REASONS}[name]
                value.update(dict.fromkeys(reasons, 1))
            elif isinstance(value, int) and name != "pages" and not callable(value):
                setattr(part, name, 1)
    expected = {name for part in parts for name in counters(part)} - {"pages"}
    samples = scrape(client)
    families = ("pushes_total", "refused_total", "hung_up_total", "skipped_snapshots_total")
    told = [value for name in families for _, value in samples[name] if value]
    assert len(told) == len(expected) == 2 + len(REASONS) + len(DISCONNECT_REASONS) + len(REFUSAL_REASONS) + 1
    # Each reason that the code gives is one of those that the metrics go through.
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "dashboard" / "dashboard").rglob("*.py"))
    for pattern, reasons in (
        (r"""(?:refuse\(\d+|reject\()(?:, )?"(\w+)\"""", REASONS),
        (r"""refused\["([\w ]+)"\]""", REFUSAL_REASONS),
        (r"""disconnected\["([\w ]+)"\]|disconnect\("(\w+)"\)""", DISCONNECT_REASONS),
    ):
        given = {"".join(found) for found in re.findall(pattern, source)}
        assert given
        assert given <= set(reasons)


def test_the_docs_name_every_metric_and_no_other(client: FlaskClient) -> None:
    docs = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    window = {**with_authors(feeder.snapshot({"WorldCup": 310}, AT_MS))["window"], "taken_back": 7}
    health = feeder.health(AT_MS, archived=feeder.archived())
    push_numbered(
        client, window=window, rising=sample_list(AT_MS), samples=panel.samples(), mute=panel.mute(), health=health
    )
    client.get("/api/search?q=x")
    listed = re.findall(r"^\| `hashtags_(\w+)` \|", docs, re.MULTILINE)
    assert sorted(listed) == sorted(scrape(client))
    assert set(re.findall(r"hashtags_(\w+)", docs)) == set(listed)

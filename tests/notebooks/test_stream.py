"""The client against a real dashboard: what a reader gets is what the job has pushed."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.dashboard.conftest import EPOCH, TOKEN
from tests.dashboard.support import alerts, feeder
from tests.notebooks.conftest import AT_MS, PANES
from tests.processes import free_ports

from hashtags import Stream, StreamError, attach

if TYPE_CHECKING:
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream


def utc(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, timezone.utc)


def refused(stream: Stream, **arguments: Any) -> str:
    with pytest.raises(StreamError) as caught:
        stream.leaders(**arguments)
    return str(caught.value)


def test_where_nothing_listens_a_sentence_says_so() -> None:
    (port,) = free_ports(1)
    with pytest.raises(StreamError) as caught:
        attach(f"http://127.0.0.1:{port}")
    assert str(caught.value) == (
        f"http://127.0.0.1:{port} does not answer. Is the stream running there (make run), and is the address right?"
    )
    # A notebook shows this in place of a traceback.
    assert caught.value._render_traceback_() == [f"StreamError: {caught.value}"]


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://localhost", "http://", ""])
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(StreamError, match="The address of a stream is like http://localhost:8000, not "):
        attach(address)


def test_another_program_at_that_address_is_recognised() -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<h1>Hello</h1>")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(StreamError, match="answers, but not as a stream of hashtags-live does"):
            attach(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_attach_waits_for_the_first_numbers_of_a_stream_that_has_just_started(dashboard: Dashboard) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            dashboard.push({"WorldCup": 3}, EPOCH)

    with attach(f"{dashboard.url}/?view=total", sleep=sleep) as stream:
        assert list(stream.top["hashtag"]) == ["#WorldCup"]
        assert stream.address == dashboard.url
    assert len(waits) == 2


def test_attach_says_after_its_time_that_there_are_no_numbers(dashboard: Dashboard) -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    with pytest.raises(StreamError):
        attach(dashboard.url, wait_seconds=3, monotonic=lambda: clock[0], sleep=sleep)
    assert clock[0] == 3


def test_top_has_the_ten_leaders_of_the_window(stream: Stream, sample: SampleStream) -> None:
    window = sum(sample.panes[-30:], start=type(sample.panes[0])())
    order = sorted(window.items(), key=lambda item: (-item[1], item[0].casefold()))[:10]
    top = stream.top
    assert list(top.index) == list(range(1, 11))
    assert top.index.name == "rank"
    assert list(zip(top["hashtag"], top["posts"], strict=True)) == [(f"#{tag}", posts) for tag, posts in order]
    assert list(top["key"]) == [tag.casefold() for tag, _ in order]
    assert list(top["people"])[:2] == [order[0][1] // 2, order[1][1] // 3]
    before = sum(sample.panes[-60:-30], start=type(sample.panes[0])())
    assert top["change"][1] == pytest.approx(order[0][1] / before[order[0][0]] - 1)
    assert top["share"][1] == pytest.approx(order[0][1] / round(sum(window.values()) * 1.1))
    assert top.attrs["to"] == utc(AT_MS)


def test_leaders_of_all_rankings(stream: Stream, sample: SampleStream) -> None:
    total = sum(sample.panes, start=type(sample.panes[0])())
    (first, posts) = max(total.items(), key=lambda item: item[1])
    totals = stream.leaders("total", count=50)
    assert (totals["hashtag"][1], totals["posts"][1]) == (f"#{first}", posts)
    assert len(totals) == len(feeder.TAGS)
    assert totals["people"].isna().all()
    batch = stream.leaders("batch", count=3)
    assert batch.attrs["start"] == batch.attrs["to"] == utc(AT_MS)
    assert len(batch) == 3
    people = stream.leaders(by="people", count=50)["people"]
    assert list(people) == sorted(people, reverse=True)
    assert stream.leaders(source="bluesky").attrs["posts"] > stream.leaders(source="mastodon").attrs["posts"]
    assert stream.leaders(lang="es", count=5)["posts"].is_monotonic_decreasing


def test_what_does_not_go_together_is_a_sentence(stream: Stream) -> None:
    assert refused(stream, ranking="rising") == "ranking must be one of window, batch, total, not 'rising'."
    assert refused(stream, by="authors") == "by must be posts or people, not 'authors'."
    assert refused(stream, source="x", lang="es") == "A list is of one source or of one language, not of both."
    assert refused(stream, ranking="total", by="people").startswith("Only the window can be ranked by source")
    assert refused(stream, lang="xx") == "The window has no list of the language 'xx'; there is en, es, ja, und."
    assert refused(stream, at=datetime(2026, 11, 20)).startswith("A time must have a time zone")  # noqa: DTZ001
    assert refused(stream, at=utc(EPOCH), ranking="total").startswith("Of the past, only the window of all posts")
    assert refused(stream, at=utc(EPOCH - 86_400_000)) != ""


def test_a_moment_of_the_past_has_the_window_that_ended_then(stream: Stream, sample: SampleStream) -> None:
    at_ms = sample.first_ms + 40 * feeder.PANE_MS
    window = sum(sample.panes[10:40], start=type(sample.panes[0])())
    (first, posts) = max(window.items(), key=lambda item: item[1])
    past = stream.leaders(at=pd.Timestamp(at_ms + 3_000, unit="ms", tz="UTC"))
    assert (past["hashtag"][1], past["posts"][1]) == (f"#{first}", posts)
    assert (past.attrs["start"], past.attrs["to"]) == (utc(at_ms - 300_000), utc(at_ms))


def test_the_curve_of_a_tag_has_the_stored_panes_and_then_those_of_the_window(
    stream: Stream, sample: SampleStream
) -> None:
    curve = stream.tag("#WORLDCUP")
    posts = [pane["WorldCup"] for pane in sample.panes]
    assert list(curve["posts"]) == posts
    assert set(curve["seconds"]) == {10.0}
    assert curve.index[0] == utc(sample.first_ms)
    assert curve.index[-1] == utc(sample.open_ms)
    assert (curve.attrs["label"], curve.attrs["posts"]) == ("WorldCup", sum(posts[-30:]))
    assert curve.attrs["rank"] == list(stream.leaders(count=50)["key"]).index("worldcup") + 1
    with pytest.raises(StreamError):
        stream.tag("nobody wrote this")


def test_history_has_all_posts_of_the_last_minutes(stream: Stream, sample: SampleStream) -> None:
    whole = stream.history()
    assert len(whole) == PANES
    assert list(whole["posts"]) == [round(pane.total() * 1.1) for pane in sample.panes[:-1]]
    last = stream.history(minutes=2)
    assert list(last["posts"]) == list(whole["posts"])[-12:]
    assert last.index[-1] == utc(sample.open_ms - feeder.PANE_MS)


def test_rising_lists_the_tags_of_each_topic(stream: Stream) -> None:
    rising = stream.rising
    assert list(rising["hashtag"]) == ["#Terremoto", "#Sismo", "#東京", "#SmallAndNew"]
    assert list(rising["topic"]) == [1, 1, 2, 3]
    assert rising["times"][0] == pytest.approx(241 / 20)
    assert list(rising["is_new"]) == [False, False, False, True]
    assert rising.attrs == {"at": utc(EPOCH), "missing_seconds": 0}


def test_before_the_first_list_nothing_rises(dashboard: Dashboard) -> None:
    dashboard.push({"WorldCup": 3}, EPOCH)
    with attach(dashboard.url) as stream:
        assert len(stream.rising) == 0
        assert "hashtag" in stream.rising
        assert len(stream.history()) == 0
        assert len(stream.alerts()) == 0


def test_alerts_are_those_of_the_last_hours_by_the_clock_of_the_stream(
    dashboard: Dashboard, sample: SampleStream, stream: Stream
) -> None:
    now_ms = round(datetime.now(timezone.utc).timestamp() * 1000)
    fired = [alerts.pushed(1, at_ms=now_ms - 5_400_000), alerts.pushed(2, at_ms=now_ms - 60_000, id="1/2/a/b")]
    body = sample.snapshot(AT_MS + 1_000) | {"alerts": fired, "alert_rules": alerts.rules()}
    feeder.push(dashboard.url, TOKEN, body)
    assert len(stream.alerts(hours=2)) == 2
    last = stream.alerts(hours=1)
    assert list(last["hashtag"]) == ["#WorldCup"]
    assert last["time"][0] == pd.Timestamp(now_ms - 60_000, unit="ms", tz="UTC").floor("s")
    assert last["sentence"][0].startswith("#WorldCup entered the top 3")

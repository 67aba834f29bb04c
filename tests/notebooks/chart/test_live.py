"""A chart that moves: one message an update, ordered bars, and a word when the numbers are old."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.notebooks.chart.test_bars import snapshot
from tests.processes import wait_until

from hashtags.chart import live
from hashtags.chart.live import LiveChart, live_chart
from hashtags.chart.shown import PLOTLY_JSON, Picture
from hashtags.chart.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hashtags.snapshot import Snapshot

#: For what a thread of the chart does.
PATIENCE_SECONDS = 30
MESSAGES = ("_py2js_update", "_py2js_restyle", "_py2js_relayout", "_py2js_animate", "_py2js_addTraces")


class HandFeed:
    """A feed that gives what the test puts into it."""

    def __init__(self) -> None:
        self.snapshots: queue.Queue[Snapshot | None] = queue.Queue()
        self.trouble: str | None = None
        self.is_asked = threading.Event()
        self.is_closed = threading.Event()

    def start(self) -> HandFeed:
        return self

    def close(self) -> None:
        self.is_closed.set()
        self.snapshots.put(None)

    def next_after(self, _order: object, _timeout_seconds: float) -> Snapshot | None:
        self.is_asked.set()
        return self.snapshots.get()


@pytest.fixture
def feed() -> Iterator[HandFeed]:
    made = HandFeed()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "UPDATE_SECONDS", 0.0)


def started(feed: Any, *, is_widget: bool, monotonic: Any = lambda: 0.0, **options: Any) -> LiveChart:
    first, words = snapshot({"a": 100, "b": 50}, **options.get("view", {})), words_of(options.get("language", "en"))
    return live_chart(feed, first, options.get("count", 3), None, monotonic, is_widget, words)


def labels(figure: Any) -> list[str]:
    return [label for label in figure.layout.yaxis.ticktext if label]


def test_each_snapshot_is_one_message_to_the_browser(feed: HandFeed) -> None:
    chart = started(feed, is_widget=True)
    sent: list[Any] = []
    chart.shown.observe(lambda change: sent.append(change) if change.new is not None else None, list(MESSAGES))
    feed.snapshots.put(snapshot({"a": 100, "b": 120, "c": 3}, 2))
    wait_until(lambda: len(labels(chart.shown)) == 3, "the third bar", PATIENCE_SECONDS)
    chart.stop()
    (message,) = sent
    assert message.name == "_py2js_update"
    assert list(message.new["style_data"]["x"][0]) == [120, 100, 3]
    assert list(message.new["layout_data"]["yaxis.ticktext"]) == ["#b", "#a", "#c"]


def test_the_bars_are_ordered_and_a_hashtag_keeps_its_colour(feed: HandFeed) -> None:
    chart = started(feed, is_widget=True)
    colour = chart.shown.data[0].marker.color[0]
    assert labels(chart.shown) == ["#a", "#b"]
    feed.snapshots.put(snapshot({"a": 100, "new": 500, "other": 300}, 2))
    wait_until(lambda: labels(chart.shown) == ["#new", "#other", "#a"], "the new order", PATIENCE_SECONDS)
    assert chart.shown.data[0].marker.color[2] == colour
    assert list(chart.shown.data[0].x) == [500, 300, 100]
    chart.stop()


def test_a_chart_says_why_its_numbers_are_old(feed: HandFeed) -> None:
    clock = [0.0]
    chart = started(feed, is_widget=True, monotonic=lambda: clock[0])
    feed.trouble = "the connection is lost, trying again"
    feed.snapshots.put(None)
    wait_until(lambda: "the connection is lost" in chart.shown.layout.title.text, "the sentence", PATIENCE_SECONDS)
    feed.trouble, clock[0] = None, 12.0
    feed.snapshots.put(None)
    wait_until(lambda: "no new numbers for 12 s" in chart.shown.layout.title.text, "the sentence", PATIENCE_SECONDS)
    feed.snapshots.put(snapshot({"a": 1}, 2))
    wait_until(lambda: "<br>" not in chart.shown.layout.title.text, "new numbers", PATIENCE_SECONDS)
    chart.stop()


def test_a_spanish_chart_says_everything_in_spanish(feed: HandFeed) -> None:
    clock = [0.0]
    view = {"by": "people"}
    chart = started(feed, is_widget=True, monotonic=lambda: clock[0], language="es", view=view)
    assert chart.shown.layout.xaxis.title.text == "personas"
    for trouble, said in (
        ("the connection is lost, trying again", "se ha perdido la conexión, se intenta de nuevo"),
        ("http://a:1 can't be reached, trying again", "http://a:1 no responde, se intenta de nuevo"),
    ):
        feed.trouble = trouble
        feed.snapshots.put(None)
        wait_until(lambda said=said: f">{said}<" in chart.shown.layout.title.text, "the sentence", PATIENCE_SECONDS)  # type: ignore[misc]
    feed.trouble, clock[0] = None, 12.0
    feed.snapshots.put(None)
    wait_until(
        lambda: "sin números nuevos desde hace 12 s" in chart.shown.layout.title.text, "the sentence", PATIENCE_SECONDS
    )
    chart.stop()


def test_stop_of_the_chart_ends_its_connection(feed: HandFeed) -> None:
    chart = started(feed, is_widget=True)
    was_running = chart.is_running
    chart.shown.stop()
    assert (was_running, chart.is_running) == (True, False)
    assert feed.is_closed.is_set()


def test_a_chart_ends_after_its_seconds(feed: HandFeed) -> None:
    clock = [0.0]
    chart = live_chart(feed, snapshot({"a": 1}), 1, 30.0, lambda: clock[0], True)  # type: ignore[arg-type]
    # Its thread has begun, and knows by now when it ends.
    assert feed.is_asked.wait(PATIENCE_SECONDS)
    clock[0] = 31.0
    feed.snapshots.put(None)
    wait_until(lambda: not chart.is_running, "the end", PATIENCE_SECONDS)
    assert feed.is_closed.is_set()


def test_without_widgets_the_output_is_replaced_by_the_same_bars(
    feed: HandFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **options: outputs.append((bundle, options)))
    chart = started(feed, is_widget=False)
    assert isinstance(chart.shown, Picture)
    chart.shown._ipython_display_()
    feed.snapshots.put(snapshot({"c": 200, "a": 100}, 2))
    wait_until(lambda: len(outputs) == 2, "a new output", PATIENCE_SECONDS)
    chart.stop()
    (first, shown), (second, replaced) = outputs
    assert (shown.get("update"), replaced["update"]) == (None, True)
    assert shown["display_id"] == replaced["display_id"]
    assert "#b" in first["text/plain"]
    assert "#b" not in second["text/plain"]
    assert list(second[PLOTLY_JSON]["data"][0]["x"]) == [200, 100, 0]
    assert "#c" in second["text/html"]

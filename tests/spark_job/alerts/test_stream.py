"""Rules about the stream, with a clock that only the test moves."""

from typing import Any

import pytest
from tests.spark_job.support.alerts import rule, said

from spark_job.alerts.engine import AlertState
from spark_job.alerts.stream import SourceFacts, StreamFacts, evaluate_stream
from spark_job.alerts.stream_watch import StreamWatch
from spark_job.alerts_schema import Alert
from spark_job.snapshot_schema import Ingest

NOW = 1_795_176_004_000


class Stream:
    """One rule about the stream, which is evaluated each second."""

    def __init__(self, stream: str, **more: Any) -> None:
        self.rules = (rule(name="r", when="stream", stream=stream, **more),)
        self.state: AlertState = {}
        self.now_ms = NOW

    def tick(self, seconds: int = 1, **facts: Any) -> list[Alert]:
        alerts, self.state = evaluate_stream(self.rules, self.state, StreamFacts(7, self.now_ms, 10_000, **facts))
        self.now_ms += seconds * 1000
        return alerts


def test_a_refused_source_is_told_once() -> None:
    stream = Stream("source refused")
    well, refused = SourceFacts("demo", is_refused=False), SourceFacts("x", is_refused=True, error="wrong token")
    assert stream.tick(sources=(well,)) == []
    (alert,) = stream.tick(sources=(well, refused))
    assert said(alert) == {
        "id": "7/1795176000000/r/x",
        "rule": "r",
        "when": "stream",
        "at_ms": NOW + 1000,
        "source": "x",
        "stream": "source refused",
        "detail": "wrong token",
    }
    assert [stream.tick(600, sources=(well, refused)) for _ in range(20)] == [[]] * 20


def test_a_source_that_is_refused_again_is_told_again_after_the_cooldown() -> None:
    stream = Stream("source refused", cooldown_seconds=60)
    refused, well = (SourceFacts("x", is_refused=True),), (SourceFacts("x", is_refused=False),)
    told = [len(stream.tick(20, sources=sources)) for sources in (refused, well, refused, well, refused)]
    assert told == [1, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("stream", "bad"),
    [
        ("source refused", SourceFacts("x", is_refused=True)),
        ("daily limit", SourceFacts("x", is_refused=False, used=95, limit=100)),
    ],
)
def test_while_ingest_can_not_be_reached_nothing_is_forgotten(stream: str, bad: SourceFacts) -> None:
    rules = Stream(stream)
    told = [len(rules.tick(10, sources=sources)) for sources in ((bad,), (bad,), None, (bad,), None, None, (bad,))]
    assert told == [1, 0, 0, 0, 0, 0, 0]
    # Also after the cooldown: it is still the same state.
    assert [rules.tick(7200, sources=sources) for sources in (None, (bad,), None, (bad,))] == [[]] * 4
    assert len(rules.state["r"].tags) == 1


def test_a_source_that_is_gone_is_forgotten_when_the_cooldown_is_over() -> None:
    rules, refused = Stream("source refused", cooldown_seconds=60), (SourceFacts("x", is_refused=True),)
    assert [len(rules.tick(20, sources=sources)) for sources in (refused, (), refused, (), (), ())] == [
        1,
        0,
        0,
        0,
        0,
        0,
    ]
    assert rules.state["r"].tags == {}
    assert len(rules.tick(sources=refused)) == 1


def test_without_a_cooldown_each_pane_has_one_alert_that_tells_all_of_it() -> None:
    rules = Stream("posts lost", cooldown_seconds=0)
    told = [[(alert.id, alert.posts) for alert in rules.tick(3, lost=lost)] for lost in (0, 5, 9, 10, 10, 11)]
    # Seconds 4, 7, 10, 13, 16 and 19: panes of ten seconds.
    assert told == [
        [],
        [("7/1795176000000/r/-", 5)],
        [("7/1795176010000/r/-", 4)],
        [],
        [],
        [],
    ]
    (alert,) = rules.tick(lost=11)
    assert (alert.id, alert.posts, alert.detail) == ("7/1795176020000/r/-", 2, "2 posts were lost")
    refused, well = (SourceFacts("x", is_refused=True),), (SourceFacts("x", is_refused=False),)
    flaps = Stream("source refused", cooldown_seconds=0)
    ids = [alert.id for _ in range(4) for sources in (refused, well) for alert in flaps.tick(2, sources=sources)]
    assert ids == ["7/1795176000000/r/x", "7/1795176010000/r/x"]


def test_counting_has_stopped_after_a_minute() -> None:
    stream = Stream("counting stopped")
    assert stream.tick(stopped_ms=59_999, stopped_because="Connection refused.") == []
    (alert,) = stream.tick(stopped_ms=60_000, stopped_because="Connection refused.")
    assert alert.detail == "Connection refused."
    assert stream.tick(7200, stopped_ms=70_000) == []
    # After a start of the job the minute begins again, and the alert is still the same one.
    assert [stream.tick(stopped_ms=ms) for ms in (1, 60_000, 0)] == [[], [], []]
    assert len(stream.tick(stopped_ms=60_000)) == 1


def test_lost_posts_are_told_with_their_number_and_those_of_the_cooldown_after_it() -> None:
    stream = Stream("posts lost", cooldown_seconds=60)
    assert stream.tick(lost=5) == []
    (alert,) = stream.tick(lost=12)
    assert (alert.posts, alert.detail) == (7, "7 posts were lost")
    assert [stream.tick(10, lost=lost) for lost in (20, 30, 40, 40, 40, 40)] == [[]] * 6
    (alert,) = stream.tick(lost=40)
    assert alert.posts == 28
    # Another epoch counts from zero.
    assert stream.tick(60, lost=0) == []
    (alert,) = stream.tick(lost=3)
    assert alert.posts == 3


@pytest.mark.parametrize(("used", "told"), [(899, 0), (900, 1), (2000, 1)])
def test_the_daily_limit_is_near_at_ninety_percent(used: int, told: int) -> None:
    stream = Stream("daily limit", cooldown_seconds=0)
    near = (SourceFacts("x", is_refused=False, used=used, limit=1000),)
    assert len(stream.tick(sources=near)) == told
    assert stream.tick(sources=near) == []
    assert stream.tick(10, sources=(SourceFacts("x", is_refused=False, used=0, limit=1000),)) == []
    assert len(stream.tick(sources=near)) == told


def test_a_new_epoch_tells_nothing_again() -> None:
    stream = Stream("source refused")
    refused = (SourceFacts("x", is_refused=True),)
    assert len(stream.tick(sources=refused)) == 1
    stream.state = {name: type(state)("", state.tags) for name, state in stream.state.items()}
    assert stream.tick(sources=refused) == []


def test_the_facts_are_those_of_ingests_status() -> None:
    source = {"name": "x", "state": "refused", "error": "no", "facts": {"billed_today": 5, "daily_limit": 9}}
    status: Any = {"log": "a", "first": 0, "end": 0, "acked": 0, "watermark_ms": 0, "sources": [source, "odd"]}
    watch = StreamWatch()
    facts = watch.facts(Ingest(reachable=True, since_ms=NOW, error=None, status=status), None, (7, 3), NOW, 10_000)
    expected = (SourceFacts("x", is_refused=True, error="no", used=5, limit=9),)
    assert (facts.sources, facts.lost, facts.stopped_ms) == (expected, 3, 0)
    away = Ingest(reachable=False, since_ms=NOW - 40_000, error="Connection refused.", status=status)
    facts = watch.facts(away, None, (7, 3), NOW, 10_000)
    assert facts.sources is None
    assert (facts.stopped_ms, facts.stopped_because) == (40_000, "Connection refused.")
    failed = Ingest(reachable=True, since_ms=NOW, error=None, status=status)
    assert watch.facts(failed, "the query ended", (7, 3), NOW + 5000, 10_000).stopped_ms == 45_000
    assert watch.facts(failed, None, (7, 3), NOW + 6000, 10_000).stopped_ms == 0

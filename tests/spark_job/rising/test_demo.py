"""The events of the demo rise with the right reasons within a minute, and what only looks like a rise is held back."""

from dataclasses import dataclass, field
from itertools import takewhile
from random import Random

import duckdb
import pytest
from tests.spark_job.support import demo_stream

from ingest.posts.labels import fold
from ingest.sources.demo.events import Event, events
from ingest.sources.demo.topics import MORNINGS
from spark_job.rising.detector import Detector
from spark_job.rising.rises import HeldBack, Rising, RisingTag

#: The time of day decides which topics are popular. 12:00:37 UTC on 2026-11-29.
START_MS = 1_795_953_637_000
RATE = 50
SEED = 7
#: The made-up past, then 15 minutes of the demo.
PAST_SECONDS, SECONDS = 2700, 900
WITHIN_SECONDS = 60


@dataclass
class Watched:
    """What the detector said, pane by pane. Times are in seconds since the start."""

    events: list[Event]
    lists: list[tuple[float, Rising]] = field(default_factory=list)

    def listed(self, until_seconds: float) -> set[str]:
        """The tags that were listed up to a time."""
        return {tag.key for at, rising in self.lists if at <= until_seconds for topic in rising.topics for tag in topic}

    def first(self, event: Event) -> tuple[float, list[RisingTag]]:
        """When the tags of an event were listed for the first time, and the topic in which they are."""
        return next(
            (at, list(topic))
            for at, rising in self.lists
            for topic in rising.topics
            if at > event.begin and fold(event.tags[0]) in {tag.key for tag in topic}
        )

    def held_back(self, event: Event) -> tuple[float, HeldBack]:
        """When the tag of an event was held back for the first time, and why."""
        return next(
            (at, held)
            for at, rising in self.lists
            for held in rising.held_back
            if at > event.begin and held.key == fold(event.tags[0])
        )


@pytest.fixture(scope="module")
def watched() -> Watched:
    detector = Detector(duckdb.connect(), pane_ms=demo_stream.PANE_MS, window_ms=300_000)
    past = demo_stream.past(SEED, START_MS, PAST_SECONDS, RATE)
    live = demo_stream.posts(SEED, START_MS, SECONDS, RATE)
    coming = events(Random(Random(SEED).getrandbits(64)))
    watched = Watched(list(takewhile(lambda event: event.begin < SECONDS - WITHIN_SECONDS, coming)))
    for facts in demo_stream.panes([*past, *live]):
        if facts.until_ms <= START_MS:
            detector.learn(facts)
        else:
            watched.lists.append(((facts.until_ms - START_MS) / 1000, detector.add_pane(facts)))
    return watched


def test_each_true_event_rises_within_a_minute_as_what_it_is(watched: Watched) -> None:
    true = [event for event in watched.events if event.kind in {"new", "known", "pair", "language"}]
    assert {event.kind for event in true} == {"new", "known", "pair", "language"}
    for event in true:
        at, topic = watched.first(event)
        assert at - event.begin <= WITHIN_SECONDS, event
        assert {tag.key for tag in topic} == {fold(tag) for tag in event.tags}
        for tag in topic:
            assert tag.voices >= 8
            assert tag.times >= 1.8
            assert tag.copies < 0.1
            assert tag.new == (event.kind != "known")
            assert abs(tag.since_ms - START_MS - event.begin * 1000) <= 30_000
            if event.kind == "language":
                assert (tag.leading.lang, tag.leading.lang_part) == (event.language.code, 1)


def test_what_only_looks_like_a_rise_is_held_back_within_a_minute_with_the_reason(watched: Watched) -> None:
    false = {event.kind: event for event in reversed(watched.events) if event.kind in {"bot", "chat", "copies"}}
    assert len(false) == 3
    held = {kind: watched.held_back(event) for kind, event in false.items()}
    assert {kind: one.why for kind, (_, one) in held.items()} == {
        "bot": "few people",
        "chat": "few people",
        "copies": "copies",
    }
    assert all(at - false[kind].begin <= WITHIN_SECONDS for kind, (at, _) in held.items())
    assert (held["bot"][1].authors, held["copies"][1].texts) == (3, 1)
    assert held["chat"][1].authors <= 7


def test_nothing_else_is_ever_listed(watched: Watched) -> None:
    rises = {fold(tag) for event in watched.events if event.kind not in {"bot", "chat", "copies"} for tag in event.tags}
    assert watched.listed(SECONDS) == rises
    assert not rises & {fold(name) for name in MORNINGS}


def test_a_newcomer_sees_each_kind_within_five_minutes(watched: Watched) -> None:
    opening = [event for event in watched.events if event.begin < 300]
    assert {event.kind for event in opening} == {"bot", "new", "copies", "language", "chat", "known", "pair"}
    assert all(watched.first(event)[0] <= 310 for event in opening if event.kind not in {"bot", "chat", "copies"})
    # One true rise in the first minute, and one that is held back.
    first_minute = [rising for at, rising in watched.lists if at <= 60]
    assert any(rising.topics for rising in first_minute)
    assert any(rising.held_back for rising in first_minute)


def test_the_made_up_past_has_a_baseline_and_no_rise(watched: Watched) -> None:
    at, rising = watched.lists[0]
    assert at <= 10
    assert rising.missing_ms == 0
    assert not rising.topics
    assert not rising.held_back

"""A source at work: states, retries, refusals."""

import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest
from tests.ingest.conftest import Hands, OpenSpool, PatientStop

from ingest.feed import Feed
from ingest.filter import Filter
from ingest.intake import Intake
from ingest.post import SourcePost
from ingest.seen import Seen
from ingest.sources.base import Interrupted, Malformed, Refused, Sighting, Source
from ingest.throttle import Throttle

Script = Callable[[str | None], Iterator[Sighting | Malformed]]


class Scripted(Source):
    """Does what the test says."""

    name: ClassVar[str] = "scripted"

    def __init__(self, script: Script) -> None:
        self.script = script
        self.cursors: list[str | None] = []

    def posts(self, cursor: str | None) -> Iterator[Sighting | Malformed]:
        self.cursors.append(cursor)
        return self.script(cursor)


class Work:
    """A feed with its intake, run in the thread of the test."""

    def __init__(self, script: Script, open_spool: OpenSpool, hands: Hands, waits: int = 10**9) -> None:
        self.spool = open_spool()
        self.intake = Intake(
            self.spool,
            Filter(),
            Seen(1024),
            limit=5,
            monotonic=hands.monotonic,
            throttle=Throttle(60, hands.monotonic),
        )
        self.intake.start({}, ["scripted"])
        self.source = Scripted(script)
        self.stop = PatientStop(hands, waits)
        self.gate = threading.Event()
        self.gate.set()
        self.ended: list[str] = []
        self.feed = Feed(
            self.source,
            self.intake,
            now_ms=hands.wall_ms,
            random=lambda: 0.0,
            stop=self.stop,
            gate=self.gate,
            on_end=lambda: self.ended.append(self.feed.condition.state),
        )

    def run(self) -> None:
        self.feed._work()
        self.intake.stop()


def sighting(number: int) -> Sighting:
    return Sighting(SourcePost(f"s:{number}", "", "s"), str(number))


def test_a_source_that_ends_is_finished_with_all_its_posts_in_the_spool(open_spool: OpenSpool, hands: Hands) -> None:
    work = Work(lambda _: iter([sighting(1), sighting(2)]), open_spool, hands)
    work.feed._work()
    assert work.ended == ["finished"]
    assert work.spool.end == 2
    work.intake.stop()


def test_a_source_is_finished_at_the_limit(open_spool: OpenSpool, hands: Hands) -> None:
    work = Work(lambda _: map(sighting, range(100)), open_spool, hands)
    work.run()
    assert work.ended == ["finished"]
    assert work.spool.end == 5


def test_an_interrupted_source_is_tried_again_with_its_last_cursor_and_growing_pauses(
    open_spool: OpenSpool, hands: Hands
) -> None:
    calls = iter(range(100))

    def script(_: str | None) -> Iterator[Sighting]:
        call = next(calls)
        if call == 0:
            yield sighting(1)
        if call < 10:
            raise Interrupted("the line is dead")
        yield sighting(2)

    work = Work(script, open_spool, hands)
    work.run()
    assert work.source.cursors == [None] + ["1"] * 10
    assert work.stop.waited_seconds == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert work.feed.condition.state == "finished"
    assert work.feed.condition.error == "the line is dead"


def test_a_refused_source_is_left_alone_and_says_why(open_spool: OpenSpool, hands: Hands) -> None:
    def script(_: str | None) -> Iterator[Sighting]:
        raise Refused("the key is wrong")

    work = Work(script, open_spool, hands)
    work.run()
    assert work.ended == ["refused"]
    assert work.feed.condition.error == "the key is wrong"
    assert work.source.cursors == [None]


def test_a_stop_ends_the_pause_and_does_not_finish_the_source(open_spool: OpenSpool, hands: Hands) -> None:
    def script(_: str | None) -> Iterator[Sighting]:
        raise Interrupted("away")

    work = Work(script, open_spool, hands, waits=3)
    work.run()
    assert work.ended in ([], ["retrying"])
    assert len(work.source.cursors) == 4


def test_a_source_waits_for_its_gate(open_spool: OpenSpool, hands: Hands) -> None:
    work = Work(lambda _: iter([sighting(1)]), open_spool, hands)
    work.gate.clear()
    feed = Feed(
        work.source,
        work.intake,
        now_ms=hands.wall_ms,
        random=lambda: 0.0,
        stop=work.stop,
        gate=work.gate,
        on_end=lambda: None,
    )
    assert feed.condition.state == "waiting"
    feed.start()
    assert work.source.cursors == []
    work.gate.set()
    assert work.spool.wait_beyond(0, 30) == 1
    feed.join(30)
    work.intake.stop()


@pytest.mark.parametrize("luck", [0.0, 0.5, 1.0])
def test_pauses_are_shortened_by_chance_by_up_to_half(open_spool: OpenSpool, hands: Hands, luck: float) -> None:
    def script(_: str | None) -> Iterator[Sighting]:
        raise Interrupted("away")

    work = Work(script, open_spool, hands, waits=1)
    work.feed._random = lambda: luck
    work.run()
    assert work.stop.waited_seconds == [0.5 * (1 - luck / 2)]

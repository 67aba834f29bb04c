"""A source at work: states, retries, refusals."""

import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest
from tests.ingest.conftest import Hands, Idle, OpenSpool, PatientStop

from ingest.intake.dedup import Seen
from ingest.intake.intake import Intake
from ingest.intake.progress import Progress
from ingest.intake.source_runner import Condition, Feed
from ingest.log_throttle import Throttle
from ingest.posts.filter import Filter, parse
from ingest.posts.post import SourcePost
from ingest.sources.base import Interrupted, Item, Paused, Refused, Sighting, Source

Script = Callable[[str | None], Iterator[Item]]


class Scripted(Source):
    """Does what the test says."""

    name: ClassVar[str] = "scripted"

    def __init__(self, script: Script) -> None:
        self.script = script
        self.cursors: list[str | None] = []

    def posts(self, cursor: str | None) -> Iterator[Item]:
        self.cursors.append(cursor)
        return self.script(cursor)


class Work:
    """A feed with its intake, run in the thread of the test; there is another source beside it."""

    def __init__(
        self, script: Script, open_spool: OpenSpool, hands: Hands, waits: int = 10**9, accepted: int = 0
    ) -> None:
        self.stop = PatientStop(hands, waits)
        self.spool = open_spool()
        self.intake = Intake(
            self.spool,
            Filter(),
            Seen(1024),
            limit=5,
            monotonic=hands.monotonic,
            throttle=Throttle(60, hands.monotonic),
            on_limit=self.stop.set,
        )
        self.source = Scripted(script)
        stored = Progress("scripted", accepted=accepted).encode()
        self.intake.start({"scripted": stored}, [self.source, Idle("other")])
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
            on_end=lambda feed: self.ended.append(feed.condition.state),
            monotonic=hands.monotonic,
        )

    def run(self) -> None:
        self.feed._work()
        self.intake.stop()

    def reach_limit(self) -> None:
        """Let the other source reach it."""
        for number in range(5):
            self.intake.take("other", sighting(number))


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


@pytest.mark.parametrize("away", [Interrupted("away", 900), Paused("enough for today", 10**12)])
def test_a_source_that_stays_away_is_finished_when_another_reaches_the_limit(
    open_spool: OpenSpool, hands: Hands, away: Exception
) -> None:
    def script(_: str | None) -> Iterator[Sighting]:
        raise away

    work = Work(script, open_spool, hands, waits=1)
    wait = work.stop.wait
    work.stop.wait = lambda timeout=None: work.reach_limit() or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    work.run()
    assert (work.ended, work.source.cursors, work.stop.waited_seconds) == (["finished"], [None], [])


@pytest.mark.parametrize("end", [None, Interrupted("the line is dead")])
def test_a_source_that_is_told_to_stop_at_the_limit_is_finished(
    open_spool: OpenSpool, hands: Hands, end: Exception | None
) -> None:
    def script(_: str | None) -> Iterator[Sighting]:
        yield sighting(9)
        work.reach_limit()
        assert work.stop.is_set()
        if end:
            raise end

    work = Work(script, open_spool, hands)
    work.run()
    assert (work.ended, work.source.cursors) == (["finished"], [None])
    assert work.intake.progress("scripted").finished


def test_no_source_is_opened_if_the_limit_was_reached_before(open_spool: OpenSpool, hands: Hands) -> None:
    work = Work(lambda _: iter([sighting(1)]), open_spool, hands, accepted=5)
    work.run()
    assert (work.ended, work.source.cursors, work.spool.end) == (["finished"], [], 0)


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
        on_end=lambda _: None,
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


def test_a_source_that_is_asked_to_stay_away_does_so_for_at_least_as_long(open_spool: OpenSpool, hands: Hands) -> None:
    waits = iter([900.0, 0.25])

    def script(_: str | None) -> Iterator[Sighting]:
        for wait_seconds in waits:
            raise Interrupted("too many requests", wait_seconds)
        yield sighting(1)

    work = Work(script, open_spool, hands)
    conditions: list[Condition] = []
    wait = work.stop.wait
    work.stop.wait = lambda timeout=None: conditions.append(work.feed.condition) or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    work.run()
    assert work.stop.waited_seconds == [900, 1]
    assert conditions == [
        Condition("retrying", 1_000_000, "too many requests", 1_900_000),
        Condition("retrying", 1_000_000, "too many requests", 1_901_000),
    ]


def paused_once(until_ms: int) -> Script:
    calls = iter(range(100))

    def script(_: str | None) -> Iterator[Sighting]:
        if next(calls) == 0:
            raise Paused("the daily limit is reached", until_ms)
        yield sighting(1)

    return script


def test_a_paused_source_says_until_when_and_goes_on_then(open_spool: OpenSpool, hands: Hands) -> None:
    work = Work(paused_once(1_150_000), open_spool, hands)
    seen: list[Condition] = []
    wait = work.stop.wait
    work.stop.wait = lambda timeout=None: seen.append(work.feed.condition) or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    work.run()
    assert set(seen) == {Condition("paused", 1_000_000, "the daily limit is reached", 1_150_000)}
    assert work.stop.waited_seconds == [60, 60, 30]
    assert hands.wall == 1_150_000
    assert work.ended == ["finished"]
    assert work.feed.condition.until_ms is None


def test_a_clock_that_is_set_ends_a_pause_in_time(open_spool: OpenSpool, hands: Hands) -> None:
    work = Work(paused_once(87_400_000), open_spool, hands)
    hands_after_look = iter([86_400_000])
    pass_ms = hands.pass_ms
    hands.pass_ms = lambda ms: pass_ms(ms + next(hands_after_look, 0))  # type: ignore[method-assign]
    work.run()
    assert work.stop.waited_seconds == [60]
    assert work.ended == ["finished"]


def test_a_clock_that_is_set_back_does_not_prolong_a_pause(open_spool: OpenSpool, hands: Hands) -> None:
    work = Work(paused_once(1_100_000), open_spool, hands)
    steps = iter([-86_400_000])
    pass_ms = hands.pass_ms
    hands.pass_ms = lambda ms: pass_ms(ms + next(steps, 0))  # type: ignore[method-assign]
    work.run()
    assert work.stop.waited_seconds == [60, 40]
    assert work.ended == ["finished"]


def test_a_pause_whose_time_is_over_is_no_hot_loop(open_spool: OpenSpool, hands: Hands) -> None:
    work = Work(paused_once(5), open_spool, hands)
    work.run()
    assert work.stop.waited_seconds == [0.5]


def test_a_stop_ends_a_pause(open_spool: OpenSpool, hands: Hands) -> None:
    work = Work(paused_once(10**12), open_spool, hands, waits=2)
    work.run()
    assert (work.ended, len(work.source.cursors)) == ([], 1)


def test_a_source_that_has_ended_gets_no_other_terms(open_spool: OpenSpool, hands: Hands) -> None:
    terms = parse("cup")
    got: list[object] = []
    work = Work(lambda _: iter(()), open_spool, hands)
    work.source.retrack = lambda *given: got.append(given)  # type: ignore[method-assign]
    work.feed.retrack(terms, ["en"])
    work.run()
    work.feed.retrack(terms, ["de"])
    assert got == [(terms, ["en"])]

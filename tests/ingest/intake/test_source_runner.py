"""A running source: states, retries, refusals."""

import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest
from tests.ingest.conftest import IdleSource, ManualClock, OpenSpool, SimulatedStop

from ingest.intake.dedup import Deduplicator
from ingest.intake.intake import Intake
from ingest.intake.progress import Progress
from ingest.intake.source_runner import SourceRunner, SourceState
from ingest.intake.upkeep import Upkeep
from ingest.log_throttle import LogThrottle
from ingest.posts.filter import Filter, parse
from ingest.posts.post import SourcePost
from ingest.sources.base import Interrupted, NewPost, Paused, Refused, Source, SourceItem

Script = Callable[[str | None], Iterator[SourceItem]]


class Scripted(Source):
    """A source that runs a function of the test."""

    name: ClassVar[str] = "scripted"

    def __init__(self, script: Script) -> None:
        self.script = script
        self.cursors: list[str | None] = []

    def posts(self, cursor: str | None) -> Iterator[SourceItem]:
        self.cursors.append(cursor)
        return self.script(cursor)


class RunnerHarness:
    """A source runner with its intake, run in the thread of the test; the intake has another source, too."""

    def __init__(
        self, script: Script, open_spool: OpenSpool, manual_clock: ManualClock, waits: int = 10**9, accepted: int = 0
    ) -> None:
        self.stop = SimulatedStop(manual_clock, waits)
        self.spool = open_spool()
        throttle = LogThrottle(60, manual_clock.monotonic_seconds)
        self.intake = Intake(
            self.spool,
            Upkeep(self.spool, manual_clock.monotonic_seconds, throttle),
            Filter(),
            Deduplicator(1024),
            limit=5,
            monotonic_seconds=manual_clock.monotonic_seconds,
            throttle=throttle,
            on_limit=self.stop.set,
        )
        self.source = Scripted(script)
        stored = Progress(identity="scripted", accepted=accepted).encode()
        self.intake.start({"scripted": stored}, [self.source, IdleSource("other")])
        self.may_start = threading.Event()
        self.may_start.set()
        self.ended: list[str] = []
        self.runner = SourceRunner(
            self.source,
            self.intake,
            wall_ms=manual_clock.wall_ms,
            random=lambda: 0.0,
            stop=self.stop,
            may_start=self.may_start,
            on_end=lambda runner: self.ended.append(runner.state.name),
            monotonic_seconds=manual_clock.monotonic_seconds,
        )

    def run(self) -> None:
        self.runner._work()
        self.intake.stop()

    def reach_limit(self) -> None:
        """Let the other source reach the limit."""
        for number in range(5):
            self.intake.accept("other", new_post(number))


def new_post(number: int) -> NewPost:
    return NewPost(SourcePost(id=f"s:{number}", text="", source="s"), str(number))


def test_a_source_that_ends_is_finished_with_all_its_posts_in_the_spool(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    harness = RunnerHarness(lambda _: iter([new_post(1), new_post(2)]), open_spool, manual_clock)
    harness.runner._work()
    assert harness.ended == ["finished"]
    assert harness.spool.end == 2
    harness.intake.stop()


def test_a_source_is_finished_at_the_limit(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    harness = RunnerHarness(lambda _: map(new_post, range(100)), open_spool, manual_clock)
    harness.run()
    assert harness.ended == ["finished"]
    assert harness.spool.end == 5


@pytest.mark.parametrize("away", [Interrupted("away", 900), Paused("enough for today", 10**12)])
def test_a_source_that_waits_is_finished_when_another_one_reaches_the_limit(
    open_spool: OpenSpool, manual_clock: ManualClock, away: Exception
) -> None:
    def script(_: str | None) -> Iterator[NewPost]:
        raise away

    harness = RunnerHarness(script, open_spool, manual_clock, waits=1)
    wait = harness.stop.wait
    harness.stop.wait = lambda timeout=None: harness.reach_limit() or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    harness.run()
    assert (harness.ended, harness.source.cursors, harness.stop.waited_seconds) == (["finished"], [None], [])


@pytest.mark.parametrize("end", [None, Interrupted("the line is dead")])
def test_a_source_that_is_told_to_stop_at_the_limit_is_finished(
    open_spool: OpenSpool, manual_clock: ManualClock, end: Exception | None
) -> None:
    def script(_: str | None) -> Iterator[NewPost]:
        yield new_post(9)
        harness.reach_limit()
        assert harness.stop.is_set()
        if end:
            raise end

    harness = RunnerHarness(script, open_spool, manual_clock)
    harness.run()
    assert (harness.ended, harness.source.cursors) == (["finished"], [None])
    assert harness.intake.progress("scripted").finished


def test_no_source_is_opened_if_the_limit_was_reached_before(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    harness = RunnerHarness(lambda _: iter([new_post(1)]), open_spool, manual_clock, accepted=5)
    harness.run()
    assert (harness.ended, harness.source.cursors, harness.spool.end) == (["finished"], [], 0)


def test_an_interrupted_source_is_retried_with_its_last_cursor_and_growing_pauses(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    calls = iter(range(100))

    def script(_: str | None) -> Iterator[NewPost]:
        call = next(calls)
        if call == 0:
            yield new_post(1)
        if call < 10:
            raise Interrupted("the line is dead")
        yield new_post(2)

    harness = RunnerHarness(script, open_spool, manual_clock)
    harness.run()
    assert harness.source.cursors == [None] + ["1"] * 10
    assert harness.stop.waited_seconds == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert harness.runner.state.name == "finished"
    assert harness.runner.state.error == "the line is dead"


def test_a_refused_source_is_not_retried_and_its_error_is_stored(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    def script(_: str | None) -> Iterator[NewPost]:
        raise Refused("the key is wrong")

    harness = RunnerHarness(script, open_spool, manual_clock)
    harness.run()
    assert harness.ended == ["refused"]
    assert harness.runner.state.error == "the key is wrong"
    assert harness.source.cursors == [None]


def test_a_stop_ends_the_pause_and_does_not_finish_the_source(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    def script(_: str | None) -> Iterator[NewPost]:
        raise Interrupted("away")

    harness = RunnerHarness(script, open_spool, manual_clock, waits=3)
    harness.run()
    assert harness.ended in ([], ["retrying"])
    assert len(harness.source.cursors) == 4


def test_a_source_waits_until_it_may_start(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    harness = RunnerHarness(lambda _: iter([new_post(1)]), open_spool, manual_clock)
    harness.may_start.clear()
    runner = SourceRunner(
        harness.source,
        harness.intake,
        wall_ms=manual_clock.wall_ms,
        random=lambda: 0.0,
        stop=harness.stop,
        may_start=harness.may_start,
        on_end=lambda _: None,
    )
    assert runner.state.name == "waiting"
    runner.start()
    assert harness.source.cursors == []
    harness.may_start.set()
    assert harness.spool.wait_beyond(0, 30) == 1
    runner.join(30)
    harness.intake.stop()


@pytest.mark.parametrize("luck", [0.0, 0.5, 1.0])
def test_pauses_are_shortened_at_random_by_up_to_half(
    open_spool: OpenSpool, manual_clock: ManualClock, luck: float
) -> None:
    def script(_: str | None) -> Iterator[NewPost]:
        raise Interrupted("away")

    harness = RunnerHarness(script, open_spool, manual_clock, waits=1)
    harness.runner._random = lambda: luck
    harness.run()
    assert harness.stop.waited_seconds == [0.5 * (1 - luck / 2)]


def test_a_pause_is_at_least_as_long_as_the_server_requested(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    waits = iter([900.0, 0.25])

    def script(_: str | None) -> Iterator[NewPost]:
        for wait_seconds in waits:
            raise Interrupted("too many requests", wait_seconds)
        yield new_post(1)

    harness = RunnerHarness(script, open_spool, manual_clock)
    conditions: list[SourceState] = []
    wait = harness.stop.wait
    harness.stop.wait = lambda timeout=None: conditions.append(harness.runner.state) or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    harness.run()
    assert harness.stop.waited_seconds == [900, 1]
    assert conditions == [
        SourceState("retrying", 1_000_000, "too many requests", 1_900_000),
        SourceState("retrying", 1_000_000, "too many requests", 1_901_000),
    ]


def paused_once(until_ms: int) -> Script:
    calls = iter(range(100))

    def script(_: str | None) -> Iterator[NewPost]:
        if next(calls) == 0:
            raise Paused("the daily limit is reached", until_ms)
        yield new_post(1)

    return script


def test_a_paused_source_reports_its_end_and_then_continues(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    harness = RunnerHarness(paused_once(1_150_000), open_spool, manual_clock)
    seen: list[SourceState] = []
    wait = harness.stop.wait
    harness.stop.wait = lambda timeout=None: seen.append(harness.runner.state) or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    harness.run()
    assert set(seen) == {SourceState("paused", 1_000_000, "the daily limit is reached", 1_150_000)}
    assert harness.stop.waited_seconds == [60, 60, 30]
    assert manual_clock.wall == 1_150_000
    assert harness.ended == ["finished"]
    assert harness.runner.state.until_ms is None


def test_a_pause_ends_when_the_clock_is_set_behind_its_end(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    harness = RunnerHarness(paused_once(87_400_000), open_spool, manual_clock)
    hands_after_look = iter([86_400_000])
    pass_ms = manual_clock.pass_ms
    manual_clock.pass_ms = lambda ms: pass_ms(ms + next(hands_after_look, 0))  # type: ignore[method-assign]
    harness.run()
    assert harness.stop.waited_seconds == [60]
    assert harness.ended == ["finished"]


def test_a_clock_that_is_set_back_does_not_extend_a_pause(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    harness = RunnerHarness(paused_once(1_100_000), open_spool, manual_clock)
    steps = iter([-86_400_000])
    pass_ms = manual_clock.pass_ms
    manual_clock.pass_ms = lambda ms: pass_ms(ms + next(steps, 0))  # type: ignore[method-assign]
    harness.run()
    assert harness.stop.waited_seconds == [60, 40]
    assert harness.ended == ["finished"]


def test_a_pause_that_is_over_already_still_waits_a_little(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    harness = RunnerHarness(paused_once(5), open_spool, manual_clock)
    harness.run()
    assert harness.stop.waited_seconds == [0.5]


def test_a_stop_ends_a_pause(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    harness = RunnerHarness(paused_once(10**12), open_spool, manual_clock, waits=2)
    harness.run()
    assert (harness.ended, len(harness.source.cursors)) == ([], 1)


def test_a_source_that_has_ended_gets_no_new_terms(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    terms = parse("cup")
    got: list[object] = []
    harness = RunnerHarness(lambda _: iter(()), open_spool, manual_clock)
    harness.source.set_terms = lambda *given: got.append(given)  # type: ignore[method-assign]
    harness.runner.set_terms(terms, ["en"])
    harness.run()
    harness.runner.set_terms(terms, ["de"])
    assert got == [(terms, ["en"])]

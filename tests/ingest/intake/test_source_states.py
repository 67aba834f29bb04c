"""When a source counts as live, how long it pauses, and what an unexpected error does."""

import logging
from collections.abc import Iterator, Sequence

import pytest
from tests.ingest.conftest import ManualClock, OpenSpool
from tests.ingest.intake.test_source_runner import RunnerHarness, new_post

from ingest.intake.source_runner import SourceState
from ingest.posts.filter import Filter, parse
from ingest.sources.base import Interrupted, Malformed, NewPost, Paused, Repeated, Silent, SourceItem


def notes(harness: RunnerHarness) -> list[SourceState]:
    """Return a list that gets the states in which the source waits for its next retry."""
    noted: list[SourceState] = []
    wait = harness.stop.wait
    harness.stop.wait = lambda timeout=None: noted.append(harness.runner.state) or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    return noted


def test_a_source_is_starting_until_its_stream_is_open(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    seen: list[str] = []

    def script(_: str | None) -> Iterator[SourceItem]:
        seen.append(harness.runner.state.name)
        harness.source.report_open()
        seen.append(harness.runner.state.name)
        yield new_post(1)

    harness = RunnerHarness(script, open_spool, manual_clock)
    harness.run()
    assert seen == ["starting", "live"]


def test_a_source_that_never_opens_is_never_live_and_retries_since_the_first_failure(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    tried: list[SourceState] = []

    def script(_: str | None) -> Iterator[SourceItem]:
        tried.append(harness.runner.state)
        manual_clock.pass_ms(10_000)
        if len(tried) < 100:
            raise Interrupted("no answer")
        yield new_post(1)

    harness = RunnerHarness(script, open_spool, manual_clock, waits=20)
    harness.run()
    began_ms = tried[0].since_ms + 10_000
    assert tried[0].name == "starting"
    assert {(each.name, each.since_ms, each.until_ms) for each in tried[1:]} == {("retrying", began_ms, None)}
    assert manual_clock.wall - began_ms > 600_000


def test_a_post_shows_that_the_stream_is_open_unless_it_was_fetched_by_another_request(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    seen: list[str] = []

    def script(_: str | None) -> Iterator[SourceItem]:
        for item in (
            NewPost(new_post(1).post, "1", from_stream=False),
            Malformed("not JSON"),
            Repeated("1"),
            new_post(2),
            new_post(3),
        ):
            yield item
            seen.append(harness.runner.state.name)

    harness = RunnerHarness(script, open_spool, manual_clock)
    harness.run()
    assert seen == ["starting", "starting", "starting", "live", "live"]
    progress = harness.intake.progress("scripted")
    assert (progress.accepted, progress.duplicate, progress.malformed) == (3, 1, {"not JSON": 1})


def test_after_a_stream_without_posts_the_next_one_is_live_with_its_first_post(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    calls = iter(range(100))
    seen: list[tuple[int, str]] = []

    def script(_: str | None) -> Iterator[SourceItem]:
        call = next(calls)
        harness.source.report_open()
        seen.append((call, harness.runner.state.name))
        if call < 2:
            raise Silent("no posts")
        yield new_post(call)
        seen.append((call, harness.runner.state.name))
        if call == 2:
            raise Interrupted("it broke")

    harness = RunnerHarness(script, open_spool, manual_clock)
    harness.run()
    assert seen == [(0, "live"), (1, "retrying"), (2, "retrying"), (2, "live"), (3, "live"), (3, "live")]


@pytest.mark.parametrize(("lasts_ms", "pauses"), [(59_999, [0.5, 1, 2, 4, 8, 16, 32, 60]), (60_000, [0.5] * 8)])
def test_only_a_stream_of_a_minute_resets_the_pauses(
    open_spool: OpenSpool, manual_clock: ManualClock, lasts_ms: int, pauses: list[float]
) -> None:
    def script(cursor: str | None) -> Iterator[SourceItem]:
        harness.source.report_open()
        yield Repeated(str(manual_clock.wall))
        manual_clock.pass_ms(lasts_ms)
        raise Interrupted("it ended")

    harness = RunnerHarness(script, open_spool, manual_clock, waits=8)
    harness.run()
    assert harness.stop.waited_seconds == pauses


def test_a_source_that_closes_after_one_post_is_retried_with_growing_pauses(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    def script(cursor: str | None) -> Iterator[SourceItem]:
        harness.source.report_open()
        yield new_post(7)
        yield Repeated(str(manual_clock.wall))
        raise Interrupted("it closed")

    harness = RunnerHarness(script, open_spool, manual_clock, waits=100)
    states = notes(harness)
    harness.run()
    assert harness.stop.waited_seconds[7:] == [60] * 93
    assert {each.since_ms for each in states} == {states[0].since_ms}


def test_a_pause_resets_the_retries_and_is_followed_by_starting(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    away = Interrupted("away")
    ends = iter([away, away, Paused("enough", manual_clock.wall + 1_500), away, away])
    tried: list[str] = []

    def script(_: str | None) -> Iterator[SourceItem]:
        tried.append(harness.runner.state.name)
        if end := next(ends, None):
            raise end
        yield new_post(1)

    harness = RunnerHarness(script, open_spool, manual_clock)
    harness.run()
    assert tried == ["starting", "retrying", "retrying", "starting", "retrying", "retrying"]
    assert harness.stop.waited_seconds == [0.5, 1, 0.5, 0.5, 1]


@pytest.mark.parametrize("error", [ValueError("x\x1b[2J\nmade up"), RecursionError(), KeyError("tag"), MemoryError()])
def test_an_unexpected_error_is_retried_and_ends_nothing(
    open_spool: OpenSpool, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    calls = iter(range(100))

    def script(_: str | None) -> Iterator[SourceItem]:
        if next(calls) < 5:
            raise error
        yield new_post(1)

    harness = RunnerHarness(script, open_spool, manual_clock)
    states = notes(harness)
    with caplog.at_level(logging.ERROR):
        harness.run()
    sentence = f"unexpected {type(error).__name__}, see the log of ingest"
    assert [(each.name, each.error) for each in states] == [("retrying", sentence)] * 5
    assert harness.ended == ["finished"]
    assert len(caplog.messages) == 1
    assert "script" in caplog.messages[0]
    assert "made up" not in caplog.text


def test_a_post_that_breaks_the_filter_is_malformed_and_the_log_has_the_escaped_cause(
    open_spool: OpenSpool, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Fragile(Filter):
        def wants_all(self, texts: Sequence[str], *_: object) -> list[bool]:
            if "bad" in texts:
                raise ValueError("a \x1b[31mred\nline")
            return [True] * len(texts)

    posts = [new_post(1), new_post(2), new_post(3)]
    posts[1].post.text = "bad"
    harness = RunnerHarness(lambda _: iter(posts), open_spool, manual_clock)
    harness.intake.post_filter = Fragile(parse("any"), [])
    with caplog.at_level(logging.WARNING):
        harness.run()
    assert harness.spool.end == 2
    progress = harness.intake.progress("scripted")
    assert (progress.malformed, progress.cursor) == ({"unexpected content": 1}, "3")
    said = "\n".join(caplog.messages)
    assert r"ValueError('a \x1b[31mred\nline')" in said
    assert "\x1b" not in said


def broken(*_: object) -> None:
    raise KeyError("made up")


def test_errors_of_a_source_about_terms_and_facts_end_nothing(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    harness = RunnerHarness(lambda _: iter(()), open_spool, manual_clock)
    harness.source.set_terms = broken  # type: ignore[method-assign,assignment]
    harness.source.facts = broken  # type: ignore[method-assign,assignment]
    harness.runner.set_terms(parse("cup"), [])
    assert harness.runner.facts() == {}
    harness.intake.stop()

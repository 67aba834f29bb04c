"""When a source counts as live, how long it stays away, and what an unexpected error does."""

import logging
from collections.abc import Iterator

import pytest
from tests.ingest.conftest import ManualClock, OpenSpool
from tests.ingest.intake.test_source_runner import Work, new_post

from ingest.intake.source_runner import SourceState
from ingest.posts.filter import Filter, parse
from ingest.sources.base import Interrupted, Malformed, NewPost, Paused, Repeated, Silent, SourceItem


def notes(work: Work) -> list[SourceState]:
    """The states in which the source waits for its next try; they come while it works."""
    noted: list[SourceState] = []
    wait = work.stop.wait
    work.stop.wait = lambda timeout=None: noted.append(work.runner.state) or wait(timeout)  # type: ignore[method-assign,func-returns-value]
    return noted


def test_a_source_is_starting_until_its_stream_is_open(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    seen: list[str] = []

    def script(_: str | None) -> Iterator[SourceItem]:
        seen.append(work.runner.state.name)
        work.source.report_open()
        seen.append(work.runner.state.name)
        yield new_post(1)

    work = Work(script, open_spool, manual_clock)
    work.run()
    assert seen == ["starting", "live"]


def test_a_source_that_never_opens_is_never_live_and_away_since_the_first_failure(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    tried: list[SourceState] = []

    def script(_: str | None) -> Iterator[SourceItem]:
        tried.append(work.runner.state)
        manual_clock.pass_ms(10_000)
        if len(tried) < 100:
            raise Interrupted("no answer")
        yield new_post(1)

    work = Work(script, open_spool, manual_clock, waits=20)
    work.run()
    began_ms = tried[0].since_ms + 10_000
    assert tried[0].name == "starting"
    assert {(each.name, each.since_ms, each.until_ms) for each in tried[1:]} == {("retrying", began_ms, None)}
    assert manual_clock.wall - began_ms > 600_000


def test_a_post_shows_that_the_stream_is_open_unless_it_was_fetched_beside_it(
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
            seen.append(work.runner.state.name)

    work = Work(script, open_spool, manual_clock)
    work.run()
    assert seen == ["starting", "starting", "starting", "live", "live"]
    progress = work.intake.progress("scripted")
    assert (progress.accepted, progress.duplicate, progress.malformed) == (3, 1, {"not JSON": 1})


def test_after_a_stream_without_posts_an_open_one_is_live_with_its_first_post(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    calls = iter(range(100))
    seen: list[tuple[int, str]] = []

    def script(_: str | None) -> Iterator[SourceItem]:
        call = next(calls)
        work.source.report_open()
        seen.append((call, work.runner.state.name))
        if call < 2:
            raise Silent("no posts")
        yield new_post(call)
        seen.append((call, work.runner.state.name))
        if call == 2:
            raise Interrupted("it broke")

    work = Work(script, open_spool, manual_clock)
    work.run()
    assert seen == [(0, "live"), (1, "retrying"), (2, "retrying"), (2, "live"), (3, "live"), (3, "live")]


@pytest.mark.parametrize(("lasts_ms", "pauses"), [(59_999, [0.5, 1, 2, 4, 8, 16, 32, 60]), (60_000, [0.5] * 8)])
def test_only_a_stream_that_lasted_a_minute_makes_the_pauses_short_again(
    open_spool: OpenSpool, manual_clock: ManualClock, lasts_ms: int, pauses: list[float]
) -> None:
    def script(cursor: str | None) -> Iterator[SourceItem]:
        work.source.report_open()
        yield Repeated(str(manual_clock.wall))
        manual_clock.pass_ms(lasts_ms)
        raise Interrupted("it ended")

    work = Work(script, open_spool, manual_clock, waits=8)
    work.run()
    assert work.stop.waited_seconds == pauses


def test_a_source_that_gives_a_post_and_closes_is_not_opened_all_the_time(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    def script(cursor: str | None) -> Iterator[SourceItem]:
        work.source.report_open()
        yield new_post(7)
        yield Repeated(str(manual_clock.wall))
        raise Interrupted("it closed")

    work = Work(script, open_spool, manual_clock, waits=100)
    states = notes(work)
    work.run()
    assert work.stop.waited_seconds[7:] == [60] * 93
    assert {each.since_ms for each in states} == {states[0].since_ms}


def test_a_pause_begins_the_count_of_tries_again_and_is_followed_by_starting(
    open_spool: OpenSpool, manual_clock: ManualClock
) -> None:
    away = Interrupted("away")
    ends = iter([away, away, Paused("enough", manual_clock.wall + 1_500), away, away])
    tried: list[str] = []

    def script(_: str | None) -> Iterator[SourceItem]:
        tried.append(work.runner.state.name)
        if end := next(ends, None):
            raise end
        yield new_post(1)

    work = Work(script, open_spool, manual_clock)
    work.run()
    assert tried == ["starting", "retrying", "retrying", "starting", "retrying", "retrying"]
    assert work.stop.waited_seconds == [0.5, 1, 0.5, 0.5, 1]


@pytest.mark.parametrize("error", [ValueError("x\x1b[2J\nmade up"), RecursionError(), KeyError("tag"), MemoryError()])
def test_an_error_that_nobody_expected_is_tried_again_and_ends_nothing(
    open_spool: OpenSpool, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    calls = iter(range(100))

    def script(_: str | None) -> Iterator[SourceItem]:
        if next(calls) < 5:
            raise error
        yield new_post(1)

    work = Work(script, open_spool, manual_clock)
    states = notes(work)
    with caplog.at_level(logging.ERROR):
        work.run()
    sentence = f"unexpected {type(error).__name__}, see the log of ingest"
    assert [(each.name, each.error) for each in states] == [("retrying", sentence)] * 5
    assert work.ended == ["finished"]
    assert len(caplog.messages) == 1
    assert "script" in caplog.messages[0]
    assert "made up" not in caplog.text


def test_a_post_that_the_filter_can_not_read_is_malformed_and_the_log_says_why_escaped(
    open_spool: OpenSpool, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Fragile(Filter):
        def wants(self, text: str, *_: object) -> bool:
            if text == "bad":
                raise ValueError("a \x1b[31mred\nline")
            return True

    posts = [new_post(1), new_post(2), new_post(3)]
    posts[1].post.text = "bad"
    work = Work(lambda _: iter(posts), open_spool, manual_clock)
    work.intake.post_filter = Fragile(parse(""), [])
    with caplog.at_level(logging.WARNING):
        work.run()
    assert work.spool.end == 2
    progress = work.intake.progress("scripted")
    assert (progress.malformed, progress.cursor) == ({"unexpected content": 1}, "3")
    said = "\n".join(caplog.messages)
    assert r"ValueError('a \x1b[31mred\nline')" in said
    assert "\x1b" not in said


def broken(*_: object) -> None:
    raise KeyError("made up")


def test_terms_and_facts_that_a_source_fails_at_end_nothing(open_spool: OpenSpool, manual_clock: ManualClock) -> None:
    work = Work(lambda _: iter(()), open_spool, manual_clock)
    work.source.set_terms = broken  # type: ignore[method-assign,assignment]
    work.source.facts = broken  # type: ignore[method-assign,assignment]
    work.runner.set_terms(parse("cup"), [])
    assert work.runner.facts() == {}
    work.intake.stop()

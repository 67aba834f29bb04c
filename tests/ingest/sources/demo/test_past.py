"""The made-up past of the demo: how many posts it has, when they are, and who gets it."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import ManualClock, SimulatedStop
from tests.ingest.support.process import Start, posts_of, request, wait_for

from ingest.posts import hashtags
from ingest.posts.post import SourcePost
from ingest.sources.demo.past import made_up_past
from ingest.sources.demo.source import Demo
from ingest.sources.demo.topics import TOPICS

END_MS, SECONDS = 1_795_953_637_000, 2700


def past(rate: float, seconds: float = SECONDS) -> list[tuple[int, list[SourcePost]]]:
    return list(made_up_past(7, "test", END_MS, seconds, rate))


def test_it_ends_at_the_start_and_its_runs_are_ten_seconds_apart() -> None:
    times = [at_ms for at_ms, _ in past(50)]
    assert times == list(range(END_MS - (SECONDS - 10) * 1000, END_MS + 1, 10_000))


def test_its_last_ten_minutes_are_as_busy_as_the_demo_and_those_before_are_a_quarter_of_it() -> None:
    counts = [(END_MS - at_ms, len(posts)) for at_ms, posts in past(50)]
    newest = sum(count for age_ms, count in counts if age_ms < 600_000)
    oldest = sum(count for age_ms, count in counts if age_ms >= 800_000)
    assert 0.95 < newest / 600 / 50 < 1.05
    assert 0.23 < oldest / (SECONDS - 800) / 50 < 0.27
    # Between them it grows.
    between = sum(count for age_ms, count in counts if 600_000 <= age_ms < 780_000)
    assert 0.5 < between / 180 / 50 < 0.75


def test_nothing_happens_in_it() -> None:
    usual = {hashtags.fold(spelling) for topic in TOPICS for spelling in topic.spellings}
    posts = [post for _, made_up in past(10) for post in made_up]
    keys = {tag.key for post in posts for tag in hashtags.tags_of(hashtags.extract(post.text))}
    assert {key.rstrip("0123456789") for key in keys - usual} <= {key.rstrip("0123456789") for key in usual}


def test_it_is_bounded_at_any_rate() -> None:
    assert sum(len(posts) for _, posts in past(100_000)) < 65_000
    assert past(50, 0) == []


def test_the_demo_says_up_to_when_it_made_up_posts_also_after_a_restart(manual_clock: ManualClock) -> None:
    def demo(past_seconds: float = 60) -> Demo:
        return Demo(
            50,
            7,
            past_seconds,
            wall_ms=manual_clock.wall_ms,
            monotonic_seconds=manual_clock.monotonic_seconds,
            stop=SimulatedStop(manual_clock),
        )

    first = demo()
    assert first.facts() == {}
    assert list(first.past(END_MS))
    assert first.facts() == {"past_until_ms": END_MS}
    item = next(first.posts(None))
    second = demo()
    next(second.posts(item.cursor))
    assert second.facts() == {"past_until_ms": END_MS}
    without = demo(0)
    assert list(without.past(END_MS)) == []
    assert next(without.posts(None)).cursor is None
    assert without.facts() == {}


def status_of(port: int) -> dict[str, Any]:
    return wait_for(port, lambda status: status["sources"][0]["accepted"])


def test_the_first_start_of_the_service_has_it_and_the_second_one_has_no_more(start: Start) -> None:
    ingest = start(DEMO_SEED="7", DEMO_PAST_MINUTES="1")
    port, _ = ingest.ports()
    status = status_of(port)
    fact = status["sources"][0]["facts"]["past_until_ms"]
    assert status["started_ms"] <= fact <= status["watermark_ms"]
    times = [json.loads(line)["at_ms"] for line in request(port, f"READ 0 {status['end']}")[1:]]
    assert times == sorted(times)
    assert 2000 < sum(at_ms <= fact for at_ms in times) < 4000
    assert min(times) == fact - 50_000
    # The posts of the past are no input of the source. STATUS reads the end of the log first, so its counts may
    # include a run that is committed meanwhile.
    past_posts = sum(at_ms <= fact for at_ms in times)
    wait_for(port, lambda status: status["sources"][0]["accepted"] == status["end"] - past_posts)
    ingest.end(15)

    port, _ = start(DEMO_SEED="8", DEMO_PAST_MINUTES="1").ports()
    status = wait_for(port, lambda status: status["sources"][0]["facts"])
    assert status["sources"][0]["facts"] == {"past_until_ms": fact}
    made_up = [line for line in request(port, f"READ 0 {status['end']}")[1:] if b"-past:" in line]
    assert len(made_up) == past_posts


def test_the_terms_hold_for_it_too(start: Start) -> None:
    port, _ = start(DEMO_SEED="7", DEMO_PAST_MINUTES="1", TRACK="#worldcup", LANGUAGES="en").ports()
    posts = posts_of(port)
    assert len(posts) > 10
    assert all("worldcup" in {tag["key"] for tag in post["tags"]} and post["lang"] == "en" for post in posts)


@pytest.mark.parametrize(
    "settings", [{"DEMO_PAST_MINUTES": "0"}, {"LIMIT": "100"}, {"SOURCE": "replay", "REPLAY_FILE": "posts.jsonl"}]
)
def test_without_it_the_log_begins_at_the_start(start: Start, tmp_path: Path, settings: dict[str, str]) -> None:
    (tmp_path / "posts.jsonl").write_text('{"id": "x:1", "text": "#a", "source": "x"}\n')
    port, _ = start(**settings).ports()
    status = status_of(port)
    oldest = json.loads(request(port, "READ 0 1")[1])
    assert oldest["at_ms"] >= status["started_ms"]
    assert "past_until_ms" not in status["sources"][0]["facts"]


def test_neither_a_recording_nor_the_posts_of_a_command_line_have_it(start: Start, tmp_path: Path) -> None:
    start("record", "--limit", "50", str(tmp_path / "posts.jsonl"), DEMO_RATE="500").end()
    assert b"-past:" not in (tmp_path / "posts.jsonl").read_bytes()
    port, _ = start("football", DEMO_RATE="500").ports()
    assert wait_for(port, lambda status: status["sources"][0]["facts"] == {})

"""The numbers of a trace are exact: at the first micro-batch, when panes close and leave, and in a new epoch."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import counted
from tests.spark_job.support.trace_checks import check_before, check_counts, check_equations

from spark_job.coordinator import Coordinator
from spark_job.executor.ingest_client import Status
from spark_job.mute.mute_file import MuteFile
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.snapshot_schema import Ingest, Snapshot
from spark_job.state.store import State
from spark_job.trace.book import TraceBook

Json = dict[str, Any]


class Job:
    """A job without Spark, whose clocks, ingest and micro-batches are the test's."""

    def __init__(self, folder: Path, mute: Path | None = None) -> None:
        self.now_ms, self.steady_ms, self.folder = T, 0, folder
        self.posts: list[Json] = []
        self.mute = MuteFile(mute)
        self.offered: list[Snapshot] = []
        self.start()

    def start(self) -> None:
        self.state = State(self.folder / "counts.duckdb", PANE_MS, WINDOW_MS)
        self.book = TraceBook(lambda: self.now_ms, lambda: self.steady_ms)
        snapshots = Snapshots(self.state, Pace(10, 30, 1.0, 10), self.state.next_seq_block(), self.mute)
        clock = lambda: self.now_ms  # noqa: E731 - it is read later
        self.counting = Coordinator(self.state, snapshots, self.offered.append, clock, self.book)
        self.counting.resume(self.status(), self.posts[-1]["at_ms"] if self.posts else None)

    def restart(self) -> None:
        self.counting.close()
        self.start()

    def status(self, watermark_ms: int | None = None) -> Status:
        marks = {"log": "log-a", "first": 0, "end": len(self.posts), "acked": 0, "watermark_ms": watermark_ms or T}
        return cast("Status", marks | {"sources": []})

    def tick(self, watermark_ms: int) -> None:
        self.now_ms = max(self.now_ms, watermark_ms)
        ingest = Ingest(reachable=True, since_ms=T, error=None, status=self.status(watermark_ms))
        self.counting.tick(ingest, 1_000)

    def count(self, *posts: Json, batch_id: int = 0) -> None:
        first = len(self.posts)
        self.posts += posts
        self.now_ms = max(self.now_ms, posts[-1]["at_ms"])
        self.counting.count(counted(posts, first), batch_id, self.now_ms)

    def trace(self, *posts: Json, batch_id: int = 0) -> Json:
        """Ask, count these posts, and return their trace."""
        self.book.ask()
        self.count(*posts, batch_id=batch_id)
        note = self.book.ask()
        assert note is not None
        trace: Json = msgspec.to_builtins(note.trace)
        check_equations(trace)
        check_counts(trace, self.posts, {key for key in ("hush", "hushed") if self.mute.hides(key)})
        assert trace["seq"] == self.offered[-1].seq
        return trace


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    job = Job(tmp_path)
    yield job
    job.counting.close()


def tag(trace: Json, key: str) -> Json:
    (found,) = [each for each in trace["tags"] if each["key"] == key]
    return {name: value for name, value in found.items() if name not in {"key", "label"}}


def test_the_first_micro_batch_of_all_begins_at_nothing(job: Job) -> None:
    trace = job.trace(post(["Cup"], T + 1), post(["cup", "Rain"], T + 2), post([], T + 3), batch_id=4)
    assert (trace["batch_id"], trace["first_offset"], trace["end_offset"], trace["posts"]) == (4, 0, 3, 3)
    assert trace["pane"] == {"from_ms": T, "to_ms": T + PANE_MS}
    assert (trace["closed_panes"], trace["left_pane"]) == (2, None)
    assert trace["window"] == {"from_ms": T - 2 * PANE_MS, "to_ms": T + 3, "posts_before": 0, "posts": 3}
    assert [(each["key"], each["label"]) for each in trace["tags"]] == [("cup", "Cup"), ("rain", "Rain")]
    assert tag(trace, "cup") == {
        "batch_posts": 2,
        "batch_posts_closed": 0,
        "pane_before": 0,
        "pane_after": 2,
        "panes": [0, 0, 2],
        "left": 0,
        "window_before": 0,
        "window_after": 2,
        "rank_before": None,
        "rank_after": 1,
    }


def test_a_pane_that_closes_with_a_micro_batch_and_one_that_leaves(job: Job) -> None:
    job.trace(*[post(["cup"], T + 1)] * 4, *[post(["rain"], T + 2)] * 5)
    job.trace(post(["cup"], T + PANE_MS), post(["cup"], T + 2 * PANE_MS))
    trace = job.trace(*[post(["cup"], T + 2 * PANE_MS + 1)] * 3, post(["cup", "rain"], T + 3 * PANE_MS))
    assert trace["left_pane"] == {"from_ms": T, "to_ms": T + PANE_MS, "posts": 9}
    assert (trace["window"]["posts_before"], trace["window"]["posts"]) == (11, 6)
    assert tag(trace, "cup") == {
        "batch_posts": 1,
        "batch_posts_closed": 3,
        "pane_before": 0,
        "pane_after": 1,
        "panes": [1, 4, 1],
        "left": 4,
        "window_before": 6,
        "window_after": 6,
        "rank_before": 1,
        "rank_after": 1,
    }
    assert (tag(trace, "rain")["left"], tag(trace, "rain")["window_before"], tag(trace, "rain")["panes"]) == (
        5,
        5,
        [0, 0, 1],
    )


def test_a_pane_that_closes_between_two_micro_batches_has_left_with_the_second(job: Job) -> None:
    first = job.trace(*[post(["cup"], T + 1)] * 4)
    job.tick(T + PANE_MS + 5)
    job.tick(T + 3 * PANE_MS + 5)
    assert job.offered[-1].window.posts == 0
    trace = job.trace(post(["cup"], T + 3 * PANE_MS + 6))
    check_before(trace, first, job.posts)
    assert trace["left_pane"] == {"from_ms": T - 2 * PANE_MS, "to_ms": T + PANE_MS, "posts": 4}
    assert (tag(trace, "cup")["window_before"], tag(trace, "cup")["left"], tag(trace, "cup")["rank_before"]) == (
        4,
        4,
        1,
    )


def test_after_more_than_a_window_without_posts_the_window_of_before_is_that_of_now(job: Job) -> None:
    job.trace(*[post(["cup"], T + 1)] * 4)
    for seconds in range(1, 100):
        job.tick(T + seconds * 1_000)
    trace = job.trace(post(["cup"], T + 100_000))
    assert (trace["left_pane"], trace["window"]["posts_before"]) == (None, 0)
    assert (tag(trace, "cup")["window_before"], tag(trace, "cup")["left"], tag(trace, "cup")["rank_before"]) == (
        0,
        0,
        None,
    )


def test_the_first_micro_batch_after_a_start_is_compared_with_the_state(job: Job) -> None:
    job.trace(*[post(["cup"], T + 1)] * 3, *[post(["rain"], T + 2)] * 2, *[post(["snow"], T + 3)] * 2)
    job.trace(*[post(["rain"], T + PANE_MS)] * 4)
    job.restart()
    trace = job.trace(*[post(["snow"], T + PANE_MS + 1)] * 5)
    assert trace["window"] == {
        "from_ms": T - PANE_MS,
        "to_ms": T + PANE_MS + 1,
        "posts_before": 11,
        "posts": 16,
    }
    assert [(each["key"], each["rank_before"], each["rank_after"]) for each in trace["tags"]] == [
        ("snow", 3, 1),
        ("rain", 1, 2),
        ("cup", 2, 3),
    ]
    assert (tag(trace, "snow")["window_before"], tag(trace, "snow")["pane_before"]) == (2, 0)


def test_posts_that_are_older_than_the_window_left_at_once(job: Job) -> None:
    backlog = [post(["cup"], T + n * 1_000) for n in range(100)]
    trace = job.trace(*backlog)
    assert trace["left_pane"] == {"from_ms": T, "to_ms": T + 7 * PANE_MS, "posts": 70}
    assert tag(trace, "cup") == {
        "batch_posts": 10,
        "batch_posts_closed": 90,
        "pane_before": 0,
        "pane_after": 10,
        "panes": [10, 10, 10],
        "left": 70,
        "window_before": 0,
        "window_after": 30,
        "rank_before": None,
        "rank_after": 1,
    }


def test_a_new_epoch_begins_at_nothing(job: Job) -> None:
    job.trace(*[post(["cup"], T + 1)] * 4)
    job.posts.clear()
    job.now_ms += 5
    job.counting.resume({**job.status(), "log": "log-b"}, None)
    trace = job.trace(post(["cup"], T + 9))
    assert (trace["first_offset"], trace["left_pane"], trace["window"]["posts_before"]) == (0, None, 0)
    assert (tag(trace, "cup")["window_before"], tag(trace, "cup")["rank_before"]) == (0, None)


def test_a_clock_that_is_set_back_by_more_than_a_window_begins_again(job: Job) -> None:
    job.trace(*[post(["cup"], T + 100_000 + n * PANE_MS) for n in range(2)])
    job.posts.clear()
    job.book.ask()
    later = [post(["cup"], T), post(["cup"], T + 1)]
    job.counting.count(counted(later, 3), 1, T)
    note = job.book.ask()
    assert note is not None
    trace = msgspec.to_builtins(note.trace)
    check_equations(trace)
    assert (trace["window"]["posts_before"], trace["window"]["posts"]) == (0, 2)
    assert tag(trace, "cup")["panes"] == [0, 0, 2]


def test_muted_tags_are_not_in_it_and_do_not_count_for_ranks(tmp_path: Path) -> None:
    (tmp_path / "muted.txt").write_text("hush*\n")
    job = Job(tmp_path, tmp_path / "muted.txt")
    job.trace(*[post(["Hush", "cup"], T + 1)] * 3)
    trace = job.trace(post(["hushed", "rain"], T + PANE_MS), *[post(["rain"], T + PANE_MS)] * 3)
    assert [(each["key"], each["rank_before"], each["rank_after"]) for each in trace["tags"]] == [
        ("rain", None, 1),
        ("cup", 1, 2),
    ]
    assert trace["window"]["posts"] == 7
    job.restart()
    trace = job.trace(*[post(["cup"], T + PANE_MS + 1)] * 2)
    assert [(each["key"], each["rank_before"], each["rank_after"]) for each in trace["tags"]] == [
        ("cup", 2, 1),
        ("rain", 1, 2),
    ]
    job.counting.close()


def test_the_leading_ten_of_the_window_and_of_the_micro_batch_are_shown(job: Job) -> None:
    job.trace(*[post([f"old{n:02}"], T) for n in range(12) for _ in range(20 - n)])
    trace = job.trace(*[post([f"new{n:02}"], T + 1) for n in range(12) for _ in range(8 - n // 2)])
    assert [each["key"] for each in trace["tags"]] == [
        *[f"old{n:02}" for n in range(10)],
        *[f"new{n:02}" for n in range(10)],
    ]
    assert [each["rank_after"] for each in trace["tags"]] == [*range(1, 11), *range(13, 23)]


@pytest.mark.parametrize("seed", range(2))
def test_random_streams_are_traced_like_a_recount(job: Job, seed: int) -> None:
    """Micro-batches of any length, with and without ticks that close panes between them, and restarts."""
    rand = random.Random(seed)
    at_ms, before = T, None
    for n in range(30):
        posts = []
        for _ in range(rand.choice([1, 5, 40])):
            at_ms += rand.choice([0, 10, 300, 2_500])
            posts.append(post({f"tag{int(rand.expovariate(0.2))}" for _ in range(rand.randrange(4))}, at_ms))
        trace = job.trace(*posts, batch_id=n)
        if before is not None and trace["window"]["from_ms"] - before["window"]["from_ms"] <= WINDOW_MS:
            check_before(trace, before, job.posts)
        before = trace
        for _ in range(rand.choice([0, 0, 1, 3])):
            at_ms += rand.choice([100, 4_000])
            job.tick(at_ms)
        if rand.random() < 0.05:
            job.restart()
            before = None

"""A topic is counted exactly once: the position of each partition is in the transaction that adds the counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import duckdb
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support import snapshot_checks as shape
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.snapshots import sent, waiting_panes
from tests.spark_job.support.tally import counted

from spark_job.executor.ingest_client import Status
from spark_job.executor.kafka_deletions import TakenBackPost
from spark_job.executor.kafka_slices import CountedSlice
from spark_job.executor.topic_ends import Ends
from spark_job.ingest_watch import not_requested_yet
from spark_job.kafka.topic_watch import Asked
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.snapshot_schema import Ingest, Snapshot
from spark_job.state.batch_rows import CountedTwiceError
from spark_job.state.store import State
from spark_job.topic_coordinator import TopicCoordinator


class Bench:
    """A counting whose clock, topic and micro-batches are the test's."""

    def __init__(self, folder: Path) -> None:
        self.now_ms, self.number = T, 0
        self.offered: list[Snapshot] = []
        self.state = State(folder / "counts.duckdb", PANE_MS, WINDOW_MS)
        pace = Pace(PANE_MS // 1000, WINDOW_MS // 1000, 1.0, 10)
        snapshots = Snapshots(self.state, pace, self.state.next_seq_block())
        self.counting = TopicCoordinator(self.state, snapshots, self.offered.append, lambda: self.now_ms)

    @property
    def newest(self) -> dict[str, Any]:
        newest = sent(self.offered[-1])
        shape.check(newest)
        return newest

    def topic(
        self, ends: dict[int, int], at_ms: int, log: str = "kafka:a", begins: dict[int, int] | None = None
    ) -> Ends:
        """The topic ends here, and no post behind is before this time."""
        found = Ends(log, ends, begins or dict.fromkeys(ends, 0))
        self.number += 1
        self.counting.note_topic(Asked(self.number, found, at_ms, None))
        return found

    def tick(self, error: str | None = None) -> None:
        if error:
            self.counting.note_topic(self.counting._asked._replace(error=error))
        self.counting.tick(not_requested_yet(T), 0)

    def count(self, *slices: CountedSlice, posts: tuple[dict[str, Any], ...] = ()) -> None:
        self.counting.count(counted(posts, 0, PANE_MS)._replace(slices=slices), 0, self.now_ms - 140)

    def health(self, *names: str) -> list[Any]:
        return [self.newest["health"][name] for name in names]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.counting.close()


def panes(bench: Bench) -> list[tuple[int, int]]:
    return [(pane["from_ms"] - T, pane["posts"]) for pane in waiting_panes(bench.state, 10_000)]


def test_the_first_epoch_begins_where_the_partitions_begin(bench: Bench) -> None:
    resumed = bench.counting.resume_topic(bench.topic({0: 9, 1: 9}, T, begins={0: 3, 1: 4}))
    assert resumed is not None
    progress, positions = resumed
    assert (progress.log, progress.next_offset, progress.reason, positions) == (
        "kafka:a",
        7,
        "first start",
        {0: 3, 1: 4},
    )


def test_counts_and_positions_change_together(bench: Bench) -> None:
    bench.counting.resume_topic(bench.topic({0: 5, 1: 3}, T))
    bench.count(CountedSlice(0, 0, 3, 2, newest_at_ms=T + 2), posts=(post(["a"], T + 1), post(["b"], T + 2)))
    assert bench.health("offset", "lag_posts", "lost", "skipped", "late") == [3, 5, 0, 0, 0]
    assert bench.newest["total"]["posts"] == 2
    assert bench.state.positions.read() == {0: 3, 1: 0}
    bench.count(
        CountedSlice(0, 3, 5, 1, newest_at_ms=T + 3), CountedSlice(1, 0, 3, skipped=2), posts=(post(["a"], T + 3),)
    )
    assert bench.health("offset", "lag_posts", "lost", "skipped") == [8, 0, 2, 2]
    assert bench.state.positions.read() == {0: 5, 1: 3}
    assert bench.newest["total"]["posts"] == 3


def taken_back(bench: Bench) -> tuple[int, dict[str, int]]:
    window = bench.newest["window"]
    return window["taken_back"], {tag["key"]: tag["taken_back"] for tag in window["top"]}


def test_deleted_posts_are_counted_with_the_position_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.counting.resume_topic(bench.topic({0: 9}, T))
    cup, gol = TakenBackPost(T, "demo", "en", ("cup",)), TakenBackPost(T + 1, "demo", "en", ("cup", "gol"))
    posts = (post(["cup"], T), post(["cup", "gol"], T + 1))
    bench.count(CountedSlice(0, 0, 2, 2, newest_at_ms=T + 1), posts=posts)
    assert taken_back(bench) == (0, {"cup": 0, "gol": 0})
    # A micro-batch of nothing but a tombstone.
    bench.count(CountedSlice(0, 2, 3, deleted=1, taken_back=(gol,)))
    assert taken_back(bench) == (1, {"cup": 1, "gol": 1})
    with pytest.raises(CountedTwiceError):
        bench.count(CountedSlice(0, 2, 3, deleted=1, taken_back=(gol,)))
    bench.counting.close()
    bench = Bench(tmp_path)
    bench.counting.resume_topic(bench.topic({0: 9}, T))
    bench.tick()
    assert taken_back(bench) == (1, {"cup": 1, "gol": 1})
    bench.count(CountedSlice(0, 3, 4, deleted=1, taken_back=(cup,)))
    assert taken_back(bench) == (2, {"cup": 2, "gol": 1})
    assert bench.state.db.execute("SELECT sum(posts) FROM taken_back WHERE key = 'cup'").fetchall() == [(2,)]
    bench.counting.close()


def test_a_transaction_that_fails_takes_nothing_back(bench: Bench) -> None:
    bench.counting.resume_topic(bench.topic({0: 9}, T))
    bench.count(CountedSlice(0, 0, 1, 1, newest_at_ms=T), posts=(post(["cup"], T),))
    slices = CountedSlice(0, 1, 2, deleted=1, taken_back=(TakenBackPost(T, "demo", "en", ("cup",)),))
    failing = patch.object(bench.state, "_close", side_effect=duckdb.Error("no room"))
    with failing, pytest.raises(duckdb.Error):
        bench.count(slices)
    bench.tick()
    assert (taken_back(bench), bench.state.positions.read()) == ((0, {"cup": 0}), {0: 1})
    bench.count(slices)
    assert (taken_back(bench), bench.state.positions.read()) == ((1, {"cup": 1}), {0: 2})


def test_a_transaction_that_fails_closes_no_pane_before_its_posts_are_counted(bench: Bench) -> None:
    bench.counting.resume_topic(bench.topic({0: 0}, T))
    # All messages of the micro-batch are those that were promised to be before this time.
    bench.topic({0: 2}, T + 25_000)
    slices, posts = CountedSlice(0, 0, 2, 2, newest_at_ms=T + 11_000), (post(["a"], T + 1), post(["b"], T + 11_000))
    failing = patch.object(bench.state, "_close", side_effect=duckdb.Error("no room"))
    with failing, pytest.raises(duckdb.Error):
        bench.count(slices, posts=posts)
    bench.tick()
    assert panes(bench) == []
    bench.count(slices, posts=posts)
    assert panes(bench) == [(0, 1), (10_000, 1)]
    assert bench.health("late") == [0]


@pytest.mark.parametrize("wrong", [CountedSlice(0, 0, 4, 1), CountedSlice(0, 4, 5, 1), CountedSlice(1, 1, 2, 1)])
def test_a_micro_batch_that_begins_elsewhere_is_refused_as_a_whole(bench: Bench, wrong: CountedSlice) -> None:
    bench.counting.resume_topic(bench.topic({0: 9, 1: 9}, T))
    bench.count(CountedSlice(0, 0, 3, 1, newest_at_ms=T), posts=(post(["a"], T),))
    with pytest.raises(CountedTwiceError):
        bench.count(wrong, posts=(post(["a"], T),))
    progress = bench.counting.progress()
    assert progress is not None
    assert (progress.posts, progress.next_offset, bench.state.positions.read()) == (1, 3, {0: 3, 1: 0})


def test_counting_goes_on_after_a_start_of_the_job(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.counting.resume_topic(bench.topic({0: 3, 1: 0}, T))
    bench.count(CountedSlice(0, 0, 3, 1, newest_at_ms=T), posts=(post(["a"], T),))
    bench.counting.close()
    bench = Bench(tmp_path)
    # A partition was added meanwhile. The positions say nothing of it, so it begins at 0.
    resumed = bench.counting.resume_topic(bench.topic({0: 7, 1: 5, 2: 1}, T))
    assert resumed is not None
    assert (resumed[0].epoch, resumed[0].next_offset, resumed[1]) == (T, 3, {0: 3, 1: 0})
    bench.count(CountedSlice(2, 0, 1, 1, newest_at_ms=T), posts=(post(["a"], T),))
    assert bench.state.positions.read() == {0: 3, 1: 0, 2: 1}
    assert bench.health("offset", "lag_posts") == [4, 9]
    bench.counting.close()


@pytest.mark.parametrize(
    ("log", "ends", "reason"),
    [
        ("kafka:b", {0: 9}, "the topic was made anew, so counting began again"),
        ("kafka:a", {0: 2}, "partition 0 of the topic ends at 2, before the 3 that were counted"),
    ],
)
def test_another_topic_begins_an_epoch(bench: Bench, log: str, ends: dict[int, int], reason: str) -> None:
    bench.counting.resume_topic(bench.topic({0: 3}, T))
    bench.count(CountedSlice(0, 0, 3, 1, newest_at_ms=T), posts=(post(["a"], T),))
    bench.now_ms += 5_000
    resumed = bench.counting.resume_topic(bench.topic(ends, T, log))
    assert resumed is not None
    assert (resumed[0].epoch, resumed[0].posts, resumed[0].reason, resumed[1]) == (T + 5_000, 0, reason, {0: 0})


def test_a_topic_in_place_of_the_spool_begins_an_epoch(bench: Bench) -> None:
    bench.state.begin_epoch("9f3c", 7, T, "first start")
    resumed = bench.counting.resume_topic(bench.topic({0: 3}, T))
    assert resumed is not None
    assert (resumed[0].reason, resumed[0].next_offset) == ("the log is on Kafka now, so counting began again", 0)


def test_panes_close_when_all_before_their_end_is_counted(bench: Bench) -> None:
    bench.counting.resume_topic(bench.topic({0: 1, 1: 1}, T + PANE_MS + 1))
    bench.count(CountedSlice(0, 0, 1, 1, newest_at_ms=T + PANE_MS), posts=(post(["a"], T + PANE_MS),))
    assert panes(bench) == []
    bench.count(CountedSlice(1, 0, 1, 1, newest_at_ms=T), posts=(post(["a"], T),))
    assert panes(bench) == [(0, 1)]
    # Nobody writes any more, and the window slides.
    bench.topic({0: 1, 1: 1}, T + 3 * PANE_MS)
    bench.tick()
    assert panes(bench) == [(0, 1), (PANE_MS, 1), (2 * PANE_MS, 0)]
    assert bench.health("late") == [0]


def test_a_post_whose_pane_has_closed_is_counted_in_the_open_one_and_is_late(bench: Bench) -> None:
    bench.counting.resume_topic(bench.topic({0: 1, 1: 0}, T + PANE_MS))
    bench.count(CountedSlice(0, 0, 1, 1, newest_at_ms=T), posts=(post(["a"], T, author="1"),))
    assert panes(bench) == [(0, 1)]
    late = post(["a"], T + 5, author="1"), post(["a"], T + PANE_MS + 5, author="1")
    bench.count(CountedSlice(1, 0, 2, 2, newest_at_ms=T + PANE_MS + 5), posts=late)
    assert bench.health("late", "lost", "offset") == [1, 0, 3]
    (tag,) = bench.newest["window"]["top"]
    assert (tag["posts"], tag["panes"][-2:], tag["authors"]) == (3, [1, 2], 1)
    bench.topic({0: 1, 1: 2}, T + 2 * PANE_MS)
    bench.tick()
    assert panes(bench) == [(0, 1), (PANE_MS, 2)]


def test_what_retention_has_removed_is_lost_and_a_hole_in_the_window(bench: Bench) -> None:
    bench.counting.resume_topic(bench.topic({0: 10}, T))
    bench.count(CountedSlice(0, 0, 1, 1, newest_at_ms=T), posts=(post(["a"], T),))
    bench.count(CountedSlice(0, 1, 10, 1, lost=8, newest_at_ms=T + 4000), posts=(post(["a"], T + 4000),))
    assert bench.health("lost", "skipped", "offset") == [8, 0, 10]
    assert bench.newest["coverage"]["missing_ms"] == 4000


def test_a_broker_that_cannot_be_reached_is_a_sentence_of_the_page(bench: Bench) -> None:
    bench.counting.resume_topic(bench.topic({0: 1}, T))
    bench.tick("no broker of Kafka can be reached")
    assert bench.health("query_error") == ["no broker of Kafka can be reached"]
    bench.topic({0: 1}, T)
    bench.tick()
    assert bench.health("query_error") == [None]


def ingest_is_there(bench: Bench, watermark_ms: int) -> Ingest:
    """Ingest says its time, and that the topic is its log."""
    status = {"log": "kafka:a", "first": 0, "end": 0, "acked": 0, "trimmed_unread": 0, "watermark_ms": watermark_ms}
    return Ingest(
        reachable=True, since_ms=T, error=None, status=cast("Status", status | {"limit": None, "sources": []})
    )


def test_a_clock_of_ingest_that_was_set_back_begins_the_window_again(bench: Bench) -> None:
    hour_ms = 3_600_000
    bench.counting.resume_topic(bench.topic({0: 0}, 0))
    bench.topic({0: 1}, T + hour_ms + 20_000)
    bench.count(CountedSlice(0, 0, 1, 1, newest_at_ms=T + hour_ms), posts=(post(["a"], T + hour_ms),))
    assert bench.newest["window"]["to_ms"] == T + hour_ms + 20_000
    bench.topic({0: 1}, T + 5_000)
    bench.counting.tick(ingest_is_there(bench, T + 5_000), 0)
    seconds = (hour_ms + 15_000) // 1000
    reason = f"ingest's clock was set back by {seconds} s, so the window began again"
    assert bench.health("epoch_reason", "lost") == [reason, 0]
    bench.topic({0: 2}, T + 7_000)
    bench.count(CountedSlice(0, 1, 2, 1, newest_at_ms=T + 6_000), posts=(post(["b"], T + 6_000),))
    assert bench.health("late") == [0]
    window = bench.newest["window"]
    assert (window["to_ms"], [tag["key"] for tag in window["top"]]) == (T + 7_000, ["b"])
    assert bench.newest["total"]["posts"] == 2
    # It does not begin again with each tick.
    epoch = bench.newest["epoch"]
    bench.topic({0: 2}, T + 9_000)
    bench.counting.tick(ingest_is_there(bench, T + 9_000), 0)
    assert bench.newest["epoch"] == epoch


def test_without_ingest_an_earlier_time_is_that_of_our_own_clock_and_begins_nothing(bench: Bench) -> None:
    bench.counting.resume_topic(bench.topic({0: 0}, 0))
    bench.topic({0: 1}, T + 3_600_000)
    bench.count(CountedSlice(0, 0, 1, 1, newest_at_ms=T + 3_590_000), posts=(post(["a"], T + 3_590_000),))
    epoch = bench.newest["epoch"]
    bench.topic({0: 1}, T)
    bench.tick()
    assert bench.newest["epoch"] == epoch


def test_a_post_of_a_clock_that_is_ahead_moves_neither_the_window_nor_its_panes(bench: Bench) -> None:
    bench.counting.resume_topic(bench.topic({0: 0}, T))
    bench.topic({0: 9}, T + 12_000)
    ahead_ms = T + 540_000
    # More messages wait, so the greatest time counted would be the watermark.
    bench.count(CountedSlice(0, 0, 2, 2, newest_at_ms=ahead_ms), posts=(post(["a"], T + 11_000), post(["b"], ahead_ms)))
    window = bench.newest["window"]
    assert (window["to_ms"], [tag["key"] for tag in window["top"]]) == (T + 12_000, ["a"])
    progress = bench.counting.progress()
    assert progress is not None
    assert progress.closed_until_ms == T + 10_000

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support import snapshot_checks as shape
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.snapshots import sent, waiting_panes
from tests.spark_job.support.tally import counted

from spark_job.changes.change import DELETED, Change
from spark_job.coordinator import Coordinator
from spark_job.executor.ingest_client import Status
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.snapshot_schema import Ingest, Snapshot
from spark_job.state import store
from spark_job.state.file import StateInUseError, StateRefusedError
from spark_job.state.progress import Progress
from spark_job.state.store import State
from spark_job.state.take_back import take_back


class Bench:
    """A counting whose clock, ingest and micro-batches are the test's, and which remembers what was offered."""

    def __init__(self, folder: Path, pane_ms: int = PANE_MS) -> None:
        self.now_ms = T
        self.offered: list[Snapshot] = []
        self.state = State(folder / "counts.duckdb", pane_ms, WINDOW_MS)
        pace = Pace(pane_ms // 1000, WINDOW_MS // 1000, 1.0, 10)
        snapshots = Snapshots(self.state, pace, self.state.next_seq_block())
        self.counting = Coordinator(self.state, snapshots, self.offered.append, lambda: self.now_ms)

    @property
    def newest(self) -> dict[str, Any]:
        newest = sent(self.offered[-1])
        shape.check(newest)
        return newest

    def next_offset(self) -> int:
        progress = self.counting.progress()
        return progress.next_offset if progress is not None else 0

    def resume(self, log: str, first: int, end: int, *, acked: int = 0, last_at_ms: int | None = None) -> Progress:
        status: Status = {"log": log, "first": first, "end": end, "acked": acked, "watermark_ms": self.now_ms}
        progress = self.counting.resume(status, last_at_ms)
        assert progress is not None
        return progress

    def seen(self, end: int, watermark_ms: int, log: str = "log-a", *, reachable: bool = True) -> Ingest:
        status = {"log": log, "first": 0, "end": end, "acked": 0, "trimmed_unread": 0, "watermark_ms": watermark_ms}
        whole = cast("Status", status | {"limit": None, "sources": []})
        return Ingest(reachable=reachable, since_ms=T, error=None if reachable else "away", status=whole)

    def tick(self, end: int, watermark_ms: int, log: str = "log-a", *, reachable: bool = True) -> None:
        self.counting.tick(self.seen(end, watermark_ms, log, reachable=reachable), 1_000)

    def count(self, *posts: dict[str, Any], batch_id: int = 0) -> None:
        self.counting.count(counted(posts, self.next_offset(), self.state.pane_ms), batch_id, self.now_ms - 140)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.counting.close()


def window(bench: Bench) -> tuple[int, int, int]:
    """Start and end after T, and posts."""
    newest = bench.newest["window"]
    return newest["from_ms"] - T, newest["to_ms"] - T, newest["posts"]


def test_nothing_is_shown_before_ingest_was_found(bench: Bench) -> None:
    bench.counting.tick(Ingest(reachable=False, since_ms=T, error="away", status=None), 1_000)
    assert bench.offered == []


def test_a_first_start_begins_an_epoch_where_the_log_begins(bench: Bench) -> None:
    progress = bench.resume("log-a", 7, 100)
    assert (progress.epoch, progress.log, progress.next_offset, progress.reason) == (T, "log-a", 7, "first start")


def test_counting_goes_on_where_it_stopped(bench: Bench) -> None:
    bench.resume("log-a", 0, 2)
    bench.count(post(["a"], T), post(["b"], T))
    bench.now_ms += 5
    progress = bench.resume("log-a", 1, 2)
    assert (progress.epoch, progress.next_offset, progress.posts) == (T, 2, 2)


@pytest.mark.parametrize(
    ("log", "end", "reason"),
    [
        ("log-b", 50, "ingest has another log, so counting began again"),
        ("log-a", 1, "ingest's log ends at 1, before the 2 that were counted"),
    ],
)
def test_counting_begins_anew_when_offsets_mean_other_posts(bench: Bench, log: str, end: int, reason: str) -> None:
    bench.resume("log-a", 0, 2)
    bench.count(post(["a"], T), post(["b"], T))
    bench.now_ms += 5_000
    progress = bench.resume(log, 1, end)
    assert (progress.epoch, progress.next_offset, progress.posts) == (T + 5_000, 1, 0)
    assert progress.reason == reason
    bench.tick(1, T + 5_000, log)
    assert bench.newest["health"]["epoch_reason"] == reason
    assert (bench.newest["batch"], bench.newest["total"]["posts"]) == (None, 0)


def test_counting_begins_anew_when_panes_have_another_length(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.resume("log-a", 0, 9)
    bench.count(post(["a"], T))
    bench.counting.close()
    bench = Bench(tmp_path, pane_ms=15_000)
    bench.now_ms += 1
    bench.tick(1, T + 60_000)
    assert bench.offered == []
    assert waiting_panes(bench.state) == []
    progress = bench.resume("log-a", 0, 9)
    assert (progress.epoch, progress.next_offset) == (T + 1, 0)
    assert progress.reason == "PANE_SECONDS was changed, so counting began again"
    bench.counting.close()


def test_a_batch_is_shown_at_once(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["A"], T + 1), post(["b"], T + 2), batch_id=17)
    assert len(bench.offered) == 1
    assert (bench.newest["batch_id"], bench.newest["batch"]["posts"], bench.newest["batch"]["at_ms"]) == (17, 2, T + 2)
    assert window(bench) == (-20_000, 2, 2)
    assert bench.newest["health"] == {
        "offset": 2,
        "lag_posts": 0,
        "lag_ms": 0,
        "lost": 0,
        "skipped": 0,
        "cut": 0,
        "archive": None,
        "archived": None,
        "newest_at_ms": T + 2,
        "batch_ms": 140,
        "posts_per_second": 2.0,
        "started_at_ms": T,
        "epoch_reason": "first start",
        "query_error": None,
        "query_failures": 0,
        "ingest": {"reachable": False, "since_ms": T, "error": "not requested yet", "status": None},
        "late": 0,
        "next_change": 0,
    }


def test_a_snapshot_says_up_to_which_change_it_counts_deleted_posts(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T + 1), post(["b"], T + 2))
    deleted = [Change(each, DELETED, T + 9, each, str(each), T + 1, "demo", "en", []) for each in range(3)]
    # The post of the last change is not counted yet.
    assert bench.counting.with_state(lambda state: take_back(state, "log-a", deleted, 0)) == 2
    bench.now_ms += 2_000
    bench.tick(2, T + 2_000)
    newest = bench.newest
    assert (newest["health"]["next_change"], newest["window"]["taken_back"]) == (2, 2)


def test_a_batch_without_posts_shows_nothing(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count()
    assert bench.offered == []


def test_the_window_slides_when_nothing_arrives(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    for seconds in (1, 29):
        bench.now_ms = T + seconds * 1_000
        bench.tick(1, bench.now_ms - 300)
        assert window(bench)[1:] == (seconds * 1_000 - 300, 1)
    bench.now_ms = T + 31_000
    bench.tick(1, bench.now_ms)
    assert window(bench) == (10_000, 31_000, 0)
    assert bench.newest["total"]["posts"] == 1


def test_a_tick_shows_nothing_new_so_soon_after_a_batch(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    bench.now_ms += 999
    bench.tick(1, bench.now_ms)
    assert len(bench.offered) == 1
    bench.now_ms += 1
    bench.tick(1, bench.now_ms)
    assert len(bench.offered) == 2


def test_when_all_is_counted_the_window_ends_at_the_watermark(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    bench.now_ms = T + 12_500
    bench.tick(1, T + 12_345)
    assert window(bench) == (-10_000, 12_345, 1)
    assert [(pane["from_ms"] - T, pane["posts"]) for pane in bench.newest["panes"]] == [(0, 1)]


def test_when_posts_wait_the_window_ends_at_the_last_counted_one(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T + 1_000))
    bench.now_ms = T + 60_000
    bench.tick(500, T + 59_000)
    assert window(bench) == (-20_000, 1_000, 1)
    health = bench.newest["health"]
    assert (health["lag_posts"], health["lag_ms"], health["offset"]) == (499, 58_000, 1)
    assert bench.newest["panes"] == []


def test_a_first_start_that_is_behind_ends_its_window_at_the_last_counted_post(bench: Bench) -> None:
    bench.resume("log-a", 0, 500)
    bench.tick(500, T)
    assert window(bench) == (-20_000, 0, 0)
    bench.count(post(["a"], T - 600_000))
    assert window(bench) == (-620_000, -600_000, 1)


def test_the_lag_after_quiet_time_is_counted_from_the_last_watermark(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    bench.now_ms = T + 60_000
    bench.tick(1, T + 60_000)
    bench.now_ms = T + 61_000
    bench.tick(2, T + 60_800)
    health = bench.newest["health"]
    assert (health["lag_posts"], health["lag_ms"]) == (1, 800)
    assert window(bench)[1] == 60_000


def test_a_batch_that_catches_up_closes_the_panes_before_it_is_shown(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T), post(["a"], T))
    bench.now_ms += 10_500
    bench.tick(3, T + 10_400)
    bench.count(post(["b"], T + 9_999))
    assert window(bench) == (-10_000, 10_400, 3)
    assert [pane["posts"] for pane in bench.newest["panes"]] == [3]
    assert [entry["previous_rank"] for entry in bench.newest["window"]["top"]] == [1, 2]


@pytest.mark.parametrize(("log", "reachable"), [("log-b", True), ("log-a", False)])
def test_a_watermark_of_another_log_or_an_old_one_is_not_used(bench: Bench, log: str, reachable: bool) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    bench.now_ms += 60_000
    bench.tick(1, T + 60_000, log, reachable=reachable)
    assert window(bench)[1] == 0
    assert bench.newest["panes"] == []
    assert bench.newest["health"]["ingest"]["reachable"] is reachable
    assert bench.newest["health"]["lag_posts"] == 0


def test_the_rate_is_that_of_the_last_thirty_seconds(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    for i in range(6):
        bench.count(*(post([], T + i * 10_000) for _ in range(100)))
    bench.now_ms = T + 60_000
    bench.tick(600, T + 60_000)
    assert bench.newest["health"]["posts_per_second"] == 10.0


def test_lost_posts_are_shown(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.counting._count(counted([post(["a"], T)], 5), 0, T)
    assert (bench.newest["health"]["lost"], bench.newest["health"]["offset"]) == (5, 6)


def test_failures_are_counted_and_shown_until_a_batch_is_counted(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    assert [bench.counting.note_query_failure(f"error {i}") for i in range(3)] == [1, 2, 3]
    bench.tick(0, T)
    assert (bench.newest["health"]["query_error"], bench.newest["health"]["query_failures"]) == ("error 2", 3)
    bench.count(post(["a"], T))
    assert (bench.newest["health"]["query_error"], bench.newest["health"]["query_failures"]) == (None, 0)
    assert bench.counting.note_query_failure("again") == 1


def test_the_next_offset_is_what_is_stored(bench: Bench) -> None:
    assert bench.next_offset() == 0
    bench.resume("log-a", 3, 9)
    assert bench.next_offset() == 3
    bench.count(post([], T), post([], T))
    assert bench.next_offset() == 5


def test_panes_that_are_kept_are_sent_no_more(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    bench.tick(1, T + 20_000)
    assert [pane["posts"] for pane in waiting_panes(bench.state)] == [1, 0]
    bench.counting.on_panes_stored([(T, T, 1)])
    assert [pane["posts"] for pane in waiting_panes(bench.state)] == [0]


def test_panes_that_could_not_be_forgotten_are_sent_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def disk_full(panes: object) -> None:
        raise duckdb.IOException("no space left on device")

    monkeypatch.setattr(bench.state, "acknowledge_panes", disk_full)
    with caplog.at_level(logging.WARNING):
        bench.counting.on_panes_stored([(T, T, 1)])
    assert caplog.messages == [
        "panes that the dashboard has stored can't be deleted, and are sent again: no space left on device"
    ]


def test_nothing_is_touched_after_the_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.resume("log-a", 0, 0)
    bench.counting.close()
    bench.counting.on_panes_stored([(T, T, 1)])
    assert bench.offered == []


def test_a_batch_that_comes_after_the_end_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.resume("log-a", 0, 0)
    bench.counting.close()
    with pytest.raises(RuntimeError, match="the job is ending"):
        bench.counting.count(counted([post(["a"], T)], 0), 0, T)
    again = Bench(tmp_path)
    assert again.next_offset() == 0
    again.counting.close()


@pytest.mark.slow
def test_batches_ticks_and_acknowledgements_from_three_threads_lose_nothing(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)

    def tick() -> None:
        for _ in range(20):
            bench.tick(bench.next_offset(), T)

    def keep() -> None:
        for _ in range(20):
            with bench.counting._lock:
                panes = waiting_panes(bench.state)
            bench.counting.on_panes_stored([(pane["epoch"], pane["from_ms"], pane["posts"]) for pane in panes])

    threads = [threading.Thread(target=work) for work in (tick, keep)]
    for thread in threads:
        thread.start()
    for i in range(30):
        counts = counted([post(["a", f"t{i}"], T + i * 1_000)], i)
        with bench.counting._lock:
            bench.counting._count(counts, i, T)
    for thread in threads:
        thread.join(30)
    assert bench.newest["total"]["posts"] == 30
    assert bench.newest["total"]["top"][0]["posts"] == 30
    assert [snapshot.seq for snapshot in bench.offered] == sorted({snapshot.seq for snapshot in bench.offered})


def test_counts_that_are_gone_are_said_to_be_gone(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert bench.resume("log-a", 40, 100, acked=90).reason == "the stored counts are gone, so counting began again"
    bench.counting.close()


def test_a_log_whose_last_counted_post_has_another_time_is_an_older_copy(bench: Bench) -> None:
    bench.resume("log-a", 0, 2)
    bench.count(post(["a"], T), post(["b"], T + 5))
    assert bench.resume("log-a", 0, 9, last_at_ms=T + 5).next_offset == 2
    assert bench.resume("log-a", 0, 9, last_at_ms=None).next_offset == 2
    progress = bench.resume("log-a", 0, 9, last_at_ms=T + 4)
    assert (progress.next_offset, progress.reason) == (
        0,
        "ingest's log is an older copy that went on, so counting began again",
    )


def test_a_clock_set_back_begins_the_window_anew_and_keeps_the_totals(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T + 7_200_000), post(["a"], T + 7_220_000))
    bench.count(post(["b"], T), batch_id=1)
    newest = bench.newest
    assert newest["health"]["epoch_reason"] == "ingest's clock was set back by 7220 s, so the window began again"
    assert [(tag["key"], tag["posts"]) for tag in newest["window"]["top"]] == [("b", 1)]
    assert [(tag["key"], tag["posts"]) for tag in newest["total"]["top"]] == [("a", 2), ("b", 1)]
    assert newest["window"]["to_ms"] == T


def test_uncounted_posts_that_ingest_holds_no_more_are_lost_at_once(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    seen = bench.seen(9, T + 500)
    assert seen.status is not None
    seen.status["first"] = 9
    bench.now_ms += 1_000
    bench.counting.tick(seen, 1_000)
    health = bench.newest["health"]
    assert (health["offset"], health["lost"], health["lag_posts"]) == (9, 8, 0)


def test_a_state_that_cannot_be_stored_is_shown_and_mended(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    bench.state.db.close()
    bench.now_ms += 1_000
    bench.tick(1, T + 1_000)
    assert bench.newest["health"]["query_error"].startswith("the counts can't be stored: ")
    assert bench.newest["window"]["posts"] == 1
    bench.now_ms += 1_000
    with caplog.at_level(logging.INFO):
        bench.tick(1, T + 2_000)
    assert caplog.messages[-1] == "counts are stored again"
    bench.count(post(["a"], T + 2_000))
    assert bench.newest["health"]["query_error"] is None
    assert bench.newest["window"]["posts"] == 2


@contextmanager
def no_room(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No transaction of the state can be stored meanwhile. What writes nothing succeeds."""

    def refuse() -> None:
        raise duckdb.IOException("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(bench.state, "transaction", refuse)
        yield


def test_a_full_disk_is_waited_for_however_long_it_takes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench.resume("log-a", 0, 1)
    with caplog.at_level(logging.INFO, logger="spark_job.store_errors"):
        for _ in range(20):
            with no_room(bench, monkeypatch), pytest.raises(duckdb.IOException):
                bench.count(post(["a"], T))
            # It has nothing to write, so it succeeds.
            bench.now_ms += 1_000
            bench.tick(1, bench.now_ms)
            assert bench.counting.note_query_failure("org.apache.spark.SparkException: no space") == 0
            assert bench.resume("log-a", 0, 1).next_offset == 0
        error = "the counts can't be stored: No space left on device"
        assert caplog.messages == [error]
        bench.counting.note_query_running()
        bench.now_ms += 1_000
        bench.tick(1, bench.now_ms)
        assert bench.newest["health"]["query_error"] == error
        bench.count(post(["a"], T))
        assert bench.newest["health"]["query_error"] is None
        assert caplog.messages == [error, "counts are stored again"]
    assert (bench.next_offset(), bench.newest["total"]["posts"]) == (1, 1)
    assert bench.counting.note_query_failure("error") == 1


def test_an_error_after_a_micro_batch_was_stored_ends_with_the_next_tick(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.resume("log-a", 0, 0)

    def refuse(*_: object) -> None:
        raise duckdb.OutOfMemoryException("no memory")

    with monkeypatch.context() as patch:
        patch.setattr(bench.counting, "_publish", refuse)
        with pytest.raises(duckdb.OutOfMemoryException):
            bench.count(post(["a"], T))
    assert bench.next_offset() == 1
    bench.tick(1, T)
    assert bench.counting.note_query_failure("error") == 1


@pytest.mark.parametrize("log", ["log-a", "log-b"])
def test_posts_that_could_not_be_counted_and_are_gone_are_not_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, log: str
) -> None:
    bench.resume("log-a", 0, 1)
    with no_room(bench, monkeypatch), pytest.raises(duckdb.IOException):
        bench.count(post(["a"], T))
    bench.now_ms += 1_000
    if log == "log-b":
        bench.resume(log, 0, 0)
    seen = bench.seen(9, T + 500, log)
    assert seen.status is not None
    seen.status["first"] = 9
    bench.counting.tick(seen, 1_000)
    assert bench.newest["health"]["query_error"] is None
    assert bench.counting.note_query_failure("error") == 1


def test_a_start_of_an_epoch_that_cannot_be_stored_is_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    status: Status = {"log": "log-a", "first": 0, "end": 0, "acked": 0, "watermark_ms": T}
    caplog.set_level(logging.INFO, logger="spark_job.store_errors")
    with no_room(bench, monkeypatch):
        assert bench.counting.resume(status, None) is None
    bench.tick(0, T)
    assert caplog.messages == ["the counts can't be stored: No space left on device"]
    bench.resume("log-a", 0, 0)
    assert caplog.messages[1:] == ["counts are stored again"]


def test_a_time_without_ingest_that_cannot_be_stored_is_stored_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gaps: list[tuple[int, int]] = []
    monkeypatch.setattr(bench.state, "note_gap", lambda *gap: gaps.append(gap))
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))

    def tick(started_ms: int, watermark_ms: int) -> None:
        seen = bench.seen(1, watermark_ms)
        assert seen.status is not None
        seen.status["started_ms"] = started_ms
        bench.now_ms = watermark_ms
        bench.counting.tick(seen, 1_000)

    tick(T - 60_000, T + 1_000)
    assert gaps == []
    with monkeypatch.context() as patch:
        patch.setattr(bench.state, "note_gap", refuse_gap)
        tick(T + 5_000, T + 6_000)
    for watermark_ms in (T + 7_000, T + 8_000):
        tick(T + 5_000, watermark_ms)
    assert gaps == [(T + 1_000, T + 5_000)]


def refuse_gap(from_ms: int, to_ms: int) -> None:
    raise duckdb.IOException(f"No space left on device for {from_ms} to {to_ms}")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(30, "Read-only file system"), "[Errno 30] Read-only file system"),
        (StateInUseError("another process has it open"), "another process has it open"),
    ],
)
def test_a_file_that_cannot_be_opened_again_is_shown_and_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))

    def refuse(_: Path) -> None:
        raise error

    bench.state.db.close()
    with monkeypatch.context() as patch:
        patch.setattr(store, "open_file", refuse)
        bench.tick(1, T + 1_000)
        assert bench.newest["health"]["query_error"] == f"the counts can't be stored: {reason}"
    # The first tick opens the file, the second one finds that it can be used, and the third one shows that.
    for _ in range(3):
        bench.now_ms += 1_000
        bench.tick(1, bench.now_ms)
    assert (bench.newest["health"]["query_error"], bench.newest["window"]["posts"]) == (None, 1)


def test_a_file_of_a_newer_job_is_not_tried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.resume("log-a", 0, 0)

    def refuse(_: Path) -> None:
        raise StateRefusedError("its format is newer")

    bench.state.db.close()
    with monkeypatch.context() as patch:
        patch.setattr(store, "open_file", refuse)
        with pytest.raises(StateRefusedError):
            bench.tick(1, T + 1_000)


def test_an_error_is_history_once_the_query_runs_again(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    assert bench.counting.note_query_failure("boom") == 1
    bench.tick(0, T)
    assert bench.newest["health"]["query_error"] == "boom"
    bench.counting.note_query_running()
    bench.now_ms += 1_000
    bench.tick(0, T)
    assert bench.newest["health"]["query_error"] is None


def test_an_ingest_that_is_busy_is_waited_for_however_long_it_takes(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    sentence = "spark_job.executor.ingest_client.BusyError: ingest refused READ: too many connections"
    assert [bench.counting.note_query_failure(sentence) for _ in range(20)] == [0] * 20
    assert bench.counting.note_query_failure("error") == 1


def test_a_clock_of_the_job_that_is_set_back_silences_nothing_and_makes_no_negative_time(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T))
    started_ms = bench.now_ms
    bench.now_ms -= 3_600_000
    bench.tick(1, T + 500)
    assert len(bench.offered) == 2
    bench.counting.count(counted([post(["b"], T + 600)], bench.next_offset(), bench.state.pane_ms), 1, started_ms)
    assert bench.newest["health"]["batch_ms"] == 0

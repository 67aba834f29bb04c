"""Which times were counted: rates go by the time that exists, and a part of a window is told as one."""

from typing import Any, cast

import pytest
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import counted
from tests.spark_job.test_coordinator import Bench, bench

from spark_job.executor.ingest_client import Status
from spark_job.snapshot_schema import Ingest

__all__ = ["bench"]


def seen(end: int, watermark_ms: int, started_ms: int) -> Ingest:
    status = {"log": "log-a", "first": 0, "end": end, "acked": 0, "trimmed_unread": 0, "watermark_ms": watermark_ms}
    whole = cast("Status", status | {"limit": None, "sources": [], "started_ms": started_ms})
    return Ingest(reachable=True, since_ms=T, error=None, status=whole)


def tick(bench: Bench, end: int, watermark_ms: int, started_ms: int = T) -> dict[str, Any]:
    bench.now_ms += 10_000_000
    bench.counting.tick(seen(end, watermark_ms, started_ms), 0)
    return bench.newest


def post_each_100_ms(bench: Bench, from_ms: int, to_ms: int) -> None:
    bench.count(*(post(["a"], at_ms) for at_ms in range(from_ms, to_ms, 100)))


def coverage(snapshot: dict[str, Any]) -> tuple[int, int, bool]:
    told = snapshot["coverage"]
    return told["from_ms"] - T, told["missing_ms"], told["before"]


@pytest.mark.parametrize("seconds", [1, 5, 9, 10, 11, 29, 30, 31, 60])
def test_the_rate_is_exact_from_the_first_second(bench: Bench, seconds: int) -> None:
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + seconds * 1_000)
    assert tick(bench, bench.next_offset(), T + seconds * 1_000)["health"]["posts_per_second"] == 10.0


def test_a_log_that_is_older_than_the_job_is_counted_from_its_first_post(bench: Bench) -> None:
    bench.now_ms = T + 20_000
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + 15_000)
    snapshot = tick(bench, 150, T + 15_000)
    assert coverage(snapshot) == (0, 0, False)
    assert snapshot["health"]["posts_per_second"] == 10.0


def test_a_quiet_source_has_a_rate_over_the_time_that_was_listened(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T + 9_000), post(["a"], T + 9_000))
    assert tick(bench, 2, T + 10_000)["health"]["posts_per_second"] == 0.2


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (5, (0, 0, False)),
        (29, (0, 0, False)),
        # Windows are of three panes: the two before T + 60 s are whole from T on.
        (49, (20_000, 0, False)),
        (51, (30_000, 0, True)),
        (70, (50_000, 0, True)),
    ],
)
def test_what_is_there_so_far(bench: Bench, seconds: int, expected: tuple[int, int, bool]) -> None:
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + seconds * 1_000)
    assert coverage(tick(bench, seconds * 10, T + seconds * 1_000)) == expected


def test_while_ingest_was_away_nothing_is_missing_but_that_time(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + 60_000)
    tick(bench, 600, T + 60_000)
    # It ended there, and another process began 40 s later.
    post_each_100_ms(bench, T + 100_000, T + 105_000)
    snapshot = tick(bench, 650, T + 105_000, started_ms=T + 100_000)
    assert coverage(snapshot) == (80_000, 20_000, False)
    assert snapshot["health"]["posts_per_second"] == 10.0
    assert tick(bench, 650, T + 149_000, started_ms=T + 100_000)["coverage"]["before"] is False
    assert tick(bench, 650, T + 150_000, started_ms=T + 100_000)["coverage"]["before"] is True


def test_a_restart_of_ingest_within_a_moment_changes_nothing(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + 70_000)
    tick(bench, 700, T + 70_000)
    assert coverage(tick(bench, 700, T + 71_000, started_ms=T + 70_200)) == (50_000, 200, True)


def test_a_restart_of_the_job_alone_misses_nothing(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + 70_000)
    tick(bench, 700, T + 70_000)
    bench.counting.close()
    again = Bench(bench.state._path.parent)
    again.resume("log-a", 0, 700)
    post_each_100_ms(again, T + 70_000, T + 130_000)
    snapshot = tick(again, 1300, T + 130_000)
    assert coverage(snapshot) == (110_000, 0, True)
    assert snapshot["health"]["posts_per_second"] == 10.0
    again.counting.close()


def test_a_restart_of_all_misses_the_time_between(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + 70_000)
    tick(bench, 700, T + 70_000)
    bench.counting.close()
    again = Bench(bench.state._path.parent)
    tick(again, 700, T + 90_000, started_ms=T + 90_000)
    again.resume("log-a", 0, 700)
    post_each_100_ms(again, T + 90_000, T + 95_000)
    snapshot = tick(again, 750, T + 95_000, started_ms=T + 90_000)
    assert coverage(snapshot) == (70_000, 20_000, False)
    assert snapshot["health"]["posts_per_second"] == 10.0
    again.counting.close()


def test_posts_that_were_lost_leave_a_gap(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + 60_000)
    posts = [post(["a"], at_ms) for at_ms in range(T + 80_000, T + 85_000, 100)]
    bench.counting.count(counted(posts, 800, bench.state.pane_ms), 1, T)
    snapshot = tick(bench, 850, T + 85_000)
    assert snapshot["health"]["lost"] == 200
    assert coverage(snapshot) == (60_000, 20_000, False)
    # The gap begins with the last post that was counted, 100 ms before it: 150 posts in 14.9 s.
    assert snapshot["health"]["posts_per_second"] == 10.1


def test_a_log_that_holds_nothing_of_what_was_not_counted_leaves_a_gap(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + 60_000)
    trimmed = seen(900, T + 90_000, T)
    assert trimmed.status is not None
    trimmed.status["first"] = 900
    bench.now_ms = T + 91_000
    bench.counting.tick(trimmed, 0)
    assert bench.newest["coverage"]["missing_ms"] >= 20_000
    assert bench.newest["coverage"]["before"] is False


def test_a_clock_that_was_set_back_begins_the_window_again(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    post_each_100_ms(bench, T, T + 70_000)
    tick(bench, 700, T + 70_000)
    tick(bench, 750, T - 595_000)
    post_each_100_ms(bench, T - 600_000, T - 595_000)
    snapshot = tick(bench, 750, T - 595_000)
    assert coverage(snapshot) == (-600_000, 0, False)
    assert snapshot["health"]["posts_per_second"] == 10.0


def test_what_was_in_the_batch_before_is_unknown_for_the_first_batch(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post(["a"], T), post(["a", "b"], T))
    assert [leader["posts_before"] for leader in bench.newest["batch"]["top"]] == [None, None]
    bench.count(post(["a", "c"], T))
    assert [leader["posts_before"] for leader in bench.newest["batch"]["top"]] == [2, 0]


def test_what_a_full_batch_before_did_not_list_is_unknown(bench: Bench) -> None:
    bench.resume("log-a", 0, 0)
    bench.count(post([f"t{number:02}" for number in range(50)], T))
    bench.count(post(["t00", "new"], T))
    assert [leader["posts_before"] for leader in bench.newest["batch"]["top"]] == [None, 1]

"""No pane closes before its posts are counted, and no idle partition holds one open."""

from spark_job.executor.kafka_slices import CountedSlice
from spark_job.kafka.watermark import Watermark, waiting


def test_nothing_is_known_at_the_start() -> None:
    assert Watermark().reached_ms({0: 5}) == 0


def test_a_promise_holds_when_all_before_it_is_counted() -> None:
    watermark = Watermark()
    watermark.promise(1000, {0: 10, 1: 20})
    assert watermark.reached_ms({0: 10, 1: 19}) == 0
    assert watermark.reached_ms({0: 10, 1: 20}) == 1000


def test_a_newer_promise_does_not_replace_one_that_is_not_reached() -> None:
    watermark = Watermark()
    watermark.promise(1000, {0: 10})
    watermark.promise(2000, {0: 30})
    assert watermark.reached_ms({0: 12}) == 1000
    assert watermark.reached_ms({0: 30}) == 2000


def test_in_a_backlog_the_partition_that_is_behind_decides() -> None:
    watermark = Watermark()
    watermark.promise(9000, {0: 100, 1: 100, 2: 7})
    watermark.note([CountedSlice(0, 0, 50, 50, newest_at_ms=5000), CountedSlice(1, 0, 40, 40, newest_at_ms=4000)])
    assert watermark.reached_ms({0: 50, 1: 40, 2: 7}) == 4000
    watermark.note([CountedSlice(1, 40, 100, 60, newest_at_ms=8000)])
    assert watermark.reached_ms({0: 50, 1: 100, 2: 7}) == 5000


def test_an_idle_or_empty_partition_holds_nothing() -> None:
    watermark = Watermark()
    watermark.promise(9000, {0: 100, 1: 0, 2: 5})
    watermark.note([CountedSlice(0, 0, 50, 50, newest_at_ms=5000)])
    assert watermark.reached_ms({0: 50, 2: 5}) == 5000


def test_a_partition_of_which_nothing_was_counted_yet_holds_it() -> None:
    watermark = Watermark()
    watermark.promise(9000, {0: 100, 1: 3})
    watermark.note([CountedSlice(0, 0, 50, 50, newest_at_ms=5000)])
    assert watermark.reached_ms({0: 50, 1: 0}) == 0


def test_it_never_falls() -> None:
    watermark = Watermark()
    watermark.promise(5000, {0: 1})
    assert watermark.reached_ms({0: 1}) == 5000
    watermark.promise(4000, {0: 2})
    watermark.note([CountedSlice(0, 1, 2, 1, newest_at_ms=3000)])
    assert watermark.reached_ms({0: 2}) == 5000


def test_a_post_that_is_ahead_of_every_promise_does_not_move_it_beyond() -> None:
    watermark = Watermark()
    watermark.promise(5000, {0: 9})
    watermark.note([CountedSlice(0, 0, 1, 1, newest_at_ms=540_000)])
    assert watermark.reached_ms({0: 1}) == 5000


def test_a_copy_changes_nothing_of_the_other() -> None:
    watermark = Watermark()
    watermark.promise(5000, {0: 1, 1: 1})
    copied = watermark.copy()
    copied.note([CountedSlice(0, 0, 1, 1, newest_at_ms=3000)])
    assert (copied.reached_ms({0: 1, 1: 1}), copied.fulfilled_ms) == (5000, 5000)
    assert (watermark.reached_ms({0: 1, 1: 0}), watermark.fulfilled_ms) == (0, 0)


def test_what_waits_is_counted_from_0_in_a_new_partition() -> None:
    assert waiting({0: 5}, {0: 5, 1: 2}) == {1: 2}

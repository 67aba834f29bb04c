"""Posts from before the first start: only a log that nobody has read takes them."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ingest.conftest import MakePost, ManualClock, OpenSpool

from ingest.posts.post import Post
from ingest.spool.spool import Spool


def lines_of(spool: Spool) -> list[dict[str, object]]:
    with spool.reader() as reader:
        stored = reader.range(0, spool.end)
        return [json.loads(line) for lines in reader.lines(stored) for line in lines.splitlines()]


def test_a_new_log_takes_them_with_their_times_before_all_other_posts(
    open_spool: OpenSpool, make_post: MakePost, manual_clock: ManualClock
) -> None:
    spool = open_spool()
    assert spool.is_new
    spool.write_past([(100, [make_post("a"), make_post("b")]), (200, []), (300, [make_post("c")])])
    spool.append([make_post("d")], {})
    now_ms = manual_clock.wall_ms()
    assert [(post["offset"], post["text"], post["at_ms"]) for post in lines_of(spool)] == [
        (0, "a", 100),
        (1, "b", 100),
        (2, "c", 300),
        (3, "d", now_ms),
    ]
    assert spool.marks().watermark_ms >= now_ms


def test_it_survives_a_restart_and_is_trimmed_like_posts_of_now(
    open_spool: OpenSpool, make_post: MakePost, manual_clock: ManualClock
) -> None:
    spool = open_spool(max_age_seconds=10)
    spool.write_past([(100, [make_post("a")])])
    spool.close()
    spool = open_spool(max_age_seconds=10)
    assert not spool.is_new
    spool.ack(spool.log, 1)
    assert spool.trim() == 0
    manual_clock.pass_ms(10_000)
    assert spool.trim() == 1


@pytest.mark.parametrize("before", ["posts", "no posts", "a deleted file", "a broken file"])
def test_a_log_that_may_have_been_read_takes_none(
    open_spool: OpenSpool, make_post: MakePost, tmp_path: Path, before: str
) -> None:
    spool = open_spool()
    if before != "no posts":
        spool.append([make_post("a")], {})
    spool.close()
    for path in (tmp_path / "spool").glob("spool.sqlite*"):
        if before == "a deleted file":
            path.unlink()
        elif before == "a broken file":
            path.write_bytes(b"x" * 100_000)
    spool = open_spool()
    end = spool.end
    spool.write_past([(100, [make_post("b")])])
    assert (spool.is_new, spool.end) == (False, end)


def test_a_past_that_would_fill_half_of_the_file_is_not_written(
    open_spool: OpenSpool, make_post: MakePost, caplog: pytest.LogCaptureFixture
) -> None:
    spool = open_spool(max_bytes=2**20)
    spool.write_past((1000 * number, [make_post("x" * 10_000)]) for number in range(60))
    assert spool.end == 0
    assert "it would fill half of the spool" in caplog.text
    spool.append([make_post("a")], {})
    assert [post["text"] for post in lines_of(spool)] == ["a"]


def test_a_full_disk_is_no_reason_not_to_start(
    open_spool: OpenSpool, make_post: MakePost, caplog: pytest.LogCaptureFixture
) -> None:
    spool = open_spool()

    def runs() -> Iterator[tuple[int, list[Post]]]:
        yield 100, [make_post("a")]
        raise sqlite3.OperationalError("database or disk is full")

    spool.write_past(runs())
    assert spool.end == 0
    assert "disk is full" in caplog.text
    spool.append([make_post("b")], {})
    assert [post["text"] for post in lines_of(spool)] == ["b"]

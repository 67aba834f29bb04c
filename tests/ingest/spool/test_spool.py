"""The spool: appended posts can be read, always the same, until they are trimmed."""

import json
import sqlite3
from pathlib import Path

import pytest
from tests.ingest.conftest import MakePost, ManualClock, OpenSpool

from ingest.spool.file import CHECKPOINT_BYTES
from ingest.spool.marks import AckError
from ingest.spool.reader import TrimmedError
from ingest.spool.spool import Spool, SpoolError


def read(spool: Spool, start: int, end: int) -> tuple[int, list[str]]:
    """Return the first offset and the texts."""
    with spool.reader() as reader:
        held = reader.range(start, end)
        data = b"".join(reader.lines(held))
    posts = [json.loads(line) for line in data.splitlines()]
    assert len(data) == held.bytes
    assert [post["offset"] for post in posts] == list(range(held.first, held.first + held.posts))
    return held.first, [post["text"] for post in posts]


def test_a_new_spool_is_empty_and_has_a_random_id(open_spool: OpenSpool) -> None:
    marks = open_spool().marks()
    assert (marks.first, marks.end, marks.acked, marks.trimmed_unread) == (0, 0, 0, 0)
    assert len(marks.log) == 16


def test_any_range_can_be_read(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    for run in (["a", "b", "c"], ["d"], ["e", "f"]):
        spool.append([make_post(text) for text in run], {})
    texts = "abcdef"
    for start in range(8):
        for end in range(start, 9):
            assert read(spool, start, end) == (start, list(texts[start:end]))


def test_a_run_has_the_time_of_its_commit(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost
) -> None:
    spool = open_spool()
    spool.append([make_post("a"), make_post("b")], {})
    manual_clock.pass_ms(1500)
    spool.append([make_post("c")], {})
    with spool.reader() as reader:
        lines = b"".join(reader.lines(reader.range(0, 3))).splitlines()
    assert [json.loads(line)["at_ms"] for line in lines] == [1_000_000, 1_000_000, 1_001_500]
    assert spool.marks().watermark_ms == 1_001_500


def test_everything_survives_a_reopening(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    spool.append([make_post("a"), make_post("b")], {"demo": b"progress"})
    spool.ack(spool.log, 1)
    before = spool.marks()
    spool.close()
    again = open_spool()
    assert again.marks() == before
    assert read(again, 0, 9) == (0, ["a", "b"])


def test_a_folder_in_use_is_refused_with_a_sentence(open_spool: OpenSpool, tmp_path: Path) -> None:
    open_spool()
    with pytest.raises(SpoolError, match=f"another ingest is using {tmp_path}"):
        open_spool()


def test_a_folder_that_cannot_be_created_is_refused_with_a_sentence(open_spool: OpenSpool, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(SpoolError, match="can't be used"):
        open_spool()


def test_an_ack_moves_only_forward(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    spool.append([make_post(), make_post()], {})
    assert spool.ack(spool.log, 2) == 2
    assert spool.ack(spool.log, 1) == 2


def test_an_ack_of_another_log_or_beyond_the_end_changes_nothing(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    spool.append([make_post()], {})
    with pytest.raises(AckError, match="not another"):
        spool.ack("another", 1)
    with pytest.raises(AckError, match="ends at 1, before 2"):
        spool.ack(spool.log, 2)
    assert spool.marks().acked == 0


def test_only_acknowledged_posts_are_deleted_by_age(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost
) -> None:
    spool = open_spool(max_age_seconds=10)
    for text in "abc":
        spool.append([make_post(text)], {})
        manual_clock.pass_ms(6000)
    assert spool.trim() == 0
    spool.ack(spool.log, 3)
    assert spool.trim() == 2
    assert spool.marks().trimmed_unread == 0
    assert read(spool, 0, 9) == (2, ["c"])
    manual_clock.pass_ms(60_000)
    assert spool.trim() == 3
    assert read(spool, 0, 9) == (3, [])
    spool.append([make_post("d")], {})
    assert read(spool, 0, 9) == (3, ["d"])


def test_an_acknowledged_post_is_deleted_at_the_age_bound_and_an_unread_one_never(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost
) -> None:
    spool = open_spool(max_age_seconds=10)
    spool.append([make_post("counted"), make_post("counted")], {})
    spool.append([make_post("half"), make_post("counted")], {})
    spool.ack(spool.log, 3)
    manual_clock.pass_ms(9_999)
    assert spool.trim() == 0
    manual_clock.pass_ms(1)
    assert spool.trim() == 2
    manual_clock.pass_ms(10**9)
    assert spool.trim() == 2
    assert spool.marks().trimmed_unread == 0


@pytest.mark.parametrize("step_ms", [-3_600_000, 31_536_000_000], ids=["an hour back", "a year forward"])
def test_posts_are_stored_for_their_time_even_if_the_wall_clock_is_set(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost, step_ms: int
) -> None:
    spool = open_spool(max_age_seconds=3600)

    def append() -> int:
        spool.append([make_post(f"{spool.end}")], {})
        spool.ack(spool.log, spool.end)
        return spool.marks().watermark_ms

    before_ms = append()
    manual_clock.wall += step_ms
    assert append() == before_ms + step_ms
    manual_clock.pass_ms(1_800_000)
    assert spool.trim() == 0
    manual_clock.wall -= step_ms
    assert append() == before_ms + 1_800_000
    assert read(spool, 0, 9) == (0, ["0", "1", "2"])
    with spool.reader() as reader:
        lines = b"".join(reader.lines(reader.range(0, 9))).splitlines()
    assert [json.loads(line)["at_ms"] for line in lines] == [before_ms, before_ms + step_ms, before_ms + 1_800_000]
    manual_clock.pass_ms(1_799_999)
    assert spool.trim() == 0
    manual_clock.pass_ms(1)
    assert spool.trim() == 2
    manual_clock.pass_ms(1_800_000)
    assert spool.trim() == 3


def test_posts_from_the_future_are_deleted_in_time_also_after_a_restart(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost
) -> None:
    manual_clock.wall += 31_536_000_000
    spool = open_spool(max_age_seconds=3600)
    spool.append([make_post("from next year")], {})
    spool.ack(spool.log, 1)
    spool.close()
    manual_clock.wall -= 31_536_000_000
    spool = open_spool(max_age_seconds=3600)
    manual_clock.pass_ms(3_599_999)
    assert spool.trim() == 0
    manual_clock.pass_ms(1)
    assert spool.trim() == 1


def test_a_wrong_clock_at_a_restart_deletes_only_acknowledged_posts(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost
) -> None:
    spool = open_spool(max_age_seconds=3600)
    for text in ("counted", "unread"):
        spool.append([make_post(text)], {})
    spool.ack(spool.log, 1)
    spool.close()
    manual_clock.wall += 31_536_000_000
    spool = open_spool(max_age_seconds=3600)
    assert spool.trim() == 1
    assert (read(spool, 0, 9), spool.marks().trimmed_unread) == ((1, ["unread"]), 0)


def test_a_full_spool_drops_the_oldest_posts_and_counts_the_unread(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool(max_bytes=2**20)
    text = "x" * 100_000
    for _ in range(5):
        spool.append([make_post(text)], {})
    spool.ack(spool.log, 3)
    for _ in range(20):
        spool.append([make_post(text)], {})
    marks = spool.marks()
    assert marks.end == 25
    assert 25 - marks.first in range(7, 11)
    assert marks.trimmed_unread == marks.first - 3
    spool.close()
    assert open_spool().marks().trimmed_unread == marks.trimmed_unread


def test_the_file_stays_bounded(open_spool: OpenSpool, make_post: MakePost, tmp_path: Path) -> None:
    spool = open_spool(max_bytes=2**20)
    for _ in range(100):
        spool.append([make_post("x" * 100_000)], {})
    spool.close()
    assert (tmp_path / "spool" / "spool.sqlite").stat().st_size <= 2**20 + 2**17


def test_disk_space_is_returned_when_many_posts_were_trimmed(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost, tmp_path: Path
) -> None:
    spool = open_spool(max_age_seconds=1)
    for _ in range(20):
        spool.append([make_post("x" * 2**20)], {})
    spool.ack(spool.log, 20)
    manual_clock.pass_ms(5000)
    spool.trim()
    spool.close()
    assert (tmp_path / "spool" / "spool.sqlite").stat().st_size < 2**20


def test_a_run_that_is_trimmed_while_it_is_read_is_an_error(
    open_spool: OpenSpool, manual_clock: ManualClock, make_post: MakePost
) -> None:
    spool = open_spool(max_age_seconds=0)
    spool.append([make_post("a")], {})
    spool.append([make_post("b")], {})
    with spool.reader() as reader:
        lines = reader.lines(reader.range(0, 2))
        next(lines)
        spool.ack(spool.log, 2)
        manual_clock.pass_ms(1)
        spool.trim()
        with pytest.raises(TrimmedError):
            next(lines)


def test_a_reader_that_pauses_has_no_open_transaction(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    spool.append([make_post("a")], {})
    spool.append([make_post("b")], {})
    with spool.reader() as reader:
        lines = reader.lines(reader.range(0, 2))
        next(lines)
        busy, _, _ = spool._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy == 0


def test_posts_and_progress_are_committed_together_or_not_at_all(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    spool.append([make_post("a")], {"demo": b"1"})
    spool._db.execute("CREATE TRIGGER full BEFORE UPDATE ON log BEGIN SELECT RAISE(FAIL, 'disk full'); END")
    with pytest.raises(sqlite3.Error, match="disk full"):
        spool.append([make_post("b")], {"demo": b"2"})
    spool._db.execute("DROP TRIGGER full")
    assert spool.end == 1
    assert read(spool, 0, 9) == (0, ["a"])
    assert spool.progress() == {"demo": b"1"}
    spool.append([make_post("c")], {})
    assert read(spool, 0, 9) == (0, ["a", "c"])


def test_the_progress_of_a_source_stays_while_others_come_and_go(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    spool.append([make_post("a")], {"x": b"1", "demo": b"2"})
    spool.close()
    spool = open_spool()
    spool.append([make_post("b")], {"demo": b"3"})
    spool.close()
    assert open_spool().progress() == {"x": b"1", "demo": b"3"}


def test_waiting_for_posts_ends_when_they_come(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    assert spool.wait_beyond(0, 0.0) == 0
    spool.append([make_post("a")], {})
    assert spool.wait_beyond(0, 60.0) == 1


def test_the_write_ahead_log_is_bounded(open_spool: OpenSpool, make_post: MakePost, tmp_path: Path) -> None:
    spool = open_spool()
    sizes = []
    for _ in range(50):
        spool.append([make_post("x" * 2**20)], {})
        (wal,) = tmp_path.rglob("spool.sqlite-wal")
        sizes.append(wal.stat().st_size)
    assert 2**21 < max(sizes) < CHECKPOINT_BYTES + 2**22

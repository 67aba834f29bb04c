"""Each closed hour becomes one Parquet file, with the rows that a recount of the posts gives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.hours import HOUR_MS, files, posts_over, recounted, stored
from tests.spark_job.support.tally import counted

from spark_job.archive import hour_rows, writer
from spark_job.archive.day_sums import DaySums
from spark_job.archive.hour_file import about_file
from spark_job.archive.writer import ArchiveWriter, Rules
from spark_job.changes.change import Change, ChangedTag
from spark_job.state import open_hours
from spark_job.state.open_hours import GRACE_MS, OpenHours
from spark_job.state.store import State
from spark_job.state.take_back import take_back

PANE_MS, WINDOW_MS = 30_000, 90_000
#: A full hour: 2026-11-20T12:00:00Z.
T = 1_795_176_000_000
FIRST = "date=2026-11-20/hour-12.parquet"
SECOND = "date=2026-11-20/hour-13.parquet"


class Desk:
    """A state with an archive. Time is what the posts and the watermark say."""

    def __init__(self, folder: Path, *, pane_ms: int = PANE_MS, days: int = 0, log: str = "log-a") -> None:
        self.folder, self.pane_ms, self.days, self.log = folder / "archive", pane_ms, days, log
        self.path = folder / "counts" / "counts.duckdb"
        self.changes = 0
        self.open()
        if self.state.progress() is None:
            self.state.begin_epoch(log, 0, T, "first start")

    def open(self, *, is_on: bool = True) -> None:
        self.hours = OpenHours(5 if is_on else None)
        self.state = State(self.path, self.pane_ms, 3 * self.pane_ms, hours=self.hours)
        rules, beside = Rules(self.folder, self.days), self.path.parent
        sums = DaySums(beside / "days")
        self.writer = ArchiveWriter(rules, self.hours, self.state.reader, beside / "scratch", sums)

    def restart(self, *, is_on: bool = True) -> None:
        self.state.close()
        self.open(is_on=is_on)

    @property
    def progress(self) -> Any:
        return self.state.progress()

    def count(self, posts: list[dict[str, Any]], each: int = 5000) -> None:
        """Count posts in micro-batches. Those that have `deleted` are taken back right after."""
        for place in range(0, len(posts), each):
            batch = posts[place : place + each]
            begin = self.progress.next_offset
            self.state.apply(*counted(batch, begin, self.pane_ms))
            self.delete([(begin + n, one) for n, one in enumerate(batch) if one.get("deleted")])

    def delete(self, posts: list[tuple[int, dict[str, Any]]]) -> None:
        changes = []
        for offset, one in posts:
            tags = [ChangedTag(**tag) for tag in one["tags"]]
            of_post = (offset, f"demo:{offset}", one["at_ms"], one["source"], one["lang"], tags)
            changes.append(Change(self.changes, "deleted", one["at_ms"], *of_post))
            self.changes += 1
        take_back(self.state, self.log, changes, self.changes)

    def pass_hour(self, hour_ms: int) -> None:
        """Let the clock of the stream pass the time at which this hour is decided."""
        self.state.close_panes(hour_ms + HOUR_MS + GRACE_MS)

    def write(self) -> list[str]:
        """Write what waits, and list the files."""
        assert self.writer.write_waiting()
        return files(self.folder)

    def rows(self, name: str) -> Any:
        return stored(self.folder / name)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.state.close()


def test_two_hours_have_the_rows_of_a_recount(desk: Desk) -> None:
    # Many small micro-batches, and some panes in each.
    posts = posts_over(1, T + HOUR_MS - 300_000, 1 / 6, 4000)
    desk.count(posts, each=100)
    desk.pass_hour(T + HOUR_MS)
    assert desk.write() == [FIRST, SECOND]
    expected = recounted(posts)
    assert len(expected[T]) > 500
    assert desk.rows(FIRST) == expected[T]
    assert desk.rows(SECOND) == expected[T + HOUR_MS]


def test_a_backlog_of_hours_in_one_micro_batch_has_the_same_rows(desk: Desk) -> None:
    posts = [{**one, "deleted": False} for one in posts_over(2, T + HOUR_MS * 4 // 5, 0.4, 12_000)]
    desk.count(posts, each=len(posts))
    desk.pass_hour(T + HOUR_MS)
    expected = recounted(posts)
    assert [desk.rows(name) for name in desk.write()] == [expected[T], expected[T + HOUR_MS]]


def test_nothing_is_written_before_some_minutes_after_the_end_of_the_hour(desk: Desk) -> None:
    desk.count([post(["a"], T + n) for n in range(5)])
    desk.state.close_panes(T + HOUR_MS + GRACE_MS - PANE_MS)
    assert desk.write() == []
    desk.pass_hour(T)
    assert desk.write() == [FIRST]


def test_a_tag_with_fewer_posts_in_the_hour_is_left_out(desk: Desk) -> None:
    desk.count([post(["four"] if n < 4 else ["five"], T + n * 60_000) for n in range(9)])
    desk.pass_hour(T)
    desk.write()
    assert [(row[3], row[5]) for row in desk.rows(FIRST)] == [("five", 1)] * 5


def test_an_hour_without_posts_has_no_file(desk: Desk) -> None:
    desk.count([post(["a"], T + n) for n in range(5)])
    desk.count([post(["a"], T + 2 * HOUR_MS)])
    desk.pass_hour(T + HOUR_MS)
    assert desk.write() == [FIRST]


def test_an_hour_that_is_written_leaves_nothing_in_the_state_file(desk: Desk) -> None:
    desk.count(posts_over(3, T, 0.2, 500))
    desk.pass_hour(T)
    desk.write()
    desk.state.close_panes(T + HOUR_MS + GRACE_MS + PANE_MS)
    for table in ("archive_panes", "archive_taken_back"):
        assert desk.state.db.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]
    assert desk.hours.on_disk == {T}
    desk.state.close_panes(T + HOUR_MS + GRACE_MS + 2 * PANE_MS)
    assert desk.hours.on_disk == set()


def test_a_kill_after_the_file_is_there_writes_the_same_bytes_again(desk: Desk) -> None:
    desk.count(posts_over(4, T, 0.2, 2000))
    desk.pass_hour(T)
    desk.write()
    before = (desk.folder / FIRST).read_bytes()
    (desk.folder / FIRST).chmod(0o600)
    # The state has not noted it.
    desk.restart()
    assert desk.hours.waiting() == [T]
    desk.write()
    assert (desk.folder / FIRST).read_bytes() == before
    assert (desk.folder / FIRST).stat().st_mode & 0o777 == 0o644


def test_a_transaction_that_is_rolled_back_adds_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = posts_over(5, T, 0.2, 1000)
    desk.count(posts[:500])
    with monkeypatch.context() as patch:
        # After the panes were added.
        patch.setattr(desk.hours, "_decide", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            desk.count(posts[500:])
    desk.count(posts[500:])
    desk.pass_hour(T)
    desk.write()
    assert desk.rows(FIRST) == recounted(posts)[T]


def test_a_deletion_counts_until_its_hour_is_decided(desk: Desk) -> None:
    posts = [post(["a"], T + n) for n in range(6)]
    desk.count([*posts, post(["a"], T + HOUR_MS)])
    desk.state.close_panes(T + HOUR_MS + GRACE_MS - PANE_MS)
    # Windows have forgotten these posts long ago.
    desk.delete([(0, posts[0]), (1, posts[1])])
    desk.pass_hour(T)
    desk.delete([(2, posts[2])])
    desk.write()
    assert [(row[5], row[7]) for row in desk.rows(FIRST)] == [(6, 2)]


def test_a_post_that_comes_late_is_in_its_minute(desk: Desk) -> None:
    early, late = [post(["a"], T + n * 1000, author=n) for n in range(5)], post(["a"], T + 9_000, author=9)
    desk.count([*early, post(["b"], T + 2 * PANE_MS)])
    desk.count([late])
    desk.pass_hour(T)
    desk.write()
    assert desk.rows(FIRST) == recounted([*early, late, post(["b"], T + 2 * PANE_MS)])[T]
    assert desk.rows(FIRST)[0][5:7] == (6, 6)


def test_posts_that_come_after_their_hour_was_written_are_counted_as_dropped(desk: Desk) -> None:
    posts = [post(["a"], T + n) for n in range(5)]
    desk.count(posts)
    desk.pass_hour(T)
    desk.write()
    desk.state.begin_window("ingest's clock was set back")
    desk.count([post(["a"], T + n) for n in range(5)])
    desk.pass_hour(T)
    assert desk.write() == [FIRST]
    assert desk.rows(FIRST) == recounted(posts)[T]
    assert desk.state.db.execute("FROM archive_dropped").fetchall() == [(T, 5)]


def test_a_clock_that_is_set_back_within_an_hour_counts_all_its_posts(desk: Desk) -> None:
    first, again = posts_over(6, T, 0.1, 800), posts_over(7, T, 0.15, 800)
    desk.count(first)
    desk.state.begin_window("ingest's clock was set back")
    desk.count(again)
    desk.pass_hour(T)
    desk.write()
    of_posts = {row[:4]: row[5] for row in recounted([*first, *again])[T]}
    assert {row[:4]: row[5] for row in desk.rows(FIRST)} == of_posts


def test_an_epoch_of_another_log_adds_to_the_hour(desk: Desk) -> None:
    first, second = posts_over(8, T, 0.1, 700), posts_over(9, T + HOUR_MS // 2, 0.1, 700)
    desk.count(first)
    desk.state.begin_epoch("log-b", 0, T + HOUR_MS // 2, "another log")
    desk.log, desk.changes = "log-b", 0
    desk.count(second)
    desk.pass_hour(T)
    desk.write()
    assert {row[:8] for row in desk.rows(FIRST)} == {row[:8] for row in recounted([*first, *second])[T]}


@pytest.mark.parametrize("trimmed", [0, 600])
def test_an_epoch_that_counts_the_same_log_again_counts_nothing_twice(desk: Desk, trimmed: int) -> None:
    posts = posts_over(10, T, 0.2, 2000)
    # The posts that ingest has trimmed end with a pane.
    pane_ms = posts[trimmed]["at_ms"] // PANE_MS * PANE_MS
    begin = next(n for n, one in enumerate(posts) if one["at_ms"] >= pane_ms) if trimmed else 0
    desk.count(posts[:1500])
    desk.restart()
    desk.state.begin_epoch("log-a", begin, T + HOUR_MS, "the spool was restored")
    desk.changes = 0
    desk.count(posts[begin:])
    desk.pass_hour(T)
    desk.write()
    assert [row[:8] for row in desk.rows(FIRST)] == [row[:8] for row in recounted(posts)[T]]


def test_an_hour_that_waits_for_its_file_keeps_its_rows_when_the_same_log_is_counted_again(desk: Desk) -> None:
    posts = posts_over(12, T, 0.2, 600)
    desk.count(posts)
    desk.pass_hour(T)
    desk.restart()
    desk.state.begin_epoch("log-a", 0, T + 2 * HOUR_MS, "the spool was restored")
    desk.changes = 0
    desk.count(posts)
    desk.pass_hour(T)
    assert desk.write() == [FIRST]
    assert desk.rows(FIRST) == recounted(posts)[T]


def test_an_hour_of_another_decision_is_not_written_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for place, count in enumerate((5, 7)):
        desk = Desk(tmp_path, log=f"log-{place}")
        desk.count([post(["a"], T + n) for n in range(count)])
        desk.pass_hour(T)
        desk.write()
        assert [row[5] for row in desk.rows(FIRST)] == [5]
        assert ("is there already, and stays" in caplog.text) == bool(place)
        desk.state.close()
        # The state is lost, and all is counted again, some milliseconds later.
        desk.path.rename(tmp_path / f"old-{place}")
        if not place:
            about = about_file(desk.folder / FIRST)
            assert about is not None
            about_id = f"{T}-{T}"
            assert about.id == about_id
            state = State(desk.path, PANE_MS, WINDOW_MS)
            state.begin_epoch("log-1", 0, T + 1, "first start")
            state.close()


def test_a_damaged_file_is_set_aside(desk: Desk) -> None:
    (desk.folder / FIRST).parent.mkdir(parents=True)
    (desk.folder / FIRST).write_bytes(b"PAR1 and nothing else")
    desk.count([post(["a"], T + n) for n in range(5)])
    desk.pass_hour(T)
    assert desk.write() == ["date=2026-11-20/.hour-12.parquet.broken", FIRST]


@pytest.mark.parametrize("pane_ms", [45_000, 3_600_000])
def test_panes_that_do_not_divide_a_minute_count_for_the_minute_in_which_they_begin(
    tmp_path: Path, pane_ms: int
) -> None:
    desk = Desk(tmp_path, pane_ms=pane_ms)
    posts = [{**one, "deleted": False} for one in posts_over(11, T + HOUR_MS - 300_000, 0.2, 800)]
    desk.count(posts)
    desk.state.close_panes(T + 3 * HOUR_MS + GRACE_MS)
    moved = [{**one, "at_ms": one["at_ms"] - one["at_ms"] % pane_ms} for one in posts]
    expected = recounted(moved)
    assert [desk.rows(name) for name in desk.write()] == [expected[hour] for hour in sorted(expected)]
    desk.state.close()


def test_a_file_says_what_it_is(desk: Desk) -> None:
    desk.state.uncounted.begin(T + 60_000)
    desk.count([post(["a"], T + 61_000 + n) for n in range(5)])
    desk.state.note_gap(T + 120_000, T + 150_000)
    desk.pass_hour(T)
    desk.write()
    about = about_file(desk.folder / FIRST)
    assert about is not None
    assert (about.hour_ms, about.counted_from_ms, about.missing_ms) == (T, T + 60_000, 30_000)
    assert (about.min_posts, about.dropped_posts) == (5, 0)
    file = pq.ParquetFile(desk.folder / FIRST)
    assert {file.metadata.row_group(0).column(n).compression for n in range(file.metadata.num_columns)} == {"ZSTD"}
    names = ["minute", "source", "lang", "tag", "label", "posts", "authors", "taken_back", "hour_authors", "one_of"]
    assert file.schema_arrow.names == names


def test_a_folder_that_can_not_be_written_is_said_and_the_hour_comes_later(desk: Desk, tmp_path: Path) -> None:
    desk.folder.write_text("no folder")
    desk.count([post(["a"], T + n) for n in range(5)])
    desk.pass_hour(T)
    assert not desk.writer.write_waiting()
    assert desk.hours.notice == f"hours can't be archived in {str(desk.folder)!r}: Not a directory"
    desk.count([post(["a"], T + HOUR_MS + n) for n in range(GRACE_MS + 1, GRACE_MS + 6)])
    desk.pass_hour(T + HOUR_MS)
    assert not desk.writer.write_waiting()
    desk.folder.unlink()
    assert desk.write() == [FIRST, SECOND]
    assert desk.hours.notice is None


def test_a_state_that_is_closed_while_hours_wait_is_no_error_of_the_archive(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.count([post(["a"], T + n) for n in range(5)])
    desk.pass_hour(T)
    desk.state.close()
    assert not desk.writer.write_waiting()
    assert desk.hours.notice is None
    desk.open()
    assert desk.write() == [FIRST]
    desk.state.close()


def test_an_error_without_a_text_is_said_by_its_name(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(writer, "remove_old_days", refuse)
    assert not desk.writer.write_waiting()
    assert desk.hours.notice == f"hours can't be archived in {str(desk.folder)!r}: OSError"


def test_hours_that_wait_too_long_are_dropped_and_the_newest_stay(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(open_hours, "MOST_WAITING", 2)
    for hour in range(3):
        desk.count([post(["a"], T + hour * HOUR_MS + GRACE_MS + n) for n in range(1, 6)])
        desk.pass_hour(T + hour * HOUR_MS)
    assert desk.hours.waiting() == [T + HOUR_MS, T + 2 * HOUR_MS]
    assert "too many hours wait" in caplog.text
    assert desk.write() == [SECOND, "date=2026-11-20/hour-14.parquet"]


def test_only_the_newest_days_are_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path, days=2)
    for day in ("2026-11-01", "2026-11-02"):
        (desk.folder / f"date={day}").mkdir(parents=True)
        (desk.folder / f"date={day}" / "hour-00.parquet").touch()
    (desk.folder / "date=2026-11-01" / "notes.txt").touch()
    (desk.folder / "date=2026-11-02" / ".hour-01.parquet.partial").touch()
    (desk.folder / "mine").mkdir()
    desk.count([post(["a"], T + n) for n in range(5)])
    desk.pass_hour(T)
    kept = ["date=2026-11-01/notes.txt", "date=2026-11-02/.hour-01.parquet.partial", "date=2026-11-02/hour-00.parquet"]
    assert desk.write() == [*kept, FIRST]
    desk.count([post(["a"], T + 12 * HOUR_MS + n) for n in range(5)])
    desk.pass_hour(T + 12 * HOUR_MS)
    assert desk.write() == ["date=2026-11-01/notes.txt", FIRST, "date=2026-11-21/hour-00.parquet"]
    desk.state.close()


def test_without_an_archive_nothing_is_kept_for_it(desk: Desk) -> None:
    desk.count(posts_over(12, T, 0.1, 300))
    desk.restart(is_on=False)
    desk.count(posts_over(13, T + HOUR_MS // 2, 0.1, 300))
    desk.pass_hour(T)
    for table in open_hours.TABLES:
        assert desk.state.db.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]
    assert not desk.folder.exists()


def test_people_of_a_sample_are_multiplied(desk: Desk) -> None:
    posts = [post(["a"], T + n, author=n << 59) for n in range(32)]
    batch = counted(posts, 0, PANE_MS)
    # One of four authors is in the sample: those whose hash begins with two zero bits.
    levels = pa.repeat(pa.scalar(2, pa.int8()), len(batch.uses))
    uses = batch.uses.set_column(batch.uses.schema.get_field_index("level"), "level", levels)
    desk.state.apply(batch.counts, uses.filter(pc.less(uses["author"], pa.scalar(1 << 62, pa.uint64()))))
    desk.pass_hour(T)
    desk.write()
    table = pq.read_table(desk.folder / FIRST, partitioning=None)
    assert [table[name].to_pylist() for name in ("posts", "authors", "hour_authors", "one_of")] == [[32]] * 3 + [[4]]


def test_an_hour_with_too_many_tags_keeps_the_leading_ones_and_says_what_is_dropped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(open_hours, "MOST_COUNT_BYTES", 0)
    monkeypatch.setattr(open_hours, "MOST_USE_BYTES", 0)
    monkeypatch.setattr(open_hours, "LEADING_COUNTS", 1)
    desk.count([post(["rare"], T + n) for n in range(5)])
    desk.count([post(["rare"], T + PANE_MS), *(post(["often"], T + PANE_MS + n) for n in range(9))])
    desk.pass_hour(T)
    desk.write()
    assert [row[3:6] for row in desk.rows(FIRST)] == [("often", "often", 9), ("rare", "rare", 5)]
    about = about_file(desk.folder / FIRST)
    assert about is not None
    assert about.dropped_posts == 1
    assert "1 tagged posts are not in the archive: they have rare tags" in caplog.text


def test_an_hour_with_many_tags_has_the_same_rows_in_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hour_rows, "PART_TAGS", 10)
    monkeypatch.setattr(hour_rows, "ADD_SAMPLE", hour_rows.ADD_SAMPLE.replace(f"% {hour_rows.SAMPLED}", "% 1"))
    monkeypatch.setattr(hour_rows, "SAMPLED", 1)
    posts = posts_over(14, T, 0.1, 2000)
    desk.count(posts)
    desk.pass_hour(T)
    desk.write()
    assert desk.rows(FIRST) == recounted(posts)[T]
    tags = pq.read_table(desk.folder / FIRST, partitioning=None)["tag"].to_pylist()
    assert tags == sorted(tags)
    assert len({*tags}) > 30

"""Counts and the offset that they reach, in one DuckDB file and always in one transaction.

The stored offset is the only truth about what is counted. Rows of the open pane are appended batch by batch;
pane_closer.py folds them into final counts, totals and summaries.
"""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from spark_job.snapshot_schema import MAX_PANES, Pane
from spark_job.state.closed_panes import oldest_panes
from spark_job.state.coverage import Uncounted
from spark_job.state.file import open_checked, open_file
from spark_job.state.pane_closer import REPLAY, PaneCloser
from spark_job.state.sql import HASH

#: Every start of the job takes the next block of sequence numbers, so that a snapshot never has an older one's number.
SEQ_BLOCK = 1_000_000_000
#: A tag has many rows, and its hash costs more than a join.
TAKE_BATCH = f"""
INSERT INTO open_counts
WITH hashes AS (SELECT key, {HASH} AS hash FROM (SELECT DISTINCT key FROM batch WHERE key IS NOT NULL))
SELECT pane_ms, source, lang, key, label, posts, first_at_ms, hash FROM batch LEFT JOIN hashes USING (key)
WHERE pane_ms IS NOT NULL
"""  # noqa: S608 - put together from constants

TAKE_SOURCES = """
INSERT INTO total_sources
SELECT DISTINCT source FROM (
  SELECT source FROM batch WHERE key IS NULL AND pane_ms IS NOT NULL UNION ALL SELECT unnest($1::VARCHAR[]))
EXCEPT FROM total_sources
"""

BEGIN_EPOCH = """
INSERT INTO progress (epoch, log, next_offset, since_ms, reason, pane_ms,
  posts, lost, last_at_ms, closed_until_ms, dropped_tags, dropped_posts, skipped)
VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0)
"""

#: Rows without a pane tell of posts that could not be read.
COVERED = """
SELECT min(first_offset), max(last_offset), coalesce(sum(posts) FILTER (pane_ms IS NOT NULL), 0)::BIGINT,
  coalesce(sum(posts) FILTER (pane_ms IS NULL), 0)::BIGINT, min(first_at_ms),
  arg_max(last_at_ms, last_offset) FILTER (pane_ms IS NOT NULL)
FROM batch WHERE key IS NULL
"""


class CountedTwiceError(Exception):
    """A micro-batch begins before the stored offset: a bug, and never to be counted."""


class ClockSetBackError(Exception):
    """A micro-batch ends more than a window before closed panes; `begin_window` makes it countable."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far counting has come. `next_offset` is the first offset that isn't counted.

    `lost`: posts that were not counted, `skipped` of them because they could not be read, the others because ingest
    had trimmed them.
    """

    epoch: int
    log: str
    next_offset: int
    since_ms: int
    reason: str
    posts: int
    lost: int
    last_at_ms: int
    closed_until_ms: int
    pane_ms: int
    dropped_tags: int
    dropped_posts: int
    skipped: int


PROGRESS = ", ".join(field.name for field in fields(Progress))


@dataclass(frozen=True, slots=True)
class Span:
    """What a micro-batch covered: offsets `first` … `last`, `posts` counted, the last one at `last_at_ms`."""

    first: int
    last: int
    posts: int
    last_at_ms: int
    skipped: int = 0


class State:
    """The DuckDB file. Not thread-safe: callers take turns.

    `window_ms` says how long closed panes are needed: twice the window and one pane, for the window before.
    """

    def __init__(self, path: Path, pane_ms: int, window_ms: int, *, max_tags: int = 1_000_000, now_ms: int = 0) -> None:
        """Open or create; raises `StateInUseError` while another process has it, `StateRefusedError` if it is unusable.

        `max_tags` bounds the totals. `now_ms` only names a corrupt file that is set aside; `notice` then says so.
        """
        self.db, self.notice = open_checked(path, now_ms)
        self.pane_ms = pane_ms
        self.window_ms = window_ms
        # Grows when the file was opened again: temporary tables are gone then.
        self.opened = 1
        self._path = path
        self._closer = PaneCloser(pane_ms, window_ms, max_tags)

    def reopen(self) -> None:
        """Open the file again after an error that DuckDB can't go on from; raises `duckdb.Error` if that fails."""
        with contextlib.suppress(duckdb.Error):
            self.db.close()
        self.db = open_file(self._path)
        self.opened += 1

    def next_seq_block(self) -> int:
        """First sequence number of this start of the job."""
        (starts,) = self._row("SELECT count(*) FROM starts")
        self.db.execute("INSERT INTO starts VALUES (?)", [starts])
        return int(starts + 1) * SEQ_BLOCK

    def progress(self) -> Progress | None:
        """What is stored, or `None` before the first epoch."""
        row = self.db.execute(f"SELECT {PROGRESS} FROM progress").fetchone()  # noqa: S608 - names of fields
        return Progress(**dict(zip(PROGRESS.split(", "), row, strict=True))) if row else None

    def begin_epoch(
        self, log: str, offset: int, now_ms: int, reason: str, *, counted_from_ms: int | None = None
    ) -> Progress:
        """Forget all counts and start at `offset` of `log`; unacknowledged panes stay, under their own epoch.

        `counted_from_ms`: what is posted from then on, by ingest's clock, is counted; `now_ms` if it is not given.
        """
        previous = self.progress()
        epoch = max(now_ms, previous.epoch + 1 if previous else 0)
        with self._transaction():
            if previous is not None:
                self._close_open_panes(previous)
            for table in ("progress", "open_counts", "pane_counts", "totals", "total_sources"):
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above
            self.db.execute(BEGIN_EPOCH, [epoch, log, offset, now_ms, reason, self.pane_ms])
            self.uncounted.begin(now_ms if counted_from_ms is None else counted_from_ms)
        return self._progress()

    def begin_window(self, reason: str) -> Progress:
        """A new epoch that keeps totals and offset: the clock was set back, so panes come a second time."""
        previous = self._progress()
        with self._transaction():
            self._close_open_panes(previous)
            self.db.execute("DELETE FROM pane_counts")
            self.db.execute("UPDATE progress SET epoch = epoch + 1, reason = ?, closed_until_ms = 0", [reason])
            self.uncounted.begin(previous.last_at_ms)
        return self._progress()

    def _close_open_panes(self, progress: Progress) -> None:
        ((newest,),) = self.db.execute("SELECT max(pane_ms) FROM open_counts").fetchall()
        if newest is not None and progress.pane_ms == self.pane_ms:
            self._closer.close(self.db, progress.epoch, progress.closed_until_ms, newest + self.pane_ms)

    @property
    def uncounted(self) -> Uncounted:
        """Which times were not counted."""
        return Uncounted(self.db)

    def skip_to(self, offset: int, watermark_ms: int) -> None:
        """Count everything before `offset` as lost: ingest has thrown it away and holds nothing else."""
        with self._transaction():
            self.uncounted.add(self._progress().last_at_ms, watermark_ms)
            self.db.execute("UPDATE progress SET lost = lost + ? - next_offset, next_offset = ?", [offset, offset])

    def apply(self, counts: pa.Table) -> Span | None:
        """Add a micro-batch (a table of `slice_counts.COUNTS_ARROW`) and move the offset, in one transaction.

        Returns what it covered, or `None` when it held no post. A hole between the stored offset and the batch is
        counted as lost, and so are posts that could not be read. Raises `CountedTwiceError` when the batch begins
        before the stored offset, `ClockSetBackError` when its panes were closed more than a window ago; then nothing
        has changed.
        """
        if counts.num_rows == 0:
            return None
        self.db.register("batch", counts)
        try:
            return self._apply_registered()
        finally:
            self.db.unregister("batch")

    def _apply_registered(self) -> Span:
        first, last, posts, skipped, first_at_ms, last_at_ms = self._row(COVERED)
        before = self._progress()
        if first < before.next_offset:
            raise CountedTwiceError(f"a micro-batch begins at {first}, but {before.next_offset} is the next to count")
        lost = last + 1 - before.next_offset - posts
        if lost < skipped:
            raise CountedTwiceError(f"a micro-batch has {posts + skipped} posts at the offsets {first} to {last}")
        if not posts:
            first_at_ms = last_at_ms = before.last_at_ms
        elif last_at_ms < before.closed_until_ms - self.window_ms:
            raise ClockSetBackError(f"{(before.closed_until_ms - last_at_ms) // 1000} s")
        with self._transaction():
            self.db.execute(TAKE_BATCH)
            self.db.execute(TAKE_SOURCES, [[REPLAY] if self._closer.replayed else []])
            if posts:
                self.uncounted.found(first_at_ms)
            if lost > skipped:
                self.uncounted.add(before.last_at_ms, first_at_ms)
            self.db.execute(
                "UPDATE progress SET next_offset = ?, posts = posts + ?, lost = lost + ?, skipped = skipped + ?,"
                " last_at_ms = ?",
                [last + 1, posts, lost, skipped, last_at_ms],
            )
            self._close_panes(last_at_ms)
        return Span(first, last, posts, last_at_ms, skipped)

    def note_gap(self, from_ms: int, to_ms: int) -> None:
        """Nothing was received between these times, by ingest's clock."""
        with self._transaction():
            self.uncounted.add(from_ms, to_ms)

    def close_panes(self, watermark_ms: int) -> None:
        """Close every pane that ended by `watermark_ms`; call it only when all before the watermark is counted."""
        with self._transaction():
            self._close_panes(watermark_ms)

    def _close_panes(self, watermark_ms: int) -> None:
        progress = self._progress()
        self._closer.close(self.db, progress.epoch, progress.closed_until_ms, watermark_ms)

    def note_sources(self, names: Collection[str]) -> None:
        """These are the sources of ingest now: a file's posts don't say that they are from one."""
        self._closer.replayed = REPLAY in names

    def total_sources(self) -> list[str]:
        """Sources of all posts since the epoch began."""
        return [source for (source,) in self.db.execute("FROM total_sources ORDER BY source").fetchall()]

    def posts_since(self, since_ms: int) -> int:
        """Posts in panes that begin at `since_ms` or later."""
        (posts,) = self._row(
            "SELECT coalesce(sum(posts), 0)::BIGINT FROM (SELECT pane_ms, hash, posts FROM pane_counts UNION ALL"
            " SELECT pane_ms, hash, posts FROM open_counts) WHERE hash IS NULL AND pane_ms >= ?",
            [since_ms],
        )
        return int(posts)

    def unacknowledged_panes(self, most: int = MAX_PANES) -> list[Pane]:
        """Closed panes that the dashboard has not kept yet, oldest first; `window` is None in those of old files."""
        return oldest_panes(self.db, most)

    def acknowledge_panes(self, panes: list[tuple[int, int, int]]) -> None:
        """Forget closed panes, named by (epoch, from_ms, posts), that the dashboard keeps.

        `posts` tells an older summary of a pane from the one that replaced it meanwhile.
        """
        if panes:
            self.db.executemany("DELETE FROM closed_panes WHERE epoch = ? AND from_ms = ? AND posts = ?", panes)

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        self.db.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self.db.execute("BEGIN")
        try:
            yield
            self.db.execute("COMMIT")
        except BaseException:
            # A COMMIT that fails has rolled back by itself.
            with contextlib.suppress(duckdb.TransactionException):
                self.db.execute("ROLLBACK")
            raise

    def _progress(self) -> Progress:
        progress = self.progress()
        if progress is None:
            raise RuntimeError("no epoch was begun")
        return progress

    def _row(self, sql: str, parameters: list[int] | None = None) -> tuple[Any, ...]:
        row = self.db.execute(sql, parameters).fetchone()
        if row is None:
            raise RuntimeError(f"no row from: {sql}")
        return row

"""The counts of hours that are not in the archive yet, in the state file (docs/archive.md).

They change in the transaction that closes panes, so each post is in them once. A row of `archive_panes` has what one
closing has added to an hour, as two Arrow messages: no query looks for a single count. An hour is decided when panes
have closed for some minutes after its end. From then on nothing is added to it, so it has the same rows however often
it is written. Its rows are deleted when its file is on the disk.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.messages import to_message
from spark_job.snapshot_schema import Archived
from spark_job.state.coverage import Uncounted
from spark_job.state.hour_messages import counts_of, thinned, uses_of

logger = logging.getLogger(__name__)

HOUR_MS = 3_600_000
#: An hour is decided so long after its end: deletions and late posts of these minutes are in it.
GRACE_MS = 300_000
#: The most bytes of the counts of an hour, and of its uses. Beyond, of a closing only the leading counts are added, and
#: only the uses of a sample of the authors.
MOST_COUNT_BYTES, MOST_USE_BYTES = 512 << 20, 256 << 20
LEADING_COUNTS = 1000
#: The most hours that wait for their file, and their most bytes. Beyond, the oldest is dropped, and counted.
MOST_WAITING, MOST_WAITING_BYTES = 48, 1 << 30
#: So many hours are remembered, so that nothing is added to one that is written.
REMEMBERED = 2000

SCHEMA = """
CREATE TABLE IF NOT EXISTS archive_panes (
  hour_ms BIGINT, counts BLOB, uses BLOB, count_bytes BIGINT, use_bytes BIGINT, recounted BOOLEAN, until_ms BIGINT);
CREATE TABLE IF NOT EXISTS archive_taken_back (
  pane_ms BIGINT, source VARCHAR, lang VARCHAR, key VARCHAR, posts BIGINT, recounted BOOLEAN);
CREATE TABLE IF NOT EXISTS archive_hours (
  hour_ms BIGINT, id VARCHAR, counted_from_ms BIGINT, missing_ms BIGINT, dropped_posts BIGINT, min_posts BIGINT,
  written BOOLEAN);
CREATE TABLE IF NOT EXISTS archive_dropped (hour_ms BIGINT, posts BIGINT);
CREATE TABLE IF NOT EXISTS archive_since (since_ms BIGINT);
"""
TABLES = ("archive_panes", "archive_taken_back", "archive_hours", "archive_dropped", "archive_since")
CLOSED = """
SELECT pane_ms, source, lang, key, nullif(label, key) AS label, posts FROM closing WHERE key IS NOT NULL
"""
TAKE_BACK = """
INSERT INTO archive_taken_back SELECT *, false FROM (
  SELECT unnest(?::BIGINT[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[]))
"""
#: Posts of these panes are counted again, and are in the rows of the new epoch. Nothing is added to an hour that is
#: decided, so it keeps its rows.
FORGET_RECOUNTED = f"""
UPDATE archive_panes SET until_ms = least(coalesce(until_ms, $oldest), $oldest)
WHERE recounted AND hour_ms NOT IN (SELECT hour_ms FROM archive_hours);
DELETE FROM archive_taken_back WHERE recounted AND pane_ms >= $oldest
  AND pane_ms - pane_ms % {HOUR_MS} NOT IN (SELECT hour_ms FROM archive_hours)
"""  # noqa: S608 - put together from constants
#: Hours with posts that ended long enough ago.
ENDED = """
SELECT DISTINCT hour_ms FROM archive_panes ANTI JOIN archive_hours USING (hour_ms) WHERE hour_ms <= ? ORDER BY hour_ms
"""
DECIDE = """
INSERT INTO archive_hours SELECT $hour, $id, $counted_from, $missing,
  coalesce((SELECT sum(posts) FROM archive_dropped WHERE hour_ms = $hour), 0), $min_posts, false
"""
RECOUNTED = """
SELECT 1 FROM archive_panes WHERE recounted UNION ALL SELECT 1 FROM archive_taken_back WHERE recounted LIMIT 1
"""
FORGET_OTHERS = f"""
DELETE FROM archive_taken_back
WHERE pane_ms < ? AND pane_ms - pane_ms % {HOUR_MS} NOT IN (SELECT hour_ms FROM archive_panes)
"""  # noqa: S608 - put together from constants
SIZES = "SELECT hour_ms, sum(count_bytes)::BIGINT, sum(use_bytes)::BIGINT FROM archive_panes GROUP BY hour_ms"


class Deleted(NamedTuple):
    """Deleted posts of a pane, source, language and tag."""

    pane_ms: int
    source: str
    lang: str
    key: str
    posts: int


class OpenHours:
    """The tables. Its methods are called inside transactions of the state, but for `open` and those of other threads.

    Attributes:
        min_posts: The least posts of a tag in an hour. None: there is no archive.
        on_disk: Hours whose files are on the disk. Another thread adds to it.
        notice: What an operator must know about the archive, as one sentence, or None. Another thread sets it.
        archived: What is in the archive. None as long as nobody has looked. Another thread sets it.
        dropped: The hours that were given up, since the start.

    """

    def __init__(self, min_posts: int | None = None) -> None:
        self.min_posts = min_posts
        self.is_on = min_posts is not None
        self.on_disk: set[int] = set()
        self.notice: str | None = None
        self.archived: Archived | None = None
        self.dropped = 0
        #: Those of a transaction that is not committed yet.
        self._dropped_now = 0

    def open(self, db: duckdb.DuckDBPyConnection) -> None:
        """Use this state file. If there is no archive any more, its hours are deleted. Not inside a transaction."""
        self._db = db
        self.forget_cached()
        if not self.is_on:
            for table in TABLES:
                if db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():  # noqa: S608 - a constant
                    db.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant

    def forget_cached(self) -> None:
        """Read the tables again: a transaction was rolled back."""
        self._decided: dict[int, bool] | None = None
        self._bytes: dict[int, list[int]] | None = None
        self._recounts: bool | None = None
        self._dropped_now = 0

    def begin_epoch(self, *, same_log: bool) -> None:
        """A new epoch begins. It counts the posts of the same log again, as far as ingest stores them."""
        if self.is_on and same_log:
            for table in ("archive_panes", "archive_taken_back"):
                self._db.execute(f"UPDATE {table} SET recounted = true")  # noqa: S608 - constants
        self._recounts = None

    def close(self, epoch: int, span: tuple[int, int, int], uses: Mapping[int, pa.Table], uncounted: Uncounted) -> None:
        """Add the panes that close now, decide the hours that ended, and delete those that are on the disk.

        Args:
            epoch: The epoch.
            span: The start of the oldest pane that closes, the end of the last one that closed before (0: none), and
                that of the last one that closes now. The temporary table `closing` has the counts.
            uses: Their uses of tags, by the starts of the panes.
            uncounted: Which times were not counted.

        """
        if not self.is_on:
            return
        # The transaction before was committed: otherwise `forget_cached` has been called.
        self.dropped, self._dropped_now = self.dropped + self._dropped_now, 0
        oldest_ms, closed_until_ms, until_ms = span
        self._note_begin(closed_until_ms or oldest_ms)
        self._forget_recounted(oldest_ms)
        self._add(self._db.execute(CLOSED).to_arrow_table(), uses)
        self._forget_written()
        self._decide(epoch, until_ms - GRACE_MS - HOUR_MS, uncounted)

    def take_back(self, deleted: Iterable[Deleted]) -> None:
        """Add deleted posts to the hours that are not decided."""
        if not self.is_on:
            return
        rows = [row for row in deleted if hour_of(row.pane_ms) not in self._hours()]
        if rows:
            # One statement for all rows, not one for each.
            self._db.execute(TAKE_BACK, [[*column] for column in zip(*rows, strict=True)])

    def waiting(self) -> list[int]:
        """The hours that are decided and wait for their file."""
        return sorted(hour for hour, written in self._hours().items() if not written)

    def _add(self, counts: pa.Table, uses: Mapping[int, pa.Table]) -> None:
        if not len(counts):
            return
        of_row = pc.multiply(pc.divide(counts["pane_ms"], HOUR_MS), HOUR_MS)
        hours = pc.unique(of_row).to_pylist()
        for hour_ms in sorted(hours):
            of_hour = counts if len(hours) == 1 else counts.filter(pc.equal(of_row, hour_ms))
            if hour_ms in self._hours():
                self._drop(hour_ms, pc.sum(of_hour["posts"]).as_py(), "came after their hour was written")
                continue
            self._store(hour_ms, of_hour, uses_of(table for at_ms, table in uses.items() if hour_of(at_ms) == hour_ms))

    def _store(self, hour_ms: int, counts: pa.Table, uses: pa.Table) -> None:
        sizes = self._sizes().setdefault(hour_ms, [0, 0])
        if sizes[0] > MOST_COUNT_BYTES:
            leading = counts.sort_by([("posts", "descending"), ("key", "ascending")]).slice(0, LEADING_COUNTS)
            left_out = pc.sum(counts["posts"]).as_py() - pc.sum(leading["posts"]).as_py()
            counts = leading
            if left_out:
                self._drop(hour_ms, left_out, "have rare tags of an hour with too many tags")
        if sizes[1] > MOST_USE_BYTES:
            uses = thinned(uses)
        messages = [to_message(counts_of(counts)), to_message(uses)]
        added = [*map(len, messages)]
        self._db.execute("INSERT INTO archive_panes VALUES (?, ?, ?, ?, ?, false, NULL)", [hour_ms, *messages, *added])
        sizes[:] = [before + more for before, more in zip(sizes, added, strict=True)]

    def _drop(self, hour_ms: int, posts: int, why: str) -> None:
        """Count posts that are not in the archive."""
        self._db.execute("INSERT INTO archive_dropped VALUES (?, ?)", [hour_ms, posts])
        logger.warning("%d tagged posts are not in the archive: they %s", posts, why)

    def _note_begin(self, at_ms: int) -> None:
        if not self._sizes() and not self._hours():
            self._db.execute("INSERT INTO archive_since SELECT ? WHERE NOT EXISTS (FROM archive_since)", [at_ms])

    def _forget_recounted(self, oldest_ms: int) -> None:
        if self._recounts is None:
            self._recounts = self._db.execute(RECOUNTED).fetchone() is not None
        if self._recounts:
            for statement in FORGET_RECOUNTED.split(";"):
                self._db.execute(statement, {"oldest": oldest_ms})

    def _decide(self, epoch: int, last_hour_ms: int, uncounted: Uncounted) -> None:
        # Most closings decide nothing, and need no query for it.
        if not any(hour <= last_hour_ms and hour not in self._hours() for hour in self._sizes()):
            return
        ((since_ms,),) = self._db.execute("SELECT coalesce(max(since_ms), 0) FROM archive_since").fetchall()
        for (hour_ms,) in self._db.execute(ENDED, [last_hour_ms]).fetchall():
            end_ms = hour_ms + HOUR_MS
            counted_from_ms = min(max(hour_ms, since_ms, uncounted.began_ms()), end_ms)
            missing_ms = uncounted.missing_ms(counted_from_ms, end_ms)
            values = {"id": f"{epoch}-{hour_ms}", "counted_from": counted_from_ms, "min_posts": self.min_posts}
            self._db.execute(DECIDE, {"hour": hour_ms, "missing": missing_ms, **values})
            self._hours()[hour_ms] = False
        # Deletions of posts that were never added, such as those before the archive began.
        self._db.execute(FORGET_OTHERS, [last_hour_ms + HOUR_MS])
        self._bound()

    def _bound(self) -> None:
        """Drop the oldest hours that wait, if they are too many, and forget hours of long ago."""
        sizes, waiting = self._sizes(), self.waiting()
        while len(waiting) > MOST_WAITING or (
            len(waiting) > 1 and sum(sum(sizes.get(hour, ())) for hour in waiting) > MOST_WAITING_BYTES
        ):
            dropped = waiting.pop(0)
            self._forget([dropped])
            self._dropped_now += 1
            logger.warning("the hour %d is not in the archive: it can't be written, and too many hours wait", dropped)
        hours = self._hours()
        for hour in sorted(hours)[:-REMEMBERED]:
            self._db.execute("DELETE FROM archive_hours WHERE hour_ms = ?", [hour])
            del hours[hour]

    def _forget_written(self) -> None:
        waiting = {*self.waiting()}
        # What an earlier transaction has deleted is known there.
        self.on_disk.difference_update(self.on_disk.copy() - waiting)
        self._forget(sorted(waiting & self.on_disk))

    def _forget(self, hours: list[int]) -> None:
        for hour in hours:
            self._db.execute("DELETE FROM archive_panes WHERE hour_ms = ?", [hour])
            between = [hour, hour + HOUR_MS]
            self._db.execute("DELETE FROM archive_taken_back WHERE pane_ms >= ? AND pane_ms < ?", between)
            self._db.execute("DELETE FROM archive_dropped WHERE hour_ms = ?", [hour])
            self._db.execute("UPDATE archive_hours SET written = true WHERE hour_ms = ?", [hour])
            self._sizes().pop(hour, None)
            self._hours()[hour] = True

    def _hours(self) -> dict[int, bool]:
        """The hours that are decided, and whether their files are written."""
        if self._decided is None:
            self._decided = dict(self._db.execute("SELECT hour_ms, written FROM archive_hours").fetchall())
        return self._decided

    def _sizes(self) -> dict[int, list[int]]:
        """The bytes of the counts and of the uses of each hour."""
        if self._bytes is None:
            self._bytes = {hour: [*sizes] for hour, *sizes in self._db.execute(SIZES).fetchall()}
        return self._bytes


def hour_of(at_ms: int) -> int:
    """The start of the hour of a time."""
    return at_ms - at_ms % HOUR_MS

"""Store the counts and the offset up to which posts are counted, in one DuckDB file and always in one transaction.

Only the stored offset says what is counted. Each micro-batch appends rows of the open pane. pane_closer.py turns them
into final counts, totals and summaries.
"""

import contextlib
from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from spark_job.executor.messages import NO_PAIRS
from spark_job.mute.mute_list import MuteList
from spark_job.rising.verdict import Rules
from spark_job.snapshot_schema import MAX_PANES, Pane
from spark_job.state.batch_rows import BatchRows, ClockSetBackError, insert_rows, lost_posts, read_rows
from spark_job.state.closed_panes import WaitingPanes
from spark_job.state.coverage import Uncounted
from spark_job.state.file import open_checked, open_file
from spark_job.state.muted_tags import MutedTags
from spark_job.state.pane_closer import REPLAY, PaneCloser
from spark_job.state.pane_pairs import PanePairs
from spark_job.state.progress import PROGRESS_COLUMNS, Progress, Span, write_epoch, write_window
from spark_job.state.reader import Reader
from spark_job.state.rising_lists import RisingLists
from spark_job.state.tag_uses import NO_USES, OpenUses
from spark_job.state.taken_back import TakenBack
from spark_job.state.total_sources import TotalSources
from spark_job.state.window_people import WindowPeople

#: Each start of the job uses the next block of sequence numbers, so that no number is used twice.
SEQ_BLOCK = 1_000_000_000


class State:
    """The DuckDB file. Not thread-safe: callers use a lock.

    Closed panes are stored for twice `window_ms` and one pane, because each window is compared with the one before it.
    """

    def __init__(
        self,
        path: Path,
        pane_ms: int,
        window_ms: int,
        *,
        max_tags: int = 1_000_000,
        now_ms: int = 0,
        rules: Rules | None = None,
    ) -> None:
        """Open or create the file. `notice` is one sentence about a corrupt file that was set aside, or `None`.

        Args:
            path: The file.
            pane_ms: Length of a pane.
            window_ms: Length of the window.
            max_tags: The most tags of the totals.
            now_ms: Is used in the name of a corrupt file that is set aside.
            rules: The settings of the detector of rising tags; None: the defaults.

        Raises:
            StateInUseError: Another process has it open.
            StateRefusedError: It can't be used.

        """
        db, self.notice = open_checked(path, now_ms)
        self.pane_ms = pane_ms
        self.window_ms = window_ms
        # Grows each time the file is opened again: its temporary tables are gone then.
        self.opened = 0
        self._path = path
        self._rules = rules or Rules()
        self.muted = MutedTags()
        self._closer = PaneCloser(pane_ms, window_ms, max_tags, self.muted)
        #: For queries of other threads.
        self.reader = Reader()
        self._waiting = WaitingPanes()
        self._use(db)

    def reopen(self) -> None:
        """Open the file again, after an error from which DuckDB does not recover.

        Raises:
            duckdb.Error: It can't be opened.

        """
        with self.reader.paused():
            with contextlib.suppress(duckdb.Error):
                self.db.close()
            self._use(open_file(self._path))

    def _use(self, db: duckdb.DuckDBPyConnection) -> None:
        self.db = db
        self.opened += 1
        self.muted.open(db)
        self.reader.open(db)
        self.taken_back = self._closer.taken_back = TakenBack(db, self.pane_ms)
        self.pairs = self._closer.pairs = PanePairs(db)
        self.uncounted = Uncounted(db)
        self.sources = TotalSources(db)
        self.uses = OpenUses(db, self.pane_ms)
        learned, hides = self.uses.closed_facts(), self.muted.hides
        self.rising = RisingLists(db, self.pane_ms, self.window_ms, self._rules, learned, hides)
        self._forget_cached()

    def next_seq_block(self) -> int:
        """The first sequence number of this start of the job."""
        ((starts,),) = self.db.execute("SELECT count(*) FROM starts").fetchall()
        self.db.execute("INSERT INTO starts VALUES (?)", [starts])
        return int(starts + 1) * SEQ_BLOCK

    def progress(self) -> Progress | None:
        """The stored position, or `None` before the first epoch."""
        row = self.db.execute(f"SELECT {PROGRESS_COLUMNS} FROM progress").fetchone()  # noqa: S608 - names of fields
        return Progress(**dict(zip(PROGRESS_COLUMNS.split(", "), row, strict=True))) if row else None

    def begin_epoch(
        self, log: str, offset: int, now_ms: int, reason: str, *, counted_from_ms: int | None = None
    ) -> Progress:
        """Delete all counts and start at `offset` of `log`. Unacknowledged panes stay, with their own epoch.

        `counted_from_ms`: posts from this time on, by ingest's clock, are counted. `now_ms` if it is not given.
        """
        previous = self.progress()
        epoch = max(now_ms, previous.epoch + 1 if previous else 0)
        with self.transaction():
            if previous is not None:
                self._close_open_panes(previous)
                self.rising.begin_epoch(same_log=previous.log == log)
            write_epoch(self.db, epoch, log, (offset, now_ms, self.pane_ms), reason)
            self._forget_cached()
            self.uncounted.begin(now_ms if counted_from_ms is None else counted_from_ms)
        return self._progress()

    def begin_window(self, reason: str) -> Progress:
        """Start a new epoch with the same totals and offset. The clock was set back, so pane times come twice."""
        previous = self._progress()
        with self.transaction():
            self._close_open_panes(previous)
            write_window(self.db, reason)
            self._forget_cached()
            self.rising.begin_epoch(same_log=True)
            self.uncounted.begin(previous.last_at_ms)
        return self._progress()

    def _close_open_panes(self, progress: Progress) -> None:
        ((newest,),) = self.db.execute("SELECT max(pane_ms) FROM open_counts").fetchall()
        if newest is not None and progress.pane_ms == self.pane_ms:
            self._close(progress, newest + self.pane_ms)

    @property
    def people(self) -> WindowPeople:
        """The people of the closed panes of the window, up to the last closed pane."""
        self._closer.people.update(self.uses, self._progress().closed_until_ms)
        return self._closer.people

    @property
    def corrections(self) -> int:
        """How often counts of panes that had closed before were changed, since the file was opened."""
        return self._closer.corrections

    def skip_to(self, offset: int, watermark_ms: int) -> None:
        """Count every post before `offset` as lost, because ingest has trimmed it."""
        with self.transaction():
            self.uncounted.add(self._progress().last_at_ms, watermark_ms)
            self.db.execute("UPDATE progress SET lost = lost + ? - next_offset, next_offset = ?", [offset, offset])

    def apply(self, counts: pa.Table, uses: pa.Table = NO_USES, pairs: pa.Table = NO_PAIRS) -> Span | None:
        """Add a micro-batch and move the offset, in one transaction.

        A gap between the stored offset and the micro-batch is counted as lost, and so are posts that can't be read.

        Args:
            counts: A table of `COUNTS_ARROW`.
            uses: A table of `USES`.
            pairs: A table of `PAIRS`.

        Returns:
            The offsets and posts of the micro-batch, or `None` if it is empty.

        Raises:
            CountedTwiceError: It begins before the stored offset. Nothing has changed.
            ClockSetBackError: Its panes were closed more than a window ago. Nothing has changed.

        """
        if counts.num_rows == 0:
            return None
        self.db.register("batch", counts)
        try:
            return self._apply_registered(read_rows(counts), len(counts), uses, pairs)
        finally:
            self.db.unregister("batch")

    def _apply_registered(self, rows: BatchRows, counts: int, uses: pa.Table, pairs: pa.Table) -> Span:
        before = self._progress()
        lost = lost_posts(rows, before.next_offset)
        first_at_ms, last_at_ms = rows.first_at_ms, rows.last_at_ms
        if first_at_ms is None or last_at_ms is None:
            first_at_ms = last_at_ms = before.last_at_ms
        elif last_at_ms < before.closed_until_ms - self.window_ms:
            raise ClockSetBackError(f"{(before.closed_until_ms - last_at_ms) // 1000} s")
        with self.transaction():
            insert_rows(self.db, counts)
            closing_until_ms = last_at_ms - last_at_ms % self.pane_ms
            self.uses.add(uses, closing_until_ms if closing_until_ms > before.closed_until_ms else 0)
            self.pairs.add(pairs, closing_until_ms - self.window_ms)
            self.sources.add(rows.sources | ({REPLAY} if self._closer.replayed else set()))
            # Counting began at or before the last post, if there was one.
            if rows.posts and (first_at_ms < before.last_at_ms or not before.last_at_ms):
                self.uncounted.found(first_at_ms)
            if lost > rows.skipped:
                self.uncounted.add(before.last_at_ms, first_at_ms)
            self.db.execute(
                "UPDATE progress SET next_offset = ?, posts = posts + ?, lost = lost + ?, skipped = skipped + ?,"
                " last_at_ms = ?",
                [rows.last + 1, rows.posts, lost, rows.skipped, last_at_ms],
            )
            self._close(before, last_at_ms)
        return Span(rows.first, rows.last, rows.posts, last_at_ms, rows.skipped)

    def mute(self, muted: MuteList) -> None:
        """Leave these tags out of all lists from now on. Their counts stay."""
        self.muted.use(muted)
        self._closer.people.forget()

    def note_gap(self, from_ms: int, to_ms: int) -> None:
        """Note that no post was received between these times, by ingest's clock."""
        with self.transaction():
            self.uncounted.add(from_ms, to_ms)

    def close_panes(self, watermark_ms: int) -> None:
        """Close every pane that ended by `watermark_ms`. All posts before the watermark must be counted."""
        progress = self._progress()
        with self.transaction():
            self._close(progress, watermark_ms)

    def _close(self, progress: Progress, watermark_ms: int) -> None:
        if self._closer.close(self.db, self.uses, self.rising, progress.epoch, progress.closed_until_ms, watermark_ms):
            self._waiting.changed()

    def note_sources(self, names: Collection[str]) -> None:
        """Note the current sources of ingest. Posts from a file don't say that they come from a file."""
        self._closer.replayed = REPLAY in names

    def total_tags(self) -> int:
        """Distinct tags of the closed panes."""
        return self._closer.total_tags(self.db)

    def unacknowledged_panes(self, most: int = MAX_PANES) -> list[Pane]:
        """Closed panes that the dashboard has not stored, oldest first. `window` is None in those of old files."""
        return self._waiting.oldest(self.db, most)

    def acknowledge_panes(self, panes: list[tuple[int, int, int]]) -> None:
        """Delete closed panes, identified by (epoch, from_ms, posts), that the dashboard has stored.

        `posts` separates an older summary of a pane from the one that has replaced it meanwhile.
        """
        if panes:
            self.db.executemany("DELETE FROM closed_panes WHERE epoch = ? AND from_ms = ? AND posts = ?", panes)

    def close(self) -> None:
        """Write everything to the file and close it."""
        self.reader.close()
        self.db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Change the file as a whole, or not at all."""
        self.db.execute("BEGIN")
        try:
            yield
            self.db.execute("COMMIT")
        except BaseException:
            self._forget_cached()
            # A COMMIT that fails has rolled back by itself.
            with contextlib.suppress(duckdb.TransactionException):
                self.db.execute("ROLLBACK")
            raise

    def _forget_cached(self) -> None:
        """Read the tables again: they were changed, or changes were rolled back."""
        self._closer.forget()
        self._waiting.changed()
        self.uses.forget()
        self.taken_back.forget_cached()
        self.pairs.forget_cached()
        self.rising.forget_cached()
        self.uncounted.forget()
        self.sources.forget()

    def _progress(self) -> Progress:
        progress = self.progress()
        if progress is None:
            raise RuntimeError("no epoch was begun")
        return progress

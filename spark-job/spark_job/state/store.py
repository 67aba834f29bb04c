"""Store the counts and the offset up to which posts are counted, in one DuckDB file and always in one transaction.

Only the stored offset says what is counted. Each micro-batch appends rows of the open pane. pane_closer.py turns them
into final counts, totals and summaries.
"""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from spark_job.alerts.alerts import Alerts
from spark_job.alerts.pane_reader import Sources
from spark_job.executor.kafka_slices import CountedSlice
from spark_job.executor.messages import NO_PAIRS
from spark_job.mute.mute_list import MuteList
from spark_job.rising.verdict import Rules
from spark_job.snapshot_schema import MAX_PANES, Ingest, Pane
from spark_job.state.batch_rows import insert_rows, read_batch
from spark_job.state.closed_panes import WaitingPanes
from spark_job.state.coverage import Uncounted
from spark_job.state.file import open_checked, open_file, refusing
from spark_job.state.muted_tags import MutedTags
from spark_job.state.open_hours import OpenHours
from spark_job.state.pane_closer import REPLAY, PaneCloser
from spark_job.state.pane_pairs import PanePairs
from spark_job.state.positions import Positions
from spark_job.state.progress import ADD_BATCH, PROGRESS_COLUMNS, Progress, Span, write_epoch, write_window
from spark_job.state.reader import Reader
from spark_job.state.rising_lists import RisingLists
from spark_job.state.starts import next_seq_block
from spark_job.state.tag_uses import NO_USES, OpenUses
from spark_job.state.taken_back import TakenBack
from spark_job.state.total_sources import TotalSources
from spark_job.state.transaction import transaction
from spark_job.state.window_people import WindowPeople


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
        alerts: Alerts | None = None,
        hours: OpenHours | None = None,
    ) -> None:
        """Open or create the file. `notice` is one sentence about a corrupt file that was set aside, or `None`.

        Args:
            path: The file.
            pane_ms: Length of a pane.
            window_ms: Length of the window.
            max_tags: The most tags of the totals.
            now_ms: Is used in the name of a corrupt file that is set aside.
            rules: The settings of the detector of rising tags; None: the defaults.
            alerts: The rules of alerts; None: there are none.
            hours: The hours of the archive; None: there is none.

        Raises:
            StateInUseError: Another process has it open.
            StateRefusedError: It can't be used.

        """
        db, self.notice = open_checked(path, now_ms)
        self.pane_ms, self.window_ms = pane_ms, window_ms
        self.opened = 0  # Grows each time the file is opened again: its temporary tables are gone then.
        self._path, self._rules = path, rules or Rules()
        self.muted = MutedTags()
        self.alerts = alerts or Alerts(pane_ms, window_ms)
        self._closer = PaneCloser(pane_ms, window_ms, max_tags, self.muted, self.alerts)
        self.reader = Reader()  # For queries of other threads.
        self.hours = self._closer.hours = hours or OpenHours()
        self._waiting = WaitingPanes()
        with refusing(path):
            self._use(db)

    def reopen(self) -> None:
        """Open the file again, after an error from which DuckDB does not recover. It raises what `open_file` does."""
        with self.reader.paused():
            with contextlib.suppress(duckdb.Error):
                self.db.close()
            self._use(open_file(self._path))

    def _use(self, db: duckdb.DuckDBPyConnection) -> None:
        self.db = db
        self.opened += 1
        self.muted.open(db)
        self.hours.open(db)
        self.reader.open(db)
        self.taken_back = self._closer.taken_back = TakenBack(db, self.pane_ms, self.hours)
        self.pairs = self._closer.pairs = PanePairs(db)
        self.uncounted = Uncounted(db)
        self.alerts.open(Sources(db, self.taken_back, self.uncounted.missing_ms, lambda: self.muted.muted))
        self.sources = TotalSources(db)
        self.positions = Positions(db)
        self.uses = OpenUses(db, self.pane_ms)
        learned, hides, each = self.uses.closed_facts(), self.muted.hides, self.alerts.needs_each_list
        self.rising = RisingLists(db, self.pane_ms, self.window_ms, self._rules, learned, hides, each)
        self._forget_cached()

    def next_seq_block(self) -> int:
        """The first sequence number of this start of the job. It raises `StateRefusedError` if it can't be stored."""
        with refusing(self._path):
            return next_seq_block(self.db)

    def progress(self) -> Progress | None:
        """The stored position, or `None` before the first epoch."""
        row = self.db.execute(f"SELECT {PROGRESS_COLUMNS} FROM progress").fetchone()  # noqa: S608 - names of fields
        return Progress(**dict(zip(PROGRESS_COLUMNS.split(", "), row, strict=True))) if row else None

    def begin_epoch(
        self,
        log: str,
        offset: int,
        now_ms: int,
        reason: str,
        *,
        counted_from_ms: int | None = None,
        positions: Mapping[int, int] | None = None,
    ) -> Progress:
        """Delete all counts and start at `offset` of `log`. Unacknowledged panes stay, with their own epoch.

        `counted_from_ms`: posts from this time on, by ingest's clock, are counted. `now_ms` if it is not given.
        `positions`: where the partitions of a topic begin. `offset` is their sum.
        """
        previous = self.progress()
        epoch = max(now_ms, previous.epoch + 1 if previous else 0)
        with self.transaction():
            if previous is not None:
                self._close_open_panes(previous)
                self.rising.begin_epoch(same_log=previous.log == log)
                self.hours.begin_epoch(same_log=previous.log == log)
            write_epoch(self.db, epoch, log, (offset, now_ms, self.pane_ms), reason)
            self.positions.begin(positions or {})
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

    def apply(
        self,
        counts: pa.Table,
        uses: pa.Table = NO_USES,
        pairs: pa.Table = NO_PAIRS,
        slices: Sequence[CountedSlice] = (),
        *,
        late: int = 0,
        watermark_ms: int = 0,
    ) -> Span | None:
        """Add a micro-batch and move the position, in one transaction.

        Args:
            counts: A table of `COUNTS_ARROW`.
            uses: A table of `USES`.
            pairs: A table of `PACKED_PAIRS`.
            slices: The slices of a topic, if the log is on Kafka. `topic_batch.placed` has seen the micro-batch.
            late: Its posts that came after their pane had closed.
            watermark_ms: All posts of the topic before this time are counted with it.

        Returns:
            Its offsets and posts, or `None` if it is empty.

        Raises:
            CountedTwiceError: It begins before the stored position.
            ClockSetBackError: Its panes were closed more than a window ago.

        """
        if counts.num_rows == 0 and not slices:
            return None
        before = self._progress()
        batch = read_batch(counts, slices, before, self.window_ms, watermark_ms)
        rows, until_ms = batch.rows, batch.until_ms
        with self.transaction():
            closing_until_ms = until_ms - until_ms % self.pane_ms
            whole = insert_rows(self.db, counts, range(before.closed_until_ms, closing_until_ms))
            self.uses.add(uses, closing_until_ms if closing_until_ms > before.closed_until_ms else 0)
            self.pairs.add(pairs, closing_until_ms - self.window_ms)
            self.sources.add(rows.sources | ({REPLAY} if self._closer.replayed else set()))
            if batch.is_first:
                self.uncounted.found(batch.first_at_ms)
            if batch.lost > rows.skipped:
                self.uncounted.add(before.last_at_ms, batch.first_at_ms)
            self.db.execute(ADD_BATCH, [rows.last + 1, rows.posts, batch.lost, rows.skipped, batch.last_at_ms, late])
            self.positions.move(slices)
            self.taken_back.add_deleted(slices, until_ms - 2 * self.window_ms - self.pane_ms)
            self._close(before, until_ms, whole)
        return Span(rows.first, rows.last, rows.posts, batch.last_at_ms, rows.skipped)

    def mute(self, muted: MuteList) -> None:
        """Leave these tags out of all lists from now on. Their counts stay."""
        self.muted.use(muted)
        self._closer.people.forget()

    def note_stream(self, ingest: Ingest, query_error: str | None, progress: Progress, now_ms: int) -> None:
        """Evaluate the rules about the stream."""
        self.alerts.note_stream(ingest, query_error, (progress.epoch, progress.lost), now_ms, self.transaction)

    def note_gap(self, from_ms: int, to_ms: int) -> None:
        """Note that no post was received between these times, by ingest's clock."""
        with self.transaction():
            self.uncounted.add(from_ms, to_ms)

    def close_panes(self, watermark_ms: int) -> None:
        """Close every pane that ended by `watermark_ms`. All posts before the watermark must be counted."""
        with self.transaction():
            self._close(self._progress(), watermark_ms)

    def _close(self, progress: Progress, watermark_ms: int, whole: Sequence[int] = ()) -> None:
        if self._closer.close(self.db, self.uses, self.rising, progress, watermark_ms, whole):
            self._waiting.changed()

    def note_sources(self, names: Collection[str]) -> None:
        """Note the current sources of ingest. Posts from a file don't say so."""
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

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Change the file as a whole, or not at all."""
        return transaction(self.db, self._forget_cached)

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

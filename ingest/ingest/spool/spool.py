"""The spool: the append-only log of accepted posts on disk, readable by offset until it is trimmed."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ingest.posts.change import WantedChange
from ingest.posts.post import Post
from ingest.posts.post_hashes import PostHashes
from ingest.spool import trim
from ingest.spool.append import append_run
from ingest.spool.apply import Applied, apply_changes
from ingest.spool.changes import BYTES_PER_CHANGE, DamagedChangeError, changes_end
from ingest.spool.clock import Clock
from ingest.spool.file import (
    SpoolBrokenError,
    open_file,
    read_salt,
    remove_columns,
    return_free_pages,
    transaction,
    truncate_write_ahead_log,
    write_progress,
)
from ingest.spool.lock import SpoolLock
from ingest.spool.marks import Marks, read_marks
from ingest.spool.past import write_past
from ingest.spool.reader import DamagedColumnsError, SpoolReader, UnreadableError
from ingest.spool.rewrite import overwrite_run
from ingest.spool.shown_marks import ShownMarks
from ingest.spool.sqlite_guard import inodes

logger = logging.getLogger(__name__)


class SpoolError(Exception):
    """The spool can't be opened. The text is one sentence that says why."""


class Spool:
    """The only writer of a spool folder. Thread-safe.

    A run is the posts of one commit. It is one row (first offset, count, time, columns, lines) in SQLite, whose
    write-ahead log is synced at each commit: posts survive a power cut once `append` has returned. The progress of the
    sources is part of the same transaction.
    """

    _shown: ShownMarks

    def __init__(self, folder: Path, clock: Clock, *, max_age_seconds: float, max_bytes: int) -> None:
        """Open the spool in `folder`, or create one.

        A broken file is renamed and a new one created; `notice` says so.

        Args:
            folder: Folder of the spool.
            clock: Sets `at_ms` and measures ages.
            max_age_seconds: How long acknowledged posts are stored.
            max_bytes: Bound on the file; when it is full, the oldest posts are deleted, acknowledged or not.

        Raises:
            SpoolError: Another process uses the spool, or it can't be opened or created.

        """
        self._path = folder / "spool.sqlite"
        self._clock = clock
        self._max_age_ms = int(max_age_seconds * 1000)
        self._max_bytes = max_bytes
        self._max_changes = max_bytes // BYTES_PER_CHANGE
        # A process before this one may have been killed while older content was in the write-ahead log.
        self._log_has_old_content = True
        self._append_lock = threading.Lock()
        self.notice: str | None = None
        self._folder_lock = _lock(folder)
        try:
            #: Whether this start has created the log, in a folder that had none. Nobody has read it yet.
            self.is_new = self._folder_lock.last is None and not self._path.exists()
            self._db, self.notice = open_file(self._path, self._folder_lock.last, clock.now_ms())
            self._load()
        except (sqlite3.Error, OSError) as error:
            self._folder_lock.close()
            raise SpoolError(f"{self._path} can't be used: {error}") from error

    def close(self) -> None:
        """End the last transaction, close the file, release the lock, and wake all threads that wait."""
        with self._append_lock:
            self._db.close()
            self._folder_lock.close()
        self.wake()

    def marks(self) -> Marks:
        """Return the present offsets and the watermark; never waits for a transaction. See `ShownMarks.now`."""
        return self._shown.now()

    @property
    def log(self) -> str:
        """The random id of this log."""
        return self._marks.log

    @property
    def end(self) -> int:
        """The offset of the next post."""
        return self._marks.end

    def wait_beyond(self, offset: int, timeout_seconds: float) -> int:
        """Wait until there are posts at `offset`, or for `timeout_seconds`; return `end`."""
        return self._shown.wait_beyond(offset, timeout_seconds)

    def wait_for_news(self, offset: int, change: int, timeout_seconds: float) -> None:
        """Wait until there is a post at `offset`, or the change of this number, or for `timeout_seconds`."""
        self._shown.wait_for_news(offset, change, timeout_seconds)

    def wake(self) -> None:
        """Wake all threads that wait in `wait_beyond`."""
        self._shown.wake()

    def reader(self) -> SpoolReader:
        """Return a new connection for reading, for use in one thread."""
        return SpoolReader(self._path)

    def progress(self) -> dict[str, bytes]:
        """Return the progress of every source that ever ran, by its name."""
        with self._append_lock:
            return dict(self._db.execute("SELECT name, progress FROM sources").fetchall())

    def append(
        self,
        posts: Sequence[Post],
        progress: Mapping[str, bytes],
        on_commit: Callable[[], None] = lambda: None,
        changes: Sequence[WantedChange] = (),
        count_changes: Callable[[Sequence[Applied]], Mapping[str, bytes]] = lambda _: {},
    ) -> None:
        """Commit a run of posts, changes of stored posts and the progress of the sources in one transaction.

        Args:
            posts: The posts of the run, which get their offset and time; may be empty.
            progress: Progress of each source, by its name.
            on_commit: Called after the commit, before other threads can see the new `end`.
            changes: Posts that were deleted or edited, of this run too; those of one post in order.
            count_changes: Called with what became of the changes; returns progress to commit instead of `progress`.

        Raises:
            sqlite3.Error: The file can't be written (the disk is full); nothing has changed.
            SpoolBrokenError: The file is broken.
            UnreadableError: A changed post is in a damaged run; nothing has changed.

        """
        with self._append_lock:
            stamps_ms = self._shown.begin()
            try:
                with transaction(self._db):
                    marks = append_run(self._db, self._marks, posts, stamps_ms, self._hashes, self._max_bytes)
                    if changes:
                        applied = apply_changes(self._db, changes, stamps_ms, self._hashes)
                        progress = {**progress, **count_changes(applied)}
                        marks = replace(marks, end_change=changes_end(self._db))
                    write_progress(self._db, progress)
            except BaseException:
                self._shown.cancel()
                raise
            self._log_has_old_content |= bool(changes)
            self._set_marks(marks, on_commit)
            if posts:
                self._folder_lock.note(marks.log, marks.end)

    def write_past(self, runs: Iterable[tuple[int, Sequence[Post]]]) -> None:
        """Write posts from before the first start. Call it before the log is served: later, time would go back.

        Nothing is written if the log is not new, if the posts would fill half of the file, or if the disk is full.

        Args:
            runs: The time of each run (ms since 1970, none later than now) and its posts, oldest first.

        """
        with self._append_lock:
            if not self.is_new or self._marks.end:
                return
            end = write_past(self._db, runs, self._hashes, self._clock.steady_ms(), self._max_bytes // 2)
            self._set_marks(replace(self._marks, end=end))
            self._folder_lock.note(self._marks.log, end)

    def ack(self, log: str, end: int) -> int:
        """Note that all posts before `end` are counted; return the greatest acknowledged offset.

        Raises:
            AckError: The log is another one, or `end` is beyond its end; nothing has changed.

        """
        with self._append_lock:
            self._marks.check_ack(log, end)
            if end > self._marks.acked:
                with transaction(self._db):
                    self._db.execute("UPDATE log SET acked = ?", (end,))
                self._set_marks(replace(self._marks, acked=end))
            return self._marks.acked

    def clear(self) -> None:
        """Delete all acknowledged posts and all changes, also from the write-ahead log."""
        self._trim(None)
        self.empty_write_ahead_log()

    def trim(self) -> int:
        """Delete acknowledged posts and changes that are older than the bound; return the first stored offset.

        The age is measured by `steady_ms`, not by `at_ms`, which jumps with the wall clock.
        """
        return self._trim(self._max_age_ms)

    def _trim(self, max_age_ms: int | None) -> int:
        with self._append_lock:
            first, now_ms = self._marks.first, self._shown.steady_ms()
            with transaction(self._db):
                marks = trim.trim_old(self._db, self._marks, now_ms, max_age_ms, self._max_changes)
            self._set_marks(marks)
            if marks.first > first:
                return_free_pages(self._db)
            return marks.first

    def remove_old_content(self) -> bool:
        """Empty the write-ahead log if it may hold what was deleted since the last time: the file itself does not.

        Returns:
            False if another program reads the spool, so that the log can't be emptied now.

        """
        if self._log_has_old_content:
            self.empty_write_ahead_log()
        return not self._log_has_old_content

    def empty_write_ahead_log(self) -> None:
        """Write all commits into the file, and empty the write-ahead log, unless another program reads the spool."""
        with self._append_lock:
            self._log_has_old_content = not truncate_write_ahead_log(self._db)

    def discard(self, damage: UnreadableError | DamagedChangeError) -> None:
        """Delete a damaged run, or a damaged change, and all before it: a reader would never get past it."""
        with self._append_lock:
            before = self._marks
            with transaction(self._db):
                marks = trim.discard(self._db, before, damage)
            if marks == before:
                return
            self._set_marks(marks)
            self.notice = trim.notice(before, marks, damage)
        logger.error("%s", self.notice)

    def overwrite(self, damage: UnreadableError) -> None:
        """Overwrite the lines of a damaged run. It stays damaged."""
        with self._append_lock, transaction(self._db):
            overwrite_run(self._db, damage.first)
            self._log_has_old_content = True

    def discard_columns(self, damage: DamagedColumnsError) -> None:
        """Remove the damaged columns of a run, whose posts stay: the next reader gets columns made from the lines."""
        with self._append_lock, transaction(self._db):
            remove_columns(self._db, damage.first)
        logger.warning("%s: they are made from its lines", damage)

    def check_in_place(self) -> None:
        """Check that the open file is the one that the next start will open.

        Raises:
            SpoolBrokenError: The file was removed or replaced.

        """
        if inodes(self._path) != self._inodes:
            raise SpoolBrokenError(f"{self._path} was removed or replaced while it was in use")

    @property
    def _marks(self) -> Marks:
        return self._shown.last

    def _set_marks(self, marks: Marks, on_commit: Callable[[], None] = lambda: None) -> None:
        """Let other threads see the new marks."""
        self._log_has_old_content |= marks.first > self._marks.first
        self._shown.show(marks, on_commit)

    def _load(self) -> None:
        self._shown = ShownMarks(read_marks(self._db), self._clock)
        last = self._db.execute("SELECT at_ms, steady_ms FROM runs ORDER BY first DESC LIMIT 1").fetchone()
        if last:
            self._clock.start_from(*last)
        self._hashes = PostHashes(read_salt(self._db))
        self._folder_lock.note(self._marks.log, self._marks.end)
        self._inodes = inodes(self._path)


def _lock(folder: Path) -> SpoolLock:
    try:
        return SpoolLock(folder)
    except BlockingIOError as error:
        raise SpoolError(f"another ingest is using {folder}") from error
    except OSError as error:
        raise SpoolError(f"{folder} can't be used: {error.strerror}") from error

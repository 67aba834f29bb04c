"""The spool: the append-only log of accepted posts on disk, readable by offset until it is trimmed."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.posts.columns import columns_of_posts
from ingest.posts.post import Post, encode_lines
from ingest.posts.post_hashes import PostHashes
from ingest.spool.clock import Clock
from ingest.spool.file import (
    SpoolBrokenError,
    breakage,
    insert_run,
    open_file,
    read_salt,
    remove_columns,
    return_free_pages,
    write_progress,
)
from ingest.spool.lock import SpoolLock
from ingest.spool.past import PastTooLargeError, insert_past
from ingest.spool.reader import DamagedColumnsError, SpoolReader, UnreadableError
from ingest.spool.sqlite_guard import inodes, used_bytes

logger = logging.getLogger(__name__)


class SpoolError(Exception):
    """The spool can't be opened. The text is one sentence that says why."""


class AckError(ValueError):
    """An acknowledgement of another log, or of posts beyond its end."""


@dataclass(frozen=True)
class Marks:
    """The first, last and acknowledged offsets of the log; see STATUS in docs/protocol.md."""

    log: str
    first: int
    end: int
    acked: int
    trimmed_unread: int
    watermark_ms: int


class Spool:
    """The only writer of a spool folder. Thread-safe.

    A run is the posts of one commit. It is one row (first offset, count, time, columns, lines) in SQLite, whose
    write-ahead log is synced at each commit: posts survive a power cut once `append` has returned. The progress of the
    sources is part of the same transaction.
    """

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
        self._log_id = ""
        self._first = self._end = self._acked = self._trimmed_unread = 0
        self._path = folder / "spool.sqlite"
        self._clock = clock
        self._max_age_ms = int(max_age_seconds * 1000)
        self._max_bytes = max_bytes
        self._append_lock = threading.Lock()
        self._changed = threading.Condition()
        self._pending_at_ms: int | None = None
        self.notice: str | None = None
        try:
            self._folder_lock = SpoolLock(folder)
        except BlockingIOError as error:
            raise SpoolError(f"another ingest is using {folder}") from error
        except OSError as error:
            raise SpoolError(f"{folder} can't be used: {error.strerror}") from error
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
        """Return the present offsets and the watermark; never waits for a transaction.

        No post at `end` or later gets an `at_ms` below the watermark, which is the present time, or the time of a run
        that is being committed.
        """
        with self._changed:
            watermark_ms = self._clock.now_ms() if self._pending_at_ms is None else self._pending_at_ms
            return Marks(self._log_id, self._first, self._end, self._acked, self._trimmed_unread, watermark_ms)

    @property
    def log(self) -> str:
        """The random id of this log."""
        return self._log_id

    @property
    def end(self) -> int:
        """The offset of the next post."""
        return self._end

    def wait_beyond(self, offset: int, timeout_seconds: float) -> int:
        """Wait until there are posts at `offset`, or for `timeout_seconds`; return `end`."""
        with self._changed:
            if self._end <= offset:
                self._changed.wait(timeout_seconds)
            return self._end

    def wake(self) -> None:
        """Wake all threads that wait in `wait_beyond`."""
        with self._changed:
            self._changed.notify_all()

    def reader(self) -> SpoolReader:
        """Return a new connection for reading, for use in one thread."""
        return SpoolReader(self._path)

    def progress(self) -> dict[str, bytes]:
        """Return the progress of every source that ever ran, by its name."""
        with self._append_lock:
            return dict(self._db.execute("SELECT name, progress FROM sources").fetchall())

    def append(
        self, posts: Sequence[Post], progress: Mapping[str, bytes], on_commit: Callable[[], None] = lambda: None
    ) -> None:
        """Commit a run of posts and the progress of the sources in one transaction; set offset and time of the posts.

        Args:
            posts: The posts of the run; may be empty.
            progress: Progress of each source, by its name.
            on_commit: Called after the commit, before other threads can see the new `end`.

        Raises:
            sqlite3.Error: The file can't be written (the disk is full); nothing has changed.
            SpoolBrokenError: The file is broken.

        """
        with self._append_lock:
            with self._changed:
                at_ms = self._pending_at_ms = self._clock.now_ms()
            end = self._end + len(posts)
            first, trimmed_unread = self._first, self._trimmed_unread
            try:
                lines = encode_lines(posts, self._end, at_ms)
                columns = columns_of_posts(posts, self._end, at_ms, lines, self._hashes)
                with self._transaction():
                    if posts:
                        first, trimmed_unread = self._trim_to_fit(len(lines) + len(columns))
                        stamps_ms = at_ms, self._clock.steady_ms()
                        insert_run(self._db, self._end, len(posts), stamps_ms, lines, columns)
                    write_progress(self._db, progress)
            except BaseException:
                with self._changed:
                    self._pending_at_ms = None
                raise
            with self._changed:
                on_commit()
                self._first, self._end, self._trimmed_unread = first, end, trimmed_unread
                self._pending_at_ms = None
                self._changed.notify_all()
            if posts:
                self._folder_lock.note(self._log_id, end)

    def write_past(self, runs: Iterable[tuple[int, Sequence[Post]]]) -> None:
        """Write posts from before the first start. Call it before the log is served: later, time would go back.

        Nothing is written if the log is not new, if the posts would fill half of the file, or if the disk is full.

        Args:
            runs: The time of each run (ms since 1970, none later than now) and its posts, oldest first.

        """
        with self._append_lock:
            if not self.is_new or self._end:
                return
            try:
                with self._transaction():
                    end = insert_past(self._db, runs, self._hashes, self._clock.steady_ms(), self._max_bytes // 2)
            except (PastTooLargeError, sqlite3.OperationalError) as error:
                logger.warning("the past that a source made up is not written: %s", error)
                return
            with self._changed:
                self._end = end
                self._changed.notify_all()
            self._folder_lock.note(self._log_id, end)

    def ack(self, log: str, end: int) -> int:
        """Note that all posts before `end` are counted; return the greatest acknowledged offset.

        Raises:
            AckError: The log is another one, or `end` is beyond its end; nothing has changed.

        """
        with self._append_lock:
            if log != self._log_id:
                raise AckError(f"this is log {self._log_id}, not {log}")
            if end > self._end:
                raise AckError(f"the log ends at {self._end}, before {end}")
            if end > self._acked:
                with self._transaction():
                    self._db.execute("UPDATE log SET acked = ?", (end,))
                with self._changed:
                    self._acked = end
            return self._acked

    def trim(self) -> int:
        """Delete acknowledged posts that are older than the bound; return the first stored offset.

        The age is measured by `steady_ms`, not by `at_ms`, which jumps with the wall clock.
        """
        with self._append_lock:
            with self._changed:
                horizon_ms = self._clock.steady_ms() - self._max_age_ms
            first_left = self._first
            with self._transaction():
                for first, count, steady_ms in self._db.execute("SELECT first, count, steady_ms FROM runs ORDER BY 1"):
                    if steady_ms > horizon_ms or first + count > self._acked:
                        break
                    first_left = first + count
                if first_left > self._first:
                    self._db.execute("DELETE FROM runs WHERE first < ?", (first_left,))
            if first_left > self._first:
                with self._changed:
                    self._first = first_left
                return_free_pages(self._db)
            return self._first

    def discard(self, damage: UnreadableError) -> None:
        """Delete a damaged run and all runs before it: a reader by offset would never get past it."""
        with self._append_lock:
            if damage.end <= self._first:
                return
            unread = max(0, damage.end - max(self._first, self._acked))
            trimmed_unread = self._trimmed_unread + unread
            with self._transaction():
                self._db.execute("DELETE FROM runs WHERE first < ?", (damage.end,))
                self._db.execute("UPDATE log SET trimmed_unread = ?", (trimmed_unread,))
            with self._changed:
                self._first, self._trimmed_unread = damage.end, trimmed_unread
            self.notice = f"{damage}: all posts before {damage.end} were deleted, {unread} of them unread"
        logger.error("%s", self.notice)

    def discard_columns(self, damage: DamagedColumnsError) -> None:
        """Remove the damaged columns of a run, whose posts stay: the next reader gets columns made from the lines."""
        with self._append_lock, self._transaction():
            remove_columns(self._db, damage.first)
        logger.warning("%s: they are made from its lines", damage)

    def check_in_place(self) -> None:
        """Check that the open file is the one that the next start will open.

        Raises:
            SpoolBrokenError: The file was removed or replaced.

        """
        if inodes(self._path) != self._inodes:
            raise SpoolBrokenError(f"{self._path} was removed or replaced while it was in use")

    def _trim_to_fit(self, size: int) -> tuple[int, int]:
        """Delete the oldest runs until `size` more bytes fit; return the new `first` and `trimmed_unread`."""
        first, trimmed_unread = self._first, self._trimmed_unread
        while first < self._end and used_bytes(self._db) + size > self._max_bytes:
            count = self._db.execute("SELECT count FROM runs WHERE first = ?", (first,)).fetchone()[0]
            self._db.execute("DELETE FROM runs WHERE first = ?", (first,))
            trimmed_unread += max(0, first + count - max(first, self._acked))
            first += count
        if trimmed_unread > self._trimmed_unread:
            self._db.execute("UPDATE log SET trimmed_unread = ?", (trimmed_unread,))
        return first, trimmed_unread

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with breakage():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _load(self) -> None:
        row = self._db.execute('SELECT id, "end", acked, trimmed_unread FROM log').fetchone()
        self._log_id, self._end, self._acked, self._trimmed_unread = row
        self._first = self._db.execute("SELECT coalesce(min(first), ?) FROM runs", (self._end,)).fetchone()[0]
        last = self._db.execute("SELECT at_ms, steady_ms FROM runs ORDER BY first DESC LIMIT 1").fetchone()
        if last:
            self._clock.start_from(*last)
        self._hashes = PostHashes(read_salt(self._db))
        self._folder_lock.note(self._log_id, self._end)
        self._inodes = inodes(self._path)

"""The spool: the log of accepted posts on disk, append-only, replayable by offset until it is trimmed."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.posts.post import Post, encode_lines
from ingest.spool.clock import Clock
from ingest.spool.file import (
    SpoolBrokenError,
    breakage,
    give_back,
    insert_run,
    open_file,
    write_progress,
)
from ingest.spool.lock import Claim
from ingest.spool.reader import Reader, UnreadableError
from ingest.spool.sqlite_guard import inodes, used_bytes

logger = logging.getLogger(__name__)


class SpoolError(Exception):
    """The spool can't be opened; the text says why, in one sentence."""


class AckError(ValueError):
    """An acknowledgement that is not of this log, or of posts that it doesn't have."""


@dataclass(frozen=True)
class Marks:
    """Where the log stands; see STATUS in docs/protocol.md."""

    log: str
    first: int
    end: int
    acked: int
    trimmed_unread: int
    watermark_ms: int


class Spool:
    """The one writer of a spool folder; safe to use from many threads.

    One row per committed run of posts (first offset, count, time, lines), in SQLite with a write-ahead log that is
    synced at each commit: what `append` returned from survives a power cut. The progress of the sources is part of the
    same transaction.
    """

    def __init__(self, folder: Path, clock: Clock, *, max_age_seconds: float, max_bytes: int) -> None:
        """Open the spool in `folder`, or make one.

        Posts that were acknowledged are kept for `max_age_seconds`; `max_bytes` bounds the file: when it is full, the
        oldest posts go, read or not.

        A broken file is set aside, and a new one begun; `notice` says so.

        Raises:
            SpoolError: another process has it open, or it can't be opened or made.

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
            self._claim = Claim(folder)
        except BlockingIOError as error:
            raise SpoolError(f"another ingest is using {folder}") from error
        except OSError as error:
            raise SpoolError(f"{folder} can't be used: {error.strerror}") from error
        try:
            self._db, self.notice = open_file(self._path, self._claim.last, clock.now_ms())
            self._load()
        except (sqlite3.Error, OSError) as error:
            self._claim.close()
            raise SpoolError(f"{self._path} can't be used: {error}") from error

    def close(self) -> None:
        """End the last transaction, close the file, free the folder, and wake all who wait."""
        with self._append_lock:
            self._db.close()
            self._claim.close()
        self.wake()

    def marks(self) -> Marks:
        """Return where the log stands now; never waits for a transaction.

        No post at `end` or later gets an `at_ms` below the watermark: it is now, or the time of a run in progress.
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
        """The offset that the next post will get."""
        return self._end

    def wait_beyond(self, offset: int, timeout_seconds: float) -> int:
        """Wait until there are posts at `offset`, or for `timeout_seconds`; return `end`."""
        with self._changed:
            if self._end <= offset:
                self._changed.wait(timeout_seconds)
            return self._end

    def wake(self) -> None:
        """Wake all who wait in `wait_beyond`."""
        with self._changed:
            self._changed.notify_all()

    def reader(self) -> Reader:
        """Return a connection for reading, to be used in one thread."""
        return Reader(self._path)

    def progress(self) -> dict[str, bytes]:
        """Return the progress of all sources that ever were, by their names."""
        with self._append_lock:
            return dict(self._db.execute("SELECT name, progress FROM sources").fetchall())

    def append(
        self, posts: Sequence[Post], progress: Mapping[str, bytes], on_commit: Callable[[], None] = lambda: None
    ) -> None:
        """Commit a run of posts and the progress of the sources, both or neither; stamps offset and time into them.

        `on_commit` is called before anybody sees the new `end`.

        Raises:
            sqlite3.Error: it can't be written (the disk is full); nothing has changed.
            SpoolBrokenError: the file is broken.

        """
        with self._append_lock:
            with self._changed:
                at_ms = self._pending_at_ms = self._clock.now_ms()
            end = self._end + len(posts)
            first, trimmed_unread = self._first, self._trimmed_unread
            try:
                lines = encode_lines(posts, self._end, at_ms)
                with self._transaction():
                    if posts:
                        first, trimmed_unread = self._make_room(len(lines))
                        insert_run(self._db, self._end, len(posts), (at_ms, self._clock.steady_ms()), lines)
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
                self._claim.note(self._log_id, end)

    def ack(self, log: str, end: int) -> int:
        """Note that all before `end` is counted; return the greatest such offset.

        Raises:
            AckError: another log, or beyond the end; nothing has changed.

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
        """Throw away what was acknowledged and is older than the age bound; return the first offset held.

        The age is not that of `at_ms`, which jumps with the wall clock: it grows as long as ingest runs.
        """
        with self._append_lock:
            with self._changed:
                horizon_ms = self._clock.steady_ms() - self._max_age_ms
            keep = self._first
            with self._transaction():
                for first, count, steady_ms in self._db.execute("SELECT first, count, steady_ms FROM runs ORDER BY 1"):
                    if steady_ms > horizon_ms or first + count > self._acked:
                        break
                    keep = first + count
                if keep > self._first:
                    self._db.execute("DELETE FROM runs WHERE first < ?", (keep,))
            if keep > self._first:
                with self._changed:
                    self._first = keep
                give_back(self._db)
            return self._first

    def discard(self, damage: UnreadableError) -> None:
        """Throw away a damaged run and all before it: whoever reads by offset would never get past it."""
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
            self.notice = f"{damage}: all before {damage.end} was thrown away, {unread} of them unread"
        logger.error("%s", self.notice)

    def check_in_place(self) -> None:
        """Make sure that what is written goes to where the next start looks for it.

        Raises:
            SpoolBrokenError: the file was removed, or another put in its place.

        """
        if inodes(self._path) != self._inodes:
            raise SpoolBrokenError(f"{self._path} was removed or replaced while it was in use")

    def _make_room(self, size: int) -> tuple[int, int]:
        """Trim from the front until `size` more bytes fit; return the first offset left and how many were unread."""
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
        self._claim.note(self._log_id, self._end)
        self._inodes = inodes(self._path)

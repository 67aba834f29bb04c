"""The spool: the log of accepted posts on disk, append-only, replayable by offset until it is trimmed."""

import fcntl
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.clock import Clock
from ingest.post import Post, encode_lines
from ingest.reader import Reader

#: Free pages are given back to the disk when there are this many bytes of them; until then new posts reuse them.
VACUUM_BYTES = 16 * 2**20

_PAGE_BYTES = 16 * 1024
_FORMAT = 1
_SCHEMA = """
CREATE TABLE log (
  id TEXT NOT NULL, "end" INTEGER NOT NULL, acked INTEGER NOT NULL, trimmed_unread INTEGER NOT NULL,
  session TEXT, session_first INTEGER NOT NULL, finished INTEGER NOT NULL
);
CREATE TABLE sources (name TEXT PRIMARY KEY, progress BLOB NOT NULL);
CREATE TABLE runs (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, at_ms INTEGER NOT NULL, bytes BLOB NOT NULL);
"""


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
    same transaction. A session is the time from a start to the end of the input, crashes and restarts included.
    """

    def __init__(self, folder: Path, clock: Clock, *, max_age_seconds: float, max_bytes: int) -> None:
        """Open the spool in `folder`, or make one.

        Posts that were acknowledged are kept for `max_age_seconds`; `max_bytes` bounds the file: when it is full, the
        oldest posts go, read or not.

        Raises:
            SpoolError: another process has it open, or it is not a spool.

        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock_file = (folder / "lock").open("a")
        except OSError as error:
            raise SpoolError(f"{folder} can't be used: {error.strerror}") from error
        self._log = ""
        self._first = self._end = self._acked = self._trimmed_unread = self._session_first = 0
        self._path = folder / "spool.sqlite"
        self._clock = clock
        self._max_age_ms = int(max_age_seconds * 1000)
        self._max_bytes = max_bytes
        self._append_lock = threading.Lock()
        self._changed = threading.Condition()
        self._pending_at_ms: int | None = None
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._db = _open(self._path)
            self._load()
        except BlockingIOError as error:
            self._lock_file.close()
            raise SpoolError(f"another ingest is using {folder}") from error
        except sqlite3.DatabaseError as error:
            self._lock_file.close()
            raise SpoolError(f"{self._path} can't be used: {error}") from error

    def close(self) -> None:
        """End the last transaction, close the file, free the folder, and wake all who wait."""
        with self._append_lock:
            self._db.close()
            self._lock_file.close()
        with self._changed:
            self._changed.notify_all()

    def marks(self) -> Marks:
        """Return where the log stands now; never waits for a transaction.

        No post at `end` or later gets an `at_ms` below the watermark: it is now, or the time of a run in progress.
        """
        with self._changed:
            watermark_ms = self._clock.now_ms() if self._pending_at_ms is None else self._pending_at_ms
            return Marks(self._log, self._first, self._end, self._acked, self._trimmed_unread, watermark_ms)

    @property
    def log(self) -> str:
        """The random id of this log."""
        return self._log

    @property
    def end(self) -> int:
        """The offset that the next post will get."""
        return self._end

    @property
    def session_first(self) -> int:
        """The first offset of the session."""
        return self._session_first

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

    def begin_session(self, identity: str | None) -> dict[str, bytes]:
        """Go on with the session of this identity, or begin one; return the progress of its sources.

        The one before is gone on with if it did not finish and had the same identity (the same input); None has none.
        """
        with self._append_lock, self._transaction():
            session, finished = self._db.execute("SELECT session, finished FROM log").fetchone()
            if finished or identity is None or identity != session:
                self._session_first = self._end
                self._db.execute("DELETE FROM sources")
                self._db.execute(
                    "UPDATE log SET session = ?, session_first = ?, finished = 0", (identity, self._session_first)
                )
            return dict(self._db.execute("SELECT name, progress FROM sources").fetchall())

    def finish_session(self) -> None:
        """Remember that the input came to its end: the next start begins anew."""
        with self._append_lock, self._transaction():
            self._db.execute("UPDATE log SET finished = 1")

    def append(self, posts: Sequence[Post], progress: Mapping[str, bytes]) -> None:
        """Commit a run of posts and the progress of the sources, both or neither; stamps offset and time into them.

        Raises:
            sqlite3.OperationalError: it can't be written (the disk is full); nothing has changed.

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
                        self._db.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", (self._end, len(posts), at_ms, lines))
                        self._db.execute('UPDATE log SET "end" = ?', (end,))
                    self._db.executemany("REPLACE INTO sources VALUES (?, ?)", progress.items())
            except BaseException:
                with self._changed:
                    self._pending_at_ms = None
                raise
            with self._changed:
                self._first, self._end, self._trimmed_unread = first, end, trimmed_unread
                self._pending_at_ms = None
                self._changed.notify_all()

    def ack(self, log: str, end: int) -> int:
        """Note that all before `end` is counted; return the greatest such offset.

        Raises:
            AckError: another log, or beyond the end; nothing has changed.

        """
        with self._append_lock:
            if log != self._log:
                raise AckError(f"this is log {self._log}, not {log}")
            if end > self._end:
                raise AckError(f"the log ends at {self._end}, before {end}")
            if end > self._acked:
                with self._transaction():
                    self._db.execute("UPDATE log SET acked = ?", (end,))
                with self._changed:
                    self._acked = end
            return self._acked

    def trim(self) -> int:
        """Throw away what was acknowledged and is older than the age bound; return the first offset held."""
        with self._append_lock:
            with self._changed:
                horizon_ms = self._clock.now_ms() - self._max_age_ms
            keep = self._first
            for first, count, at_ms in self._db.execute("SELECT first, count, at_ms FROM runs ORDER BY first"):
                if at_ms > horizon_ms or first + count > self._acked:
                    break
                keep = first + count
            if keep > self._first:
                with self._transaction():
                    self._db.execute("DELETE FROM runs WHERE first < ?", (keep,))
                with self._changed:
                    self._first = keep
                self._give_back()
            return self._first

    def _make_room(self, size: int) -> tuple[int, int]:
        """Trim from the front until `size` more bytes fit; return the first offset left and how many were unread."""
        first, trimmed_unread = self._first, self._trimmed_unread
        while first < self._end and self._used_bytes() + size > self._max_bytes:
            count = self._db.execute("SELECT count FROM runs WHERE first = ?", (first,)).fetchone()[0]
            self._db.execute("DELETE FROM runs WHERE first = ?", (first,))
            trimmed_unread += max(0, first + count - max(first, self._acked))
            first += count
        if trimmed_unread > self._trimmed_unread:
            self._db.execute("UPDATE log SET trimmed_unread = ?", (trimmed_unread,))
        return first, trimmed_unread

    def _used_bytes(self) -> int:
        return (self._pragma("page_count") - self._pragma("freelist_count")) * _PAGE_BYTES

    def _give_back(self) -> None:
        free_pages = self._pragma("freelist_count")
        if free_pages * _PAGE_BYTES > VACUUM_BYTES:
            # It frees a page each time it is stepped, and execute steps once.
            self._db.executescript("PRAGMA incremental_vacuum")

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _load(self) -> None:
        if self._pragma("user_version") != _FORMAT:
            raise sqlite3.DatabaseError(f"its format is {self._pragma('user_version')}, not {_FORMAT}")
        row = self._db.execute('SELECT id, "end", acked, trimmed_unread, session_first FROM log').fetchone()
        self._log, self._end, self._acked, self._trimmed_unread, self._session_first = row
        self._first = self._db.execute("SELECT coalesce(min(first), ?) FROM runs", (self._end,)).fetchone()[0]
        last = self._db.execute("SELECT at_ms FROM runs ORDER BY first DESC LIMIT 1").fetchone()
        if last:
            self._clock.start_from(last[0])


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
    db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA wal_autocheckpoint = 512")
    if not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        db.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute("INSERT INTO log VALUES (?, 0, 0, 0, NULL, 0, 0)", (secrets.token_hex(8),))
        db.execute(f"PRAGMA user_version = {_FORMAT}")
        db.execute("COMMIT")
    return db

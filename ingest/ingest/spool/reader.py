"""Read any range of posts from the spool, also while it is written and trimmed."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.posts.columns import COLUMN_SET, END_OF_STREAM, SCHEMA, NoColumnsError, columns_of_lines
from ingest.posts.post_hashes import PostHashes
from ingest.spool.changes import ChangeRange, read_changes
from ingest.spool.file import breakage, columns_checksum, read_salt, run_checksum
from ingest.spool.schema import STORED_RUNS

# The last stored run that starts at or before a given offset, and all runs behind it.
_FROM = "first >= coalesce((SELECT max(first) FROM runs WHERE first <= :start), 0)"


class TrimmedError(Exception):
    """A run was trimmed while it was being read."""


class ResizedError(Exception):
    """Lines or columns have another size than when they were measured: a post was edited, or columns were damaged."""


class UnreadableError(Exception):
    """The checksum of a run is wrong: it is damaged. `first` is its first offset, `end` is the offset behind it."""

    def __init__(self, first: int, end: int) -> None:
        super().__init__(f"the posts from {first} to {end - 1} are damaged on disk")
        self.first = first
        self.end = end


class DamagedColumnsError(Exception):
    """The checksum of the columns of the run at offset `first` is wrong. Its lines may be undamaged."""

    def __init__(self, first: int) -> None:
        super().__init__(f"the columns of the posts from {first} on are damaged on disk")
        self.first = first


@dataclass(frozen=True)
class Range:
    """The stored part of a range of offsets: `posts` posts from offset `first`.

    `bytes` is the size of their lines, or of the stream of their columns.
    """

    first: int
    posts: int
    bytes: int


class SpoolReader:
    """A read-only connection to the spool, for one thread.

    Each query is its own transaction and has ended when it returns. So a slow reader does not force SQLite to hold old
    pages (which would make the write-ahead log grow). One run is in memory at a time. A broken file raises
    SpoolBrokenError; all other errors are a sqlite3.Error.
    """

    def __init__(self, path: Path) -> None:
        """Open the spool at `path`.

        Raises:
            OSError: It can't be opened (it was removed, or there are too many open files).

        """
        try:
            self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        except sqlite3.OperationalError as error:
            raise OSError(f"{path} can't be opened: {error}") from error
        self._db.execute("PRAGMA cache_size = -256")
        self._hashes: PostHashes | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def range(self, start: int, end: int) -> Range:
        """Return which posts from offset `start` to before `end` are stored; see READ in docs/protocol.md.

        Raises:
            UnreadableError: The first or the last run of them is damaged.

        """
        stored = None
        while stored is None:
            with suppress(TrimmedError):
                stored = self._range(start, end)
        return stored

    def lines(self, stored: Range) -> Iterator[bytes]:
        """Yield the lines of the range `stored`, one run at a time.

        Raises:
            TrimmedError: A run was trimmed since `range` was called.
            ResizedError: A post was edited since then, and its line has become longer; the runs before were yielded.
            UnreadableError: A run is damaged; the runs before it were yielded.

        """
        first, end, left = stored.first, stored.first + stored.posts, stored.bytes
        while first < end:
            run_first, count, data = self._run(first)
            begin = _position(data, first - run_first)
            finish = _position(data, end - run_first) if end < run_first + count else len(data)
            first, left = run_first + count, left - (finish - begin)
            if left < 0 or (left and first >= end):
                raise ResizedError(f"posts before {first} have changed")
            yield data[begin:finish] if finish - begin < len(data) else data

    def changes(self, start: int, end: int) -> ChangeRange:
        """Return the stored changes from number `start` to before `end`, as many as fit into one response.

        Raises:
            DamagedChangeError: One of them is damaged.

        """
        return read_changes(self._query, start, end)

    def column_range(self, start: int, end: int) -> Range:
        """Return which posts from offset `start` to before `end` are stored, with the size of their columns.

        The columns of a run that has none are made here to measure them, and made again by `columns`: so the memory
        is bounded by one run.

        Raises:
            NoColumnsError: The lines of a run can't be converted; the text names its posts.
            UnreadableError: A run that has no columns is damaged.

        """
        stored = None
        while stored is None:
            with suppress(TrimmedError):
                stored = self._column_range(start, end)
        return stored

    def columns(self, stored: Range) -> Iterator[bytes]:
        """Yield the stream of the columns of the range `stored`, one run at a time; runs are whole.

        Raises:
            TrimmedError: A run was trimmed since `column_range` was called.
            ResizedError: The columns of a run have another size now.
            DamagedColumnsError: The columns of a run are damaged; the runs before it were yielded.
            UnreadableError: A run that has no columns is damaged.

        """
        first, end = stored.first, stored.first + stored.posts
        before, left = SCHEMA, stored.bytes
        while first < end:
            run_first, count, columns = self._columns(first)
            first = run_first + count
            data = before + columns + (END_OF_STREAM if first >= end else b"")
            before, left = b"", left - len(data)
            if left < 0 or (left and first >= end):
                # Another reader found damaged columns, which were removed. Those from the lines differ in size.
                raise ResizedError(f"the columns of the posts before {first} have changed")
            yield data

    def _column_range(self, start: int, end: int) -> Range:
        runs = self._query(
            f"SELECT first, count, column_set, columns_size FROM {STORED_RUNS} "  # noqa: S608
            f"WHERE {_FROM} AND first < :end AND first + count > :start ORDER BY first",
            {"start": start, "end": end},
        )
        if not runs or end <= start:
            return Range(max(start, self._first()), 0, 0)
        size = len(SCHEMA) + len(END_OF_STREAM)
        for first, _, column_set, stored in runs:
            size += stored if column_set == COLUMN_SET else len(self._columns(first)[2])
        first = max(start, runs[0][0])
        return Range(first, min(end, runs[-1][0] + runs[-1][1]) - first, size)

    def _columns(self, offset: int) -> tuple[int, int, bytes]:
        first, count, column_set, expected, columns = self._row(
            offset, "first, count, column_set, columns_checksum, columns"
        )
        if column_set == COLUMN_SET:
            if columns_checksum(first, count, columns) != expected:
                raise DamagedColumnsError(first)
            return first, count, columns
        lines = self._run(first)[2]
        if self._hashes is None:
            with breakage():
                self._hashes = PostHashes(read_salt(self._db))
        try:
            return first, count, columns_of_lines(lines, first, count, self._hashes)
        except NoColumnsError as error:
            raise NoColumnsError(f"no columns for the posts from {first} to {first + count - 1}") from error

    def _range(self, start: int, end: int) -> Range:
        front, back, log_end, size = self._query(
            f"SELECT min(first), max(first), max(first + count), sum(lines_size) FROM {STORED_RUNS} "  # noqa: S608
            f"WHERE {_FROM} AND first < :end AND first + count > :start",
            {"start": start, "end": end},
        )[0]
        if front is None or end <= start:
            return Range(max(start, self._first()), 0, 0)
        first, end = max(start, front), min(end, log_end)
        if first > front:
            size -= _position(self._run(front)[2], first - front)
        if end < log_end:
            data = self._run(back)[2]
            size -= len(data) - _position(data, end - back)
        return Range(first, end - first, size)

    def _first(self) -> int:
        rows = self._query('SELECT coalesce((SELECT min(first) FROM runs), (SELECT "end" FROM log))', ())
        return int(rows[0][0])

    def _run(self, offset: int) -> tuple[int, int, bytes]:
        first, count, expected, data = self._row(offset, "first, count, checksum, bytes")
        if run_checksum(first, count, data) != expected:
            raise UnreadableError(first, first + count)
        return first, count, data

    def _row(self, offset: int, fields: str) -> tuple[Any, ...]:
        """Return `fields`, of which the first two are `first` and `count`, of the run with the post at `offset`."""
        rows = self._query(
            f"SELECT {fields} FROM {STORED_RUNS} WHERE first <= ? ORDER BY first DESC LIMIT 1",  # noqa: S608
            (offset,),
        )
        if not rows or rows[0][0] + rows[0][1] <= offset:
            raise TrimmedError(f"the post at {offset} was trimmed")
        return rows[0]

    def _query(self, statement: str, values: Any) -> list[tuple[Any, ...]]:
        with breakage():
            return self._db.execute(statement, values).fetchall()


def _position(data: bytes, lines: int) -> int:
    """Return the position behind the first `lines` lines."""
    position = 0
    for _ in range(lines):
        position = data.index(b"\n", position) + 1
    return position

"""Read any range of posts from the spool, also while it is written and trimmed."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.spool.file import breakage, run_checksum

# The last stored run that starts at or before a given offset, and all runs behind it.
_FROM = "first >= coalesce((SELECT max(first) FROM runs WHERE first <= :start), 0)"


class TrimmedError(Exception):
    """A run was trimmed while it was being read."""


class UnreadableError(Exception):
    """The checksum of a run is wrong: the run is damaged. `end` is the offset behind it."""

    def __init__(self, first: int, end: int) -> None:
        super().__init__(f"the posts from {first} to {end - 1} are damaged on disk")
        self.end = end


@dataclass(frozen=True)
class Range:
    """The stored part of a range of offsets: `posts` posts from offset `first`, whose lines have `bytes` bytes."""

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
            UnreadableError: A run is damaged; the runs before it were yielded.

        """
        first, end = stored.first, stored.first + stored.posts
        while first < end:
            run_first, count, data = self._run(first)
            begin = _position(data, first - run_first)
            finish = _position(data, end - run_first) if end < run_first + count else len(data)
            yield data[begin:finish] if finish - begin < len(data) else data
            first = run_first + count

    def _range(self, start: int, end: int) -> Range:
        front, back, log_end, size = self._query(
            f"SELECT min(first), max(first), max(first + count), sum(length(bytes)) FROM runs "  # noqa: S608
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
        rows = self._query(
            "SELECT first, count, checksum, bytes FROM runs WHERE first <= ? ORDER BY first DESC LIMIT 1", (offset,)
        )
        if not rows or rows[0][0] + rows[0][1] <= offset:
            raise TrimmedError(f"the post at {offset} was trimmed")
        first, count, expected, data = rows[0]
        if run_checksum(first, count, data) != expected:
            raise UnreadableError(first, first + count)
        return first, count, data

    def _query(self, statement: str, values: Any) -> list[tuple[Any, ...]]:
        with breakage():
            return self._db.execute(statement, values).fetchall()


def _position(data: bytes, lines: int) -> int:
    """Return the position behind the first `lines` lines."""
    position = 0
    for _ in range(lines):
        position = data.index(b"\n", position) + 1
    return position

"""Reading the spool: any range of posts, while it is written and trimmed."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

# The last held run that starts at or before a given offset, and all behind it.
_FROM = "first >= coalesce((SELECT max(first) FROM runs WHERE first <= :start), 0)"


class TrimmedError(Exception):
    """A run went away while it was being read: it was trimmed."""


@dataclass(frozen=True)
class Range:
    """What there is of a range of offsets: `posts` posts from offset `first`, their lines being `bytes` bytes."""

    first: int
    posts: int
    bytes: int


class Reader:
    """A read-only connection to the spool, for one thread.

    Each query is a transaction of its own, and over when it returns: a slow reader keeps no old state alive (which
    would make the write-ahead log grow), and holds one run in memory.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._db.execute("PRAGMA cache_size = -256")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def range(self, start: int, end: int) -> Range:
        """Return what is held of the offsets from `start` to before `end`; see READ in docs/protocol.md."""
        held = None
        while held is None:
            with suppress(TrimmedError):
                held = self._range(start, end)
        return held

    def lines(self, held: Range) -> Iterator[bytes]:
        """Yield the lines of `held`, a run at a time.

        Raises:
            TrimmedError: a run was trimmed in between.

        """
        first, end = held.first, held.first + held.posts
        while first < end:
            run_first, count, data = self._run(first)
            begin = _position(data, first - run_first)
            finish = _position(data, end - run_first) if end < run_first + count else len(data)
            yield data[begin:finish] if finish - begin < len(data) else data
            first = run_first + count

    def _range(self, start: int, end: int) -> Range:
        front, back, log_end, size = self._db.execute(
            f"SELECT min(first), max(first), max(first + count), sum(length(bytes)) FROM runs "  # noqa: S608
            f"WHERE {_FROM} AND first < :end AND first + count > :start",
            {"start": start, "end": end},
        ).fetchall()[0]
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
        rows = self._db.execute('SELECT coalesce((SELECT min(first) FROM runs), (SELECT "end" FROM log))').fetchall()
        return int(rows[0][0])

    def _run(self, offset: int) -> tuple[int, int, bytes]:
        rows = self._db.execute(
            "SELECT first, count, bytes FROM runs WHERE first <= ? ORDER BY first DESC LIMIT 1", (offset,)
        ).fetchall()
        if not rows or rows[0][0] + rows[0][1] <= offset:
            raise TrimmedError(f"the post at {offset} was trimmed")
        first, count, data = rows[0]
        return int(first), int(count), bytes(data)


def _position(data: bytes, lines: int) -> int:
    """Return where the line after the first `lines` ones starts."""
    position = 0
    for _ in range(lines):
        position = data.index(b"\n", position) + 1
    return position

"""The source `replay`: posts from a file or from standard input, at their own pace or another."""

import gzip
import os
import select
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import ClassVar

from ingest import lines
from ingest.sources import replay_format, unexpected
from ingest.sources.base import Interrupted, Malformed, Sighting, Source
from ingest.sources.json_line import FormatError

_POLL_MS = 200
_STDIN = 0

Read = Callable[[int], bytes]


class Replay(Source):
    """Yields the posts of a file, plain or `.gz`, or of standard input (`-`).

    The cursor is the number of the last line read, or of the line and the posts taken from its page: `12` or `12:5`.
    """

    name: ClassVar[str] = "replay"

    def __init__(
        self,
        file: str,
        speed: float,
        *,
        monotonic: Callable[[], float],
        stop: Event,
    ) -> None:
        """`speed` times the original pace, 0: no pace."""
        self._file = file
        self._speed = speed
        self._monotonic = monotonic
        self._stop = stop

    @property
    def identity(self) -> str | None:
        """The file as it is; a changed one is another input. A pipe can't be read again."""
        if self._file == "-":
            return None
        facts = Path(self._file).stat()
        if not stat.S_ISREG(facts.st_mode):
            return None
        return f"replay {Path(self._file).resolve()} {facts.st_size} {facts.st_mtime_ns}"

    def posts(self, cursor: str | None) -> Iterator[Sighting | Malformed]:
        """Yield what stands behind `cursor`; see Source."""
        done, _, taken = (cursor or "0").partition(":")
        number, elements = int(done), int(taken or 0)
        first_line = line_number = number + (not elements)
        pace = _Pace(self._speed, self._monotonic, self._stop)
        try:
            with self._open() as read:
                self.opened()
                for line_number, line in enumerate(lines.split(read), 1):
                    if line_number < first_line:
                        continue
                    skip = elements if line_number == number else 0
                    yield from _items(line, line_number, skip, pace)
                    if self._stop.is_set():
                        return
        except (EOFError, zlib.error, gzip.BadGzipFile):
            yield Malformed("broken gzip", str(line_number))
        except OSError as error:
            raise Interrupted(f"{self._file} can't be read: {error.strerror}") from error

    @contextmanager
    def _open(self) -> Iterator[Read]:
        if self._file == "-":
            yield self._from_pipe(_STDIN)
        elif self._file.endswith(".gz"):
            with gzip.open(self._file) as unpacked:
                yield unpacked.read1
        elif stat.S_ISREG(Path(self._file).stat().st_mode):
            with Path(self._file).open("rb", buffering=0) as file:
                yield lambda size: file.read(size) or b""
        else:
            descriptor = os.open(self._file, os.O_RDONLY | os.O_NONBLOCK)
            try:
                yield self._from_pipe(descriptor)
            finally:
                os.close(descriptor)

    def _from_pipe(self, descriptor: int) -> Read:
        """Return a read that ends when we must stop, though nothing comes."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)

        def read(size: int) -> bytes:
            while not poll.poll(_POLL_MS):
                if self._stop.is_set():
                    return b""
            return os.read(descriptor, size)

        return read


class _Pace:
    """Keeps the time between posts, divided by the speed; one that is older than the last comes at once."""

    def __init__(self, speed: float, monotonic: Callable[[], float], stop: Event) -> None:
        self._speed = speed
        self._monotonic = monotonic
        self._stop = stop
        self._start_ms: int | None = None
        self._start = 0.0

    def keep(self, at_ms: int | None) -> bool:
        """Wait until it is the turn of a post of this time; false if we must stop."""
        if not self._speed or at_ms is None:
            return True
        if self._start_ms is None:
            self._start_ms, self._start = at_ms, self._monotonic()
        due = self._start + (at_ms - self._start_ms) / 1000 / self._speed
        delay = due - self._monotonic()
        return delay <= 0 or not self._stop.wait(delay)


def _items(line: bytes | None, number: int, skip: int, pace: _Pace) -> Iterator[Sighting | Malformed]:
    """Yield what a line has, without the first `skip` posts of its page."""
    here = str(number)
    if line is None:
        yield Malformed("longer than 1 MiB", here)
        return
    if not line.strip():
        return
    found = unexpected.read(partial(replay_format.posts, number=number), line)
    if isinstance(found, FormatError):
        yield unexpected.malformed(found, here)
        return
    for taken, each in enumerate(found, 1):
        if taken <= skip:
            continue
        cursor = here if taken == len(found) else f"{here}:{taken}"
        if isinstance(each, FormatError):
            yield unexpected.malformed(each, cursor)
        elif pace.keep(each.at_ms):
            yield Sighting(each.post, cursor)
        else:
            return

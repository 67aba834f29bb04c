"""The source `replay`: posts from a file or from standard input, at their own pace or faster."""

import codecs
import gzip
import os
import select
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, ClassVar, Self

from ingest.sources.base import IdentityMatch, Interrupted, Malformed, NewPost, Refused, Source, SourceContext
from ingest.sources.common import lines
from ingest.sources.replay import identity as replay_identity
from ingest.sources.replay.items import MAX_LINE_BYTES, ReplayItem, TimedItems
from ingest.sources.replay.pace import Pace

if TYPE_CHECKING:
    from ingest.settings import Settings

#: The first bytes of files that were compressed by gzip, zip, zstd, xz and bzip2.
_COMPRESSED = (b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh")

_POLL_MS = 200
_STDIN = 0

Read = Callable[[int], bytes]


class Replay(Source):
    """Yields the posts of a file, plain or `.gz`, or of standard input (`-`).

    The cursor is the number of the last line: `12`; within a page, also the number of its posts that were read: `12:5`.
    """

    name: ClassVar[str] = "replay"
    plays_once: ClassVar[bool] = True

    @classmethod
    def from_settings(cls, settings: "Settings", context: SourceContext) -> Self:
        """Return a new source for `REPLAY_FILE`."""
        return cls(
            settings.replay_file,
            settings.replay_speed,
            monotonic_seconds=context.monotonic_seconds,
            stop=context.stop,
        )

    @classmethod
    def check_settings(cls, settings: "Settings") -> None:
        """Check that the file exists and can be read.

        Raises:
            ValueError: The file does not exist or can't be read.

        """
        path = Path(settings.replay_file)
        if settings.replay_file == "-":
            return
        if not settings.replay_file:
            raise ValueError("REPLAY_FILE must be set for SOURCE=replay")
        if not path.exists():
            raise ValueError(f"REPLAY_FILE must be a file that exists, not {settings.replay_file!r:.80}")
        if path.is_dir():
            raise ValueError(f"REPLAY_FILE must be a file, not the folder {settings.replay_file!r:.80}")
        if not os.access(path, os.R_OK):
            raise ValueError(f"REPLAY_FILE must be a file that can be read, not {settings.replay_file!r:.80}")

    def __init__(
        self,
        file: str,
        speed: float,
        *,
        monotonic_seconds: Callable[[], float],
        stop: Event,
    ) -> None:
        """Create the source; it plays at `speed` times the original pace, 0: without waits."""
        self._file = file
        self._speed = speed
        self._stop = stop
        self._pace = Pace(speed, monotonic_seconds, "standard input" if file == "-" else file)

    @property
    def identity(self) -> str | None:
        """Made of the content of the file: a changed file is another input. None for a pipe."""
        return None if self._file == "-" else replay_identity.identity(Path(self._file))

    def compare_identity(self, identity: str) -> IdentityMatch:
        """Compare the file with the one that was played; lines may have been added to it."""
        return "other" if self._file == "-" else replay_identity.compare_identity(identity, Path(self._file))

    def already_played_message(self) -> str:
        """Return the sentence for a file that was played to its end."""
        return (
            f"{self._file} was played to its end before and has not changed since, so it is not counted again; "
            "FRESH=1 forgets all counts and plays it again"
        )

    def facts(self) -> Mapping[str, str | int | float]:
        """Return what is unusual about the times of the posts; see Source."""
        notes = self._pace.notes
        return {"pace": "; ".join(notes)} if notes else {}

    def posts(self, cursor: str | None) -> Iterator[ReplayItem]:
        """Yield the posts behind `cursor`; see Source."""
        return chain.from_iterable(self.blocks(cursor))

    def blocks(self, cursor: str | None) -> Iterator[Sequence[ReplayItem]]:
        """Yield the posts behind `cursor`, those that are due at the same time together; see Source."""
        last_line, _, posts_done = (cursor or "0").partition(":")
        number, elements = int(last_line), int(posts_done or 0)
        lines_read = 0
        try:
            with self._open() as read:
                self.report_open()
                for block in lines.blocks(read, MAX_LINE_BYTES):
                    if not lines_read:
                        _check(block[0], self._file)
                    items = TimedItems()
                    if lines_read < number <= lines_read + len(block) and elements:
                        items.add_page(block[number - lines_read - 1], number, elements)
                    skipped = max(0, number - lines_read)
                    items.add(block[skipped:], lines_read + skipped + 1)
                    lines_read += len(block)
                    yield from self._paced(items)
                    if self._stop.is_set():
                        return
        except (EOFError, zlib.error, gzip.BadGzipFile):
            yield [Malformed("broken gzip", str(lines_read))]
        except OSError as error:
            raise Interrupted(f"{self._file} can't be read: {error.strerror}") from error

    def _paced(self, found: TimedItems) -> Iterator[Sequence[ReplayItem]]:
        """Yield items in blocks, each post when it is due; end early if we must stop."""
        if not self._speed:
            yield found.items
            return
        block: list[ReplayItem] = []
        for item, at_ms in zip(found.items, found.times_ms, strict=True):
            has_time = isinstance(item, NewPost) or at_ms is not None
            delay_seconds = self._pace.delay_seconds(at_ms) if has_time else 0.0
            if delay_seconds > 0:
                if block:
                    yield block
                    block = []
                if self._stop.wait(delay_seconds):
                    return
            block.append(item)
        yield block

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
        """Return a read function that returns b"" when we must stop, even if the pipe stays silent."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)

        def read(size: int) -> bytes:
            while not poll.poll(_POLL_MS):
                if self._stop.is_set():
                    return b""
            return os.read(descriptor, size)

        return read


def _check(line: bytes | None, file: str) -> None:
    """Check the beginning of a file.

    Raises:
        Refused: It is compressed, or it is not UTF-8.

    """
    if line is None:
        return
    if line.startswith(_COMPRESSED):
        raise Refused(f"{file} is compressed: decompress it, or use gzip and a name that ends in .gz")
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in line[:4]:
        raise Refused(f"{file} is not UTF-8 but UTF-16 or UTF-32: convert it, such as by iconv -f UTF-16 -t UTF-8")

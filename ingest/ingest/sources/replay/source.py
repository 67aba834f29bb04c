"""The source `replay`: posts from a file or from standard input, at their own pace or another."""

import codecs
import gzip
import os
import select
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, ClassVar, Self

from ingest.posts import entry
from ingest.sources.base import IdentityMatch, Interrupted, Malformed, NewPost, Refused, Source, SourceContext
from ingest.sources.common import lines, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.replay import format as replay_format
from ingest.sources.replay import identity as replay_identity
from ingest.sources.replay.pace import Pace

if TYPE_CHECKING:
    from ingest.settings import Settings

#: A longer line is skipped. A page of the X API with all that belongs to it may have several MiB.
MAX_LINE_BYTES = 2**24

#: What files begin with that gzip, zip, zstd, xz and bzip2 have packed.
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh")

_POLL_MS = 200
_STDIN = 0

Read = Callable[[int], bytes]


class Replay(Source):
    """Yields the posts of a file, plain or `.gz`, or of standard input (`-`).

    The cursor is the number of the last line read, or of the line and the posts taken from its page: `12` or `12:5`.
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
        """Check that the file is there and may be read.

        Raises:
            ValueError: It is not.

        """
        path = Path(settings.replay_file)
        if settings.replay_file == "-":
            return
        if not settings.replay_file:
            raise ValueError("REPLAY_FILE: SOURCE=replay needs a file")
        if not path.exists():
            raise ValueError(f"REPLAY_FILE: there is no file {settings.replay_file}")
        if path.is_dir():
            raise ValueError(f"REPLAY_FILE: {settings.replay_file} is a folder")
        if not os.access(path, os.R_OK):
            raise ValueError(f"REPLAY_FILE: {settings.replay_file} can't be read")

    def __init__(
        self,
        file: str,
        speed: float,
        *,
        monotonic_seconds: Callable[[], float],
        stop: Event,
    ) -> None:
        """`speed` times the original pace, 0: no pace."""
        self._file = file
        self._stop = stop
        self._pace = Pace(speed, monotonic_seconds, stop, "standard input" if file == "-" else file)

    @property
    def identity(self) -> str | None:
        """What is in the file; a changed one is another input. A pipe can't be read again."""
        return None if self._file == "-" else replay_identity.identity(Path(self._file))

    def compare_identity(self, identity: str) -> IdentityMatch:
        """Say whether the file is the one that was played, or that one with lines added to it."""
        return "other" if self._file == "-" else replay_identity.compare_identity(identity, Path(self._file))

    def already_played_message(self) -> str:
        """Say that the file was played to its end."""
        return (
            f"{self._file} was played to its end before, and has not changed since: nothing of it is counted again; "
            "FRESH=1 forgets all counts and plays it again"
        )

    def facts(self) -> Mapping[str, str | int | float]:
        """Return what is unusual about its times, if anything is."""
        notes = self._pace.notes
        return {"pace": "; ".join(notes)} if notes else {}

    def posts(self, cursor: str | None) -> Iterator[NewPost | Malformed]:
        """Yield what stands behind `cursor`; see Source."""
        done, _, taken = (cursor or "0").partition(":")
        number, elements = int(done), int(taken or 0)
        first_line = line_number = number + (not elements)
        try:
            with self._open() as read:
                self.report_open()
                for line_number, line in enumerate(lines.split(read, MAX_LINE_BYTES), 1):
                    if line_number == 1:
                        _check(line, self._file)
                    if line_number < first_line:
                        continue
                    skip = elements if line_number == number else 0
                    yield from _items(line, line_number, skip, self._pace)
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


def _check(line: bytes | None, file: str) -> None:
    """Look at the beginning of a file.

    Raises:
        Refused: it is no text in UTF-8.

    """
    if line is None:
        return
    if line.startswith(_PACKED):
        raise Refused(f"{file} is packed: unpack it, or pack it with gzip and let its name end in .gz")
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in line[:4]:
        raise Refused(f"{file} is not UTF-8 but UTF-16 or UTF-32: convert it, such as by iconv -f UTF-16 -t UTF-8")


def _items(line: bytes | None, number: int, skip: int, pace: Pace) -> Iterator[NewPost | Malformed]:
    """Yield what a line has, without the first `skip` posts of its page."""
    here = str(number)
    if line is None:
        yield Malformed(f"longer than {MAX_LINE_BYTES // 2**20} MiB", here)
        return
    # Files that were put together have a byte order mark at the beginning of each.
    line = line.removeprefix(codecs.BOM_UTF8)
    if not line.strip():
        return
    found = unexpected.read(partial(replay_format.posts, number=number), line)
    if isinstance(found, FormatError):
        yield unexpected.malformed(found, here)
        return
    if len(line) > lines.MAX_LINE_BYTES and len(found) == 1:
        found = [FormatError(entry.TOO_LONG)]
    for taken, each in enumerate(found, 1):
        if taken <= skip:
            continue
        cursor = here if taken == len(found) else f"{here}:{taken}"
        if isinstance(each, FormatError):
            yield unexpected.malformed(each, cursor)
        elif pace.keep(each.at_ms):
            yield NewPost(each.post, cursor)
        else:
            return

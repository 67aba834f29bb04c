"""The source `replay`: posts from a file or from standard input, at their own pace or faster."""

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

#: A longer line is skipped. A page of the X API with its referenced posts may have several MiB.
MAX_LINE_BYTES = 2**24

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
        self._stop = stop
        self._pace = Pace(speed, monotonic_seconds, stop, "standard input" if file == "-" else file)

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

    def posts(self, cursor: str | None) -> Iterator[NewPost | Malformed]:
        """Yield the posts behind `cursor`; see Source."""
        last_line, _, posts_done = (cursor or "0").partition(":")
        number, elements = int(last_line), int(posts_done or 0)
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


def _items(line: bytes | None, number: int, skip: int, pace: Pace) -> Iterator[NewPost | Malformed]:
    """Yield the items of a line, without the first `skip` posts of its page."""
    here = str(number)
    if line is None:
        yield Malformed(f"longer than {MAX_LINE_BYTES // 2**20} MiB", here)
        return
    # A concatenated file has a byte order mark at the beginning of each part.
    line = line.removeprefix(codecs.BOM_UTF8)
    if not line.strip():
        return
    found = unexpected.read(partial(replay_format.posts, number=number), line)
    if isinstance(found, FormatError):
        yield unexpected.malformed(found, here)
        return
    if len(line) > lines.MAX_LINE_BYTES and len(found) == 1:
        found = [FormatError(entry.TOO_LONG)]
    for done, each in enumerate(found, 1):
        if done <= skip:
            continue
        cursor = here if done == len(found) else f"{here}:{done}"
        if isinstance(each, FormatError):
            yield unexpected.malformed(each, cursor)
        elif pace.wait_for(each.at_ms):
            yield NewPost(each.post, cursor)
        else:
            return

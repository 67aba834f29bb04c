"""The recorder: posts of the sources into a file that `SOURCE=replay` plays back."""

import gzip
import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.pipeline import IngestPipeline
from ingest.settings import Settings
from ingest.spool.file import SpoolBrokenError
from ingest.spool.reader import TrimmedError, UnreadableError

#: What has come is written this often: a kill loses so much, and what waited for its commit.
WRITE_SECONDS = 0.5
#: About so many bytes of lines are packed together.
MEMBER_BYTES = 2**20

logger = logging.getLogger(__name__)


class RecordError(Exception):
    """The file can't be made or written; one sentence."""


class Recording:
    """A new file of lines; if its name ends in `.gz`, a gzip file, whole after each `write`."""

    def __init__(self, path: Path) -> None:
        """Make the file.

        Raises:
            RecordError: there is one already, or it can't be made.

        """
        self._path = path
        self._bytes = 0
        try:
            self._file = path.open("xb", buffering=0)
        except FileExistsError as error:
            raise RecordError(f"there is a file {path} already; give another name") from error
        except OSError as error:
            raise RecordError(f"{path} can't be made: {error.strerror}") from error

    def write(self, lines: bytes) -> None:
        """Add lines: to a gzip file as a member of its own, so that a file that is cut has all members before.

        Raises:
            RecordError: it can't be written; it has what it had before.

        """
        data = gzip.compress(lines, 6, mtime=0) if self._path.suffix == ".gz" else lines
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:
            self._file.seek(self._bytes)
            self._file.truncate()
            raise RecordError(f"{self._path} can't be written: {error.strerror}") from error
        self._bytes += len(data)

    def close(self) -> None:
        """Close the file; one without a line is removed, so that it is in nobody's way."""
        self._file.close()
        if not self._bytes:
            self._path.unlink(missing_ok=True)


class Recorder:
    """The sources, and a file in place of the ports.

    Its spool is its own, so that it may run beside the service. A post stays there until it is in the file; what the
    sources were billed for stays for the next recording.
    """

    def __init__(
        self,
        settings: Settings,
        path: Path,
        *,
        wall_ms: Callable[[], int],
        monotonic_seconds: Callable[[], float],
        on_refused: Callable[[], None],
        on_finished: Callable[[], None],
    ) -> None:
        """Make the file and open the spool; for `on_refused` and `on_finished` see IngestPipeline.

        Raises:
            RecordError: the file can't be made, or is there already.
            SpoolError: the spool can't be opened.
            TrackError: the terms can't be read.

        """
        self._recording = Recording(path)
        try:
            self.pipeline = IngestPipeline(
                settings.model_copy(update={"spool_max_age": 0.0}),
                settings.data_dir / "recorder",
                wall_ms=wall_ms,
                monotonic_seconds=monotonic_seconds,
                on_refused=on_refused,
                on_finished=on_finished,
            )
        except BaseException:
            self._recording.close()
            raise
        self._path = path
        self._spool = self.pipeline.spool
        self._first = self._offset = self._spool.end

    def start(self) -> None:
        """Open the sources: a recording begins now, wherever the one before ended."""
        self.pipeline.prepare(fresh=True)
        self.pipeline.start()
        logger.info("recording into %s", self._path)

    def write(self) -> None:
        """Write what has come.

        Raises:
            RecordError: the file can't be written, or the spool can't be read.

        """
        try:
            with self._spool.reader() as reader:
                for lines in _joined(reader.lines(reader.range(self._offset, self._spool.end))):
                    self._recording.write(lines)
                    self._offset += lines.count(b"\n")
            self._spool.ack(self._spool.log, self._offset)
        except (sqlite3.Error, SpoolBrokenError, TrimmedError, UnreadableError) as error:
            raise RecordError(f"the spool can't be used: {error}") from error

    def close(self) -> None:
        """Stop the sources, write the rest, and close file and spool.

        Raises:
            RecordError: the rest can't be written.

        """
        self.pipeline.stop()
        try:
            self.write()
            self._spool.trim()
        finally:
            self._recording.close()
            self._spool.close()
            logger.info("recorded %d posts into %s", self._offset - self._first, self._path)


def _joined(runs: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the lines of several runs together: small members pack badly."""
    parts: list[bytes] = []
    size = 0
    for lines in runs:
        parts.append(lines)
        size += len(lines)
        if size >= MEMBER_BYTES:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)

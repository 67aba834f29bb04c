"""The recorder: write the posts of the sources into a file that `SOURCE=replay` plays back."""

import gzip
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from ingest.pipeline import IngestPipeline
from ingest.posts.change import Change, StoredPost
from ingest.settings import Settings
from ingest.spool.changes import DamagedChangeError
from ingest.spool.file import SpoolBrokenError
from ingest.spool.reader import ResizedError, SpoolReader, TrimmedError, UnreadableError

#: Posts are written to the file this often. A kill loses these posts, and those that waited for their commit.
WRITE_SECONDS = 0.5
#: About this many bytes of lines are compressed together.
MEMBER_BYTES = 2**20

logger = logging.getLogger(__name__)


class RecordError(Exception):
    """The file can't be created or written. The text is one sentence."""


class Recording:
    """A new file of lines. If its name ends in `.gz`, it is a gzip file that is complete after each `write`."""

    def __init__(self, path: Path) -> None:
        """Create the file.

        Raises:
            RecordError: The file exists already, or it can't be created.

        """
        self._path = path
        self._bytes = 0
        try:
            self._file = path.open("xb", buffering=0)
        except FileExistsError as error:
            raise RecordError(f"the file {path} exists already; give another name") from error
        except OSError as error:
            raise RecordError(f"{path} can't be created: {error.strerror}") from error

    def write(self, lines: bytes) -> None:
        """Append lines; to a gzip file as a separate member, so that a file that was cut can be read up to the cut.

        Raises:
            RecordError: The lines can't be written; the file is as before.

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
        """Close the file, and delete it if it is empty."""
        self._file.close()
        if not self._bytes:
            self._path.unlink(missing_ok=True)


class Recorder:
    """Runs the sources and writes their posts into a file.

    It has its own spool, so that it can run at the same time as the service. A post stays in the spool until it is in
    the file, and for `SPOOL_MAX_AGE`, so that its deletion is recorded too; at the end of the recording all posts are
    deleted there. The count of billed posts stays for the next recording.
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
        """Create the file and open the spool; `start` starts the sources.

        Args:
            settings: The settings of ingest.
            path: The new file.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            monotonic_seconds: Monotonic clock.
            on_refused: Called when all sources are refused.
            on_finished: Called when all sources have ended, unless all were refused.

        Raises:
            RecordError: The file exists already, or it can't be created.
            SpoolError: The spool can't be opened.
            TrackError: The terms can't be read.

        """
        self._recording = Recording(path)
        try:
            self.pipeline = IngestPipeline(
                settings,
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
        self._change = self._spool.marks().end_change

    def start(self) -> None:
        """Start the sources from now on, wherever the last recording ended."""
        self.pipeline.prepare(fresh=True)
        self.pipeline.start()
        logger.info("recording into %s", self._path)

    def write(self) -> None:
        """Write the new posts, then the new changes, to the file.

        Raises:
            RecordError: The file can't be written, or the spool can't be read.

        """
        try:
            # Posts that the changes are of come before them.
            end_change = self._spool.marks().end_change
            with self._spool.reader() as reader:
                self._write_posts(reader)
                while self._change < end_change:
                    self._write_changes(reader, end_change)
            self._spool.ack(self._spool.log, self._offset)
        except (sqlite3.Error, SpoolBrokenError, TrimmedError, UnreadableError, DamagedChangeError) as error:
            raise RecordError(f"the spool can't be used: {error}") from error

    def _write_posts(self, reader: SpoolReader) -> None:
        end = self._spool.end
        while self._offset < end:
            # Lines that were measured may become longer before they are read.
            with suppress(ResizedError):
                for lines in _joined(reader.lines(reader.range(self._offset, end))):
                    self._recording.write(lines)
                    self._offset += lines.count(b"\n")

    def _write_changes(self, reader: SpoolReader, end: int) -> None:
        found = reader.changes(self._change, end)
        changes = [msgspec.json.decode(line, type=Change) for line in found.lines]
        if found.first > self._change:
            logger.warning("%d deletions or edits are not recorded: there were too many", found.first - self._change)
        self._recording.write(b"".join([_change_line(reader, change) for change in changes]))
        self._change = changes[-1].number + 1 if changes else end

    def close(self) -> None:
        """Stop the sources, write the last posts, and close file and spool.

        Raises:
            RecordError: The last posts can't be written.

        """
        self.pipeline.stop()
        try:
            self.write()
            self._spool.clear()
        finally:
            self._recording.close()
            self._spool.close()
            logger.info("recorded %d posts into %s", self._offset - self._first, self._path)


def _change_line(reader: SpoolReader, change: Change) -> bytes:
    """Return the line of a recording for a change; empty for an edit of a post whose text is gone by now."""
    if change.kind == "deleted":
        return msgspec.json.encode({"deleted": change.id, "at_ms": change.at_ms}) + b"\n"
    try:
        line = b"".join(reader.lines(reader.range(change.offset, change.offset + 1)))
    except (TrimmedError, ResizedError):
        return b""
    post = msgspec.json.decode(line, type=StoredPost) if line else None
    if post is None or post.deleted_ms is not msgspec.UNSET:
        return b""
    return msgspec.json.encode({"edited": change.id, "text": post.text, "at_ms": change.at_ms}) + b"\n"


def _joined(runs: Iterator[bytes]) -> Iterator[bytes]:
    """Join the lines of several runs, because small gzip members compress badly."""
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

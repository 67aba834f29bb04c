"""The thread that writes the hours that are decided, one after the other, and removes the days that are too old."""

import logging
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from spark_job.archive.day_sums import DaySums
from spark_job.archive.hour_file import About, days_in, hours_in, remove_old_days, write_hour
from spark_job.archive.hour_rows import Added, hour_rows
from spark_job.archive.past import Past
from spark_job.first_line import first_line
from spark_job.settings import Settings
from spark_job.snapshot_schema import Archived, ArchivedHour
from spark_job.state.open_hours import HOUR_MS, OpenHours
from spark_job.state.reader import ClosedError, Reader
from spark_job.state.store import State

logger = logging.getLogger(__name__)

#: How often the thread looks for an hour. After an error it waits longer.
LOOK_SECONDS, RETRY_SECONDS = 5.0, 30.0
WAITING = """
SELECT hour_ms, id, counted_from_ms, missing_ms, dropped_posts, min_posts
FROM archive_hours WHERE NOT written ORDER BY hour_ms
"""
ADDED = "SELECT counts, uses, until_ms FROM archive_panes WHERE hour_ms = ? ORDER BY rowid"
TAKEN = "SELECT pane_ms, source, lang, key, posts FROM archive_taken_back WHERE pane_ms >= ? AND pane_ms < ?"
MESSAGES_AT_ONCE = 16

Part = TypeVar("Part")


class Rules(NamedTuple):
    """Where the archive is, and how many days of it are kept: 0 for all."""

    folder: Path
    days: int


class ArchiveWriter:
    """Writes the hours.

    `scratch`: a folder of its own for what has no room in memory; it is emptied. `sums`: the sums of the days.
    """

    def __init__(self, rules: Rules, hours: OpenHours, reader: Reader, scratch: Path, sums: DaySums) -> None:
        self._rules, self._hours, self._reader, self._scratch, self._sums = rules, hours, reader, scratch, sums
        self._is_new = True
        self._files = self._waiting = self._failures = 0
        self._newest: ArchivedHour | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="archive", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End it. An hour that is being written is not waited for: it is written again after the next start."""
        self._stop.set()
        self._thread.join(1.0)

    def write_waiting(self) -> bool:
        """Write the hours that wait. False if that is not possible now; `OpenHours.notice` says why."""
        try:
            with self._reader.beside() as db:
                waiting = db.execute(WAITING).fetchall()
            hours = [hour for hour in waiting if hour[0] not in self._hours.on_disk]
            self._report(len(hours))
            for hour in hours:
                names = ("hour_ms", "id", "counted_from_ms", "missing_ms", "dropped_posts", "min_posts")
                about = About(**dict(zip(names, hour, strict=True)))
                self._write(about)
                self._hours.on_disk.add(about.hour_ms)
            if hours or self._is_new:
                for day in remove_old_days(self._rules.folder, self._rules.days):
                    logger.info("%s is removed from the archive: it is older than ARCHIVE_DAYS", day)
                # The newest day grows each hour.
                self._sums.make(days_in(self._rules.folder)[:-1])
                self._files = sum(1 for _ in hours_in(self._rules.folder))
                self._is_new = False
        except ClosedError:
            # The job ends.
            return False
        except (OSError, duckdb.Error, pa.ArrowException) as error:
            self._note_error(error)
            return False
        self._report(0)
        if self._hours.notice is not None:
            logger.info("hours are archived again")
            self._hours.notice = None
        return True

    def _write(self, about: About) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        with self._reader.beside() as db:
            taken = db.execute(TAKEN, [about.hour_ms, about.hour_ms + HOUR_MS]).to_arrow_table()

            def added() -> Iterator[Added]:
                found = db.execute(ADDED, [about.hour_ms])
                while messages := found.fetchmany(MESSAGES_AT_ONCE):
                    yield from self._until_stopped(Added(*message) for message in messages)

            with hour_rows(added, taken, about.min_posts, self._scratch) as rows:
                batches = pa.RecordBatchReader.from_batches(rows.schema, self._until_stopped(rows))
                path = write_hour(self._rules.folder, about, batches)
        shutil.rmtree(self._scratch, ignore_errors=True)
        written_bytes, rows_written = path.stat().st_size, pq.read_metadata(path).num_rows
        self._newest = ArchivedHour(
            hour_ms=about.hour_ms, bytes=written_bytes, rows=rows_written, dropped_posts=about.dropped_posts
        )
        logger.info("%s is written: %d bytes", path, written_bytes)

    def _until_stopped(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The same parts. `ClosedError` once the thread shall end: the state file can't be closed meanwhile."""
        for part in parts:
            if self._stop.is_set():
                raise ClosedError
            yield part

    def _report(self, waiting: int) -> None:
        self._waiting = waiting
        self._hours.archived = Archived(
            hours=self._files,
            waiting=waiting,
            failures=self._failures,
            dropped=self._hours.dropped,
            newest=self._newest,
        )

    def _note_error(self, error: Exception) -> None:
        reason = (getattr(error, "strerror", None) or first_line(error))[:300]
        sentence = f"hours can't be archived in {str(self._rules.folder)!r}: {reason}"
        if self._hours.notice is None:
            logger.error("%s", sentence)
        self._hours.notice = sentence
        self._failures += 1
        self._report(self._waiting)

    def _run(self) -> None:
        wait_seconds = 0.0
        while not self._stop.wait(wait_seconds):
            wait_seconds = LOOK_SECONDS if self.write_waiting() else RETRY_SECONDS


def archive_of(settings: Settings, state: State) -> ArchiveWriter | None:
    """What writes the archive, if there shall be one."""
    if not settings.archive_dir:
        return None
    rules = Rules(Path(settings.archive_dir), settings.archive_days)
    scratch = settings.data_dir / "counts" / "archive-scratch"
    return ArchiveWriter(rules, state.hours, state.reader, scratch, sums_of(settings))


def past_of(settings: Settings) -> Past | None:
    """What answers from the archive, if there is one."""
    return Past(Path(settings.archive_dir), sums_of(settings)) if settings.archive_dir else None


def sums_of(settings: Settings) -> DaySums:
    """The sums of the days of the archive."""
    return DaySums(settings.data_dir / "counts" / "archive-days")

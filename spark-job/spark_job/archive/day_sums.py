"""What the page asks of a day of the archive, in one small file: the sums of each tag and hour.

To look for a tag in the files of a month's 720 hours takes a second. These files are a cache: they are made from those
of the hours when a day has ended, and may be deleted at any time. They are not in the archive, but beside the state.
"""

import contextlib
import logging
import re
import zlib
from pathlib import Path

import duckdb

from spark_job.archive.hour_file import FILE_NAME
from spark_job.first_line import first_line

#: The sums of the files of hours. `hour_ms` is made from `minute`.
OF_HOURS = """
SELECT tag AS key, epoch_ms(date_trunc('hour', minute)) AS hour_ms, any_value(label) AS label,
  sum(posts)::INTEGER AS posts, any_value(hour_authors) AS authors, sum(taken_back)::INTEGER AS taken_back
FROM read_parquet($files, hive_partitioning = false) GROUP BY ALL
"""
COPY = """
COPY ({rows} ORDER BY key, hour_ms) TO {path} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192)
"""
logger = logging.getLogger(__name__)

NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.[0-9a-f]{8}\.parquet")


class DaySums:
    """The files. `folder`: where they are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, day: Path) -> Path | None:
        """The file of a day of the archive, if it has the sums of all hours that are there now."""
        path = self._path(day)
        return path if path is not None and path.exists() else None

    def make(self, days: list[Path]) -> None:
        """Make the files of days that have none, and remove those of other days.

        Raises:
            OSError: A file can't be written.

        """
        self._folder.mkdir(parents=True, exist_ok=True)
        wanted = {path: day for day in days if (path := self._path(day)) is not None}
        for path in self._folder.iterdir():
            if path not in wanted and NAME.fullmatch(path.name.removesuffix(".partial")):
                path.unlink()
        for path, day in wanted.items():
            if not path.exists():
                try:
                    self._make(path, day)
                except duckdb.Error as error:
                    logger.warning("the sums of %s can't be made: %s", day, first_line(error)[:300])

    def _make(self, path: Path, day: Path) -> None:
        partial = path.with_name(f"{path.name}.partial")
        with contextlib.closing(duckdb.connect(config={"threads": 1, "memory_limit": "256MB"})) as db:
            db.execute("SET TimeZone = 'UTC'")
            copy = COPY.format(rows=OF_HOURS, path=quoted(partial))
            db.execute(copy, {"files": [str(file) for file in hour_files(day)]})
        partial.replace(path)

    def _path(self, day: Path) -> Path | None:
        names = [file.name for file in hour_files(day)]
        # Files of hours never change, so their names say what is in them.
        known = zlib.crc32(" ".join(names).encode())
        return self._folder / f"{day.name.removeprefix('date=')}.{known:08x}.parquet" if names else None


def hour_files(day: Path) -> list[Path]:
    """The files of the hours of a day, in order."""
    return sorted(path for path in day.iterdir() if FILE_NAME.fullmatch(path.name))


def quoted(path: Path) -> str:
    """A path as SQL."""
    return "'" + str(path).replace("'", "''") + "'"

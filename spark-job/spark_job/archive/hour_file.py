"""The files of the archive: one for each hour, below a folder for each date. All times are in UTC."""

import contextlib
import logging
import os
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Meta, Struct

from spark_job.snapshot_fields import Count, TimeMs

logger = logging.getLogger(__name__)

#: The key of what a file says about itself.
ABOUT = b"hashtags-live"
#: Columns with few different values. The others are the same in all rows of a tag: their values one after the other are
#: shorter than numbers of a dictionary, a tag by more than a third.
WITH_DICTIONARY = ["minute", "source", "lang", "posts", "authors", "taken_back", "one_of"]
#: Columns whose least and greatest value lets a reader skip a file or a part of it.
WITH_BOUNDS = ["minute", "tag"]
#: The lowest level that finds what rows have in common. Higher ones take up to a hundred times as long, for nothing.
ZSTD_LEVEL = 16
ROW_GROUP_ROWS = 131_072
FILE_NAME = re.compile(r"hour-([01]\d|2[0-3])\.parquet")
FOLDER_NAME = re.compile(r"date=(\d{4}-\d{2}-\d{2})")


class About(Struct, frozen=True, kw_only=True):
    """What a file says about itself.

    Args:
        id: Which decision it was to write this hour. Another decision about the same hour does not overwrite the file.
        hour_ms: The start of the hour.
        counted_from_ms: From when on posts of the hour were counted.
        missing_ms: How much of the hour after that was not counted.
        dropped_posts: Tagged posts that are not in the file.
        min_posts: The least posts of a tag.

    """

    id: Annotated[str, Meta(max_length=100)]
    hour_ms: TimeMs
    counted_from_ms: TimeMs
    missing_ms: Count
    dropped_posts: Count
    min_posts: Count


def path_of(folder: Path, hour_ms: int) -> Path:
    """The file of an hour, such as `date=2026-11-30/hour-13.parquet`."""
    at = datetime.fromtimestamp(hour_ms // 1000, timezone.utc)
    return folder / f"date={at:%Y-%m-%d}" / f"hour-{at:%H}.parquet"


def write_hour(folder: Path, about: About, rows: pa.RecordBatchReader) -> Path:
    """Write an hour: the file is there as a whole, or not at all. One that another decision has written stays.

    Raises:
        OSError: It can't be written.

    """
    path = path_of(folder, about.hour_ms)
    if path.exists() and not _may_be_replaced(path, about.id):
        return path
    is_new = not path.parent.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    # Who may enter ARCHIVE_DIR may read what is in it.
    path.parent.chmod(0o755)
    # Readers of Parquet leave out names that begin with a dot.
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            _write(file, about, rows)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644)
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    for changed in [path.parent, *([folder] if is_new else [])]:
        _sync_folder(changed)
    return path


def about_file(path: Path) -> About | None:
    """What a file says about itself. None if it is no readable file of the archive.

    Raises:
        OSError: It can't be opened.

    """
    with path.open("rb") as file, contextlib.suppress(pa.ArrowException, msgspec.DecodeError, KeyError):
        metadata = pq.read_metadata(file).metadata or {}
        return msgspec.json.decode(metadata[ABOUT], type=About)
    return None


def hours_in(folder: Path) -> Iterator[tuple[str, int, Path]]:
    """The date, the hour and the path of each file, in order."""
    for day in days_in(folder):
        for path in sorted(day.iterdir()):
            if found := FILE_NAME.fullmatch(path.name):
                yield day.name.removeprefix("date="), int(found[1]), path


def days_in(folder: Path) -> list[Path]:
    """The folders of the dates, in order."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if FOLDER_NAME.fullmatch(path.name) and path.is_dir())


def remove_old_days(folder: Path, most: int) -> list[str]:
    """Keep the newest `most` dates that have files, and remove the files of the others. 0: all are kept.

    Dates are counted, not days until now: a clock that is wrong for a while must not empty the archive.

    Raises:
        OSError: A file can't be removed.

    """
    days = [day for day in days_in(folder) if any(FILE_NAME.fullmatch(path.name) for path in day.iterdir())]
    old = days[:-most] if most else []
    for day in old:
        for path in day.iterdir():
            if FILE_NAME.fullmatch(path.name.removeprefix(".").removesuffix(".partial")):
                path.unlink()
        # Files of others stay, and their folder with them.
        with contextlib.suppress(OSError):
            day.rmdir()
    return [day.name for day in old]


def _write(file: object, about: About, rows: pa.RecordBatchReader) -> None:
    # The schema of Arrow says nothing that the schema of Parquet does not.
    options = {"store_schema": False, "use_dictionary": WITH_DICTIONARY, "write_statistics": WITH_BOUNDS}
    with pq.ParquetWriter(file, rows.schema, compression="zstd", compression_level=ZSTD_LEVEL, **options) as parquet:
        parquet.add_key_value_metadata({ABOUT: msgspec.json.encode(about)})
        waiting: list[pa.RecordBatch] = []
        for batch in rows:
            waiting.append(batch)
            if sum(map(len, waiting)) >= ROW_GROUP_ROWS:
                parquet.write_table(pa.Table.from_batches(waiting, rows.schema))
                waiting = []
        if waiting:
            parquet.write_table(pa.Table.from_batches(waiting, rows.schema))


def _may_be_replaced(path: Path, decision: str) -> bool:
    """Whether a file is of the same decision. One that nobody can read gets another name."""
    about = about_file(path)
    if about is None:
        path.rename(path.with_name(f".{path.name}.broken"))
        logger.warning("%s could not be read, and is now .%s.broken", path, path.name)
        return True
    if about.id != decision:
        logger.warning("%s is there already, and stays: counting began again after it was written", path)
    return about.id == decision


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

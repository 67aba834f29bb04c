"""Answers from the archive: which hours it has, the leading tags of an hour or a day, and one tag over time."""

import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import duckdb
from msgspec import Meta, Struct

from spark_job.archive.day_sums import OF_HOURS, DaySums, hour_files
from spark_job.archive.hour_file import days_in
from spark_job.mute.mute_list import MuteList
from spark_job.snapshot_fields import Count, Text, TimeMs
from spark_job.state.open_hours import HOUR_MS

DAY_MS = 24 * HOUR_MS
#: The most days of one answer.
MOST_DAYS = 400
MOST_LEADERS = 40
LEADERS = """
SELECT key, arg_max(label, posts) AS label, sum(posts)::BIGINT AS posts, sum(taken_back)::BIGINT AS taken_back,
  any_value(authors) AS authors
FROM ({rows}) WHERE hour_ms >= $from AND hour_ms < $to AND NOT ({muted})
GROUP BY key ORDER BY posts DESC, key LIMIT {most}
"""
ONE_TAG = """
SELECT hour_ms, label, posts, authors, taken_back FROM ({rows})
WHERE key = $key AND hour_ms >= $from AND hour_ms < $to ORDER BY hour_ms
"""
POSTS = """
SELECT hour_ms, sum(posts)::BIGINT FROM ({rows}) WHERE hour_ms >= $from AND hour_ms < $to GROUP BY hour_ms
ORDER BY hour_ms
"""
STORED = "SELECT key, hour_ms, label, posts, authors, taken_back FROM read_parquet($sums, hive_partitioning = false)"


class ArchivedTag(Struct, frozen=True, kw_only=True):
    """A leading tag. `authors`: of one hour, or None: accounts of several hours can't be added up."""

    key: Text
    label: Text
    posts: Count
    authors: Count | None
    taken_back: Count


class Leaders(Struct, frozen=True, kw_only=True):
    """The leading tags of an hour or a day, from `from_ms` to `to_ms`. `hours`: how many hours of it are archived."""

    from_ms: TimeMs
    to_ms: TimeMs
    hours: Count
    top: Annotated[list[ArchivedTag], Meta(max_length=MOST_LEADERS)]


class Step(NamedTuple):
    """An hour, or the hours of a day that are archived. `authors` as in `ArchivedTag`."""

    from_ms: int
    posts: int
    authors: int | None
    taken_back: int


class TagOverTime(Struct, frozen=True, kw_only=True):
    """One tag in steps of `step_ms`, oldest first.

    A step is there if an hour of it is archived. Hours with fewer posts of the tag than the archive stores count as 0.
    """

    key: Text
    label: Text | None
    step_ms: Count
    steps: list[Step]


class ArchivedHours(Struct, frozen=True, kw_only=True):
    """The hours of the archive, oldest first, each with the posts of the tags that are in it."""

    hours: list[tuple[TimeMs, Count]]


class _Files(NamedTuple):
    sums: list[str]
    hours: list[str]


class Past:
    """Answers from the files. One answer at a time, so that counting keeps its core."""

    def __init__(self, folder: Path, sums: DaySums) -> None:
        self._folder, self._sums = folder, sums
        self._lock = threading.Lock()
        self._db: duckdb.DuckDBPyConnection | None = None

    def leaders(self, at_ms: int, step_ms: int, muted: MuteList) -> Leaders:
        """The leading tags of the hour or the day of a time."""
        from_ms = at_ms - at_ms % step_ms
        to_ms = from_ms + step_ms
        sql = LEADERS.replace("{muted}", muted.condition()).replace("{most}", str(MOST_LEADERS))
        rows = self._read(sql, self._files(from_ms, to_ms), from_ms, to_ms)
        hours = len(self._hours(from_ms, to_ms))
        top = [
            ArchivedTag(key=key, label=label, posts=posts, authors=authors if hours == 1 else None, taken_back=gone)
            for key, label, posts, gone, authors in rows
        ]
        return Leaders(from_ms=from_ms, to_ms=to_ms, hours=hours, top=top)

    def tag(self, key: str, from_ms: int, to_ms: int, step_ms: int) -> TagOverTime:
        """One tag in the steps from `from_ms` to `to_ms`, which are multiples of `step_ms`."""
        rows = self._read(ONE_TAG, self._files(from_ms, to_ms), from_ms, to_ms, key=key)
        of_hour = {hour_ms: row for hour_ms, *row in rows}
        steps: dict[int, list[list[int]]] = {}
        for hour_ms in self._hours(from_ms, to_ms):
            found = of_hour.get(hour_ms)
            steps.setdefault(hour_ms - hour_ms % step_ms, []).append(found[1:] if found else [0, 0, 0])
        return TagOverTime(
            key=key,
            label=of_hour[max(of_hour)][0] if of_hour else None,
            step_ms=step_ms,
            steps=[_step(at_ms, hours) for at_ms, hours in steps.items()],
        )

    def hours(self, from_ms: int, to_ms: int) -> ArchivedHours:
        """The hours that are archived, with their posts."""
        posts = dict(self._read(POSTS, self._files(from_ms, to_ms), from_ms, to_ms))
        return ArchivedHours(hours=[(hour_ms, posts.get(hour_ms, 0)) for hour_ms in self._hours(from_ms, to_ms)])

    def _read(self, sql: str, files: _Files, from_ms: int, to_ms: int, **more: str) -> list[Any]:
        parts = [part for part, given in ((STORED, files.sums), (_OF_HOURS, files.hours)) if given]
        if not parts:
            return []
        values = {"sums": files.sums, "files": files.hours, "from": from_ms, "to": to_ms, **more}
        query = sql.replace("{rows}", " UNION ALL ".join(parts))
        given = {name: value for name, value in values.items() if f"${name}" in query}
        with self._lock:
            if self._db is None:
                self._db = duckdb.connect(config={"threads": 1, "memory_limit": "256MB"})
                self._db.execute("SET TimeZone = 'UTC'")
                # Files don't change, so what stands at their ends is read once.
                self._db.execute("SET parquet_metadata_cache = true")
            return self._db.execute(query, given).fetchall()

    def _files(self, from_ms: int, to_ms: int) -> _Files:
        """The files that have what was counted between two times."""
        sums, hours = [], []
        for day in self._days(from_ms, to_ms):
            stored = self._sums.of(day)
            if stored is not None and to_ms - from_ms >= DAY_MS:
                sums.append(str(stored))
            else:
                hours += [str(file) for file in hour_files(day) if from_ms <= _hour_ms(file) < to_ms]
        return _Files(sums, hours)

    def _hours(self, from_ms: int, to_ms: int) -> list[int]:
        found = (_hour_ms(file) for day in self._days(from_ms, to_ms) for file in hour_files(day))
        return [hour_ms for hour_ms in found if from_ms <= hour_ms < to_ms]

    def _days(self, from_ms: int, to_ms: int) -> list[Path]:
        first, last = (f"date={datetime.fromtimestamp(at // 1000, timezone.utc):%Y-%m-%d}" for at in (from_ms, to_ms))
        return [day for day in days_in(self._folder) if first <= day.name <= last]


_OF_HOURS = f"SELECT key, hour_ms, label, posts, authors, taken_back FROM ({OF_HOURS})"  # noqa: S608


def _hour_ms(file: Path) -> int:
    at = datetime.strptime(f"{file.parent.name} {file.name} +0000", "date=%Y-%m-%d hour-%H.parquet %z")
    return int(at.timestamp()) * 1000


def _step(at_ms: int, hours: list[list[int]]) -> Step:
    """The sum of some hours."""
    posts, taken_back = sum(posts for posts, _, _ in hours), sum(gone for _, _, gone in hours)
    return Step(at_ms, posts, hours[0][1] if len(hours) == 1 else None, taken_back)

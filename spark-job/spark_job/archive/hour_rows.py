"""The rows of an hour of the archive, from what the closings of its panes have added.

It is done in a database of its own in memory, which puts on the disk what has no room. An hour may have a million tags,
so the rows are made for some tens of thousands of tags after the other.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from spark_job.executor.messages import from_message

MEMORY = "384MB"
MINUTE_MS = 60_000
#: The columns of a file of the archive, in the order in which they stand there.
ROWS_ARROW = pa.schema(
    [
        pa.field("minute", pa.timestamp("ms", tz="UTC"), nullable=False),
        *(pa.field(name, pa.string(), nullable=False) for name in ("source", "lang", "tag", "label")),
        *(pa.field(name, pa.int32(), nullable=False) for name in ("posts", "authors", "taken_back")),
        *(pa.field(name, pa.int32(), nullable=False) for name in ("hour_authors", "one_of")),
    ]
)
TABLES = """
CREATE TABLE sums (hash UBIGINT, posts BIGINT);
CREATE TABLE sampled (key VARCHAR);
CREATE TABLE levels (minute_ms BIGINT, level UTINYINT);
CREATE TABLE counts (minute_ms BIGINT, source VARCHAR, lang VARCHAR, key VARCHAR, label VARCHAR, posts BIGINT);
CREATE TABLE uses (minute_ms BIGINT, source VARCHAR, lang VARCHAR, key VARCHAR, author UBIGINT, level UTINYINT);
CREATE TABLE taken (minute_ms BIGINT, source VARCHAR, lang VARCHAR, key VARCHAR, posts BIGINT);
"""
ADD_SUMS = "INSERT INTO sums SELECT hash(key), sum(posts) FROM added WHERE pane_ms < ? GROUP BY key"
#: Two tags may have the same hash, so a few more tags are kept here than there are in the file.
KEEP = "CREATE TABLE kept AS SELECT hash FROM sums GROUP BY hash HAVING sum(posts) >= ?"
_MINUTE = f"pane_ms - pane_ms % {MINUTE_MS}"
ADD_LEVELS = f"INSERT INTO levels SELECT {_MINUTE}, max(level) FROM added WHERE pane_ms < ? GROUP BY ALL"  # noqa: S608
#: The tags of a part. One of so many tags is in a sample of them, in which each part begins.
PART_TAGS, SAMPLED = 150_000, 500
_KEPT = "hash(key) IN (FROM kept)"
ADD_SAMPLE = f"""
INSERT INTO sampled SELECT DISTINCT key FROM added WHERE pane_ms < ? AND hash(key) % {SAMPLED} = 0 AND {_KEPT}
"""  # noqa: S608 - put together from constants
_IN_PART = f"""
pane_ms < ? AND key >= getvariable('first')::VARCHAR AND coalesce(key < getvariable('next')::VARCHAR, true) AND {_KEPT}
"""
ADD_COUNTS = f"""
INSERT INTO counts SELECT {_MINUTE}, source, lang, key, label, posts FROM added WHERE {_IN_PART}
"""  # noqa: S608 - put together from constants
ADD_USES = f"""
INSERT INTO uses SELECT {_MINUTE}, source, lang, key, author, level FROM added WHERE {_IN_PART}
"""  # noqa: S608
ADD_TAKEN = f"INSERT INTO taken SELECT {_MINUTE}, source, lang, key, posts FROM added"  # noqa: S608
#: An author is in the sample of level n if the hash begins with n zero bits.
_IN_SAMPLE = "(l.level = 0 OR (author >> (64 - l.level)::UBIGINT) = 0)"
ROWS = f"""
WITH tags AS MATERIALIZED (
  SELECT key, arg_max(label, (posts, label)) AS label FROM (
    SELECT key, coalesce(label, key) AS label, sum(posts) AS posts FROM counts GROUP BY ALL)
  GROUP BY key HAVING sum(posts) >= $least),
minutes AS (
  SELECT minute_ms, source, lang, key, sum(posts) AS posts FROM counts SEMI JOIN tags USING (key) GROUP BY ALL),
levels AS MATERIALIZED (SELECT minute_ms, max(level) AS level FROM levels GROUP BY minute_ms),
people AS (
  SELECT minute_ms, source, lang, key, count(DISTINCT author) << any_value(l.level)::BIGINT AS authors
  FROM uses JOIN levels l USING (minute_ms) WHERE {_IN_SAMPLE} GROUP BY ALL),
hour_level AS (SELECT max(level) AS level FROM levels),
hour_people AS (
  SELECT key, count(DISTINCT (source, author)) << any_value(l.level)::BIGINT AS authors
  FROM uses, hour_level l WHERE {_IN_SAMPLE} GROUP BY key),
hour_posts AS (SELECT key, sum(posts) AS posts FROM counts GROUP BY key),
gone AS (SELECT minute_ms, source, lang, key, sum(posts) AS posts FROM taken GROUP BY ALL)
SELECT make_timestamp_ms(minute_ms) AS minute, source, lang, key AS tag, label, m.posts::INTEGER AS posts,
  least(m.posts, coalesce(p.authors, 0))::INTEGER AS authors, coalesce(g.posts, 0)::INTEGER AS taken_back,
  least(o.posts, coalesce(h.authors, 0))::INTEGER AS hour_authors,
  (1::BIGINT << coalesce((SELECT level FROM hour_level), 0)::BIGINT)::INTEGER AS one_of
FROM minutes m JOIN tags USING (key) JOIN hour_posts o USING (key)
LEFT JOIN people p USING (minute_ms, source, lang, key) LEFT JOIN hour_people h USING (key)
LEFT JOIN gone g USING (minute_ms, source, lang, key)
ORDER BY tag, source, lang, minute
"""  # noqa: S608
ROWS_AT_ONCE = 65_536


class Added(NamedTuple):
    """What a closing has added: messages of counts and of uses. Of panes from `until_ms` on, they are not valid."""

    counts: bytes
    uses: bytes
    until_ms: int | None


@contextlib.contextmanager
def hour_rows(
    added: Callable[[], Iterable[Added]], taken: pa.Table, least: int, scratch: Path
) -> Iterator[pa.RecordBatchReader]:
    """The rows of an hour, in order, as batches of `ROWS_ARROW`.

    Args:
        added: Gives what was added, each time from the beginning.
        taken: The deleted posts: pane_ms, source, lang, key, posts.
        least: The least posts of a tag in the hour.
        scratch: An empty folder for what has no room in memory.

    """
    with contextlib.closing(duckdb.connect(config={"threads": 1, "memory_limit": MEMORY})) as db:
        db.execute(f"SET temp_directory = '{str(scratch).replace(chr(39), chr(39) * 2)}'")
        db.execute("SET TimeZone = 'UTC'")
        db.execute(TABLES)
        db.execute("SET preserve_insertion_order = false")
        for one in added():
            _add(db, ADD_SUMS, from_message(one.counts), one.until_ms)
            _add(db, ADD_LEVELS, from_message(one.uses), one.until_ms)
        db.execute(KEEP, [least])
        db.execute("DROP TABLE sums")
        _add(db, ADD_TAKEN, taken)
        parts = _parts(db, added)
        found = (_cast(batch) for first, until in parts for batch in _rows_of_part(db, added, least, (first, until)))
        yield pa.RecordBatchReader.from_batches(ROWS_ARROW, found)


def _parts(db: duckdb.DuckDBPyConnection, added: Callable[[], Iterable[Added]]) -> list[tuple[str, str | None]]:
    """The first tag of each part, and that of the next one, in order. Mostly there is one part."""
    ((tags,),) = db.execute("SELECT count(*) FROM kept").fetchall()
    firsts = [""]
    if tags > PART_TAGS:
        for one in added():
            _add(db, ADD_SAMPLE, from_message(one.counts), one.until_ms)
        sampled = [key for (key,) in db.execute("SELECT DISTINCT key FROM sampled ORDER BY key").fetchall()]
        each = max(1, PART_TAGS // SAMPLED)
        firsts += sampled[each::each]
    return [*zip(firsts, [*firsts[1:], None], strict=True)]


def _rows_of_part(
    db: duckdb.DuckDBPyConnection,
    added: Callable[[], Iterable[Added]],
    least: int,
    part: tuple[str, str | None],
) -> pa.RecordBatchReader:
    for name, key in zip(("first", "next"), part, strict=True):
        db.execute(f"SET VARIABLE {name} = $key::VARCHAR", {"key": key})
    for table in ("counts", "uses"):
        db.execute(f"TRUNCATE {table}")
    for one in added():
        _add(db, ADD_COUNTS, from_message(one.counts), one.until_ms)
        _add(db, ADD_USES, from_message(one.uses), one.until_ms)
    return db.execute(ROWS, {"least": least}).to_arrow_reader(ROWS_AT_ONCE)


_END_OF_TIME_MS = 1 << 62


def _add(db: duckdb.DuckDBPyConnection, sql: str, added: pa.Table, until_ms: int | None = None) -> None:
    if not len(added):
        return
    db.register("added", added)
    try:
        db.execute(sql, [_END_OF_TIME_MS if until_ms is None else until_ms] if "?" in sql else [])
    finally:
        db.unregister("added")


def _cast(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        batch.column(field.name).cast(pa.timestamp("ms")).cast(field.type)
        if pa.types.is_timestamp(field.type)
        else batch.column(field.name).cast(field.type)
        for field in ROWS_ARROW
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ROWS_ARROW)

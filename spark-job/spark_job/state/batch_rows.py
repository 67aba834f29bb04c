"""What a micro-batch says of its posts. Arrow finds it in a tenth of the time of a query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.kafka_slices import CountedSlice
from spark_job.state.progress import Progress
from spark_job.tag_hash import HASH

INSERT_BATCH = f"""
INSERT INTO open_counts
SELECT pane_ms, source, lang, key, label, posts, first_at_ms, {HASH} FROM batch WHERE pane_ms IS NOT NULL
"""  # noqa: S608 - put together from constants
INSERT_LARGE_BATCH = """
INSERT INTO open_counts
SELECT pane_ms, source, lang, key, label, posts, first_at_ms, hash FROM batch
WHERE pane_ms IS NOT NULL AND NOT list_contains(?::BIGINT[], pane_ms)
"""
CLOSE_WHOLE_PANES = """
CREATE OR REPLACE TEMP TABLE closing AS
SELECT pane_ms, source, lang, key, label, hash, posts, first_at_ms FROM batch WHERE list_contains(?::BIGINT[], pane_ms)
"""
LARGE_BATCH_ROWS = 10_000


class CountedTwiceError(Exception):
    """A micro-batch begins before the stored offset. This is a bug, and it is never counted."""


class ClockSetBackError(Exception):
    """A micro-batch ends more than a window before closed panes. It can be counted after `begin_window`."""


@dataclass(frozen=True, slots=True)
class BatchRows:
    """The posts of a micro-batch.

    Args:
        first: Its first offset.
        last: Its last offset.
        posts: The posts that can be read.
        skipped: The posts that can't be read.
        first_at_ms: The least time of a post. None without posts that can be read, and so is `last_at_ms`.
        last_at_ms: The time of the post with the highest offset.
        sources: The sources of the posts.

    """

    first: int
    last: int
    posts: int
    skipped: int
    first_at_ms: int | None
    last_at_ms: int | None
    sources: frozenset[str]


def read_rows(counts: pa.Table) -> BatchRows:
    """Read the rows of posts, which have no key, of a table of `COUNTS_ARROW` with at least one post.

    Rows without a pane stand for posts that can't be read.
    """
    rows = counts.filter(pc.is_null(counts["key"]))
    readable = rows.filter(pc.is_valid(rows["pane_ms"]))
    posts = pc.sum(readable["posts"]).as_py() or 0
    newest = pc.index(readable["last_offset"], pc.max(readable["last_offset"])).as_py() if posts else -1
    return BatchRows(
        first=pc.min(rows["first_offset"]).as_py(),
        last=pc.max(rows["last_offset"]).as_py(),
        posts=posts,
        skipped=pc.sum(rows["posts"]).as_py() - posts,
        first_at_ms=pc.min(readable["first_at_ms"]).as_py(),
        last_at_ms=readable["last_at_ms"][newest].as_py() if newest >= 0 else None,
        sources=frozenset(pc.unique(readable["source"]).to_pylist()) - {None},
    )


def lost_posts(rows: BatchRows, next_offset: int) -> int:
    """How many posts from `next_offset` to the end of the micro-batch are not counted.

    Raises:
        CountedTwiceError: It has posts that were counted before.

    """
    if rows.first < next_offset:
        raise CountedTwiceError(f"a micro-batch begins at {rows.first}, but {next_offset} is the next to count")
    lost = rows.last + 1 - next_offset - rows.posts
    if lost < rows.skipped:
        raise CountedTwiceError(
            f"a micro-batch has {rows.posts + rows.skipped} posts at the offsets {rows.first} to {rows.last}"
        )
    return lost


class Batch(NamedTuple):
    """A micro-batch beside the position of counting.

    Args:
        rows: What it says of its posts.
        lost: The posts that are not counted, with those that can't be read.
        first_at_ms: The least time of a post.
        last_at_ms: The time up to which counting has come.
        until_ms: All panes that end by this time close with it.
        is_first: Whether counting may have begun with it, at an earlier time than known.

    """

    rows: BatchRows
    lost: int
    first_at_ms: int
    last_at_ms: int
    until_ms: int
    is_first: bool


def read_batch(
    counts: pa.Table, slices: Sequence[CountedSlice], before: Progress, window_ms: int, watermark_ms: int
) -> Batch:
    """Read a micro-batch, which has posts or slices.

    Args:
        counts: A table of `COUNTS_ARROW`.
        slices: The slices of a topic. None of them: the log is the spool.
        before: The position before it.
        window_ms: Length of the window.
        watermark_ms: All posts of the topic before this time are counted. The spool has the last post for that.

    Raises:
        CountedTwiceError: It begins before the stored offset.
        ClockSetBackError: Its panes were closed more than a window ago.

    """
    if slices:
        return _topic_batch(counts, slices, before, watermark_ms)
    rows = read_rows(counts)
    lost = lost_posts(rows, before.next_offset)
    first_at_ms, last_at_ms = rows.first_at_ms, rows.last_at_ms
    if first_at_ms is None or last_at_ms is None:
        first_at_ms = last_at_ms = before.last_at_ms
    elif last_at_ms < before.closed_until_ms - window_ms:
        raise ClockSetBackError(f"{(before.closed_until_ms - last_at_ms) // 1000} s")
    # Counting began at or before the last post, if there was one.
    is_first = bool(rows.posts) and (first_at_ms < before.last_at_ms or not before.last_at_ms)
    return Batch(rows, lost, first_at_ms, last_at_ms, last_at_ms, is_first)


def _topic_batch(counts: pa.Table, slices: Sequence[CountedSlice], before: Progress, watermark_ms: int) -> Batch:
    """The same of a topic. Its posts come in the order of their times only within a partition."""
    posts = counts.filter(pc.is_null(counts["key"]))
    skipped = sum(each.skipped for each in slices)
    lost = sum(each.lost for each in slices) + skipped
    newest_ms = max(each.newest_at_ms for each in slices)
    rows = BatchRows(
        first=before.next_offset,
        last=before.next_offset + sum(each.end - each.start for each in slices) - 1,
        posts=pc.sum(posts["posts"]).as_py() or 0,
        skipped=skipped,
        first_at_ms=pc.min(posts["first_at_ms"]).as_py(),
        last_at_ms=newest_ms or None,
        sources=frozenset(pc.unique(posts["source"]).to_pylist()),
    )
    # Late posts are counted in the open pane.
    first_at_ms = max(rows.first_at_ms or before.last_at_ms, before.closed_until_ms)
    last_at_ms = max(before.last_at_ms, newest_ms)
    is_first = bool(rows.posts) and (first_at_ms < before.last_at_ms or not before.last_at_ms)
    return Batch(rows, lost, first_at_ms, last_at_ms, max(watermark_ms, before.closed_until_ms), is_first)


def insert_rows(db: duckdb.DuckDBPyConnection, counts: pa.Table, closing: range) -> list[int]:
    """Add a micro-batch to the open panes.

    A pane whose rows are all in this micro-batch, each once, and that closes with it, is not open at all: its rows
    become the temporary table `closing`.

    Args:
        db: The state.
        counts: A table of `COUNTS_ARROW`.
        closing: The times of the panes that close with this micro-batch.

    Returns:
        The starts of the panes in `closing`. If there are none, the table is not made.

    """
    if len(counts) <= LARGE_BATCH_ROWS:
        _execute(db, counts, INSERT_BATCH, [])
        return []
    # In a large micro-batch each tag is hashed once: a tag has many rows there.
    keys = counts["key"].dictionary_encode().combine_chunks()
    keys = keys.chunk(0) if isinstance(keys, pa.ChunkedArray) else keys
    hashed = counts.append_column("hash", _hashes(db, keys.dictionary).take(keys.indices))
    whole = _whole_panes(db, counts, closing)
    _execute(db, hashed, INSERT_LARGE_BATCH, [whole])
    if whole:
        _execute(db, hashed, CLOSE_WHOLE_PANES, [whole])
    return whole


def _execute(db: duckdb.DuckDBPyConnection, batch: pa.Table, sql: str, parameters: list[list[int]]) -> None:
    db.register("batch", batch)
    try:
        db.execute(sql, parameters)
    finally:
        db.unregister("batch")


def _hashes(db: duckdb.DuckDBPyConnection, keys: pa.Array) -> pa.Array:
    db.register("batch", pa.table({"key": keys}))
    try:
        return db.execute(f"SELECT {HASH} AS hash FROM batch").to_arrow_table()["hash"].combine_chunks()  # noqa: S608
    finally:
        db.unregister("batch")


def _whole_panes(db: duckdb.DuckDBPyConnection, counts: pa.Table, closing: range) -> list[int]:
    """The panes that close and that have each row once, and none in the open panes.

    Two tasks have the same row only if both have posts of its source and language: then the row of these posts, which
    has no key, is there twice too.
    """
    posts = counts.filter(pc.and_(pc.is_null(counts["key"]), pc.is_valid(counts["pane_ms"])))
    facets = posts.group_by(["pane_ms", "source", "lang"], use_threads=False).aggregate([([], "count_all")])
    found = {*facets["pane_ms"].to_pylist()}
    found -= {*facets.filter(pc.greater(facets["count_all"], 1))["pane_ms"].to_pylist()}
    found -= {at_ms for (at_ms,) in db.execute("SELECT DISTINCT pane_ms FROM open_counts").fetchall()}
    return sorted(at_ms for at_ms in found if at_ms in closing)

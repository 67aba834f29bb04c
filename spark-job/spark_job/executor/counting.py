"""Count the posts of a slice on the executor that parsed it.

A task gives Spark its counts instead of a hundred thousand posts. Java needs many times as long for a post as Arrow
does, above all before its code is compiled.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

COUNTS_ARROW = pa.schema(
    [("pane_ms", pa.int64())]
    + [(name, pa.string()) for name in ("source", "lang", "key", "label")]
    + [(name, pa.int64()) for name in ("posts", "first_offset", "last_offset", "first_at_ms", "last_at_ms")]
)
_BY = COUNTS_ARROW.names[:5]


def count_slice(posts: pa.Table, pane_ms: int) -> pa.Table:
    """Count posts per pane, source, language, tag and spelling, as a table of `COUNTS_ARROW`.

    `posts`: offset, at_ms, lang, source, tags (list of key and label, or null). A row with a null key counts the posts
    themselves, with tags or without.
    """
    posts = posts.combine_chunks()
    at_ms, lists = posts["at_ms"], posts["tags"]
    marked = pa.table(
        {
            "pane_ms": pc.multiply(pc.divide(at_ms, pane_ms), pane_ms),
            # Arrow groups numbers faster than texts.
            "source": posts["source"].dictionary_encode(),
            "lang": posts["lang"].dictionary_encode(),
            "offset": posts["offset"],
            "at_ms": at_ms,
        }
    )
    tags = pc.list_flatten(lists)
    nothing = pa.nulls(len(marked), pa.string())
    tagged = marked.take(pc.list_parent_indices(lists))
    return pa.concat_tables(
        [_count(marked, nothing, nothing), _count(tagged, pc.struct_field(tags, "key"), pc.struct_field(tags, "label"))]
    )


def _count(rows: pa.Table, keys: pa.Array, labels: pa.Array) -> pa.Table:
    counts = (
        rows.append_column("key", keys)
        .append_column("label", labels)
        .group_by(_BY, use_threads=False)
        .aggregate([([], "count_all"), ("offset", "min"), ("offset", "max"), ("at_ms", "min"), ("at_ms", "max")])
    )
    return _as_counts(counts, ["count_all", "offset_min", "offset_max", "at_ms_min", "at_ms_max"])


def skipped_posts(offsets: Sequence[int]) -> pa.Table:
    """A table of `COUNTS_ARROW` for posts that can't be read: one row for each offset, without pane and key."""
    nothing = [None] * len(offsets)
    known = {"posts": [1] * len(offsets), "first_offset": [*offsets], "last_offset": [*offsets]}
    return pa.table({name: known.get(name, nothing) for name in COUNTS_ARROW.names}, COUNTS_ARROW)


def add_up(slices: Sequence[pa.Table]) -> pa.Table:
    """Add up the counts of at least one slice."""
    if len(slices) == 1:
        return slices[0]
    folds = {"posts": "sum", "first_offset": "min", "last_offset": "max", "first_at_ms": "min", "last_at_ms": "max"}
    counts = pa.concat_tables(slices).group_by(_BY, use_threads=False).aggregate([*folds.items()])
    return _as_counts(counts, [f"{name}_{fold}" for name, fold in folds.items()])


def _as_counts(groups: pa.Table, numbers: list[str]) -> pa.Table:
    """`groups` as a table of `COUNTS_ARROW`. `numbers`: the names of its number columns, in that order."""
    return groups.select([*_BY, *numbers]).rename_columns(COUNTS_ARROW.names).cast(COUNTS_ARROW)

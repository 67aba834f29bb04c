"""What executors give for posts, counted by a few lines of Python: input for tests that need no Spark."""

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from spark_job.executor.messages import Counted
from spark_job.executor.tag_uses import USES

SCHEMA = pa.schema(
    [("pane_ms", pa.int64()), *((name, pa.string()) for name in ("source", "lang", "key", "label"))]
    + [(name, pa.int64()) for name in ("posts", "first_offset", "last_offset", "first_at_ms", "last_at_ms")]
)
Row = tuple[int, str, str | None, str | None, str | None, int, int | None, int | None, int, int | None]


def tally(posts: Iterable[dict[str, Any]], first_offset: int, pane_ms: int = 10_000) -> list[Row]:
    """Rows of `count_slice` for posts that begin at `first_offset`. Rows of tags have no offsets and no last time."""
    groups: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for offset, post in enumerate(posts, first_offset):
        pane = post["at_ms"] - post["at_ms"] % pane_ms
        for tag in ({"key": None, "label": None}, *post["tags"]):
            group = (pane, post["source"], post["lang"], tag["key"], tag["label"])
            groups.setdefault(group, []).append((offset, post["at_ms"]))
    return [
        (*group, len(seen), seen[0][0], seen[-1][0], min(at for _, at in seen), max(at for _, at in seen))
        if group[3] is None
        else (*group, len(seen), None, None, min(at for _, at in seen), None)
        for group, seen in groups.items()
    ]


def table(posts: Iterable[dict[str, Any]], first_offset: int, pane_ms: int = 10_000) -> pa.Table:
    """The same as an Arrow table."""
    rows = tally(posts, first_offset, pane_ms)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], SCHEMA)


def author_of(post: dict[str, Any], offset: int) -> int:
    """A post without an author has one of its own."""
    author = post.get("author")
    return (offset * 0x9E3779B97F4A7C15) % 2**64 if author is None else int(author)


def uses(posts: Iterable[dict[str, Any]], first_offset: int, pane_ms: int = 10_000) -> pa.Table:
    """What `uses_of` gives for posts; `author` and `text_hash` are numbers or missing."""
    groups: dict[tuple[Any, ...], list[int | None]] = {}
    for offset, post in enumerate(posts, first_offset):
        pane = post["at_ms"] - post["at_ms"] % pane_ms
        author = author_of(post, offset)
        for key in (None, *dict.fromkeys(tag["key"] for tag in post["tags"])):
            text = None if key is None else post.get("text_hash")
            groups.setdefault((pane, post["source"], post["lang"], key, author), []).append(text)
    rows = [
        (*group, min((text for text in texts if text is not None), default=None), len(texts), 0)
        for group, texts in groups.items()
    ]
    return pa.Table.from_pylist([dict(zip(USES.names, row, strict=True)) for row in rows], USES)


def counted(posts: Sequence[dict[str, Any]], first_offset: int, pane_ms: int = 10_000) -> Counted:
    """A micro-batch of these posts."""
    return Counted(table(posts, first_offset, pane_ms), uses(posts, first_offset, pane_ms))

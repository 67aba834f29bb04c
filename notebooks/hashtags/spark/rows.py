"""A post as a row of Spark."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

POSTS_DDL = (
    "offset LONG, id STRING, at TIMESTAMP, created_at STRING, author STRING, text STRING, lang STRING, source STRING,"
    " url STRING, tags ARRAY<STRING>, labels ARRAY<STRING>"
)
_TEXTS = ("id", "created_at", "author", "text", "lang", "source", "url")
POSTS_ARROW = pa.schema(
    [
        ("offset", pa.int64()),
        ("id", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("created_at", pa.string()),
        ("author", pa.string()),
        ("text", pa.string()),
        ("lang", pa.string()),
        ("source", pa.string()),
        ("url", pa.string()),
        ("tags", pa.list_(pa.field("element", pa.string()))),
        ("labels", pa.list_(pa.field("element", pa.string()))),
    ]
)


def rows_of(lines: Sequence[bytes]) -> pa.RecordBatch:
    """Return posts, given as lines of JSON, as rows. `at` is `at_ms`, the time at which ingest accepted the post."""
    posts: list[dict[str, Any]] = [json.loads(line) for line in lines]
    columns: dict[str, list[Any]] = {name: [post.get(name) for post in posts] for name in _TEXTS}
    columns["offset"] = [post["offset"] for post in posts]
    columns["at"] = [post["at_ms"] * 1000 for post in posts]
    columns["tags"] = [[tag["key"] for tag in post["tags"]] for post in posts]
    columns["labels"] = [[tag["label"] for tag in post["tags"]] for post in posts]
    return pa.RecordBatch.from_arrays(
        [pa.array(columns[field.name], type=field.type) for field in POSTS_ARROW], schema=POSTS_ARROW
    )

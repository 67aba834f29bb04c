"""The Arrow stream of `READ … columns` for posts, written with pyarrow: an ingest that offers columns, for tests."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

NAMES = ["offset", "at_ms", "source", "lang", "author", "text", "tags"]
TAGS = pa.list_(pa.struct([("key", pa.string()), ("label", pa.string())]))
SCHEMA = pa.schema(
    [
        ("offset", pa.int64()),
        ("at_ms", pa.int64()),
        ("source", pa.string()),
        ("lang", pa.string()),
        ("author", pa.uint64()),
        ("text", pa.uint64()),
        ("tags", TAGS),
    ]
)


def stream(batches: Sequence[Sequence[dict[str, Any]]], schema: pa.Schema = SCHEMA) -> bytes:
    """One stream with these rows, a record batch for each list. Missing fields are null."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for rows in batches:
            writer.write_batch(pa.RecordBatch.from_pylist(list(rows), schema))
    return bytes(sink.getvalue().to_pybytes())


def rows_of(lines: Sequence[bytes]) -> list[dict[str, Any]]:
    """Rows of the columns for lines of the contract. `text_hash` is the fingerprint of the text."""
    rows = []
    for line in lines:
        found = json.loads(line)
        row = {name: value for name, value in found.items() if name in NAMES}
        rows.append(row | {"text": found.get("text_hash")})
    return rows

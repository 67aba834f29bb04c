"""Parse the headers `columns` of Kafka's messages into tables of posts: tab-separated rows, see docs/protocol.md.

It runs on executors, so it imports pyarrow and the standard library only.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from spark_job.executor.kafka_headers import TAG_SEPARATOR
from spark_job.executor.posts import LINES_ARROW, UnreadableError, with_names

#: The name of the header.
HEADER = "columns"
#: Posts of rows: as those of lines, with the fingerprint of the text.
ROWS_ARROW = pa.schema([*LINES_ARROW, ("text", pa.uint64())])
_TYPES = {
    "at_ms": pa.int64(),
    "source": pa.string(),
    "lang": pa.string(),
    "author": pa.string(),
    "text": pa.uint64(),
    "keys": pa.string(),
    "labels": pa.string(),
}
_PARSED = pcsv.ParseOptions(delimiter="\t", quote_char=False)
_CONVERTED = pcsv.ConvertOptions(column_types=_TYPES, null_values=[""], strings_can_be_null=True)
#: Arrow's reader fails on a row that is longer than a block.
_BLOCK_BYTES = 4 << 20


def parse_rows(rows: Sequence[bytes], numbers: Sequence[int]) -> pa.Table:
    """Parse rows. Whether they are posts, `are_posts` says.

    Args:
        rows: A row of each post.
        numbers: A different number for each, which becomes its `offset`.

    Returns:
        A table of `ROWS_ARROW`.

    Raises:
        UnreadableError: One of them is no row, or has a field of another type.

    """
    where = f"{len(rows)} messages"
    body = b"\n".join(rows)
    block_bytes = max(_BLOCK_BYTES, len(body)) if len(rows) == 1 else _BLOCK_BYTES
    read = pcsv.ReadOptions(use_threads=False, column_names=[*_TYPES], block_size=block_bytes)
    try:
        found = pcsv.read_csv(pa.py_buffer(body), read, _PARSED, _CONVERTED).combine_chunks()
    except pa.ArrowException as error:
        raise UnreadableError(f"of {where} some have a header that is no row: {error}") from error
    if found.num_rows != len(rows):
        raise UnreadableError(f"of {where} some have a header that is not one row")
    columns = {name: found[name] for name in ("at_ms", "lang", "source", "author", "text")}
    columns |= {"offset": pa.array(numbers, pa.int64()), "tags": _tags(found["keys"], found["labels"], where)}
    table = pa.table([columns[name] for name in ROWS_ARROW.names], ROWS_ARROW)
    return with_names(table)


def _tags(keys: pa.ChunkedArray, labels: pa.ChunkedArray, where: str) -> pa.Array:
    """The hashtags of each post, from its keys and its labels."""
    keys, labels = (pc.split_pattern(each, TAG_SEPARATOR).combine_chunks() for each in (keys, labels))
    if not keys.offsets.equals(labels.offsets):
        raise UnreadableError(f"of {where} some have not as many labels as keys of hashtags")
    tags = pa.StructArray.from_arrays([keys.values, labels.values], ["key", "label"])
    return pa.ListArray.from_arrays(keys.offsets, tags)

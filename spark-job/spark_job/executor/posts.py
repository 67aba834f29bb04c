"""Parse slices of the log into tables of posts. A post that can't be read is skipped alone.

It runs on executors, so it imports pyarrow and the standard library only.
"""

import logging
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from spark_job.executor.ingest_client import ContractError, Slice
from spark_job.executor.printable import printable

logger = logging.getLogger(__name__)

POSTS_ARROW = pa.schema(
    [
        ("offset", pa.int64()),
        ("at_ms", pa.int64()),
        ("lang", pa.string()),
        ("source", pa.string()),
        ("tags", pa.list_(pa.struct([("key", pa.string()), ("label", pa.string())]))),
    ]
)
#: Posts with hashes of their authors and texts, as far as they are known.
POSTS_AND_PEOPLE_ARROW = pa.schema([*POSTS_ARROW, ("author", pa.uint64()), ("text", pa.uint64())])
#: Posts of lines, which have the names of the authors.
LINES_ARROW = pa.schema([*POSTS_ARROW, ("author", pa.string())])
#: Arrow's JSON reader fails on a line that is longer than two blocks. The contract's lines are shorter. Those of older
#: logs may not be.
JSON_BLOCK_BYTES = 4 << 20
#: Ingest makes keys of at most 640 bytes. Older logs have keys of up to 2,000 characters.
MAX_KEY_BYTES = 8192
#: The longest name of a source or language. A view of the dashboard can't name a longer one.
MAX_NAME_CHARACTERS = 100
NO_LANGUAGE, NO_SOURCE = "und", "unknown"
#: The end of the year 9999.
MAX_TIME_MS = 253_402_300_799_999


class UnreadableError(ContractError):
    """Posts with the right offsets that break the contract in another way."""


def read_posts(piece: Slice) -> tuple[list[pa.Table], list[int]]:
    """Read a slice.

    A slice that can't be parsed is halved until the broken post is alone.

    Returns:
        Tables of `LINES_ARROW` with the posts that can be read, and the offsets of the others.

    Raises:
        ContractError: The offsets are wrong.

    """
    try:
        return [parse(piece)], []
    except UnreadableError as error:
        found: list[pa.Table] = []
        skipped: list[int] = []
        _read_halves(piece, _lines(piece), error, (found, skipped))
        return found, skipped


def _lines(piece: Slice) -> list[bytes]:
    lines = [line + b"\n" for line in bytes(piece.body).split(b"\n")]
    if lines[-1] == b"\n":
        del lines[-1]
    if len(lines) != piece.posts:
        raise ContractError(f"{piece.posts} posts were announced at offset {piece.first}, {len(lines)} lines came")
    return lines


def _read_halves(
    piece: Slice, lines: Sequence[bytes], error: UnreadableError, into: tuple[list[pa.Table], list[int]]
) -> None:
    """Read both halves of a slice that can't be parsed. A single post is skipped."""
    found, skipped = into
    if piece.posts == 1:
        logger.warning("the post at offset %d is skipped: %s", piece.first, printable(error))
        skipped.append(piece.first)
        return
    middle = piece.posts // 2
    for at, half in ((0, lines[:middle]), (middle, lines[middle:])):
        part = Slice(piece.log, piece.first + at, len(half), bytearray(b"".join(half)))
        try:
            found.append(parse(part))
        except UnreadableError as again:
            _read_halves(part, half, again, into)


def parse(piece: Slice) -> pa.Table:
    """Parse the NDJSON of a slice into a table of `LINES_ARROW`.

    Raises:
        UnreadableError: A post breaks the contract.
        ContractError: The offsets are wrong.

    """
    where = f"posts from offset {piece.first}"
    if not _has_objects(piece.body, piece.posts):
        raise UnreadableError(f"{where} are not NDJSON of the contract: not one object a line")
    table = _parse(piece.body, piece.posts, where, LINES_ARROW)
    _check_offsets(table, piece)
    check_posts(table, where)
    return with_names(table)


def parse_lines(body: bytes, posts: int, where: str, schema: pa.Schema) -> pa.Table:
    """Parse lines of posts that have no offsets. Whether they are posts, `are_posts` says.

    Args:
        body: NDJSON. If it has more than one line, each begins with a brace.
        posts: How many posts it has.
        where: Which posts, for the error.
        schema: The fields of `LINES_ARROW` that are wanted.

    Raises:
        UnreadableError: A line is no object, or has a field of another type.

    """
    table = _parse(body, posts, where, schema) if posts > 1 or _has_objects(body, posts) else schema.empty_table()
    if table.num_rows != posts:
        raise UnreadableError(f"of {where} some are not one object on one line")
    return with_names(table)


def _parse(body: bytes | bytearray, posts: int, where: str, schema: pa.Schema) -> pa.Table:
    try:
        return _parse_rows(body, posts, schema)
    except pa.ArrowException as error:
        raise UnreadableError(f"{where} are not NDJSON of the contract: {error}") from error


def _parse_rows(body: bytes | bytearray, posts: int, schema: pa.Schema) -> pa.Table:
    try:
        return _parse_fields(body, posts, schema)
    except pa.ArrowException:
        if posts > 1:
            raise
        # A post whose author is not a name is a post too.
        table = _parse_fields(body, posts, schema.remove(schema.get_field_index("author")))
        return table.append_column("author", pa.nulls(len(table), pa.string()))


def _parse_fields(body: bytes | bytearray, posts: int, schema: pa.Schema) -> pa.Table:
    table = pj.read_json(
        pa.py_buffer(body),
        read_options=pj.ReadOptions(use_threads=False, block_size=_block_bytes(body, posts)),
        parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    ).combine_chunks()
    # Text that is not UTF-8 would make the driver's transaction fail.
    table.validate(full=True)
    return table


def _has_objects(body: bytes | bytearray, posts: int) -> bool:
    """Whether no line is `null`, which ends the process in Arrow's reader. A single post is checked exactly."""
    if posts == 1:
        line = body.strip()
        return line.startswith(b"{") and line.endswith(b"}")
    return body.startswith(b"{") and b"\nnull" not in body


def _block_bytes(body: bytes | bytearray, posts: int) -> int:
    """A block size in which every line fits. For a single post it is the size of the post."""
    return max(JSON_BLOCK_BYTES, len(body)) if posts == 1 else JSON_BLOCK_BYTES


def _check_offsets(table: pa.Table, piece: Slice) -> None:
    if table.num_rows != piece.posts:
        if piece.body.count(b"\n") == piece.posts:
            raise UnreadableError(f"of the posts from offset {piece.first} some are not one object on one line")
        raise ContractError(f"{piece.posts} posts were announced at offset {piece.first}, {table.num_rows} came")
    span = pc.min_max(table["offset"]).as_py()
    if table["offset"].null_count or span != {"min": piece.first, "max": piece.first + piece.posts - 1}:
        raise ContractError(f"{piece.posts} posts from offset {piece.first} were announced, others came: {span}")
    steps = pc.min_max(pc.pairwise_diff(table["offset"].combine_chunks())).as_py()
    if steps not in ({"min": 1, "max": 1}, {"min": None, "max": None}):
        raise ContractError(f"{piece.posts} posts from offset {piece.first} were announced, they came in another order")


def check_posts(table: pa.Table, where: str) -> None:
    """Check the times and the keys of `table`, which has the columns of `POSTS_ARROW`.

    `where`: which posts, for the error.

    Raises:
        UnreadableError: One of them breaks the contract.

    """
    if table["at_ms"].null_count:
        raise UnreadableError(f"of the {where} some have no at_ms")
    times = pc.min_max(table["at_ms"]).as_py()
    if times["min"] is not None and not 0 <= times["min"] <= times["max"] <= MAX_TIME_MS:
        raise UnreadableError(f"of the {where} some have an at_ms that is no time")
    keys = pc.struct_field(pc.list_flatten(table["tags"]), "key")
    if keys.null_count:
        raise UnreadableError(f"of the {where} some have a tag without a key")
    sizes = pc.min_max(pc.binary_length(keys)).as_py()
    if sizes["min"] is not None and not 1 <= sizes["min"] <= sizes["max"] <= MAX_KEY_BYTES:
        raise UnreadableError(f"of the {where} some have a tag whose key has no or too many bytes")


def are_posts(table: pa.Table) -> pa.ChunkedArray:
    """Which rows have a time and a key for each hashtag, as `check_posts` wants it."""
    times, tags = table["at_ms"], table["tags"].combine_chunks()
    good = pc.fill_null(pc.and_(pc.greater_equal(times, 0), pc.less_equal(times, MAX_TIME_MS)), False)
    sizes = pc.fill_null(pc.binary_length(pc.struct_field(pc.list_flatten(tags), "key")), 0)
    is_no_key = pc.or_(pc.less(sizes, 1), pc.greater(sizes, MAX_KEY_BYTES))
    if not pc.any(is_no_key).as_py():
        return good
    rows = pa.array(range(len(table)), pa.int64())
    return pc.and_not(good, pc.is_in(rows, pc.list_parent_indices(tags).filter(is_no_key)))


def with_names(table: pa.Table) -> pa.Table:
    """Fill in missing labels, and replace names of sources and languages that can't be displayed."""
    for name, nothing in (("lang", NO_LANGUAGE), ("source", NO_SOURCE)):
        column = table[name]
        lengths = pc.min_max(pc.utf8_length(column)).as_py()
        if column.null_count or (
            lengths["min"] is not None and not 1 <= lengths["min"] <= lengths["max"] <= MAX_NAME_CHARACTERS
        ):
            table = table.set_column(table.schema.get_field_index(name), name, _replaced(column, nothing))
    labels = pc.struct_field(pc.list_flatten(table["tags"]), "label")
    sizes = pc.min_max(pc.binary_length(labels)).as_py()
    if labels.null_count or (sizes["min"] is not None and not 1 <= sizes["min"] <= sizes["max"] <= MAX_KEY_BYTES):
        table = table.set_column(table.schema.get_field_index("tags"), "tags", _labelled(table["tags"]))
    return table


def _replaced(names: pa.ChunkedArray, nothing: str) -> pa.ChunkedArray:
    lengths = pc.fill_null(pc.utf8_length(names), 0)
    usable = pc.and_(pc.greater(lengths, 0), pc.less_equal(lengths, MAX_NAME_CHARACTERS))
    return pc.if_else(usable, names, nothing)


def _labelled(lists: pa.ChunkedArray) -> pa.Array:
    """Use the key as the label where the label is missing or too long."""
    tags = pc.list_flatten(lists).combine_chunks()
    keys, labels = tags.field("key"), tags.field("label")
    sizes = pc.fill_null(pc.binary_length(labels), 0)
    usable = pc.and_(pc.greater(sizes, 0), pc.less_equal(sizes, MAX_KEY_BYTES))
    named = pa.StructArray.from_arrays([keys, pc.if_else(usable, labels, keys)], ["key", "label"])
    counts = pc.fill_null(pc.list_value_length(lists), 0).combine_chunks()
    ends = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(counts).cast(pa.int32())])
    return pa.ListArray.from_arrays(ends, named)

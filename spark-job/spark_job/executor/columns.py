"""Read the columns of `READ … columns` (docs/protocol.md): one Arrow stream with what counting needs of each post.

It runs on executors, so it imports pyarrow and the standard library only.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.ingest_client import Slice
from spark_job.executor.posts import POSTS_AND_PEOPLE_ARROW, POSTS_ARROW, UnreadableError, check_posts, with_names

#: The columns that an older ingest may lack.
_HASHES = set(POSTS_AND_PEOPLE_ARROW.names).difference(POSTS_ARROW.names)


def offers_columns(status: Mapping[str, Any]) -> bool:
    """Whether ingest's `STATUS` names all columns that counting needs."""
    offered = status.get("columns")
    return isinstance(offered, list) and all(name in offered for name in POSTS_ARROW.names)


def parse_columns(piece: Slice) -> pa.Table:
    """Read the Arrow stream of a slice into a table of `POSTS_AND_PEOPLE_ARROW`.

    Posts outside the slice are dropped. Hashes that an older ingest does not have are null.

    Raises:
        UnreadableError: The stream breaks the contract.

    """
    where = f"columns of the posts from offset {piece.first}"
    try:
        table = _read(piece, where)
        # Arrow trusts the bytes that it reads. A wrong length in them would end the process later, and text that is not
        # UTF-8 would make the driver's transaction fail. So this is the first call.
        table.validate(full=True)
        for name in _HASHES.difference(table.column_names):
            table = table.append_column(name, pa.nulls(len(table), pa.uint64()))
        table = table.select(POSTS_AND_PEOPLE_ARROW.names).cast(POSTS_AND_PEOPLE_ARROW)
        table = _requested(table, piece, where)
        check_posts(table, where)
        return with_names(table)
    # Arrow raises OSError for a stream that ends too early, ValueError for names that are not UTF-8, and MemoryError
    # for sizes that can't be.
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise UnreadableError(f"the {where} are no Arrow stream of the contract: {error}") from error


def _read(piece: Slice, where: str) -> pa.Table:
    source = pa.py_buffer(piece.body)
    with pa.ipc.open_stream(source) as stream:
        schema = stream.schema
        needed = [field for field in POSTS_AND_PEOPLE_ARROW if field.name not in _HASHES.difference(schema.names)]
        indices = [schema.get_field_index(field.name) for field in needed]
        for field, index in zip(needed, indices, strict=True):
            # The index is -1 if there is no such column, or more than one.
            if index < 0 or not _same(schema.field(index).type, field.type):
                found = "none" if index < 0 else schema.field(index).type
                raise UnreadableError(f"the {where} have a wrong type of {field.name}: {found}")
    options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=indices)
    with pa.ipc.open_stream(source, options=options) as stream:
        return stream.read_all()


def _same(found: pa.DataType, needed: pa.DataType) -> bool:
    """Whether types are the same. Names of list items and flags for null, which writers choose freely, don't matter."""
    if not pa.types.is_list(needed):
        return bool(found == needed)
    if not pa.types.is_list(found) or not pa.types.is_struct(found.value_type):
        return False
    fields = [(field.name, field.type) for field in found.value_type]
    return fields == [(field.name, field.type) for field in needed.value_type]


def _requested(table: pa.Table, piece: Slice, where: str) -> pa.Table:
    """The rows of the slice. Ingest sends whole runs."""
    offsets = table["offset"]
    if offsets.null_count or table.num_rows == 0:
        raise UnreadableError(f"the {where} have no offsets")
    begins = offsets[0].as_py()
    span = pc.min_max(offsets).as_py()
    steps = pc.min_max(pc.pairwise_diff(offsets.combine_chunks())).as_py()
    if span != {"min": begins, "max": begins + table.num_rows - 1} or steps not in (
        {"min": 1, "max": 1},
        {"min": None, "max": None},
    ):
        raise UnreadableError(f"the {where} are not in order: {span}")
    rows = table.slice(max(0, piece.first - begins), piece.posts)
    if begins > piece.first or rows.num_rows != piece.posts:
        raise UnreadableError(f"the {where} are {span} and not all {piece.posts}")
    return rows

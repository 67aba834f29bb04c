"""Count posts on the executor that read them.

A task gives Spark its counts instead of a hundred thousand posts. Java needs many times as long for a post as Arrow
does, above all before its code is compiled.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

_BY = ["pane_ms", "source", "lang", "key", "label"]
_BY_POST = _BY[:3]
_TEXTS = _BY[1:]
#: Rows of posts have all numbers. Rows of tags have `posts` and `first_at_ms`; the others are null.
_NUMBERS = ["posts", "first_offset", "last_offset", "first_at_ms", "last_at_ms"]


def _schema(text: pa.DataType) -> pa.Schema:
    texts, numbers = ((name, text) for name in _TEXTS), ((name, pa.int64()) for name in _NUMBERS)
    return pa.schema([("pane_ms", pa.int64()), *texts, *numbers])


#: Counts as the driver writes them.
COUNTS_ARROW = _schema(pa.string())
#: The same with each text once, and its number in each row. A tag has many rows, and Arrow groups numbers faster.
CODED_COUNTS = _schema(pa.dictionary(pa.int32(), pa.string()))


def count_slice(posts: pa.Table, pane_ms: int) -> pa.Table:
    """Count posts per pane, source, language, tag and spelling, as a table of `CODED_COUNTS`.

    `posts`: offset, at_ms, lang, source, tags (list of key and label, or null). A row with a null key counts the posts
    themselves, with tags or without.
    """
    posts = posts.combine_chunks()
    at_ms, lists = posts["at_ms"], posts["tags"]
    tags = pc.list_flatten(lists)
    coded = {
        "source": _coded(posts["source"]),
        "lang": _coded(posts["lang"]),
        "key": _coded(pc.struct_field(tags, "key")),
        "label": _coded(pc.struct_field(tags, "label")),
    }
    marked = pa.table(
        {
            "pane_ms": pc.multiply(pc.divide(at_ms, pane_ms), pane_ms),
            "source": coded["source"].indices,
            "lang": coded["lang"].indices,
            "at_ms": at_ms,
        }
    )
    tagged = marked.take(pc.list_parent_indices(lists))
    for name in ("key", "label"):
        tagged = tagged.append_column(name, coded[name].indices)
    folds = [([], "count_all"), ("offset", "min"), ("offset", "max"), ("at_ms", "min"), ("at_ms", "max")]
    own = marked.append_column("offset", posts["offset"]).group_by(_BY_POST, use_threads=False).aggregate(folds)
    named = tagged.group_by(_BY, use_threads=False).aggregate([([], "count_all"), ("at_ms", "min")])
    renamed = dict(zip(("count_all", "offset_min", "offset_max", "at_ms_min", "at_ms_max"), _NUMBERS, strict=True))
    return pa.concat_tables([_as_counts(groups, renamed, coded) for groups in (own, named)])


def skipped_posts(offsets: Sequence[int]) -> pa.Table:
    """A table of `CODED_COUNTS` for posts that can't be read: one row for each offset, without pane and key."""
    nothing = [None] * len(offsets)
    known = {"posts": [1] * len(offsets), "first_offset": [*offsets], "last_offset": [*offsets]}
    return pa.table({name: known.get(name, nothing) for name in CODED_COUNTS.names}, CODED_COUNTS)


def add_up(slices: Sequence[pa.Table]) -> pa.Table:
    """Add up the counts of at least one slice."""
    if len(slices) == 1:
        return slices[0]
    counts = pa.concat_tables(slices).unify_dictionaries().combine_chunks()
    coded = {name: _only_chunk(counts[name]) for name in _TEXTS}
    for name, texts in coded.items():
        counts = counts.set_column(counts.schema.get_field_index(name), name, texts.indices)
    folds = {"posts": "sum", "first_offset": "min", "last_offset": "max", "first_at_ms": "min", "last_at_ms": "max"}
    groups = counts.group_by(_BY, use_threads=False).aggregate([*folds.items()])
    return _as_counts(groups, {f"{name}_{fold}": name for name, fold in folds.items()}, coded)


def _coded(texts: pa.ChunkedArray) -> pa.DictionaryArray:
    """Each text once, and for each row the number of its text."""
    return _only_chunk(texts.dictionary_encode())


def _only_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.chunked_array(column, column.type).combine_chunks()


def _as_counts(groups: pa.Table, renamed: dict[str, str], coded: dict[str, pa.DictionaryArray]) -> pa.Table:
    """`groups` as a table of `CODED_COUNTS`. Missing columns are null.

    Args:
        groups: Texts are numbers of a dictionary.
        renamed: Which number of `CODED_COUNTS` a column is.
        coded: The dictionaries.

    """
    groups = groups.rename_columns([renamed.get(name, name) for name in groups.column_names])
    columns = []
    for field in CODED_COUNTS:
        column = groups[field.name] if field.name in groups.column_names else None
        if column is None:
            column = pa.nulls(len(groups), pa.int32() if field.name in _TEXTS else field.type)
        if field.name in _TEXTS:
            indices = _only_chunk(column) if isinstance(column, pa.ChunkedArray) else column
            column = pa.DictionaryArray.from_arrays(indices, coded[field.name].dictionary)
        columns.append(column)
    return pa.table(columns, CODED_COUNTS)

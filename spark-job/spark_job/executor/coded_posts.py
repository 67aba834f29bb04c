"""Posts with each text once, and its number in each post.

Both counting and the uses of tags group posts by their texts, and Arrow groups numbers faster. So the texts are looked
up once for both.
"""

import pyarrow as pa
import pyarrow.compute as pc

_TAG = ["key", "label"]


def with_codes(posts: pa.Table) -> pa.Table:
    """Return the posts in one piece, with dictionaries in place of texts. Posts without tags have an empty list.

    Args:
        posts: A table with source, lang, and tags (list of key and label, or null). Further columns stay.

    """
    lists = posts["tags"]
    tags = pc.list_flatten(lists)
    named = pa.StructArray.from_arrays([_coded(pc.struct_field(tags, name)) for name in _TAG], _TAG)
    counts = pc.fill_null(pc.list_value_length(lists), 0).combine_chunks()
    ends = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(counts).cast(pa.int32())])
    coded = {"source": _coded(posts["source"]), "lang": _coded(posts["lang"])}
    coded["tags"] = pa.ListArray.from_arrays(ends, named)
    for name, column in coded.items():
        posts = posts.set_column(posts.column_names.index(name), name, column)
    # Last, because texts would be copied.
    return posts.combine_chunks()


def _coded(texts: pa.ChunkedArray) -> pa.DictionaryArray:
    coded = texts.dictionary_encode()
    return coded.chunk(0) if coded.num_chunks == 1 else coded.combine_chunks()

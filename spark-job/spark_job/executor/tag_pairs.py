"""Which tags are in the same posts: the posts of each pair of tags, per pane.

It runs on executors, so it imports pyarrow and the standard library only.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

#: The most pairs of a pane. Beyond, those with the fewest posts are left out.
PAIRS_PER_PANE = 65_536
#: Tags of a post that are further apart are not paired. Such posts name all tags that they can think of.
MOST_DISTANCE = 16
#: The most pairs of posts that are counted together. Further posts are left out.
PAIRS_AT_ONCE = 4_000_000

_NAMES = pa.dictionary(pa.int32(), pa.string())
#: A row without keys says that pairs of this pane were left out.
PAIRS = pa.schema([("pane_ms", pa.int64()), ("key", _NAMES), ("other", _NAMES), ("posts", pa.int64())])
_PAIR = ["key", "other"]


def pairs_of(posts: pa.Table, pane_ms: int) -> pa.Table:
    """Count the pairs of posts, as a table of `PAIRS`. A pair is there once, in any order of its two tags.

    Args:
        posts: at_ms and tags (list of key and label, or null; a key is there once). Further columns are ignored.
        pane_ms: Length of a pane.

    """
    posts = posts.select(["at_ms", "tags"])
    posts = posts.filter(pc.greater(pc.list_value_length(posts["tags"]), 1)).combine_chunks()
    if not len(posts):
        return PAIRS.empty_table()
    lists = posts["tags"]
    keys = pc.struct_field(pc.list_flatten(lists), "key")
    coded = _only_chunk(keys if pa.types.is_dictionary(keys.type) else keys.dictionary_encode())
    panes = pc.multiply(pc.divide(posts["at_ms"], pane_ms), pane_ms).dictionary_encode()
    starts = _only_chunk(panes).dictionary.to_pylist()
    number, parents, pane_of = len(coded.dictionary), _only_chunk(pc.list_parent_indices(lists)), _only_chunk(panes)
    of_tags = pane_of.indices.cast(pa.int64()).take(parents)
    codes = coded.indices.cast(pa.int64())
    found, is_cut = _packed(codes, parents, of_tags, number)
    counts = pc.value_counts(found)
    packed, both = counts.field(0), number * number
    pane = pc.divide(packed, both)
    pair = pc.subtract(packed, pc.multiply(pane, both))
    key = pc.divide(pair, number)
    columns = [
        pa.array(starts, pa.int64()).take(pane),
        _named(key, coded.dictionary),
        _named(pc.subtract(pair, pc.multiply(key, number)), coded.dictionary),
        counts.field(1).cast(pa.int64()),
    ]
    counted = pa.table(columns, PAIRS)
    return compacted(bounded(pa.concat_tables([counted, cut_in(starts)]) if is_cut else counted))


def _packed(codes: pa.Array, parents: pa.Array, panes: pa.Array, number: int) -> tuple[pa.ChunkedArray, bool]:
    """One number for each pair of each post, and whether pairs were left out.

    The tags of a post are beside each other: so the pairs are those of each tag and its next neighbours.
    """
    found: list[pa.Array] = []
    pairs, is_cut = 0, False
    for step in range(1, len(codes)):
        is_same = pc.equal(parents.slice(step), parents.slice(0, len(parents) - step))
        left, right = codes.slice(0, len(codes) - step).filter(is_same), codes.slice(step).filter(is_same)
        if not len(left):
            break
        pairs += len(left)
        if step == MOST_DISTANCE or pairs > PAIRS_AT_ONCE:
            is_cut = True
            break
        pane = panes.slice(step).filter(is_same)
        pair = pc.add(pc.multiply(pc.min_element_wise(left, right), number), pc.max_element_wise(left, right))
        found.append(pc.add(pc.multiply(pane, number * number), pair))
    return pa.chunked_array(found, pa.int64()), is_cut


def merge_pairs(slices: Sequence[pa.Table]) -> pa.Table:
    """The pairs of at least one slice, each once, in a table of `PAIRS`."""
    if len(slices) == 1:
        return slices[0]
    pairs = pa.concat_tables(slices)
    is_cut = pc.is_null(pairs["key"])
    cut = pc.unique(pairs.filter(is_cut)["pane_ms"]).to_pylist()
    pairs = pairs.filter(pc.invert(is_cut))
    names = pa.chunked_array([*pairs["key"].chunks, *pairs["other"].chunks], _NAMES).unify_dictionaries()
    coded = _only_chunk(names)
    if not len(pairs):
        return cut_in(cut)
    dictionary, codes = coded.dictionary, coded.indices.cast(pa.int64())
    left, right = codes.slice(0, len(pairs)), codes.slice(len(pairs))
    ordered = pa.table(
        {
            "pane_ms": pairs["pane_ms"],
            "key": pc.min_element_wise(left, right),
            "other": pc.max_element_wise(left, right),
            "posts": pairs["posts"],
        }
    )
    groups = ordered.group_by(["pane_ms", *_PAIR], use_threads=False).aggregate([("posts", "sum")])
    columns = [
        groups["pane_ms"],
        _named(_only_chunk(groups["key"]), dictionary),
        _named(_only_chunk(groups["other"]), dictionary),
        groups["posts_sum"],
    ]
    return bounded(pa.concat_tables([pa.table(columns, PAIRS), cut_in(cut)]))


def bounded(pairs: pa.Table) -> pa.Table:
    """Leave out the pairs with the fewest posts where a pane has too many, and say so."""
    if len(pairs) <= PAIRS_PER_PANE:
        return pairs
    sizes = pc.value_counts(pairs["pane_ms"])
    large = [size["values"].as_py() for size in sizes if size["counts"].as_py() > PAIRS_PER_PANE]
    if not large:
        return pairs
    kept = [pairs.filter(pc.invert(pc.is_in(pairs["pane_ms"], pa.array(large, pa.int64()))))]
    for at_ms in large:
        of_pane = pairs.filter(pc.and_(pc.equal(pairs["pane_ms"], at_ms), pc.is_valid(pairs["key"])))
        kept += [of_pane.filter(pc.greater_equal(of_pane["posts"], _least_posts(of_pane["posts"]))), cut_in([at_ms])]
    return pa.concat_tables(kept)


def _least_posts(posts: pa.ChunkedArray) -> int:
    """So many posts must a pair have, so that not too many pairs have them."""
    pairs_with = {one["values"].as_py(): one["counts"].as_py() for one in pc.value_counts(posts)}
    pairs = 0
    for number in sorted(pairs_with, reverse=True):
        pairs += pairs_with[number]
        if pairs > PAIRS_PER_PANE:
            return int(number) + 1
    return 0


def compacted(pairs: pa.Table) -> pa.Table:
    """The same with dictionaries that have no other keys, if they have many: they would be sent too."""
    for name in _PAIR:
        if len(pairs) and len(pairs[name].chunk(0).dictionary) > 2 * len(pairs):
            coded = pairs[name].cast(pa.string()).dictionary_encode()
            pairs = pairs.set_column(pairs.schema.get_field_index(name), name, coded)
    return pairs


def cut_in(panes: Sequence[int]) -> pa.Table:
    """Rows that say that pairs of these panes were left out."""
    nothing = pa.nulls(len(panes), _NAMES)
    return pa.table([pa.array(panes, pa.int64()), nothing, nothing, pa.array([0] * len(panes), pa.int64())], PAIRS)


def _named(codes: pa.Array, dictionary: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(codes.cast(pa.int32()), dictionary)


def _only_chunk(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(column, pa.Array):
        return column
    return column.chunk(0) if column.num_chunks == 1 else pa.chunked_array(column, column.type).combine_chunks()

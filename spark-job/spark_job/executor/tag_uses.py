"""Who used which tag: the different authors per pane, source, language and tag, each with one of its texts.

A use is counted once, whatever slices it comes in. So the uses of many slices can be merged, and then say how many
different people used a tag, and with how many different texts. Authors and texts are 64-bit hashes from ingest. Of the
texts of one author in one pane, the one with the least hash is taken: more of them would not be more people. It is null
if all of them are too short to be compared. A use without a tag and without a text stands for the posts of an author,
with tags or without: they say how many people write at all.

The uses of a pane are bounded by a sample of the authors: in the sample of level n are those whose hash begins with n
zero bits, one of 2^n (P. Gibbons, "Distinct sampling for highly-accurate answers to distinct values queries", VLDB
2001). An author is in the samples of all slices or of none, so samples can be merged, and a count of the sample times
2^n is the expected count of all, with a standard deviation of sqrt(m * (2^n - 1)) for m authors.

It runs on executors, so it imports pyarrow and the standard library only.
"""

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

#: The most uses of tags in a pane. At 1,600 tags a second, all uses of a pane of ten seconds are counted.
USES_PER_PANE = 16_384
#: The most authors of a pane.
AUTHORS_PER_PANE = 4_096
MAX_LEVEL = 63

_NAMES = pa.dictionary(pa.int32(), pa.string())
_TEXTS = ["source", "lang", "key"]
USES = pa.schema(
    [
        ("pane_ms", pa.int64()),
        *((name, _NAMES) for name in _TEXTS),
        ("author", pa.uint64()),
        ("text", pa.uint64()),
        # How many posts are in this use.
        ("posts", pa.int64()),
        # The level of the sample of this pane. Uses without a tag have one of their own.
        ("level", pa.int8()),
    ]
)
_BY = [name for name in USES.names if name not in {"text", "posts", "level"}]
#: Makes uses of posts, one for each post or one for each of its tags.
_ToUses = Callable[[pa.Table], pa.Table]
_FOLDS = {"text": "min", "posts": "sum", "level": "max"}
#: Makes hashes of offsets: 2^64 divided by the golden ratio (Knuth, "The Art of Computer Programming", 6.4).
_GOLDEN = pa.scalar(0x9E3779B97F4A7C15, pa.uint64())


def uses_of(posts: pa.Table, pane_ms: int) -> pa.Table:
    """Return the uses of posts, as a table of `USES`.

    Args:
        posts: offset, at_ms, lang, source, tags, author, text. A post without an author has an author of its own.
        pane_ms: Length of a pane.

    """
    posts = posts.combine_chunks()
    own = pc.multiply(posts["offset"].cast(pa.uint64()), _GOLDEN)
    marked = pa.table(
        {
            "pane_ms": pc.multiply(pc.divide(posts["at_ms"], pane_ms), pane_ms),
            "source": posts["source"].dictionary_encode(),
            "lang": posts["lang"].dictionary_encode(),
            "author": pc.coalesce(posts["author"], own),
            "text": posts["text"],
            "tags": posts["tags"],
        }
    )
    tags = len(pc.list_flatten(marked["tags"]))
    return pa.concat_tables(
        [_counted(marked, _of_tags, tags, USES_PER_PANE), _counted(marked, _of_posts, len(marked), AUTHORS_PER_PANE)]
    )


def _counted(posts: pa.Table, uses: _ToUses, rows: int, most: int) -> pa.Table:
    """The uses of posts, which have so many rows before they are grouped, at most `most` of each pane.

    To group the rows takes the most time. So where a pane has many more than `most`, only those of a sample of its
    authors are grouped. If the sample shows that the pane has few uses, all its rows are grouped after all.
    """
    if rows <= 2 * most:
        return _bounded(_distinct(uses(posts)), most)
    panes = posts["pane_ms"].combine_chunks().dictionary_encode()
    counts = pc.value_counts(panes.indices)
    posts_of = dict(zip(*(counts.field(number).to_pylist() for number in (0, 1)), strict=True))
    levels = [
        (posts_of[index] * rows // len(posts) // (2 * most)).bit_length() for index in range(len(panes.dictionary))
    ]
    last = _greatest_authors(levels).take(panes.indices)
    marked = posts.append_column("level", pa.array(levels, pa.int8()).take(panes.indices))
    found = _bounded(_distinct(uses(marked.filter(pc.less_equal(posts["author"], last)))), most)
    return _with_all_of_small_panes(found, posts, uses, most)


def _with_all_of_small_panes(sampled: pa.Table, posts: pa.Table, uses: _ToUses, most: int) -> pa.Table:
    is_sampled = sampled.filter(pc.greater(sampled["level"], 0))
    groups = is_sampled.group_by("pane_ms").aggregate([([], "count_all"), ("level", "max")])
    rows = zip(*(groups[name].to_pylist() for name in ("pane_ms", "count_all", "level_max")), strict=True)
    # A quarter more than the bound can't be the error of the sample.
    small = pa.array([at_ms for at_ms, count, level in rows if count << level <= most * 5 // 4], pa.int64())
    if not len(small):
        return sampled
    again = _bounded(_distinct(uses(posts.filter(pc.is_in(posts["pane_ms"], small)))), most)
    return pa.concat_tables([sampled.filter(pc.invert(pc.is_in(sampled["pane_ms"], small))), again])


def _of_tags(posts: pa.Table) -> pa.Table:
    """One row for each tag of each post."""
    lists = posts["tags"]
    keys = pc.struct_field(pc.list_flatten(lists), "key").dictionary_encode()
    return _with_keys(posts.drop_columns("tags").take(pc.list_parent_indices(lists)), keys)


def _of_posts(posts: pa.Table) -> pa.Table:
    """One row without a tag for each post. Its text says nothing of an author."""
    posts = posts.drop_columns("tags")
    posts = posts.set_column(posts.column_names.index("text"), "text", pa.nulls(len(posts), pa.uint64()))
    return _with_keys(posts, pa.nulls(len(posts), _NAMES))


def _with_keys(of_posts: pa.Table, keys: pa.ChunkedArray) -> pa.Table:
    count = len(of_posts)
    uses = of_posts.append_column("key", keys).append_column("posts", pa.repeat(pa.scalar(1, pa.int64()), count))
    if "level" not in uses.column_names:
        uses = uses.append_column("level", pa.repeat(pa.scalar(0, pa.int8()), count))
    return uses.select(USES.names)


def merge(slices: Sequence[pa.Table]) -> pa.Table:
    """Return the uses of at least one slice, each once, in tables of `USES`."""
    if len(slices) == 1:
        return slices[0]
    of_tags, of_posts = parts(_distinct(pa.concat_tables(slices)))
    return pa.concat_tables([_bounded(of_tags, USES_PER_PANE), _bounded(of_posts, AUTHORS_PER_PANE)])


def parts(uses: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the uses of tags, and those without a tag, which stand for all posts of an author."""
    has_key = pc.is_valid(uses["key"])
    return uses.filter(has_key), uses.filter(pc.invert(has_key))


def level_of(uses: pa.Table) -> int:
    """Return the highest level of a sample in these uses: 0 if all uses are there."""
    return int(pc.max(uses["level"]).as_py() or 0)


def sample(uses: pa.Table, level: int) -> pa.Table:
    """Return the uses whose authors are in the sample of this level, which is above 0."""
    return uses.filter(pc.less(uses["author"], pa.scalar(1 << (64 - level), pa.uint64())))


def with_own_names(uses: pa.Table) -> pa.Table:
    """Return uses with the tags that they have, without the other tags of the table that they are a part of."""
    uses = uses.unify_dictionaries().combine_chunks()
    coded = _only_chunk(uses["key"])
    places = pc.unique(coded.indices).drop_null()
    own = pa.DictionaryArray.from_arrays(pc.index_in(coded.indices, places), coded.dictionary.take(places))
    return uses.set_column(uses.schema.get_field_index("key"), "key", own)


def _distinct(uses: pa.Table) -> pa.Table:
    """Each use once, with its least text, its posts and its highest level."""
    uses = uses.unify_dictionaries().combine_chunks()
    coded = {name: _only_chunk(uses[name]) for name in _TEXTS}
    for name, texts in coded.items():
        # Arrow groups numbers faster than texts.
        uses = uses.set_column(uses.schema.get_field_index(name), name, texts.indices)
    groups = uses.group_by(_BY, use_threads=False).aggregate([*_FOLDS.items()])
    columns = {name: groups[f"{name}_{_FOLDS[name]}" if name in _FOLDS else name] for name in USES.names}
    for name, texts in coded.items():
        columns[name] = pa.DictionaryArray.from_arrays(_only_chunk(columns[name]), texts.dictionary)
    # In one piece, so that the driver sees which uses one task has found.
    return pa.table(columns, USES).combine_chunks()


def _bounded(uses: pa.Table, most: int) -> pa.Table:
    """Raise the level of each pane until it has at most so many uses. All of its uses are of its level then."""
    if len(uses) <= most and not level_of(uses):
        return uses
    panes = uses["pane_ms"].combine_chunks().dictionary_encode()
    levels = [_level(uses.filter(pc.equal(panes.indices, place)), most) for place in range(len(panes.dictionary))]
    level = pa.array(levels, pa.int8()).take(panes.indices)
    found = uses.set_column(uses.schema.get_field_index("level"), "level", level)
    return found.filter(pc.less_equal(uses["author"], _greatest_authors(levels).take(panes.indices)))


def _level(uses: pa.Table, most: int) -> int:
    """Return the lowest level at which a pane has at most so many uses."""
    level, authors = level_of(uses), uses["author"]
    while True:
        if level:
            authors = authors.filter(pc.less_equal(authors, _greatest_authors([level])[0]))
        if len(authors) <= most or level == MAX_LEVEL:
            return level
        level += 1


def _greatest_authors(levels: Sequence[int]) -> pa.Array:
    """The greatest hash in the sample of each level."""
    return pa.array([(1 << (64 - level)) - 1 for level in levels], pa.uint64())


def _only_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.chunked_array(column, column.type).combine_chunks()

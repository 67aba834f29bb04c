"""Hashes of the authors of posts that were read as lines.

Lines have the names of authors, and ingest never sends the key of its own hashes. So these are other hashes, under a
random key that the job has as long as it runs and does not store. An author is counted twice in a window with posts of
both kinds, or with lines from before and after a start of the job.

It runs on executors, so it imports pyarrow and the standard library only.
"""

import hashlib
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.posts import POSTS_AND_PEOPLE_ARROW

_HASH_BYTES = 8


def with_hashed_authors(posts: pa.Table, key: bytes) -> pa.Table:
    """Return a table of `LINES_ARROW` or `ROWS_ARROW` as one of `POSTS_AND_PEOPLE_ARROW`. One of the latter stays.

    Lines have no fingerprints of texts. So each author gets a text of its own: copies are not found, and no rise is
    held back as copies. Posts without a fingerprint would count as a few texts, however many people wrote them.
    """
    if posts.schema.equals(POSTS_AND_PEOPLE_ARROW):
        return posts
    sources, authors = (_coded(posts[name]) for name in ("source", "author"))
    # Each author once, however many posts there are.
    count = max(1, len(sources.dictionary))
    pairs = pc.add(pc.multiply(authors.indices.cast(pa.int64()), count), sources.indices.cast(pa.int64()))
    named = pairs.dictionary_encode()
    hashes = _hashes(named.dictionary.to_pylist(), sources.dictionary, authors.dictionary, key)
    author = hashes.take(named.indices)
    posts = posts.set_column(posts.column_names.index("author"), "author", author)
    return posts if "text" in posts.column_names else posts.append_column("text", author)


def _coded(names: pa.ChunkedArray) -> pa.DictionaryArray:
    """Each name once, as bytes, and for each row its number."""
    coded = names.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return pa.DictionaryArray.from_arrays(coded.indices, coded.dictionary.cast(pa.binary()))


def _hashes(pairs: Sequence[int], sources: pa.Array, authors: pa.Array, key: bytes) -> pa.Array:
    """The hash of each author. A pair: the number of the author times all sources, plus that of the source."""
    # The length makes sure that no other source and author give the same bytes.
    prefixes = [len(name).to_bytes(4, "big") + name for name in sources.to_pylist()]
    names, count = authors.to_pylist(), max(1, len(prefixes))
    found = [
        hashlib.blake2b(prefixes[pair % count] + names[pair // count], key=key, digest_size=_HASH_BYTES).digest()
        for pair in pairs
    ]
    return pa.Array.from_buffers(pa.uint64(), len(found), [None, pa.py_buffer(b"".join(found))])

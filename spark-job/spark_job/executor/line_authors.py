"""Hashes of the authors of posts that were read as lines.

Lines have the names of authors, and ingest never sends the key of its own hashes. So these are other hashes, under a
random key that the job has as long as it runs and does not store. An author is counted twice in a window with posts of
both kinds, or with lines from before and after a start of the job.

It runs on executors, so it imports pyarrow and the standard library only.
"""

import hashlib

import pyarrow as pa

from spark_job.executor.posts import POSTS_AND_PEOPLE_ARROW

_HASH_BYTES = 8


def with_hashed_authors(posts: pa.Table, key: bytes) -> pa.Table:
    """Return a table of `LINES_ARROW` as one of `POSTS_AND_PEOPLE_ARROW`, without texts. One of the latter stays."""
    if posts.schema.equals(POSTS_AND_PEOPLE_ARROW):
        return posts
    hashes: dict[tuple[str, str | None], int | None] = {}
    found = []
    for named in zip(posts["source"].to_pylist(), posts["author"].to_pylist(), strict=True):
        if named not in hashes:
            hashes[named] = _hash(*named, key)
        found.append(hashes[named])
    author = pa.array(found, pa.uint64())
    posts = posts.set_column(posts.column_names.index("author"), "author", author)
    return posts.append_column("text", pa.nulls(len(posts), pa.uint64()))


def _hash(source: str, author: str | None, key: bytes) -> int | None:
    if author is None:
        return None
    name = source.encode()
    # The length makes sure that no other source and author give the same bytes.
    named = len(name).to_bytes(4, "big") + name + author.encode()
    return int.from_bytes(hashlib.blake2b(named, key=key, digest_size=_HASH_BYTES).digest(), "little")

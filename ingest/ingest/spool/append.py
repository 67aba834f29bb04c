"""Append a run of posts to the log."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from ingest.posts.columns import columns_of_posts
from ingest.posts.post import Post, encode_lines
from ingest.posts.post_hashes import PostHashes
from ingest.spool.file import insert_run
from ingest.spool.marks import Marks
from ingest.spool.trim import trim_to_fit


def append_run(
    db: sqlite3.Connection,
    marks: Marks,
    posts: Sequence[Post],
    stamps_ms: tuple[int, int],
    hashes: PostHashes,
    max_bytes: int,
) -> Marks:
    """Append a run within a transaction, and delete the oldest ones if there is no room; return the new marks.

    Args:
        db: The spool.
        marks: The present marks.
        posts: The posts of the run, which get their offset and time; may be empty.
        stamps_ms: Their `at_ms`, and their `steady_ms`, by which their age is measured.
        hashes: Hashes the authors and texts.
        max_bytes: The most bytes of the spool.

    """
    if not posts:
        return marks
    lines = encode_lines(posts, marks.end, stamps_ms[0])
    columns = columns_of_posts(posts, marks.end, stamps_ms[0], lines, hashes)
    left = trim_to_fit(db, marks, max_bytes - len(lines) - len(columns))
    insert_run(db, marks.end, len(posts), stamps_ms, lines, columns)
    return replace(left, end=marks.end + len(posts))

"""Write posts from before the first start into a log that nobody has read yet."""

import logging
import sqlite3
from collections.abc import Iterable, Sequence

from ingest.posts.columns import columns_of_posts
from ingest.posts.post import Post, encode_lines
from ingest.posts.post_hashes import PostHashes
from ingest.spool.file import insert_run, transaction
from ingest.spool.sqlite_guard import used_bytes

logger = logging.getLogger(__name__)


class PastTooLargeError(Exception):
    """The past has more bytes than it may have. The text says so."""


def write_past(
    db: sqlite3.Connection,
    runs: Iterable[tuple[int, Sequence[Post]]],
    hashes: PostHashes,
    steady_ms: int,
    max_bytes: int,
) -> int:
    """Append runs to an empty log in one transaction, or nothing if there is no room; return the new end of the log.

    Args:
        db: The spool.
        runs: The time of each run (ms since 1970) and its posts, oldest first.
        hashes: Hashes the authors and texts.
        steady_ms: The present time, by which the age of the posts is measured: they stay as long as posts of now.
        max_bytes: The most bytes of the spool.

    """
    try:
        with transaction(db):
            return _insert(db, runs, hashes, steady_ms, max_bytes)
    except (PastTooLargeError, sqlite3.OperationalError) as error:
        logger.warning("the past that a source made up is not written: %s", error)
        return 0


def _insert(
    db: sqlite3.Connection,
    runs: Iterable[tuple[int, Sequence[Post]]],
    hashes: PostHashes,
    steady_ms: int,
    max_bytes: int,
) -> int:
    end = 0
    for at_ms, posts in runs:
        if posts:
            lines = encode_lines(posts, end, at_ms)
            columns = columns_of_posts(posts, end, at_ms, lines, hashes)
            insert_run(db, end, len(posts), (at_ms, steady_ms), lines, columns)
            end += len(posts)
            if used_bytes(db) > max_bytes:
                raise PastTooLargeError("it would fill half of the spool")
    return end

"""Apply changes to stored posts, and note them in the log of changes."""

import sqlite3
from collections.abc import Sequence
from typing import Literal, NamedTuple

from ingest.posts.change import Change, StoredPost, WantedChange
from ingest.posts.post_hashes import PostHashes
from ingest.spool.changes import append_change, changes_end
from ingest.spool.rewrite import rewrite_run

#: What became of a wanted change; "none": the post is deleted already, or has this text already.
Effect = Literal["deleted", "edited", "not_stored", "none"]


class Applied(NamedTuple):
    """A wanted change, and what became of it."""

    wanted: WantedChange
    effect: Effect


def apply_changes(
    db: sqlite3.Connection, wanted: Sequence[WantedChange], stamps_ms: tuple[int, int], hashes: PostHashes
) -> list[Applied]:
    """Change posts and append the changes to their log, within a transaction.

    Args:
        db: The spool.
        wanted: The changes; those of one post in order.
        stamps_ms: Their `at_ms`, and their `steady_ms`, by which their age is measured.
        hashes: Makes the columns of a run that has none.

    Raises:
        UnreadableError: A run is damaged.

    """
    by_run: dict[int | None, list[WantedChange]] = {}
    for each in wanted:
        by_run.setdefault(_run_of(db, each.offset), []).append(each)
    applied = [Applied(each, "not_stored") for each in by_run.pop(None, ())]
    number = changes_end(db)
    for first, some in by_run.items():
        posts = rewrite_run(db, first or 0, some, stamps_ms[0], hashes)
        for each, post in zip(some, posts, strict=True):
            if post is None:
                applied.append(Applied(each, "none"))
                continue
            applied.append(Applied(each, each.kind))
            append_change(db, _entry(number, each, post, stamps_ms[0]), stamps_ms)
            number += 1
    db.execute("UPDATE log SET changes_end = ?", (number,))
    return applied


def _run_of(db: sqlite3.Connection, offset: int) -> int | None:
    """Return the first offset of the run with the post at `offset`, None if it is not stored any more."""
    row = db.execute("SELECT first, count FROM runs WHERE first <= ? ORDER BY first DESC LIMIT 1", (offset,)).fetchone()
    return None if row is None or offset >= sum(row) else int(row[0])


def _entry(number: int, wanted: WantedChange, post: StoredPost, at_ms: int) -> Change:
    return Change(number, wanted.kind, at_ms, post.offset, post.id, post.at_ms, post.source, post.lang, post.tags)

"""Count the posts of a task, which come as tables of some slices.

It runs on executors, so it imports pyarrow and the standard library only.
"""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from spark_job.executor.coded_posts import with_codes
from spark_job.executor.counting import add_up, count_slice, skipped_posts
from spark_job.executor.line_authors import with_hashed_authors
from spark_job.executor.messages import Counted
from spark_job.executor.tag_pairs import merge_pairs, pairs_of
from spark_job.executor.tag_uses import USES, merge, uses_of
from spark_job.executor.task_facts import TaskNotes

#: A task counts its slices together when they have this many bytes in memory. So a task holds this and one more slice,
#: and not a whole micro-batch.
COUNT_BYTES = 48 << 20

#: Tables of posts, and the offsets of posts that can't be read.
Posts = tuple[list[pa.Table], list[int]]
#: The length of a pane, and the key of the hashes of authors.
How = tuple[int, bytes]


def count_posts(slices: Iterable[Posts], how: How, notes: TaskNotes) -> Counted | None:
    """What is counted of all slices of a task. `None` if they have no posts."""
    counted = [*_counts(slices, how, notes)]
    if not counted:
        return None
    counts, uses, pairs = zip(*((each.counts, each.uses, each.pairs) for each in counted), strict=True)
    return Counted(add_up(counts), merge(uses), merge_pairs(pairs))


def _counts(slices: Iterable[Posts], how: How, notes: TaskNotes) -> Iterator[Counted]:
    """Slices are counted together as long as they are small enough."""
    held: list[pa.Table] = []
    held_bytes = 0
    for posts, skipped in slices:
        held += posts
        held_bytes += sum(table.nbytes for table in posts)
        notes.posts += sum(table.num_rows for table in posts)
        if skipped:
            yield Counted(skipped_posts(skipped), USES.empty_table())
        if held_bytes >= COUNT_BYTES:
            yield _count(held, *how)
            held, held_bytes = [], 0
    if held:
        yield _count(held, *how)


def _count(tables: Sequence[pa.Table], pane_ms: int, author_key: bytes) -> Counted:
    # All tables of a kind at once, because each author is hashed once.
    kinds: dict[pa.Schema, list[pa.Table]] = {}
    for table in tables:
        kinds.setdefault(table.schema, []).append(table)
    hashed = [with_hashed_authors(pa.concat_tables(kind), author_key) for kind in kinds.values()]
    posts = with_codes(pa.concat_tables(hashed))
    return Counted(count_slice(posts, pane_ms), uses_of(posts, pane_ms), pairs_of(posts, pane_ms))

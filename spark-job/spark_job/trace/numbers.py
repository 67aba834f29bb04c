"""What a micro-batch has changed: the posts of panes, window and tags before and after it.

Within the transaction's thread, what the state has now is what it had before and the posts of the micro-batch. So the
numbers before are those of now without the micro-batch, pane by pane. They are exact, however many panes have closed or
left the window since the micro-batch before.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.ranking.pane_posts import PanePosts
from spark_job.snapshot_schema import Snapshot
from spark_job.state.window import Window
from spark_job.trace.schema import LeftPane, TracePane, TraceTag, TraceWindow

#: The leading tags of the window and of the micro-batch that are shown.
LEADING = 10


class Numbers(NamedTuple):
    """The numbers of a micro-batch."""

    pane: TracePane
    closed_panes: int
    left_pane: LeftPane | None
    window: TraceWindow
    tags: list[TraceTag]


class _Change(NamedTuple):
    """What a micro-batch has changed for a tag, or for all posts.

    `left`: posts that left the window, those of the micro-batch too that are in none of its panes.
    """

    opened: int
    closed: int
    left: int


def numbers(
    counts: pa.Table, snapshot: Snapshot, window: Window, gone: range, posts: PanePosts, ranks: Mapping[str, int]
) -> Numbers:
    """The numbers of a micro-batch.

    Args:
        counts: The micro-batch, a table of `COUNTS_ARROW`.
        snapshot: What was made of it.
        window: The window of the snapshot.
        gone: The starts of the panes that left the window since the micro-batch before.
        posts: The posts of the panes.
        ranks: The ranks before the micro-batch.

    """
    labels = _shown(snapshot)
    batch = _batch_posts(counts, labels)
    everything = batch.get(None, {})
    all_left = _change(everything, window, gone, posts.of_all(gone)).left
    now = snapshot.window.posts
    ranks_now = {tag.key: tag.rank for tag in snapshot.window.top}
    return Numbers(
        TracePane(from_ms=window.open_ms, to_ms=window.open_ms + window.pane_ms),
        len(window.panes) - 1,
        _left_pane([*gone, *(at_ms for at_ms in everything if at_ms not in window.panes)], window.pane_ms, all_left),
        TraceWindow(
            from_ms=snapshot.window.from_ms,
            to_ms=snapshot.window.to_ms,
            posts_before=now - sum(everything.values()) + all_left,
            posts=now,
        ),
        [
            _tag((key, label), batch.get(key, {}), window, gone, posts, (ranks.get(key), ranks_now.get(key)))
            for key, label in labels.items()
        ],
    )


def _shown(snapshot: Snapshot) -> dict[str, str]:
    """The labels of the leading tags of the window, and of the micro-batch."""
    of_batch = snapshot.batch.top if snapshot.batch is not None else []
    of_window = {tag.key: tag.label for tag in snapshot.window.top[:LEADING]}
    return of_window | {tag.key: tag.label for tag in of_batch[:LEADING]}


def _batch_posts(counts: pa.Table, keys: Iterable[str]) -> dict[str | None, dict[int, int]]:
    """The posts of a micro-batch by pane: of these tags, and of all posts (None)."""
    rows = counts.select(["key", "pane_ms", "posts"])
    is_shown = pc.or_(pc.is_null(rows["key"]), pc.is_in(rows["key"], value_set=pa.array([*keys], pa.string())))
    rows = rows.filter(pc.and_(pc.is_valid(rows["pane_ms"]), is_shown))
    found: dict[str | None, dict[int, int]] = {}
    for key, at_ms, posts in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        panes = found.setdefault(key, {})
        panes[at_ms] = panes.get(at_ms, 0) + posts
    return found


def _change(batch: Mapping[int, int], window: Window, gone: range, gone_posts: Iterable[int]) -> _Change:
    """The change, from the posts of the micro-batch by pane, and the posts of the panes that left."""
    opened = batch.get(window.open_ms, 0)
    outside = sum(posts for at_ms, posts in batch.items() if at_ms not in window.panes)
    # What the micro-batch added to panes that left is in both sums.
    twice = sum(posts for at_ms, posts in batch.items() if at_ms in gone)
    return _Change(opened, sum(batch.values()) - opened, sum(gone_posts) + outside - twice)


def _left_pane(panes: list[int], pane_ms: int, posts: int) -> LeftPane | None:
    return LeftPane(from_ms=min(panes), to_ms=max(panes) + pane_ms, posts=posts) if panes else None


def _tag(
    named: tuple[str, str],
    batch: Mapping[int, int],
    window: Window,
    gone: range,
    posts: PanePosts,
    ranks: tuple[int | None, int | None],
) -> TraceTag:
    key, label = named
    panes = posts.of_tag(key, window.panes)
    change = _change(batch, window, gone, posts.of_tag(key, gone))
    after = sum(panes)
    return TraceTag(
        key=key,
        label=label,
        batch_posts=change.opened,
        batch_posts_closed=change.closed,
        pane_before=panes[-1] - change.opened,
        pane_after=panes[-1],
        panes=panes,
        left=change.left,
        window_before=after - change.opened - change.closed + change.left,
        window_after=after,
        rank_before=ranks[0],
        rank_after=ranks[1],
    )

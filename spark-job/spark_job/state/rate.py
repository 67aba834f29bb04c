"""How many posts a second are counted."""

from spark_job.state.store import State

RATE_MS = 30_000
#: The shortest time over which a rate is meaningful.
LEAST_RATE_MS = 1_000
POSTS = """
SELECT coalesce(sum(posts), 0)::BIGINT FROM (
  SELECT pane_ms, hash, posts FROM pane_counts UNION ALL SELECT pane_ms, hash, posts FROM open_counts)
WHERE hash IS NULL AND pane_ms >= ?
"""


def posts_per_second(state: State, to_ms: int) -> float:
    """The rate of the last panes before `to_ms`, without the time that was not counted."""
    since_ms = to_ms - min(RATE_MS, state.window_ms)
    since_ms -= since_ms % state.pane_ms
    counted_ms = to_ms - since_ms - state.uncounted.missing_ms(since_ms, to_ms)
    return posts_since(state, since_ms) * 1000 / max(LEAST_RATE_MS, counted_ms)


def posts_since(state: State, since_ms: int) -> int:
    """Posts in panes that begin at `since_ms` or later."""
    ((posts,),) = state.db.execute(POSTS, [since_ms]).fetchall()
    return int(posts)

"""Reads the facts of a window from the state file, inside the transaction that closes its last pane."""

from collections.abc import Callable, Mapping

import duckdb

from spark_job.alerts.facts import TagFacts, Wanted
from spark_job.alerts.rule import LEAST_POSTS, WHOLE, Scope
from spark_job.tag_hash import hash_of

#: `{scope}` limits both to one source or one language.
SUMS = """
SELECT hash, sum(posts)::BIGINT AS posts FROM pane_counts
WHERE pane_ms BETWEEN {first} AND {last} AND hash IS NOT NULL {scope} GROUP BY hash
"""
#: `$of` names the source or the language. `best` has ties too, so that the key can decide.
TAGS = """
WITH sums AS MATERIALIZED (
  SELECT * FROM ({sums}) WHERE hash NOT IN (SELECT hash FROM muted_tags)),
place AS (SELECT min(posts) AS posts FROM (SELECT posts FROM sums ORDER BY posts DESC LIMIT $top)),
wanted AS (
  SELECT hash FROM sums WHERE posts >= (SELECT posts FROM place) OR posts >= $least
    OR list_contains($hashes::UBIGINT[], hash)
  {multiplied}),
found AS (
  SELECT key, label, pane_ms, posts FROM pane_counts WHERE rowid IN (
    SELECT rowid FROM pane_counts
    WHERE pane_ms BETWEEN $before AND $last AND hash IN (SELECT hash FROM wanted) {scope})),
spelled AS (
  SELECT key, label, coalesce(sum(posts) FILTER (pane_ms >= $first), 0) AS posts,
    coalesce(sum(posts) FILTER (pane_ms < $first), 0) AS posts_before
  FROM found GROUP BY key, label)
SELECT key, first(label ORDER BY posts DESC, label), sum(posts)::BIGINT AS posts, sum(posts_before)::BIGINT
FROM spelled GROUP BY key HAVING sum(posts) > 0 ORDER BY posts DESC, key
"""
MULTIPLIED = """
UNION SELECT s.hash FROM sums s LEFT JOIN ({before}) b USING (hash)
WHERE s.posts >= $floor AND s.posts >= $times * greatest(coalesce(b.posts, 0), 1)
"""
COLUMNS: Mapping[str, str] = {"lang": "AND lang = $of", "source": "AND source = $of", WHOLE[0]: ""}

#: The deleted posts of a tag of a scope in a window, and the keys of a scope with deleted posts.
TakenBackOf = Callable[[Scope, str], int]


def read_tags(
    db: duckdb.DuckDBPyConnection,
    scope: Scope,
    wanted: Wanted,
    window: tuple[int, int, int],
    *,
    is_before_known: bool,
    taken_back: TakenBackOf,
) -> dict[str, TagFacts]:
    """The tags of a window that some rule needs, most posts first.

    Args:
        db: The state, with the table `muted_tags`.
        scope: Which posts count.
        wanted: Which tags are needed.
        window: The starts of the first pane of the window before, of the first pane of the window, and of its last one.
        is_before_known: Whether the window before was counted completely.
        taken_back: The deleted posts of a tag of the scope in the window.

    """
    before_ms, first_ms, last_ms = window
    condition = COLUMNS[scope[0]]
    has_times = wanted.least_times is not None and is_before_known
    query = TAGS.format(
        scope=condition,
        sums=SUMS.format(scope=condition, first="$first", last="$last"),
        multiplied=MULTIPLIED.format(before=SUMS.format(scope=condition, first="$before", last="$first - 1"))
        if has_times
        else "",
    )
    window_of = {"before": before_ms, "first": first_ms, "last": last_ms}
    tags_of = {"top": wanted.top, "least": wanted.least_posts, "hashes": [*map(hash_of, wanted.keys)]}
    times_of = {"floor": LEAST_POSTS, "times": wanted.least_times} if has_times else {}
    parameters = {**window_of, **tags_of, **times_of, **({"of": scope[1]} if condition else {})}
    rows = db.execute(query, parameters).fetchall()
    return {
        key: TagFacts(
            key=key,
            label=label,
            posts=posts,
            rank=rank if rank <= wanted.top else None,
            posts_before=posts_before if is_before_known else None,
            taken_back=taken_back(scope, key),
        )
        for rank, (key, label, posts, posts_before) in enumerate(rows, 1)
    }

"""Tags that the same people use are one topic, which has one place on the list."""

from collections.abc import Sequence

import duckdb

from spark_job.rising.window import list_of

#: Two tags are one topic if at least this part of the authors of one of them also use the other.
SHARED = 0.5

COMMON = """
WITH authors AS MATERIALIZED (
  SELECT DISTINCT hash, author FROM rising_window WHERE hash IN (SELECT unnest($tags::UBIGINT[])))
SELECT a.hash, b.hash, count(*) FROM authors a JOIN authors b USING (author) GROUP BY a.hash, b.hash
"""


def group(db: duckdb.DuckDBPyConnection, tags: Sequence[int], most: int) -> list[list[int]]:
    """Group tags into topics.

    A tag joins the first topic with whose first tag it shares its authors. So a chain of tags, each of which shares
    authors with the next, does not become one topic.

    Args:
        db: The state.
        tags: Hashes of tags, the most surprising first.
        most: The most topics. Tags that would begin one more are left out.

    """
    if not tags:
        return []
    common = {(one, other): count for one, other, count in db.execute(COMMON, {"tags": list_of(tags)}).fetchall()}
    found: list[list[int]] = []
    for tag in tags:
        for topic in found:
            smaller = min(common[tag, tag], common[topic[0], topic[0]])
            if common.get((tag, topic[0]), 0) >= SHARED * smaller:
                topic.append(tag)
                break
        else:
            if len(found) < most:
                found.append([tag])
    return found

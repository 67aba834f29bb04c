"""Leading tags that are one topic: they are in the same posts, or the same people use them."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.tag_uses import level_of, parts, sample

#: Two tags are one topic if more than this part of the posts, or of the authors, of the rarer one is of the other too.
SHARED = 0.5

Authors = Mapping[str, set[int]]


def authors_of(panes: Sequence[pa.Table], keys: Sequence[str]) -> dict[str, set[int]]:
    """The authors of tags in panes, which are tables of `USES`. If one pane has a sample, all are counted in it."""
    found: dict[str, set[int]] = {key: set() for key in keys}
    wanted = pa.array([*keys], pa.string())
    tagged = [parts(uses)[0] for uses in panes]
    level = max((level_of(uses) for uses in tagged), default=0)
    for table in tagged:
        uses = table.select(["key", "author"])
        uses = uses.filter(pc.is_in(uses["key"].cast(pa.string()), value_set=wanted))
        if level:
            uses = sample(uses, level)
        for key, author in zip(uses["key"].to_pylist(), uses["author"].to_pylist(), strict=True):
            found[key].add(author)
    return found


def group(
    keys: Sequence[str], posts: Mapping[str, int], together: Mapping[str, Counter[str]], authors: Authors
) -> list[list[str]]:
    """Group tags into topics of at least two.

    A tag joins the first topic with whose first tag it shares enough. So a chain of tags, each of which shares with the
    next, does not become one topic.

    Args:
        keys: The tags, the leading one first.
        posts: The posts of each tag.
        together: For each tag, the posts in which each other tag is too.
        authors: The authors of each tag.

    """
    topics: list[list[str]] = []
    for key in keys:
        for topic in topics:
            if _are_one(key, topic[0], posts, together, authors):
                topic.append(key)
                break
        else:
            topics.append([key])
    return [topic for topic in topics if len(topic) > 1]


def _are_one(
    one: str, other: str, posts: Mapping[str, int], together: Mapping[str, Counter[str]], authors: Authors
) -> bool:
    fewer = min(posts.get(one, 0), posts.get(other, 0))
    if fewer and together[one][other] > SHARED * fewer:
        return True
    people = authors.get(one, set()), authors.get(other, set())
    smaller = min(map(len, people))
    return smaller > 0 and len(people[0] & people[1]) > SHARED * smaller

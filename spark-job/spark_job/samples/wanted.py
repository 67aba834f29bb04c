"""The tags whose posts are shown: those that lead any list of a snapshot."""

from msgspec import UNSET

from spark_job.rising_schema import Rising
from spark_job.snapshot_schema import Snapshot


def wanted_tags(snapshot: Snapshot) -> tuple[list[str], list[str]]:
    """The keys, each once. Those of the window come first, then the rising ones, then all others.

    Returns:
        The tags that lead for a while, and those that lead only in the last micro-batch: its posts are the newest ones.

    """
    window = snapshot.window
    found: dict[str, None] = {}
    for top in (window.top, window.by_authors):
        if top is not UNSET:
            found.update(dict.fromkeys(tag.key for tag in top))
    if isinstance(snapshot.rising, Rising):
        found.update(dict.fromkeys(tag.key for topic in snapshot.rising.topics for tag in topic.tags))
        found.update(dict.fromkeys(held.key for held in snapshot.rising.held_back))
    found.update(dict.fromkeys(tag.key for tag in snapshot.total.top))
    for facets in (snapshot.facets.source, snapshot.facets.lang):
        for facet in facets.values():
            found.update(dict.fromkeys(tag.key for tag in facet.top))
            if facet.by_authors is not UNSET:
                found.update(dict.fromkeys(tag.key for tag in facet.by_authors))
    batch = snapshot.batch.top if snapshot.batch is not None else []
    return [*found], [tag.key for tag in batch if tag.key not in found]

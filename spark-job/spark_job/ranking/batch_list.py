"""The top list of the last micro-batch, in the order of the other lists: posts descending, then key by code point."""

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.ranking.top_lists import Ranked
from spark_job.snapshot_schema import LEADERS
from spark_job.state.muted_tags import MutedTags


class BatchList:
    """Ranks the tags of the last micro-batch, and again when other tags are muted: a next one may never come."""

    def __init__(self, muted: MutedTags) -> None:
        self._muted = muted
        self._tags: pa.Table | None = None
        self._before: dict[str, tuple[int, int]] | None = None
        self._places: dict[str, tuple[int, int]] | None = None
        self._ranked: list[Ranked] = []
        self._ranked_at = 0

    def note(self, counts: pa.Table) -> None:
        """Rank this micro-batch from now on, compared with the one before it in this run of the job."""
        tags = counts.filter(pc.is_valid(counts["key"])).group_by("key", use_threads=False)
        self._tags = tags.aggregate([("posts", "sum")])
        self._before = self._places
        self._rank()

    def top(self) -> list[Ranked]:
        """The leaders that are not muted."""
        if self._ranked_at != self._muted.changes:
            self._rank()
        return self._ranked

    def forget(self) -> None:
        """Forget the last micro-batch, so that the next one is compared with none."""
        self._tags = self._before = self._places = None
        self._ranked = []

    def _rank(self) -> None:
        self._ranked_at = self._muted.changes
        if self._tags is None:
            return
        rows = _leaders_of(self._tags, self._muted)
        self._places = {key: (place, posts) for place, (key, posts) in enumerate(rows, 1)}
        self._ranked = [Ranked(place, *_before(self._before, key, posts)) for place, (key, posts) in enumerate(rows, 1)]


def _leaders_of(tags: pa.Table, muted: MutedTags) -> list[tuple[str, int]]:
    """The leading tags that are not muted, and their posts."""
    if not len(tags):
        return []
    # Arrow compares texts by their bytes. UTF-8 keeps the order of code points.
    order = [("posts_sum", "descending"), ("key", "ascending")]
    most = LEADERS
    while True:
        best = tags.take(pc.select_k_unstable(tags, k=most, sort_keys=order))
        rows = zip(best["key"].to_pylist(), best["posts_sum"].to_pylist(), strict=True)
        shown = [(key, posts) for key, posts in rows if not muted.hides(key)][:LEADERS]
        if len(shown) == LEADERS or most >= len(tags):
            return shown
        most *= 4


def _before(before: dict[str, tuple[int, int]] | None, key: str, posts: int) -> tuple[int | None, str, int, int | None]:
    if before is None:
        return None, key, posts, None
    # If the list was full, the posts of a tag that is not in it are unknown.
    rank, posts_before = before.get(key, (None, None if len(before) == LEADERS else 0))
    return rank, key, posts, posts_before

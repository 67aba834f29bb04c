"""What of a source's items does not come into the log: it is counted, and noted while somebody asks for it."""

from collections.abc import Mapping, Sequence

from ingest.intake.bad_input import BadInput
from ingest.intake.dropped import DroppedPosts
from ingest.intake.progress import Progress
from ingest.log_throttle import LogThrottle
from ingest.posts.post import Post
from ingest.sources.base import Block, Malformed, NewPost, Repeated, SourceItem


class Drops:
    """Counts what is dropped."""

    def __init__(self, throttle: LogThrottle, dropped: DroppedPosts) -> None:
        """Create it; `throttle` bounds the log lines, and `dropped` notes the posts themselves."""
        self._bad_input = BadInput(throttle)
        self._dropped = dropped

    def count(
        self,
        name: str,
        counts: Progress,
        item: SourceItem,
        made: Malformed | Repeated | Post | None,
        offset: int | None,
    ) -> None:
        """Count an item of a source that is dropped, for what was made of it.

        `offset`: that of the next post of the log, to note what is dropped; None: nobody asks for it.
        """
        if made is None:
            counts.filtered += 1
        elif isinstance(made, Malformed):
            self._bad_input.count(name, counts, made)
        else:
            counts.duplicate += 1
        if offset is None:
            return
        if isinstance(made, Malformed):
            self._dropped.note(offset, name, "malformed", detail=made.reason)
        else:
            post = item.post if isinstance(item, NewPost) else None
            self._dropped.note(offset, name, "filtered" if made is None else "duplicate", post)

    def count_known(
        self, name: str, counts: Progress, posts: Sequence[Post], places: Sequence[int], offset: int
    ) -> None:
        """Count the posts at these places, whose ids are known. The first of the others gets `offset`."""
        counts.duplicate += len(places)
        if self._dropped.is_wanted:
            for known, place in enumerate(places):
                self._dropped.note(offset + place - known, name, "duplicate", posts[place])

    def count_dropped_tags(
        self, name: str, counts: Progress, block: Block, places: Sequence[int], reasons: Mapping[int, Sequence[str]]
    ) -> None:
        """Count and log why the accepted posts at these places of a block lost tags."""
        for place in places:
            self._bad_input.count_dropped_tags(name, counts, block[place].cursor, reasons.get(place, ()))

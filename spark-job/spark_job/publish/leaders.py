"""The `top` lists of a snapshot: rankings, with what is known of each tag beside its counts."""

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from spark_job.ranking.tag_details import TagDetails
from spark_job.ranking.top_lists import Ranked, Ranking
from spark_job.rising_schema import Rising, Topic
from spark_job.snapshot_schema import Facet, FacetLeader, Facets, Leader, WindowLeader
from spark_job.state.tag_sums import WHOLE, Name
from spark_job.state.taken_back import TakenBack
from spark_job.state.window import Window

FacetRankings = dict[str, dict[str, Ranking]]
WithCurve = TypeVar("WithCurve", bound=WindowLeader)


class Leaders:
    """Makes the entries of all `top` lists. Call `look_up` for the tags of a snapshot before the other methods."""

    def __init__(self, details: TagDetails, taken_back: TakenBack) -> None:
        self._tags = details
        self._taken_back = taken_back

    def look_up(self, window: Window, ranking: Ranking, facets: FacetRankings, others: Iterable[Ranked]) -> None:
        """Look up what the totals have of the tags of the window and its facets, and of `others`."""
        self._window = window
        own = [found for values in facets.values() for found in values.values()]
        shown = {tag.key for found in (ranking, *own) for tag in (*found.top, *found.by_authors)}
        self._tags.show(shown | {tag.key for tag in others})

    def plain(self, ranked: Iterable[Ranked]) -> list[Leader]:
        """The `top` of the totals or of a micro-batch."""
        return [
            Leader(
                rank=tag.rank,
                previous_rank=tag.previous_rank,
                key=tag.key,
                posts=tag.posts,
                posts_before=tag.posts_before,
                label=self._tags.label(tag.key),
                first_seen_ms=self._tags.first_seen_ms(tag.key),
            )
            for tag in ranked
        ]

    def of_window(self, ranking: Ranking) -> tuple[list[WindowLeader], list[WindowLeader]]:
        """The `top` of the window, and its `by_authors`."""
        return self._with_curves(WindowLeader, ranking, WHOLE)

    def facets(self, facets: FacetRankings) -> Facets:
        """The window of each source and of each leading language."""
        return Facets(
            **{
                facet: {value: self._facet(ranking, (facet, value)) for value, ranking in values.items()}
                for facet, values in facets.items()
            }
        )

    def _facet(self, ranking: Ranking, name: Name) -> Facet:
        top, by_authors = self._with_curves(FacetLeader, ranking, name)
        return Facet(
            posts=ranking.posts,
            posts_before=ranking.posts_before,
            top=top,
            authors=ranking.authors,
            by_authors=by_authors,
            taken_back=self.taken_back(name, None),
        )

    def _with_curves(
        self, kind: type[WithCurve], ranking: Ranking, name: Name
    ) -> tuple[list[WithCurve], list[WithCurve]]:
        """The leaders by posts, and those by authors. A tag that is in both is looked up once."""
        top = {tag.key: self._with_curve(kind, tag, name) for tag in ranking.top}
        by_authors = [
            replace(top[tag.key], rank=tag.rank, previous_rank=tag.previous_rank)
            if tag.key in top
            else self._with_curve(kind, tag, name)
            for tag in ranking.by_authors
        ]
        return [*top.values()], by_authors

    def _with_curve(self, kind: type[WithCurve], tag: Ranked, name: Name) -> WithCurve:
        return kind(
            rank=tag.rank,
            previous_rank=tag.previous_rank,
            key=tag.key,
            posts=tag.posts,
            posts_before=tag.posts_before,
            panes=self._tags.curve(name, tag.key),
            label=self._tags.label(tag.key),
            first_seen_ms=self._tags.first_seen_ms(tag.key),
            authors=tag.authors,
            taken_back=self.taken_back(name, tag.key),
        )

    def taken_back(self, name: Name, key: str | None) -> int:
        """The posts of a tag in the window, or all of them (None), that were deleted."""
        return self._taken_back.posts(name, key, self._window.from_ms, self._window.open_ms)

    def rising(self, rising: Rising | None) -> Rising | None:
        """The list of rising tags, with the posts of each that were deleted by now."""
        if rising is None:
            return None
        return replace(
            rising,
            topics=[
                Topic(tags=[replace(tag, taken_back=self.taken_back(WHOLE, tag.key)) for tag in topic.tags])
                for topic in rising.topics
            ],
        )

"""The `top` lists of a snapshot: rankings, with what is known of each tag beside its counts."""

from collections.abc import Iterable
from typing import TypeVar

from spark_job.ranking.open_counts import WHOLE, Name
from spark_job.ranking.tag_details import TagDetails
from spark_job.ranking.top_lists import Ranked, Ranking
from spark_job.snapshot_schema import Facet, FacetLeader, Facets, Leader, WindowLeader

FacetRankings = dict[str, dict[str, Ranking]]
WithCurve = TypeVar("WithCurve", bound=WindowLeader)


class Leaders:
    """Makes the entries of all `top` lists. Call `look_up` for the tags of a snapshot before the other methods."""

    def __init__(self, details: TagDetails) -> None:
        self._tags = details

    def look_up(self, ranking: Ranking, facets: FacetRankings, others: Iterable[Ranked]) -> None:
        """Look up what the totals have of the tags of the window and its facets, and of `others`."""
        own = [found for values in facets.values() for found in values.values()]
        self._tags.show({tag.key for found in (ranking, *own) for tag in found.top} | {tag.key for tag in others})

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

    def of_window(self, ranking: Ranking) -> list[WindowLeader]:
        """The `top` of the window."""
        return self._with_curves(WindowLeader, ranking.top, WHOLE)

    def facets(self, facets: FacetRankings) -> Facets:
        """The window of each source and of each leading language."""
        return Facets(
            **{
                facet: {
                    value: Facet(
                        posts=ranking.posts,
                        posts_before=ranking.posts_before,
                        top=self._with_curves(FacetLeader, ranking.top, (facet, value)),
                    )
                    for value, ranking in values.items()
                }
                for facet, values in facets.items()
            }
        )

    def _with_curves(self, kind: type[WithCurve], ranked: Iterable[Ranked], name: Name) -> list[WithCurve]:
        return [
            kind(
                rank=tag.rank,
                previous_rank=tag.previous_rank,
                key=tag.key,
                posts=tag.posts,
                posts_before=tag.posts_before,
                panes=self._tags.curve(name, tag.key),
                label=self._tags.label(tag.key),
                first_seen_ms=self._tags.first_seen_ms(tag.key),
            )
            for tag in ranked
        ]

"""Top lists of the window and its facets, and of the totals.

The order is the same everywhere: posts descending, then key by code point. (DuckDB compares VARCHAR by bytes, and UTF-8
keeps the order of code points.) Only candidates are ranked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from spark_job.ranking.candidates import Candidates
from spark_job.ranking.open_counts import OpenCounts
from spark_job.ranking.people import People
from spark_job.ranking.tag_details import TagDetails
from spark_job.snapshot_schema import FACET_LEADERS, LEADERS
from spark_job.state.muted_tags import MutedTags
from spark_job.state.tag_sums import WHOLE, Name
from spark_job.state.window import Window
from spark_job.tag_hash import hash_of

FACET_LANGUAGES = 8


class Ranked(NamedTuple):
    """A tag and its place. Its spelling and first time are looked up elsewhere."""

    rank: int
    previous_rank: int | None
    key: str
    posts: int
    posts_before: int | None
    authors: int = 0


@dataclass(slots=True)
class Ranking:
    """All posts of the window, or of one source or language in it, and its leading tags by posts and by authors."""

    posts: int = 0
    posts_before: int = 0
    top: list[Ranked] = field(default_factory=list)
    authors: int = 0
    by_authors: list[Ranked] = field(default_factory=list)


def _by_authors(tags: Iterable[Ranked]) -> list[Ranked]:
    """`tags` in the order of their authors. Those of a sample are bounded by the posts only after they were ranked."""
    ordered = sorted(tags, key=lambda tag: (-tag.authors, -tag.posts, tag.key))
    return [tag._replace(rank=rank) for rank, tag in enumerate(ordered, 1)]


class TopLists:
    """Ranks the candidates with the counts of the open panes."""

    def __init__(
        self, candidates: Candidates, opened: OpenCounts, details: TagDetails, people: People, muted: MutedTags
    ) -> None:
        self._candidates = candidates
        self._muted = muted
        #: The hashes of the muted tags in the window.
        self.hidden: set[int] = set()
        self._people = people
        self._opened = opened
        self._details = details

    def window(self, window: Window) -> tuple[Ranking, dict[str, dict[str, Ranking]]]:
        """The ranking of all posts, and those of each source and language: facet -> name -> ranking."""
        posts = self._posts(window)
        everything = self._ranking(window, WHOLE, posts, LEADERS)
        facets: dict[str, dict[str, Ranking]] = {"source": {}, "lang": {}}
        for name in sorted(posts, key=lambda name: (-posts[name][0], name)):
            facet, value = name
            if facet != "all" and posts[name][0] and (facet != "lang" or len(facets["lang"]) < FACET_LANGUAGES):
                facets[facet][value] = self._ranking(window, name, posts, FACET_LEADERS)
        return everything, facets

    def _posts(self, window: Window) -> dict[Name, tuple[int, int]]:
        posts = dict(self._candidates.posts)
        for pane in self._opened.within(window).values():
            for name, more in pane.posts.items():
                closed, before = posts.get(name, (0, 0))
                posts[name] = closed + more, before
        return posts

    def _ranking(self, window: Window, name: Name, posts: dict[Name, tuple[int, int]], most: int) -> Ranking:
        top = self._candidates.top_k(name)
        opened = self._opened.tags(window, name)
        top.waiting |= self._shown(key for key in self._opened.touched.pop(name, ()) if key in opened)
        possible = top.rank(opened)
        if possible:
            top.closed |= {key: self._details.closed_posts(name, key) for key in possible}
            top.rank(opened)
        leaders = [(rank, top.earlier_ranks.get(key), key) for rank, key in enumerate(top.leaders[:most], 1)]
        by_authors = self._people.leaders(name, most)
        top.closed |= {key: self._details.closed_posts(name, key) for _, _, key in by_authors if key not in top.closed}

        def ranked(rank: int, before: int | None, key: str) -> Ranked:
            count = top.closed[key] + opened.get(key, 0)
            return Ranked(
                rank,
                before,
                key,
                count,
                self._details.posts_before(name, key),
                # A sample of the authors may have none of a tag, or say too many.
                min(max(1, self._people.authors(name, key)), count),
            )

        return Ranking(
            *posts.get(name, (0, 0)),
            [ranked(*leader) for leader in leaders],
            self._people.all_authors(name),
            _by_authors(ranked(*leader) for leader in by_authors),
        )

    def total(self) -> list[Ranked]:
        """The leaders since the epoch began. Previous rank and posts are those at the start of the open pane."""
        top, opened = self._candidates.totals, self._opened.all_tags()
        top.waiting |= self._shown(self._opened.touched_totals)
        self._opened.touched_totals = set()
        possible = top.rank(opened)
        if possible:
            top.closed |= {key: self._details.stored_posts(key) for key in possible}
            top.rank(opened)
        return [
            Ranked(rank, top.earlier_ranks.get(key), key, top.closed[key] + opened.get(key, 0), top.closed[key])
            for rank, key in enumerate(top.leaders, 1)
        ]

    def _shown(self, keys: Iterable[str]) -> set[str]:
        """The tags of these that are not muted. The others are noted as hidden."""
        if not self._muted.muted:
            return {*keys}
        keys = {*keys}
        muted = {key for key in keys if self._muted.hides(key)}
        self.hidden |= {*map(hash_of, muted)}
        return keys - muted

"""The people of the closed panes of the window: of each tag, and of all posts. A cache of the table `pane_uses`.

It moves in the transaction that closes a pane. After anything else (a start, an error, posts that came late) it is made
from the table again.
"""

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import duckdb
import msgspec
import pyarrow as pa

from spark_job.executor.tag_uses import parts
from spark_job.state.author_ranking import Numbers
from spark_job.state.muted_tags import MutedTags
from spark_job.state.sliding_authors import SlidingAuthors
from spark_job.state.tag_sums import WHOLE, Name
from spark_job.state.tag_uses import OpenUses

#: A tag in a ranking.
RankedTag = tuple[Name, str]


class EndedPeople(NamedTuple):
    """The authors in a window that has ended: of all posts, and of some tags in a ranking."""

    authors: int
    of_tags: dict[RankedTag, int]


#: The posts of a tag (None: all posts) that were deleted, in the window that ended with a pane.
OfWindow = Callable[[int, str | None], int]


def write_people(
    db: duckdb.DuckDBPyConnection, epoch: int, ended: Mapping[int, EndedPeople], taken_back: OfWindow
) -> None:
    """Add the authors to the summaries of the windows that ended with these panes, and the deleted posts."""
    rows = db.execute(
        "SELECT from_ms, ended_window FROM closed_panes WHERE epoch = ? AND ended_window IS NOT NULL"
        " AND list_contains(?, from_ms)",
        [epoch, [*ended]],
    ).fetchall()
    for from_ms, window in rows:
        people = ended[from_ms]
        summary = msgspec.json.decode(window)
        for tag in summary["top"]:
            tag["authors"] = people.of_tags.get((WHOLE, tag["key"]), 0)
            tag["taken_back"] = taken_back(from_ms, tag["key"])
        more = {"authors": people.authors, "taken_back": taken_back(from_ms, None)}
        written = msgspec.json.encode(summary | more).decode()
        db.execute(
            "UPDATE closed_panes SET ended_window = ? WHERE epoch = ? AND from_ms = ?", [written, epoch, from_ms]
        )


class WindowPeople:
    """The authors of the closed panes that the window still has when the next pane is open.

    `ended`: for each ranking, the tags that may have led when the open pane began, with their numbers.
    """

    def __init__(self, pane_ms: int, window_ms: int, muted: MutedTags) -> None:
        self._pane_ms = pane_ms
        self._muted = muted
        self._window_ms = window_ms
        self.forget()

    def forget(self) -> None:
        """Make all of it from the table again."""
        self._until_ms: int | None = None
        self.tags, self.posts = SlidingAuthors(), SlidingAuthors()
        self.ended: dict[Name, Numbers] = {}

    def update(self, uses: OpenUses, until_ms: int) -> None:
        """Make it from the table, if it does not end at `until_ms`, the end of the last closed pane."""
        if self._until_ms != until_ms:
            self.move(uses.closed(until_ms - self._window_ms, until_ms), until_ms, {}, is_all=True)

    def move(
        self,
        panes: Mapping[int, pa.Table],
        until_ms: int,
        wanted: Mapping[int, Sequence[RankedTag]],
        *,
        is_all: bool = False,
    ) -> dict[int, EndedPeople]:
        """Add panes that close.

        Args:
            panes: The uses of these panes, by their start.
            until_ms: The end of the last pane that closes.
            wanted: Tags by the start of a pane: their authors in the window that ended with it are wanted.
            is_all: The panes are all that is known of the window, and not more of it.

        Returns:
            The people of the windows that ended with these panes.

        """
        if is_all:
            self.forget()
        ended, starts, begin = {}, sorted(panes), 0
        for last in sorted({*wanted, until_ms - self._pane_ms}):
            until = bisect(starts, last)
            self._add({at_ms: panes[at_ms] for at_ms in starts[begin:until]})
            begin = until
            self._expire(last + self._pane_ms - self._window_ms)
            ended[last] = self._ended(wanted.get(last, ()))
        self.ended = {name: ranking.best(self._muted.muted) for name, ranking in self.tags.rankings.items()}
        self._expire(until_ms + self._pane_ms - self._window_ms)
        self._until_ms = until_ms
        return ended

    @property
    def until_ms(self) -> int | None:
        """The end of the last pane in it. None if it must be made from the table."""
        return self._until_ms

    def _ended(self, wanted: Sequence[RankedTag]) -> EndedPeople:
        tags, posts = self.tags, self.posts
        return EndedPeople(
            posts.authors(posts.ranking(WHOLE).numbers.get(None, 0)),
            {(name, key): tags.authors(tags.ranking(name).numbers.get(key, 0)) for name, key in wanted},
        )

    def _add(self, panes: Mapping[int, pa.Table]) -> None:
        both = {at_ms: parts(uses) for at_ms, uses in panes.items()}
        self.tags.add({at_ms: tags for at_ms, (tags, _) in both.items()})
        self.posts.add({at_ms: posts for at_ms, (_, posts) in both.items()})

    def _expire(self, from_ms: int) -> None:
        self.tags.expire(from_ms)
        self.posts.expire(from_ms)

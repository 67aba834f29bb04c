"""The leading tags of one ranking, from its candidates and the posts of the open pane.

docs/decisions/0004 has the invariant and the proof.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from spark_job.snapshot_schema import LEADERS


@dataclass(slots=True)
class TopK:
    """One ranking.

    Args:
        closed: The posts in closed panes of each candidate, and of the tags that were looked up.
        bound: Posts in closed panes of the last candidate: no other tag has more. None if there is no other tag.
        earlier_ranks: The ranks when the open pane began.
        waiting: The tags that got posts and were not compared yet.
        leaders: The keys of the leading tags, in order.

    """

    closed: dict[str, int] = field(default_factory=dict)
    bound: int | None = None
    earlier_ranks: Mapping[str, int] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    leaders: list[str] = field(default_factory=list)

    def rank(self, opened: Mapping[str, int]) -> list[str]:
        """Rank the leaders and the waiting tags.

        Returns:
            The tags that may lead and whose posts in closed panes must be looked up. They wait until they are in
            `closed`. Then `rank` must be called again.

        """
        self._rank(self.waiting, opened)
        unknown = [key for key in self.waiting if key not in self.closed]
        if unknown and self.bound is None:
            self.closed |= dict.fromkeys(unknown, 0)
            self._rank(unknown, opened)
            unknown = []
        self.waiting = set(self._possible(unknown, self.bound or 0, opened))
        return [*self.waiting]

    def _rank(self, more: Iterable[str], opened: Mapping[str, int]) -> None:
        closed = self.closed
        found = {key: closed[key] + opened.get(key, 0) for key in {*self.leaders, *more} if key in closed}
        keys = sorted((key for key, posts in found.items() if posts), key=lambda key: (-found[key], key))
        self.leaders = keys[:LEADERS]

    def _possible(self, keys: list[str], bound: int, opened: Mapping[str, int]) -> list[str]:
        """The tags that reach the place of the last leader if they have as many posts in closed panes as possible.

        A tag that does not can't reach it before it gets more posts: within a pane the last leader only gets more.
        Between equal counts the key decides.
        """
        if len(self.leaders) < LEADERS:
            return keys
        last = self.leaders[-1]
        least = self.closed[last] + opened.get(last, 0) - bound
        return [key for key in keys if (posts := opened[key]) > least or (posts == least and key < last)]

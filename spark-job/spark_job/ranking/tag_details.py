"""Details of a tag in a snapshot: its spelling, when it was first seen, and its curve over the window."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from spark_job.ranking.closed_rows import ClosedRows, Row
from spark_job.ranking.open_counts import OpenCounts
from spark_job.ranking.stored_totals import Stored, StoredTotals
from spark_job.state.tag_sums import WHOLE, Name
from spark_job.state.window import Window
from spark_job.tag_hash import hash_of


@dataclass(slots=True)
class _Closed:
    """Posts of a tag per closed pane, in each ranking and of each spelling."""

    rankings: dict[Name, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    labels: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, rows: Iterable[tuple[int, Row]]) -> None:
        rankings, labels = self.rankings, self.labels
        for at_ms, (source, lang, label, posts) in rows:
            for panes in (rankings[WHOLE], rankings["source", source], rankings["lang", lang], labels[label]):
                panes[at_ms] = panes.get(at_ms, 0) + posts

    def drop(self, before_ms: int) -> None:
        for counts in (self.rankings, self.labels):
            for name, panes in [*counts.items()]:
                if min(panes) < before_ms:
                    counts[name] = {at_ms: posts for at_ms, posts in panes.items() if at_ms >= before_ms}
                    if not counts[name]:
                        del counts[name]


class TagDetails:
    """Looks up tags, and caches what can't change before the next pane closes."""

    def __init__(self, opened: OpenCounts, rows: ClosedRows, totals: StoredTotals) -> None:
        self._opened = opened
        self._rows = rows
        self._totals = totals
        self._closed: dict[str, _Closed] = {}
        self._stored: dict[str, Stored | None] = {}
        self._shown: set[str] = set()
        self._window = Window(0, 0, 1)

    def forget(self) -> None:
        """Drop all that was read."""
        self._closed.clear()
        self._stored.clear()

    def move(self, window: Window, new: set[int]) -> None:
        """Update the cache after a pane has closed or the window has moved. Only shown tags stay in it.

        Args:
            window: The window.
            new: The starts of the panes that closed since the last call.

        """
        self._window = window
        self._closed = {key: closed for key, closed in self._closed.items() if key in self._shown}
        for key, closed in self._closed.items():
            closed.drop(window.before_ms)
            closed.add(self._rows.find(hash_of(key), new))
        self._stored.clear()

    def show(self, keys: set[str]) -> None:
        """Note which tags are shown, and look up what the totals have of them."""
        self._shown = keys
        self._totals.look_up_labels(key for key in keys if self._window_label(key) is None)

    def closed_posts(self, name: Name, key: str) -> int:
        """Posts of a tag of a ranking in the closed panes of the window."""
        return sum(
            posts for at_ms, posts in self._of(key).rankings.get(name, {}).items() if at_ms >= self._window.from_ms
        )

    def posts_before(self, name: Name, key: str) -> int:
        """Posts of a tag of a ranking in the equally long window before."""
        return sum(
            posts for at_ms, posts in self._of(key).rankings.get(name, {}).items() if at_ms < self._window.from_ms
        )

    def curve(self, name: Name, key: str) -> list[int]:
        """Posts per pane of the window, oldest first."""
        window = self._window
        closed = self._of(key).rankings.get(name, {})
        curve = [closed.get(at_ms, 0) for at_ms in window.panes]
        for at_ms, pane in self._opened.within(window).items():
            if name in pane.tags:
                curve[(at_ms - window.from_ms) // window.pane_ms] += pane.tags[name].get(key, 0)
        return curve

    def posts_in(self, key: str, panes: Iterable[int]) -> list[int]:
        """Posts of a tag in the panes with these starts, closed or open, in their order."""
        closed, opened = self._of(key).rankings.get(WHOLE, {}), self._opened.panes
        posts = {at_ms: pane.tags[WHOLE].get(key, 0) for at_ms, pane in opened.items() if WHOLE in pane.tags}
        return [closed.get(at_ms, 0) + posts.get(at_ms, 0) for at_ms in panes]

    def label(self, key: str) -> str:
        """The most frequent spelling in the window (of equals the first by code point), or else a stored one."""
        return self._window_label(key) or self._totals.label(key) or self._open_label(key)

    def _window_label(self, key: str) -> str | None:
        window = self._window
        spellings: dict[str, int] = defaultdict(int)
        for label, panes in self._of(key).labels.items():
            spellings[label] += sum(posts for at_ms, posts in panes.items() if at_ms >= window.from_ms)
        for pane in self._opened.within(window).values():
            for label, posts in pane.labels.get(key, {}).items():
                spellings[label] += posts
        found = [(-posts, label) for label, posts in spellings.items() if posts]
        return min(found)[1] if found else None

    def _open_label(self, key: str) -> str:
        return min(label for pane in self._opened.panes.values() for label in pane.labels.get(key, {}))

    def first_seen_ms(self, key: str) -> int:
        """When the tag was first counted in this epoch. For a tag that the totals have dropped: its oldest pane."""
        known = [stored.first_seen_ms] if (stored := self._of_totals(key)) else []
        if key in self._opened.first_at_ms:
            known.append(self._opened.first_at_ms[key])
        if known:
            return min(known)
        return min(at_ms for at_ms, posts in self._of(key).rankings[WHOLE].items() if at_ms >= self._window.from_ms)

    def stored_posts(self, key: str) -> int:
        """Posts of a tag in the totals."""
        return stored.posts if (stored := self._of_totals(key)) else 0

    def _of_totals(self, key: str) -> Stored | None:
        if key not in self._stored:
            self._stored[key] = self._totals.find(key)
        return self._stored[key]

    def _of(self, key: str) -> _Closed:
        if key not in self._closed:
            self._closed[key] = closed = _Closed()
            closed.add(self._rows.find(hash_of(key)))
        return self._closed[key]

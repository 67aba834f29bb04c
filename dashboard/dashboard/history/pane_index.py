"""In-memory index of stored panes, so that look-ups by tag or time read no file.

A day has 8,640 panes of 50 tags. An index by tag in the file would write fifty pages for each new pane, and as many for
each deleted one. Here a pane is one dictionary, and all of them are searched within some milliseconds.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from dashboard.snapshots.schema import Named

#: `from_ms` and `epoch`.
PaneKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """One stored pane: its posts, and the posts of its leading tags by key. `kept_ms`: when it arrived."""

    epoch: int
    from_ms: int
    to_ms: int
    posts: int
    tags: dict[str, int]
    has_window: bool
    kept_ms: int

    @property
    def key(self) -> PaneKey:
        """Identifies the pane."""
        return self.from_ms, self.epoch


def tags_of(top: Iterable[Named]) -> dict[str, int]:
    """Posts by key. The key of a tag that leads in a thousand panes is in memory once."""
    return {sys.intern(tag.key): tag.posts for tag in top}


class PaneIndex:
    """All stored panes. If two epochs have the same pane, the later epoch counts."""

    def __init__(self) -> None:
        # In the order of their arrival, so that the first ones expire first.
        self._panes: dict[PaneKey, Counts] = {}
        self._ordered: list[Counts] | None = None
        #: In how many panes a key is, so that a search visits each key once.
        self._panes_of: Counter[str] = Counter()

    def add(self, panes: Iterable[Counts]) -> None:
        """Add panes that have just arrived. They replace panes with the same key."""
        for pane in panes:
            self._drop(pane.key)
            self._panes[pane.key] = pane
            self._panes_of.update(pane.tags.keys())
        self._ordered = None

    def remove(self, keys: Iterable[PaneKey]) -> None:
        """Remove panes."""
        for key in keys:
            self._drop(key)
            self._ordered = None

    def forget_until(self, kept_ms: int) -> None:
        """Remove panes that arrived at `kept_ms` or before."""
        old = []
        for key, pane in self._panes.items():
            if pane.kept_ms > kept_ms:
                break
            old.append(key)
        self.remove(old)

    def panes(self) -> Sequence[Counts]:
        """All panes, oldest first by the time in the pane."""
        if self._ordered is None:
            by_epoch = sorted(self._panes.values(), key=lambda pane: pane.epoch)
            newest = {pane.from_ms: pane for pane in by_epoch}
            self._ordered = [newest[from_ms] for from_ms in sorted(newest)]
        return self._ordered

    def _drop(self, key: PaneKey) -> None:
        pane = self._panes.pop(key, None)
        for tag in pane.tags if pane else ():
            self._panes_of[tag] -= 1
            if not self._panes_of[tag]:
                del self._panes_of[tag]

    def keys(self) -> Collection[str]:
        """The keys of all tags of all panes, each once."""
        return self._panes_of.keys()

    def newest_with(self, key: str) -> Counts | None:
        """The newest pane in which this tag led."""
        return (
            next((pane for pane in reversed(self.panes()) if key in pane.tags), None) if key in self._panes_of else None
        )

    def __contains__(self, key: PaneKey) -> bool:
        return key in self._panes

    def ended_with_window(self, at_ms: int) -> Counts | None:
        """The newest pane that ended by `at_ms` and has the window that ended with it."""
        ended = (pane for pane in reversed(self.panes()) if pane.has_window and pane.to_ms <= at_ms)
        return next(ended, None)

    def curves(self, epoch: int, starts: Sequence[int], keys: Iterable[str]) -> dict[str, list[int]]:
        """Posts of each of `keys` in the panes of `epoch` that begin at `starts`; 0 where the tag did not lead."""
        tags = [pane.tags if (pane := self._panes.get((start, epoch))) else {} for start in starts]
        return {key: [counts.get(key, 0) for counts in tags] for key in keys}

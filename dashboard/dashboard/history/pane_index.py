"""What the kept panes say, in memory: a tag or a moment is found among all of them without reading the file.

A day has 8,640 panes of 50 tags. A tree by tag in the file would cost fifty pages to write for each pane that is kept,
and as many for each that goes; here a pane is one dictionary, and all of them are asked within some milliseconds.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dashboard.snapshots.schema import Named

#: `from_ms` and `epoch`.
PaneKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """One kept pane: its posts, and those of its leading tags by key. `kept_ms`: when it came."""

    epoch: int
    from_ms: int
    to_ms: int
    posts: int
    tags: dict[str, int]
    has_window: bool
    kept_ms: int

    @property
    def key(self) -> PaneKey:
        """What tells it from all others."""
        return self.from_ms, self.epoch


def tags_of(top: Iterable[Named]) -> dict[str, int]:
    """Key -> posts; a tag that leads in a thousand panes has its key in memory once."""
    return {sys.intern(tag.key): tag.posts for tag in top}


class PaneIndex:
    """All kept panes. Where two epochs have the same pane, the later epoch's counts."""

    def __init__(self) -> None:
        # In the order in which they came, so that those that must go are the first.
        self._panes: dict[PaneKey, Counts] = {}
        self._ordered: list[Counts] | None = None

    def add(self, panes: Iterable[Counts]) -> None:
        """Take panes that just came, in place of those with the same key."""
        for pane in panes:
            self._panes.pop(pane.key, None)
            self._panes[pane.key] = pane
        self._ordered = None

    def remove(self, keys: Iterable[PaneKey]) -> None:
        """Forget some."""
        for key in keys:
            self._panes.pop(key, None)
            self._ordered = None

    def forget_until(self, kept_ms: int) -> None:
        """Forget those that came at `kept_ms` or before."""
        old = []
        for key, pane in self._panes.items():
            if pane.kept_ms > kept_ms:
                break
            old.append(key)
        self.remove(old)

    def panes(self) -> Sequence[Counts]:
        """All, oldest first by their own time."""
        if self._ordered is None:
            by_epoch = sorted(self._panes.values(), key=lambda pane: pane.epoch)
            newest = {pane.from_ms: pane for pane in by_epoch}
            self._ordered = [newest[from_ms] for from_ms in sorted(newest)]
        return self._ordered

    def __contains__(self, key: PaneKey) -> bool:
        return key in self._panes

    def ended_with_window(self, at_ms: int) -> Counts | None:
        """The newest that ended by `at_ms` and knows the window that ended with it."""
        ended = (pane for pane in reversed(self.panes()) if pane.has_window and pane.to_ms <= at_ms)
        return next(ended, None)

    def curves(self, epoch: int, starts: Sequence[int], keys: Iterable[str]) -> dict[str, list[int]]:
        """Posts of each of `keys` in the panes of `epoch` that begin at `starts`; 0 where it was not leading."""
        tags = [pane.tags if (pane := self._panes.get((start, epoch))) else {} for start in starts]
        return {key: [counts.get(key, 0) for counts in tags] for key in keys}

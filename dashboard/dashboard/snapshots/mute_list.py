"""Which tags are muted now."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from dashboard.snapshots.keys import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.snapshots.mute_schema import Mute
    from dashboard.snapshots.rising_schema import HeldBack, Rising, RisingTag
    from dashboard.snapshots.schema import ClosedWindow, Named, Pane

Tagged = TypeVar("Tagged", bound="Named | RisingTag | HeldBack")

#: In a pattern: any text.
ANY = "*"
#: Decisions in memory. Beyond, all of them are made again.
MAX_DECISIONS = 100_000


class MuteList:
    """The muted tags, as the newest snapshot names them. The pushed lists have none of them; stored panes may."""

    def __init__(self) -> None:
        self._keys: frozenset[str] = frozenset()
        self._patterns: list[list[str]] = []
        self._decisions: dict[str, bool] = {}

    def set(self, mute: Mute | None) -> None:
        """Mute these tags from now on. None: no tag, because an older job knows none."""
        keys = frozenset(fold(key) for key in mute.keys) if mute else frozenset()
        patterns = [fold(pattern).split(ANY) for pattern in mute.patterns] if mute else []
        if (keys, patterns) != (self._keys, self._patterns):
            self._keys, self._patterns, self._decisions = keys, patterns, {}

    def hides(self, key: str) -> bool:
        """Whether this key is muted."""
        if not self._keys and not self._patterns:
            return False
        found = self._decisions.get(key)
        if found is None:
            # Stored counts of older versions have keys that are folded less.
            folded = fold(key)
            found = folded in self._keys or any(_fits(folded, parts) for parts in self._patterns)
            if len(self._decisions) >= MAX_DECISIONS:
                self._decisions.clear()
            self._decisions[key] = found
        return found

    def shown_pane(self, pane: Pane) -> Pane:
        """The pane without muted tags."""
        if not self._keys and not self._patterns:
            return pane
        window = self._shown_window(pane.window) if pane.window else None
        rising = self._shown_rising(pane.rising) if pane.rising else None
        return replace(pane, top=self._shown(pane.top), window=window, rising=rising)

    def _shown_window(self, window: ClosedWindow) -> ClosedWindow:
        by_authors = None if window.by_authors is None else self._shown(window.by_authors)
        return replace(window, top=self._shown(window.top), by_authors=by_authors)

    def _shown_rising(self, rising: Rising) -> Rising:
        topics = [replace(topic, tags=tags) for topic in rising.topics if (tags := self._shown(topic.tags))]
        return replace(rising, topics=topics, held_back=self._shown(rising.held_back))

    def _shown(self, tags: Sequence[Tagged]) -> list[Tagged]:
        return [tag for tag in tags if not self.hides(tag.key)]


def _fits(key: str, parts: Sequence[str]) -> bool:
    """Whether the whole key is `parts` with any text between them. It takes one pass over the key."""
    first, *middle, last = parts if len(parts) > 1 else (*parts, "")
    if not middle and len(parts) == 1:
        return key == first
    if len(key) < len(first) + len(last) or not (key.startswith(first) and key.endswith(last)):
        return False
    at, end = len(first), len(key) - len(last)
    for part in middle:
        found = key.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True

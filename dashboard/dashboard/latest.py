"""The newest snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.snapshot import Snapshot, slim_event, without_panes


@dataclass(frozen=True)
class Shown:
    """A snapshot in the two forms in which it leaves: whole over HTTP, slim over Socket.IO."""

    order: tuple[int, int]
    whole: bytes
    event: dict[str, Any]


class Latest:
    """Holds the newest snapshot by (`epoch`, `seq`); an older one never replaces it."""

    def __init__(self) -> None:
        self._shown: Shown | None = None

    @property
    def shown(self) -> Shown | None:
        """The newest snapshot, or None before the first."""
        return self._shown

    def offer(self, snapshot: Snapshot, body: bytes, history_notice: str | None = None) -> Shown | None:
        """Take `snapshot` (pushed as `body`) if it is newer, and return its forms; else None.

        `history_notice` goes along to the pages.
        """
        order = (snapshot.epoch, snapshot.seq)
        if self._shown is not None and order <= self._shown.order:
            return None
        self._shown = Shown(order, without_panes(body), slim_event(snapshot, history_notice))
        return self._shown

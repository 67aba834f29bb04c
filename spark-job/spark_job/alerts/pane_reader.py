"""Reads what rules look at: the facts of each pane that closes."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

import duckdb
import msgspec

from spark_job.alerts.engine import AlertState
from spark_job.alerts.facts import EndedPane, TagFacts, wanted_of
from spark_job.alerts.rule import Rules, Scope
from spark_job.alerts.window_facts import read_tags
from spark_job.mute.mute_list import MuteList
from spark_job.rising_schema import Rising

#: The part of a window, or of two that are compared, that may be missing: the same as in snapshots.
TOLERATED_PART = 0.01

_rising_decoder = msgspec.json.Decoder(Rising)


class TakenBack(Protocol):
    """The deleted posts of the last two windows."""

    def keys(self, name: Scope, from_ms: int, last_ms: int, /) -> Collection[str]:
        """The tags with deleted posts in the panes that start at `from_ms` to `last_ms`."""

    def posts(self, name: Scope, key: str | None, from_ms: int, last_ms: int, /) -> int:
        """The deleted posts of a tag in these panes."""


class Sources(NamedTuple):
    """What the alerts read of the state.

    Args:
        db: The file.
        taken_back: The deleted posts.
        missing_ms: How much of a time was not counted.
        muted: The muted tags.

    """

    db: duckdb.DuckDBPyConnection
    taken_back: TakenBack
    missing_ms: Callable[[int, int], int]
    muted: Callable[[], MuteList]


class PaneReader:
    """Reads facts inside the transaction that closes panes. Call `begin` first."""

    def __init__(self, sources: Sources, pane_ms: int, window_ms: int) -> None:
        self._sources = sources
        self._pane_ms = pane_ms
        self._window_ms = window_ms
        self._counted: Sequence[int] = ()
        self._until_ms = 0

    def begin(self, since_ms: int, until_ms: int) -> None:
        """Note which panes have counts, of the windows that end with the panes from `since_ms` to `until_ms`."""
        rows = self._sources.db.execute(
            "SELECT DISTINCT pane_ms FROM pane_counts WHERE pane_ms > ? AND pane_ms < ? ORDER BY pane_ms",
            [since_ms - self._window_ms, until_ms],
        ).fetchall()
        self._counted = [start for (start,) in rows]
        self._until_ms = until_ms

    def is_empty(self, pane_ms: int) -> bool:
        """Whether the window that ends with a pane has no counts."""
        place = bisect_left(self._counted, pane_ms - self._window_ms + self._pane_ms)
        return place == len(self._counted) or self._counted[place] > pane_ms

    def next_to_read(self, pane: EndedPane) -> int:
        """The start of the next pane that can change anything, after one that changed nothing and has an empty window.

        It is the next pane with counts, or, after a window that was not counted completely, the first one whose window
        was. Without any, it is the end of the last pane.
        """
        place = bisect_left(self._counted, pane.at_ms)
        following = self._counted[place] if place < len(self._counted) else self._until_ms
        if pane.is_counted:
            return following
        starts = range(pane.at_ms, following, self._pane_ms)
        return next((start for start in starts if self._is_window_counted(start)), following)

    def read(self, rules: Rules, state: AlertState, epoch: int, pane_ms: int, rising: str | None) -> EndedPane:
        """What the rules look at.

        Args:
            rules: The rules.
            state: Their state: its tags are looked at too.
            epoch: The epoch.
            pane_ms: The start of the pane.
            rising: The list of rising tags as JSON, if the pane has one.

        """
        first_ms = pane_ms - self._window_ms + self._pane_ms
        before_ms = first_ms - self._window_ms
        end_ms = pane_ms + self._pane_ms
        pane = EndedPane(
            epoch=epoch,
            from_ms=pane_ms,
            at_ms=end_ms,
            window_seconds=self._window_ms // 1000,
            rising=_rising_decoder.decode(rising) if rising is not None else None,
            is_before_known=self._is_counted(before_ms, end_ms),
            is_counted=self._is_window_counted(pane_ms),
        )
        if self.is_empty(pane_ms):
            return pane
        return replace(pane, scopes=self._scopes(rules, state, pane, (before_ms, first_ms, pane_ms)))

    def _is_window_counted(self, pane_ms: int) -> bool:
        """Whether the window that ends with a pane was counted completely."""
        end_ms = pane_ms + self._pane_ms
        return self._is_counted(end_ms - self._window_ms, end_ms)

    def _is_counted(self, from_ms: int, to_ms: int) -> bool:
        return self._sources.missing_ms(from_ms, to_ms) <= TOLERATED_PART * self._window_ms

    def _scopes(
        self, rules: Rules, state: AlertState, pane: EndedPane, window: tuple[int, int, int]
    ) -> dict[Scope, dict[str, TagFacts]]:
        """The tags that some rule needs, by what the rules look at."""
        taken_back = self._sources.taken_back
        _, first_ms, last_ms = window

        def deleted(scope: Scope, key: str) -> int:
            return taken_back.posts(scope, key, first_ms, last_ms)

        watched = {name: of_rule.tags for name, of_rule in state.items()}
        scopes = {}
        for scope, wanted in wanted_of(rules, watched, pane.window_seconds).items():
            keys = {*(taken_back.keys(scope, first_ms, last_ms) if wanted.is_taken_back else ()), *pane.risers}
            scopes[scope] = read_tags(
                *(self._sources.db, scope, replace(wanted, keys=wanted.keys.union(keys)), window),
                is_before_known=pane.is_before_known,
                taken_back=deleted,
            )
        return scopes

"""One complete picture of the counts, in the shape of docs/protocol.md."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from spark_job.ranking.candidates import Contenders
from spark_job.ranking.tag_details import WHOLE, TagDetails
from spark_job.ranking.top_lists import Rankings
from spark_job.state.budget import fit
from spark_job.state.store import Progress, State
from spark_job.state.window import Window


@dataclass(frozen=True, slots=True)
class Pace:
    """The settings that a reader of snapshots should know."""

    pane_seconds: int
    window_seconds: int
    trigger_seconds: float
    top_n: int


class Snapshots:
    """Makes snapshots from the state; takes turns with whoever writes to it."""

    def __init__(self, state: State, pace: Pace, first_seq: int) -> None:
        self._state = state
        self._pace = pace
        self._seq = first_seq
        self._version: tuple[Window, int, int] | None = None
        self._last: dict[str, Any] | None = None
        self._read_from_open_file()
        self._batch: dict[str, Any] | None = None
        self._batch_id: int | None = None

    def _read_from_open_file(self) -> None:
        self._opened = self._state.opened
        self.contenders = Contenders(self._state.db)
        self._rankings = Rankings(self._state.db)
        self._tags = TagDetails(self._state.db)
        self._version = None

    def take_batch(self, counts: pa.Table, batch_id: int, posts: int, at_ms: int) -> None:
        """Remember the leaders of the micro-batch that was just counted."""
        top = self._rankings.batch(counts)
        self._batch, self._batch_id = {"posts": posts, "at_ms": at_ms, "top": top}, batch_id

    def forget_batch(self) -> None:
        """Coordinator began again: the tags of the last micro-batch are not in the state any more."""
        self._batch = self._batch_id = None
        self._rankings.forget_batch()

    def make(self, progress: Progress, to_ms: int, now_ms: int, health: dict[str, Any]) -> dict[str, Any]:
        """A snapshot of the window that ends at `to_ms`, produced at `now_ms`; `health` is taken as it is."""
        window = Window.ending(to_ms, self._state.pane_ms, self._state.window_ms)
        if self._opened != self._state.opened:
            self._read_from_open_file()
        self._prepare(window, progress)
        self.contenders.look_up(window)
        everything, facets = self._rankings.window()
        self.contenders.look_up_totals()
        total = self._rankings.total()
        self._describe(window, everything["top"], total, facets)
        self._seq += 1
        self._last = fit(
            {
                "epoch": progress.epoch,
                "seq": self._seq,
                "produced_at_ms": now_ms,
                "batch_id": self._batch_id,
                "pane_seconds": self._pace.pane_seconds,
                "window_seconds": self._pace.window_seconds,
                "trigger_seconds": self._pace.trigger_seconds,
                "top_n": self._pace.top_n,
                "window": {"from_ms": window.from_ms, "to_ms": to_ms} | everything,
                "coverage": self._state.uncounted.of(window, to_ms).as_snapshot(),
                "total": {
                    "since_ms": progress.since_ms,
                    "posts": progress.posts,
                    "tags": self._total_tags,
                    "dropped_tags": progress.dropped_tags,
                    "dropped_posts": progress.dropped_posts,
                    "sources": self._state.total_sources(),
                    "top": total,
                },
                "batch": self._batch,
                "facets": facets,
                "panes": self._state.unacknowledged_panes(),
                "health": health,
            }
        )
        return self._last

    def repeat(self, now_ms: int, query_error: str) -> dict[str, Any] | None:
        """The last snapshot once more, with an error to show while the state can't be read; `None` before the first."""
        if self._last is None:
            return None
        self._seq += 1
        health = self._last["health"] | {"query_error": query_error}
        self._last = self._last | {"seq": self._seq, "produced_at_ms": now_ms, "panes": [], "health": health}
        return self._last

    def _prepare(self, window: Window, progress: Progress) -> None:
        version = (window, progress.epoch, progress.closed_until_ms)
        if version == self._version:
            return
        anew = self._version is None or self._version[1] != progress.epoch
        self.contenders.prepare(window, anew=anew)
        self._tags.forget(anew=anew)
        self._total_tags = self._rankings.total_tags()
        self._version = version

    def _describe(
        self,
        window: Window,
        top: list[dict[str, Any]],
        total: list[dict[str, Any]],
        facets: dict[str, dict[str, Any]],
    ) -> None:
        batch = self._batch["top"] if self._batch else []
        within = [(*WHOLE, top)] + [
            (facet, value, found["top"]) for facet, values in facets.items() for value, found in values.items()
        ]
        tags = {(facet, value, entry["key"]) for facet, value, leaders in within for entry in leaders}
        self._tags.look_up(window, tags | {(*WHOLE, entry["key"]) for entry in [*total, *batch]})
        for facet, value, leaders in within:
            for entry in leaders:
                entry["panes"] = self._tags.curve((facet, value, entry["key"]))
        for entry in [*total, *batch, *(entry for _, _, leaders in within for entry in leaders)]:
            entry["label"] = self._tags.label(entry["key"])
            entry["first_seen_ms"] = self._tags.first_seen_ms(entry["key"])

"""Posts over time, in steps of equal length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from dashboard.snapshots.fields import Count, TimeMs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dashboard.history.pane_index import Counts


@dataclass(frozen=True)
class Steps:
    """Equal time steps of `step_ms`. `from_ms` is a multiple of it. The last step may end after `to_ms`."""

    from_ms: int
    to_ms: int
    step_ms: int

    @classmethod
    def over(cls, from_ms: int, to_ms: int, pane_ms: int, most: int) -> Steps:
        """The shortest steps of whole panes, at most `most` (2 or more), that cover [`from_ms`, `to_ms`).

        As time goes on, the steps stay at the same times, and have the same length for the same span.
        """
        panes = -(-(to_ms - from_ms) // pane_ms)
        # That many panes touch at most (panes - 1) / length + 1 steps, wherever they begin.
        step_ms = pane_ms * max(1, -(-(panes - 1) // (most - 1)))
        return cls(from_ms - from_ms % step_ms, to_ms, step_ms)

    @property
    def count(self) -> int:
        """The number of steps."""
        return -(-(self.to_ms - self.from_ms) // self.step_ms)

    def sums(self, counts: Iterable[tuple[int, int]]) -> list[int]:
        """Posts of each step. `counts`: pairs of (from_ms, posts) within the steps, in any order."""
        sums = [0] * self.count
        for from_ms, posts in counts:
            sums[(from_ms - self.from_ms) // self.step_ms] += posts
        return sums


class Timeline(Struct, frozen=True):
    """Posts of all stored panes over time, in steps of equal length."""

    from_ms: Annotated[TimeMs | None, Meta(description="When the first step begins. Null if no pane is stored.")]
    to_ms: Annotated[TimeMs | None, Meta(description="When the newest pane ends. Null if no pane is stored.")]
    step_ms: Annotated[Count, Meta(description="Length of a step in milliseconds. 0 if no pane is stored.")]
    posts: Annotated[
        list[Count], Meta(description="All posts of each step, oldest first. 0 for a step without stored panes.")
    ]


def timeline(panes: Sequence[Counts], most: int) -> Timeline:
    """Posts over `panes`, oldest first, in at most `most` steps; what `GET /api/timeline` answers."""
    if not panes:
        return Timeline(from_ms=None, to_ms=None, step_ms=0, posts=[])
    newest = panes[-1]
    steps = Steps.over(panes[0].from_ms, newest.to_ms, newest.to_ms - newest.from_ms, most)
    sums = steps.sums((pane.from_ms, pane.posts) for pane in panes)
    return Timeline(from_ms=steps.from_ms, to_ms=newest.to_ms, step_ms=steps.step_ms, posts=sums)

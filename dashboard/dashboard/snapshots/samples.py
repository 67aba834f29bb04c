"""Hold the sample posts of the newest snapshot, in memory only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.snapshots.samples_schema import Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.snapshots.samples_schema import SamplePost
    from dashboard.snapshots.schema import Snapshot

#: Posts are forgotten when no samples came for this time: nothing else says that a post was deleted. The job sends them
#: at least every 5 s.
FORGOTTEN_AFTER_MS = 8000
#: A job that takes samples sends them with its first snapshot, and with the next one when the dashboard needs them.
SNAPSHOTS_WITHOUT = 3


class HeldSamples:
    """The sample posts that the job sent last."""

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        """`monotonic_ms`: milliseconds of a clock that is never set back."""
        self._monotonic_ms = monotonic_ms
        self._samples: Samples | None = None
        self._epoch: int | None = None
        self._noted_ms = 0
        self._without = 0

    def note(self, snapshot: Snapshot) -> None:
        """Take the samples of a newer snapshot. One without samples changes nothing, if it is of the same epoch."""
        self._forget_old()
        if snapshot.samples is not None or snapshot.epoch != self._epoch:
            self._samples = snapshot.samples
            self._noted_ms = self._monotonic_ms()
        self._without = self._without + 1 if self._samples is None else 0
        self._epoch = snapshot.epoch

    @property
    def missing(self) -> bool:
        """Whether the job must send its samples again."""
        self._forget_old()
        return self._samples is None

    @property
    def is_off(self) -> bool:
        """Whether the job takes no samples."""
        return self.missing and self._without > SNAPSHOTS_WITHOUT

    def posts_of(self, key: str) -> Sequence[SamplePost]:
        """The posts of a tag, newest first."""
        self._forget_old()
        return [self._samples.posts[place] for place in self._samples.of.get(key, ())] if self._samples else []

    def sources(self) -> set[str]:
        """The sources of all posts."""
        return {post.source for post in self.all()}

    def all(self) -> Sequence[SamplePost]:
        """All posts."""
        self._forget_old()
        return self._samples.posts if self._samples else []

    def _forget_old(self) -> None:
        if self._monotonic_ms() - self._noted_ms > FORGOTTEN_AFTER_MS:
            self._samples = None

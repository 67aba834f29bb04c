"""A contender is what is measured: it receives posts and shows top lists."""

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

from bench.material import Material

Top = Sequence[tuple[str, int]]


class WrongCountError(Exception):
    """The shown counts differ from the sent posts. The message is one sentence that says by how much."""


class Contender(ABC):
    """Started by `with`. Times are of the monotonic clock, in seconds."""

    #: Its name in the table.
    name: str

    def __init__(self, material: Material) -> None:
        self.material = material
        self._changed = threading.Condition()
        self._top: Top = ()
        self._top_at = 0.0
        self._ended: str | None = None

    @abstractmethod
    def start(self) -> None:
        """Start. The posts that were fed are waiting already."""

    @abstractmethod
    def stop(self) -> None:
        """End all processes and servers that were started."""

    @abstractmethod
    def feed(self, posts: int) -> float:
        """Release the first `posts` posts. Return the time of that."""

    @property
    @abstractmethod
    def asked_at(self) -> float:
        """The time at which it requested the first byte."""

    def processes(self) -> Sequence[psutil.Process]:
        """Its processes that live now."""
        return ()

    def memory_bytes(self) -> int:
        """The proportional set size of its processes, which counts shared memory once."""
        size = 0
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                size += process.memory_full_info().pss
        return size

    def wait_for(self, posts: int, timeout_seconds: float) -> float:
        """Wait until the first `posts` posts are shown. Return the time of that.

        Raises:
            WrongCountError: they are not shown in time, or the contender has ended.

        """
        expected = self.material.counts(posts)
        deadline = time.monotonic() + timeout_seconds
        with self._changed:
            while not is_leading(self._top, expected):
                rest = deadline - time.monotonic()
                if self._ended is not None or rest <= 0 or not self._changed.wait(rest):
                    raise WrongCountError(self._complaint(expected, timeout_seconds))
            return self._top_at

    def show(self, top: Top) -> None:
        """Record a top list that was shown just now."""
        with self._changed:
            self._top, self._top_at = [(tag, count) for tag, count in top], time.monotonic()
            self._changed.notify_all()

    def end(self, said: str) -> None:
        """Record that it has ended by itself."""
        with self._changed:
            self._ended = said
            self._changed.notify_all()

    def _complaint(self, expected: Counter[str], seconds: float) -> str:
        if self._ended is not None:
            return f"ended by itself: {self._ended}"
        if not self._top:
            return f"showed nothing within {seconds:.0f} s"
        due = sum(expected[tag] for tag, _ in self._top)
        return f"showed {sum(count for _, count in self._top):,} of {due:,} hashtags after {seconds:.0f} s"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def is_leading(top: Top, expected: Counter[str]) -> bool:
    """Whether `top` has the greatest counts, and each is correct. Equal counts may have any order."""
    counts = [count for _, count in top]
    due = [count for _, count in expected.most_common(len(counts))]
    return bool(top) and counts == due and all(expected[tag] == count for tag, count in top)

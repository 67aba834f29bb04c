"""The posts that were committed, for readers of the tail: held in memory only while somebody reads."""

import threading
from collections import deque


class Subscription:
    """What one reader has still to get. Thread-safe."""

    def __init__(self, most_posts: int | None) -> None:
        self._most_posts = most_posts
        self._changed = threading.Condition()
        self._runs: deque[tuple[int, bytes]] = deque()
        self._posts = 0
        #: The reader fell more than `most_posts` behind. It gets nothing more.
        self.is_behind = False

    def put(self, posts: int, lines: bytes) -> None:
        """Add a run."""
        with self._changed:
            self._posts += posts
            self.is_behind |= self._most_posts is not None and self._posts > self._most_posts
            if self.is_behind:
                self._runs.clear()
            else:
                self._runs.append((posts, lines))
            self._changed.notify_all()

    def take(self, timeout_seconds: float) -> bytes:
        """Return the lines of the next run; empty after the timeout, or if the reader is behind."""
        with self._changed:
            if not self._runs and not self.is_behind:
                self._changed.wait(timeout_seconds)
            return self._runs[0][1] if self._runs else b""

    def done(self) -> None:
        """Note that the run that was taken is sent."""
        with self._changed:
            if self._runs:
                self._posts -= self._runs.popleft()[0]

    def wake(self) -> None:
        """Wake the reader."""
        with self._changed:
            self._changed.notify_all()


class Feed:
    """Hands each committed run to all subscriptions. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: list[Subscription] = []

    def subscribe(self, most_posts: int | None) -> Subscription:
        """Return a subscription to all runs from now on."""
        made = Subscription(most_posts)
        with self._lock:
            self._subscriptions.append(made)
        return made

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription."""
        with self._lock:
            self._subscriptions.remove(subscription)

    def put(self, posts: int, lines: bytes) -> None:
        """Hand a run on."""
        with self._lock:
            for each in self._subscriptions:
                each.put(posts, lines)

    def wake(self) -> None:
        """Wake all readers."""
        with self._lock:
            for each in self._subscriptions:
                each.wake()

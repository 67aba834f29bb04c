"""Run blocking work in another thread, so that the caller can stop waiting for it at any moment."""

import queue
import threading
from collections.abc import Callable, Generator
from typing import Generic, NamedTuple, TypeVar

#: How often a waiting thread checks whether it must stop.
POLL_SECONDS = 0.2

_T = TypeVar("_T")


class _End(NamedTuple):
    """Put into the queue behind the last item: the error that the generator raised."""

    error: BaseException


class Background(Generic[_T]):
    """Runs a generator in a daemon thread, a few items ahead of the consumer.

    After `abandon`, the generator is closed at its next `yield`, so that it can release the item.
    """

    def __init__(self, items: Callable[[], Generator[_T, None, None]], *, name: str, ahead: int = 1) -> None:
        """Start the thread; `ahead` is how many items may wait in the queue."""
        self._items = items
        self._queue: queue.Queue[_T | _End] = queue.Queue(ahead)
        self._abandoned = threading.Event()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def get(self, timeout_seconds: float) -> _T | None:
        """Return the next item; None if none came in time.

        Raises:
            EOFError: The generator has ended.
            Exception: The generator raised it.

        """
        try:
            item = self._queue.get(timeout=timeout_seconds)
        except queue.Empty:
            return None
        if isinstance(item, _End):
            raise item.error
        return item

    def abandon(self) -> None:
        """Consume no more items; the thread ends when its generator yields or raises the next time."""
        self._abandoned.set()

    def _work(self) -> None:
        items = self._items()
        end = _End(EOFError())
        try:
            for item in items:
                if not self._put(item):
                    items.close()
                    return
        except BaseException as error:  # noqa: BLE001 - raised again in the thread of the consumer
            end = _End(error)
        self._put(end)

    def _put(self, item: _T | _End) -> bool:
        while not self._abandoned.is_set():
            try:
                self._queue.put(item, timeout=POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False


def first(
    items: Callable[[], Generator[_T, None, None]],
    stop: threading.Event,
    *,
    name: str,
    timeout_seconds: float | None = None,
) -> _T | None:
    """Return the first item of a generator, or None as soon as `stop` is set.

    A timeout of the socket is not enough: it never passes while a server sends one byte a second.

    Raises:
        EOFError: The generator has no items.
        TimeoutError: There is no item after `timeout_seconds`.
        Exception: The generator raised it.

    """
    background = Background(items, name=name)
    waited_seconds = 0.0
    try:
        while not stop.is_set():
            item = background.get(POLL_SECONDS)
            if item is not None:
                return item
            waited_seconds += POLL_SECONDS
            if timeout_seconds is not None and waited_seconds >= timeout_seconds:
                raise TimeoutError
        return None
    finally:
        background.abandon()


def call(
    work: Callable[[], _T], stop: threading.Event, *, name: str, timeout_seconds: float | None = None
) -> _T | None:
    """Return what `work` returns, or None as soon as `stop` is set; raises what `work` raises, or TimeoutError."""

    def items() -> Generator[_T, None, None]:
        yield work()

    return first(items, stop, name=name, timeout_seconds=timeout_seconds)

"""Work that blocks, done in a thread of its own, so that whoever waits for it can leave at any moment."""

import queue
import threading
from collections.abc import Callable, Generator
from typing import Generic, NamedTuple, TypeVar

#: How long a wait lasts before somebody looks whether it must end.
POLL_SECONDS = 0.2

_T = TypeVar("_T")


class _End(NamedTuple):
    """Behind the last item: what the generator raised."""

    error: BaseException


class Background(Generic[_T]):
    """Runs a generator in a daemon thread, a few items ahead of whoever takes them.

    An item that nobody takes any more is given back: the generator is closed where it yielded it.
    """

    def __init__(self, items: Callable[[], Generator[_T, None, None]], *, name: str, ahead: int = 1) -> None:
        """`ahead` is how many items may wait to be taken."""
        self._items = items
        self._queue: queue.Queue[_T | _End] = queue.Queue(ahead)
        self._left = threading.Event()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def get(self, timeout_seconds: float) -> _T | None:
        """Return the next item; None if none came in time.

        Raises:
            EOFError: the generator has ended.
            Exception: whatever it raised.

        """
        try:
            item = self._queue.get(timeout=timeout_seconds)
        except queue.Empty:
            return None
        if isinstance(item, _End):
            raise item.error
        return item

    def abandon(self) -> None:
        """Take no more; the thread ends when its generator next yields, or raises."""
        self._left.set()

    def _work(self) -> None:
        items = self._items()
        end = _End(EOFError())
        try:
            for item in items:
                if not self._put(item):
                    items.close()
                    return
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that takes
            end = _End(error)
        self._put(end)

    def _put(self, item: _T | _End) -> bool:
        while not self._left.is_set():
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

    A timeout of the socket does not bound this: a server that sends a byte a second never lets it pass.

    Raises:
        EOFError: it has none.
        TimeoutError: it has none yet after `timeout_seconds`.
        Exception: whatever it raised.

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
    """Return what `work` returns, or None as soon as `stop` is set; it raises what `work` raises, or TimeoutError."""

    def items() -> Generator[_T, None, None]:
        yield work()

    return first(items, stop, name=name, timeout_seconds=timeout_seconds)

"""A chart that follows the stream in a thread of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from hashtags.chart.bars import bars
from hashtags.chart.colours import Colours
from hashtags.chart.shown import picture, widget
from hashtags.chart.words import ENGLISH
from hashtags.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hashtags.chart.bars import Bars
    from hashtags.chart.shown import Shown
    from hashtags.chart.words import Words
    from hashtags.feed import Feed
    from hashtags.snapshot import Snapshot

#: A chart changes at most this often.
UPDATE_SECONDS = 1.0
#: A stream sends a snapshot each second. After this time without one, the chart says so.
PATIENCE_SECONDS = 8.0


class LiveChart:
    """Moves what a notebook shows, until it is stopped or its time is over."""

    def __init__(
        self,
        feed: Feed,
        first: Snapshot,
        count: int,
        seconds: float | None,
        monotonic: Callable[[], float],
        words: Words = ENGLISH,
    ) -> None:
        """Args:
        feed: The live connection, which is not open yet.
        first: What the chart shows first.
        count: How many bars.
        seconds: How long they move; None: without end.
        monotonic: A clock in seconds that is never set back.
        words: What it says.
        """
        self._words = words
        self._feed = feed
        self._newest = first
        self._count = count
        self._seconds = seconds
        self._monotonic = monotonic
        self._colours = Colours()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hashtags-chart", daemon=True)
        self.shown: Any = None

    def start(self, shown: Shown) -> None:
        """Begin to move what is shown."""
        self.shown = shown
        self._feed.start()
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether it still moves."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the movement and the connection; the last bars stay."""
        self._stopped.set()
        self._feed.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def newest_bars(self) -> Bars:
        """The bars of the newest snapshot."""
        return bars(self._newest, self._count, self._colours, self._words)

    def _run(self) -> None:
        now = self._monotonic()
        end = None if self._seconds is None else now + self._seconds
        changed = now
        while not self._stopped.is_set() and (end is None or self._monotonic() < end):
            snapshot = self._feed.next_after(self._newest.order, UPDATE_SECONDS)
            if snapshot is not None:
                self._newest, changed = snapshot, self._monotonic()
            if not self._stopped.is_set():
                self._show(self._trouble(self._monotonic() - changed), snapshot is not None)
            # Without a pause, a backlog of snapshots would come as fast as the job counts.
            if snapshot is not None:
                self._stopped.wait(UPDATE_SECONDS)
        self._feed.close()

    def _show(self, trouble: str | None, is_new: bool) -> None:
        """Change what is shown, if there is anything new to say."""
        if is_new or trouble is not None:
            self.shown.show_bars(self.newest_bars(), trouble)

    def _trouble(self, silent_seconds: float) -> str | None:
        """Why the numbers are old, or None."""
        if self._feed.trouble is not None:
            return self._words.trouble(self._feed.trouble)
        return self._words.silence.format(f"{silent_seconds:.0f}") if silent_seconds >= PATIENCE_SECONDS else None


def live_chart(
    feed: Feed,
    first: Snapshot,
    count: int,
    seconds: float | None,
    monotonic: Callable[[], float],
    is_widget: bool | None,
    words: Words = ENGLISH,
) -> LiveChart:
    """A chart that moves.

    Args:
        feed: The live connection, which is not open yet.
        first: What the chart shows first.
        count: How many bars.
        seconds: How long they move; None: without end.
        monotonic: A clock in seconds that is never set back.
        is_widget: True: as a widget; False: as a picture; None: as a widget, if its packages are installed.
        words: What it says.

    Raises:
        StreamError: This Python can't show a chart.

    """
    chart = LiveChart(feed, first, count, seconds, monotonic, words)
    drawn = (chart.newest_bars(), words.unit(first.view.by), chart.stop)
    if is_widget is False:
        shown = picture(*drawn)
    else:
        try:
            shown = widget(*drawn)
        except ImportError as error:
            if is_widget:
                raise StreamError(
                    "The widget needs the package anywidget: pip install './notebooks[widget]'."
                ) from error
            shown = picture(*drawn)
    chart.start(shown)
    return chart

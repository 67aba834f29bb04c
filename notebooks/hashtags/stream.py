"""A stream, as a reader sees it: every number of the page as a DataFrame, and the live connection."""

from __future__ import annotations

import random
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hashtags import fields, tables
from hashtags.alert import parse_alerts
from hashtags.chart.live import LiveChart, live_chart
from hashtags.chart.words import words_of
from hashtags.errors import StreamError
from hashtags.feed import Feed
from hashtags.follow import follow
from hashtags.http_api import HttpApi, NotThereError, NotYetError, clean_address, new_session
from hashtags.newest import parse_newest
from hashtags.rising import parse_rising
from hashtags.snapshot import TOP, Snapshot, parse_event
from hashtags.tag import Step, parse_tag
from hashtags.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from types import TracebackType

    import pandas as pd
    import requests

#: How often `attach` looks whether a stream that has just started has its first numbers.
LOOK_SECONDS = 0.5
#: Steps that the whole stored past is divided into; the stream allows 2,000.
STEPS = 2000
#: Charts that move at once. One more ends the oldest, whose output is probably gone.
MAX_CHARTS = 8
MS_PER_HOUR = 3_600_000


class Stream:
    """A running stream. Make one with `attach`; it is a context manager, and `close` ends what it started."""

    def __init__(
        self,
        address: str,
        session: Callable[[], requests.Session],
        monotonic: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        self._address = address
        self._make_session = session
        self._session = session()
        self._monotonic = monotonic
        self._jitter = jitter
        self._api = HttpApi(address, self._session)
        self._charts: list[LiveChart] = []
        self._feeds: set[Feed] = set()
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """Where the stream is."""
        return self._address

    @property
    def top(self) -> pd.DataFrame:
        """The ten leading hashtags of the last minutes, all numbers of this moment."""
        return self.leaders()

    def leaders(
        self,
        ranking: str = "window",
        count: int = TOP,
        source: str | None = None,
        lang: str | None = None,
        by: str = "posts",
        at: datetime | None = None,
    ) -> pd.DataFrame:
        """The leading hashtags, by rank: `hashtag`, `posts`, `people`, `share`, `change`, `previous_rank`, `key`.

        Args:
            ranking: `window` (the last minutes), `batch` (the newest micro-batch) or `total` (all since the start).
            count: The most rows; the stream knows 50, of a source or a language 20, and of the past 40.
            source: Only posts of this source, such as `bluesky`.
            lang: Only posts in this language, such as `es`.
            by: `posts`, or `people`: one vote for each account.
            at: A moment of the past, with a time zone: the window that ended then. It has no source and no language.

        Raises:
            StreamError: These do not go together, there is no such list, or the stream does not answer.

        """
        view = View(ranking, source, lang, by)
        snapshot = self.newest(view) if at is None else self._past(view, at)
        frame = snapshot.table(count)
        frame.attrs |= {"start": snapshot.start, "to": snapshot.to, "posts": snapshot.posts, "people": snapshot.people}
        return frame

    def newest(self, view: View | None = None) -> Snapshot:
        """The newest snapshot, by default of the last minutes."""
        return parse_newest(self._api.get("/api/snapshot"), view or View())

    def tag(self, name: str) -> pd.DataFrame:
        """The curve of a hashtag: `posts` and `seconds` of each step; the index is the time at which a step begins.

        The `attrs` of the DataFrame have `hashtag`, `rank`, `posts`, `people`, `total_posts` and `first_seen`.

        Args:
            name: Any spelling, with or without `#`.

        Raises:
            StreamError: Nobody has used it, or the stream does not answer.

        """
        pane_ms = round(fields.number(self._api.get("/api/snapshot"), "pane_seconds") * 1000)
        tag = parse_tag(self._api.get(f"/api/tags/{quote(name, safe='')}"), pane_ms)
        frame = tables.curve(tag.steps)
        frame.attrs |= tag.attributes()
        return frame

    def history(self, minutes: float = 60) -> pd.DataFrame:
        """All posts of the last minutes, step by step: `posts` and `seconds`; the index is when a step begins."""
        data = self._api.get("/api/timeline", {"points": STEPS})
        counts, step_ms = fields.items(data, "posts"), fields.integer(data, "step_ms")
        if not counts:
            return tables.curve([])
        to_ms = fields.integer(data, "to_ms")
        first_ms = fields.integer(data, "from_ms")
        steps = [
            Step(fields.utc(from_ms), step_ms / 1000, posts)
            for from_ms, posts in zip(range(first_ms, to_ms, step_ms), counts, strict=False)
            if from_ms >= to_ms - minutes * 60_000
        ]
        return tables.curve(steps)

    @property
    def rising(self) -> pd.DataFrame:
        """The hashtags that more people use than usual: `hashtag`, `people`, `expected`, `times`, `since` and more.

        As long as too little is known of what is usual, it is empty, and its `attrs` have `missing_seconds`.
        """
        try:
            found = parse_rising(self._api.get("/api/rising"))
        except NotThereError:
            # The job sends its first list when the first pane closes.
            return tables.rising([])
        frame = tables.rising(found.rises)
        frame.attrs |= {"at": found.at, "missing_seconds": found.missing_seconds}
        return frame

    def alerts(self, hours: float = 24) -> pd.DataFrame:
        """The alerts of the last hours, at most 200, the newest first: `time`, `rule`, `hashtag`, `sentence`, …."""
        # The clock of the stream decides, not that of the reader.
        now_ms = fields.integer(self._api.get("/api/time"), "now_ms")
        from_ms = max(round(now_ms - hours * MS_PER_HOUR), 0)
        return tables.alerts(parse_alerts(self._api.get("/api/alerts", {"from_ms": from_ms})))

    def follow(
        self,
        seconds: float | None = None,
        count: int | None = None,
        ranking: str = "window",
        source: str | None = None,
        lang: str | None = None,
        by: str = "posts",
    ) -> Iterator[Snapshot]:
        """Each new snapshot as it comes, about one a second. A reader that is slower than that gets the newest.

        It ends after `seconds` or `count` snapshots, and with `close`. A lost connection comes back by itself.

        Args:
            seconds: How long to follow; None: without end.
            count: How many snapshots; None: without end.
            ranking: As in `leaders`, like `source`, `lang` and `by`.
            source: Only posts of this source.
            lang: Only posts in this language.
            by: `posts` or `people`.

        """
        feed = self._feed(View(ranking, source, lang, by))
        try:
            yield from follow(feed.start(), seconds, count, self._monotonic)
        finally:
            feed.close()
            self._feeds.discard(feed)

    def chart(
        self,
        count: int = TOP,
        seconds: float | None = None,
        *,
        widget: bool | None = None,
        language: str = "en",
        **view: Any,
    ) -> Any:
        """Bars that move by themselves, at most once a second: the last expression of a cell of a notebook.

        Args:
            count: How many bars.
            seconds: How long they move; None: until `close`, or `stop` of the chart.
            widget: True: a Plotly FigureWidget, which is updated in place. False: a picture that is drawn again
                and again, for a notebook without widgets. None: the widget where its packages are installed.
            language: What its words are in: `en` or `es`.
            view: `ranking`, `source`, `lang` and `by`, as in `leaders`.

        Returns:
            The FigureWidget, or the picture. Both have `stop()`.

        Raises:
            StreamError: The stream does not answer, or this Python can't show a chart.

        """
        chosen, words = View(**view), words_of(language)
        chart = live_chart(self._feed(chosen), self.newest(chosen), count, seconds, self._monotonic, widget, words)
        with self._lock:
            self._charts = [one for one in self._charts if one.is_running][-MAX_CHARTS:]
            if len(self._charts) == MAX_CHARTS:
                self._charts.pop(0).stop()
            self._charts.append(chart)
        return chart.shown

    def close(self) -> None:
        """End all charts and live connections. The charts keep their last bars."""
        with self._lock:
            charts, self._charts = self._charts, []
        for chart in charts:
            chart.stop()
        for feed in list(self._feeds):
            feed.close()
        self._session.close()

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Stream({self._address!r})"

    def _feed(self, view: View) -> Feed:
        feed = Feed(self._address, view, self._make_session, self._jitter)
        self._feeds.add(feed)
        return feed

    def _past(self, view: View, at: datetime) -> Snapshot:
        if view.ranking != "window" or view.source is not None or view.lang is not None:
            raise StreamError(
                "Of the past, only the window of all posts is stored: leave out ranking, source and lang."
            )
        parameters = {"at_ms": fields.milliseconds(at), "by": view.request()["by"], "reserve": "true"}
        return parse_event(self._api.get("/api/windows", parameters))


def attach(
    address: str = "http://localhost:8000",
    *,
    wait_seconds: float = 20.0,
    session: requests.Session | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = random.random,
) -> Stream:
    """Find a running stream.

    Args:
        address: The address of its page.
        wait_seconds: How long to wait for the first numbers of a stream that has just started.
        session: Sends the requests; for a login or a proxy of your own.
        monotonic: A clock in seconds that is never set back.
        sleep: Waits for some seconds.
        jitter: Random numbers from 0 to 1.

    Raises:
        StreamError: Nothing answers there, it is no stream, or it has no numbers in that time.

    """
    address = clean_address(address)
    # A session is for one thread, unless the reader gives one for all.
    make = partial(new_session, address) if session is None else lambda given=session: given
    stream, deadline = Stream(address, make, monotonic, jitter), monotonic() + wait_seconds
    while True:
        try:
            stream.newest()
        except NotYetError:
            if monotonic() >= deadline:
                stream.close()
                raise
        except StreamError:
            stream.close()
            raise
        else:
            return stream
        sleep(LOOK_SECONDS)

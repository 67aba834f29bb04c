"""One connection to the stream of a Mastodon server: its posts, those missed before, and a look when none come."""

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from threading import Event
from typing import NamedTuple

from ingest.sources.base import Interrupted, NewPost, Repeated, Silent, SourceItem
from ingest.sources.common import background, unexpected
from ingest.sources.common.background import Background
from ingest.sources.common.json_line import FormatError
from ingest.sources.common.resume import RecentIds
from ingest.sources.mastodon import post as mastodon_post
from ingest.sources.mastodon import sse
from ingest.sources.mastodon.api import Answer, MastodonApi
from ingest.sources.mastodon.backfill import Backfill
from ingest.sources.mastodon.post import MastodonPost, order

#: A page of the timeline must be there by then, however slowly its bytes come.
PAGE_SECONDS = 30.0
#: How long the stream may be behind the timeline.
GRACE_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Context(NamedTuple):
    """What a connection gets from its source."""

    stop: Event
    wall_ms: Callable[[], int]
    monotonic_seconds: Callable[[], float]
    silence_seconds: float
    report_open: Callable[[], None]
    recent: RecentIds


class Follower:
    """Yields live posts, and between them the pages of the gap; the cursor stays in the gap until it is closed."""

    def __init__(
        self,
        api: MastodonApi,
        stream: Background[sse.Event],
        timeline: Mapping[str, str],
        cursor: str | None,
        *,
        away_until: float,
        context: Context,
    ) -> None:
        """`timeline` is what the timeline is asked with; the server wants to be left alone until `away_until`."""
        self._api = api
        self._stream = stream
        self._timeline = timeline
        self._cursor = self._newest = cursor
        #: Of the timeline when the stream was opened, if there was no cursor.
        self._shown: str | None = None
        self._gap: Backfill | None = None
        self._context = context
        self.away_until = away_until
        self._heard_at = self._posts_at = context.monotonic_seconds()
        self._streamed = self._suspected = False
        self._may_look = True

    def items(self) -> Iterator[SourceItem]:
        """Yield what comes, until we must stop.

        Raises:
            Interrupted: the stream broke off, or was silent.

        """
        while not self._context.stop.is_set():
            event = self._stream.get(background.POLL_SECONDS)
            if event is not None:
                yield from self._live(event)
            elif self._seconds_since(self._heard_at) >= self._context.silence_seconds:
                kind = Interrupted if self._gap is None or self._streamed else Silent
                raise kind(f"{self._api.host} was silent for {self._context.silence_seconds:g} s")
            if self._gap is None:
                continue
            if self._gap.due():
                yield from self._page(self._gap)
            elif self._gap.closed and self._seconds_since(self._posts_at) >= self._context.silence_seconds:
                yield from self._look()

    def _live(self, event: sse.Event) -> Iterator[SourceItem]:
        if self._gap is None:
            self._open()
        self._heard_at = self._context.monotonic_seconds()
        item = _read(event)
        if item is None:
            return
        if isinstance(item, MastodonPost):
            self._posts_at, self._streamed, self._suspected = self._heard_at, True, False
            self._newest = later(self._newest, item.id)
        closed = self._gap is not None and self._gap.closed
        yield self._found(item, self._newest if closed else self._cursor, from_stream=True)

    def _open(self) -> None:
        logger.info("mastodon: %s streams", self._api.host)
        self._context.report_open()
        self._gap = self._gap_after(self._cursor)
        if self._cursor is None:
            self._shown = self._gap.newest()

    def _gap_after(self, cursor: str | None) -> Backfill:
        def get(path: str, params: Mapping[str, str]) -> Answer | None:
            page = partial(self._api.page, path, {**params, **self._timeline})
            try:
                return background.call(page, self._context.stop, name="mastodon timeline", timeout_seconds=PAGE_SECONDS)
            except TimeoutError as error:
                raise Interrupted(f"{self._api.host} takes longer than {PAGE_SECONDS:g} s for a page") from error

        return Backfill(
            get,
            cursor,
            away_until=self.away_until,
            wall_ms=self._context.wall_ms,
            monotonic_seconds=self._context.monotonic_seconds,
        )

    def _page(self, gap: Backfill) -> Iterator[SourceItem]:
        for item in gap.next_page():
            if isinstance(item, MastodonPost):
                self._cursor = later(self._cursor, item.id)
            if isinstance(item, MastodonPost) and not gap.asked_for(item):
                yield Repeated(self._cursor)
            else:
                yield self._found(item, self._cursor, from_stream=False)
        self._newest = later(self._newest, self._cursor)
        self.away_until = gap.away_until

    def _look(self) -> Iterator[SourceItem]:
        """Ask the timeline whether there were posts while the stream brought none, and if so for those.

        Raises:
            Silent: there were.

        """
        after = later(self._newest, self._shown)
        gap = self._gap_after(after)
        if after is None:
            self._shown = gap.newest()
        if after is None or not self._may_look or not gap.due():
            self._posts_at = self._context.monotonic_seconds()
            return
        missed = self._missed(gap, after)
        self.away_until = gap.away_until
        if missed and self._suspected:
            for item in missed:
                self._cursor = self._newest = later(self._newest, item.id)
                yield self._found(item, self._cursor, from_stream=False)
            while gap.due() and not self._context.stop.is_set():
                yield from self._page(gap)
            raise Silent(f"{self._api.host} streams no posts, though its timeline has new ones")
        self._suspected = bool(missed)
        wait = min(GRACE_SECONDS, self._context.silence_seconds) if missed else self._context.silence_seconds
        self._posts_at = self._context.monotonic_seconds() - self._context.silence_seconds + wait

    def _missed(self, gap: Backfill, after: str) -> list[MastodonPost]:
        """Return the posts of the timeline that are newer than this one, and that did not come."""
        page = gap.next_page()
        if gap.refused:
            self._may_look = False
        posts = [item for item in page if isinstance(item, MastodonPost)]
        return [post for post in posts if order(post.id) > order(after) and post.post.id not in self._context.recent]

    def _found(self, item: MastodonPost | FormatError, cursor: str | None, *, from_stream: bool) -> SourceItem:
        if not isinstance(item, MastodonPost):
            return unexpected.malformed(item, cursor)
        if not self._context.recent.add(item.post.id):
            return Repeated(cursor)
        return NewPost(item.post, cursor, from_stream=from_stream)

    def _seconds_since(self, at: float) -> float:
        return self._context.monotonic_seconds() - at


def _read(event: sse.Event) -> MastodonPost | FormatError | None:
    """Return the post of an event; None if it is none of a new one."""
    if event.data is None:
        return FormatError("longer than 1 MiB")
    return unexpected.read(mastodon_post.read, event.data) if event.type == "update" else None


def later(one: str | None, other: str | None) -> str | None:
    """Return the later of two ids."""
    return max((each for each in (one, other) if each is not None), key=order, default=None)

"""One connection to the stream of a Mastodon server: live posts, missed posts, and a check when no posts come."""

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from threading import Event
from typing import NamedTuple

from ingest.sources.base import ChangedPost, Interrupted, NewPost, Repeated, Silent, SourceItem
from ingest.sources.common import background, unexpected
from ingest.sources.common.background import Background
from ingest.sources.common.json_line import FormatError
from ingest.sources.common.resume import RecentIds
from ingest.sources.mastodon import post as mastodon_post
from ingest.sources.mastodon import sse
from ingest.sources.mastodon.api import MastodonApi, Response
from ingest.sources.mastodon.backfill import Backfill
from ingest.sources.mastodon.post import MastodonPost, order

#: A page of the timeline must be complete within this time, however slowly its bytes come.
PAGE_SECONDS = 30.0
#: A post of the timeline may come this much later in the stream.
GRACE_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Context(NamedTuple):
    """What a connection needs from its source."""

    stop: Event
    wall_ms: Callable[[], int]
    monotonic_seconds: Callable[[], float]
    silence_seconds: float
    report_open: Callable[[], None]
    recent: RecentIds


class Follower:
    """Yields live posts, and between them missed posts; the cursor stays at the missed posts until all were fetched."""

    def __init__(
        self,
        api: MastodonApi,
        stream: Background[sse.Event],
        timeline: Mapping[str, str],
        cursor: str | None,
        *,
        retry_at_seconds: float,
        context: Context,
    ) -> None:
        """Create the follower; `items` yields.

        Args:
            api: Client of the server.
            stream: The events of the stream.
            timeline: Parameters of the timeline that has the same posts as the stream.
            cursor: Id of the last post; None if there is none.
            retry_at_seconds: The timeline must not be requested before this time of the monotonic clock.
            context: What all connections of the source share.

        """
        self._api = api
        self._stream = stream
        self._timeline = timeline
        self._cursor = self._newest = cursor
        #: Newest post of the timeline when the stream was opened without a cursor.
        self._newest_at_open: str | None = None
        self._backfill: Backfill | None = None
        self._context = context
        self.retry_at_seconds = retry_at_seconds
        self._received_at = self._last_post_at = context.monotonic_seconds()
        self._streamed = self._suspected = False
        self._may_check = True

    def items(self) -> Iterator[SourceItem]:
        """Yield the items until we must stop.

        Raises:
            Interrupted: The stream ended or was silent.

        """
        while not self._context.stop.is_set():
            event = self._stream.get(background.POLL_SECONDS)
            if event is not None:
                yield from self._live(event)
            elif self._seconds_since(self._received_at) >= self._context.silence_seconds:
                kind = Interrupted if self._backfill is None or self._streamed else Silent
                raise kind(f"{self._api.host} was silent for {self._context.silence_seconds:g} s")
            if self._backfill is None:
                continue
            if self._backfill.is_due():
                yield from self._page(self._backfill)
            elif self._backfill.complete and self._seconds_since(self._last_post_at) >= self._context.silence_seconds:
                yield from self._check_timeline()

    def _live(self, event: sse.Event) -> Iterator[SourceItem]:
        if self._backfill is None:
            self._open()
        self._received_at = self._context.monotonic_seconds()
        item = self._read(event)
        if item is None:
            return
        if isinstance(item, MastodonPost):
            self._last_post_at, self._streamed, self._suspected = self._received_at, True, False
            self._newest = later_id(self._newest, item.id)
        complete = self._backfill is not None and self._backfill.complete
        cursor = self._newest if complete else self._cursor
        if isinstance(item, ChangedPost):
            item.cursor = cursor
            yield item
        else:
            yield self._item(item, cursor, from_stream=True)

    def _open(self) -> None:
        logger.info("mastodon: %s streams", self._api.host)
        self._context.report_open()
        self._backfill = self._backfill_after(self._cursor)
        if self._cursor is None:
            self._newest_at_open = self._backfill.newest()

    def _backfill_after(self, cursor: str | None) -> Backfill:
        def get(path: str, params: Mapping[str, str]) -> Response | None:
            page = partial(self._api.page, path, {**params, **self._timeline})
            try:
                return background.call(page, self._context.stop, name="mastodon timeline", timeout_seconds=PAGE_SECONDS)
            except TimeoutError as error:
                raise Interrupted(f"{self._api.host} takes longer than {PAGE_SECONDS:g} s for a page") from error

        return Backfill(
            get,
            cursor,
            retry_at_seconds=self.retry_at_seconds,
            wall_ms=self._context.wall_ms,
            monotonic_seconds=self._context.monotonic_seconds,
        )

    def _page(self, backfill: Backfill) -> Iterator[SourceItem]:
        for item in backfill.next_page():
            if isinstance(item, MastodonPost):
                self._cursor = later_id(self._cursor, item.id)
            if isinstance(item, MastodonPost) and not backfill.was_requested(item):
                yield Repeated(self._cursor)
            else:
                yield self._item(item, self._cursor, from_stream=False)
        self._newest = later_id(self._newest, self._cursor)
        self.retry_at_seconds = backfill.retry_at_seconds

    def _check_timeline(self) -> Iterator[SourceItem]:
        """Check whether the timeline has new posts while the stream brings none; if so (twice), yield them.

        Raises:
            Silent: The timeline has new posts.

        """
        after = later_id(self._newest, self._newest_at_open)
        backfill = self._backfill_after(after)
        if after is None:
            self._newest_at_open = backfill.newest()
        if after is None or not self._may_check or not backfill.is_due():
            self._last_post_at = self._context.monotonic_seconds()
            return
        missed = self._missed(backfill, after)
        self.retry_at_seconds = backfill.retry_at_seconds
        if missed and self._suspected:
            for item in missed:
                self._cursor = self._newest = later_id(self._newest, item.id)
                yield self._item(item, self._cursor, from_stream=False)
            while backfill.is_due() and not self._context.stop.is_set():
                yield from self._page(backfill)
            raise Silent(f"{self._api.host} streams no posts, though its timeline has new ones")
        self._suspected = bool(missed)
        wait = min(GRACE_SECONDS, self._context.silence_seconds) if missed else self._context.silence_seconds
        self._last_post_at = self._context.monotonic_seconds() - self._context.silence_seconds + wait

    def _missed(self, backfill: Backfill, after: str) -> list[MastodonPost]:
        """Return the posts of the timeline that are newer than `after` and did not come in the stream."""
        page = backfill.next_page()
        if backfill.refused:
            self._may_check = False
        posts = [item for item in page if isinstance(item, MastodonPost)]
        return [post for post in posts if order(post.id) > order(after) and post.post.id not in self._context.recent]

    def _item(self, item: MastodonPost | FormatError, cursor: str | None, *, from_stream: bool) -> SourceItem:
        if not isinstance(item, MastodonPost):
            return unexpected.malformed(item, cursor)
        # An event about a deletion names the status only by its id at this server.
        item.post.alias = self._alias(item.id)
        if not self._context.recent.add(item.post.id):
            return Repeated(cursor)
        return NewPost(item.post, cursor, from_stream=from_stream)

    def _read(self, event: sse.Event) -> MastodonPost | ChangedPost | FormatError | None:
        """Return the post or the change of an event; None if the event is about something else."""
        if event.data is None:
            return FormatError("longer than 1 MiB")
        if event.type == "delete":
            return ChangedPost("deleted", self._alias(event.data.decode(errors="replace").strip()))
        if event.type not in {"update", "status.update"}:
            return None
        found = unexpected.read(mastodon_post.read, event.data)
        if isinstance(found, MastodonPost) and event.type == "status.update":
            return ChangedPost("edited", found.post.id, found.post.text)
        return found

    def _alias(self, status_id: str) -> str:
        return f"mastodon:{self._api.host}/{status_id}"

    def _seconds_since(self, at: float) -> float:
        return self._context.monotonic_seconds() - at


def later_id(one: str | None, other: str | None) -> str | None:
    """Return the later of two ids."""
    return max((each for each in (one, other) if each is not None), key=order, default=None)

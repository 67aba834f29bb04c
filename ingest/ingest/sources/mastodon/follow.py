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
from ingest.sources.mastodon.fetch import Fetch, Page
from ingest.sources.mastodon.post import MastodonPost, order

#: A page of the timeline must be complete within this time, however slowly its bytes come.
PAGE_SECONDS = 30.0
#: A post of the timeline may come this much later in the stream.
GRACE_SECONDS = 10.0
#: How often it is looked whether a page is there, while the stream brings nothing.
FETCHING_POLL_SECONDS = 0.02
#: Events that may wait between the reading thread and the source.
QUEUED_EVENTS = 256

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
        #: Whether all missed posts were yielded.
        self._complete = False
        #: Whether the stream ends with the last page, because it brings no posts.
        self._gives_up = False
        self._fetch: Fetch | None = None
        #: Changes that came while a page was fetched, which may have a post as it was before.
        self._changed: dict[str, ChangedPost] = {}

    def items(self) -> Iterator[SourceItem]:
        """Yield the items until we must stop. An event of the stream never waits for the timeline.

        Raises:
            Interrupted: The stream ended or was silent.

        """
        try:
            yield from self._follow()
        except Exception:
            # The page that is on its way counts, and so does what its response says about the next request.
            while self._fetch is not None and not self._context.stop.is_set():
                yield from self._fetched(background.POLL_SECONDS)
            raise
        finally:
            if self._fetch is not None:
                self._fetch.abandon()

    def _follow(self) -> Iterator[SourceItem]:
        while not self._context.stop.is_set():
            event = self._stream.get(background.POLL_SECONDS if self._fetch is None else FETCHING_POLL_SECONDS)
            if event is not None:
                yield from self._live(event)
            elif self._seconds_since(self._received_at) >= self._context.silence_seconds:
                kind = Interrupted if self._backfill is None or self._streamed else Silent
                raise kind(f"{self._api.host} was silent for {self._context.silence_seconds:g} s")
            yield from self._fetched(0)
            if self._backfill is None or self._fetch is not None:
                continue
            if self._backfill.is_due():
                self._begin_page(self._backfill)
            elif self._gives_up:
                yield from self._give_up()
            elif self._complete and self._seconds_since(self._last_post_at) >= self._context.silence_seconds:
                self._begin_check()

    def _live(self, event: sse.Event) -> Iterator[SourceItem]:
        if self._backfill is None:
            self._open()
        self._received_at = self._context.monotonic_seconds()
        item = self._read(event)
        if item is None:
            return
        if isinstance(item, MastodonPost):
            self._last_post_at, self._streamed, self._suspected = self._received_at, True, False
            self._gives_up = False
            self._newest = later_id(self._newest, item.id)
        cursor = self._newest if self._complete else self._cursor
        if isinstance(item, ChangedPost):
            item.cursor = cursor
            if self._fetch is not None:
                self._changed[item.id] = item
            yield item
        else:
            yield self._item(item, cursor, from_stream=True)

    def _open(self) -> None:
        logger.info("mastodon: %s streams", self._api.host)
        self._context.report_open()
        self._backfill = self._backfill_after(self._cursor)
        self._complete = self._backfill.complete
        if self._cursor is None:
            self._fetch = Fetch(self._backfill.newest, self._note_newest)

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

    def _fetched(self, wait_seconds: float) -> Iterator[SourceItem]:
        """Use what was fetched, as soon as it is there."""
        fetch = self._fetch
        if fetch is None or not fetch.is_done(wait_seconds):
            return
        self._fetch = None
        yield from fetch.items()
        self._changed.clear()

    def _begin_page(self, backfill: Backfill) -> None:
        self._fetch = Fetch(backfill.next_page, partial(self._page, backfill))

    def _page(self, backfill: Backfill, page: Page) -> Iterator[SourceItem]:
        for item in page:
            if isinstance(item, MastodonPost):
                self._cursor = later_id(self._cursor, item.id)
            if isinstance(item, MastodonPost) and not backfill.was_requested(item):
                yield Repeated(self._cursor)
            else:
                yield from self._missed_item(item)
        self._newest = later_id(self._newest, self._cursor)
        self._complete = backfill.complete
        self.retry_at_seconds = backfill.retry_at_seconds

    def _missed_item(self, item: MastodonPost | FormatError) -> Iterator[SourceItem]:
        """Yield an item of a page, and again its change: the page may have been made before it."""
        yield self._item(item, self._cursor, from_stream=False)
        if isinstance(item, MastodonPost):
            for name in (self._alias(item.id), item.post.id):
                if (change := self._changed.get(name)) is not None:
                    yield ChangedPost(change.kind, change.id, change.text, self._cursor)

    def _note_newest(self, newest: str | None) -> Iterator[SourceItem]:
        self._newest_at_open = newest
        self._last_post_at = self._context.monotonic_seconds()
        return iter(())

    def _begin_check(self) -> None:
        """Compare the timeline with the stream, because the stream brings no posts."""
        after = later_id(self._newest, self._newest_at_open)
        backfill = self._backfill_after(after)
        if after is None:
            self._fetch = Fetch(backfill.newest, self._note_newest)
        elif self._may_check and backfill.is_due():
            self._fetch = Fetch(backfill.next_page, partial(self._checked, backfill, after, self._last_post_at))
        else:
            self._last_post_at = self._context.monotonic_seconds()

    def _checked(self, backfill: Backfill, after: str, began_at: float, page: Page) -> Iterator[SourceItem]:
        """Decide whether the timeline has new posts while the stream brings none; if so (twice), yield them."""
        self._may_check = not backfill.refused
        self.retry_at_seconds = backfill.retry_at_seconds
        if self._last_post_at != began_at:
            # The stream has brought a post meanwhile.
            return
        missed = self._missed(page, after)
        if missed and self._suspected:
            for item in missed:
                self._cursor = self._newest = later_id(self._newest, item.id)
                yield from self._missed_item(item)
            self._backfill, self._complete, self._gives_up = backfill, backfill.complete, True
            return
        self._suspected = bool(missed)
        wait = min(GRACE_SECONDS, self._context.silence_seconds) if missed else self._context.silence_seconds
        self._last_post_at = self._context.monotonic_seconds() - self._context.silence_seconds + wait

    def _missed(self, page: Page, after: str) -> list[MastodonPost]:
        """Return the posts of the timeline that are newer than `after` and did not come in the stream."""
        posts = [item for item in page if isinstance(item, MastodonPost)]
        return [post for post in posts if order(post.id) > order(after) and post.post.id not in self._context.recent]

    def _give_up(self) -> Iterator[SourceItem]:
        """End the stream, after the events that it has brought by now: no other one has these deletions.

        Raises:
            Silent: None of them is a post.

        """
        for _ in range(QUEUED_EVENTS):
            event = self._stream.get(0)
            if event is None:
                break
            yield from self._live(event)
        if self._gives_up:
            raise Silent(f"{self._api.host} streams no posts, though its timeline has new ones")

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

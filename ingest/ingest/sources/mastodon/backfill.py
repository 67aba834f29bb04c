"""Backfill: fetch the posts that the stream missed, from the public timeline of the Mastodon server."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

import msgspec

from ingest.sources.base import Interrupted
from ingest.sources.common import json_line, rate_limit, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.mastodon import post as mastodon_post
from ingest.sources.mastodon.api import Response
from ingest.sources.mastodon.post import MastodonPost, order

PATH = "/api/v1/timelines/public"
#: Most posts of one page.
PAGE_POSTS = 40
#: The timeline is read from this long before the last post, because a late post is sorted by when it was written.
REWIND_SECONDS = 15
#: Pauses after a failed page, doubled from the first to the last.
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 1.0, 60.0

#: An id with at least this many digits is milliseconds since 1970, shifted by these bits (Mastodon::Snowflake).
_SNOWFLAKE_BITS, _SNOWFLAKE_DIGITS = 16, 17

_page = msgspec.json.Decoder(list[msgspec.Raw])
logger = logging.getLogger(__name__)

GetPage = Callable[[str, Mapping[str, str]], Response | None]


class Backfill:
    """Fetches the posts between the last post and the newest one when the stream was opened (it brings later posts).

    Posts are fetched oldest first, one page at a time, so that live posts can be yielded in between.
    """

    def __init__(
        self,
        get: GetPage,
        after: str | None,
        *,
        retry_at_seconds: float,
        wall_ms: Callable[[], int],
        monotonic_seconds: Callable[[], float],
    ) -> None:
        """Create the backfill; `next_page` fetches.

        Args:
            get: Returns the response to a GET, None if we must stop, or raises Interrupted.
            after: Id of the last post; None: there is nothing to fetch.
            retry_at_seconds: The server must not be contacted before this time of the monotonic clock.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            monotonic_seconds: Monotonic clock.

        """
        self._get = get
        self._start = self._after = _rewind(after or "")
        self._until: str | None = None
        self._wall_ms = wall_ms
        self._monotonic_seconds = monotonic_seconds
        self._failures = 0
        self._due_at_seconds = self.retry_at_seconds = retry_at_seconds
        #: Whether all posts were fetched.
        self.complete = after is None
        #: Whether the server does not show us the timeline.
        self.refused = False

    def newest(self) -> str | None:
        """Return the id of the newest post of the timeline, "0" if it has none; None if the request failed."""
        newest = self._statuses({"limit": "1"})
        return None if newest is None else _greatest(newest) or "0"

    def was_requested(self, post: MastodonPost) -> bool:
        """Return whether a post is behind the requested id; a server that ignores `min_id` sends others, too."""
        return order(post.id) > order(self._start)

    def is_due(self) -> bool:
        """Return whether the next page may be requested now."""
        return not self.complete and self._monotonic_seconds() >= self._due_at_seconds

    def next_page(self) -> list[MastodonPost | FormatError]:
        """Return the posts of the next page, oldest first; [] if the request failed and will be repeated."""
        if self._until is None:
            newest = self._statuses({"limit": "1"})
            if newest is None:
                return []
            self._until = _greatest(newest) or self._after
        page = self._statuses({"limit": str(PAGE_POSTS), "min_id": self._after})
        if page is None:
            return []
        greatest = _greatest(page) or self._after
        # If the ids do not grow, the server ignores `min_id`.
        self.complete = not order(self._after) < order(greatest) < order(self._until)
        self._after = greatest
        return sorted(page, key=_sort_key)

    def _statuses(self, params: Mapping[str, str]) -> list[MastodonPost | FormatError] | None:
        """Return the statuses of a page; None if the request failed."""
        try:
            response = self._get(PATH, params)
            if response is None:
                return None
            if response.status == HTTPStatus.OK:
                statuses = [_read(bytes(raw)) for raw in json_line.decode(response.body, _page)]
                self._note_success(response)
                return [status for status in statuses if status is not None]
        except (Interrupted, FormatError) as error:
            self._postpone(str(error))
        else:
            self._handle_failure(response)
        return None

    def _note_success(self, response: Response) -> None:
        self._failures = 0
        if response.headers.get("X-RateLimit-Remaining") == "0":
            self._respect_rate_limit(response)

    def _handle_failure(self, response: Response) -> None:
        """Retry later after a temporary failure. After another one, stop fetching; the stream continues."""
        if response.status == HTTPStatus.TOO_MANY_REQUESTS or response.status >= 500:
            self._postpone(f"the server answers {response.status}")
            self._respect_rate_limit(response)
            return
        self.complete = self.refused = True
        logger.warning("mastodon: missed posts can't be fetched: the server answers %d", response.status)

    def _respect_rate_limit(self, response: Response) -> None:
        """Wait as long as the headers of the response request it."""
        self.retry_at_seconds = self._monotonic_seconds() + rate_limit.wait_seconds(response.headers, self._wall_ms())
        self._due_at_seconds = max(self._due_at_seconds, self.retry_at_seconds)

    def _postpone(self, sentence: str) -> None:
        pause = min(LAST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**self._failures)
        self._failures += 1
        self._due_at_seconds = self._monotonic_seconds() + pause
        logger.warning("mastodon: missed posts can't be fetched now: %s", sentence)


def _read(raw: bytes) -> MastodonPost | FormatError | None:
    return unexpected.read(mastodon_post.read, raw)


def _sort_key(item: MastodonPost | FormatError) -> tuple[int, str]:
    return order(item.id) if isinstance(item, MastodonPost) else (0, "")


def _greatest(page: list[MastodonPost | FormatError]) -> str | None:
    return max((item.id for item in page if isinstance(item, MastodonPost)), key=order, default=None)


def _rewind(status_id: str) -> str:
    """Return the id REWIND_SECONDS earlier. Ids of other servers than Mastodon have no time and stay as they are."""
    if not status_id.isdecimal() or len(status_id) < _SNOWFLAKE_DIGITS:
        return status_id
    return str(int(status_id) - (REWIND_SECONDS * 1000 << _SNOWFLAKE_BITS))

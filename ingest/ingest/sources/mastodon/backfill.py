"""The posts that a stream of a Mastodon server missed, from its public timeline."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

import msgspec

from ingest.sources.base import Interrupted
from ingest.sources.common import json_line, rate_limit, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.mastodon import post as mastodon_post
from ingest.sources.mastodon.api import Answer
from ingest.sources.mastodon.post import MastodonPost, order

PATH = "/api/v1/timelines/public"
PAGE_POSTS = 40
#: How far before the last post the timeline is read: one that came late has its place by when it was written.
REWIND_SECONDS = 15
#: Pauses after a page that failed, doubled from the first to the last.
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 1.0, 60.0

#: An id is milliseconds since 1970, shifted by so many bits, from this many digits on (Mastodon::Snowflake).
_SNOWFLAKE_BITS, _SNOWFLAKE_DIGITS = 16, 17

_page = msgspec.json.Decoder(list[msgspec.Raw])
logger = logging.getLogger(__name__)

GetPage = Callable[[str, Mapping[str, str]], Answer | None]


class Backfill:
    """What lies between a post and the newest one of the timeline when the stream was open: later ones are in it.

    It is read oldest first, a page at a time, so that live posts can be taken in between.
    """

    def __init__(
        self,
        get: GetPage,
        after: str | None,
        *,
        away_until: float,
        wall_ms: Callable[[], int],
        monotonic_seconds: Callable[[], float],
    ) -> None:
        """`get` returns what the server answers, None if we must stop, or raises Interrupted. None before: no gap.

        The server wants to be left alone until `away_until`, of the monotonic clock.
        """
        self._get = get
        self._start = self._after = _rewound(after or "")
        self._until: str | None = None
        self._wall_ms = wall_ms
        self._monotonic_seconds = monotonic_seconds
        self._failures = 0
        self._due_at = self.away_until = away_until
        self.closed = after is None
        #: Whether the timeline is not for us.
        self.refused = False

    def newest(self) -> str | None:
        """Return the id of the newest post of the timeline, "0" if it has none; None if it doesn't answer."""
        newest = self._statuses({"limit": "1"})
        return None if newest is None else _greatest(newest) or "0"

    def asked_for(self, post: MastodonPost) -> bool:
        """Say whether a post is behind the place that we asked for; a server that ignores `min_id` gives others."""
        return order(post.id) > order(self._start)

    def due(self) -> bool:
        """Say whether the next page may be asked for."""
        return not self.closed and self._monotonic_seconds() >= self._due_at

    def next_page(self) -> list[MastodonPost | FormatError]:
        """Return the posts of the next page, oldest first; none when it failed, and will be asked for again."""
        if self._until is None:
            newest = self._statuses({"limit": "1"})
            if newest is None:
                return []
            self._until = _greatest(newest) or self._after
        page = self._statuses({"limit": str(PAGE_POSTS), "min_id": self._after})
        if page is None:
            return []
        greatest = _greatest(page) or self._after
        # A server that stands still, or goes back, doesn't know `min_id`.
        self.closed = not order(self._after) < order(greatest) < order(self._until)
        self._after = greatest
        return sorted(page, key=_place)

    def _statuses(self, params: Mapping[str, str]) -> list[MastodonPost | FormatError] | None:
        """Return what a page has; None if it is to be asked for again, or not at all."""
        try:
            answer = self._get(PATH, params)
            if answer is None:
                return None
            if answer.status == HTTPStatus.OK:
                statuses = [_read(bytes(raw)) for raw in json_line.decode(answer.body, _page)]
                self._keep_rate(answer)
                return [status for status in statuses if status is not None]
        except (Interrupted, FormatError) as error:
            self._postpone(str(error))
        else:
            self._give_way(answer)
        return None

    def _keep_rate(self, answer: Answer) -> None:
        self._failures = 0
        if answer.headers.get("X-RateLimit-Remaining") == "0":
            self._heed(answer)

    def _give_way(self, answer: Answer) -> None:
        """Come back when the server may answer; a timeline that is not for us is left alone, as the stream goes on."""
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= 500:
            self._postpone(f"the server answers {answer.status}")
            self._heed(answer)
            return
        self.closed = self.refused = True
        logger.warning("mastodon: what was missed can't be fetched: the server answers %d", answer.status)

    def _heed(self, answer: Answer) -> None:
        """Stay away for as long as the server wants it, if it does."""
        self.away_until = self._monotonic_seconds() + rate_limit.wait_seconds(answer.headers, self._wall_ms())
        self._due_at = max(self._due_at, self.away_until)

    def _postpone(self, sentence: str) -> None:
        pause = min(LAST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**self._failures)
        self._failures += 1
        self._due_at = self._monotonic_seconds() + pause
        logger.warning("mastodon: what was missed can't be fetched yet: %s", sentence)


def _read(raw: bytes) -> MastodonPost | FormatError | None:
    return unexpected.read(mastodon_post.read, raw)


def _place(item: MastodonPost | FormatError) -> tuple[int, str]:
    return order(item.id) if isinstance(item, MastodonPost) else (0, "")


def _greatest(page: list[MastodonPost | FormatError]) -> str | None:
    return max((item.id for item in page if isinstance(item, MastodonPost)), key=order, default=None)


def _rewound(status_id: str) -> str:
    """Return an id of some seconds before; other servers than Mastodon have ids of other kinds, and no seconds."""
    if not status_id.isdecimal() or len(status_id) < _SNOWFLAKE_DIGITS:
        return status_id
    return str(int(status_id) - (REWIND_SECONDS * 1000 << _SNOWFLAKE_BITS))

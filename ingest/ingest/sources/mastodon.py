"""The source `mastodon`: the public timeline of a Mastodon server, as it streams and as it pages."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from threading import Event
from typing import ClassVar
from urllib.parse import urlsplit

from ingest.sources import background, mastodon_post, sse, unexpected
from ingest.sources.background import Background
from ingest.sources.base import Interrupted, Item, Malformed, Sighting, Source
from ingest.sources.json_line import FormatError
from ingest.sources.mastodon_api import Answer, MastodonApi
from ingest.sources.mastodon_gap import Gap
from ingest.sources.mastodon_post import MastodonPost, order

#: A server that has nothing to say sends a comment every 15 s.
SILENCE_SECONDS = 45.0

#: Events that may wait to be taken.
_AHEAD = 256

_log = logging.getLogger(__name__)


class Mastodon(Source):
    """Yields the public posts that a server knows of, as they arrive, and after a gap those that it missed.

    The cursor is the id of the newest post before which none is missing. Edits and deletions are no new posts.
    """

    name: ClassVar[str] = "mastodon"

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        now_ms: Callable[[], int],
        monotonic: Callable[[], float],
        stop: Event,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        """`url` is the server's address, `token` that of one of its users; servers since 4.2 stream to no one else.

        A stream that is silent for `silence_seconds` is given up.

        Raises:
            ValueError: `url` is no address of a server, or has a password in it.

        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError("the address of a Mastodon server looks like https://mastodon.example")
        self._url = url.rstrip("/")
        self._server = f"{parts.scheme}://{parts.netloc}"
        self._token = token
        self._now_ms = now_ms
        self._monotonic = monotonic
        self._stop = stop
        self._silence_seconds = silence_seconds
        self._away_until = monotonic()

    @property
    def identity(self) -> str | None:
        """The server: ids are its own."""
        return f"mastodon {self._url}"

    def facts(self) -> Mapping[str, str | int | float]:
        """Return the server's address, for links to its pages; see Source."""
        return {"server": self._server}

    def posts(self, cursor: str | None) -> Iterator[Item]:
        """Yield what comes from now on, and all from `cursor` to now; see Source."""
        api = MastodonApi(self._url, self._token, now_ms=self._now_ms, silence_seconds=self._silence_seconds)
        with closing(api):
            url = background.call(api.streaming_url, self._stop, name="mastodon instance")
            if url is None:
                return
            listen = partial(api.events, url, known=cursor is not None)
            stream = Background(listen, name="mastodon stream", ahead=_AHEAD)
            try:
                yield from self._follow(api, stream, cursor)
            finally:
                stream.leave()

    def _follow(self, api: MastodonApi, stream: Background[sse.Event], cursor: str | None) -> Iterator[Item]:
        """Yield live posts, and between them the pages of the gap; the cursor stays in the gap until it is closed."""
        newest = cursor
        gap: Gap | None = None
        heard_at = self._monotonic()
        while not self._stop.is_set():
            event = stream.take(background.POLL_SECONDS)
            if event is not None:
                if gap is None:
                    gap = self._gap(api, cursor)
                heard_at = self._monotonic()
                item = _read(event)
                if isinstance(item, MastodonPost):
                    newest = _later(newest, item.id)
                if item is not None:
                    yield _found(item, newest if gap.closed else cursor)
            elif self._monotonic() - heard_at >= self._silence_seconds:
                raise Interrupted(f"{api.host} was silent for {self._silence_seconds:g} s")
            if gap is not None and gap.due():
                for item in gap.next_page():
                    if isinstance(item, MastodonPost):
                        cursor = _later(cursor, item.id)
                    yield _found(item, cursor)
                newest = _later(newest, cursor)
                self._away_until = gap.away_until

    def _gap(self, api: MastodonApi, cursor: str | None) -> Gap:
        _log.info("mastodon: %s streams", api.host)

        def get(path: str, params: Mapping[str, str]) -> Answer | None:
            return background.call(partial(api.page, path, params), self._stop, name="mastodon timeline")

        return Gap(get, cursor, away_until=self._away_until, now_ms=self._now_ms, monotonic=self._monotonic)


def _read(event: sse.Event) -> MastodonPost | FormatError | None:
    """Return the post of an event; None if it is none of a new one."""
    if event.data is None:
        return FormatError("longer than 1 MiB")
    if event.type != "update":
        return None
    return unexpected.read(mastodon_post.read, event.data)


def _found(item: MastodonPost | FormatError, cursor: str | None) -> Sighting | Malformed:
    return Sighting(item.post, cursor) if isinstance(item, MastodonPost) else unexpected.malformed(item, cursor)


def _later(one: str | None, other: str | None) -> str | None:
    return max((each for each in (one, other) if each is not None), key=order, default=None)

"""The source `mastodon`: the public timeline of a Mastodon server, by its stream and its pages."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlsplit

from ingest.sources.base import Interrupted, Source, SourceContext, SourceItem
from ingest.sources.common import background
from ingest.sources.common.background import Background
from ingest.sources.common.resume import RecentIds
from ingest.sources.mastodon import follow as mastodon_follow
from ingest.sources.mastodon.api import MastodonApi
from ingest.sources.mastodon.follow import Context, Follower
from ingest.sources.mastodon.instance import LiveFeed, Stream

if TYPE_CHECKING:
    from ingest.settings import Settings

#: A stream without a byte for this long is given up. A server without posts sends a comment every 15 s.
SILENCE_SECONDS = 45.0


class Mastodon(Source):
    """Yields the public posts that a server knows, as they arrive, and after an interruption the missed posts.

    The cursor is the id of the newest post before which no post is missing. Edits and deletions are not new posts.
    """

    name: ClassVar[str] = "mastodon"
    has_aliases: ClassVar[bool] = True

    @classmethod
    def from_settings(cls, settings: "Settings", context: SourceContext) -> Self:
        """Return a new source for the server `MASTODON_URL`."""
        return cls(
            settings.mastodon_url,
            settings.mastodon_token(),
            wall_ms=context.wall_ms,
            monotonic_seconds=context.monotonic_seconds,
            stop=context.stop,
        )

    @classmethod
    def check_settings(cls, settings: "Settings") -> None:
        """Check the server's address and the token, if there is one.

        Raises:
            ValueError: There is no address, or the token can't be read.

        """
        settings.mastodon_token()
        if not settings.mastodon_url:
            raise ValueError("MASTODON_URL must be set to the address of your server for SOURCE=mastodon")

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        wall_ms: Callable[[], int],
        monotonic_seconds: Callable[[], float],
        stop: Event,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        """Create the source; `posts` connects.

        Args:
            url: Address of the server.
            token: Access token of one of its users; servers since version 4.2 stream to nobody else.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            monotonic_seconds: Monotonic clock.
            stop: Ends the source.
            silence_seconds: A stream without a byte for this long is given up; a stream without a post for this long
                is compared with the timeline.

        Raises:
            ValueError: `url` is not the address of a server, or contains a password.

        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError("the address of a Mastodon server looks like https://mastodon.example")
        self._url = url.rstrip("/")
        self._server = f"{parts.scheme}://{parts.netloc}"
        self._token = token
        self._wall_ms = wall_ms
        self._stop = stop
        self._silence_seconds = silence_seconds
        self._context = Context(stop, wall_ms, monotonic_seconds, silence_seconds, self.report_open, RecentIds())
        self._retry_at_seconds = monotonic_seconds()
        self._closed_feed: LiveFeed | None = None

    @property
    def identity(self) -> str | None:
        """The server: each server has its own ids."""
        return f"mastodon {self._url}"

    def facts(self) -> Mapping[str, str | int | float]:
        """Return the server's address, for links to its pages, and the feed that it does not show; see Source."""
        closed = {"closed_feed": self._closed_feed} if self._closed_feed else {}
        return {"server": self._server, **closed}

    def posts(self, cursor: str | None) -> Iterator[SourceItem]:
        """Yield the posts from now on, and those from `cursor` to now; see Source."""
        api = MastodonApi(self._url, self._token, wall_ms=self._wall_ms, silence_seconds=self._silence_seconds)
        with closing(api):
            found = self._find(api)
            if found is None:
                return
            url, stream = found
            self._closed_feed = stream.closed
            listen = partial(api.events, url, known=cursor is not None)
            events = Background(listen, name="mastodon stream", ahead=mastodon_follow.QUEUED_EVENTS)
            follower = Follower(
                api, events, stream.timeline, cursor, retry_at_seconds=self._retry_at_seconds, context=self._context
            )
            try:
                yield from follower.items()
            finally:
                self._retry_at_seconds = follower.retry_at_seconds
                events.abandon()

    def _find(self, api: MastodonApi) -> tuple[str, Stream] | None:
        """Find the stream of the server; return None if we must stop."""
        try:
            return background.call(
                api.stream, self._stop, name="mastodon instance", timeout_seconds=mastodon_follow.PAGE_SECONDS
            )
        except TimeoutError as error:
            raise Interrupted(f"{api.host} takes too long to describe itself") from error

"""A request to the timeline in a thread of its own, so that the events of the stream don't wait for it."""

from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from ingest.sources.base import SourceItem
from ingest.sources.common.background import Background
from ingest.sources.common.json_line import FormatError
from ingest.sources.mastodon.post import MastodonPost

Page = list[MastodonPost | FormatError]

_T = TypeVar("_T")


class Fetch:
    """A request that was begun."""

    def __init__(self, request: Callable[[], _T], use: Callable[[_T], Iterator[SourceItem]]) -> None:
        """Begin it.

        Args:
            request: Requests, and waits for the response.
            use: Is called with the response, in the thread that takes the items, and returns the items.

        """

        def found() -> Generator[Callable[[], Iterator[SourceItem]], None, None]:
            response = request()
            yield lambda: use(response)

        self._background = Background(found, name="mastodon pages")
        self._use: Callable[[], Iterator[SourceItem]] | None = None

    def is_done(self, wait_seconds: float) -> bool:
        """Wait for the response, at most so long, and return whether it is there.

        Raises:
            Exception: The request raised it.

        """
        if self._use is None:
            self._use = self._background.get(wait_seconds)
        return self._use is not None

    def items(self) -> Iterator[SourceItem]:
        """Return what is made of the response."""
        return self._use() if self._use is not None else iter(())

    def abandon(self) -> None:
        """Don't wait for the response any more."""
        self._background.abandon()

"""Limit the bytes of responses that wait in memory for slow clients."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BYTES = 256 * 1024 * 1024
#: The limit for one address. The longest response, of `/api/history`, has some 0.7 MB.
MAX_BYTES_OF_ADDRESS = 32 * 1024 * 1024


class UnreadResponses:
    """Counts the bytes of each response from when it is made until its client has read it, or has disconnected."""

    def __init__(self) -> None:
        self._bytes: Counter[str] = Counter()

    def has_room(self, address: str) -> bool:
        """Whether one more response may be made for `address`."""
        return self._bytes[address] < MAX_BYTES_OF_ADDRESS and self._bytes.total() < MAX_BYTES

    def respond(
        self, app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse, address: str
    ) -> Iterable[bytes]:
        """The response of `app`. Its bytes count until it is closed."""
        length = 0

        def start(status: str, headers: list[tuple[str, str]], *more: object) -> Callable[[bytes], object]:
            nonlocal length
            length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
            return start_response(status, headers, *more)  # type: ignore[arg-type]

        body = app(environ, start)
        self._bytes[address] += length
        return _Response(body, lambda: self._forget(address, length))

    def _forget(self, address: str, length: int) -> None:
        self._bytes[address] -= length
        if self._bytes[address] <= 0:
            del self._bytes[address]


class _Response:
    """A WSGI response that calls `done` once, when the server closes it."""

    def __init__(self, body: Iterable[bytes], done: Callable[[], None]) -> None:
        self._body = body
        self._done = done
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Close the body."""
        if not self._is_open:
            return
        self._is_open = False
        self._done()
        close = getattr(self._body, "close", None)
        if close is not None:
            close()

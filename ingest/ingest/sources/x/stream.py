"""One connection to X's filtered stream: tweepy's StreamingClient, with corrections for its faults."""

import logging
import queue
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from functools import partial
from threading import Event, Lock
from typing import Any

import requests
import urllib3
from requests.adapters import BaseAdapter
from tweepy import StreamingClient

from ingest.sources.base import Interrupted, Paused, Refused
from ingest.sources.common import proxy
from ingest.sources.common.lines import MAX_LINE_BYTES
from ingest.sources.x import errors as x_errors
from ingest.sources.x import meter as x_meter
from ingest.sources.x.rules import Rule
from ingest.sources.x.rules_api import RulesApi, interruption

#: X sends an empty line at least every 20 s; a connection without a byte for this long is dead.
SILENCE_SECONDS = 25.0
#: X must have responded within this time after the timeout of the socket, however slowly its bytes come.
OPEN_SECONDS = 10.0
_HOST = "https://api.twitter.com"
# `note_tweet` is the whole text of a long post. No expansions: X bills the posts in them, too.
_TWEET_FIELDS = ["entities", "created_at", "lang", "author_id", "note_tweet", "referenced_tweets"]
_CHUNK_BYTES = 2**16
_MAX_PROBLEM_BYTES = 2**16
#: Size of the queue of lines between the reading thread and the source; when it is full, reading stops.
_QUEUED_LINES = 64
#: When the queue is full for this long, we disconnect: X would bill posts that wait in buffers and are not counted.
FULL_QUEUE_SECONDS = 2.0
_POLL_SECONDS = 0.2
_JOIN_SECONDS = 0.5

logger = logging.getLogger(__name__)
# At DEBUG tweepy logs the headers of its requests, which contain the token.
logging.getLogger("tweepy").setLevel(logging.INFO)


class _Open:
    """Put into the queue of lines when X has accepted the request."""


class XStream(StreamingClient):  # type: ignore[misc]
    """One connection to the filtered stream, and the requests for its rules and for the usage."""

    def __init__(
        self,
        token: str,
        *,
        wall_ms: Callable[[], int],
        silence_seconds: float = SILENCE_SECONDS,
        on_open: Callable[[], None] = lambda: None,
        on_wait: Callable[[], None] = lambda: None,
        opens_with_a_byte: bool = False,
        adapter: BaseAdapter | None = None,
    ) -> None:
        """Create the client; `lines` connects.

        Args:
            token: The bearer token of the X API.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            silence_seconds: A stream without a byte for this long is given up.
            on_open: Called by `lines` when the stream is open.
            on_wait: Called by `lines` again and again while it waits.
            opens_with_a_byte: The stream counts as open with its first byte (a keep-alive counts), not when X accepts
                the request.
            adapter: Mounted for X's address; tests use it to connect to another server.

        """
        # Raises Refused if the proxy can't be used. The client itself reads the proxy from the environment.
        proxy.proxy_for(_HOST)
        super().__init__(token, return_type=requests.Response, daemon=True)
        self._wall_ms = wall_ms
        self._silence_seconds = silence_seconds
        self._on_open = on_open
        self._on_wait = on_wait
        self._is_open = not opens_with_a_byte
        self._has_received = False
        self._queue: queue.Queue[bytes | Exception | _Open] = queue.Queue(_QUEUED_LINES)
        self._disconnected = Event()
        self._abandoned = Event()
        self._queue_stalled = False
        self._response_lock = Lock()
        self._response: requests.Response | None = None
        # tweepy requests the rules without a timeout.
        self.session.request = partial(self.session.request, timeout=silence_seconds)
        # Not as a plain header: requests would replace it by a password from a .netrc.
        self.session.auth = self._authorize
        self.session.hooks["response"].append(self._raise_for_status)
        if adapter is not None:
            self.session.mount(_HOST, adapter)

    def lines(self, stop: Event) -> Generator[bytes, None, None]:
        """Connect, and yield the lines of the stream without its keep-alives, until the connection ends or we stop.

        tweepy reads in another thread, so that this returns soon after `stop` is set. Lines that were read by then are
        still yielded. Closing the generator disconnects.

        Raises:
            Refused: X rejects us.
            Interrupted: The connection ended for another reason.

        """
        self.filter(threaded=True, tweet_fields=_TWEET_FIELDS)
        try:
            deadline_seconds: float | None = self._silence_seconds + OPEN_SECONDS
            while (item := self._next(stop, deadline_seconds)) is not None:
                deadline_seconds = None
                if isinstance(item, _Open):
                    self._on_open()
                elif not isinstance(item, Exception):
                    yield item
                elif stop.is_set():
                    return
                else:
                    raise item
        finally:
            self._abandoned.set()
            self.disconnect()
            self.thread.join(_JOIN_SECONDS)

    def set_rules(self, wanted: Sequence[str]) -> list[Rule]:
        """Replace our rules at X; see RulesApi.set_rules."""
        timeout_seconds = self._silence_seconds + OPEN_SECONDS
        return RulesApi(self, self._disconnected, timeout_seconds=timeout_seconds).set_rules(wanted)

    @property
    def has_received(self) -> bool:
        """Whether a line or a keep-alive has come."""
        return self._has_received

    def usage(self) -> bytes:
        """Return the body of X's response about the usage; see `meter`.

        Raises:
            Refused, Interrupted, Paused: As the stream does.
            requests.RequestException, urllib3.exceptions.HTTPError, OSError: X does not respond.

        """
        url = f"{_HOST}/2/usage/tweets"
        with self.session.request("GET", url, params=x_meter.PARAMETERS, stream=True) as response:
            return _body(response)

    def close(self) -> None:
        """Close the idle connections of the session."""
        self.session.close()

    def disconnect(self) -> None:
        """Disconnect at once, from any thread."""
        super().disconnect()
        self._disconnected.set()
        with self._response_lock:
            if self._response is not None:
                # The connection may end by itself at the same time.
                with suppress(OSError, ValueError, RuntimeError):
                    self._response.raw.shutdown()

    def on_data(self, raw_data: bytes) -> None:
        """Put a line into the queue of the source; disconnect if the queue is full for too long."""
        self._put(raw_data)

    def _raise_for_status(self, response: requests.Response, **_: object) -> None:
        """Raise the error for a response without success, before tweepy sees it: tweepy drops X's text."""
        if not 200 <= response.status_code < 300:
            with response:
                raise x_errors.error_for(response.status_code, response.headers, _body(response), self._wall_ms())

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.bearer_token}"
        return request

    def _connect(self, method: str, endpoint: str, **request: Any) -> None:
        """Connect once, and put the end of the connection into the queue. Replaces tweepy's loop, which `filter` calls.

        tweepy's loop reconnects for ever, also after a 401, and without a pause when the server ends the stream. It
        notices `disconnect` only at the next line, and does not bound the length of a line.
        """
        self.session.headers["User-Agent"] = self.user_agent
        end: Exception = Interrupted("X ended the stream")
        try:
            url = f"{_HOST}/2/tweets/{endpoint}/stream"
            with self.session.request(method, url, stream=True, **request) as response:
                self._read(response)
        except (Refused, Interrupted, Paused) as error:
            end = error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            end = interruption(error)
        except Exception as error:  # noqa: BLE001 - raised again in the thread of the source
            end = error
        finally:
            self._put(end)

    def _read(self, response: requests.Response) -> None:
        """Read lines until the connection ends, or a line is too long."""
        with self._response_lock:
            self._response = response
        if self._disconnected.is_set():
            return
        self.on_connect()
        if self._is_open:
            self._put(_Open())
        rest = bytearray()  # grows in linear time, in however small pieces a line comes
        try:
            while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                # A TLS socket that was shut down may return bytes that are still encrypted.
                if self._disconnected.is_set():
                    return
                rest += chunk
                lines: list[bytes] = []
                if b"\n" in chunk:
                    *lines, last = bytes(rest).split(b"\n")
                    rest[:] = last
                for line in lines:
                    self._receive(line)
                if self._queue_stalled:
                    raise Interrupted("ingest can't store the posts fast enough")
                if len(rest) > MAX_LINE_BYTES:
                    raise Interrupted("X sent a line that is longer than 1 MiB")
        finally:
            with self._response_lock:
                self._response = None
            # X closed in the middle of a line: the line counts as malformed, unless it is complete.
            if rest and not self._disconnected.is_set():
                self._receive(bytes(rest))

    def _receive(self, line: bytes) -> None:
        self._has_received = True
        if not self._is_open:
            self._is_open = True
            self._put(_Open())
        if line.strip():
            self.on_data(line)
        else:
            self.on_keep_alive()

    def _put(self, item: "bytes | Exception | _Open") -> None:
        waited_seconds = 0.0
        while not self._abandoned.is_set():
            with suppress(queue.Full):
                self._queue.put(item, timeout=_POLL_SECONDS)
                return
            waited_seconds += _POLL_SECONDS
            if waited_seconds >= FULL_QUEUE_SECONDS:
                self._queue_stalled = True
                self.disconnect()
                # The lines that were read together with this one must not wait for space any more.
                self._queue.maxsize = 0

    def _next(self, stop: Event, timeout_seconds: float | None) -> "bytes | Exception | _Open | None":
        """Return the next line, or how the stream ended; None if we must stop and no line is left."""
        waited_seconds = 0.0
        while True:
            self._on_wait()
            stopping = stop.is_set()
            if stopping:
                self.disconnect()
            try:
                return self._queue.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                if stopping:
                    return None
                waited_seconds += _POLL_SECONDS
                if timeout_seconds is not None and waited_seconds >= timeout_seconds:
                    return Interrupted("X was silent for too long")


def _body(response: requests.Response) -> bytes:
    try:
        body: bytes = response.raw.read(_MAX_PROBLEM_BYTES, decode_content=True)
    except (urllib3.exceptions.HTTPError, OSError):
        # The status is enough.
        return b""
    return body

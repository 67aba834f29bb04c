"""tweepy's StreamingClient, with its traps mended, for one connection to X's filtered stream."""

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
from ingest.sources.x import errors as x_problem
from ingest.sources.x import meter as x_meter
from ingest.sources.x.rules import Rule
from ingest.sources.x.rules_api import RulesApi, interruption

#: X sends an empty line at least every 20 s; after this long without a byte the connection is dead.
SILENCE_SECONDS = 25.0
#: X must have answered the request so much later, however slowly its bytes come.
OPEN_SECONDS = 10.0
_HOST = "https://api.twitter.com"
# `note_tweet` is the whole of a long post. No expansions: X bills the posts that they bring, too.
_TWEET_FIELDS = ["entities", "created_at", "lang", "author_id", "note_tweet", "referenced_tweets"]
_CHUNK_BYTES = 2**16
_MAX_PROBLEM_BYTES = 2**16
#: Lines that were read and wait for the source; when it is full, nothing is read until there is room.
_WAITING_LINES = 64
#: After so long without room we hang up: X would go on delivering, and billing, into buffers that nobody counts.
TAKE_SECONDS = 2.0
_POLL_SECONDS = 0.2
_JOIN_SECONDS = 0.5

logger = logging.getLogger(__name__)
# On DEBUG tweepy logs the headers of its requests, and so the token.
logging.getLogger("tweepy").setLevel(logging.INFO)


class _Open:
    """In the queue of lines: X has accepted the request."""


class XStream(StreamingClient):  # type: ignore[misc]
    """One connection to the filtered stream, and what is done with its rules."""

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
        """`on_open` is called by `lines` when X has accepted the request for the stream, `on_wait` while it waits.

        `opens_with_a_byte`: accepted is not enough, something must come, be it a keep-alive.

        `adapter` is mounted for X's address: tests lead it elsewhere with one, as tweepy has no setting for it.
        """
        # Refused here if it can't be used; the client itself takes it from the environment.
        proxy.proxy_for(_HOST)
        super().__init__(token, return_type=requests.Response, daemon=True)
        self._wall_ms = wall_ms
        self._silence_seconds = silence_seconds
        self._on_open = on_open
        self._on_wait = on_wait
        self._is_open = not opens_with_a_byte
        self._heard = False
        self._waiting: queue.Queue[bytes | Exception | _Open] = queue.Queue(_WAITING_LINES)
        self._hung_up = Event()
        self._abandoned = Event()
        self._untaken = False
        self._response_lock = Lock()
        self._response: requests.Response | None = None
        # tweepy asks for the rules without a timeout.
        self.session.request = partial(self.session.request, timeout=silence_seconds)
        # Not as a plain header: requests would put the password of a .netrc in its place.
        self.session.auth = self._authorize
        self.session.hooks["response"].append(self._judge)
        if adapter is not None:
            self.session.mount(_HOST, adapter)

    def lines(self, stop: Event) -> Generator[bytes, None, None]:
        """Connect, and yield what X delivers, without its keep-alives, until the end of the connection or of ingest.

        tweepy reads in a thread of its own, so that this returns soon after `stop` is set. What was read by then is
        still yielded. Closing the generator hangs up.

        Raises:
            Refused: X doesn't want us.
            Interrupted: the connection ended in another way.

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
        """Make X's rules of ours those that are wanted; see x_rules_api."""
        timeout_seconds = self._silence_seconds + OPEN_SECONDS
        return RulesApi(self, self._hung_up, timeout_seconds=timeout_seconds).set_rules(wanted)

    @property
    def heard(self) -> bool:
        """Whether a line or a keep-alive has come."""
        return self._heard

    def usage(self) -> bytes:
        """Return the answer of X's own meter; see x_meter.

        Raises:
            Refused, Interrupted, Paused: as the stream does.
            requests.RequestException, urllib3.exceptions.HTTPError, OSError: it doesn't answer.

        """
        url = f"{_HOST}/2/usage/tweets"
        with self.session.request("GET", url, params=x_meter.PARAMETERS, stream=True) as response:
            return _body(response)

    def close(self) -> None:
        """Give up the connections that are held for another request."""
        self.session.close()

    def disconnect(self) -> None:
        """Hang up at once, from any thread."""
        super().disconnect()
        self._hung_up.set()
        with self._response_lock:
            if self._response is not None:
                # It may end by itself meanwhile.
                with suppress(OSError, ValueError, RuntimeError):
                    self._response.raw.shutdown()

    def on_data(self, raw_data: bytes) -> None:
        """Hand a line to the source, as soon as it has room for it; if it has none for long, hang up."""
        self._put(raw_data)

    def _judge(self, response: requests.Response, **_: object) -> None:
        """Stop at an answer that is no success, before tweepy sees it, which keeps to itself what X says."""
        if not 200 <= response.status_code < 300:
            with response:
                raise x_problem.error_for(response.status_code, response.headers, _body(response), self._wall_ms())

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.bearer_token}"
        return request

    def _connect(self, method: str, endpoint: str, **request: Any) -> None:
        """Connect once, and say how it ended; in the place of tweepy's loop, which `filter` calls.

        That one comes back for ever, after a 401 too, and at once when the server ends the stream; it notices
        `disconnect` only at the next line, and lets a line grow without bounds.
        """
        self.session.headers["User-Agent"] = self.user_agent
        end: Exception = Interrupted("X ended the stream")
        try:
            url = f"{_HOST}/2/tweets/{endpoint}/stream"
            with self.session.request(method, url, stream=True, **request) as response:
                self._read(response)
        except (Refused, Interrupted, Paused) as said:
            end = said
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            end = interruption(error)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that takes
            end = error
        finally:
            self._put(end)

    def _read(self, response: requests.Response) -> None:
        """Read lines until the connection ends, or a line doesn't."""
        with self._response_lock:
            self._response = response
        if self._hung_up.is_set():
            return
        self.on_connect()
        if self._is_open:
            self._put(_Open())
        rest = bytearray()  # grows in linear time, in however small pieces a line comes
        try:
            while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                # A TLS socket that was shut down may give bytes that nobody decrypted.
                if self._hung_up.is_set():
                    return
                rest += chunk
                lines: list[bytes] = []
                if b"\n" in chunk:
                    *lines, last = bytes(rest).split(b"\n")
                    rest[:] = last
                for line in lines:
                    self._take(line)
                if self._untaken:
                    raise Interrupted("the posts can't be taken")
                if len(rest) > MAX_LINE_BYTES:
                    raise Interrupted("X sent a line that is longer than 1 MiB")
        finally:
            with self._response_lock:
                self._response = None
            # Cut by the other side: it counts as malformed, unless it is whole.
            if rest and not self._hung_up.is_set():
                self._take(bytes(rest))

    def _take(self, line: bytes) -> None:
        self._heard = True
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
                self._waiting.put(item, timeout=_POLL_SECONDS)
                return
            waited_seconds += _POLL_SECONDS
            if waited_seconds >= TAKE_SECONDS:
                self._untaken = True
                self.disconnect()
                # What was read with this line must not keep the connection open.
                self._waiting.maxsize = 0

    def _next(self, stop: Event, timeout_seconds: float | None) -> "bytes | Exception | _Open | None":
        """Return what was read next, or how it ended; None: we must stop, and nothing is left."""
        waited_seconds = 0.0
        while True:
            self._on_wait()
            stopping = stop.is_set()
            if stopping:
                self.disconnect()
            try:
                return self._waiting.get(timeout=_POLL_SECONDS)
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
        # The status says enough.
        return b""
    return body

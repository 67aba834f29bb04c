"""HTTP requests to a Mastodon server: its description, its stream, and the pages of its timeline."""

import contextlib
from collections.abc import Callable, Generator, Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
import requests
from urllib3.exceptions import HTTPError

from ingest.sources.base import Interrupted, Refused
from ingest.sources.common import json_line, network_error, proxy, rate_limit
from ingest.sources.common.json_line import FormatError
from ingest.sources.mastodon import instance as mastodon_instance
from ingest.sources.mastodon import sse
from ingest.sources.mastodon.instance import Instance, Stream

CONNECT_SECONDS = 10.0
#: Timeout of the socket for a page.
PAGE_SECONDS = 10.0
#: A longer page is rejected. A page has at most 40 statuses of some kilobytes.
MAX_PAGE_BYTES = 2**23

_INSTANCE = "/api/v2/instance"
_MAX_ERROR_CHARACTERS = 200
#: Statuses below 500 that are temporary: a timeout, too early, too many requests.
_TEMPORARY = frozenset({408, 425, 429})


class Response(NamedTuple):
    """An HTTP response with its whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Error(msgspec.Struct, gc=False):
    error: str = ""


_error = msgspec.json.Decoder(_Error)


class MastodonApi:
    """A client of one server, with the token of one of its users, or without a token."""

    def __init__(self, url: str, token: str | None, *, wall_ms: Callable[[], int], silence_seconds: float) -> None:
        """Create the client. A stream that is silent for `silence_seconds` is given up by its reader."""
        self.url = url
        self.host = urlsplit(url).netloc
        self._token = token
        self._wall_ms = wall_ms
        self._silence_seconds = silence_seconds
        self._session = requests.Session()
        self._session.headers["Accept-Encoding"] = "identity"
        # Not as a plain header: requests would replace it by a password from a .netrc.
        self._session.auth = self._authorize
        self._stream: requests.Response | None = None

    def close(self) -> None:
        """End the stream, from any thread."""
        if self._stream is not None:
            with contextlib.suppress(OSError, RuntimeError, ValueError):  # it has ended by itself
                self._stream.raw.shutdown()
        self._session.close()

    def page(self, path: str, params: Mapping[str, str]) -> Response:
        """Return the response to a GET, whatever its status.

        Raises:
            Interrupted: The server does not respond, or its response is too long.

        """
        with self._get(f"{self.url}{path}", params, PAGE_SECONDS) as response:
            body = self._body(response)
            return Response(response.status_code, response.headers, body)

    def stream(self) -> tuple[str, Stream]:
        """Return the address and the kind of the stream that has all posts that the server shows us.

        Raises:
            Refused: The server shows us no posts.
            Interrupted: The server can't describe itself now.

        """
        response = self.page(_INSTANCE, {})
        if response.status >= 500 or response.status in _TEMPORARY:
            raise self._temporary(response)
        # Other servers than Mastodon, and older ones, have no such description.
        instance = mastodon_instance.read(response.body) if response.status == HTTPStatus.OK else Instance()
        stream = instance.stream(has_token=bool(self._token))
        if stream is None:
            raise Refused(self._closed_feeds(instance))
        return f"{mastodon_instance.streaming_base(self.url, instance.streaming)}/{stream.path}", stream

    def events(self, url: str, *, known: bool) -> Generator[sse.Event, None, None]:
        """Yield a comment when the stream is open, and then its events.

        Args:
            url: Address of the stream.
            known: Whether posts came from this server before.

        Raises:
            Refused: The server has no stream for us, for good.
            Interrupted: The server does not respond, the stream ended, or the server requests a retry later.

        """
        with self._get(url, {}, self._silence_seconds + PAGE_SECONDS) as response:
            self._stream = response
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
            if response.status_code != HTTPStatus.OK or kind != "text/event-stream":
                raise self._refusal(Response(response.status_code, response.headers, self._body(response)), known)
            yield sse.COMMENT
            try:
                for event in sse.events(response.raw.read1):
                    yield event
                    if event.data is None:
                        raise Interrupted(f"{self.host} sent an event that is longer than 1 MiB")
            except (OSError, HTTPError) as error:
                raise Interrupted(f"{self.host}: {network_error.reason(error)}") from error
        raise Interrupted(f"{self.host} ended the stream")

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _get(self, url: str, params: Mapping[str, str], read_seconds: float) -> requests.Response:
        proxies, timeout = proxy.for_requests(url), (CONNECT_SECONDS, read_seconds)
        try:
            return self._session.get(url, params=params, stream=True, timeout=timeout, proxies=proxies)
        # HTTPError: the server redirects us to a host with an invalid name.
        except (requests.RequestException, HTTPError) as error:
            raise Interrupted(f"{self.host}: {network_error.reason(error, 'no answer')}") from error

    def _body(self, response: requests.Response) -> bytes:
        try:
            body: bytes = response.raw.read(MAX_PAGE_BYTES + 1, decode_content=True)
        except (OSError, HTTPError) as error:
            raise Interrupted(f"{self.host}: {network_error.reason(error)}") from error
        if len(body) > MAX_PAGE_BYTES:
            raise Interrupted(f"{self.host} answers with more than {MAX_PAGE_BYTES // 2**20} MiB")
        return body

    def _closed_feeds(self, instance: Instance) -> str:
        if instance.is_switched_off:
            return (
                f"{self.host} has switched off its live feeds, local and remote, so its stream brings no posts: "
                f"set MASTODON_URL to another server"
            )
        return f"{self.host} shows its live feeds to its users only: set MASTODON_ACCESS_TOKEN"

    def _temporary(self, response: Response) -> Interrupted:
        wait_seconds = rate_limit.wait_seconds(response.headers, self._wall_ms())
        return Interrupted(f"{self.host} answers {_status_text(response)}", wait_seconds)

    def _refusal(self, response: Response, known: bool) -> Refused | Interrupted:
        """Return the error for a response that is not a stream."""
        if response.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            advice = "check" if self._token else "it streams to its users only, set"
            return Refused(f"{self.host} answers {_status_text(response)}: {advice} MASTODON_ACCESS_TOKEN")
        # If posts came before, a response like 404 is an outage, which is temporary.
        if response.status >= 500 or response.status in _TEMPORARY or known:
            return self._temporary(response)
        return Refused(f"{self.host} answers {_status_text(response)}: it has no Mastodon stream, check MASTODON_URL")


def _status_text(response: Response) -> str:
    """Return the status, and the error text of the server."""
    try:
        text = json_line.decode(response.body, _error).error
    except FormatError:
        text = ""
    return f"{response.status} {' '.join(text.split())[:_MAX_ERROR_CHARACTERS]}".rstrip()

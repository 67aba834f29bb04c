"""What a Mastodon server is asked over HTTP: where it streams, its stream, and its pages."""

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
PAGE_SECONDS = 10.0
#: A page has 40 statuses at most, and those are of some kilobytes.
MAX_PAGE_BYTES = 2**23

_INSTANCE = "/api/v2/instance"
_MAX_ERROR_CHARACTERS = 200
#: Statuses below 500 that pass: a timeout, too early, too many requests.
_PASSING = frozenset({408, 425, 429})


class Answer(NamedTuple):
    """An HTTP answer with its whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Error(msgspec.Struct, gc=False):
    error: str = ""


_error = msgspec.json.Decoder(_Error)


class MastodonApi:
    """A server, asked with the token of a user of it, or with none."""

    def __init__(self, url: str, token: str | None, *, wall_ms: Callable[[], int], silence_seconds: float) -> None:
        """Whoever reads a stream gives it up when it is silent for so long; its thread ends a little later."""
        self.url = url
        self.host = urlsplit(url).netloc
        self._token = token
        self._wall_ms = wall_ms
        self._silence_seconds = silence_seconds
        self._session = requests.Session()
        self._session.headers["Accept-Encoding"] = "identity"
        # Not as a plain header: requests would put the password of a .netrc in its place.
        self._session.auth = self._authorize
        self._stream: requests.Response | None = None

    def close(self) -> None:
        """End the stream, from whichever thread."""
        if self._stream is not None:
            with contextlib.suppress(OSError, RuntimeError, ValueError):  # it has ended by itself
                self._stream.raw.shutdown()
        self._session.close()

    def page(self, path: str, params: Mapping[str, str]) -> Answer:
        """Return what the server answers, whatever its status.

        Raises:
            Interrupted: it doesn't answer, or longer than a page can be.

        """
        with self._asked(f"{self.url}{path}", params, PAGE_SECONDS) as response:
            body = self._body(response)
            return Answer(response.status_code, response.headers, body)

    def stream(self) -> tuple[str, Stream]:
        """Return the address of the stream that has all that the server shows us, and what that is.

        Raises:
            Refused: it shows us nothing.
            Interrupted: it can't say now.

        """
        answer = self.page(_INSTANCE, {})
        if answer.status >= 500 or answer.status in _PASSING:
            raise self._passing(answer)
        # Servers of other kinds, and older ones, don't say.
        instance = mastodon_instance.read(answer.body) if answer.status == HTTPStatus.OK else Instance()
        stream = instance.stream(has_token=bool(self._token))
        if stream is None:
            raise Refused(self._no_feed(instance))
        return f"{mastodon_instance.streaming_base(self.url, instance.streaming)}/{stream.path}", stream

    def events(self, url: str, *, known: bool) -> Generator[sse.Event, None, None]:
        """Yield a comment when the stream is open, and then its events. `known`: posts came from here before.

        Raises:
            Refused: there is no stream for us, for good.
            Interrupted: it doesn't answer, or breaks off, or asks us to come back later.

        """
        with self._asked(url, {}, self._silence_seconds + PAGE_SECONDS) as response:
            self._stream = response
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
            if response.status_code != HTTPStatus.OK or kind != "text/event-stream":
                raise self._refusal(Answer(response.status_code, response.headers, self._body(response)), known)
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

    def _asked(self, url: str, params: Mapping[str, str], read_seconds: float) -> requests.Response:
        way, timeout = proxy.for_requests(url), (CONNECT_SECONDS, read_seconds)
        try:
            return self._session.get(url, params=params, stream=True, timeout=timeout, proxies=way)
        # An HTTPError: it leads us to a host whose name is none.
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

    def _no_feed(self, instance: Instance) -> str:
        if instance.is_switched_off:
            return (
                f"{self.host} has switched off its live feeds, local and remote, so its stream brings no posts: "
                f"set MASTODON_URL to another server"
            )
        return f"{self.host} shows its live feeds to its users only: set MASTODON_ACCESS_TOKEN"

    def _passing(self, answer: Answer) -> Interrupted:
        wait_seconds = rate_limit.wait_seconds(answer.headers, self._wall_ms())
        return Interrupted(f"{self.host} answers {_said(answer)}", wait_seconds)

    def _refusal(self, answer: Answer, known: bool) -> Refused | Interrupted:
        """Return what an answer means that is no stream."""
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            advice = "look at" if self._token else "it streams to its users only, set"
            return Refused(f"{self.host} answers {_said(answer)}: {advice} MASTODON_ACCESS_TOKEN")
        # Where posts came from before, an answer like 404 is an outage: it passes.
        if answer.status >= 500 or answer.status in _PASSING or known:
            return self._passing(answer)
        return Refused(f"{self.host} answers {_said(answer)}: it has no Mastodon stream, look at MASTODON_URL")


def _said(answer: Answer) -> str:
    """Return the status, and the words that the server put beside it."""
    try:
        words = json_line.decode(answer.body, _error).error
    except FormatError:
        words = ""
    return f"{answer.status} {' '.join(words.split())[:_MAX_ERROR_CHARACTERS]}".rstrip()

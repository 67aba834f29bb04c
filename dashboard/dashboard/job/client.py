"""An HTTP client of the job's query port. It never delays other responses of the dashboard."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Annotated, TypeVar
from urllib.parse import urlencode, urlsplit

import gevent  # type: ignore[import-untyped]
import msgspec
from gevent.lock import BoundedSemaphore  # type: ignore[import-untyped]
from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

Answer = TypeVar("Answer", bound=Struct)

#: Requests at a time. One more is answered without the job.
MAX_REQUESTS = 4
MAX_BYTES = 1 << 20
#: After the job was not reachable, it is not tried for this time.
PAUSE_MS = 2000
UNREACHABLE = "The job can't be reached."
SWITCHED_OFF = "The job's QUERY_PORT is switched off."
BUSY = "The job answers other requests."
NOT_AGREED = "The job answered with something that is not agreed on."


class JobUnreachableError(Exception):
    """The job does not answer now. Its text is one sentence."""


class JobRefusedError(Exception):
    """The job answered that it can't do that. Its text is the job's sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class _Refusal(Struct, frozen=True):
    error: Annotated[str, Meta(max_length=1000)]


class JobClient:
    """Sends requests to the job, each on a connection of its own."""

    def __init__(
        self,
        url: str | None,
        token: str,
        waiting: Callable[[], AbstractContextManager[None]],
        monotonic_ms: Callable[[], int],
    ) -> None:
        """Args:
        url: Where the job's query port is. None: it has none.
        token: The secret of the services.
        waiting: While it is entered, other responses are made.
        monotonic_ms: Milliseconds of a clock that is never set back.
        """
        parts = urlsplit(url or "")
        self._has_port = url is not None
        self._connection = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._waiting = waiting
        self._monotonic_ms = monotonic_ms
        self._free = BoundedSemaphore(MAX_REQUESTS)
        self._failed_ms: int | None = None

    def get(self, path: str, parameters: Mapping[str, str | int], kind: type[Answer], seconds: float) -> Answer:
        """Request `path`, and wait at most `seconds` for the whole answer.

        Raises:
            JobUnreachableError: The job can't be reached, or not in time, or answers other requests.
            JobRefusedError: It answered with an error.

        """
        return self._answer("GET", f"{path}?{urlencode(parameters)}", None, kind, seconds)

    def post(self, path: str, body: Struct, kind: type[Answer], seconds: float) -> Answer:
        """Post `body` to `path`, and wait at most `seconds` for the whole answer.

        Raises:
            JobUnreachableError: The job can't be reached, or not in time, or answers other requests.
            JobRefusedError: It answered with an error.

        """
        return self._answer("POST", path, msgspec.json.encode(body), kind, seconds)

    def _answer(self, method: str, target: str, sent: bytes | None, kind: type[Answer], seconds: float) -> Answer:
        if not self._has_port:
            raise JobUnreachableError(SWITCHED_OFF)
        if self._failed_ms is not None and self._monotonic_ms() - self._failed_ms < PAUSE_MS:
            raise JobUnreachableError(UNREACHABLE)
        if not self._free.acquire(blocking=False):
            raise JobUnreachableError(BUSY)
        try:
            with self._waiting(), gevent.Timeout(seconds):
                status, body = self._request(method, f"{self._path}{target}", sent, seconds)
        except (OSError, http.client.HTTPException, gevent.Timeout) as error:
            self._failed_ms = self._monotonic_ms()
            raise JobUnreachableError(UNREACHABLE) from error
        finally:
            self._free.release()
        self._failed_ms = None
        return _decoded(status, body, kind)

    def _request(self, method: str, target: str, sent: bytes | None, seconds: float) -> tuple[int, bytes]:
        connection = self._connection(self._host, self._port, timeout=seconds)
        try:
            connection.request(method, target, sent, self._headers)
            answer = connection.getresponse()
            return answer.status, answer.read(MAX_BYTES + 1)
        finally:
            connection.close()


def _decoded(status: int, body: bytes, kind: type[Answer]) -> Answer:
    """The answer in `body`."""
    try:
        if status in {200, 202} and len(body) <= MAX_BYTES:
            return msgspec.json.decode(body, type=kind)
        raise JobRefusedError(status, msgspec.json.decode(body, type=_Refusal).error)
    except msgspec.DecodeError as error:
        raise JobUnreachableError(NOT_AGREED) from error

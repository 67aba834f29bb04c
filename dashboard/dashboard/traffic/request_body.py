"""Read the body of a request within a time limit. Every problem with it becomes an HTTP error."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import gevent  # type: ignore[import-untyped]
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, RequestTimeout

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from dashboard.traffic.counters import ClientCounters

#: The time for a whole body. A snapshot of 4 MiB needs 2 Mbit/s.
BODY_SECONDS = 20.0


class RequestBody:
    """A request's body that must be read within BODY_SECONDS.

    gunicorn parses a chunked body while it is read, so errors of the client appear here.
    """

    def __init__(self, stream: IO[bytes], counters: ClientCounters) -> None:
        self._stream = stream
        self._counters = counters
        self._left_seconds = BODY_SECONDS

    def read(self, size: int = -1) -> bytes:
        """Read like the stream.

        Raises:
            RequestTimeout: The body took too long.
            BadRequest: The body is malformed or not complete.

        """
        return self._within(self._stream.read, size)

    def readline(self, size: int = -1) -> bytes:
        """Read a line like the stream. It raises the same errors as `read`."""
        return self._within(self._stream.readline, size)

    def _within(self, read: Callable[[int], bytes], size: int) -> bytes:
        started = time.monotonic()
        try:
            with gevent.Timeout(max(0.0, self._left_seconds)):
                return read(size)
        except gevent.Timeout as error:
            self._counters.refused["slow body"] += 1
            raise RequestTimeout(f"The body did not come within {BODY_SECONDS:g} s.") from error
        except (ParseException, OSError) as error:
            # OSError: the client closed the connection before the end of the body.
            self._counters.refused["malformed"] += 1
            raise BadRequest("The body is not complete, or its chunks are malformed.") from error
        finally:
            self._left_seconds -= time.monotonic() - started

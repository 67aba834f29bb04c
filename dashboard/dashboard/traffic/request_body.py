"""The body of a request, with a bound on its time, and with one kind of error for all that can be wrong with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import gevent  # type: ignore[import-untyped]
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, RequestTimeout

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from dashboard.traffic.counters import Crowd

BODY_SECONDS = 20.0
"""For a whole body: 4 MiB of a snapshot take 2 Mbit/s."""


class RequestBody:
    """A request's body that must be read within BODY_SECONDS.

    gunicorn parses a chunked body while it is read, so errors of the client come up here.
    """

    def __init__(self, stream: IO[bytes], crowd: Crowd) -> None:
        self._stream = stream
        self._crowd = crowd
        self._left_seconds = BODY_SECONDS

    def read(self, size: int = -1) -> bytes:
        """Read like the stream. Raises RequestTimeout and BadRequest."""
        return self._within(self._stream.read, size)

    def readline(self, size: int = -1) -> bytes:
        """Read a line like the stream. Raises RequestTimeout and BadRequest."""
        return self._within(self._stream.readline, size)

    def _within(self, read: Callable[[int], bytes], size: int) -> bytes:
        started = time.monotonic()
        try:
            with gevent.Timeout(max(0.0, self._left_seconds)):
                return read(size)
        except gevent.Timeout as error:
            self._crowd.refused["slow body"] += 1
            raise RequestTimeout(f"The body did not come within {BODY_SECONDS:g} s.") from error
        except (ParseException, OSError) as error:
            # OSError: the client ended the connection, or the body, before its end.
            self._crowd.refused["malformed"] += 1
            raise BadRequest("The body is not complete, or its chunks are malformed.") from error
        finally:
            self._left_seconds -= time.monotonic() - started

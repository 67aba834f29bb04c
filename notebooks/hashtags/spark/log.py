"""A reader of ingest's log over TCP: STATUS and READ of docs/protocol.md. It never acknowledges.

It runs in Spark's Python workers too, so it imports the standard library only.
"""

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO

MAX_HEADER_BYTES = 1 << 20
#: A response to READ has at most this many bytes. Posts have some 300 bytes, and at most 1 MiB.
MAX_BODY_BYTES = 256 << 20
#: Posts that one READ requests.
POSTS_PER_READ = 10_000
CONNECT_SECONDS = 5.0
#: How long a request is repeated while ingest can't be reached, or can't serve it now.
PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.25


class LogError(Exception):
    """The log can't be read. The text is one sentence."""


class BusyError(OSError):
    """Ingest can't serve the request now. The same request may succeed later."""


@dataclass(frozen=True)
class Lines:
    """Posts of the log `log` from the offset `first` on, as lines of JSON."""

    log: str
    first: int
    lines: list[bytes]


class Log:
    """One connection to ingest's log. It is opened with the first request, and again after an error."""

    def __init__(self, host: str = "localhost", port: int = 9009, timeout_seconds: float = CONNECT_SECONDS) -> None:
        self.address = (host, port)
        self._timeout_seconds = timeout_seconds
        self._socket: socket.socket | None = None
        self._file: BinaryIO | None = None

    def status(self) -> dict[str, Any]:
        """Return ingest's answer to STATUS: `log`, `first`, `end` and more.

        Raises:
            OSError: Ingest can't be reached.
            LogError: Something else than ingest answers.

        """
        status = self._request("STATUS")
        _require(status, "STATUS", log=str, first=int, end=int)
        return status

    def read(self, start: int, end: int) -> Lines:
        """Return the posts `start` … `end - 1`, or those of them that the log still has.

        Raises:
            OSError: Ingest can't be reached.
            LogError: Ingest refuses the request, or something else than ingest answers.

        """
        header = self._request(f"READ {start} {end}")
        _require(header, "READ", log=str, first=int, posts=int, bytes=int)
        if header["bytes"] > MAX_BODY_BYTES:
            self.close()
            raise LogError(f"The posts {start} to {end - 1} have {header['bytes']:,} bytes: request fewer at once.")
        lines = self._receive(header["bytes"]).splitlines()
        if len(lines) != header["posts"]:
            self.close()
            raise LogError(f"{header['posts']:,} posts were announced, and {len(lines):,} lines came.")
        return Lines(header["log"], header["first"], lines)

    def posts(self, start: int, end: int) -> Iterator[dict[str, Any]]:
        """Yield the posts `start` … `end - 1` that the log still has, each as a dictionary.

        Raises:
            LogError: The log can't be read.

        """
        for at in range(start, end, POSTS_PER_READ):
            until = min(end, at + POSTS_PER_READ)
            yield from map(json.loads, with_patience(lambda at=at, until=until: self.read(at, until), self).lines)  # type: ignore[misc]

    def close(self) -> None:
        """Close the connection. The next request opens another one."""
        for resource in (self._file, self._socket):
            if resource is not None:
                resource.close()
        self._file = self._socket = None

    def __enter__(self) -> "Log":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _request(self, request: str) -> dict[str, Any]:
        reused = self._socket is not None
        try:
            answer = self._exchange(request)
        except OSError as error:
            self.close()
            if reused and isinstance(error, ConnectionError):
                # Ingest closes a connection that was idle for two minutes, and all of them when it restarts.
                return self._request(request)
            raise
        if "error" in answer:
            self.close()
            raise _error_of(str(answer["error"]))
        return answer

    def _exchange(self, request: str) -> dict[str, Any]:
        if self._socket is None or self._file is None:
            self._socket = socket.create_connection(self.address, timeout=self._timeout_seconds)
            self._file = self._socket.makefile("rb")
        self._socket.sendall(request.encode() + b"\n")
        line = self._file.readline(MAX_HEADER_BYTES)
        if not line.endswith(b"\n"):
            raise ConnectionError("ingest closed the connection")
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            self.close()
            host, port = self.address
            raise LogError(
                f"{host}:{port} is not the port of ingest's log (INGEST_PORT, 9009): it sends something else."
            )
        return answer

    def _receive(self, size: int) -> bytes:
        assert self._file is not None  # noqa: S101 - _request left it open
        try:
            body = self._file.read(size)
        except OSError:
            self.close()
            raise
        if len(body) < size:
            self.close()
            raise ConnectionError(f"ingest closed the connection after {len(body)} of {size} bytes")
        return body


def with_patience(
    call: Callable[[], Any],
    log: Log,
    patience_seconds: float = PATIENCE_SECONDS,
    monotonic_seconds: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> Any:
    """Repeat `call` while ingest can't be reached.

    Raises:
        LogError: The patience has ended.

    """
    give_up_at = monotonic_seconds() + patience_seconds
    while True:
        try:
            return call()
        except OSError as error:
            if monotonic_seconds() + PAUSE_SECONDS >= give_up_at:
                raise LogError(unreachable(log, error)) from error
        wait(PAUSE_SECONDS)


def unreachable(log: Log, error: OSError) -> str:
    """Return a sentence that says why ingest can't be reached."""
    host, port = log.address
    return f"The log at {host}:{port} can't be reached ({error.strerror or error}). Does `make run` run?"


def _error_of(text: str) -> Exception:
    temporary = text.startswith(("too many connections", "the spool can't be used")) or text.endswith(
        "were thrown away"
    )
    return BusyError(text) if temporary else LogError(f"Ingest refused the request: {text}.")


def _require(answer: dict[str, Any], request: str, **fields: type) -> None:
    for name, kind in fields.items():
        if type(answer.get(name)) is not kind:
            raise LogError(f"The answer to {request} has no {name}.")

"""The job's end of the TCP contract (docs/protocol.md). Standard library only: it runs on the executors too."""

import hashlib
import hmac
import json
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO, Self

from spark_job.executor.foreign import shown
from spark_job.executor.network_error import network_sentence

MAX_LINE_BYTES = 1 << 20
MAX_BODY_BYTES = 256 << 20
# How ingest's errors begin or end that another try may not meet: too many readers at the moment; the spool's disk is
# full, locked or away; damaged posts, which it has thrown away by then. docs/protocol.md lists them.
TEMPORARY_BEGINNINGS = ("too many connections", "the spool can't be used")
TEMPORARY_END = "were thrown away"


class ContractError(Exception):
    """Ingest answered, but with an error or with something that is not in the contract."""


class BusyError(OSError):
    """Ingest answered that it can't serve this request now: to ask again later helps."""


class TooLargeError(Exception):
    """The `posts` posts from offset `first` have more bytes than were wanted; they were not received."""

    def __init__(self, first: int, posts: int, size: int) -> None:
        super().__init__(f"{posts} posts from offset {first} have {size} bytes")
        self.first = first
        self.posts = posts


@dataclass(frozen=True, slots=True)
class Slice:
    """Posts as they lie in the log: `posts` lines of NDJSON in `body`, the first one at offset `first`."""

    log: str
    first: int
    posts: int
    body: bytearray


class IngestClient:
    """One connection to ingest, opened when first needed and again after an error.

    Every method raises `OSError` when ingest can't be reached in time, `BusyError` (which is one) when it says that it
    can't serve the request now, and `ContractError` when it refuses.
    """

    def __init__(self, host: str, port: int, timeout_seconds: float = 5.0, token: str = "") -> None:
        """`token`: the secret that proves an acknowledgement; executors, which only read, have none."""
        self._address = (host, port)
        self._token = token
        self._timeout_seconds = timeout_seconds
        self._socket: socket.socket | None = None
        self._file: BinaryIO | None = None

    def status(self) -> dict[str, Any]:
        """The `STATUS` object; that the fields the job works with are there and of their type is checked."""
        status = self._ask("STATUS")
        self._require(status, "STATUS", log=str, first=int, end=int, acked=int, watermark_ms=int)
        return status

    def sentence_of(self, error: OSError) -> str:
        """Why ingest can't be reached, in words."""
        return network_sentence(error, *self._address)

    def ack(self, log: str, end: int) -> None:
        """Tell ingest that everything before offset `end` of `log` is counted, with a proof that the job says so."""
        request = f"ACK {log} {end}"
        proof = hmac.new(self._token.encode(), request.encode(), hashlib.sha256).hexdigest()
        self._ask(f"{request} {proof}")

    def read(self, start: int, end: int, max_bytes: int = MAX_BODY_BYTES) -> Slice:
        """Posts `start` … `end - 1`, or what the log still holds of them; raises `TooLargeError`."""
        header = self._ask(f"READ {start} {end}")
        self._require(header, "READ", log=str, first=int, posts=int, bytes=int)
        if header["bytes"] > max_bytes:
            self.close()
            raise TooLargeError(header["first"], header["posts"], header["bytes"])
        try:
            body = self._receive(header["bytes"])
        except OSError:
            self.close()
            raise
        return Slice(log=header["log"], first=header["first"], posts=header["posts"], body=body)

    def close(self) -> None:
        """Hang up; the next call connects anew."""
        for resource in (self._file, self._socket):
            if resource is not None:
                resource.close()
        self._file = self._socket = None

    def _require(self, answer: dict[str, Any], request: str, **fields: type) -> None:
        for name, kind in fields.items():
            if type(answer.get(name)) is not kind:
                self.close()
                raise ContractError(f"ingest's answer to {request} has no {name} of type {kind.__name__}")
            if kind is int and answer[name] < 0:
                self.close()
                raise ContractError(f"ingest's answer to {request} has a negative {name}")

    def _ask(self, request: str) -> dict[str, Any]:
        reused = self._socket is not None
        try:
            answer = self._exchange(request)
        except OSError as error:
            self.close()
            if reused and isinstance(error, ConnectionError):
                # Ingest hangs up on who is silent for long, and was perhaps started again: that is not being away.
                return self._ask(request)
            raise
        if "error" in answer:
            self.close()
            sentence = f"ingest refused {request.partition(' ')[0]}: {shown(answer['error'])}"
            raise BusyError(sentence) if _is_temporary(answer["error"]) else ContractError(sentence)
        return answer

    def _exchange(self, request: str) -> dict[str, Any]:
        if self._socket is None or self._file is None:
            self._socket = socket.create_connection(self._address, timeout=self._timeout_seconds)
            self._file = self._socket.makefile("rb")
        self._socket.sendall(request.encode() + b"\n")
        line = self._file.readline(MAX_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise ConnectionError("ingest hung up in the middle of an answer")
        try:
            answer = json.loads(line)
        except ValueError as error:
            self.close()
            raise ContractError("ingest's answer is not JSON") from error
        if not isinstance(answer, dict):
            self.close()
            raise ContractError("ingest's answer is not an object")
        return answer

    def _receive(self, size: int) -> bytearray:
        body = bytearray(size)
        view, received = memoryview(body), 0
        while received < size:
            assert self._file is not None  # noqa: S101 - _ask left it open
            count = self._file.readinto(view[received:])  # type: ignore[attr-defined]
            if not count:
                raise ConnectionError(f"ingest hung up after {received} of {size} bytes")
            received += count
        return body

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_temporary(error: object) -> bool:
    """Whether it may help to send the same request again."""
    sentence = str(error)
    return sentence.startswith(TEMPORARY_BEGINNINGS) or sentence.endswith(TEMPORARY_END)

"""A client of ingest's TCP port (docs/protocol.md).

It runs on executors too, so it imports the standard library only.
"""

import hashlib
import hmac
import json
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict, cast

from spark_job.executor.network_error import network_sentence
from spark_job.executor.printable import printable

if TYPE_CHECKING:
    # Python 3.10 has no such name, and an executor may have Python 3.10.
    from typing import Self

MAX_LINE_BYTES = 1 << 20
MAX_BODY_BYTES = 256 << 20
#: Beginnings of the errors after which a retry may succeed: too many readers now; the spool's disk is full or locked.
#: docs/protocol.md lists them.
TEMPORARY_BEGINNINGS = ("too many connections", "the spool can't be used")
#: The end of the error for damaged posts. Ingest has thrown them away before a retry.
TEMPORARY_END = "were thrown away"


class ContractError(Exception):
    """Ingest answered with an error, or with something that is not in the contract."""


class BusyError(OSError):
    """Ingest answered that it can't serve this request now. A later retry may succeed."""


class TooLargeError(Exception):
    """The posts from offset `first` have more bytes than the client accepts. They were not received."""

    def __init__(self, first: int, posts: int, size: int) -> None:
        super().__init__(f"{posts} posts from offset {first} have {size} bytes")
        self.first = first
        self.posts = posts


class _RequiredSource(TypedDict):
    name: str


class SourceStatus(_RequiredSource, total=False):
    """One of the `sources` of `STATUS`."""

    duplicate: int
    facts: dict[str, Any]


class _RequiredStatus(TypedDict):
    log: str
    first: int
    end: int
    acked: int
    watermark_ms: int


class Status(_RequiredStatus, total=False):
    """Ingest's answer to `STATUS`: the fields that the job reads. It passes all others on to the dashboard."""

    started_ms: int
    columns: list[str]
    sources: list[SourceStatus]


@dataclass(frozen=True, slots=True)
class Slice:
    """Posts of the log from the offset `first` on: in `body` are `posts` lines of NDJSON, or one Arrow stream.

    The same for changes, by their numbers.
    """

    log: str
    first: int
    posts: int
    body: bytearray


class IngestClient:
    """One connection to ingest. It is opened with the first request, and again after an error.

    Raises:
        OSError: Every method: ingest can't be reached in time.
        BusyError: Every method (an OSError too): ingest can't serve the request now.
        ContractError: Every method: ingest refuses the request, or breaks the contract.

    """

    def __init__(self, host: str, port: int, timeout_seconds: float = 5.0, token: str = "") -> None:
        """`token`: the secret that signs acknowledgements. Executors only read, so they have none."""
        self._address = (host, port)
        self._token = token
        self._timeout_seconds = timeout_seconds
        self._socket: socket.socket | None = None
        self._file: BinaryIO | None = None

    def status(self) -> Status:
        """Request `STATUS`, and check the type of each field that the job uses."""
        status = self._request("STATUS")
        self._require(status, "STATUS", log=str, first=int, end=int, acked=int, watermark_ms=int)
        return cast("Status", status)

    def sentence_of(self, error: OSError) -> str:
        """One sentence that says why ingest can't be reached."""
        return network_sentence(error, *self._address)

    def ack(self, log: str, end: int) -> None:
        """Acknowledge that every post before offset `end` of `log` is counted. The request is signed with the token."""
        self._request(self._signed(f"ACK {log} {end}"))

    def fault(self, name: str, number: int) -> dict[str, Any]:
        """Let ingest disturb itself for a lesson, see docs/protocol.md. The request is signed with the token."""
        return self._request(self._signed(f"FAULT {name} {number}"))

    def _signed(self, request: str) -> str:
        return f"{request} {hmac.new(self._token.encode(), request.encode(), hashlib.sha256).hexdigest()}"

    def read(self, start: int, end: int, max_bytes: int = MAX_BODY_BYTES) -> Slice:
        """Read posts `start` … `end - 1`, or those of them that the log still holds, as lines of NDJSON.

        Raises:
            TooLargeError: They have more than `max_bytes` bytes.

        """
        return self._read(f"READ {start} {end}", max_bytes)

    def read_columns(self, start: int, end: int, max_bytes: int = MAX_BODY_BYTES) -> Slice:
        """The same as columns, in one Arrow stream. It may have posts before `start` and from `end` on too.

        Raises:
            TooLargeError: The stream has more than `max_bytes` bytes.

        """
        return self._read(f"READ {start} {end} columns", max_bytes)

    def changes(self, start: int, end: int, max_bytes: int = MAX_BODY_BYTES) -> Slice:
        """Read the changes `start` … `end - 1` of posts, or those of them that ingest still has, as lines of NDJSON.

        Raises:
            TooLargeError: They have more than `max_bytes` bytes.

        """
        return self._read(f"CHANGES {start} {end}", max_bytes, "changes")

    def dropped(self, start: int, end: int) -> dict[str, Any]:
        """The posts that ingest has dropped lately, and that would be between the offsets `start` and `end`."""
        return self._request(f"DROPPED {start} {end}")

    def _read(self, request: str, max_bytes: int, count: str = "posts") -> Slice:
        header = self._request(request)
        self._require(header, request.partition(" ")[0], log=str, first=int, bytes=int, **{count: int})
        if header["bytes"] > max_bytes:
            self.close()
            raise TooLargeError(header["first"], header[count], header["bytes"])
        try:
            body = self._receive(header["bytes"])
        except OSError:
            self.close()
            raise
        return Slice(log=header["log"], first=header["first"], posts=header[count], body=body)

    def close(self) -> None:
        """Close the connection. The next request opens another one."""
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

    def _request(self, request: str) -> dict[str, Any]:
        reused = self._socket is not None
        try:
            answer = self._exchange(request)
        except OSError as error:
            self.close()
            if reused and isinstance(error, ConnectionError):
                # Ingest closes idle connections, or it has restarted. So one retry comes before the error.
                return self._request(request)
            raise
        if "error" in answer:
            self.close()
            sentence = f"ingest refused {request.partition(' ')[0]}: {printable(answer['error'])}"
            raise BusyError(sentence) if _is_temporary(answer["error"]) else ContractError(sentence)
        return answer

    def _exchange(self, request: str) -> dict[str, Any]:
        if self._socket is None or self._file is None:
            self._socket = socket.create_connection(self._address, timeout=self._timeout_seconds)
            self._file = self._socket.makefile("rb")
        self._socket.sendall(request.encode() + b"\n")
        line = self._file.readline(MAX_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise ConnectionError("ingest closed the connection in the middle of an answer")
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
            assert self._file is not None  # noqa: S101 - _request left it open
            count = self._file.readinto(view[received:])  # type: ignore[attr-defined]
            if not count:
                raise ConnectionError(f"ingest closed the connection after {received} of {size} bytes")
            received += count
        return body

    def __enter__(self) -> "Self":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_temporary(error: object) -> bool:
    """Whether a retry of the same request may succeed."""
    sentence = str(error)
    return sentence.startswith(TEMPORARY_BEGINNINGS) or sentence.endswith(TEMPORARY_END)

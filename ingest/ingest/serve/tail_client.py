"""What a client of `TAIL_PORT` sends: nothing, or the line `CHANGES`."""

import select
import socket

import msgspec

from ingest.posts.change import Change

_REQUEST = b"CHANGES"
#: A longer line is no request; what is before it is forgotten.
_MAX_BYTES = 1024


class TailClient:
    """Reads what the client sends, without waiting for it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        self._line = b""
        self.closed = False
        self.wants_changes = False

    def read(self) -> None:
        """Read what has come; note whether the client has closed its sending side."""
        while not self.closed and self._poll.poll(0):
            data = self._connection.recv(4096, socket.MSG_DONTWAIT)
            self.closed = not data
            *lines, self._line = (self._line + data).split(b"\n")
            self._line = self._line[-_MAX_BYTES:]
            self.wants_changes |= any(line.strip() == _REQUEST for line in lines)


def change_line(entry: bytes) -> bytes:
    """Return the line of a change as the tail sends it: its kind is the first field, so that it looks like no post."""
    change = msgspec.structs.asdict(msgspec.json.decode(entry, type=Change))
    return msgspec.json.encode({"change": change.pop("kind"), **change}) + b"\n"

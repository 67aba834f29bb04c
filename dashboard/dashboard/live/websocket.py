"""WebSocket connections: what Engine.IO's gevent driver and simple-websocket do, with bounds.

- simple-websocket ignores that `send` may write only a part (its issue 45; 1.1.0 still does). A client that stalls and
  goes on then reads a damaged stream. Here a write is whole, or the connection ends.
- A client that does not read is disconnected after WRITE_SECONDS of one write. One that has vanished is disconnected
  after SILENCE_SECONDS. Both lose their TCP connection, which would stay open otherwise.
- The size of a message is bounded before all of it has arrived. The rate of incoming bytes is bounded too.
- A broadcast is framed once and, for clients that support it, compressed once. The library would compress with a
  context for each connection, which costs six times the CPU and 0.2 MB a page. Without a context (RFC 7692, section
  7.1.1), all clients can read the same bytes.
"""

from __future__ import annotations

import logging
import socket
import struct
import zlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from engineio.packet import Packet  # type: ignore[import-untyped]
from gevent.lock import BoundedSemaphore  # type: ignore[import-untyped]
from simple_websocket import ConnectionClosed  # type: ignore[import-untyped]
from wsproto.utilities import ProtocolError

from dashboard.server.upstream import WebsocketBase, client_gone
from dashboard.traffic.token_bucket import TokenBucket

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from dashboard.traffic.counters import ClientCounters

logger = logging.getLogger(__name__)

#: Disconnect when one write blocks this long. The socket buffers already hold about 13 snapshots.
WRITE_SECONDS = 10.0
#: Engine.IO pings after 25 s and waits 20 s for the pong. A client that is silent for longer is gone.
SILENCE_SECONDS = 60.0
BURST_BYTES = 8192
#: What a client may send. A page sends some 100 bytes for a click, and 7 each 25 s.
BYTES_PER_SECOND = 100
DEFLATE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


class BroadcastText(str):  # noqa: SLOT000 - the cached properties need a dictionary
    """A text for many clients. It is framed once, and once more compressed."""

    @cached_property
    def plain(self) -> bytes:
        """The frame."""
        return text_frame(self.encode())

    @cached_property
    def deflated(self) -> bytes:
        """The compressed frame, which refers to no other frame."""
        compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return text_frame((compressor.compress(self.encode()) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4], 0x40)


def text_frame(payload: bytes, flags: int = 0) -> bytes:
    """A whole text message as one unmasked frame (RFC 6455, section 5.2)."""
    first, length = 0x81 | flags, len(payload)
    if length < 126:
        return struct.pack("!BB", first, length) + payload
    if length < 2**16:
        return struct.pack("!BBH", first, 126, length) + payload
    return struct.pack("!BBQ", first, 127, length) + payload


class BoundedSocket:
    """A connected socket. `send` writes everything, one writer at a time. It disconnects an abusive client."""

    def __init__(self, sock: socket.socket, counters: ClientCounters, monotonic_ms: Callable[[], int]) -> None:
        self._socket = sock
        self._counters = counters
        self._incoming = TokenBucket(BURST_BYTES, BYTES_PER_SECOND, monotonic_ms)
        # The reader answers pings, while the writer may be in the middle of a message.
        self._writing = BoundedSemaphore()
        self._is_closed = False

    def send(self, data: bytes) -> int:
        """Write all of `data`, and return its length.

        Raises:
            BrokenPipeError: The client is gone, and the connection is closed.

        """
        with self._writing:
            if self._is_closed:
                raise client_gone()
            self._socket.settimeout(WRITE_SECONDS)
            try:
                self._socket.sendall(data)
            except TimeoutError as error:
                self.disconnect("stuck")
                raise client_gone() from error
            except OSError as error:
                self.disconnect()
                raise client_gone() from error
        return len(data)

    def recv(self, size: int) -> bytes:
        """Read at most `size` bytes; none from a client that sends too much.

        Raises:
            OSError: The connection is broken, or was silent for SILENCE_SECONDS.

        """
        self._socket.settimeout(SILENCE_SECONDS)
        data = self._socket.recv(size)
        if not self._incoming.spend(len(data)):
            self.disconnect("flood")
            return b""
        return data

    def disconnect(self, reason: str | None = None) -> None:
        """End the connection for both greenlets that use it. It is counted if there is a `reason`."""
        if self._is_closed:
            return
        self._is_closed = True
        if reason is not None:
            self._counters.disconnected[reason] += 1
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            logger.debug("the client has closed the connection already: %s", error)

    def close(self) -> None:
        """Close the socket."""
        self._is_closed = True
        self._socket.close()


class Websocket(WebsocketBase):
    """One connection, which Engine.IO's server makes for an upgrade."""

    def __init__(self, handler: Any, server: Any, counters: ClientCounters, monotonic_ms: Callable[[], int]) -> None:
        super().__init__(handler, server)
        self._counters = counters
        self._monotonic_ms = monotonic_ms

    def __call__(self, environ: WSGIEnvironment, _start_response: StartResponse) -> NoReturn:
        """Shake hands and serve, to the end of the connection.

        Raises:
            StopIteration: Always, at the end: by this gunicorn knows that there is no HTTP response.

        """
        offered = environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", "")
        # A client that wants a smaller window gets no compression: the frame is the same for all.
        self._deflates = "permessage-deflate" in offered and "server_max_window_bits" not in offered
        if self._deflates:
            environ["HTTP_SEC_WEBSOCKET_EXTENSIONS"] = DEFLATE
        self._connection = BoundedSocket(environ["gunicorn.socket"], self._counters, self._monotonic_ms)
        self.serve(environ, self._connection)

    def send(self, message: str | bytes) -> None:
        """Send a message.

        Raises:
            OSError: The connection is closed.

        """
        if isinstance(message, bytes) or not self.is_connected:
            super().send(message)
        elif isinstance(message, BroadcastText):
            self._connection.send(message.deflated if self._deflates else message.plain)
        else:
            self._connection.send(text_frame(message.encode()))

    def wait(self) -> str | bytes | None:
        """The next message, or None at the end. A malformed packet, on which Engine.IO fails, is the end too."""
        message: str | bytes | None = super().wait()
        try:
            if message is not None:
                Packet(encoded_packet=message)
        except (ValueError, RecursionError):
            self._connection.disconnect("malformed")
            return None
        return message

    def close(self) -> None:
        """Send the close frame, and don't wait for the client's."""
        try:
            super().close()
        except (OSError, ConnectionClosed, ProtocolError) as error:
            logger.debug("the client was gone: %s", error)
        self._connection.disconnect()

"""Websockets as this server wants them: what engineio's gevent driver and simple-websocket do, with bounds.

- simple-websocket ignores that `send` may write only a part (its issue 45; 1.1.0 still does). A client that stalls and
  goes on then reads a damaged stream. Here a write is whole, or the connection ends.
- A peer that doesn't read is dropped after WRITE_SECONDS of one write, one that vanished after SILENCE_SECONDS, and
  both with their TCP connection, which would stay open otherwise.
- A message has a bound before it is all there, and so has what a peer sends in a while.
- What all get is framed once and, for those who offer it, compressed once. Deflate with a context of each connection's
  own, which is what the library agrees to, costs six times the CPU and 0.2 MB a page; without (RFC 7692, section
  7.1.1), the same bytes are right for everybody.
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
from dashboard.traffic.token_bucket import Budget

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from dashboard.traffic.counters import Crowd

logger = logging.getLogger(__name__)

WRITE_SECONDS = 10.0
"""The kernels of both ends hold some 13 snapshots; who took none of the next for so long is stuck."""
SILENCE_SECONDS = 60.0
"""Engine.IO pings after 25 s and waits 20 s for the answer: who is silent for longer is gone."""
BURST_BYTES = 8192
BYTES_PER_SECOND = 100
"""A page sends some 100 bytes when somebody clicks, and 7 each 25 s."""
DEFLATE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


class BroadcastText(str):  # noqa: SLOT000 - what is cached needs a place
    """A text that goes to many: framed once, and once more for those who want it compressed."""

    @cached_property
    def plain(self) -> bytes:
        """As a frame."""
        return text_frame(self.encode())

    @cached_property
    def deflated(self) -> bytes:
        """As a compressed frame, which refers to no other."""
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
    """A connected socket whose `send` writes everything, one writer at a time, and which hangs up on abuse."""

    def __init__(self, sock: socket.socket, crowd: Crowd, monotonic_ms: Callable[[], int]) -> None:
        self._socket = sock
        self._crowd = crowd
        self._incoming = Budget(BURST_BYTES, BYTES_PER_SECOND, monotonic_ms)
        # The reader answers pings while the writer may stand half way through a message.
        self._writing = BoundedSemaphore()
        self._is_over = False

    def send(self, data: bytes) -> int:
        """Write all of `data`; return its length. Raises BrokenPipeError, and the connection is over then."""
        with self._writing:
            if self._is_over:
                raise client_gone()
            self._socket.settimeout(WRITE_SECONDS)
            try:
                self._socket.sendall(data)
            except TimeoutError as error:
                self.hang_up("stuck")
                raise client_gone() from error
            except OSError as error:
                self.hang_up()
                raise client_gone() from error
        return len(data)

    def recv(self, size: int) -> bytes:
        """Read at most `size` bytes; none from one who sends too much. Raises OSError, after SILENCE_SECONDS too."""
        self._socket.settimeout(SILENCE_SECONDS)
        data = self._socket.recv(size)
        if not self._incoming.take(len(data)):
            self.hang_up("flood")
            return b""
        return data

    def hang_up(self, reason: str | None = None) -> None:
        """End the connection for both greenlets that use it; counted if there is a `reason`."""
        if self._is_over:
            return
        self._is_over = True
        if reason is not None:
            self._crowd.hung_up[reason] += 1
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            logger.debug("the peer was faster: %s", error)

    def close(self) -> None:
        """Close the socket."""
        self._is_over = True
        self._socket.close()


class Websocket(WebsocketBase):
    """One connection, as engineio's server makes it for an upgrade."""

    def __init__(self, handler: Any, server: Any, crowd: Crowd, monotonic_ms: Callable[[], int]) -> None:
        super().__init__(handler, server)
        self._crowd = crowd
        self._monotonic_ms = monotonic_ms

    def __call__(self, environ: WSGIEnvironment, _start_response: StartResponse) -> NoReturn:
        """Shake hands and serve, to the end of the connection.

        Raises:
            StopIteration: Always, at the end: by this gunicorn knows that there is no HTTP response.

        """
        offered = environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", "")
        # Who wants a smaller window of ours gets none: the frame is the same for all.
        self._deflates = "permessage-deflate" in offered and "server_max_window_bits" not in offered
        if self._deflates:
            environ["HTTP_SEC_WEBSOCKET_EXTENSIONS"] = DEFLATE
        self._connection = BoundedSocket(environ["gunicorn.socket"], self._crowd, self._monotonic_ms)
        self.serve(environ, self._connection)

    def send(self, message: str | bytes) -> None:
        """Send a message. Raises OSError."""
        if isinstance(message, bytes) or not self.is_connected:
            super().send(message)
        elif isinstance(message, BroadcastText):
            self._connection.send(message.deflated if self._deflates else message.plain)
        else:
            self._connection.send(text_frame(message.encode()))

    def wait(self) -> str | bytes | None:
        """The next message, or None at the end. Engine.IO would fail on one that is no packet: it is the end, too."""
        message: str | bytes | None = super().wait()
        try:
            if message is not None:
                Packet(encoded_packet=message)
        except (ValueError, RecursionError):
            self._connection.hang_up("malformed")
            return None
        return message

    def close(self) -> None:
        """Say so to the peer, and don't wait for it."""
        try:
            super().close()
        except (OSError, ConnectionClosed, ProtocolError) as error:
            logger.debug("the peer was gone: %s", error)
        self._connection.hang_up()

"""All parts of gunicorn, Engine.IO, simple-websocket and gevent that the dashboard replaces or reads without a promise.

The libraries have no setting for what is done here, and may change these parts in any version. So each of them is used
in this file only, and `PRIVATE_PARTS` names it: a test looks each up in the installed libraries.

gunicorn loads this file before gevent has patched Python's ssl module. So engineio and simple-websocket, which import
ssl, are imported where they are needed first.
"""

from __future__ import annotations

import errno
import importlib
import logging
import os
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

import gevent  # type: ignore[import-untyped]
from gevent.event import Event  # type: ignore[import-untyped]
from gevent.selectors import DefaultSelector  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers.ggevent import GeventWorker  # type: ignore[import-untyped]
from wsproto.utilities import ProtocolError

from dashboard.traffic.limits import network_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from wsgiref.types import WSGIEnvironment

logger = logging.getLogger(__name__)

#: Attributes by `module:class`; those of an instance stand behind `class()`.
PRIVATE_PARTS = {
    "gunicorn.glogging:Logger": ("setup",),
    "gunicorn.glogging:Logger()": ("error_log",),
    "gunicorn.workers.ggevent:GeventWorker": ("handle", "handle_request", "handle_exit", "handle_quit"),
    "engineio:Server": ("disconnect", "send_packet"),
    "engineio:Server()": ("_async", "sockets", "max_http_buffer_size"),
    "engineio.packet:Packet()": ("encode_cache",),
    "engineio.socket:Socket": ("close",),
    "engineio.socket:Socket()": ("queue", "upgraded", "closed"),
    "simple_websocket:Server": ("_thread", "send", "receive", "close"),
    "simple_websocket:Server()": ("sock", "connected", "event"),
    "socketio:Server()": ("eio",),
    "socketio:Manager": ("eio_sid_from_sid",),
    "gevent.hub:Hub": ("print_exception", "NOT_ERROR"),
}

#: For what is written at once: the largest file and the longest answer take 15 kB/s.
WRITE_SECONDS = 120.0
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class RootLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's log, given to the root logger, so that its lines have the form of all others."""

    def setup(self, cfg: Any) -> None:
        """Set the level. The setting `errorlog` is None, so gunicorn's own logger has no handler."""
        super().setup(cfg)
        self.error_log.propagate = True


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's gevent worker, with bounds for what a connection may cost. It disconnects open pages when it stops.

    Without this, open WebSockets use up the whole graceful timeout. A request's headers are bounded by gunicorn's
    keepalive: they must be there within 2 s, however slowly they come.
    """

    # gunicorn sets it when the application is loaded, and handles signals before.
    wsgi: Any = None

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection, unless its address has too many."""
        gate, address = self.wsgi.extensions["dashboard.admission"], network_of(str(addr[0]))
        if listener.getsockname()[1] == gate.proxy_port:
            # All TCP connections there are the proxy's.
            super().handle(listener, client, addr)
            return
        if not gate.connections.enter(address):
            gate.note_refused_connection()
            with client:
                client.send(TOO_MANY)
            return
        try:
            super().handle(listener, client, addr)
        finally:
            gate.connections.leave(address)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """Serve one request. A client that does not read the response is disconnected without a log line."""
        sock.settimeout(WRITE_SECONDS)
        try:
            super().handle_request(listener_name, req, sock, addr)
        except TimeoutError as error:
            raise StopIteration from error

    def handle_exit(self, sig: int, frame: Any) -> None:
        """On SIGTERM: stop accepting connections, disconnect the open pages, end."""
        super().handle_exit(sig, frame)
        # While the worker starts there is no application yet, and nobody is connected.
        if self.wsgi is not None:
            # A signal handler must not block, and closing a socket may.
            self.wsgi.extensions["dashboard.admission"].closing = True
            gevent.spawn(self.wsgi.extensions["dashboard.live"].close)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """On SIGINT (Ctrl-C) and SIGQUIT: the same; gunicorn's own way ends in a traceback under gevent."""
        self.handle_exit(sig, frame)


def client_gone() -> BrokenPipeError:
    """The error for a client that has disconnected. gunicorn knows its number and logs nothing."""
    return BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class WebsocketBase:
    """One WebSocket connection, as Engine.IO uses it: it calls the object, and then `send`, `wait` and `close`."""

    def __init__(self, handler: Callable[[Any], object], server: Any) -> None:
        """Args:
        handler: Serves the connection, given this object, to its end.
        server: The Engine.IO server.
        """
        self._handler = handler
        self._max_message_bytes: int = server.max_http_buffer_size

    def serve(self, environ: WSGIEnvironment, connection: Any) -> NoReturn:
        """Shake hands and serve, to the end of the connection. `connection` is used in place of gunicorn's socket.

        Raises:
            StopIteration: Always, at the end: by this gunicorn knows that there is no HTTP response.

        """
        environ["gunicorn.socket"] = connection
        library = importlib.import_module("simple_websocket")
        self._closed_error: type[Exception] = library.ConnectionClosed
        self._websocket = library.Server(
            environ,
            max_message_size=self._max_message_bytes,
            thread_class=_reader,
            event_class=Event,
            selector_class=DefaultSelector,
        )
        self._handler(self)
        raise StopIteration

    @property
    def is_connected(self) -> bool:
        """Whether the WebSocket is open."""
        connected: bool = self._websocket.connected
        return connected

    def send(self, message: str | bytes) -> None:
        """Send a message.

        Raises:
            BrokenPipeError: The connection is closed.

        """
        try:
            self._websocket.send(message)
        except self._closed_error as error:
            raise client_gone() from error

    def wait(self) -> str | bytes | None:
        """The next message; None when the connection is closed."""
        try:
            message: str | bytes | None = self._websocket.receive()
        except self._closed_error:
            return None
        return message

    def close(self) -> None:
        """Tell the client that the connection ends, if it is still open."""
        if self._websocket.connected:
            self._websocket.close()


def _reader(target: Callable[[], None]) -> Any:
    """A greenlet for simple-websocket's `target`: a malformed frame must not end in a traceback on stderr."""

    def run() -> None:
        try:
            target()
        except (AssertionError, ProtocolError, ValueError) as error:
            logger.debug("a malformed frame: %s", error)
            connection = target.__self__  # type: ignore[attr-defined]  # it is a bound method
            connection.sock.disconnect("malformed")
            connection.connected = False
            connection.event.set()

    return gevent.Greenlet(run)


class Engine:
    """The Engine.IO server below a Socket.IO server: its sessions, by their ids."""

    def __init__(self, socketio_server: Any, websocket: Callable[[Any, Any], WebsocketBase]) -> None:
        """Args:
        socketio_server: A `socketio.Server`.
        websocket: Makes the object that serves one WebSocket, from Engine.IO's handler and server.
        """
        self._packets = importlib.import_module("engineio.packet")
        self._manager = socketio_server.manager
        self._server = socketio_server.eio
        # Its own waits until a client that sent nonsense by POST fetches all packets that wait for it: for ever.
        self._server.disconnect = self.disconnect
        # It has no setting for the class.
        self._server._async = {**self._server._async, "websocket": websocket}  # noqa: SLF001
        # It logs what clients do wrong, such as requests with a session that has ended, as errors of the server.
        logging.getLogger("engineio.server").setLevel(logging.CRITICAL)

    def session_of(self, socketio_sid: str) -> str:
        """The id of the Engine.IO session of a Socket.IO session."""
        engine_sid: str = self._manager.eio_sid_from_sid(socketio_sid, "/")
        return engine_sid

    def send(self, engine_sid: str, packet: Any) -> None:
        """Queue a packet for a client; it never waits for the client."""
        self._server.send_packet(engine_sid, packet)

    def message(self, text: str, encoded: Callable[[str], str]) -> Any:
        """A packet that is encoded once for all clients. `encoded` makes the text that a WebSocket sends."""
        packet = self._packets.Packet(self._packets.MESSAGE, text)
        packet.encode_cache = encoded(packet.encode())
        return packet

    def queued_packets(self, engine_sid: str) -> int:
        """How many packets a client has not fetched yet; 0 for one that is gone."""
        client = self._server.sockets.get(engine_sid)
        return 0 if client is None else int(client.queue.qsize())

    def transports(self, engine_sids: Iterable[str]) -> Counter[str]:
        """How many of the sessions use `websocket`, and how many use `polling`."""
        clients = (self._server.sockets.get(engine_sid) for engine_sid in engine_sids)
        return Counter("websocket" if client.upgraded else "polling" for client in clients if client is not None)

    def disconnect(self, engine_sid: str) -> None:
        """Disconnect a client at once.

        It gets no packet about that: after one, clients do not connect again (Python's client not even after
        Engine.IO's own packet).
        """
        client = self._server.sockets.get(engine_sid)
        if client is not None and not client.closed:
            client.close(wait=False, abort=True)

    def disconnect_all(self) -> None:
        """Disconnect every client at once."""
        for engine_sid in list(self._server.sockets):
            self.disconnect(engine_sid)


def on_greenlet_error(handle: Callable[[object, BaseException], object]) -> None:
    """Call `handle` with the context and the error that ended a greenlet, in place of a traceback on stderr.

    A greenlet that was killed, or that ended by SystemExit, has no error.
    """

    def handled(
        context: object, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, gevent.get_hub().NOT_ERROR):
            handle(context, (error or kind()).with_traceback(trace))

    hub: Any = gevent.get_hub()
    hub.print_exception = handled

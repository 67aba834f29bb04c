"""The HTTP server of the job, for the dashboard alone: it needs the secret of the services."""

import hmac
import logging
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import msgspec

from spark_job.state.reader import ClosedError

logger = logging.getLogger(__name__)

#: The most requests at a time. Further ones are refused.
MOST_REQUESTS = 16
#: How long a client may take to send its request.
TIMEOUT_SECONDS = 5.0
MOST_QUERY_CHARACTERS = 4096

#: The parameters of a request, each once.
Parameters = Mapping[str, str]
#: Answers a request with an object.
Handler = Callable[[Parameters], msgspec.Struct]
#: Begins what the body of a request wants, and answers with an object.
PostHandler = Callable[[bytes], msgspec.Struct]
#: A longer body is refused.
MOST_BODY_BYTES = 4096


class RefusedError(Exception):
    """The request can't be answered. Its text is one sentence for the client."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class QueryServer(ThreadingHTTPServer):
    """Answers GET and POST requests. Each has a thread, and there are few threads."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = MOST_REQUESTS

    def __init__(
        self,
        address: tuple[str, int],
        token: str,
        handlers: Mapping[str, Handler],
        posts: Mapping[str, PostHandler] | None = None,
    ) -> None:
        """Listen.

        Args:
            address: Where to listen.
            token: The secret that a client must send.
            handlers: By path.
            posts: By path, for POST requests.

        Raises:
            OSError: Nothing can listen there.

        """
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Request)
        self.token = token
        self.handlers = handlers
        self.posts = posts or {}
        self.free = threading.BoundedSemaphore(MOST_REQUESTS)

    def start(self) -> None:
        """Answer requests in threads."""
        threading.Thread(target=self.serve_forever, name="queries", daemon=True).start()

    def stop(self) -> None:
        """Answer no more requests."""
        self.shutdown()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a thread, if there are not too many."""
        if self.free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and count the thread as free."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the standard library's signature
        """Log an error without what the client has sent."""
        kind = sys.exc_info()[0]
        logger.debug("a request of the query port ended with %s", kind and kind.__name__)


class _Request(BaseHTTPRequestHandler):
    server: QueryServer
    timeout = TIMEOUT_SECONDS
    server_version, sys_version = "spark-job", ""

    def do_GET(self) -> None:
        """Answer with JSON."""
        self._respond(HTTPStatus.OK, self._answer)

    def do_POST(self) -> None:
        """Begin what the body wants, and answer with JSON."""
        self._respond(HTTPStatus.ACCEPTED, self._begin)

    def _respond(self, status: HTTPStatus, answer: Callable[[], msgspec.Struct]) -> None:
        try:
            body = msgspec.json.encode(answer())
        except RefusedError as error:
            status, body = error.status, msgspec.json.encode({"error": str(error)})
        except (ClosedError, duckdb.Error):
            status = HTTPStatus.SERVICE_UNAVAILABLE
            body = msgspec.json.encode({"error": "the counts can't be read now"})
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _begin(self) -> msgspec.Struct:
        self._check_token()
        handler = self.server.posts.get(urlsplit(self.path).path)
        if handler is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "nothing can be posted here")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and int(length[:9]) <= MOST_BODY_BYTES):
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"a body has 0 to {MOST_BODY_BYTES} bytes")
        return handler(self.rfile.read(int(length)))

    def _check_token(self) -> None:
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(errors="replace"), f"Bearer {self.server.token}".encode()):
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "this port needs the token of the services")

    def _answer(self) -> msgspec.Struct:
        self._check_token()
        address = urlsplit(self.path)
        handler = self.server.handlers.get(address.path)
        if handler is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"there are {', '.join(sorted(self.server.handlers))}")
        if len(address.query) > MOST_QUERY_CHARACTERS:
            raise RefusedError(HTTPStatus.REQUEST_URI_TOO_LONG, "the query is too long")
        return handler({name: values[-1] for name, values in parse_qs(address.query).items()})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Log nothing: a request says what somebody looks for."""

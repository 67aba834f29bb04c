"""A Jetstream server: its address, the version of the protocol that it serves, and the connection to it."""

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from ingest.sources.bluesky import event as jetstream_event
from ingest.sources.bluesky.event import POSTS
from ingest.sources.common import address, proxy
from ingest.sources.common.lines import MAX_LINE_BYTES

#: Timeout of the library for the handshake.
CONNECT_SECONDS = 10.0
#: Timeout of the library for the closing handshake.
CLOSE_SECONDS = 0.5
#: Messages that the library may buffer.
MAX_BUFFERED_MESSAGES = 256

# At DEBUG the library logs every post, and at ERROR a traceback for each host that sends garbage.
library_logger = logging.getLogger(f"{__name__}.websocket")
library_logger.setLevel(logging.CRITICAL)


class Version(NamedTuple):
    """One of the two versions of Jetstream's protocol. Both have a cursor in microseconds since 1970."""

    name: str
    path: str
    query: tuple[tuple[str, str], ...]
    read: Callable[[bytes], jetstream_event.Event]


# The server must not send messages longer than our bound: each would end the stream at the same place for ever.
_BOUND = ("maxMessageSizeBytes", str(MAX_LINE_BYTES))
_V2 = Version(
    "v2",
    "/xrpc/network.bsky.jetstream.subscribeEvents",
    (("kinds", "commit"), ("kinds", "account"), ("collections", POSTS), _BOUND),
    jetstream_event.read_v2,
)
_V1 = Version("v1", "/subscribe", (("wantedCollections", POSTS), _BOUND), jetstream_event.read_v1)


@dataclass
class Host:
    """A server, the version that it served last, and until when (monotonic seconds) it must not be contacted."""

    url: str
    version: Version = _V2
    retry_at_seconds: float = 0.0

    @property
    def name(self) -> str:
        """Name and port, as in the address."""
        return urlsplit(self.url).netloc

    @property
    def versions(self) -> tuple[Version, Version]:
        """The versions in the order in which they are tried: first the one that was served last."""
        return (_V1, _V2) if self.version is _V1 else (_V2, _V1)

    def stream_url(self, version: Version, from_us: int | None) -> str:
        """Return the address of the stream from this time on (microseconds since 1970 UTC); None: from now on."""
        query = list(version.query)
        if from_us is not None:
            query.append(("cursor", str(from_us)))
        return f"{self.url}{version.path}?{urlencode(query)}"


def base_url(host: str) -> str:
    """Return the address of a host that is given by its name or by a `wss://` address.

    Raises:
        ValueError: `host` is neither.

    """
    if "@" in host:  # the part before it may be a password and is not quoted
        raise ValueError("be names of Jetstream hosts or their wss:// addresses, without an @")
    url = address.split(host if "://" in host else f"wss://{host}")
    if url is None or url.scheme not in {"ws", "wss"} or url.query or url.fragment:
        raise ValueError(f"be names of Jetstream hosts or their wss:// addresses, not {host!r:.80}")
    path = url.path.rstrip("/").removesuffix(_V1.path).removesuffix(_V2.path)
    return f"{url.scheme}://{url.netloc}{path}"


def connection(url: str) -> Generator[ClientConnection, None, None]:
    """Connect and yield the connection; it is closed if the consumer has abandoned this generator.

    Raises:
        Refused: The environment names a proxy that can't be used.
        Exception: The library raised it; garbage from the server makes it raise nearly anything.

    """
    opened = connect(
        url,
        compression=None,
        open_timeout=CONNECT_SECONDS,
        close_timeout=CLOSE_SECONDS,
        max_size=MAX_LINE_BYTES,
        max_queue=MAX_BUFFERED_MESSAGES,
        logger=library_logger,
        legacy=True,
        proxy=proxy.proxy_for(url),
    )
    try:
        yield opened
    except GeneratorExit:
        opened.close()
        raise


def close_reason(closed: ConnectionClosed) -> str:
    """Return in a few words who closed the connection, and why."""
    if closed.rcvd is None:
        return "the connection broke off" if closed.sent is None else f"we closed it ({closed.sent.reason})"
    return f"{closed.rcvd.code} {closed.rcvd.reason}".rstrip()

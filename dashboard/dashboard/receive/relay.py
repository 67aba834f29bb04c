"""Pass each push to all other dashboards, over a Redis channel.

Only the body of a push is passed on. Each process handles it like a push of its own, so open pages, views and history
stay in their process. A lost message costs as little as a lost push.
"""

from __future__ import annotations

import hashlib
import logging
from functools import partial
from typing import TYPE_CHECKING

import gevent  # type: ignore[import-untyped]
import redis

from dashboard.server.greenlets import repeat
from dashboard.snapshots.parse import SnapshotError

if TYPE_CHECKING:
    from dashboard.log_throttle import Throttle
    from dashboard.receive.push_counts import Pushes
    from dashboard.receive.receiver import SnapshotReceiver

logger = logging.getLogger(__name__)

CHANNEL = "hashtags-live:snapshots"
CONNECT_SECONDS = 2.0
#: A Redis that does not answer delays a push by no more than this.
ANSWER_SECONDS = 2.0
PING_SECONDS = 5.0
AGAIN_SECONDS = 1.0


class Relay:
    """Publishes the pushes to this dashboard, and receives those to the others. Without a `url` it does nothing."""

    def __init__(self, url: str, receiver: SnapshotReceiver, pushes: Pushes, throttle: Throttle) -> None:
        """Listen from now on, in a new greenlet."""
        self._receiver = receiver
        self._pushes = pushes
        self._throttle = throttle
        self._published = b""
        self._publish_error: str | None = None
        self._receive_error: str | None = None
        self._redis: redis.Redis | None = None
        if url:
            self._redis = redis.Redis.from_url(
                url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS
            )
            follow = partial(self._follow, self._redis)
            gevent.spawn(repeat, "the relay of snapshots", follow, AGAIN_SECONDS, gevent.sleep)

    @property
    def notice(self) -> str | None:
        """What is wrong, as one sentence. None if nothing is."""
        return self._publish_error or self._receive_error

    def publish(self, body: bytes) -> None:
        """Publish a push that this dashboard received."""
        if self._redis is None:
            return
        # Not the body itself: it may have posts, which are not held for longer than the next snapshot.
        self._published = _digest(body)
        try:
            self._redis.publish(CHANNEL, body)
        except redis.RedisError as error:
            self._publish_error = self._note_error(error)
        else:
            self._publish_error = None

    def _follow(self, server: redis.Redis) -> None:
        """Receive messages until the connection breaks."""
        try:
            self._read(server)
        except redis.RedisError as error:
            self._receive_error = self._note_error(error)

    def _read(self, server: redis.Redis) -> None:
        """Receive messages.

        Raises:
            redis.RedisError: The connection is broken, or Redis does not answer a ping.

        """
        ping_sent = False
        with server.pubsub() as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(CHANNEL)
            while True:
                message = channel.get_message(timeout=PING_SECONDS)
                if message is None:
                    if ping_sent:
                        raise redis.TimeoutError("it does not answer")
                    channel.ping()
                elif message["type"] == "message":
                    self._on_message(message["data"])
                ping_sent = message is None
                self._receive_error = None if message else self._receive_error

    def _on_message(self, body: bytes) -> None:
        if _digest(body) == self._published:
            return
        try:
            self._receiver.receive(body, is_relayed=True)
        except SnapshotError as error:
            self._pushes.reject("relay", str(error))

    def _note_error(self, error: redis.RedisError) -> str:
        sentence = f"the other dashboards can't be reached over MESSAGE_QUEUE: {error}"
        if self._throttle.allows_sentence("relay", sentence):
            logger.warning("%s", sentence)
        return sentence


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body).digest()

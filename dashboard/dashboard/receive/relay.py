"""Several dashboards as one: what is pushed to any of them comes to all, over a channel of Redis.

The body of a push goes through, and nothing else: each process then does with it what it would do with a push of its
own, so that pages, views and the past are where their process is. A message that is lost costs what a lost push costs.
"""

from __future__ import annotations

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
    from dashboard.receive.receiver import Inbox

logger = logging.getLogger(__name__)

CHANNEL = "hashtags-live:snapshots"
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 2.0
"""A Redis that does not answer holds up a push for no longer."""
PING_SECONDS = 5.0
AGAIN_SECONDS = 1.0


class Relay:
    """Publishes what was pushed here, and takes what was pushed to the others. Without a `url`: there are none."""

    def __init__(self, url: str, inbox: Inbox, pushes: Pushes, throttle: Throttle) -> None:
        """Listens from now on, in a greenlet of its own."""
        self._inbox = inbox
        self._pushes = pushes
        self._throttle = throttle
        self._published = b""
        self._not_published: str | None = None
        self._not_heard: str | None = None
        self._redis: redis.Redis | None = None
        if url:
            self._redis = redis.Redis.from_url(
                url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS
            )
            follow = partial(self._follow, self._redis)
            gevent.spawn(repeat, "the relay of snapshots", follow, AGAIN_SECONDS, gevent.sleep)

    @property
    def notice(self) -> str | None:
        """What is wrong, as one sentence."""
        return self._not_published or self._not_heard

    def publish(self, body: bytes) -> None:
        """Give a push that was taken here to the others."""
        if self._redis is None:
            return
        self._published = body
        try:
            self._redis.publish(CHANNEL, body)
        except redis.RedisError as error:
            self._not_published = self._say(error)
        else:
            self._not_published = None

    def _follow(self, server: redis.Redis) -> None:
        """Take what comes, until the connection breaks."""
        try:
            self._read(server)
        except redis.RedisError as error:
            self._not_heard = self._say(error)

    def _read(self, server: redis.Redis) -> None:
        """Take what comes. Raises RedisError, also when nothing comes and nobody answers."""
        is_asked = False
        with server.pubsub() as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(CHANNEL)
            while True:
                message = channel.get_message(timeout=PING_SECONDS)
                if message is None:
                    if is_asked:
                        raise redis.TimeoutError("it does not answer")
                    channel.ping()
                elif message["type"] == "message":
                    self._take(message["data"])
                is_asked = message is None
                self._not_heard = None if message else self._not_heard

    def _take(self, body: bytes) -> None:
        if body == self._published:
            return
        try:
            self._inbox.take(body)
        except SnapshotError as error:
            self._pushes.reject("relay", str(error))

    def _say(self, error: redis.RedisError) -> str:
        sentence = f"the other dashboards can't be reached over MESSAGE_QUEUE: {error}"
        if self._throttle.admits_sentence("relay", sentence):
            logger.warning("%s", sentence)
        return sentence

"""Which of several dashboards delivers an alert: the first one that claims it in Redis."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import redis

from dashboard.alerts.signature import message_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.log_throttle import Throttle

logger = logging.getLogger(__name__)

KEY_PREFIX = "hashtags-live:alert:"
SILENCE_PREFIX = "hashtags-live:silence:"
#: Longer than any delivery is tried.
CLAIM_SECONDS = 2 * 24 * 60 * 60
#: A Redis that does not answer delays a delivery by no more than this.
ANSWER_SECONDS = 2.0


class Claims:
    """The alerts that this dashboard delivers. Without a `url` it delivers all that the job pushed to it."""

    def __init__(self, url: str, instance: Callable[[], str], throttle: Throttle) -> None:
        """Args:
        url: The Redis of `MESSAGE_QUEUE`, or an empty text.
        instance: The name of this dashboard, the same after a restart.
        throttle: Bounds what is logged.
        """
        self._instance = instance
        self._throttle = throttle
        self._redis: redis.Redis | None = None
        if url:
            self._redis = redis.Redis.from_url(
                url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS
            )

    def take(self, alert_id: str) -> bool:
        """Whether this dashboard delivers the alert. While Redis can't be reached, it does.

        Raises:
            HistoryAwayError: The name of this dashboard can't be read.

        """
        return self._take(KEY_PREFIX + message_id(alert_id), CLAIM_SECONDS)

    def take_silence(self, rule: str, seconds: int) -> bool:
        """Whether this dashboard delivers the alert of a rule about a silence of the job. The others don't for a time.

        Args:
            rule: The name of the rule.
            seconds: How long.

        Raises:
            HistoryAwayError: The name of this dashboard can't be read.

        """
        return self._take(SILENCE_PREFIX + message_id(rule), seconds)

    def _take(self, key: str, seconds: int) -> bool:
        if self._redis is None:
            return True
        name = self._instance().encode()
        try:
            return bool(self._redis.set(key, name, nx=True, ex=seconds)) or self._redis.get(key) == name
        except redis.RedisError as error:
            if self._throttle.allows("claims"):
                logger.warning("alerts are delivered without a look at other dashboards: %s", error)
            return True

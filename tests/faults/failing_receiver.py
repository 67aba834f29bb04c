"""A webhook over TLS that fails in every way, as often as chance says."""

import random
import socket
import ssl
from typing import Any

from tests.dashboard.support.webhook_receiver import WebhookReceiver

#: One of so many requests fails.
FAILS_ONE_OF = 6
#: One of so many connections has a certificate that nobody trusts.
STRANGE_ONE_OF = 15
#: `slow` lasts until the sender gives up, so it is rare.
FAILURES: list[Any] = [
    *[500, 503, (429, {"Retry-After": "1"}), "cut", "cut after", "nonsense", "endless"] * 3,
    "slow",
]


class FailingReceiver(WebhookReceiver):
    """`refused_handshakes` counts the connections with a strange certificate. Without `rng` nothing fails."""

    def __init__(self, good: ssl.SSLContext, strange: ssl.SSLContext, rng: random.Random | None) -> None:
        self._good, self._strange = good, strange
        self._rng = None if rng is None else random.Random(rng.random())
        self.refused_handshakes = 0
        super().__init__(tls=good)

    def next_behaviour(self) -> Any:
        if self._rng is None or self._rng.randrange(FAILS_ONE_OF):
            return 200
        return self._rng.choice(FAILURES)

    def get_request(self) -> tuple[socket.socket, Any]:
        is_strange = self._rng is not None and self._rng.randrange(STRANGE_ONE_OF) == 0
        self.refused_handshakes += is_strange
        self._tls = self._strange if is_strange else self._good
        return super().get_request()

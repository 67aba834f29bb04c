"""Counters of clients that were refused, skipped or disconnected."""

from __future__ import annotations

from collections import Counter

#: The client did not read; sent too much; sent malformed data.
DISCONNECT_REASONS = ("stuck", "flood", "malformed")
REFUSAL_REASONS = ("connections", "full", "rate", "slow body", "malformed", "questions", "unread")


class ClientCounters:
    """Counts since the process started. Only `pages` is the number of now."""

    def __init__(self) -> None:
        #: Open pages that get snapshots.
        self.pages = 0
        #: Snapshots that were not sent to a page because it had not read the ones before.
        self.skipped = 0
        #: Connections that the server closed, by reason.
        self.disconnected: Counter[str] = Counter()
        #: Refused requests and connections, by reason.
        self.refused: Counter[str] = Counter()

"""What the server does to clients that it can't serve as they want, counted."""

from __future__ import annotations

from collections import Counter

HUNG_UP = ("stuck", "flood", "malformed")
REFUSED = ("connections", "full", "rate", "slow body", "malformed", "questions", "unread")


class Crowd:
    """Counts since the process started, but `pages`, which is now."""

    def __init__(self) -> None:
        self.pages = 0
        """Open pages that get snapshots."""
        self.skipped = 0
        """Snapshots that a page was not sent, because it had not taken those before."""
        self.hung_up: Counter[str] = Counter()
        """Connections that were closed, by reason of `HUNG_UP`: did not read, sent too much, sent nonsense."""
        self.refused: Counter[str] = Counter()
        """What was refused, by reason of `REFUSED`."""

"""Count bad input of a source by its reason, and log it now and then."""

import logging
from collections.abc import Iterable

from ingest.intake.progress import Progress
from ingest.log_throttle import LogThrottle
from ingest.sources.base import Malformed

logger = logging.getLogger("ingest.intake.intake")


class BadInput:
    """Counts inputs that are no posts, and posts that lost tags."""

    def __init__(self, throttle: LogThrottle) -> None:
        """Create it; `throttle` bounds the log lines."""
        self._throttle = throttle

    def count(self, source: str, counts: Progress, item: Malformed) -> None:
        """Count and log an input that was dropped."""
        self._count(source, counts, "an input", item.reason, item.cursor, item.cause)

    def count_dropped_tags(self, source: str, counts: Progress, cursor: str | None, reasons: Iterable[str]) -> None:
        """Count and log that an accepted post lost tags for these reasons."""
        for reason in reasons:
            self._count(source, counts, "tags of a post", reason, cursor, None)

    def _count(
        self, source: str, counts: Progress, what: str, reason: str, cursor: str | None, cause: str | None
    ) -> None:
        total = counts.malformed[reason] = counts.malformed.get(reason, 0) + 1
        if self._throttle.allows(f"malformed {source} {reason}"):
            why = f"{reason}: {cause}" if cause else reason
            logger.warning("%s: dropped %s: %s (%d so far, at cursor %s)", source, what, why, total, cursor)

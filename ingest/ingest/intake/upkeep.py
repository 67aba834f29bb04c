"""The upkeep of the spool: trim it, and remove what was deleted from its write-ahead log."""

import logging
import sqlite3
from collections.abc import Callable

from ingest.log_throttle import LogThrottle
from ingest.spool.spool import Spool

#: How often what was deleted is removed from the write-ahead log.
REMOVE_SECONDS = 2.0

logger = logging.getLogger("ingest.intake.intake")


class Upkeep:
    """Trims the spool, and empties its write-ahead log. For the thread that commits."""

    def __init__(self, spool: Spool, monotonic_seconds: Callable[[], float], throttle: LogThrottle) -> None:
        """Create it; `throttle` bounds the log lines."""
        self._spool = spool
        self._monotonic_seconds = monotonic_seconds
        self._throttle = throttle
        self._remove_at_seconds = monotonic_seconds()

    def trim(self) -> int:
        """Trim the spool; return the first offset that is still stored, 0 if trimming failed."""
        try:
            return self._spool.trim()
        except sqlite3.Error as error:
            if self._throttle.allows("trim"):
                logger.error("the spool can't be trimmed: %s", error)
            return 0

    def make_room(self) -> None:
        """Free what can be freed on a full disk: posts that need not be stored, and the write-ahead log."""
        self.trim()
        try:
            self._spool.empty_write_ahead_log()
        except sqlite3.Error as error:
            logger.debug("the write-ahead log can't be emptied: %s", error)

    def remove_old_content(self) -> None:
        """Remove what was deleted from the write-ahead log, every `REMOVE_SECONDS`."""
        if self._monotonic_seconds() < self._remove_at_seconds:
            return
        self._remove_at_seconds = self._monotonic_seconds() + REMOVE_SECONDS
        try:
            if self._spool.remove_old_content():
                return
            why = "another program reads the spool"
        except sqlite3.Error as error:
            why = str(error)
        if self._throttle.allows("remove"):
            logger.warning("posts that were deleted are still in the write-ahead log of the spool: %s", why)

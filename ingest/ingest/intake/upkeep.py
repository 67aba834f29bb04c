"""The upkeep of the spool: trim it, load its ids, and remove what was deleted from its write-ahead log."""

import logging
import sqlite3
from collections.abc import Callable, Mapping

from ingest.intake import known_ids
from ingest.intake.dedup import Deduplicator
from ingest.intake.progress import Progress
from ingest.intake.run import Run
from ingest.log_throttle import LogThrottle
from ingest.spool.reader import UnreadableError
from ingest.spool.spool import Spool

#: How often what was deleted is removed from the write-ahead log.
REMOVE_SECONDS = 2.0

logger = logging.getLogger("ingest.intake.intake")


class Upkeep:
    """Trims the spool, and empties its write-ahead log. For the thread that commits; a `LogUpkeep`."""

    title = "the spool"

    def __init__(self, spool: Spool, monotonic_seconds: Callable[[], float], throttle: LogThrottle) -> None:
        """Create it; `throttle` bounds the log lines."""
        self._spool = spool
        self._monotonic_seconds = monotonic_seconds
        self._throttle = throttle
        self._remove_at_seconds = monotonic_seconds()

    def new_run(self) -> Run:
        """Return an empty run."""
        return Run()

    def session_start(self) -> int:
        """Return the offset of the next post."""
        return self._spool.end

    def load_ids(self, dedup: Deduplicator, sessions: Mapping[str, Progress], stopped: Callable[[], bool]) -> None:
        """Add the ids of the stored posts."""
        with self._spool.reader() as reader:
            known_ids.load(dedup, reader, self._spool.end, sessions, stopped, self.wipe)

    def unwritable(self, error: Exception) -> str:
        """Return that the sources wait, and why."""
        return f"the spool can't be written, so the sources wait: {error}"

    def discard(self, damage: UnreadableError) -> None:
        """Delete a damaged run, and all before it."""
        self._spool.discard(damage)

    def trim(self) -> int:
        """Trim the spool; return the first offset that is still stored, 0 if trimming failed."""
        try:
            return self._spool.trim()
        except sqlite3.Error as error:
            if self._throttle.allows("trim"):
                logger.error("the spool can't be trimmed: %s", error)
            return 0

    def wipe(self, damage: UnreadableError) -> None:
        """Remove the texts of a damaged run: nobody can find its posts when they are deleted.

        If some of its posts are acknowledged, readers may have them, and must learn that they are gone. So the run is
        deleted, and with it all before it, which are acknowledged. Otherwise its lines are overwritten, so that
        readers get all posts before it.
        """
        try:
            if damage.first < self._spool.marks().acked:
                self._spool.discard(damage)
            else:
                self._spool.overwrite(damage)
        except sqlite3.Error as error:
            logger.error("%s, and can't be removed: %s", damage, error)

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

"""A thread that keeps the index of tags up to date while somebody searches. Without searches there is neither."""

import logging
import threading
from collections.abc import Callable

import duckdb

from spark_job.query_server.index_versions import IndexVersions
from spark_job.query_server.now import Now
from spark_job.state.reader import ClosedError, Reader

logger = logging.getLogger(__name__)

#: How often it looks for a pane that has closed. A pause is at least so many times as long as the work before it.
PAUSE_MS = 250
PAUSE_FOR_WORK = 3
#: So long after the last search it adds each micro-batch too: the next search may come soon. Just behind a search it
#: doesn't: searches without a pause do it themselves, and two threads would take the time of a snapshot.
SOON_MS = 5_000
#: So long after the last search the index is forgotten.
IDLE_MS = 60_000
#: To read the whole index takes at most this part of the time.
MOST_OF_TIME = 1 / 10


class IndexKeeper:
    """The thread. The first search starts it, and it ends by itself."""

    def __init__(
        self,
        versions: IndexVersions,
        reader: Reader,
        now: Callable[[], Now | None],
        monotonic_ms: Callable[[], int],
    ) -> None:
        self._versions = versions
        self._reader = reader
        self._now = now
        self._monotonic_ms = monotonic_ms
        self._lock = threading.Lock()
        self._is_running = False
        self._asked_ms = 0
        self._read_again_ms = 0
        self._pause = threading.Event()

    def note_search(self) -> None:
        """Keep the index up to date for a while."""
        with self._lock:
            self._asked_ms = self._monotonic_ms()
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="index of tags", daemon=True).start()

    def keep(self) -> bool:
        """Bring the index up to date, and return whether to go on.

        When nobody has searched for a while, or when the state file is closed, the index is forgotten.
        """
        with self._lock:
            if self._monotonic_ms() - self._asked_ms >= IDLE_MS:
                return self._end()
        try:
            self._keep()
        except ClosedError:
            with self._lock:
                return self._end()
        except duckdb.Error as error:
            logger.debug("tags can't be read now: %s", type(error).__name__)
        return True

    def _end(self) -> bool:
        self._versions.forget()
        self._is_running = False
        return False

    def _keep(self) -> None:
        now, since_ms = self._now(), self._monotonic_ms()
        if now is None:
            return
        with self._reader.beside() as db:
            is_soon = PAUSE_MS <= since_ms - self._asked_ms < SOON_MS
            can_be_used = self._versions.newest(db, now) is not None if is_soon else self._versions.move(db, now)
            if (can_be_used and not self._versions.is_scattered) or since_ms < self._read_again_ms:
                return
            self._versions.read(db, now)
        until_ms = self._monotonic_ms()
        self._read_again_ms = until_ms + int((until_ms - since_ms) / MOST_OF_TIME)

    def _run(self) -> None:
        since_ms = self._monotonic_ms()
        while self.keep():
            worked_ms = self._monotonic_ms() - since_ms
            self._pause.wait(max(PAUSE_MS, PAUSE_FOR_WORK * worked_ms) / 1000)
            since_ms = self._monotonic_ms()

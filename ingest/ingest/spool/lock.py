"""The lock of a spool folder: one ingest at a time. The lock file also notes how far the log had come."""

import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ingest.spool.sqlite_guard import lock_folder

logger = logging.getLogger(__name__)

_NOTE = re.compile(rb"([0-9a-f]{1,64}) +(\d{1,18})\n")


@dataclass(frozen=True)
class LastLog:
    """The log that was last written in this folder, and its last noted end."""

    log: str
    end: int


class SpoolLock:
    """The locked file `lock`, which also notes the id and the end of the log.

    The note is written after each commit and never synced: after a power cut it may lag behind the log, but it is never
    ahead of it. With the note, a start can tell a spool that was deleted or that lost posts (a lost write-ahead log, an
    older copy) from a new one.
    """

    def __init__(self, folder: Path) -> None:
        """Create `folder` if it is missing, and lock it.

        Raises:
            BlockingIOError: Another process holds the lock.
            OSError: The folder can't be created or written.

        """
        self._file = os.fdopen(lock_folder(folder), "r+b", buffering=0)
        noted = _NOTE.fullmatch(self._file.read(128))
        self.last = LastLog(noted[1].decode(), int(noted[2])) if noted else None

    def note(self, log: str, end: int) -> None:
        """Note that `log` has its posts up to `end` on disk."""
        try:
            os.pwrite(self._file.fileno(), b"%s %18d\n" % (log.encode(), end), 0)
        except OSError as error:
            logger.debug("the end of the log could not be noted: %s", error)

    def close(self) -> None:
        """Release the lock."""
        self._file.close()

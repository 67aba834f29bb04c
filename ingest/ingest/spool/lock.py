"""The claim on a spool folder: one ingest at a time, and what the last one of them had accepted."""

import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ingest.spool.sqlite_guard import lock_folder

logger = logging.getLogger(__name__)

_LAST = re.compile(rb"([0-9a-f]{1,64}) +(\d{1,18})\n")


@dataclass(frozen=True)
class Last:
    """The log that was written last in this folder, and where it ended, as far as that was noted."""

    log: str
    end: int


class Claim:
    """The locked file `lock`, which also says how far the log came.

    It is written behind each commit and never synced: it says too little after a power cut, and never too much. With
    it a start knows a spool that went away, or fell back (a lost write-ahead log, an older copy), from a young one.
    """

    def __init__(self, folder: Path) -> None:
        """Make `folder` and lock it.

        Raises:
            BlockingIOError: another process has it.
            OSError: it can't be made or written.

        """
        self._file = os.fdopen(lock_folder(folder), "r+b", buffering=0)
        noted = _LAST.fullmatch(self._file.read(128))
        self.last = Last(noted[1].decode(), int(noted[2])) if noted else None

    def note(self, log: str, end: int) -> None:
        """Note that `log` has its posts up to `end` on disk."""
        try:
            os.pwrite(self._file.fileno(), b"%s %18d\n" % (log.encode(), end), 0)
        except OSError as error:
            logger.debug("the end of the log was not noted: %s", error)

    def close(self) -> None:
        """Free the folder."""
        self._file.close()

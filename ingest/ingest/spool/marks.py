"""The marks of the log: which posts and changes are stored, and how far the posts are counted."""

import sqlite3
from dataclasses import dataclass

from ingest.spool.changes import changes_end, first_change


class AckError(ValueError):
    """An acknowledgement of another log, or of posts beyond its end."""


@dataclass(frozen=True)
class Marks:
    """The first, last and acknowledged offsets of the log, and the numbers of its changes; see STATUS in
    docs/protocol.md.
    """

    log: str
    first: int
    end: int
    acked: int
    trimmed_unread: int
    first_change: int
    end_change: int
    watermark_ms: int = 0

    def check_ack(self, log: str, end: int) -> None:
        """Check that an acknowledgement is of this log, and of posts that it has.

        Raises:
            AckError: It is not.

        """
        if log != self.log:
            raise AckError(f"this is log {self.log}, not {log}")
        if end > self.end:
            raise AckError(f"the log ends at {self.end}, before {end}")


def read_marks(db: sqlite3.Connection) -> Marks:
    """Return the marks of the file."""
    log, end, acked, trimmed_unread = db.execute('SELECT id, "end", acked, trimmed_unread FROM log').fetchone()
    first = db.execute("SELECT coalesce(min(first), ?) FROM runs", (end,)).fetchone()[0]
    return Marks(log, first, end, acked, trimmed_unread, first_change(db), changes_end(db))

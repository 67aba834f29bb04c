"""Log records as lines, in which text from outside can neither begin a line nor command a terminal.

The same file stands in each service: they share no code. A test compares them byte by byte.
"""

import logging
from datetime import datetime, timezone

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
TRACE_INDENT = "  | "


def escape(text: str) -> str:
    """Return `text`; control, bidi and invisible characters and line ends are written as in Python source."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


class LineFormatter(logging.Formatter):
    """Formats a record as one escaped line, followed by the indented lines of its traceback, if it has one."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """Return the time of `record` in UTC, as in `2026-11-28T12:00:00.000Z`."""
        at = datetime.fromtimestamp(record.created, timezone.utc)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of `record`, without a line end."""
        record.message = escape(record.getMessage())
        record.asctime = self.formatTime(record)
        lines = [self.formatMessage(record)]
        if record.exc_info:
            lines += self.formatException(record.exc_info).splitlines()
        if record.stack_info:
            lines += record.stack_info.splitlines()
        return f"\n{TRACE_INDENT}".join([lines[0], *map(escape, lines[1:])])

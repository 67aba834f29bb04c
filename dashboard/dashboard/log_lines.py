"""The lines that the dashboard, gunicorn and Flask log, as text or JSON."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

#: `2026-11-28T12:00:00.000Z INFO dashboard.app: the message`.
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure_logging(level: str, log_format: str) -> None:
    """Log to standard error. gunicorn's worker calls it again, because gevent has replaced the locks of the handler."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter(TEXT))
    logging.basicConfig(level=level, handlers=[handler], force=True)


class TextFormatter(logging.Formatter):
    """A message may quote a client, so it is escaped. The lines of an exception are indented."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Time, level, logger and message."""
        return escape(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """The exception, one indented line each."""
        return "\n".join(f"  | {escape(line)}" for line in super().formatException(ei).splitlines())


class JsonFormatter(TextFormatter):
    """One JSON object for each record, in ASCII, so no character of a client must be escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """`at`, `level`, `logger`, `message`, and `exception` if there is one."""
        line = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name}
        line |= {"message": record.getMessage()}
        if record.exc_info:
            line |= {"exception": logging.Formatter.formatException(self, record.exc_info)}
        return json.dumps(line)


def escape(text: str) -> str:
    """`text` on one line. Characters that are invisible or move the cursor are written as in Python source."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def sentence_line(sentence: str, log_format: str | None, service: str = "dashboard") -> str:
    """The line with which a service refuses to start: `dashboard: the sentence`, or a JSON object."""
    if log_format == "json":
        return JsonFormatter().format(logging.LogRecord(service, logging.ERROR, "", 0, sentence, None, None))
    return f"{service}: {escape(sentence)}"

"""The lines that ingest logs: text for people, or JSON for machines."""

import json
import logging
import time
from typing import Any


def configure_logging(level: str, log_format: str) -> None:
    """Log all records from `level` on to standard error, as `text` or `json` lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler])


def escape(text: str) -> str:
    """Return `text`; characters that could begin a line or command a terminal are written as in Python source."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


class TextFormatter(logging.Formatter):
    """Formats a record as `2026-11-28T12:00:00.000Z INFO ingest.spool.writer: the message`.

    A message may quote a post or what a platform answered, so it is escaped. The lines of an exception are indented.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Return the first line."""
        return escape(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Return the lines of an exception."""
        return "\n".join(f"  | {escape(line)}" for line in super().formatException(ei).splitlines())


class JsonFormatter(TextFormatter):
    """Formats a record as one JSON object in ASCII, with the exception as a field."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = logging.Formatter.formatException(self, record.exc_info)
        return json.dumps(fields)


def sentence_line(sentence: str, log_format: str | None) -> str:
    """Return the line with which ingest refuses to start: `ingest: the sentence`, or a JSON object."""
    if log_format == "json":
        return JsonFormatter().format(logging.LogRecord("ingest", logging.ERROR, "", 0, sentence, None, None))
    return f"ingest: {escape(sentence)}"

"""The lines that the job logs, as text or JSON. Executors run this module, so it needs the standard library only."""

import json
import logging
import os
import time
from typing import Any


def escape(text: str) -> str:
    """`text` on one line. Characters that are invisible or move the cursor are written as in Python source."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def configure_logging(level: str, log_format: str) -> None:
    """Log to standard error; `log_format` is `text` or `json`. Java's own lines follow the variable LOG_FORMAT."""
    os.environ["LOG_FORMAT"] = log_format
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(log_format))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    # py4j uses the root logger when Java ends. The job logs one sentence instead.
    logging.getLogger().addFilter(lambda record: "py4j" not in record.pathname)


def configure_executor_logging() -> None:
    """Log warnings on an executor, where PySpark sets up no logging, in the format of the job."""
    if not logging.getLogger().handlers:
        configure_logging("WARNING", os.environ.get("LOG_FORMAT", "text"))


def sentence_line(sentence: str, log_format: str | None) -> str:
    """The line with which the job refuses to start: text for a person, a JSON object for a machine."""
    if log_format == "json":
        return JsonFormatter().format(logging.LogRecord("spark_job", logging.ERROR, "", 0, sentence, None, None))
    return f"spark-job: {escape(sentence)}"


def _formatter(log_format: str) -> logging.Formatter:
    if log_format == "json":
        return JsonFormatter()
    return TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


class TextFormatter(logging.Formatter):
    """`2026-11-28T12:00:00.000Z INFO spark_job.job: the message`, then the exception in indented lines.

    A message may quote ingest, Java or a post, so it is escaped.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line without the exception."""
        return escape(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """The exception, one indented line each."""
        return "\n".join(f"  | {escape(line)}" for line in super().formatException(ei).splitlines())


class JsonFormatter(TextFormatter):
    """One JSON object in ASCII a record, with the exception as a field."""

    def format(self, record: logging.LogRecord) -> str:
        """The object."""
        said = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name}
        said["message"] = record.getMessage()
        if record.exc_info:
            said["exception"] = logging.Formatter.formatException(self, record.exc_info)
        return json.dumps(said)

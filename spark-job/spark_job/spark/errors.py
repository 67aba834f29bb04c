"""What Spark's errors come down to: one telling sentence, or that Spark itself is gone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError, Py4JJavaError

from spark_job.executor.network_error import in_words


class SparkGoneError(Exception):
    """Spark did not start, or its Java process has ended: only another start of the job helps."""


@contextmanager
def spark_expected() -> Iterator[None]:
    """Raise `SparkGoneError` when Spark's Java process can't be reached from here."""
    try:
        yield
    except Py4JJavaError:
        raise  # Java is there to say so
    except (Py4JError, OSError) as error:
        raise SparkGoneError("Spark's Java process has ended") from error


def telling_line(error: str) -> str:
    """The telling line of a Spark error: the last Python exception in it, else its first line."""
    lines = [line.strip().removeprefix(": ") for line in error.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("An error occurred while calling"):
        del lines[0]
    telling = [line for line in lines if line.split(":")[0].endswith("Error") and " " not in line.split(":")[0]]
    return (telling[-1] if telling else lines[0] if lines else "unknown error")[:500]


_EXCEPTION = re.compile(r"(?:[\w$]+\.)*(\w*(?:Error|Exception|Refused|Interrupted))(?:: ?|$)")
_KNOWN = (
    (re.compile(r"OutOfMemory|Java heap space|MemoryError|Cannot allocate memory"), "Spark has run out of memory"),
    (re.compile(r"No space left on device"), "the disk is full"),
    (re.compile(r"LogReplacedError"), "ingest has another log now"),
    (re.compile(r"ConnectionRefusedError|ConnectException"), "ingest can't be reached: nothing listens there"),
    (re.compile(r"gaierror|UnknownHostException"), "ingest can't be reached: its name is not known"),
    (re.compile(r"TimeoutError|TimeoutException|timed out"), "ingest did not answer in time"),
    (
        re.compile(r"ConnectionResetError|BrokenPipeError|ConnectionAbortedError|EOFException|Connection reset"),
        "a connection was closed in the middle of an answer",
    ),
)


def failure_sentence(telling: str) -> str:
    """A telling line as a sentence for who has never read a traceback; the line itself is for the log."""
    for pattern, sentence in _KNOWN:
        if pattern.search(telling):
            return sentence
    rest = telling
    while found := _EXCEPTION.match(rest):
        if found.end() == len(rest):
            return "an unforeseen error, which the job's log tells"
        rest = rest[found.end() :]
    return in_words(rest)

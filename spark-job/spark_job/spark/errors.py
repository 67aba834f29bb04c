"""Reduce errors of Spark to one sentence, and notice that Spark itself is gone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError, Py4JJavaError

from spark_job.executor.network_error import explain_error_numbers

JAVA_HAS_ENDED = "Spark's Java process has ended"


class SparkGoneError(Exception):
    """Spark did not start, or its Java process has ended. Only another start of the job helps."""


@contextmanager
def detect_spark_exit() -> Iterator[None]:
    """Raise `SparkGoneError` when Spark's Java process can't be reached."""
    try:
        yield
    except Py4JJavaError:
        raise  # Java answered, so it is there.
    except (Py4JError, OSError) as error:
        raise SparkGoneError(JAVA_HAS_ENDED) from error


def key_line(error: str) -> str:
    """The line of a Spark error that says most: the last Python exception in it, else its first line."""
    lines = [line.strip().removeprefix(": ") for line in error.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("An error occurred while calling"):
        del lines[0]
    exceptions = [line for line in lines if line.split(":")[0].endswith("Error") and " " not in line.split(":")[0]]
    return (exceptions[-1] if exceptions else lines[0] if lines else "unknown error")[:500]


_EXCEPTION = re.compile(r"(?:[\w$]+\.)*(\w*(?:Error|Exception|Refused|Interrupted))(?:: ?|$)")
_KNOWN = (
    (re.compile(r"OutOfMemory|Java heap space|MemoryError|Cannot allocate memory"), "Spark has run out of memory"),
    (re.compile(r"No space left on device"), "the disk is full"),
    (re.compile(r"LogReplacedError"), "the log is another one now"),
    (re.compile(r"ConnectionRefusedError|ConnectException"), "ingest can't be reached: nothing listens there"),
    (re.compile(r"gaierror|UnknownHostException"), "ingest can't be reached: its name is not known"),
    (re.compile(r"TimeoutError|TimeoutException|timed out"), "ingest did not answer in time"),
    (
        re.compile(r"ConnectionResetError|BrokenPipeError|ConnectionAbortedError|EOFException|Connection reset"),
        "a connection was closed in the middle of an answer",
    ),
)


def failure_sentence(line: str) -> str:
    """Explain a key line in a sentence for people who don't read tracebacks. The line itself goes to the log."""
    for pattern, sentence in _KNOWN:
        if pattern.search(line):
            return sentence
    rest = line
    while found := _EXCEPTION.match(rest):
        if found.end() == len(rest):
            return "an unexpected error; the job's log has it"
        rest = rest[found.end() :]
    return explain_error_numbers(rest)

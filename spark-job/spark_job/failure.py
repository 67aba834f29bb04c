"""What Spark's errors come down to: one telling sentence, or that Spark itself is gone."""

from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError, Py4JJavaError


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

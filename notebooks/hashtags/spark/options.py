"""The options of `spark.read.format("hashtags")` and `spark.readStream.format("hashtags")`."""

from collections.abc import Mapping
from dataclasses import dataclass

EARLIEST, LATEST = "earliest", "latest"
#: Most posts of a micro-batch of a stream, if the reader names no other number.
MOST_POSTS = 50_000


@dataclass(frozen=True)
class Options:
    """Where the log is, and which part of it is read. `starting`, `ending`: an offset, `earliest` or `latest`."""

    host: str
    port: int
    starting: int | str
    ending: int | str
    most_posts: int

    @classmethod
    def of(cls, given: Mapping[str, str], starting: str) -> "Options":
        """Check the options of a query.

        Args:
            given: What the reader has written into `.option(…)`.
            starting: The beginning, if the reader names none.

        Raises:
            ValueError: An option can't be used. The text is one sentence.

        """
        return cls(
            host=given.get("host", "localhost"),
            port=_number("port", given.get("port", "9009"), 1, 65_535),
            starting=_offset("startingOffsets", given.get("startingOffsets", starting)),
            ending=_offset("endingOffsets", given.get("endingOffsets", LATEST)),
            most_posts=_number("maxPostsPerBatch", given.get("maxPostsPerBatch", str(MOST_POSTS)), 1, 10**9),
        )


def position(wanted: int | str, first: int, end: int) -> int:
    """Return the offset that `wanted` means in a log whose posts are `first` … `end - 1`."""
    if isinstance(wanted, int):
        return min(wanted, end)
    return first if wanted == EARLIEST else end


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)


def _offset(name: str, text: str) -> int | str:
    if text in {EARLIEST, LATEST}:
        return text
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{name} must be {EARLIEST}, {LATEST} or an offset such as 1200, not {text!r}")
    return int(text)

"""Split a file or a pipe into lines; a line may be of any length."""

from collections.abc import Callable, Iterator
from itertools import chain

#: A longer line is skipped.
MAX_LINE_BYTES = 2**20
#: How much is read at once.
CHUNK_BYTES = 2**18


def split(read: Callable[[int], bytes], max_bytes: int = MAX_LINE_BYTES) -> Iterator[bytes | None]:
    r"""Yield each line without its `\n`; None for a line longer than `max_bytes`. See `blocks`."""
    return chain.from_iterable(blocks(read, max_bytes))


def blocks(read: Callable[[int], bytes], max_bytes: int = MAX_LINE_BYTES) -> Iterator[list[bytes | None]]:
    r"""Yield the lines that end in the same chunk together, without their `\n`; None for one longer than `max_bytes`.

    At most one chunk and one line are in memory.

    Args:
        read: Called with a size; returns the bytes that are available, and `b""` at the end.
        max_bytes: Longest line.

    """
    line = bytearray()  # grows in linear time, in however small pieces it comes
    skipping = False
    while chunk := read(CHUNK_BYTES):
        first, *others = chunk.split(b"\n")
        if not skipping:
            line += first
        if len(line) > max_bytes:
            skipping = True
            line.clear()
        if not others:
            continue
        ended: list[bytes | None] = [None if skipping else bytes(line)]
        skipping = False
        line[:] = others.pop()
        ended += others if len(chunk) <= max_bytes else [each if len(each) <= max_bytes else None for each in others]
        yield ended
    if skipping or line:
        yield [None if skipping or len(line) > max_bytes else bytes(line)]

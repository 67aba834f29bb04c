"""Lines of a file or a pipe, however long or endless a line is."""

from collections.abc import Callable, Iterator

#: A longer line is skipped.
MAX_LINE_BYTES = 2**20
CHUNK_BYTES = 2**18


def split(read: Callable[[int], bytes], max_bytes: int = MAX_LINE_BYTES) -> Iterator[bytes | None]:
    r"""Yield each line that `read(size)` gives, without its `\n`; None for one longer than `max_bytes`.

    Holds a chunk and a line at most. `read` returns what is there, and `b""` at the end.
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
        yield None if skipping else bytes(line)
        skipping = False
        line[:] = others.pop()
        for each in others:
            yield each if len(each) <= max_bytes else None
    if skipping or line:
        yield None if skipping or len(line) > max_bytes else bytes(line)

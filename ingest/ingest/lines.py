"""Lines of a file or a pipe, however long or endless a line is."""

from collections.abc import Callable, Iterator

#: A longer line is skipped.
MAX_LINE_BYTES = 2**20
CHUNK_BYTES = 2**18


def split(read: Callable[[int], bytes], max_bytes: int = MAX_LINE_BYTES) -> Iterator[bytes | None]:
    r"""Yield each line that `read(size)` gives, without its `\n`; None for one longer than `max_bytes`.

    Holds a chunk and a line at most. `read` returns what is there, and `b""` at the end.
    """
    rest = b""
    skipping = False
    while chunk := read(CHUNK_BYTES):
        first, *others = chunk.split(b"\n")
        rest = b"" if skipping else rest + first
        if not others:
            if len(rest) > max_bytes:
                skipping, rest = True, b""
            continue
        yield None if skipping or len(rest) > max_bytes else rest
        skipping = False
        rest = others.pop()
        for line in others:
            yield line if len(line) <= max_bytes else None
    if skipping or rest:
        yield None if skipping or len(rest) > max_bytes else rest

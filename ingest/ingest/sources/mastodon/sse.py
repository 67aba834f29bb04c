"""Parse server-sent events, the wire format of a Mastodon stream (WHATWG HTML, section 9.2)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ingest.sources.common.lines import CHUNK_BYTES, MAX_LINE_BYTES


class Event(NamedTuple):
    """An event: its type and its data; the data is None if it is longer than the bound."""

    type: str
    data: bytes | None


#: Yielded for a comment, which a server without posts sends now and then.
COMMENT = Event("", b"")


def events(read: Callable[[int], bytes], max_bytes: int = MAX_LINE_BYTES) -> Iterator[Event]:
    """Yield each event and each comment of a stream.

    An event longer than `max_bytes` is the last one, because it may have no end. Bytes behind the last blank line are
    not an event. Lines end with a line feed, with or without a carriage return.

    Args:
        read: Called with a size; returns the bytes that are available, and `b""` at the end.
        max_bytes: Longest event.

    """
    kind, data, size = "message", list[bytes](), 0
    rest = bytearray()  # grows in linear time, in however small pieces a line comes
    while chunk := read(CHUNK_BYTES):
        rest += chunk
        ended: list[bytes] = []
        if b"\n" in chunk:
            *ended, last = bytes(rest).split(b"\n")
            rest[:] = last
        for line in ended:
            field, _, value = line.removesuffix(b"\r").partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
                size += len(value) + 1
            elif field == b"event":
                kind = value.decode(errors="replace")
            elif line.startswith(b":"):
                yield COMMENT
            elif not line.strip():
                if data:
                    yield Event(kind, b"\n".join(data))
                kind, data, size = "message", [], 0
        if size + len(rest) > max_bytes:
            yield Event(kind, None)
            return

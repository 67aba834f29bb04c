"""Server-sent events, cut at any place."""

from collections.abc import Callable

import pytest

from ingest.sources.mastodon.sse import COMMENT, Event, events

STREAM = (
    ":)\n"
    'event: update\ndata: {"text": "süß 🚋"}\n\n'
    ":thump\n"
    "event:update\r\ndata:one\r\ndata: two\r\n\r\n"
    "id: 7\nretry\n\n"
    "data: plain\n\n"
    "event: update\ndata: never ended\n"
).encode()
EVENTS = [
    COMMENT,
    Event("update", '{"text": "süß 🚋"}'.encode()),
    COMMENT,
    Event("update", b"one\ntwo"),
    Event("message", b"plain"),
]


def in_pieces(data: bytes, size: int) -> Callable[[int], bytes]:
    pieces = iter([data[at : at + size] for at in range(0, len(data), size)])
    return lambda _: next(pieces, b"")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_events_are_the_same_however_they_are_cut(size: int) -> None:
    assert list(events(in_pieces(STREAM, size))) == EVENTS


@pytest.mark.parametrize("data", [b"x" * 200, b"data: " + b"x" * 200, b"data:\n" * 200, b"data: 1234567\n" * 20])
def test_an_event_without_an_end_is_the_last_one(data: bytes) -> None:
    stream = b"event: update\ndata: short\n\nevent: update\n" + data + b"\n\ndata: later\n\n"
    assert list(events(in_pieces(stream, 16), max_bytes=100)) == [Event("update", b"short"), Event("update", None)]

"""Dropped posts, in the TCP part of docs/protocol.md, for any server of this protocol."""

import time

import pytest
from tests.protocol.peer import Connection, Json, Peer

FIELDS = ["offset", "at_ms", "source", "text", "lang", "tags", "why", "detail"]
POST = {"id": "x:1", "text": "a #Tag and more words", "lang": "en", "source": "x"}
OTHER = {"id": "x:2", "text": "another", "lang": "es", "source": "x"}


def wait_for_dropped(connection: Connection, start: int, end: int, count: int) -> Json:
    deadline = time.monotonic() + 30
    while len((found := connection.request(f"DROPPED {start} {end}"))["posts"]) < count:
        assert time.monotonic() < deadline, found
    return found


def test_without_dropped_posts_the_answer_is_empty(peer: Peer) -> None:
    with peer.connect() as connection:
        log = connection.status()["log"]
        answer = connection.request("DROPPED 0 9")
    assert answer == {"log": log, "posts": [], "counts": {"filtered": 0, "duplicate": 0, "malformed": 0}}


def test_what_is_dropped_after_a_first_request_is_answered_with_the_reason(peer: Peer) -> None:
    with peer.connect() as connection:
        connection.request("DROPPED 0 0")
        peer.send_posts(POST, POST)
        peer.send_lines(b"not a post\n")
        peer.send_posts(OTHER)
        connection.wait_for_end(2)
        found = wait_for_dropped(connection, 0, 2, 2)
        accepted = connection.posts(0, 2)
        assert connection.request("DROPPED 0 1")["posts"] == []
    assert found["counts"] == {"filtered": 0, "duplicate": 1, "malformed": 1}
    duplicate, malformed = found["posts"]
    assert list(duplicate) == list(malformed) == FIELDS
    assert {name: duplicate[name] for name in FIELDS if name != "at_ms"} == {
        "offset": 1,
        "source": "x",
        "text": POST["text"],
        "lang": "en",
        "tags": [{"key": "tag", "label": "Tag"}],
        "why": "duplicate",
        "detail": None,
    }
    assert (malformed["offset"], malformed["why"], malformed["text"]) == (1, "malformed", None)
    assert malformed["detail"]
    assert abs(duplicate["at_ms"] - accepted[0]["at_ms"]) < 30_000


@pytest.mark.parametrize("request_line", ["DROPPED", "DROPPED 1", "DROPPED -1 5", "DROPPED 1 2 3", "DROPPED a b"])
def test_a_wrong_request_is_an_error(peer: Peer, request_line: str) -> None:
    with peer.connect() as connection:
        assert list(connection.request(request_line)) == ["error"]
        assert connection.is_closed()

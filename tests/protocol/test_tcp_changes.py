"""Posts that are deleted or edited, in the TCP part of docs/protocol.md, for any server of this protocol."""

import json
import threading
import time

import pytest
from tests.protocol.peer import Connection, Json, Peer

CHANGE_FIELDS = ["number", "kind", "at_ms", "offset", "id", "post_at_ms", "source", "lang", "tags"]
POST = {
    "id": "x:1",
    "created_at": "2026-11-20T12:00:00Z",
    "author": "42",
    "text": "a #Tag and more words",
    "lang": "en",
    "source": "x",
    "url": "https://example.org/1",
}


def numbered(count: int, first: int = 0) -> list[Json]:
    return [
        {"id": f"n:{number}", "text": f"#post{number % 7} {'word ' * 10}", "author": "somebody"}
        for number in range(first, first + count)
    ]


def counts(connection: Connection) -> tuple[int, int, int]:
    (source,) = connection.status()["sources"]
    return source["deleted"], source["edited"], source["not_stored"]


def wait_for_counts(connection: Connection, expected: tuple[int, int, int]) -> None:
    deadline = time.monotonic() + 30
    while counts(connection) != expected:
        assert time.monotonic() < deadline, counts(connection)


def test_an_empty_log_has_no_changes(peer: Peer) -> None:
    with peer.connect() as connection:
        status = connection.status()
        header, changes = connection.changes(0, 9)
    assert status["changes"] == {"first": 0, "end": 0}
    assert header == {"log": status["log"], "first": 0, "changes": 0, "bytes": 0}
    assert changes == []


def test_a_deleted_post_keeps_its_place_and_its_tags_and_loses_text_author_and_address(peer: Peer) -> None:
    peer.send_posts(*numbered(2), POST, *numbered(2, 2))
    with peer.connect() as connection:
        connection.wait_for_end(5)
        before = connection.posts(0, 5)
        peer.delete("x:1")
        connection.wait_for_changes(1)
        after = connection.posts(0, 5)
    assert after[:2] + after[3:] == before[:2] + before[3:]
    deleted_ms = after[2].pop("deleted_ms")
    assert after[2] == before[2] | {"text": "", "author": None, "url": None}
    assert before[2]["at_ms"] <= deleted_ms <= time.time() * 1000 + 1000


def test_a_deletion_is_an_entry_of_the_log_of_changes_without_text_and_author(peer: Peer) -> None:
    peer.send_posts(*numbered(2), POST)
    with peer.connect() as connection:
        connection.wait_for_end(3)
        peer.delete("x:1")
        status = connection.wait_for_changes(1)
        header, (change,) = connection.changes(0, 9)
        post = connection.posts(2, 3)[0]
    assert status["changes"] == {"first": 0, "end": 1}
    assert list(header) == ["log", "first", "changes", "bytes"]
    assert (header["log"], header["first"], header["changes"]) == (status["log"], 0, 1)
    assert list(change) == CHANGE_FIELDS
    assert change == {
        "number": 0,
        "kind": "deleted",
        "at_ms": post["deleted_ms"],
        "offset": 2,
        "id": "x:1",
        "post_at_ms": post["at_ms"],
        "source": "x",
        "lang": "en",
        "tags": [{"key": "tag", "label": "Tag"}],
    }


def test_an_edited_post_has_its_new_text_and_the_tags_that_were_counted(peer: Peer) -> None:
    peer.send_posts(*numbered(2), POST)
    for number, text in enumerate(["short", "a longer text with #other tags " * 30]):
        peer.edit("x:1", text)
        with peer.connect() as connection:
            connection.wait_for_changes(number + 1)
            post = connection.posts(2, 3)[0]
            _, changes = connection.changes(0, 9)
        assert (post["text"], post["author"], post["tags"]) == (text, "42", [{"key": "tag", "label": "Tag"}])
        assert list(post)[-1] == "edited_ms"
        assert [(change["kind"], change["offset"]) for change in changes] == [("edited", 2)] * (number + 1)
        assert changes[-1]["at_ms"] == post["edited_ms"]


def test_a_post_is_deleted_once_and_stays_deleted(peer: Peer) -> None:
    peer.send_posts(POST)
    peer.delete("x:1", "x:1")
    peer.edit("x:1", "back again")
    peer.delete("x:1")
    peer.send_posts(POST, *numbered(1))
    with peer.connect() as connection:
        status = connection.wait_for_end(2)
        _, changes = connection.changes(0, 9)
        (post, other) = connection.posts(0, 9)
        assert counts(connection) == (1, 0, 0)
    assert [change["kind"] for change in changes] == ["deleted"]
    assert (post["text"], other["id"]) == ("", "n:0")
    assert status["sources"][0]["duplicate"] == 1


def test_a_deletion_of_a_post_that_is_not_stored_changes_nothing_and_is_counted(peer: Peer) -> None:
    peer.send_posts(*numbered(3))
    peer.delete("n:3", "elsewhere")
    peer.edit("unknown", "text")
    # The deletion came before its post.
    peer.send_posts(*numbered(1, 3))
    with peer.connect() as connection:
        status = connection.wait_for_end(4)
        wait_for_counts(connection, (0, 0, 3))
        assert all(post["text"] for post in connection.posts(0, 4))
        assert connection.changes(0, 9)[1] == []
    assert status["changes"] == {"first": 0, "end": 0}


def test_a_post_that_is_deleted_at_once_is_counted_like_others(peer: Peer) -> None:
    lines = [json.dumps(POST), json.dumps({"deleted": "x:1"}), *[json.dumps(post) for post in numbered(2)]]
    peer.send_lines("".join(f"{line}\n" for line in lines).encode())
    with peer.connect() as connection:
        connection.wait_for_end(3)
        connection.wait_for_changes(1)
        posts = connection.posts(0, 3)
    assert [(post["id"], bool(post["text"])) for post in posts] == [("x:1", False), ("n:0", True), ("n:1", True)]


def test_the_columns_of_a_post_stay_when_it_is_deleted_or_edited(peer: Peer) -> None:
    peer.send_posts(*numbered(3), POST, *numbered(3, 3))
    with peer.connect() as connection:
        connection.wait_for_end(7)
        before = connection.read_columns(0, 7)
        peer.delete("x:1", "n:5")
        peer.edit("n:0", "another #text of quite another length")
        connection.wait_for_changes(3)
        assert connection.read_columns(0, 7) == before


def test_changes_are_numbered_without_gaps_and_may_be_read_in_pieces(peer: Peer) -> None:
    posts = 10_050
    peer.send_posts(*numbered(posts))
    with peer.connect() as connection:
        connection.wait_for_end(posts)
        peer.delete(*[f"n:{number}" for number in range(posts)])
        status = connection.wait_for_changes(posts)
        header, first = connection.changes(0, posts)
        assert header["changes"] == len(first) == 10_000
        _, rest = connection.changes(10_000, posts + 5)
        assert connection.changes(7, 10)[1] == first[7:10]
        assert connection.changes(posts, posts + 5)[0]["changes"] == 0
    found = first + rest
    assert status["changes"] == {"first": 0, "end": posts}
    assert [change["number"] for change in found] == list(range(posts))
    assert sorted(change["offset"] for change in found) == list(range(posts))


def test_a_read_gets_the_announced_bytes_while_posts_are_deleted(peer: Peer) -> None:
    posts = 20_000
    peer.send_posts(*numbered(posts))
    with peer.connect() as connection, peer.connect() as other:
        connection.wait_for_end(posts)
        deleting = threading.Thread(target=lambda: peer.delete(*[f"n:{number}" for number in range(0, posts, 3)]))
        deleting.start()
        while other.status()["changes"]["end"] < len(range(0, posts, 3)):
            header, data = connection.read(5, posts - 5)
            found = [json.loads(line) for line in data.splitlines()]
            assert [post["offset"] for post in found] == list(range(5, posts - 5))
            assert header["bytes"] == len(data)
        deleting.join()
        assert not any(post["text"] for post in connection.posts(0, posts) if post["offset"] % 3 == 0)


@pytest.mark.parametrize("request_line", ["CHANGES", "CHANGES 1", "CHANGES -1 5", "CHANGES 1 2 3", "CHANGES a b"])
def test_a_wrong_request_is_an_error(peer: Peer, request_line: str) -> None:
    with peer.connect() as connection:
        assert list(connection.request(request_line)) == ["error"]
        assert connection.is_closed()


def test_the_tail_sends_changes_to_a_client_that_requests_them_and_to_no_other(peer: Peer) -> None:
    with peer.connect() as connection, peer.tail() as asks, peer.tail() as others:
        asks.send(b"CHANGES\n")
        end = peer.send_until_tailed(asks, numbered(30))
        end += peer.send_until_tailed(others, numbered(30, end))
        for tail in (asks, others):
            tail.skip_to(end - 1)
        # The server has read the request before it sent the next post.
        peer.send_posts(*numbered(1, end))
        assert asks.response()["offset"] == others.response()["offset"] == end
        peer.delete("n:1")
        connection.wait_for_changes(1)
        peer.edit("n:0", "another text")
        connection.wait_for_changes(2)
        peer.send_posts(*numbered(1, end + 1))
        sent = [asks.response() for _ in range(3)]
        assert others.response()["offset"] == end + 1
        _, entries = connection.changes(0, 9)
    assert [next(iter(each)) for each in sent] == ["change", "change", "offset"]
    assert [list(each) for each in sent[:2]] == [["change", *[name for name in CHANGE_FIELDS if name != "kind"]]] * 2
    assert [{"kind": each.pop("change"), **each} for each in sent[:2]] == entries

"""The TCP part of docs/protocol.md, for any server of this protocol."""

import time
import unicodedata
from dataclasses import replace

import pytest
from tests.protocol.peer import Json, Peer

STATUS_FIELDS = [
    "version", "log", "started_ms", "first", "end", "acked", "trimmed_unread", "watermark_ms", "limit", "notice",
    "track_error", "sources", "changes", "columns",
]  # fmt: skip
POST_FIELDS = ["offset", "id", "at_ms", "created_at", "author", "text", "tags", "lang", "source", "url"]


def numbered(count: int, first: int = 0) -> list[Json]:
    return [{"id": f"n:{number}", "text": f"post {number}"} for number in range(first, first + count)]


def test_status_of_an_empty_log(peer: Peer) -> None:
    with peer.connect() as connection:
        status = connection.status()
    assert (status["first"], status["end"], status["acked"], status["trimmed_unread"]) == (0, 0, 0, 0)
    assert isinstance(status["log"], str)
    assert status["log"]
    assert status["limit"] is None
    assert abs(status["watermark_ms"] - time.time() * 1000) < 60_000
    assert 0 <= status["watermark_ms"] - status["started_ms"] < 60_000
    assert status["notice"] is None
    assert list(status) == STATUS_FIELDS
    (source,) = status["sources"]
    assert source["state"] in {"starting", "waiting", "live", "retrying", "paused", "refused", "finished"}
    assert set(source) == {
        "name", "terms", "languages", "state", "since_ms", "until_ms", "error", "accepted", "duplicate", "filtered",
        "malformed", "deleted", "edited", "not_stored", "facts",
    }  # fmt: skip
    assert status["track_error"] is None
    assert source["until_ms"] is None or source["state"] in {"retrying", "paused"}
    assert isinstance(source["facts"], dict)


def test_offsets_have_no_holes_and_begin_at_zero(peer: Peer) -> None:
    peer.send_posts(*numbered(250))
    with peer.connect() as connection:
        status = connection.wait_for_end(250)
        posts = connection.posts(0, 250)
    assert status["first"] == 0
    assert [post["offset"] for post in posts] == list(range(250))
    assert [post["text"] for post in posts] == [f"post {number}" for number in range(250)]


def test_a_post_has_the_fields_of_the_protocol(peer: Peer) -> None:
    peer.send_posts(
        {
            "id": "x:1",
            "created_at": "2026-11-20T12:00:00Z",
            "author": "42",
            "text": "a #Tag",
            "lang": "en",
            "source": "x",
            "url": "https://example.org/1",
        },
        {"id": "x:2", "text": ""},
    )
    with peer.connect() as connection:
        connection.wait_for_end(2)
        full, bare = connection.posts(0, 2)
    assert list(full) == list(bare) == POST_FIELDS
    assert {name: value for name, value in full.items() if name != "at_ms"} == {
        "offset": 0,
        "id": "x:1",
        "created_at": "2026-11-20T12:00:00Z",
        "author": "42",
        "text": "a #Tag",
        "tags": [{"key": "tag", "label": "Tag"}],
        "lang": "en",
        "source": "x",
        "url": "https://example.org/1",
    }
    assert (bare["created_at"], bare["author"], bare["url"], bare["lang"]) == (None, None, None, "und")


def test_a_tag_is_folded_and_counts_once_per_post(peer: Peer) -> None:
    peer.send_posts({"id": "1", "text": "#Straße #STRASSE #ＷｏｒｌｄＣｕｐ #ﾗｰﾒﾝ"})
    with peer.connect() as connection:
        connection.wait_for_end(1)
        (post,) = connection.posts(0, 1)
    assert post["tags"] == [
        {"key": "strasse", "label": "Straße"},
        {"key": "worldcup", "label": "ＷｏｒｌｄＣｕｐ"},
        {"key": "ラーメン", "label": "ﾗｰﾒﾝ"},
    ]
    for tag in post["tags"]:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", tag["label"]).casefold())
        assert tag["key"] == folded


def test_the_only_line_feed_is_at_the_end_of_a_line(peer: Peer) -> None:
    text = 'a\nb\r\n\u2028\u0085\x00"\\😀'
    peer.send_posts({"id": "1", "text": text})
    with peer.connect() as connection:
        connection.wait_for_end(1)
        _, data = connection.read(0, 1)
        assert data.count(b"\n") == 1
        assert connection.posts(0, 1)[0]["text"] == text


def test_a_second_post_with_the_same_id_is_dropped_and_counted(peer: Peer) -> None:
    peer.send_posts({"id": "1", "text": "a"}, {"id": "1", "text": "b"}, {"id": "2", "text": "c"})
    with peer.connect() as connection:
        status = connection.wait_for_end(2)
        assert [post["text"] for post in connection.posts(0, 9)] == ["a", "c"]
    assert (status["sources"][0]["accepted"], status["sources"][0]["duplicate"]) == (2, 1)


def test_bad_input_is_counted_by_reason_and_stops_nothing(peer: Peer) -> None:
    peer.send_lines(b'{"id":"1","text":"a"}\n{broken\n{"id":"2","text":"\xff"}\n')
    peer.send_posts({"id": "3", "text": "b"})
    with peer.connect() as connection:
        status = connection.wait_for_end(2)
    assert sum(status["sources"][0]["malformed"].values()) == 2


def test_a_post_larger_than_any_bound_is_dropped_and_counted(peer: Peer) -> None:
    peer.send_posts({"id": "1", "text": "x" * 2**20}, {"id": "2", "text": "fits"})
    with peer.connect() as connection:
        status = connection.wait_for_end(1)
        assert [post["text"] for post in connection.posts(0, 1)] == ["fits"]
    assert list(status["sources"][0]["malformed"].values()) == [1]


def test_the_time_of_the_start_stays_while_it_runs(peer: Peer) -> None:
    with peer.connect() as connection, peer.connect() as other:
        started_ms = connection.status()["started_ms"]
        peer.send_posts(*numbered(1))
        assert connection.wait_for_end(1)["started_ms"] == other.status()["started_ms"] == started_ms


def test_a_range_gives_the_same_bytes_each_time_and_in_pieces(peer: Peer) -> None:
    peer.send_posts(*numbered(100))
    with peer.connect() as connection, peer.connect() as other:
        connection.wait_for_end(100)
        peer.send_posts(*numbered(50, 100))
        connection.wait_for_end(150)
        _, whole = connection.read(0, 150)
        assert other.read(0, 150)[1] == whole
        pieces = [other.read(start, start + 7)[1] for start in range(0, 150, 7)]
    assert b"".join(pieces) == whole


@pytest.mark.parametrize(
    ("start", "end", "first", "posts"), [(0, 99, 0, 10), (4, 7, 4, 3), (10, 20, 10, 0), (0, 0, 0, 0)]
)
def test_a_read_past_the_end_returns_what_exists(peer: Peer, start: int, end: int, first: int, posts: int) -> None:
    peer.send_posts(*numbered(10))
    with peer.connect() as connection:
        log = connection.wait_for_end(10)["log"]
        header, data = connection.read(start, end)
    assert list(header) == ["log", "first", "posts", "bytes"]
    assert (header["log"], header["first"], header["posts"], header["bytes"]) == (log, first, posts, len(data))
    assert data.count(b"\n") == posts


def test_times_do_not_decrease_and_later_posts_are_not_before_the_watermark(peer: Peer) -> None:
    with peer.connect() as connection:
        marks: list[tuple[int, int]] = []
        for begin in range(0, 200, 20):
            peer.send_posts(*numbered(20, begin))
            status = connection.wait_for_end(begin + 20)
            marks.append((status["end"], status["watermark_ms"]))
        times = [post["at_ms"] for post in connection.posts(0, 200)]
    assert times == sorted(times)
    for end, watermark_ms in marks:
        assert all(at_ms >= watermark_ms for at_ms in times[end:])


def test_an_ack_is_stored_and_never_moves_back(peer: Peer) -> None:
    peer.send_posts(*numbered(10))
    with peer.connect() as connection:
        log = connection.wait_for_end(10)["log"]
        assert connection.request(peer.ack(log, 7)) == {"acked": 7}
        assert connection.request(peer.ack(log, 3)) == {"acked": 7}
        assert connection.status()["acked"] == 7


@pytest.mark.parametrize(("log", "end"), [("other", 1), (None, 11)])
def test_an_ack_of_another_log_or_beyond_the_end_is_an_error(peer: Peer, log: str | None, end: int) -> None:
    peer.send_posts(*numbered(10))
    with peer.connect() as connection:
        held = connection.wait_for_end(10)["log"]
        assert list(connection.request(peer.ack(log or held, end))) == ["error"]
        assert connection.is_closed()
    with peer.connect() as connection:
        assert connection.status()["acked"] == 0


@pytest.mark.parametrize("proof", ["", " ", " {of_another}", " {of_another_token}", " x", " {right} more"])
def test_an_ack_without_the_proof_of_the_job_is_an_error_and_changes_nothing(peer: Peer, proof: str) -> None:
    peer.send_posts(*numbered(10))
    with peer.connect() as connection:
        log = connection.wait_for_end(10)["log"]
        proofs = {
            "right": peer.ack(log, 7).split()[-1],
            "of_another": peer.ack(log, 6).split()[-1],
            "of_another_token": replace(peer, token="another-token-of-tests").ack(log, 7).split()[-1],
        }
        assert list(connection.request(f"ACK {log} 7{proof.format(**proofs)}")) == ["error"]
        assert connection.is_closed()
    with peer.connect() as connection:
        assert connection.status()["acked"] == 0


@pytest.mark.parametrize(
    "data",
    [
        b"HELLO\n",
        b"\n",
        b"READ\n",
        b"READ 1\n",
        b"READ a b\n",
        b"READ -1 5\n",
        b"READ 1 2 3\n",
        b"READ 1 2 columns of\n",
        b"READ columns\n",
        b"ACK 5\n",
        b"status\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xfe\n",
        b"x" * 1025 + b"\n",
        b"x" * 100_000,
    ],
)
def test_anything_else_is_an_error_and_closes_the_connection(peer: Peer, data: bytes) -> None:
    with peer.connect() as connection, peer.connect() as other:
        connection.send(data)
        answer = connection.response()
        assert list(answer) == ["error"]
        assert answer["error"]
        assert connection.is_closed()
        assert other.status()["end"] == 0


def test_requests_may_come_together_and_are_answered_in_order(peer: Peer) -> None:
    peer.send_posts(*numbered(3))
    with peer.connect() as connection:
        connection.wait_for_end(3)
        connection.send(b"READ 0 1\nSTATUS\nREAD 2 3\n")
        header = connection.response()
        assert (header["first"], header["posts"]) == (0, 1)
        connection.responses.read(header["bytes"])
        assert connection.response()["end"] == 3
        header = connection.response()
        assert (header["first"], header["posts"]) == (2, 1)


def test_a_request_may_come_in_pieces(peer: Peer) -> None:
    with peer.connect() as connection:
        for piece in (b"STA", b"TUS", b"\n"):
            connection.send(piece)
        assert connection.response()["end"] == 0


def test_many_connections_at_once(peer: Peer) -> None:
    peer.send_posts(*numbered(5))
    connections = [peer.connect() for _ in range(50)]
    connections[0].wait_for_end(5)
    assert [len(connection.posts(0, 5)) for connection in connections] == [5] * 50
    for connection in connections:
        connection.__exit__(None, None, None)


def test_the_tail_sends_every_post_after_the_connection(peer: Peer) -> None:
    peer.send_posts(*numbered(10))
    with peer.connect() as connection:
        connection.wait_for_end(10)
        with peer.tail() as tail:
            # A reader is connected when it has received its first post.
            end = 10 + peer.send_until_tailed(tail, numbered(30, 10))
            got = [tail.response()]
            peer.send_posts(*numbered(40, end))
            while got[-1]["offset"] < end + 39:
                got.append(tail.response())
        assert got[0]["offset"] in range(10, end)
        assert got == connection.posts(got[0]["offset"], end + 40)


def test_a_tail_reader_that_disconnects_does_not_affect_others(peer: Peer) -> None:
    with peer.connect() as connection, peer.tail() as stays:
        end = peer.send_until_tailed(stays, numbered(30))
        stays.skip_to(end - 1)
        with peer.tail():
            pass
        peer.send_posts(*numbered(5, end))
        assert [stays.response()["offset"] for _ in range(5)] == list(range(end, end + 5))
        connection.wait_for_end(end + 5)

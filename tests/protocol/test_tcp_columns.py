"""`READ <start> <end> columns` of docs/protocol.md, for any server that offers columns."""

import socket
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.protocol.peer import Connection, Json, Peer

TAG = pa.struct([("key", pa.string()), ("label", pa.string())])
TYPES = {
    "offset": pa.int64(),
    "at_ms": pa.int64(),
    "source": pa.string(),
    "lang": pa.string(),
    "author": pa.uint64(),
    "tags": pa.list_(TAG),
    "text": pa.uint64(),
}


def numbered(count: int, first: int = 0) -> list[Json]:
    return [
        {"id": f"n:{number}", "text": f"#Post{number % 7} and #more", "author": f"a{number % 5}"}
        for number in range(first, first + count)
    ]


def table_of(data: bytes) -> pa.Table:
    """Read one whole stream, up to its last byte."""
    source = pa.BufferReader(data)
    table = pa.ipc.open_stream(source).read_all()
    assert source.tell() == len(data)
    table.validate(full=True)
    return table


def columns(connection: Connection, start: int, end: int) -> tuple[Json, pa.Table]:
    """Return the header, and those rows that it announces."""
    header, data = connection.read_columns(start, end)
    table = table_of(data)
    offsets = table["offset"].to_pylist()
    assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))
    first, behind = header["first"], header["first"] + header["posts"]
    assert offsets[0] <= first
    assert offsets[-1] >= behind - 1
    return header, table.filter((pc.field("offset") >= first) & (pc.field("offset") < behind))


def without_hashes(rows: list[Json]) -> list[Json]:
    return [{name: row[name] for name in TYPES if name not in {"author", "text"}} for row in rows]


def test_status_names_the_columns(peer: Peer) -> None:
    with peer.connect() as connection:
        assert connection.status()["columns"] == list(TYPES)


def test_the_columns_have_the_types_of_the_protocol_and_say_what_the_lines_say(peer: Peer) -> None:
    peer.send_posts(
        {"id": "x:1", "author": "42", "text": "a #Tag #Straße", "lang": "pt_br", "source": "x"},
        {"id": "x:2", "text": ""},
        *numbered(500),
    )
    with peer.connect() as connection:
        connection.wait_for_end(502)
        header, table = columns(connection, 0, 502)
        posts = connection.posts(0, 502)
    assert list(header) == ["log", "first", "posts", "bytes"]
    assert {field.name: field.type for field in table.schema if field.name in TYPES} == TYPES
    assert without_hashes(table.to_pylist()) == without_hashes(posts)
    assert (posts[0]["lang"], [tag["key"] for tag in posts[0]["tags"]]) == ("pt-BR", ["tag", "strasse"])


def test_an_author_has_one_number_per_source_and_no_author_has_none(peer: Peer) -> None:
    authors = [("x", "42"), ("x", "42"), ("x", "43"), ("mastodon", "42"), ("x", None)]
    peer.send_posts(
        *(
            {"id": str(number), "text": "", "source": source, "author": author}
            for number, (source, author) in enumerate(authors)
        )
    )
    with peer.connect() as connection:
        connection.wait_for_end(5)
        rows = columns(connection, 0, 5)[1].to_pylist()
        assert [post["source"] for post in connection.posts(0, 5)] == [row["source"] for row in rows]
    first, again, other_author, other_source, nobody = (row["author"] for row in rows)
    assert nobody is None
    assert first == again
    assert len({first, other_author, other_source}) == 3


def test_copies_of_a_text_have_one_number_and_other_texts_another(peer: Peer) -> None:
    call = "Come to the square tonight and bring a friend"
    texts = [
        f"{call} #Square",
        f"@someone {call.upper()}!!! #other https://example.org/1",
        f"{call} and a drum #Square",
        f"{call} without a hashtag",
        "Goal! #Square",
    ]
    peer.send_posts(*({"id": str(number), "text": text} for number, text in enumerate(texts)))
    with peer.connect() as connection:
        connection.wait_for_end(5)
        rows = columns(connection, 0, 5)[1].to_pylist()
    text, copy, other, untagged, short = (row["text"] for row in rows)
    assert text == copy
    assert len({text, other, None}) == 3
    assert untagged is None
    assert short is None


@pytest.mark.parametrize(("start", "end", "first", "posts"), [(0, 99, 0, 10), (4, 7, 4, 3), (9, 20, 9, 1)])
def test_a_part_of_the_log_comes_with_all_its_posts(peer: Peer, start: int, end: int, first: int, posts: int) -> None:
    peer.send_posts(*numbered(10))
    with peer.connect() as connection:
        log = connection.wait_for_end(10)["log"]
        header, table = columns(connection, start, end)
        assert (header["log"], header["first"], header["posts"]) == (log, first, posts)
        assert without_hashes(table.to_pylist()) == without_hashes(connection.posts(start, end))


@pytest.mark.parametrize(("start", "end", "first"), [(10, 20, 10), (0, 0, 0), (7, 3, 7), (50, 60, 50)])
def test_no_posts_are_no_rows(peer: Peer, start: int, end: int, first: int) -> None:
    peer.send_posts(*numbered(10))
    with peer.connect() as connection:
        connection.wait_for_end(10)
        header, data = connection.read_columns(start, end)
        lines = connection.request(f"READ {start} {end}")
        assert (header["first"], header["posts"]) == (lines["first"], 0) == (first, 0)
        assert not data or table_of(data).num_rows == 0
        assert connection.status()["end"] == 10


def test_a_range_gives_the_same_bytes_each_time(peer: Peer) -> None:
    peer.send_posts(*numbered(100))
    with peer.connect() as connection, peer.connect() as other:
        connection.wait_for_end(100)
        peer.send_posts(*numbered(50, 100))
        connection.wait_for_end(150)
        assert connection.read_columns(0, 150) == other.read_columns(0, 150)


def test_a_large_answer_is_one_stream(peer: Peer) -> None:
    tags = " ".join(f"#tag{number}" for number in range(50))
    posts = [{"id": f"{number}", "text": f"{number} {tags}"} for number in range(6_000)]
    peer.send_posts(*posts)
    with peer.connect() as connection:
        connection.wait_for_end(6_000)
        header, table = columns(connection, 0, 6_000)
    assert header["bytes"] > 2**22
    assert table["offset"].to_pylist() == list(range(6_000))
    assert pc.sum(pc.list_value_length(table["tags"])).as_py() == 300_000


def test_both_forms_may_be_requested_together_on_one_connection(peer: Peer) -> None:
    peer.send_posts(*numbered(3))
    with peer.connect() as connection:
        connection.wait_for_end(3)
        connection.send(b"READ 0 1 columns\nREAD 0 1\nREAD 9 9 columns\nSTATUS\n")
        header = connection.response()
        assert table_of(connection.responses.read(header["bytes"])).num_rows >= 1
        header = connection.response()
        assert connection.responses.read(header["bytes"]).startswith(b'{"offset":0,')
        assert connection.response()["posts"] == 0
        assert connection.response()["end"] == 3


def test_a_client_that_does_not_read_its_columns_does_not_affect_others(peer: Peer) -> None:
    peer.send_posts(*numbered(2_000))
    with peer.connect() as stalled, peer.connect() as connection:
        connection.wait_for_end(2_000)
        stalled.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.send(b"READ 0 2000 columns\n" * 40)
        header, table = columns(connection, 0, 2_000)
        assert (header["posts"], table.num_rows) == (2_000, 2_000)
        rows: list[Any] = columns(connection, 1_999, 2_000)[1]["offset"].to_pylist()
        assert rows == [1_999]

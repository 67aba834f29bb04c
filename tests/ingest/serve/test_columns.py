"""READ … columns with a spool that is trimmed, damaged or older, and with clients that don't read."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from tests.ingest.conftest import MakePost, OpenSpool
from tests.ingest.spool.conftest import make_older

from ingest.posts.post import Post, Tag
from ingest.serve.ack_guard import AckGuard
from ingest.serve.listener import Listener
from ingest.serve.log_protocol import LogProtocol
from ingest.serve.status import Status
from ingest.spool.file import insert_run
from ingest.spool.spool import Spool

Json = dict[str, object]
Request = Callable[..., tuple[Json, bytes]]


def status() -> Status:
    return Status("1.0.0", "id", 0, 0, 0, 0, 0, 0, None, None, None, [])


@pytest.fixture
def serve() -> Iterator[Callable[..., Request]]:
    """Serves a spool; returns a function that sends one request on a new connection."""
    listeners: list[Listener] = []

    def serve_(spool: Spool, **options: Callable[[int], None]) -> Request:
        protocol = LogProtocol(spool, status, AckGuard(None), on_delivered=options.get("on_delivered", lambda _: None))
        listener = Listener("127.0.0.1", 0, protocol.serve, setting="INGEST_PORT")
        listeners.append(listener)
        listener.start()

        def request(line: str) -> tuple[Json, bytes]:
            with closing(socket.create_connection(("127.0.0.1", listener.port), timeout=30)) as connection:
                connection.sendall(line.encode() + b"\n")
                connection.shutdown(socket.SHUT_WR)
                with connection.makefile("rb") as file:
                    return json.loads(file.readline()), file.read()

        return request

    yield serve_
    for listener in listeners:
        listener.close()


def offsets(data: bytes) -> list[int]:
    found: list[int] = pa.ipc.open_stream(data).read_all()["offset"].to_pylist()
    return found


def tagged(make_post: MakePost, text: str, author: str | None = "an author") -> Post:
    post = make_post(text)
    post.author, post.tags = author, [Tag("key", "Key")]
    return post


def authors(data: bytes) -> list[int | None]:
    found: list[int | None] = pa.ipc.open_stream(data).read_all()["author"].to_pylist()
    return found


def test_trimmed_posts_are_missing_in_columns_as_in_lines(
    open_spool: OpenSpool, make_post: MakePost, serve: Callable[..., Request]
) -> None:
    spool = open_spool(max_bytes=2**20)
    for _ in range(20):
        spool.append([make_post("x" * 100_000), make_post("y")], {})
    request = serve(spool)
    header, data = request("READ 0 39 columns")
    first = spool.marks().first
    assert first > 0
    assert (header["first"], header["posts"]) == (first, 39 - first)
    assert offsets(data) == list(range(first, 40))
    assert request("READ 0 1 columns")[0] | {"bytes": 0} == request("READ 0 1")[0]


def test_damaged_columns_are_made_from_the_lines_and_no_post_is_lost(
    open_spool: OpenSpool, make_post: MakePost, serve: Callable[..., Request], caplog: pytest.LogCaptureFixture
) -> None:
    spool = open_spool()
    for text in ("0", "1", "2"):
        spool.append([tagged(make_post, text)], {})
    request = serve(spool)
    whole = request("READ 0 3 columns")
    spool._db.execute("UPDATE runs SET columns = zeroblob(length(columns)) WHERE first = 1")
    header, data = request("READ 0 3 columns")
    assert header == whole[0]
    assert len(data) < len(whole[1])
    assert whole[1].startswith(data)
    assert request("READ 0 3 columns") == whole
    assert (spool.marks().first, spool.notice) == (0, None)
    assert caplog.messages == ["the columns of the posts from 1 on are damaged on disk: they are made from its lines"]


def test_damaged_lines_are_an_error_only_where_they_are_needed(
    open_spool: OpenSpool, make_post: MakePost, serve: Callable[..., Request]
) -> None:
    spool = open_spool()
    for text in ("0", "1", "2"):
        spool.append([tagged(make_post, text)], {})
    request = serve(spool)
    spool._db.execute("UPDATE runs SET checksum = checksum + 1 WHERE first = 1")
    assert offsets(request("READ 0 3 columns")[1]) == [0, 1, 2]
    spool._db.execute("UPDATE runs SET column_set = 0 WHERE first = 1")
    error, _ = request("READ 0 3 columns")
    assert error == {"error": "the posts from 1 to 1 are damaged on disk, and were thrown away"}
    header, data = request("READ 0 3 columns")
    assert (header["first"], offsets(data)) == (2, [2])
    assert spool.marks().trimmed_unread == 2


@pytest.mark.parametrize("number", [2, 3])
def test_a_spool_without_columns_is_converted_on_reading(
    open_spool: OpenSpool, make_post: MakePost, serve: Callable[..., Request], tmp_path: Path, number: int
) -> None:
    spool = open_spool()
    for text in ("0", "1", "2"):
        spool.append([tagged(make_post, text, None), tagged(make_post, text)], {})
    lines = serve(spool)("READ 0 6")
    spool.close()
    make_older(tmp_path / "spool" / "spool.sqlite", number)
    spool = open_spool()
    spool.append([tagged(make_post, "3")], {})
    request = serve(spool)
    header, data = request("READ 1 7 columns")
    assert (header["first"], header["posts"], header["bytes"]) == (1, 6, len(data))
    assert offsets(data) == [0, 1, 2, 3, 4, 5, 6]
    found = authors(data)
    assert found[0] is None
    assert found == [None, found[1]] * 3 + [found[1]]
    assert request("READ 0 6") == lines


def test_columns_of_another_set_are_replaced_by_those_of_the_lines(
    open_spool: OpenSpool, make_post: MakePost, serve: Callable[..., Request]
) -> None:
    spool = open_spool()
    spool.append([tagged(make_post, "a")], {})
    request = serve(spool)
    expected = request("READ 0 1 columns")
    spool._db.execute("UPDATE runs SET column_set = 77, columns = x'00'")
    assert request("READ 0 1 columns") == expected


def test_lines_that_can_not_be_converted_are_an_error_that_says_so_and_stay_readable(
    open_spool: OpenSpool, make_post: MakePost, serve: Callable[..., Request]
) -> None:
    open_spool().close()
    spool = open_spool()
    spool.append([tagged(make_post, "a")], {})
    odd = b'{"offset": 1, "at_ms": 1, "id": "x"}\n{"offset": 2, "at\n'
    insert_run(spool._db, 1, 2, (1, 1), odd)
    spool.close()
    spool = open_spool()
    spool.append([tagged(make_post, "b")], {})
    request = serve(spool)
    assert request("READ 0 4 columns") == ({"error": "no columns for the posts from 1 to 2"}, b"")
    assert request("READ 2 3 columns") == ({"error": "no columns for the posts from 1 to 2"}, b"")
    assert request("READ 1 3")[1] == odd
    assert offsets(request("READ 0 1 columns")[1]) == [0]
    assert offsets(request("READ 3 4 columns")[1]) == [3]
    assert (spool.marks().first, spool.notice) == (0, None)


def test_the_salt_outlives_a_restart_differs_between_spools_and_is_never_shown(
    open_spool: OpenSpool,
    make_post: MakePost,
    serve: Callable[..., Request],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    found = []
    answers = b""
    for folder in ("spool", "other"):
        for _ in range(2):
            spool = open_spool()
            spool.append([tagged(make_post, "a"), tagged(make_post, "a", "another"), tagged(make_post, "a", None)], {})
            salt = spool._db.execute("SELECT salt FROM log").fetchone()[0]
            assert len(salt) >= 16
            request = serve(spool)
            for line in ("STATUS", "READ 0 9", "READ 0 9 columns", f"ACK {spool.log} 1", "no request"):
                header, data = request(line)
                answers += json.dumps(header).encode() + data
            found.append((salt, *authors(request("READ 0 3 columns")[1])))
            spool.close()
        (tmp_path / "spool").rename(tmp_path / f"was {folder}")
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert not set(found[0][:3]) & set(found[2][:3])
    assert found[0][3] is found[2][3] is None
    shown = answers + "\n".join(caplog.messages).encode()
    for salt, *_ in found:
        for form in (salt, salt.hex().encode(), repr(salt)[2:-1].encode()):
            assert form not in shown


def test_columns_count_as_delivered_posts(
    open_spool: OpenSpool, make_post: MakePost, serve: Callable[..., Request]
) -> None:
    spool = open_spool()
    for text in ("0", "1"):
        spool.append([make_post(text), make_post(text)], {})
    delivered: list[int] = []
    request = serve(spool, on_delivered=delivered.append)
    request("READ 0 3 columns")
    request("READ 0 3")
    assert delivered == [3, 3]


def test_a_client_that_does_not_read_its_columns_is_disconnected(open_spool: OpenSpool, make_post: MakePost) -> None:
    spool = open_spool()
    for _ in range(20):
        post = make_post()
        post.tags = [Tag(f"{number}" + "k" * 600, "L" * 600) for number in range(1000)]
        spool.append([post], {})
    ended = threading.Event()
    server = LogProtocol(spool, status, AckGuard(None), send_seconds=0.2)

    def serve(connection: socket.socket) -> None:
        try:
            server.serve(connection)
        finally:
            ended.set()

    listener = Listener("127.0.0.1", 0, serve, setting="INGEST_PORT")
    listener.start()
    with (
        closing(listener),
        closing(socket.create_connection(("127.0.0.1", listener.port), timeout=30)) as stalled,
        stalled.makefile("rb") as file,
    ):
        stalled.sendall(b"READ 0 20 columns\n")
        assert ended.wait(30)
        assert json.loads(file.readline())["bytes"] > len(file.read())

import socket
from pathlib import Path

from bench.line_server import LineServer


def test_lines_come_as_far_as_they_are_released(tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(b"one\ntwo\nthree\n")
    with LineServer(tmp_path / "lines") as server:
        server.release(4)
        with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
            lines = connection.makefile("rb")
            assert lines.readline() == b"one\n"
            said_at = server.release(14)
            assert [lines.readline(), lines.readline()] == [b"two\n", b"three\n"]
        assert server.asked_at is not None
        assert server.asked_at <= said_at

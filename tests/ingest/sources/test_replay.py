"""Replaying a file: resuming, pace, bad input."""

import gzip
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ingest.conftest import Hands, PatientStop

from ingest.sources.base import Malformed
from ingest.sources.replay import Replay

Replayed = list[tuple[str, str | None]]
DoReplay = Callable[..., Replayed]


@pytest.fixture
def replay(hands: Hands) -> DoReplay:
    """Replays a file from a cursor; returns (text or reason, cursor) of each input."""

    def run(path: Path | str, cursor: str | None = None, speed: float = 0, stop: PatientStop | None = None) -> Replayed:
        source = Replay(str(path), speed, monotonic=hands.monotonic, stop=stop or PatientStop(hands))
        return [
            (item.reason if isinstance(item, Malformed) else item.post.text, item.cursor)
            for item in source.posts(cursor)
        ]

    return run


LINES = b'{"text":"a"}\n\n{"text":"b"}\nbroken\n{"data":[{"id":"1","text":"c"},{"id":"2","text":"d"}]}\n{"text":"e"}'
POSTS = [("a", "1"), ("b", "3"), ("not JSON", "4"), ("c", "5:1"), ("d", "5"), ("e", "6")]


def test_every_line_is_a_post_or_a_reason(replay: DoReplay, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(LINES)
    assert replay(tmp_path / "f") == POSTS


def test_a_packed_file_is_unpacked(replay: DoReplay, tmp_path: Path) -> None:
    (tmp_path / "f.gz").write_bytes(gzip.compress(LINES))
    assert replay(tmp_path / "f.gz") == POSTS


@pytest.mark.parametrize("done", range(len(POSTS) + 1))
def test_it_goes_on_behind_its_cursor(replay: DoReplay, tmp_path: Path, done: int) -> None:
    (tmp_path / "f").write_bytes(LINES)
    cursor = POSTS[done - 1][1] if done else None
    assert replay(tmp_path / "f", cursor) == POSTS[done:]


def test_a_packed_file_that_is_cut_gives_what_it_has_and_a_reason(replay: DoReplay, tmp_path: Path) -> None:
    packed = gzip.compress(b'{"text":"a"}\n' * 100_000)
    (tmp_path / "f.gz").write_bytes(packed[: len(packed) // 2])
    replayed = replay(tmp_path / "f.gz")
    assert len(replayed) > 1000
    assert {text for text, _ in replayed[:-1]} == {"a"}
    assert replayed[-1] == ("broken gzip", str(len(replayed) - 1))


def test_a_line_over_a_mebibyte_is_dropped(replay: DoReplay, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b'{"text":"' + b"x" * 2**20 + b'"}\n{"text":"b"}\n')
    assert replay(tmp_path / "f") == [("longer than 1 MiB", "1"), ("b", "2")]


def test_posts_keep_their_distance_divided_by_the_speed(replay: DoReplay, tmp_path: Path, hands: Hands) -> None:
    (tmp_path / "f").write_text(
        '{"text":"a","at_ms":1000}\n{"text":"b","at_ms":3000}\n{"text":"late","at_ms":2000}\n{"text":"c","at_ms":9000}\n'
    )
    stop = PatientStop(hands)
    assert [text for text, _ in replay(tmp_path / "f", speed=2, stop=stop)] == ["a", "b", "late", "c"]
    assert stop.waited_seconds == [1.0, 3.0]


def test_a_stop_ends_the_wait_for_the_next_post(replay: DoReplay, tmp_path: Path, hands: Hands) -> None:
    (tmp_path / "f").write_text("".join(f'{{"text":"{n}","at_ms":{n * 1000}}}\n' for n in range(10)))
    assert replay(tmp_path / "f", speed=1, stop=PatientStop(hands, waits=2)) == [("0", "1"), ("1", "2"), ("2", "3")]


def test_a_pipe_that_is_silent_can_be_stopped(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    stop = threading.Event()
    source = Replay(str(fifo), 0, monotonic=lambda: 0.0, stop=stop)
    got: list[str | None] = []

    def work() -> None:
        for item in source.posts(None):
            got.append(item.cursor)
            stop.set()

    thread = threading.Thread(target=work)
    thread.start()
    with fifo.open("wb", buffering=0) as pipe:
        pipe.write(b'{"text":"a"}\n')
        thread.join(30)
    assert not thread.is_alive()
    assert got == ["1"]


def test_a_file_is_the_same_input_until_it_changes_and_a_pipe_never(tmp_path: Path, hands: Hands) -> None:
    def identity(path: Path | str) -> str | None:
        return Replay(str(path), 0, monotonic=hands.monotonic, stop=PatientStop(hands)).identity

    (tmp_path / "f").write_bytes(LINES)
    os.mkfifo(tmp_path / "fifo")
    first = identity(tmp_path / "f")
    assert first is not None
    assert identity(tmp_path / "f") == first
    (tmp_path / "f").write_bytes(LINES + b"\n")
    assert identity(tmp_path / "f") not in {first, None}
    assert identity(tmp_path / "fifo") is None
    assert identity("-") is None

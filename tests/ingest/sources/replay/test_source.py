"""Replaying a file: resuming, pace, bad input."""

import gzip
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ingest.conftest import ManualClock, SimulatedStop

from ingest.sources.base import ChangedPost, NewPost
from ingest.sources.replay import identity as replay_identity
from ingest.sources.replay.pace import BACKWARDS, FAR, MAX_WAIT_SECONDS, NO_TIMES
from ingest.sources.replay.source import Replay

ReplayDetector = list[tuple[str, str | None]]
DoReplay = Callable[..., ReplayDetector]


@pytest.fixture
def replay(manual_clock: ManualClock) -> DoReplay:
    """Replays a file from a cursor; returns (text or reason, cursor) of each item."""

    def run(
        path: Path | str, cursor: str | None = None, speed: float = 0, stop: SimulatedStop | None = None
    ) -> ReplayDetector:
        source = Replay(
            str(path), speed, monotonic_seconds=manual_clock.monotonic_seconds, stop=stop or SimulatedStop(manual_clock)
        )
        return [
            (item.post.text if isinstance(item, NewPost) else item.reason, item.cursor)
            for item in source.posts(cursor)
            if not isinstance(item, ChangedPost)
        ]

    return run


LINES = b'{"text":"a"}\n\n{"text":"b"}\nbroken\n{"data":[{"id":"1","text":"c"},{"id":"2","text":"d"}]}\n{"text":"e"}'
POSTS = [("a", "1"), ("b", "3"), ("not JSON", "4"), ("c", "5:1"), ("d", "5"), ("e", "6")]


def test_every_line_is_a_post_or_a_reason(replay: DoReplay, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(LINES)
    assert replay(tmp_path / "f") == POSTS


def test_a_compressed_file_is_decompressed(replay: DoReplay, tmp_path: Path) -> None:
    (tmp_path / "f.gz").write_bytes(gzip.compress(LINES))
    assert replay(tmp_path / "f.gz") == POSTS


@pytest.mark.parametrize("done", range(len(POSTS) + 1))
def test_a_replay_resumes_behind_its_cursor(replay: DoReplay, tmp_path: Path, done: int) -> None:
    (tmp_path / "f").write_bytes(LINES)
    cursor = POSTS[done - 1][1] if done else None
    assert replay(tmp_path / "f", cursor) == POSTS[done:]


def test_a_truncated_compressed_file_yields_its_posts_and_a_reason(replay: DoReplay, tmp_path: Path) -> None:
    packed = gzip.compress(b'{"text":"a"}\n' * 100_000)
    (tmp_path / "f.gz").write_bytes(packed[: len(packed) // 2])
    replayed = replay(tmp_path / "f.gz")
    assert len(replayed) > 1000
    assert {text for text, _ in replayed[:-1]} == {"a"}
    assert replayed[-1] == ("broken gzip", str(len(replayed) - 1))


def test_a_line_over_a_mebibyte_is_dropped(replay: DoReplay, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b'{"text":"' + b"x" * 2**20 + b'"}\n{"text":"b"}\n')
    assert replay(tmp_path / "f") == [("longer than 1 MiB", "1"), ("b", "2")]


def test_posts_keep_their_distance_divided_by_the_speed(
    replay: DoReplay, tmp_path: Path, manual_clock: ManualClock
) -> None:
    (tmp_path / "f").write_text(
        '{"text":"a","at_ms":1000}\n{"text":"b","at_ms":3000}\n{"text":"late","at_ms":2000}\n{"text":"c","at_ms":9000}\n'
    )
    stop = SimulatedStop(manual_clock)
    assert [text for text, _ in replay(tmp_path / "f", speed=2, stop=stop)] == ["a", "b", "late", "c"]
    assert stop.waited_seconds == [1.0, 3.0]


def timed(*times: object) -> str:
    return "".join(json.dumps({"text": str(number), "created_at": each}) + "\n" for number, each in enumerate(times))


@pytest.mark.parametrize("speed", [1, 0.5, 1e-300, 1e300])
def test_a_far_time_neither_ends_nor_blocks_a_replay(
    tmp_path: Path, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture, speed: float
) -> None:
    odd = ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2199-12-31T00:00:00Z", "-5", "", None]
    near = [f"2026-11-20T12:00:0{second}Z" for second in range(4)]
    (tmp_path / "f").write_text(timed(near[0], near[1], *odd, near[2], near[3]))
    stop = SimulatedStop(manual_clock)
    source = Replay(str(tmp_path / "f"), speed, monotonic_seconds=manual_clock.monotonic_seconds, stop=stop)
    assert len(list(source.posts(None))) == 10
    assert all(0 < seconds <= MAX_WAIT_SECONDS for seconds in stop.waited_seconds)
    assert len(stop.waited_seconds) <= 3
    assert [record.getMessage() for record in caplog.records].count(f"replay: {tmp_path / 'f'}: {NO_TIMES}") == 1
    assert NO_TIMES in str(source.facts()["pace"])


def test_a_gap_is_shortened_and_the_pace_continues_behind_it(
    tmp_path: Path, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "f").write_text(
        "".join(
            f'{{"text":"","at_ms":{each}}}\n' for each in (0, 1000, 90_000_000, 90_002_000, 180_000_000, 180_001_000)
        )
    )
    stop = SimulatedStop(manual_clock)
    source = Replay(str(tmp_path / "f"), 1, monotonic_seconds=manual_clock.monotonic_seconds, stop=stop)
    assert len(list(source.posts(None))) == 6
    assert stop.waited_seconds == [1.0, MAX_WAIT_SECONDS, 2.0, MAX_WAIT_SECONDS, 1.0]
    assert caplog.messages == [f"replay: {tmp_path / 'f'}: {FAR}"]
    assert source.facts() == {"pace": FAR}


def test_a_file_in_reverse_order_is_played_at_once_and_logged_once(
    tmp_path: Path, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    times = [1_000_000 - 7_000 * number for number in range(100)]
    (tmp_path / "f").write_text("".join(f'{{"text":"","at_ms":{each}}}\n' for each in times))
    stop = SimulatedStop(manual_clock)
    source = Replay(str(tmp_path / "f"), 1, monotonic_seconds=manual_clock.monotonic_seconds, stop=stop)
    assert len(list(source.posts(None))) == 100
    assert stop.waited_seconds == []
    assert caplog.messages == [f"replay: {tmp_path / 'f'}: {BACKWARDS}"]


def test_pages_in_reverse_order_have_the_right_pace_within_each_page(
    tmp_path: Path, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    times = [5_000_000, 5_001_000, 5_002_000, 1_000_000, 1_001_000, 1_002_000]
    (tmp_path / "f").write_text("".join(f'{{"text":"","at_ms":{each}}}\n' for each in times))
    stop = SimulatedStop(manual_clock)
    assert (
        len(
            list(
                Replay(str(tmp_path / "f"), 1, monotonic_seconds=manual_clock.monotonic_seconds, stop=stop).posts(None)
            )
        )
        == 6
    )
    assert stop.waited_seconds == [1.0, 1.0, 1.0, 1.0]
    assert len(caplog.messages) == 1


def test_a_file_in_order_has_no_notes_about_its_pace(
    tmp_path: Path, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "f").write_text("".join(f'{{"text":"","at_ms":{each}}}\n' for each in (1000, 900, 1500, 1200, 61_000)))
    source = Replay(
        str(tmp_path / "f"), 1, monotonic_seconds=manual_clock.monotonic_seconds, stop=SimulatedStop(manual_clock)
    )
    assert len(list(source.posts(None))) == 5
    assert caplog.messages == []
    assert source.facts() == {}


def test_at_speed_0_times_are_ignored(
    tmp_path: Path, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "f").write_text(timed("2026-11-20T12:00:00Z", None, "2016-11-20T12:00:00Z", "9999-12-31"))
    stop = SimulatedStop(manual_clock)
    assert (
        len(
            list(
                Replay(str(tmp_path / "f"), 0, monotonic_seconds=manual_clock.monotonic_seconds, stop=stop).posts(None)
            )
        )
        == 4
    )
    assert (stop.waited_seconds, caplog.messages) == ([], [])


def test_a_page_of_several_mebibytes_is_read(replay: DoReplay, tmp_path: Path) -> None:
    page = {"data": [{"id": str(number), "text": "x" * 1000} for number in range(4000)]}
    (tmp_path / "f").write_text(json.dumps(page) + "\n" + '{"text":"' + "y" * 2**24 + '"}\n')
    found = replay(tmp_path / "f")
    assert len(found) == 4001
    assert found[-1] == ("longer than 16 MiB", "2")


def test_a_stop_ends_the_wait_for_the_next_post(replay: DoReplay, tmp_path: Path, manual_clock: ManualClock) -> None:
    (tmp_path / "f").write_text("".join(f'{{"text":"{n}","at_ms":{n * 1000}}}\n' for n in range(10)))
    assert replay(tmp_path / "f", speed=1, stop=SimulatedStop(manual_clock, waits=2)) == [
        ("0", "1"),
        ("1", "2"),
        ("2", "3"),
    ]


def test_a_pipe_that_is_silent_can_be_stopped(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    stop = threading.Event()
    source = Replay(str(fifo), 0, monotonic_seconds=lambda: 0.0, stop=stop)
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


def test_a_file_is_the_same_input_until_it_changes_and_a_pipe_never(tmp_path: Path, manual_clock: ManualClock) -> None:
    def made(path: Path | str) -> Replay:
        return Replay(str(path), 0, monotonic_seconds=manual_clock.monotonic_seconds, stop=SimulatedStop(manual_clock))

    file = tmp_path / "f"
    file.write_bytes(LINES)
    os.mkfifo(tmp_path / "fifo")
    first = made(file).identity
    assert first is not None
    os.utime(file, (1, 1))
    file.rename(tmp_path / "renamed")
    assert (made(tmp_path / "renamed").identity, made(tmp_path / "renamed").compare_identity(first)) == (first, "same")
    file.write_bytes(LINES + b"\n")
    assert made(file).identity not in {first, None}
    assert made(file).compare_identity(first) == "longer"
    for other in (LINES[:-1], LINES.replace(b"a", b"z"), b"", b"z" + LINES):
        file.write_bytes(other)
        assert made(file).compare_identity(first) == "other"
    for unknown in ("", "replay", "replay x y", "replay ² y", "x", f"replay {2**200} y"):
        assert made(file).compare_identity(unknown) == "other"
    assert made(tmp_path / "fifo").identity is None
    assert made("-").identity is None


def test_a_file_is_recognised_by_the_identity_of_earlier_versions(tmp_path: Path, manual_clock: ManualClock) -> None:
    file = tmp_path / "f"
    file.write_bytes(LINES)
    facts = file.stat()
    source = Replay(str(file), 0, monotonic_seconds=manual_clock.monotonic_seconds, stop=SimulatedStop(manual_clock))
    assert source.compare_identity(f"replay {file.resolve()} {facts.st_size} {facts.st_mtime_ns}") == "same"
    assert source.compare_identity(f"replay {file.resolve()} {facts.st_size} {facts.st_mtime_ns + 1}") == "other"


def test_a_large_file_is_identified_by_pieces_of_it(
    tmp_path: Path, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_identity, "WHOLE_BYTES", 64)
    monkeypatch.setattr(replay_identity, "PIECE_BYTES", 8)
    file = tmp_path / "f"
    file.write_bytes(bytes(range(200)))
    source = Replay(str(file), 0, monotonic_seconds=manual_clock.monotonic_seconds, stop=SimulatedStop(manual_clock))
    first = source.identity or ""
    file.write_bytes(bytes(range(200)) + b"more")
    assert source.compare_identity(first) == "longer"
    for changed in (0, 199):
        data = bytearray(range(200))
        data[changed] ^= 1
        file.write_bytes(data)
        assert source.compare_identity(first) == "other"

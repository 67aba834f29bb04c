"""Faults of the disk under a real `python -m ingest`."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.ingest.support.process import Ingest, Start, request, wait_for, wait_for_end
from tests.ingest.support.small_disk import SmallDisk

FULL = ("database or disk is full", "disk I/O error")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "disk")
    yield made
    made.close()


def start_on(disk: SmallDisk, start: Start, **settings: str) -> Ingest:
    with disk.limits():
        ingest: Ingest = start(DATA_DIR=str(disk.folder / "data"), **settings)
    return ingest


def write_posts(file: Path, count: int, text: str = "x" * 900) -> None:
    with file.open("w") as writing:
        writing.writelines(f'{{"id": "{number}", "text": "{number} {text}"}}\n' for number in range(count))


def replay(file: str = "posts", **settings: str) -> dict[str, str]:
    return {"SOURCE": "replay", "REPLAY_FILE": file, "REPLAY_SPEED": "0", **settings}


def numbers(port: int) -> list[int]:
    """Return the number at the beginning of each post in the spool."""
    _, *lines = request(port, "READ 0 1000000")
    posts = [json.loads(line) for line in lines]
    assert [post["offset"] for post in posts] == list(range(len(posts)))
    return [int(post["text"].split()[0]) for post in posts]


def test_a_full_disk_blocks_the_source_and_loses_and_doubles_nothing(
    start: Start, disk: SmallDisk, tmp_path: Path
) -> None:
    write_posts(tmp_path / "posts", 10_000)
    disk.fill(3 * 2**20)
    ingest = start_on(disk, start, **replay())
    port, tail = ingest.ports()
    status = wait_for(port, lambda status: status["notice"] is not None)
    held = status["end"]
    assert 0 < held < 10_000
    assert status["notice"].startswith("the spool can't be written, so the sources wait: ")
    assert status["notice"].endswith(FULL)
    assert status["sources"][0]["accepted"] == held
    assert numbers(port) == list(range(held))
    with closing(socket.create_connection(("127.0.0.1", tail), timeout=30)) as reader:
        wait_for(port, lambda status: status["notice"] is not None)
        disk.free(ingest.process.pid)
        status = wait_for_end(port, 10_000)
        tailed = json.loads(reader.makefile("rb").readline())
    assert tailed["offset"] >= held
    assert (status["notice"], status["sources"][0]["accepted"], status["trimmed_unread"]) == (None, 10_000, 0)
    assert numbers(port) == list(range(10_000))
    code, _, err = ingest.end(signal.SIGTERM)
    assert code == 0
    assert err.count("the spool can't be written") == 1
    assert err.count("the spool can be written again") == 1
    assert "Traceback" not in err


def test_a_crash_on_a_full_disk_loses_and_doubles_nothing(start: Start, disk: SmallDisk, tmp_path: Path) -> None:
    write_posts(tmp_path / "posts", 8_000)
    disk.fill(3 * 2**20)
    ingest = start_on(disk, start, **replay())
    held = wait_for(ingest.ports()[0], lambda status: status["notice"] is not None)["end"]
    ingest.end(signal.SIGKILL)
    again = start_on(disk, start, **replay())
    port, _ = again.ports()
    assert numbers(port)[:held] == list(range(held))
    wait_for(port, lambda status: status["notice"] is not None)
    disk.free(again.process.pid)
    assert wait_for_end(port, 8_000)["sources"][0]["accepted"] == 8_000
    assert numbers(port) == list(range(8_000))


def test_a_stop_on_a_full_disk_takes_no_longer(start: Start, disk: SmallDisk, tmp_path: Path) -> None:
    write_posts(tmp_path / "posts", 8_000)
    disk.fill(3 * 2**20)
    ingest = start_on(disk, start, **replay())
    wait_for(ingest.ports()[0], lambda status: status["notice"] is not None)
    began = time.monotonic()
    code, _, err = ingest.end(signal.SIGTERM)
    assert time.monotonic() - began < 5
    assert code == 0
    assert "Traceback" not in err


def test_a_disk_too_full_for_a_new_spool_is_one_sentence(start: Start, disk: SmallDisk) -> None:
    disk.fill(4096)
    code, _, err = start_on(disk, start).end()
    assert code == 2
    assert err.startswith("ingest: DATA_DIR must be a folder that ingest can use (")
    assert err.count("\n") == 1


def test_a_broken_spool_is_renamed_at_the_start_and_reported(start: Start, tmp_path: Path) -> None:
    write_posts(tmp_path / "posts", 10)
    first = start(**replay())
    log = wait_for_end(first.ports()[0], 10)["log"]
    first.end(signal.SIGTERM)
    os.truncate(tmp_path / "data" / "spool" / "spool.sqlite", 1000)
    again = start(**replay())
    port, _ = again.ports()
    status = wait_for_end(port, 10)
    assert status["log"] != log
    assert status["notice"].startswith("the spool was broken (")
    (aside,) = (tmp_path / "data" / "spool").glob("spool.sqlite.broken-*[0-9]")
    assert aside.stat().st_size == 1000
    assert status["notice"].endswith(f"it was renamed to {aside.name}, and a new spool was created")
    assert numbers(port) == list(range(10))
    assert "Traceback" not in again.end(signal.SIGTERM)[2]


def filled(start: Start, tmp_path: Path) -> tuple[Ingest, int]:
    """Start an ingest with 30,000 posts, some 30 MiB, most of which are no longer in the write-ahead log."""
    write_posts(tmp_path / "posts", 30_000)
    ingest = start(**replay())
    port, _ = ingest.ports()
    wait_for_end(port, 30_000)
    return ingest, port


def test_a_spool_whose_structure_breaks_ends_ingest_and_the_next_start_renames_it(start: Start, tmp_path: Path) -> None:
    ingest, port = filled(start, tmp_path)
    with (tmp_path / "data" / "spool" / "spool.sqlite").open("r+b") as file:
        file.seek(16 * 1024)
        file.write(bytes(10 * 2**20))
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as reader:
        reader.sendall(b"READ 0 30000\n")
        reader.makefile("rb").read()
    code, _, err = ingest.end()
    assert code == 1
    assert "Traceback" not in err
    (sentence,) = [line for line in err.splitlines() if "CRITICAL" in line]
    assert "the spool is broken: " in sentence
    assert sentence.endswith("; ingest ends, and its next start renames the file")
    again = start(**replay())
    status = wait_for_end(again.ports()[0], 30_000)
    assert status["notice"].startswith("the spool was broken (")


def test_a_damaged_run_is_deleted_and_ingest_continues(start: Start, tmp_path: Path) -> None:
    ingest, port = filled(start, tmp_path)
    spool = tmp_path / "data" / "spool" / "spool.sqlite"
    data = spool.read_bytes()
    with spool.open("r+b") as file:
        file.seek(data.index(b'"2000 xxx') + 100)
        file.write(b"y")
    _, *lines = request(port, "READ 0 30000")
    assert [json.loads(line)["offset"] for line in lines if line.endswith(b"}")] == list(range(len(lines)))
    status = wait_for(port, lambda status: status["first"] > 0)
    first = status["first"]
    assert len(lines) <= 2000 < first < 10_000
    assert status["trimmed_unread"] == first
    assert f"all posts before {first} were deleted, {first} of them unread" in status["notice"]
    header, *lines = request(port, "READ 0 30000")
    assert json.loads(header)["first"] == first
    assert len(lines) == 30_000 - first
    code, _, err = ingest.end(signal.SIGTERM)
    assert code == 0
    assert "are damaged on disk" in err
    assert "Traceback" not in err


def test_a_spool_that_is_removed_during_use_ends_ingest_and_the_next_start_creates_a_new_one(
    start: Start, tmp_path: Path
) -> None:
    write_posts(tmp_path / "posts", 10)
    ingest = start(**replay())
    wait_for_end(ingest.ports()[0], 10)
    for file in (tmp_path / "data" / "spool").glob("spool.sqlite*"):
        file.unlink()
    code, _, err = ingest.end()
    assert code == 1
    assert "was removed or replaced while it was in use" in err
    assert "Traceback" not in err
    again = start(**replay())
    status = wait_for_end(again.ports()[0], 10)
    assert status["notice"] == "the spool, which ended at post 10, is missing: a new spool was created"


def test_a_full_spool_deletes_the_oldest_posts_and_reports_how_many_were_unread(start: Start, tmp_path: Path) -> None:
    write_posts(tmp_path / "posts", 30_000)
    port, _ = start(**replay(SPOOL_MAX_BYTES=str(2**24))).ports()
    status = wait_for_end(port, 30_000)
    assert 0 < status["first"] == status["trimmed_unread"] < 30_000
    header, *lines = request(port, "READ 0 30000")
    assert (json.loads(header)["first"], len(lines)) == (status["first"], 30_000 - status["first"])
    assert json.loads(lines[0])["text"].startswith(f"{status['first']} ")
    spool = tmp_path / "data" / "spool" / "spool.sqlite"
    assert spool.stat().st_size <= 2**24


def test_a_stop_under_load_takes_less_than_five_seconds_and_loses_no_served_post(start: Start, tmp_path: Path) -> None:
    ingest = start(DEMO_RATE="20000", DEMO_SEED="1")
    port, tail = ingest.ports()
    with closing(socket.create_connection(("127.0.0.1", tail), timeout=30)) as stalled:
        wait_for(port, lambda status: status["end"] > 40_000)
        with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as reading:
            reading.sendall(b"READ 0 40000\n")
            reading.recv(1)
            with closing(socket.create_connection(("127.0.0.1", tail), timeout=30)) as reader:
                lines = reader.makefile("rb")
                json.loads(lines.readline())
                began = time.monotonic()
                ingest.process.send_signal(signal.SIGTERM)
                served = [json.loads(line) for line in lines if line.endswith(b"}\n")]
                code, _, err = ingest.end()
                seconds = time.monotonic() - began
        stalled.recv(1)
    assert (code, "Traceback" in err) == (0, False)
    assert seconds < 5
    assert not (tmp_path / "data" / "spool" / "spool.sqlite-wal").exists()
    (tmp_path / "none").touch()
    port, _ = start(**replay("none")).ports()
    status = wait_for(port, lambda _: True)
    assert (status["notice"], status["first"]) == (None, 0)
    assert status["end"] > served[-1]["offset"]
    _, line = request(port, f"READ {served[-1]['offset']} {served[-1]['offset'] + 1}")
    assert json.loads(line) == served[-1]

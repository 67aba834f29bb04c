"""Posts that are deleted or edited: their text is gone from every file, exactly once, kills included."""

import json
import os
import random
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.support.process import Start, request, wait_for, wait_for_end
from tests.ingest.support.small_disk import SmallDisk

#: What the product promises.
GONE_SECONDS = 10.0
#: What the tests search for.
TEXTS = re.compile(rb"marker\d{6}x|another text")


def marker(number: int) -> str:
    return f"marker{number:06d}x"


def post(number: int, text: str = "", **fields: Any) -> dict[str, Any]:
    return {"id": f"p:{number}", "text": text or f"#tag{number % 7} {marker(number)} words", **fields}


def files_below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def found_in_files(folder: Path, texts: list[str]) -> list[tuple[str, str]]:
    """Return which of the texts are in which files."""
    found = []
    for path in files_below(folder):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue
        # One pass over a file, because there are thousands of texts.
        there = {text.decode() for text in TEXTS.findall(data)}
        found += [(text, path.name) for text in texts if text in there]
    return found


def wait_until_gone(folder: Path, texts: list[str], seconds: float = GONE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while found := found_in_files(folder, texts):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[int]:
    os.mkfifo(tmp_path / "pipe")
    descriptor = os.open(tmp_path / "pipe", os.O_RDWR)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "disk")
    yield made
    made.close()


def send(pipe: int, *lines: dict[str, Any]) -> None:
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    while data:
        data = data[os.write(pipe, data) :]


def test_after_ten_seconds_the_text_of_a_deleted_or_edited_post_is_in_no_file(
    start: Start, tmp_path: Path, pipe: int
) -> None:
    folder = tmp_path / "data"
    port, _ = start(SOURCE="replay", REPLAY_FILE="pipe", REPLAY_SPEED="0", DATA_DIR="data").ports()
    # Runs of one post and of many, texts that are shorter than what replaces them, and one of several pages.
    for number in range(20):
        send(pipe, post(number))
        wait_for_end(port, number + 1)
    send(pipe, *[post(number, author="somebody" * 3) for number in range(20, 4000)])
    send(pipe, post(4000, "z" * 100_000 + marker(4000)), post(4001, marker(4001)))
    send(pipe, post(4002), {"deleted": "p:4002"})
    wait_for_end(port, 4003)
    deleted = [*range(0, 20, 2), *range(100, 4000, 130), 4000, 4001, 4002]
    edited = [*range(1, 20, 4), *range(101, 4000, 190)]
    assert found_in_files(folder, [marker(number) for number in (0, 1, 230, 4000)])
    send(pipe, *[{"deleted": f"p:{number}"} for number in deleted])
    send(pipe, *[{"edited": f"p:{number}", "text": f"another text {'long ' * (number % 50)}"} for number in edited])
    wait_for(port, lambda status: status["changes"]["end"] == len(deleted) + len(edited))
    wait_until_gone(folder, [marker(number) for number in deleted + edited])
    # What was edited may be deleted later.
    send(pipe, *[{"deleted": f"p:{number}"} for number in edited])
    wait_for(port, lambda status: status["changes"]["end"] == len(deleted) + 2 * len(edited))
    wait_until_gone(folder, ["another text"])
    _, *lines = request(port, "READ 0 5000")
    texts = {each["id"]: each["text"] for each in map(json.loads, lines)}
    for number in range(4003):
        assert (marker(number) in texts[f"p:{number}"]) == (number not in deleted + edited)


def test_a_trimmed_post_is_in_no_file_either(start: Start, tmp_path: Path, pipe: int) -> None:
    folder = tmp_path / "data"
    port, _ = start(SOURCE="replay", REPLAY_FILE="pipe", REPLAY_SPEED="0", DATA_DIR="data", SPOOL_MAX_AGE="1").ports()
    send(pipe, *[post(number) for number in range(500)])
    log = wait_for_end(port, 500)["log"]
    assert found_in_files(folder, [marker(7)])
    request(port, f"ACK {log} 500")
    wait_until_gone(folder, [marker(number) for number in range(500)], GONE_SECONDS + 1)


def wait_until_end_reaches(port: int, end: int) -> None:
    wait_for(port, lambda status: status["end"] >= end)


def test_kills_neither_lose_nor_double_a_deletion(start: Start, tmp_path: Path) -> None:
    posts, chance = 6000, random.Random(20)
    deleted: list[int] = []
    with (tmp_path / "posts").open("w") as file:
        for number in range(posts):
            print(json.dumps(post(number, at_ms=1_795_176_000_000 + number)), file=file)
            if number % 3 == 0:
                # Most deletions are of new posts, some of old ones, and some posts are deleted twice.
                each = chance.randrange(max(0, number - 50), number + 1) if number % 6 else chance.randrange(number + 1)
                deleted.append(each)
                print(json.dumps({"deleted": f"p:{each}", "at_ms": 1_795_176_000_000 + number}), file=file)
    settings = {"SOURCE": "replay", "REPLAY_FILE": "posts", "REPLAY_SPEED": "2", "DATA_DIR": "data"}
    for _ in range(10):
        ingest = start(**settings)
        port, _ = ingest.ports()
        before = json.loads(request(port, "STATUS")[0])["end"]
        wait_until_end_reaches(port, min(posts, before + chance.randrange(1, 600)))
        ingest.end(signal.SIGKILL)
    port, _ = start(**settings | {"REPLAY_SPEED": "0"}).ports()
    status = wait_for(port, lambda status: status["sources"][0]["state"] == "finished")
    header, *lines = request(port, f"CHANGES 0 {posts}")
    changes = [json.loads(line) for line in lines]
    assert status["end"] == status["sources"][0]["accepted"] == posts
    assert [change["number"] for change in changes] == list(range(len(set(deleted))))
    assert sorted(change["offset"] for change in changes) == sorted(set(deleted))
    assert (status["sources"][0]["deleted"], status["sources"][0]["not_stored"]) == (len(set(deleted)), 0)
    _, *lines = request(port, f"READ 0 {posts}")
    stored = [json.loads(line) for line in lines]
    assert [each["id"] for each in stored] == [f"p:{number}" for number in range(posts)]
    assert {number for number, each in enumerate(stored) if not each["text"]} == set(deleted)
    wait_until_gone(tmp_path / "data", [marker(number) for number in set(deleted)])
    assert json.loads(header)["changes"] == len(changes)


def damage_text(folder: Path, text: bytes) -> None:
    """Change one character of a post on disk, while ingest does not run."""
    spool = folder / "spool" / "spool.sqlite"
    with spool.open("r+b") as file:
        file.seek(spool.read_bytes().index(text) + len(text))
        file.write(b"?")


@pytest.mark.parametrize("acked", [0, 9])
def test_a_deletion_of_a_post_in_a_damaged_run_leaves_no_text_and_harms_no_other_deletion(
    start: Start, tmp_path: Path, pipe: int, acked: int
) -> None:
    settings = {"SOURCE": "replay", "REPLAY_FILE": "pipe", "REPLAY_SPEED": "0", "DATA_DIR": "data"}
    ingest = start(**settings)
    port, _ = ingest.ports()
    for run in range(4):
        send(pipe, *[post(number) for number in range(run * 5, run * 5 + 5)])
        log = wait_for_end(port, run * 5 + 5)["log"]
    request(port, f"ACK {log} {acked}")
    ingest.end(signal.SIGTERM)
    damage_text(tmp_path / "data", marker(7).encode())
    port, _ = start(**settings).ports()
    send(pipe, *[{"deleted": f"p:{number}"} for number in (6, 7, 12)], post(20))
    status = wait_for_end(port, 21)
    wait_until_gone(tmp_path / "data", [marker(number) for number in (*range(5, 10), 12)])
    # No reader may show a post that can't be deleted any more.
    assert status["first"] == (10 if acked else 0)
    _, *lines = request(port, "CHANGES 0 9")
    assert [json.loads(line)["id"] for line in lines] == ["p:12"]
    assert (status["sources"][0]["deleted"], status["sources"][0]["not_stored"]) == (1, 2)
    # A reader gets the posts before the damaged ones, if it has not read them, and those behind them.
    _, *lines = request(port, "READ 0 5")
    assert len(lines) == (0 if acked else 5)
    _, *lines = request(port, "READ 10 21")
    assert [json.loads(line)["id"] for line in lines] == [f"p:{number}" for number in range(10, 21)]


def test_with_a_full_disk_a_deletion_waits_for_room_and_is_done_within_ten_seconds_after(
    start: Start, disk: SmallDisk, pipe: int
) -> None:
    with disk.limits():
        disk.fill(3 * 2**20)
        ingest = start(DATA_DIR=str(disk.folder / "data"), SOURCE="replay", REPLAY_FILE="pipe", REPLAY_SPEED="0")
    port, _ = ingest.ports()
    send(pipe, *[post(number) for number in range(50)])
    wait_for_end(port, 50)

    def write_on() -> None:
        """Deletions and posts in turns, more than there is room for. The pipe blocks while ingest waits."""
        for number in range(50, 8_000):
            deletion = [{"deleted": f"p:{number - 50}"}] if number % 10 == 0 else []
            send(pipe, post(number, f"{marker(number)} {'long ' * 200}"), *deletion)

    writing = threading.Thread(target=write_on, daemon=True)
    writing.start()
    status = wait_for(port, lambda status: status["notice"] is not None)
    assert status["notice"].startswith("the spool can't be written, so the sources wait: ")
    disk.free(ingest.process.pid)
    deleted = list(range(0, 7_950, 10))
    wait_for(port, lambda status: status["end"] == 8_000 and status["changes"]["end"] == len(deleted))
    wait_until_gone(disk.folder, [marker(number) for number in deleted])
    writing.join()
    status = wait_for(port, lambda status: status["notice"] is None)
    assert (status["sources"][0]["deleted"], status["sources"][0]["not_stored"]) == (len(deleted), 0)
    _, *lines = request(port, "CHANGES 0 10000")
    assert sorted(json.loads(line)["offset"] for line in lines) == deleted
    _, *lines = request(port, "READ 0 10000")
    assert [number for number, line in enumerate(lines) if not json.loads(line)["text"]] == deleted


@pytest.mark.parametrize("entry", ["cast(replace(entry, 'p:2', 'p:7') AS BLOB)", "cast(entry AS TEXT)", "7"])
def test_a_damaged_change_is_removed_with_those_before_it_and_the_others_are_served(
    start: Start, tmp_path: Path, pipe: int, entry: str
) -> None:
    settings = {"SOURCE": "replay", "REPLAY_FILE": "pipe", "REPLAY_SPEED": "0", "DATA_DIR": "data"}
    ingest = start(**settings)
    port, _ = ingest.ports()
    send(pipe, *[post(number) for number in range(9)], *[{"deleted": f"p:{number}"} for number in range(5)])
    wait_for(port, lambda status: status["changes"]["end"] == 5)
    ingest.end(signal.SIGTERM)
    with closing(sqlite3.connect(tmp_path / "data" / "spool" / "spool.sqlite")) as db, db:
        db.execute(f"UPDATE changes SET entry = {entry} WHERE number = 2")
    port, _ = start(**settings).ports()
    (line,) = request(port, "CHANGES 0 9")
    assert json.loads(line) == {"error": "the change 2 is damaged on disk, and were thrown away"}
    header, *lines = request(port, "CHANGES 0 9")
    assert json.loads(header)["first"] == 3
    assert [json.loads(line)["id"] for line in lines] == ["p:3", "p:4"]
    status = wait_for(port, lambda status: status["notice"] is not None)
    assert status["changes"] == {"first": 3, "end": 5}
    assert status["notice"] == "the change 2 is damaged on disk: all changes before 3 were deleted"
    send(pipe, {"deleted": "p:8"})
    wait_for(port, lambda status: status["changes"]["end"] == 6)
    _, line = request(port, "CHANGES 5 9")
    assert (json.loads(line)["number"], json.loads(line)["id"]) == (5, "p:8")
    wait_until_gone(tmp_path / "data", [marker(number) for number in (0, 1, 2, 3, 4, 8)])


def test_a_deletion_neither_counts_for_the_limit_nor_makes_room_below_it(start: Start, tmp_path: Path) -> None:
    lines = [
        *[post(number) for number in range(5)],
        *[{"deleted": "p:1"}, {"deleted": "p:1"}, {"deleted": "p:99"}],
        # A deleted post that comes again is a duplicate, and no new post.
        *[post(1), *[post(number) for number in range(5, 9)], {"deleted": "p:8"}, post(9)],
        # At the limit the source has ended: it hears of no deletion any more.
        *[{"deleted": "p:0"}, post(10), {"deleted": "p:2"}],
    ]
    (tmp_path / "posts").write_text("".join(json.dumps(line) + "\n" for line in lines))
    settings = {"SOURCE": "replay", "REPLAY_FILE": "posts", "REPLAY_SPEED": "0", "DATA_DIR": "data", "LIMIT": "10"}
    for _ in range(2):
        ingest = start(**settings)
        port, _ = ingest.ports()
        status = wait_for(port, lambda status: status["sources"][0]["state"] == "finished")
        source = status["sources"][0]
        assert (status["end"], source["accepted"], source["duplicate"]) == (10, 10, 1)
        assert (source["deleted"], source["not_stored"], status["changes"]["end"]) == (2, 1, 2)
        _, *stored = request(port, "READ 0 99")
        assert [json.loads(line)["text"] == "" for line in stored] == [number in {1, 8} for number in range(10)]
        ingest.end(signal.SIGTERM)
        wait_until_gone(tmp_path / "data", [marker(1), marker(8)])

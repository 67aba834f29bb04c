"""Posts that are deleted or edited: their text is gone from every file, exactly once, kills included."""

import json
import os
import random
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.support.process import Start, request, wait_for, wait_for_end

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

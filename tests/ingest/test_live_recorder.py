"""`python -m ingest record` with a live source, in its own process."""

import signal
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.servers.jetstream_server import JetstreamServer, event
from tests.ingest.support.process import Ingest, Start, posts_of, wait_for, wait_until

pytestmark = pytest.mark.timeout(180)

#: A kill loses about a second of posts; a busy machine may lose some more.
LOSS_SECONDS = 5.0


@pytest.fixture
def jetstream() -> Iterator[JetstreamServer]:
    with JetstreamServer(events(0, 200)).running() as server:
        yield server


def events(first: int, end: int) -> list[dict[str, Any]]:
    """Posts in three languages, with tags of the text and other tags."""
    languages: list[list[str]] = [["pt-BR", "en"], ["ja"], []]
    return [
        event(number, f"#Eins{number % 5} und #zwei", langs=languages[number % 3], tags=[f"Drei{number % 7}"])
        if number % 2
        else event(number, f"#Eins{number % 5} #東京 🚋", langs=languages[number % 3])
        for number in range(first, end)
    ]


def id_of(made: dict[str, Any]) -> str:
    return f"bluesky:{made['did']}/{made['commit']['rkey']}"


def record(start: Start, jetstream: JetstreamServer, path: Path) -> Ingest:
    recorder: Ingest = start("record", str(path), SOURCE="bluesky", BLUESKY_HOSTS=jetstream.url)
    return recorder


def lines_in(path: Path) -> int:
    """Return how many lines the present members of a gzip file have."""
    data, lines = path.read_bytes() if path.exists() else b"", 0
    while data:
        member = zlib.decompressobj(wbits=31)
        lines += member.decompress(data).count(b"\n")
        data = member.unused_data
    return lines


def replayed(start: Start, path: Path, name: str) -> list[dict[str, Any]]:
    """Return the posts of a file as `SOURCE=replay` yields them."""
    ingest = start(SOURCE="replay", REPLAY_FILE=str(path), REPLAY_SPEED="0", DATA_DIR=name)
    port, _ = ingest.ports()
    (source,) = wait_for(port, lambda status: status["sources"][0]["state"] == "finished")["sources"]
    assert (source["malformed"], source["duplicate"]) == ({}, 0)
    return posts_of(port)


def test_a_recording_is_replayed_as_it_was_served(start: Start, jetstream: JetstreamServer, tmp_path: Path) -> None:
    served = start(SOURCE="bluesky", BLUESKY_HOSTS=jetstream.url)
    port, _ = served.ports()
    wait_for(port, lambda status: status["end"] == 200)
    posts = posts_of(port)
    served.end(signal.SIGTERM)

    # The recorder has its own spool, so the server sends the posts again to it, with cuts.
    jetstream.sent = 0
    jetstream.posts_per_stream = 150
    jetstream.faults = iter(["cut mid-message"])
    path = tmp_path / "posts.jsonl.gz"
    recorder = record(start, jetstream, path)
    wait_until(lambda: lines_in(path) >= 200)
    code, _, err = recorder.end(signal.SIGINT)
    assert (code, "Traceback" in err) == (0, False)
    assert f"recorded 200 posts into {path}" in err

    again = replayed(start, path, "replayed")
    assert again == posts
    assert [post["id"] for post in again] == [id_of(made) for made in events(0, 200)]
    assert {post["lang"] for post in again} == {"pt-BR", "ja", "und"}
    labels = [tag["label"] for tag in again[1]["tags"]]
    assert labels == ["Drei1"]
    assert [tag["label"] for tag in again[2]["tags"]] == ["Eins2", "東京"]


def test_a_kill_loses_at_most_the_last_moments(start: Start, jetstream: JetstreamServer, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl.gz"
    recorder = record(start, jetstream, path)
    wait_until(lambda: lines_in(path) == 200)
    jetstream.events += events(200, 300)
    added_at = time.monotonic()
    wait_until(lambda: lines_in(path) == 300)
    assert time.monotonic() - added_at < LOSS_SECONDS
    # These posts were sent but not written when it is killed.
    jetstream.events += events(300, 400)
    wait_until(lambda: jetstream.sent > 300)
    recorder.end(signal.SIGKILL)

    posts = replayed(start, path, "replayed")
    assert len(posts) >= 300
    assert [post["id"] for post in posts] == [id_of(made) for made in events(0, len(posts))]

    # The next recording does not have the posts that the last one had not written yet.
    wait_until(lambda: not jetstream.open.is_set())
    jetstream.events += events(400, 500)
    jetstream.sent = 400
    path = tmp_path / "next.jsonl.gz"
    recorder = record(start, jetstream, path)
    wait_until(lambda: lines_in(path) >= 100)
    assert recorder.end(signal.SIGINT)[0] == 0
    assert [post["id"] for post in replayed(start, path, "next")] == [id_of(made) for made in events(400, 500)]

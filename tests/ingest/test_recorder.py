"""The recorder: a recording is played back as it came."""

import errno
import gzip
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import ManualClock, SimulatedStop
from tests.ingest.support.process import Ingest, Start, request, wait_for, wait_for_end

from ingest.recorder import RecordError, Recording
from ingest.sources.base import Malformed, NewPost
from ingest.sources.replay.source import Replay

FIELDS = ("id", "text", "tags", "lang", "source", "author", "created_at", "url")


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def wait_for_bytes(path: Path, ingest: Ingest) -> None:
    deadline = time.monotonic() + 30
    while not (path.exists() and path.stat().st_size):
        assert ingest.process.poll() is None
        assert time.monotonic() < deadline


def test_a_recording_is_played_back_the_same_and_at_its_pace(
    start: Start, tmp_path: Path, manual_clock: ManualClock
) -> None:
    path = tmp_path / "posts.jsonl.gz"
    code, _, err = start("record", "--limit", "300", str(path), DEMO_RATE="300", DEMO_SEED="5").end()
    assert (code, "recorded 300 posts" in err) == (0, True)
    recorded = lines_of(path)
    assert len(recorded) == 300

    played = start(SOURCE="replay", REPLAY_FILE=str(path), REPLAY_SPEED="0", DATA_DIR="played")
    port, _ = played.ports()
    assert wait_for_end(port, 300)["sources"][0]["malformed"] == {}
    _, *lines = request(port, "READ 0 300")
    posts = [json.loads(line) for line in lines]
    assert [[post[name] for name in FIELDS] for post in posts] == [[post[name] for name in FIELDS] for post in recorded]

    begin = manual_clock.seconds
    replay = Replay(str(path), 1, monotonic_seconds=manual_clock.monotonic_seconds, stop=SimulatedStop(manual_clock))
    came_ms = [round((manual_clock.seconds - begin) * 1000) for _ in replay.posts(None)]
    assert came_ms == [post["at_ms"] - recorded[0]["at_ms"] for post in recorded]
    assert came_ms[-1] > 500


def test_terms_and_languages_apply_to_a_recording(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl.gz"
    start("record", str(path), "--limit", "5", DEMO_RATE="5000", DEMO_SEED="5", TRACK="#worldcup", LANGUAGES="en").end()
    recorded = lines_of(path)
    assert len(recorded) == 5
    for post in recorded:
        assert post["lang"] == "en"
        assert "worldcup" in {tag["key"] for tag in post["tags"]}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_finishes_the_file(start: Start, tmp_path: Path, number: int) -> None:
    path = tmp_path / "posts.jsonl.gz"
    ingest = start("record", str(path), DEMO_RATE="2000")
    wait_for_bytes(path, ingest)
    code, _, err = ingest.end(number)
    assert (code, "Traceback" in err) == (0, False)
    recorded = lines_of(path)
    assert [post["offset"] for post in recorded] == list(range(len(recorded)))
    assert f"recorded {len(recorded)} posts" in err


def test_a_kill_leaves_a_valid_file_and_a_truncated_one_is_read_up_to_the_cut(
    start: Start, tmp_path: Path, manual_clock: ManualClock
) -> None:
    path = tmp_path / "posts.jsonl.gz"
    ingest = start("record", str(path), DEMO_RATE="5000")
    wait_for_bytes(path, ingest)
    ingest.end(signal.SIGKILL)
    recorded = lines_of(path)
    assert recorded
    os.truncate(path, path.stat().st_size - 1)
    items = list(
        Replay(str(path), 0, monotonic_seconds=manual_clock.monotonic_seconds, stop=SimulatedStop(manual_clock)).posts(
            None
        )
    )
    ids = [item.post.id for item in items if isinstance(item, NewPost)]
    assert ids == [post["id"] for post in recorded[: len(ids)]]
    assert [item.reason for item in items if isinstance(item, Malformed)] == ["broken gzip"]


def test_a_recording_begins_now_even_after_an_unfinished_one(start: Start, tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.write_text("".join(f'{{"id": "{number}", "text": ""}}\n' for number in range(10)))
    for name in ("one.gz", "two.gz"):
        settings = {"SOURCE": "replay", "REPLAY_FILE": str(posts), "REPLAY_SPEED": "0"}
        assert start("record", str(tmp_path / name), **settings).end()[0] == 0
        assert [post["id"] for post in lines_of(tmp_path / name)] == [str(number) for number in range(10)]


def test_no_post_stays_in_the_recorders_own_spool(start: Start, tmp_path: Path) -> None:
    start("record", str(tmp_path / "posts.gz"), "--limit", "50", DEMO_RATE="5000").end()
    path = tmp_path / "again.gz"
    start("record", str(path), "--limit", "1", DEMO_RATE="5000").end()
    (post,) = lines_of(path)
    assert post["offset"] == 50


def test_an_existing_file_is_not_changed(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "posts.gz"
    path.write_text("mine")
    assert start("record", str(path)).end() == (2, "", f"ingest: the file {path} exists already; give another name\n")
    assert path.read_text() == "mine"


def test_a_file_that_cannot_be_created_is_an_error(start: Start, tmp_path: Path) -> None:
    code, _, err = start("record", "nowhere/posts.gz").end()
    assert (code, err) == (2, "ingest: nowhere/posts.gz can't be created: No such file or directory\n")


def test_a_recording_without_a_post_leaves_no_file(start: Start, tmp_path: Path) -> None:
    (tmp_path / "none").touch()
    code, _, err = start("record", "posts.gz", SOURCE="replay", REPLAY_FILE="none").end()
    assert (code, "recorded 0 posts" in err) == (0, True)
    assert not (tmp_path / "posts.gz").exists()


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.jsonl.gz"])
def test_a_disk_that_fills_up_leaves_a_valid_file(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = Recording(tmp_path / name)
    recording.write(b"one\n")
    whole = (tmp_path / name).read_bytes()

    class Full:
        """A file that accepts three more bytes."""

        def __init__(self, file: Any) -> None:
            self.file = file
            self.calls = 0

        def write(self, data: bytes) -> int:
            self.calls += 1
            if self.calls > 1:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return int(self.file.write(data[:3]))

        def __getattr__(self, attribute: str) -> Any:
            return getattr(self.file, attribute)

    monkeypatch.setattr(recording, "_file", Full(recording._file))
    with pytest.raises(RecordError, match=r"can't be written: No space left on device"):
        recording.write(b"two\n")
    recording.close()
    assert (tmp_path / name).read_bytes() == whole


def test_deletions_and_edits_are_recorded_and_played_back(start: Start, tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [{"id": f"p:{number}", "text": f"#tag text {number}"} for number in range(6)]
    lines += [{"deleted": "p:1"}, {"edited": "p:3", "text": "another text"}, {"deleted": "p:9"}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    replay = {"SOURCE": "replay", "REPLAY_FILE": "in.jsonl", "REPLAY_SPEED": "0"}
    code, _, _ = start("record", "out.jsonl.gz", **replay).end()
    recorded = lines_of(tmp_path / "out.jsonl.gz")
    changes = [line for line in recorded if "offset" not in line]
    assert code == 0
    assert [[*change] for change in changes] == [["deleted", "at_ms"], ["edited", "text", "at_ms"]]
    assert (changes[0]["deleted"], changes[1]["edited"], changes[1]["text"]) == ("p:1", "p:3", "another text")
    # The recorder's own spool holds no post any more.
    assert not [path for path in (tmp_path / "data" / "recorder").iterdir() if b"#tag" in path.read_bytes()]

    played = start(SOURCE="replay", REPLAY_FILE="out.jsonl.gz", REPLAY_SPEED="0", DATA_DIR="played")
    port, _ = played.ports()
    wait_for(port, lambda status: status["changes"]["end"] >= 1 and status["end"] == 6)
    _, *stored = request(port, "READ 0 6")
    texts = [json.loads(line)["text"] for line in stored]
    assert texts == ["#tag text 0", "", "#tag text 2", "another text", "#tag text 4", "#tag text 5"]

"""`python -m ingest` as a user starts it, in its own process."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.ingest.support.process import Start, request, wait_for, wait_for_end
from tests.ingest.support.refusing_server import refusing_server

from ingest.sources import SOURCES

#: "demo, replay, x, bluesky or mastodon".
SOURCE_NAMES = " or ".join(", ".join(SOURCES).rsplit(", ", 1))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"SOURCE": "twitter"},
            f"ingest: SOURCE must be one or more of {SOURCE_NAMES}, not 'twitter'\n",
        ),
        ({"SOURCE": "replay", "REPLAY_FILE": "gone"}, "ingest: REPLAY_FILE must be a file that exists, not 'gone'\n"),
        (
            {"TRACK": "a, -"},
            "ingest: TRACK must be terms with commas between them, not 'a, -' (the term '-' is empty)\n",
        ),
    ],
)
def test_a_bad_setting_ends_it_with_one_sentence(start: Start, settings: dict[str, str], sentence: str) -> None:
    assert start(**settings).end() == (2, "", sentence)


def test_a_bad_limit_ends_it_with_one_sentence(start: Start) -> None:
    code, out, err = start("--limit", "lots", "football").end()
    assert (code, out) == (2, "")
    assert err == "ingest: LIMIT must be a whole number of at least 0, not 'lots'\n"
    assert err.count("\n") == 1


def test_a_taken_port_is_named(start: Start) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        code, _, err = start(TAIL_PORT=str(port), DEMO_SEED="1").end()
    assert code == 2
    assert err == f"ingest: TAIL_PORT must be a free port of 127.0.0.1, not {port} (Address already in use)\n"


def test_a_second_one_on_the_same_folder_is_refused(start: Start, tmp_path: Path) -> None:
    start().ports()
    code, _, err = start().end()
    assert code == 2
    assert err == "ingest: DATA_DIR must be a folder that ingest can use (another ingest is using data/spool)\n"
    assert tmp_path.joinpath("data", "spool", "spool.sqlite").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_service_with_all_accepted_posts_in_the_spool(start: Start, number: int) -> None:
    first = start(DEMO_RATE="2000")
    port, tail = first.ports()
    with closing(socket.create_connection(("127.0.0.1", tail), timeout=30)) as reader:
        reader.recv(1)
        code, _, err = first.end(number)
    assert code == 0
    assert "Traceback" not in err
    port, _ = start(SOURCE="replay", REPLAY_FILE="/dev/null").ports()
    status = json.loads(request(port, "STATUS")[0])
    header, *lines = request(port, "READ 0 1000000")
    assert len(lines) == status["end"] == json.loads(header)["posts"] > 0


def test_a_crash_in_the_middle_of_a_file_loses_and_doubles_nothing(start: Start, tmp_path: Path) -> None:
    with (tmp_path / "posts").open("w") as file:
        file.writelines(f'{{"text": "{number}", "at_ms": {number // 10}}}\n' for number in range(3000))
    # It lasts 15 s: posts still come when a slow reader has connected.
    settings = {"SOURCE": "replay", "REPLAY_FILE": "posts", "REPLAY_SPEED": "0.02"}
    for _ in range(2):
        crashing = start(**settings)
        _, tail = crashing.ports()
        with closing(socket.create_connection(("127.0.0.1", tail), timeout=30)) as reader:
            reader.recv(1)
        crashing.end(signal.SIGKILL)
    port, _ = start(**settings | {"REPLAY_SPEED": "0"}).ports()
    wait_for_end(port, 3000)
    _, *lines = request(port, "READ 0 4000")
    assert [json.loads(line)["text"] for line in lines] == [str(number) for number in range(3000)]


def test_a_finished_file_is_still_served_and_stays_finished_at_the_next_start(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts").write_text('{"id": "a", "text": "1"}\n{"id": "a", "text": "2"}\nx\n{"id": "b", "text": "3"}\n')
    settings = {"SOURCE": "replay", "REPLAY_FILE": "posts", "REPLAY_SPEED": "0"}
    for _ in range(2):
        ingest = start(**settings)
        port, _ = ingest.ports()
        status = wait_for(port, lambda status: status["sources"][0]["state"] == "finished")
        assert status["end"] == 2
        (source,) = status["sources"]
        assert (source["accepted"], source["duplicate"], source["malformed"]) == (2, 1, {"not JSON": 1})
        assert ingest.end(signal.SIGTERM)[0] == 0


def test_the_one_shot_command_streams_to_its_first_reader_and_ends(start: Start, tmp_path: Path) -> None:
    ingest = start("--limit", "1000", "football", "world cup", DEMO_RATE="100000", DEMO_SEED="7")
    assert ingest.process.stdout is not None
    assert ingest.process.stdout.readline() == "Waiting for connection\n"
    _, tail = ingest.ports()
    with closing(socket.create_connection(("127.0.0.1", tail), timeout=30)) as reader:
        posts = [json.loads(line) for line in reader.makefile("rb")]
    assert [post["offset"] for post in posts] == list(range(1000))
    assert {"football"} <= {tag["key"] for post in posts for tag in post["tags"]}
    assert ingest.end()[0] == 0
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "data").exists()


def test_the_one_shot_command_serves_a_reader_by_offset_too(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts").write_text('{"text": "football"}\n{"text": "chess"}\n{"text": "Football!"}\n')
    ingest = start("football", SOURCE="replay", REPLAY_FILE="posts", REPLAY_SPEED="0")
    port, _ = ingest.ports()
    status = wait_for_end(port, 2)
    assert status["sources"][0]["terms"] == ["football"]
    _, *lines = request(port, "READ 0 2")
    assert [json.loads(line)["text"] for line in lines] == ["football", "Football!"]
    assert ingest.end()[0] == 0


def test_the_one_shot_command_starts_its_source_when_a_reader_connects(start: Start, tmp_path: Path) -> None:
    ingest = start("football")
    assert ingest.process.stdout is not None
    assert ingest.process.stdout.readline() == "Waiting for connection\n"
    ingest.ports()
    code, _, err = ingest.end(signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in err
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_help_lists_the_settings(start: Start) -> None:
    code, out, _ = start("--help").end()
    assert code == 0
    assert "--limit N" in out
    assert "REPLAY_SPEED" in out


def test_the_word_record_can_be_a_term(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts").write_text('{"text": "a record"}\n{"text": "chess"}\n')
    ingest = start("--", "record", SOURCE="replay", REPLAY_FILE="posts", REPLAY_SPEED="0")
    status = wait_for_end(ingest.ports()[0], 1)
    assert status["sources"][0]["terms"] == ["record"]


@pytest.fixture
def requests() -> list[str]:
    return []


@pytest.fixture
def refusing(requests: list[str]) -> Iterator[dict[str, str]]:
    """Settings of a source that is refused."""
    with refusing_server(requests) as port:
        yield {"SOURCE": "bluesky", "BLUESKY_HOSTS": f"ws://127.0.0.1:{port}"}


def refusal(settings: dict[str, str]) -> str:
    host = settings["BLUESKY_HOSTS"].removeprefix("ws://")
    return f"{host} answers 404 and 404: there is no Jetstream stream, check BLUESKY_HOSTS"


@pytest.mark.parametrize("arguments", [["--end-when-refused"], ["record", "posts.gz"]])
def test_a_refused_source_ends_it_with_one_sentence(
    start: Start, refusing: dict[str, str], arguments: list[str], tmp_path: Path
) -> None:
    code, out, err = start(*arguments, **refusing, LOG_LEVEL="ERROR").end()
    assert (code, out, err) == (2, "", f"ingest: bluesky: {refusal(refusing)}\n")
    assert not (tmp_path / "posts.gz").exists()


def test_a_refused_source_ends_the_one_shot_command_with_one_sentence(start: Start, refusing: dict[str, str]) -> None:
    ingest = start("football", **refusing)
    _, tail = ingest.ports()
    with closing(socket.create_connection(("127.0.0.1", tail), timeout=30)) as reader:
        assert reader.recv(1) == b""
    code, _, err = ingest.end()
    assert code == 2
    assert err.endswith(f"\ningest: bluesky: {refusal(refusing)}\n")


def test_a_service_whose_source_is_refused_stays_up_and_does_not_retry(
    start: Start, refusing: dict[str, str], requests: list[str], tmp_path: Path
) -> None:
    (tmp_path / "terms").write_text("one\n")
    ingest = start(**refusing, TRACK_FILE="terms")
    port, _ = ingest.ports()
    (source,) = wait_for(port, lambda status: status["sources"][0]["state"] == "refused")["sources"]
    assert source["error"] == refusal(refusing)
    assert len(requests) == 2  # once for each version of the stream
    (tmp_path / "terms").write_text("two\n")
    (source,) = wait_for(port, lambda status: status["sources"][0]["terms"] == ["two"])["sources"]
    assert (source["state"], len(requests)) == ("refused", 2)
    code, _, err = ingest.end(signal.SIGTERM)
    assert code == 0
    assert f"bluesky: refused, ingest does not retry: {refusal(refusing)}" in err


def test_a_refused_source_stops_no_other(start: Start, refusing: dict[str, str]) -> None:
    ingest = start("--end-when-refused", **refusing | {"SOURCE": "bluesky,demo"})
    port, _ = ingest.ports()
    status = wait_for(
        port, lambda status: status["sources"][0]["state"] == "refused" and status["sources"][1]["accepted"]
    )
    assert [(source["name"], source["state"]) for source in status["sources"]] == [
        ("bluesky", "refused"),
        ("demo", "live"),
    ]
    assert ingest.end(signal.SIGTERM)[0] == 0


def test_the_terms_in_a_file_are_read_again_when_it_changes_and_on_sighup(start: Start, tmp_path: Path) -> None:
    terms = tmp_path / "terms"
    terms.write_text("#worldcup\n")
    ingest = start(TRACK_FILE="terms", DEMO_RATE="2000")
    port, _ = ingest.ports()
    wait_for(port, lambda status: status["end"] > 0)
    (tmp_path / "new").write_text("// others\n#football\n")
    (tmp_path / "new").replace(terms)
    wait_for(port, lambda status: status["sources"][0]["terms"] == ["#football"])
    end = wait_for(port, lambda _: True)["end"]
    wait_for(port, lambda status: status["end"] > end + 20)
    _, *lines = request(port, "READ 0 1000000")
    tags = [{tag["key"] for tag in json.loads(line)["tags"]} for line in lines]
    first = next(place for place, keys in enumerate(tags) if "worldcup" not in keys)
    assert first > 0
    assert all("football" in keys for keys in tags[first:])
    terms.write_text("-\n")
    ingest.process.send_signal(signal.SIGHUP)
    status = wait_for(port, lambda status: status["track_error"])
    assert status["track_error"] == "terms, line 1: the term '-' is empty"
    assert status["sources"][0]["terms"] == ["#football"]
    terms.write_text("#football\n")
    wait_for(port, lambda status: status["track_error"] is None)
    assert ingest.end(signal.SIGTERM)[0] == 0


def test_sighup_without_a_file_of_terms_is_harmless(start: Start) -> None:
    ingest = start()
    port, _ = ingest.ports()
    ingest.process.send_signal(signal.SIGHUP)
    end = wait_for(port, lambda _: True)["end"]
    wait_for(port, lambda status: status["end"] > end)
    assert ingest.end(signal.SIGTERM)[0] == 0


def test_each_source_has_its_own_session(start: Start, tmp_path: Path) -> None:
    (tmp_path / "posts").write_text('{"id": "a", "text": "1"}\n')
    replay = {"REPLAY_FILE": "posts", "REPLAY_SPEED": "0"}
    ingest = start(SOURCE="demo", DEMO_RATE="500")
    accepted = wait_for(ingest.ports()[0], lambda status: status["end"] > 50)["sources"][0]["accepted"]
    ingest.end(signal.SIGTERM)
    ingest = start(SOURCE="demo,replay", **replay)
    status = wait_for(ingest.ports()[0], lambda status: status["sources"][1]["state"] == "finished")
    assert status["sources"][0]["accepted"] >= accepted
    assert status["sources"][1]["accepted"] == 1
    ingest.end(signal.SIGTERM)

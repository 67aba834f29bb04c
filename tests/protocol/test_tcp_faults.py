"""FAULT of docs/protocol.md: harm for a lesson, which changes no count."""

import json

import pytest
from tests.protocol.peer import Connection, Peer


def number_of_now(connection: Connection) -> int:
    return int(connection.wait_for_end(50)["watermark_ms"])


def test_all_other_readers_are_cut_off_and_may_connect_again(lesson_peer: Peer) -> None:
    with lesson_peer.connect() as job, lesson_peer.connect() as reader, lesson_peer.tail() as tail:
        number = number_of_now(job)
        reader.status()
        assert tail.responses.readline().endswith(b"\n")
        done = job.request(lesson_peer.fault("cut-socket", number))
        assert done == {"fault": "cut-socket", "number": number, "connections": 2, "sent": []}
        assert reader.is_closed()
        # Whole lines, or the part of one, and then the end.
        tail.responses.read()
        assert job.status()["end"] >= 50
    with lesson_peer.connect() as again:
        assert again.read(0, 50)[0]["posts"] == 50


def test_the_same_post_again_is_a_duplicate_and_is_stored_once(lesson_peer: Peer) -> None:
    with lesson_peer.connect() as connection:
        done = connection.request(lesson_peer.fault("same-post", number_of_now(connection)))
        (sent,) = done["sent"]
        end = connection.status()["end"]
        connection.wait_for_end(end + 200)
        # The counts may include posts that are stored after the end was read, but not always.
        while (status := connection.status())["sources"][0]["accepted"] != status["end"]:
            assert status["end"] < end + 2_000
        assert status["sources"][0]["duplicate"] == 1
        ids = [post["id"] for post in connection.posts(0, status["end"])]
    assert ids.count(sent["id"]) == 1


def test_a_wrong_clock_of_a_post_does_not_move_it(lesson_peer: Peer) -> None:
    with lesson_peer.connect() as connection:
        before = connection.wait_for_end(50)
        done = connection.request(lesson_peer.fault("wrong-clock", before["watermark_ms"]))
        created = {post["id"]: post["created_at"] for post in done["sent"]}
        assert list(created.values()) == ["1970-01-01T00:00:00Z", "2038-01-19T03:14:08Z"]
        end = connection.status()["end"]
        after = connection.wait_for_end(end + 200)
        posts = connection.posts(0, after["end"])
    found = [post for post in posts if post["id"] in created]
    assert {post["id"]: post["created_at"] for post in found} == created
    assert all(before["watermark_ms"] <= post["at_ms"] <= after["watermark_ms"] for post in found)
    times = [post["at_ms"] for post in posts]
    assert times == sorted(times)


@pytest.mark.parametrize("name", ["stop-spark", "kill-python"])
def test_what_the_job_does_itself_is_allowed_here(lesson_peer: Peer, name: str) -> None:
    with lesson_peer.connect() as connection:
        number = number_of_now(connection)
        done = connection.request(lesson_peer.fault(name, number))
    assert done == {"fault": name, "number": number, "connections": None, "sent": []}


@pytest.mark.parametrize(
    "request_line", ["FAULT cut-socket {number}", "FAULT cut-socket {number} {proof}", "{repeated}"]
)
def test_without_the_proof_of_the_job_and_a_second_time_it_is_an_error(lesson_peer: Peer, request_line: str) -> None:
    with lesson_peer.connect() as connection, lesson_peer.connect() as reader:
        number = number_of_now(connection)
        repeated = lesson_peer.fault("stop-spark", number)
        assert "error" not in connection.request(repeated)
        line = request_line.format(number=number + 1, proof="0" * 64, repeated=repeated)
        assert list(connection.request(line)) == ["error"]
        assert connection.is_closed()
        assert reader.status()["end"] >= 50


def test_a_server_with_another_source_refuses_it(peer: Peer) -> None:
    peer.send_lines(json.dumps({"id": "1", "text": "a"}).encode() + b"\n")
    with peer.connect() as connection:
        number = connection.wait_for_end(1)["watermark_ms"]
        assert connection.request(peer.fault("cut-socket", number)) == {
            "error": "FAULT needs LESSON_FAULTS=1 and SOURCE=demo, with no other source"
        }
        assert connection.is_closed()

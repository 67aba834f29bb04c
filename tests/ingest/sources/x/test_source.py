"""The source x: tweepy's client against a server that behaves like X."""

import logging
import threading
import time

import pytest
from tests.ingest.servers import x_responses, x_server
from tests.ingest.servers.x_responses import Answer, line
from tests.ingest.servers.x_server import KEEP_ALIVE, STREAM, TOKEN, Wire, XServer
from tests.ingest.sources.x.client import InThread, Open, collect, ids, sends, wait_for

from ingest.sources.base import Interrupted, Malformed, NewPost, Repeated
from ingest.sources.x import stream as x_stream


def test_a_post_comes_with_the_hashtags_of_its_entities_and_the_bill(x_api: XServer, open_x: Open) -> None:
    x_api.turns.append(sends(line(7, "a #cut te…", "Whole"), KEEP_ALIVE, line(8, "no #entities")))
    items, _ = collect(open_x())
    first, second = items
    assert isinstance(first, NewPost)
    assert isinstance(second, NewPost)
    assert first.post.id == "x:1000000000000000007"
    assert (first.post.text, first.post.labels, first.post.lang) == ("a #cut te…", ["Whole"], "en")
    assert (first.post.author, first.post.source) == ("7", "x")
    assert first.post.url == "https://x.com/i/status/1000000000000000007"
    assert first.post.created_at == "2026-11-20T12:00:00.000Z"
    assert second.post.labels == []
    assert [item.cursor for item in items] == ["2026-11-20 1", "2026-11-20 2"]


def test_the_fields_that_are_read_are_requested(x_api: XServer, open_x: Open) -> None:
    x_api.turns.append(sends())
    collect(open_x())
    assert x_api.queries[-1] == (
        "tweet.fields=entities%2Ccreated_at%2Clang%2Cauthor_id%2Cnote_tweet%2Creferenced_tweets"
    )


def test_the_whole_text_of_a_long_post_is_read(x_api: XServer, open_x: Open) -> None:
    long = {
        "text": "the whole of it, long enough #alpha #beta",
        "entities": {"hashtags": [{"start": 29, "end": 35, "tag": "alpha"}, {"start": 36, "end": 41, "tag": "beta"}]},
    }
    x_api.turns.append(sends(line(1, "the whole of… https://t.co/x", note_tweet=long, entities={"urls": []})))
    ((item,), _) = collect(open_x())
    assert isinstance(item, NewPost)
    assert (item.post.text, item.post.labels) == (long["text"], ["alpha", "beta"])


def test_a_post_that_is_delivered_again_is_billed_and_counts_as_duplicate(x_api: XServer, open_x: Open) -> None:
    x_api.turns.extend([sends(line(1), line(2)), sends(line(2), line(3))])
    x = open_x()
    first, _ = collect(x)
    again, _ = collect(x, first[-1].cursor)
    assert again[0] == Repeated("2026-11-20 3")
    assert ids(first + again) == [1, 2, 3]
    assert x.facts()["billed_today"] == 4


@pytest.mark.parametrize(
    ("turn", "sentence"),
    [
        (lambda wire: wire.end(), "X ended the stream"),
        (lambda wire: wire.cut(b""), "the connection to X failed: it was cut"),
    ],
)
def test_each_call_connects_once_however_the_stream_ends(
    x_api: XServer, open_x: Open, turn: x_server.Turn, sentence: str
) -> None:
    x_api.turns.extend([turn] * 5)
    _, end = collect(open_x())
    assert isinstance(end, Interrupted)
    assert (str(end), end.wait_seconds) == (sentence, 0)
    assert x_api.requests.count(f"GET {STREAM}") == 1


def test_a_server_that_is_not_there_is_an_interruption(x_api: XServer, open_x: Open) -> None:
    x = open_x()
    x_api.close()
    _, end = collect(x)
    assert str(end) == "the connection to X failed: Connection refused"


@pytest.mark.parametrize("at", ["within a line", "within a character"])
def test_a_post_that_is_cut_is_malformed_and_those_before_it_are_there(x_api: XServer, open_x: Open, at: str) -> None:
    cut = line(3, "größer", "Größe")
    piece = cut[:20] if at == "within a line" else cut[: cut.index("ö".encode()) + 1]

    def turn(wire: Wire) -> None:
        wire.send(line(1) + line(2))
        wire.cut(piece)

    x_api.turns.append(turn)
    items, end = collect(open_x())
    assert ids(items) == [1, 2]
    assert [item.reason for item in items if isinstance(item, Malformed)] == [
        "not JSON" if at == "within a line" else "not UTF-8"
    ]
    assert isinstance(end, Interrupted)


def test_a_whole_post_without_the_end_of_its_line_is_a_post(x_api: XServer, open_x: Open) -> None:
    x_api.turns.append(sends(line(1).rstrip()))
    items, _ = collect(open_x())
    assert ids(items) == [1]


def test_posts_come_out_of_chunks_of_any_size(x_api: XServer, open_x: Open) -> None:
    stream = b"".join(line(number, "größer 😀", "Größe") + KEEP_ALIVE for number in range(200))
    x_api.turns.append(sends(*(stream[start : start + 37] for start in range(0, len(stream), 37))))
    items, _ = collect(open_x())
    assert ids(items) == list(range(200))
    assert items[-1].cursor == "2026-11-20 200"


@pytest.mark.slow
def test_silence_is_an_interruption_but_keep_alives_are_not_silence(x_api: XServer, open_x: Open) -> None:
    resumed = threading.Event()

    def turn(wire: Wire) -> None:
        for _ in range(11):
            wire.send(KEEP_ALIVE)
            resumed.wait(0.4)
        wire.send(line(1))
        wire.silence()

    x_api.turns.append(turn)
    # Longer than a thread of a busy machine stands still.
    items, end = collect(open_x(silence_seconds=4))
    assert ids(items) == [1]
    assert str(end) == "X was silent for too long"


def test_an_endless_line_ends_the_connection_and_counts_as_malformed(x_api: XServer, open_x: Open) -> None:
    sent_bytes = 0

    def turn(wire: Wire) -> None:
        nonlocal sent_bytes
        wire.send(line(1))
        while not wire.gone.is_set() and not wire.closing.is_set():
            wire.send(b"x" * 2**16)
            sent_bytes += 2**16

    x_api.turns.append(turn)
    items, end = collect(open_x())
    assert sent_bytes < 2**25
    assert ids(items) == [1]
    assert [item.reason for item in items if isinstance(item, Malformed)] == ["longer than 1 MiB"]
    assert str(end) == "X sent a line that is longer than 1 MiB"


def test_garbage_is_counted_and_billed_because_it_may_be_posts(x_api: XServer, open_x: Open) -> None:
    x_api.turns.append(sends(b"garbage\r\n", b'{"data":{}}\r\n', b"{}\r\n", b"\xff\r\n", line(1)))
    items, _ = collect(open_x())
    assert [(item.reason, item.cursor) for item in items if isinstance(item, Malformed)] == [
        ("not JSON", "2026-11-20 1"),
        ("wrong shape", "2026-11-20 2"),
        ("wrong shape", "2026-11-20 3"),
        ("not UTF-8", "2026-11-20 4"),
    ]
    assert ids(items) == [1]


def test_the_last_problem_of_the_stream_is_the_reason_and_is_not_billed(x_api: XServer, open_x: Open) -> None:
    x_api.turns.append(sends(line(1), Answer(200, x_responses.DISCONNECTED).raw() + b"\r\n"))
    items, end = collect(open_x())
    assert items[1] == Malformed("message of an error", "2026-11-20 1")
    assert str(end) == (
        "X ended the stream: operational-disconnect, This stream has been disconnected upstream for operational reasons"
    )


def test_a_stop_ends_the_stream_at_once_and_yields_all_read_posts(
    x_api: XServer, open_x: Open, x_stop: threading.Event
) -> None:
    def turn(wire: Wire) -> None:
        for number in range(500):
            wire.send(line(number))
        wire.silence()

    x_api.turns.append(turn)
    work = InThread(open_x())
    wait_for(lambda: len(work.items) == 500)
    began = time.monotonic()
    x_stop.set()
    work.join()
    assert time.monotonic() - began < 4
    assert ids(work.items) == list(range(500))
    assert work.end is None
    assert x_api.gone.wait(20)


def test_posts_that_were_read_before_a_stop_are_still_yielded(
    x_api: XServer, open_x: Open, x_stop: threading.Event
) -> None:
    def turn(wire: Wire) -> None:
        wire.send(b"".join(line(number) for number in range(20)) + line(20)[:30])
        wire.silence()

    x_api.turns.append(turn)
    posts = open_x().posts(None)
    items = [next(posts)]
    x_stop.set()
    items.extend(posts)
    assert ids(items) == list(range(20))
    assert len(items) == 20


def test_a_stop_before_x_responds_ends_the_source_at_once(
    x_api: XServer, open_x: Open, x_stop: threading.Event
) -> None:
    x_api.turns.append(x_responses.NEVER)
    work = InThread(open_x())
    wait_for(lambda: f"GET {STREAM}" in x_api.requests)
    began = time.monotonic()
    x_stop.set()
    work.join()
    assert time.monotonic() - began < 4
    assert work.end is None


@pytest.mark.parametrize("at", ["stream", "rules"])
def test_a_server_that_does_not_answer_is_an_interruption(x_api: XServer, open_x: Open, at: str) -> None:
    (x_api.turns if at == "stream" else x_api.rules_answers).append(x_responses.NEVER)
    began = time.monotonic()
    _, end = collect(open_x(silence_seconds=0.3))
    assert str(end) == "X was silent for too long"
    assert time.monotonic() - began < 5


def test_closing_the_generator_hangs_up(x_api: XServer, open_x: Open) -> None:
    def turn(wire: Wire) -> None:
        for number in range(1000):
            wire.send(line(number))
        wire.silence()

    x_api.turns.append(turn)
    posts = open_x().posts(None)
    next(posts)
    posts.close()  # type: ignore[attr-defined]
    assert x_api.gone.wait(20)


def test_a_blocked_source_blocks_x_and_loses_nothing(
    x_api: XServer, open_x: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is blocked for as long as a busy machine needs to fill the buffers.
    monkeypatch.setattr(x_stream, "FULL_QUEUE_SECONDS", 60.0)
    sent: list[int] = []

    def turn(wire: Wire) -> None:
        for number in range(3000):
            wire.send(line(number, "x" * 5000))
            sent.append(number)
        wire.end()

    x_api.turns.append(turn)
    posts = open_x(daily_limit=10_000).posts(None)
    first = next(posts)
    quiet = [-1]

    def stands_still() -> bool:
        quiet.append(len(sent))
        threading.Event().wait(0.2)
        return quiet[-1] == quiet[-2] == len(sent)

    wait_for(stands_still)
    assert len(sent) < 3000
    items = [first]
    with pytest.raises(Interrupted, match="X ended the stream"):
        items.extend(posts)
    assert ids(items) == list(range(3000))


def test_terms_that_make_no_rules_are_refused_before_connecting(x_api: XServer, open_x: Open) -> None:
    for track in ("", "-cats"):
        with pytest.raises(ValueError, match="SOURCE=x needs TRACK"):
            open_x(track)
    assert x_api.requests == []


@pytest.mark.parametrize("token", ["", "two words", "line\n", "é"])
def test_an_invalid_token_is_rejected_and_not_quoted(open_x: Open, token: str) -> None:
    with pytest.raises(ValueError, match="X_BEARER_TOKEN is empty, or has a character that no token has") as error:
        open_x(token=token)
    assert not token or token not in str(error.value)


def test_the_token_and_the_posts_are_in_no_log(x_api: XServer, open_x: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    x_api.turns.append(sends(line(1, "what somebody wrote"), b"garbage that somebody wrote\r\n"))
    x = open_x()
    _, end = collect(x)
    said = f"{caplog.text} {end} {x!r} {x.facts()} {end.__cause__!r}" if end else ""
    assert "Stream connected" in said
    assert TOKEN not in said
    assert "somebody wrote" not in said

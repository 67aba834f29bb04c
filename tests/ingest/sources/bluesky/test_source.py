"""Bluesky, against a real server that has both versions of Jetstream and fails in many ways."""

import itertools
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest
from tests.ingest.servers.jetstream_server import (
    CUTS,
    FIRST_US,
    STEP_US,
    V1,
    V2,
    JetstreamServer,
    account,
    event,
    noise,
)
from tests.ingest.sources.conftest import RunSource
from tests.ingest.support.running_source import (
    DEADLINE_SECONDS,
    breaks,
    first_items,
    until_it_breaks,
    wall_ms,
)
from tests.processes import free_ports

from ingest.sources.base import Interrupted, Malformed, NewPost, Refused
from ingest.sources.bluesky.host import base_url
from ingest.sources.bluesky.source import REWIND_SECONDS, Bluesky

Serve = Callable[..., JetstreamServer]

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as running:

        def serve_(posts: int = 0, *, forms: tuple[str, ...] = (V2, V1)) -> JetstreamServer:
            server = JetstreamServer([event(number) for number in range(posts)], forms=forms)
            return running.enter_context(server.running())

        yield serve_


def bluesky(
    hosts: Sequence[str],
    stop: threading.Event | None = None,
    silence_seconds: float = DEADLINE_SECONDS,
    monotonic_seconds: Callable[[], float] = time.monotonic,
) -> Bluesky:
    return Bluesky(
        hosts,
        wall_ms=wall_ms,
        monotonic_seconds=monotonic_seconds,
        stop=stop or threading.Event(),
        silence_seconds=silence_seconds,
    )


def unused_host() -> str:
    return f"ws://127.0.0.1:{free_ports(1)[0]}"


@pytest.mark.parametrize("forms", [(V2,), (V1,)])
def test_a_post_is_the_same_in_both_versions(serve: Serve, forms: tuple[str, ...]) -> None:
    server = serve(1, forms=forms)
    (item,) = first_items(bluesky([server.url]), 1)
    assert isinstance(item, NewPost)
    assert item.cursor == str(FIRST_US)
    post = item.post
    assert (post.id, post.source, post.author) == ("bluesky:did:plc:author0/post0", "bluesky", "did:plc:author0")
    assert post.url == "https://bsky.app/profile/did:plc:author0/post/post0"
    assert (post.text, post.labels, post.lang) == ("Beitrag 0 über #Straßen 🚋", None, "de")
    assert post.created_at == "2026-11-20T12:00:00.000Z"


def test_no_log_has_a_post_in_it(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert len(first_items(bluesky([serve(1).url]), 1)) == 1
    ours = [record for record in caplog.records if not record.name.startswith("websockets.server")]
    assert [record.getMessage() for record in ours if "Beitrag" in record.getMessage()] == []
    assert len(ours) == 1


def test_only_new_posts_count(serve: Serve) -> None:
    server = serve()
    server.events = [noise(number) for number in range(8)] + [event(8)]
    (item,) = first_items(bluesky([server.url]), 1)
    assert isinstance(item, NewPost)
    assert item.post.id == "bluesky:did:plc:author8/post8"


@pytest.mark.parametrize("forms", [(V2,), (V1,)])
def test_all_posts_of_an_account_that_is_deleted_are_deleted(
    run_source: RunSource, serve: Serve, forms: tuple[str, ...]
) -> None:
    server = serve(200, forms=forms)
    server.events += [account(200, "did:plc:author3", "deleted"), account(201, "did:plc:author4", "deactivated")]
    server.events += [account(202, "did:plc:nobody", "takendown"), event(203)]
    active = run_source(lambda stop: bluesky([server.url], stop))
    active.wait_for_posts(201)
    active.stop()
    gone = [post.id for post in active.posts() if not post.text]
    # An author has two or three of these posts.
    assert gone == [
        "bluesky:did:plc:author3/post3",
        "bluesky:did:plc:author3/post100",
        "bluesky:did:plc:author3/post197",
    ]
    assert all(post.author is None and post.url is None for post in active.posts() if not post.text)
    assert (active.progress.deleted, active.progress.not_stored) == (3, 0)
    assert active.progress.cursor == str(FIRST_US + 203 * STEP_US)


def test_v2_is_tried_first_and_the_version_that_worked_is_remembered(serve: Serve) -> None:
    old, new = serve(1, forms=(V1,)), serve(1)
    for server, paths in ((old, [V2, V1, V1]), (new, [V2, V2])):
        source = bluesky([server.url])
        first_items(source, 1)
        first_items(source, 1, "0")
        assert server.paths == paths


def test_a_stream_is_resumed_some_seconds_back(serve: Serve) -> None:
    server = serve(300)
    cursor = FIRST_US + 200 * STEP_US
    items = first_items(bluesky([server.url]), 150, str(cursor))
    resumed = cursor - REWIND_SECONDS * 1_000_000
    assert server.cursors == [resumed]
    assert [item.post.id for item in items if isinstance(item, NewPost)] == [
        f"bluesky:did:plc:author{n % 97}/post{n}" for n in range(100, 250)
    ]
    assert {item.cursor for item in items[:100]} == {str(cursor)}
    assert items[-1].cursor == str(cursor + 49 * STEP_US)


def test_the_next_host_is_tried_when_one_fails(serve: Serve) -> None:
    busy, broken, good = serve(1), serve(1), serve(1)
    busy.handshakes = iter([(503, {})] * 9)
    broken.faults = iter(["cut mid-message"])
    broken.posts_per_stream = 0
    source = bluesky([unused_host(), busy.url, broken.url, good.url])
    assert "ended the stream" in str(breaks(source))
    assert len(first_items(source, 1)) == 1
    assert (busy.connections, broken.connections, good.connections) == (1, 1, 1)


def test_a_host_that_redirects_to_an_invalid_address_fails(serve: Serve) -> None:
    astray, good = serve(1), serve(1)
    astray.handshakes = iter([(302, {"Location": "ws://127.0.0.1:99999/"})])
    assert len(first_items(bluesky([astray.url, good.url]), 1)) == 1
    assert (astray.connections, good.connections) == (1, 1)


def test_a_host_that_requests_a_pause_is_not_contacted(serve: Serve) -> None:
    server = serve(1)
    server.handshakes = iter([(429, {"Retry-After": "300"})])
    source = bluesky([server.url])
    first, second = breaks(source), breaks(source)
    assert isinstance(first, Interrupted)
    assert isinstance(second, Interrupted)
    assert "answers 429" in str(first)
    assert 290 < first.wait_seconds <= 300
    assert 290 < second.wait_seconds <= 300
    assert server.connections == 1


@pytest.mark.parametrize(("status", "kind"), [(503, Interrupted), (429, Interrupted), (404, Refused), (403, Refused)])
def test_only_a_permanent_error_is_a_refusal(serve: Serve, status: int, kind: type[Exception]) -> None:
    servers = [serve(1), serve(1)]
    for server in servers:
        server.handshakes = iter([(status, {})] * 2)
    error = breaks(bluesky([server.url for server in servers]))
    assert isinstance(error, kind)
    assert all(f"{server.url.removeprefix('ws://')} answers {status}" in str(error) for server in servers)


def test_the_source_retries_while_one_host_has_a_temporary_error(serve: Serve) -> None:
    missing = serve(1, forms=())
    assert isinstance(breaks(bluesky([missing.url, unused_host()])), Interrupted)


def test_a_missing_stream_is_an_outage_if_posts_came_before(serve: Serve) -> None:
    missing = serve(1, forms=())
    assert isinstance(breaks(bluesky([missing.url]), str(FIRST_US)), Interrupted)
    assert isinstance(breaks(bluesky([missing.url])), Refused)


@pytest.mark.parametrize(
    ("fault", "reasons", "sentence"),
    [
        ("cut mid-message", [], "ended the stream: the connection broke off"),
        ("cut mid-character", ["not UTF-8"], "ended the stream: the connection broke off"),
        ("over-long", ["longer than 1 MiB"], "ended the stream: we closed it"),
        ("garbage", ["not UTF-8", "not JSON", "wrong shape", "wrong shape", "not JSON"], "ended the stream: 1000"),
        ("silence", [], "was silent for 3 s"),
        ("goodbye", [], "ended the stream: 1012 restart"),
        ("farewell", [], "ends the stream: ConsumerTooSlow: made up"),
    ],
)
def test_a_broken_stream_reports_the_cause_and_its_cursor_stays(
    serve: Serve, fault: str, reasons: list[str], sentence: str
) -> None:
    server = serve(2)
    server.faults = iter([fault])
    server.posts_per_stream = 1
    # A busy machine makes no stream silent that breaks in another way, or that has not sent its post yet.
    silence_seconds = 3 if fault == "silence" else DEADLINE_SECONDS
    items, error = until_it_breaks(bluesky([server.url], silence_seconds=silence_seconds))
    assert isinstance(error, Interrupted)
    assert re.search(sentence, str(error))
    assert [item.reason for item in items if isinstance(item, Malformed)] == reasons
    assert {item.cursor for item in items} == {str(FIRST_US)}


@pytest.mark.parametrize("moment", ["connecting", "silent"])
def test_a_stop_ends_the_source_soon_although_the_server_is_silent(
    serve: Serve, run_source: RunSource, moment: str
) -> None:
    server = serve()
    if moment == "connecting":
        server.handshake_gate.clear()
    active = run_source(lambda stop: bluesky([server.url], stop))
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not server.connections if moment == "connecting" else not server.open.is_set():
        assert time.monotonic() < deadline
    assert active.stop() < 2


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_ten_thousand_posts_come_exactly_once_through_all_failures(run_source: RunSource, serve: Serve) -> None:
    server = serve(10_000)
    server.events = list(
        itertools.chain.from_iterable(
            [each, noise(number)] if number % 9 == 0 else [each] for number, each in enumerate(server.events)
        )
    )
    server.posts_per_stream = 400
    server.faults = iter([fault for _ in range(6) for fault in CUTS])
    statuses = [(503, {}), None, (429, {"Retry-After": "0.1"}), None, None, (403, {}), None, (404, {}), None]
    server.handshakes = iter(statuses * 6)
    active = run_source(lambda stop: bluesky([server.url, unused_host()], stop, silence_seconds=0.3))
    active.wait_for_posts(10_000, 200)
    active.stop()
    posts = active.posts()
    assert {post.id for post in posts} == {f"bluesky:did:plc:author{n % 97}/post{n}" for n in range(10_000)}
    assert len(posts) == active.progress.accepted == 10_000
    assert active.progress.duplicate > 0
    assert set(active.progress.malformed) == {"not UTF-8", "not JSON", "wrong shape", "longer than 1 MiB"}
    assert server.connections > 30
    assert active.runner.state.error


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("jetstream.example", "wss://jetstream.example"),
        ("wss://jetstream.example/", "wss://jetstream.example"),
        ("wss://jetstream.example/subscribe", "wss://jetstream.example"),
        (f"wss://one.example/behind{V2}", "wss://one.example/behind"),
        ("ws://localhost:6008", "ws://localhost:6008"),
    ],
)
def test_a_host_is_a_name_or_an_address(host: str, url: str) -> None:
    assert base_url(host) == url


@pytest.mark.parametrize(
    "host",
    [
        "https://jetstream.example",
        "",
        "wss://",
        "wss://one.example?x=1",
        "wss://a:b@one.example",
        "one.example:99999",
        f"{'a' * 64}.example",
        "wss://[::1",
    ],
)
def test_anything_else_is_not_a_host(host: str) -> None:
    with pytest.raises(ValueError, match=r"^be names of Jetstream hosts or their wss:// addresses, "):
        bluesky([host])

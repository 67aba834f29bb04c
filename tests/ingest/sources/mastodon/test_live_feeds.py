"""Mastodon: closed feeds, streams without posts, and responses with more than was requested."""

import threading
import time
from typing import Any

import pytest
from tests.ingest.servers.mastodon_server import STREAM, TIMELINE, TOKEN, MastodonServer, status, status_id
from tests.ingest.servers.mute_hosts import DRIP, GARBAGE, HTTP_503, mute_host
from tests.ingest.sources.conftest import RunSource
from tests.ingest.sources.mastodon.test_source import Serve, mastodon, numbers
from tests.ingest.sources.mastodon.test_source import serve as serve  # noqa: PLC0414 - a fixture, used by its name
from tests.ingest.support.process import wait_until
from tests.ingest.support.running_source import (
    breaks,
    first_items,
    until_it_breaks,
    wall_ms,
)

from ingest.sources.base import Interrupted, Malformed, NewPost, Refused, Repeated, Silent
from ingest.sources.mastodon.source import Mastodon

# They wait for clocks.
pytestmark = [pytest.mark.timeout(90), pytest.mark.slow]

DELETION = b"event: delete\ndata: 114534539695375765\n\n"
NO_POSTS = [
    DELETION,
    b":thump\n",
    b"event: filters_changed\ndata: undefined\n\n",
    b'event: announcement\ndata: {"id":"1"}\n\n',
    b'event: status.update\ndata: {"id":"1"}\n\n',
    b"event: update\ndata: {nonsense\n\n",
]


def feeds(local: object, remote: object) -> dict[str, Any]:
    return {"timelines_access": {"live_feeds": {"local": local, "remote": remote}}}


def streamed(server: MastodonServer) -> list[str]:
    return [request for request in server.requests if request.startswith(STREAM)]


@pytest.mark.parametrize("token", [TOKEN, None])
@pytest.mark.parametrize("cursor", [None, status_id(0)])
def test_a_server_that_has_switched_off_its_live_feeds_is_refused(
    serve: Serve, token: str | None, cursor: str | None
) -> None:
    server = serve(3)
    server.configuration = feeds("disabled", "disabled")
    error = breaks(mastodon(server, token=token), cursor)
    assert isinstance(error, Refused)
    assert str(error) == (
        f"{server.url.removeprefix('http://')} has switched off its live feeds, local and remote, so its stream brings "
        "no posts: set MASTODON_URL to another server"
    )
    assert streamed(server) == []


@pytest.mark.parametrize(
    ("local", "remote", "path", "parameter", "closed"),
    [
        ("disabled", "public", "/remote", "&remote=true", "local"),
        ("disabled", "authenticated", "/remote", "&remote=true", "local"),
        ("public", "disabled", "/local", "&local=true", "remote"),
        ("authenticated", "disabled", "/local", "&local=true", "remote"),
        ("public", "authenticated", "", "", None),
        ("authenticated", "authenticated", "", "", None),
    ],
)
def test_the_open_feed_is_streamed_and_the_closed_one_is_reported(
    serve: Serve, local: str, remote: str, path: str, parameter: str, closed: str | None
) -> None:
    server = serve(1)
    server.configuration = feeds(local, remote)
    source = mastodon(server)
    assert numbers(first_items(source, 1)) == [0]
    assert streamed(server) == [f"{STREAM}{path}"]
    # No post waits for this request.
    wait_until(lambda: server.requests_for(TIMELINE) == [f"{TIMELINE}?limit=1{parameter}"])
    assert source.facts() == {"server": server.url} | ({"closed_feed": closed} if closed else {})


def test_without_a_token_a_feed_for_users_is_closed(serve: Serve) -> None:
    server = serve(1, token=None)
    server.configuration = feeds("authenticated", "authenticated")
    error = breaks(mastodon(server, token=None))
    assert isinstance(error, Refused)
    assert str(error).endswith("shows its live feeds to its users only: set MASTODON_ACCESS_TOKEN")
    server.configuration = feeds("public", "authenticated")
    assert numbers(first_items(mastodon(server, token=None), 1)) == [0]
    assert streamed(server) == [f"{STREAM}/local"]


@pytest.mark.parametrize(
    "configuration",
    [
        feeds("some new word", None),
        feeds(7, ["disabled"]),
        feeds({"disabled": True}, 1e308),
        {"timelines_access": {"live_feeds": None}},
        {"timelines_access": {"live_feeds": ["disabled", "disabled"]}},
        {"timelines_access": "disabled"},
        {"timelines_access": {}},
        {"timelines_access": {"hashtag_feeds": {"local": "disabled", "remote": "disabled"}}},
        feeds("DISABLED", "off"),
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_access_of_unknown_form_counts_as_open(serve: Serve, configuration: dict[str, Any], elsewhere: bool) -> None:
    server, streaming = serve(1), serve(1)
    server.configuration = configuration
    if elsewhere:
        server.streaming_url = streaming.url.replace("http:", "ws:")
    assert numbers(first_items(mastodon(server), 1)) == [0]
    assert streamed(streaming if elsewhere else server) == [STREAM]


@pytest.mark.parametrize("instead", NO_POSTS)
@pytest.mark.parametrize("cursor", [None, "before"])
def test_posts_of_the_timeline_that_the_stream_does_not_bring_are_fetched_and_the_stream_is_given_up(
    serve: Serve, instead: bytes, cursor: str | None
) -> None:
    server = serve(20)
    server.made = 20
    server.unstreamed, server.instead = range(30), instead
    source = mastodon(server, silence_seconds=0.5, monotonic_seconds=server.stream_seconds)

    def write() -> None:
        # The third request compares the timeline with the stream. The first ones read what was posted before.
        while len(server.requests_for(TIMELINE)) < 3:
            time.sleep(0.01)
        server.statuses += [status(number) for number in range(20, 30)]

    writer = threading.Thread(target=write)
    writer.start()
    items, error = until_it_breaks(source, cursor and status_id(19))
    writer.join()
    assert isinstance(error, Silent)
    assert str(error) == f"{server.url.removeprefix('http://')} streams no posts, though its timeline has new ones"
    posts = [item for item in items if isinstance(item, NewPost)]
    assert set(numbers(items)) >= set(range(20, 30))
    assert not any(item.from_stream for item in posts)
    assert len({item.post.id for item in posts}) == len(posts)
    assert posts[-1].cursor == status_id(29)


def test_a_server_that_streams_only_deletions_is_never_live_again_until_a_post_comes(
    serve: Serve, run_source: RunSource
) -> None:
    server = serve(0)
    server.unstreamed, server.instead = range(10**6), DELETION
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.wait(0.1):
            server.statuses.append(status(number))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        clock = server.stream_seconds
        active = run_source(lambda stop: mastodon(server, stop, silence_seconds=0.4, monotonic_seconds=clock))
        active.wait_for_state("retrying")
        since_ms = active.runner.state.since_ms
        assert active.seen_states(4) == {"retrying"}
        assert active.runner.state.since_ms == since_ms
        assert "streams no posts" in str(active.runner.state.error)
        # They are counted nevertheless.
        active.wait_for_posts(21)
        server.unstreamed = range(0)
        active.wait_for_state("live")
    finally:
        stop.set()
        writer.join()
    active.stop()
    assert len({post.id for post in active.posts()}) == len(active.posts())


@pytest.mark.parametrize("instead", [b":thump\n", DELETION])
def test_a_server_on_which_nobody_posts_stays_live(serve: Serve, run_source: RunSource, instead: bytes) -> None:
    server = serve(20)
    server.made = 20
    server.unstreamed, server.instead = range(20, 10**6), instead
    clock = server.stream_seconds
    active = run_source(lambda stop: mastodon(server, stop, silence_seconds=0.3, monotonic_seconds=clock))
    active.wait_for_state("live")
    assert active.seen_states(2) == {"live"}
    wait_until(lambda: len(server.requests_for(TIMELINE)) >= 5)
    assert active.runner.state.name == "live"
    assert len(streamed(server)) == 1
    assert len(server.requests_for(TIMELINE)) <= 40


def test_a_closed_timeline_proves_nothing_and_is_not_requested_again(serve: Serve, run_source: RunSource) -> None:
    server = serve(20)
    server.page_faults = iter([(422, {})] * 99)
    server.unstreamed = range(5, 20)
    clock = server.stream_seconds
    active = run_source(lambda stop: mastodon(server, stop, silence_seconds=0.3, monotonic_seconds=clock))
    active.wait_for_posts(5)
    assert active.seen_states(2) == {"live"}
    assert len(server.requests_for(TIMELINE)) <= 3


def test_a_timeline_that_ignores_min_id_counts_nothing_twice(serve: Serve) -> None:
    server = serve(300)
    server.made = 300
    server.knows_min_id = False
    # The server always sends its newest 40 posts. Requested were those since 15 s before the last one, 150 posts.
    items = first_items(mastodon(server), 40, status_id(284 + 150))
    assert sum(isinstance(item, Repeated) for item in items) == 24
    assert numbers(items) == list(range(284, 300))


def test_a_status_that_breaks_our_reader_is_malformed_and_the_next_one_counts(
    serve: Serve, run_source: RunSource
) -> None:
    server = serve(3)
    server.statuses[1]["content"] = "&#" + "1" * 4301
    active = run_source(lambda stop: mastodon(server, stop))
    active.wait_for_posts(2)
    active.stop()
    assert active.runner.state.name == "live"
    assert [post.id.rpartition("/")[2] for post in active.posts()] == ["0", "2"]
    assert active.progress.malformed == {"unexpected content": 1}


def test_such_a_status_in_the_timeline_is_malformed_too(serve: Serve) -> None:
    server = serve(3)
    server.made = 3
    server.statuses[1]["content"] = "&#" + "1" * 4301
    items = first_items(mastodon(server), 3, status_id(0))
    assert [item.reason for item in items if isinstance(item, Malformed)] == ["unexpected content"]


@pytest.mark.parametrize(("answer", "pause_seconds"), [(b"", 0), (DRIP, 0.1), (GARBAGE, 0), (HTTP_503, 0)])
def test_a_server_that_does_not_answer_is_never_live(
    run_source: RunSource, monkeypatch: pytest.MonkeyPatch, answer: bytes, pause_seconds: float
) -> None:
    monkeypatch.setattr("ingest.sources.mastodon.follow.PAGE_SECONDS", 0.4)
    with mute_host(answer, pause_seconds) as host:

        def make(stop: threading.Event) -> Mastodon:
            return Mastodon(
                f"http://{host.address}", TOKEN, wall_ms=wall_ms, monotonic_seconds=time.monotonic, stop=stop
            )

        active = run_source(make)
        # A response may come before the first look, so "starting" need not be seen.
        seen = active.seen_states(2, lambda: host.connections > 1 and active.runner.state.name != "starting")
        assert seen - {"starting"} == {"retrying"}


def test_a_stream_with_an_endless_response_is_an_interruption(serve: Serve) -> None:
    server = serve(1)
    with mute_host(DRIP.replace(b"101", b"200"), 0.05) as host:
        server.streaming_url = f"ws://{host.address}"
        items, error = until_it_breaks(mastodon(server, silence_seconds=0.5))
    assert items == []
    assert type(error) is Interrupted
    assert "was silent for 0.5 s" in str(error)

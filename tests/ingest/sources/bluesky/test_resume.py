"""Bluesky: servers that send more than was requested, that send no posts, and that never respond."""

import itertools
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.ingest.servers.jetstream_server import FIRST_US, STEP_US, V1, V2, event, noise
from tests.ingest.servers.mute_hosts import DRIP, GARBAGE, HTTP_200, HTTP_404, HTTP_503, mute_host
from tests.ingest.sources.bluesky.test_source import Serve, bluesky
from tests.ingest.sources.bluesky.test_source import serve as serve  # noqa: PLC0414 - a fixture, used by its name
from tests.ingest.sources.conftest import RunSource
from tests.ingest.support.running_source import DEADLINE_SECONDS, RunningSource, first_items, until_it_breaks

from ingest.sources.base import Interrupted, NewPost, Repeated, Silent
from ingest.sources.bluesky import host as bluesky_host
from ingest.sources.bluesky import source as bluesky_source
from ingest.sources.bluesky.source import REWIND_SECONDS

# They wait for clocks.
pytestmark = [pytest.mark.timeout(60), pytest.mark.slow]

HOUR_US = 3_330_000_000
#: How often an event is sent.
SEND_SECONDS = 0.02


@pytest.fixture
def running() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def wait_until_not(active: RunningSource, state: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while active.runner.state.name == state:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("forms", [(V2,), (V1,)])
@pytest.mark.parametrize("order", ["in order", "shuffled"])
def test_a_replay_from_an_hour_before_the_cursor_counts_nothing_twice(
    serve: Serve, forms: tuple[str, ...], order: str
) -> None:
    server = serve(forms=forms)
    at = [(HOUR_US // STEP_US, 200)]
    hour, rest = at[0]
    server.events = [event(number) for number in range(0, hour, 50)] + [event(hour + n) for n in range(rest)]
    server.early_us = HOUR_US
    cursor = FIRST_US + hour * STEP_US
    early = sum(each["time_us"] < cursor - REWIND_SECONDS * 1_000_000 for each in server.events)
    if order == "shuffled":
        first = server.events[0]
        replayed = server.events[1 : -rest // 2]
        random.Random(1).shuffle(replayed)
        server.events = [first, *replayed, *server.events[-rest // 2 :]]
    items = first_items(bluesky([server.url]), len(server.events), str(cursor))
    assert sum(isinstance(item, Repeated) for item in items) == early > 600
    taken = [item.post.id for item in items if isinstance(item, NewPost)]
    assert len(taken) == len(set(taken)) == len(server.events) - early
    assert items[-1].cursor == str(cursor + (rest - 1) * STEP_US)
    assert all(item.cursor is not None and int(item.cursor) >= cursor for item in items)


def test_the_replay_of_another_host_is_dropped_too_and_counts_as_duplicate(serve: Serve, run_source: RunSource) -> None:
    one, other = serve(), serve()
    hour = HOUR_US // STEP_US
    one.events = [event(number) for number in range(0, hour + 1, 100)]
    one.faults = iter(["goodbye"])
    # The server begins its replay before the oldest post of the spool.
    other.events = [event(number) for number in range(50, hour, 100)] + [event(hour + n) for n in range(1, 50)]
    other.early_us = HOUR_US
    active = run_source(lambda stop: bluesky([one.url, other.url], stop))
    active.wait_for_posts(len(one.events) + 49)
    active.stop()
    early = sum(each["time_us"] < FIRST_US + hour * STEP_US - REWIND_SECONDS * 1_000_000 for each in other.events)
    assert (len(active.posts()), active.progress.duplicate) == (len(one.events) + len(other.events) - early, early)


def test_the_requested_overlap_counts_once_even_if_the_spool_has_trimmed_it(serve: Serve) -> None:
    server = serve(150)
    server.posts_per_stream = 100
    server.faults = iter(["goodbye"])
    source = bluesky([server.url])
    first, _ = until_it_breaks(source)
    server.posts_per_stream = 10**9
    again = first_items(source, 150, first[-1].cursor)
    taken = [item.post.id for item in first + again if isinstance(item, NewPost)]
    assert len(taken) == len(set(taken)) == 150
    assert sum(isinstance(item, Repeated) for item in again) == 100


def test_a_stream_without_posts_is_given_up_although_it_sends_other_events(serve: Serve) -> None:
    server = serve()
    server.events = [noise(0)]
    stop = threading.Event()

    def send() -> None:
        for number in range(1, 10_000):
            if stop.wait(SEND_SECONDS):
                return
            server.events.append(noise(number))

    sender = threading.Thread(target=send)
    sender.start()
    try:
        # The clock stands still while nothing is sent, so that no busy machine makes the stream silent.
        source = bluesky([server.url], silence_seconds=0.5, monotonic_seconds=lambda: server.sent * SEND_SECONDS)
        items, error = until_it_breaks(source)
    finally:
        stop.set()
        sender.join()
    assert items == []
    assert isinstance(error, Silent)
    assert "events and no post for 0.5 s" in str(error)


def test_a_source_whose_streams_have_no_posts_is_not_live_again_until_one_comes(
    serve: Serve, run_source: RunSource
) -> None:
    server = serve()
    active = run_source(lambda stop: bluesky([server.url], stop, silence_seconds=0.4))
    wait_until_not(active, "starting")
    wait_until_not(active, "live")
    since_ms = active.runner.state.since_ms
    assert active.seen_states(3, lambda: server.connections > 3) == {"retrying"}
    assert active.runner.state.since_ms == since_ms
    # A post that is sent while the client gives up is lost, so there are more until the source is live.
    deadline = time.monotonic() + DEADLINE_SECONDS
    for number in itertools.count():
        if active.runner.state.name == "live":
            break
        assert time.monotonic() < deadline
        server.events.append(event(number))
        time.sleep(0.05)
    active.wait_for_posts(1)


@pytest.mark.parametrize(
    ("answer", "pause_seconds"),
    [(b"", 0), (DRIP, 0.1), (GARBAGE, 0), (HTTP_200, 0), (HTTP_404, 0), (HTTP_503, 0)],
)
def test_a_host_that_does_not_open_its_stream_is_never_live(
    running: ExitStack, run_source: RunSource, monkeypatch: pytest.MonkeyPatch, answer: bytes, pause_seconds: float
) -> None:
    monkeypatch.setattr(bluesky_host, "CONNECT_SECONDS", 0.4)
    hosts = [running.enter_context(mute_host(answer, pause_seconds)) for _ in range(2)]
    active = run_source(lambda stop: bluesky([f"ws://{host.address}" for host in hosts], stop))
    states = active.seen_states(
        2, lambda: active.runner.state.name != "starting" and all(host.connections for host in hosts)
    )
    # A page instead of a stream may be a refusal.
    assert "live" not in states
    assert states & {"retrying", "refused"}
    assert all(host.connections for host in hosts)


def test_a_tls_handshake_without_a_response_is_an_interruption(
    running: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky_host, "CONNECT_SECONDS", 0.4)
    host = running.enter_context(mute_host())
    _, error = until_it_breaks(bluesky([f"wss://{host.address}"]))
    assert isinstance(error, Interrupted)
    assert str(error) == f"{host.address}: timed out"


def test_an_open_that_the_library_does_not_bound_is_bounded(
    running: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky_source, "OPEN_SECONDS", 0.4)
    host = running.enter_context(mute_host(DRIP, 0.05))
    began = time.monotonic()
    _, error = until_it_breaks(bluesky([f"ws://{host.address}"]))
    assert str(error) == f"{host.address}: timed out"
    assert time.monotonic() - began < 5

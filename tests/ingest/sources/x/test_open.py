"""When the source x counts as live."""

import threading

import pytest
from tests.ingest.servers import x_server
from tests.ingest.servers.mute_hosts import DRIP, GARBAGE, HTTP_404, HTTP_503, mute_host
from tests.ingest.servers.x_responses import line
from tests.ingest.servers.x_server import KEEP_ALIVE, Wire, XServer, _Adapter
from tests.ingest.sources.conftest import RunSource
from tests.ingest.sources.x.client import Open

from ingest.sources.x import post as x_post

# They wait for clocks.
pytestmark = [pytest.mark.timeout(60), pytest.mark.slow]


@pytest.mark.parametrize(("answer", "pause_seconds"), [(b"", 0), (DRIP, 0.05), (GARBAGE, 0), (HTTP_503, 0)])
def test_a_host_that_does_not_answer_is_never_live(
    open_x: Open, run_source: RunSource, monkeypatch: pytest.MonkeyPatch, answer: bytes, pause_seconds: float
) -> None:
    monkeypatch.setattr("ingest.sources.x.stream.OPEN_SECONDS", 0.2)
    with mute_host(answer, pause_seconds) as host:
        active = run_source(
            lambda stop: open_x(stop=stop, silence_seconds=0.3, adapter=lambda: _Adapter(f"http://{host.address}"))
        )
        # A response may come before the first look, so "starting" need not be seen.
        seen = active.seen_states(2, lambda: host.connections > 1 and active.runner.state.name != "starting")
        assert seen - {"starting"} == {"retrying"}


def test_a_stream_that_is_not_there_is_never_live(open_x: Open, run_source: RunSource) -> None:
    with mute_host(HTTP_404) as host:
        active = run_source(lambda stop: open_x(stop=stop, adapter=lambda: _Adapter(f"http://{host.address}")))
        assert "live" not in active.seen_states(1)


def test_rules_that_match_nothing_are_quiet_and_live(x_api: XServer, open_x: Open, run_source: RunSource) -> None:
    def turn(wire: Wire) -> None:
        while not wire.gone.is_set() and not wire.closing.wait(0.05):
            wire.send(KEEP_ALIVE)

    x_api.turns.append(turn)
    # Longer than a thread of a busy machine stands still.
    active = run_source(lambda stop: open_x(stop=stop, silence_seconds=4))
    active.wait_for_state("live")
    assert active.seen_states(5) == {"live"}
    assert x_api.requests.count(f"GET {x_server.STREAM}") == 1


def test_after_an_open_stream_without_a_byte_it_is_live_with_the_first_one(
    x_api: XServer, open_x: Open, run_source: RunSource
) -> None:
    speak = threading.Event()

    def turn(wire: Wire) -> None:
        if not speak.is_set():
            wire.silence()
        while not wire.gone.is_set() and not wire.closing.wait(0.05):
            wire.send(KEEP_ALIVE)

    x_api.turns.extend([turn] * 1000)
    active = run_source(lambda stop: open_x(stop=stop, silence_seconds=0.3))
    active.wait_for_state("live")
    active.wait_for_state("retrying")
    since_ms = active.runner.state.since_ms
    assert active.seen_states(2) == {"retrying"}
    assert active.runner.state.since_ms == since_ms
    speak.set()
    active.wait_for_state("live")
    assert active.spool.end == 0


def test_a_post_that_breaks_our_reader_is_malformed(
    x_api: XServer, open_x: Open, run_source: RunSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = x_post.read

    def fragile(raw: bytes) -> object:
        if b"made up" in raw:
            raise KeyError("tag")
        return original(raw)

    monkeypatch.setattr(x_post, "read", fragile)

    def turn(wire: Wire) -> None:
        wire.send(line(1) + line(2, "made up") + line(3))
        wire.silence()

    x_api.turns.append(turn)
    active = run_source(lambda stop: open_x(stop=stop))
    active.wait_for_posts(2)
    active.stop()
    assert active.progress.malformed == {"unexpected content": 1}
    assert active.progress.cursor == "2026-11-20 3"

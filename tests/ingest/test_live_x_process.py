"""`python -m ingest` with X, in its own process: through a proxy that ends the TLS of api.twitter.com."""

import signal
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.ingest.servers import x_server
from tests.ingest.servers.tls_proxy import TlsProxy, proxying
from tests.ingest.servers.x_responses import NEVER, line
from tests.ingest.servers.x_server import RULES, STREAM, TOKEN, Wire, XServer
from tests.ingest.support.process import DEADLINE_SECONDS, Ingest, Start, posts_of, wait_for, wait_for_end, wait_until

pytestmark = pytest.mark.timeout(180)

HOSTS = ("api.twitter.com", "api.x.com")
DAY_MS = 86_400_000
#: How long a test takes at most on a usual machine.
TEST_SECONDS = 60.0
#: The longest time that a SIGTERM may take, whatever X does.
END_SECONDS = 5.0
WRONG_TOKEN = "AAAAwr0ng%3Dtoken"
UNAUTHORIZED = "X answered 401 Unauthorized: X_BEARER_TOKEN is not a token that X knows"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def whole_day() -> None:
    """For tests of what X bills on a day: wait for the next UTC day if this one is about to end."""
    left_seconds = (DAY_MS - time.time() * 1000 % DAY_MS) / 1000
    if left_seconds < TEST_SECONDS:
        time.sleep(left_seconds + 0.1)


@pytest.fixture
def x_api() -> Iterator[XServer]:
    with x_server.serving() as server:
        yield server


@pytest.fixture
def proxy(x_api: XServer, authority: trustme.CA) -> Iterator[TlsProxy]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(tls)
    with proxying(tls, x_api.port) as proxy:
        yield proxy


@pytest.fixture
def x(proxy: TlsProxy, authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    """Settings of the source; at the level DEBUG, where a library might log a token."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    return {
        "HTTPS_PROXY": proxy.url,
        "REQUESTS_CA_BUNDLE": str(tmp_path / "authority.pem"),
        "SOURCE": "x",
        "TRACK": "#cats",
        "X_BEARER_TOKEN_FILE": "token",
        "LOG_LEVEL": "DEBUG",
    }


def sends(numbers: range, *, then: Callable[[Wire], None] = Wire.silence) -> Callable[[Wire], None]:
    """Return a stream that sends a keep-alive and these posts."""

    def turn(wire: Wire) -> None:
        wire.send(x_server.KEEP_ALIVE)
        for number in numbers:
            wire.send(line(number, f"post {number}", "Cats"))
        then(wire)

    return turn


def cut(number: int) -> Callable[[Wire], None]:
    """Return a stream that ends in the middle of a post."""
    return lambda wire: wire.cut(line(number, "cut", "Cats")[:-20])


def x_post(number: int) -> dict[str, Any]:
    return {
        "id": f"x:{10**18 + number}",
        "created_at": "2026-11-20T12:00:00.000Z",
        "author": str(number % 100),
        "text": f"post {number}",
        "tags": [{"key": "cats", "label": "Cats"}],
        "lang": "en",
        "source": "x",
        "url": f"https://x.com/i/status/{10**18 + number}",
    }


def source(status: dict[str, Any]) -> dict[str, Any]:
    """Return the STATUS of X, which is the first source."""
    found: dict[str, Any] = status["sources"][0]
    return found


def wait_for_state(port: int, state: str) -> dict[str, Any]:
    return source(wait_for(port, lambda status: source(status)["state"] == state))


def end(ingest: Ingest) -> str:
    """End ingest by a signal; return its log."""
    began = time.monotonic()
    code, _, err = ingest.end(signal.SIGTERM)
    assert time.monotonic() - began < END_SECONDS
    assert (code, "Traceback" in err) == (0, False)
    assert_tells_no_token(err)
    return err


def assert_tells_no_token(err: str) -> None:
    assert TOKEN not in err
    assert WRONG_TOKEN not in err
    assert "Bearer" not in err


def streams(x_api: XServer) -> int:
    return x_api.requests.count(f"GET {STREAM}")


@pytest.mark.usefixtures("whole_day")
def test_each_post_comes_once_after_cuts(start: Start, x: dict[str, str], x_api: XServer, proxy: TlsProxy) -> None:
    x_api.turns += [
        sends(range(100), then=cut(100)),
        sends(range(80, 200), then=Wire.end),
        sends(range(200, 300), then=cut(300)),
        sends(range(290, 400)),
    ]
    ingest = start(**x)
    port, _ = ingest.ports()
    status = wait_for_end(port, 400)
    assert posts_of(port) == [x_post(number) for number in range(400)]
    said = source(status)
    assert (said["state"], said["accepted"], said["duplicate"]) == ("live", 400, 30)
    # X bills the posts that it delivers, also cut ones.
    assert sum(said["malformed"].values()) == 2
    assert said["facts"]["billed_today"] == 432
    assert x_api.values() == ["#cats -is:retweet"]
    assert set(proxy.targets) == {"api.twitter.com:443"}
    ingest.end(signal.SIGKILL)
    wait_until(lambda: not x_api.streaming.is_set())

    x_api.turns.append(sends(range(390, 450)))
    ingest = start(**x)
    port, _ = ingest.ports()
    status = wait_for_end(port, 450)
    assert posts_of(port) == [x_post(number) for number in range(450)]
    assert source(status)["facts"]["billed_today"] == 492
    assert streams(x_api) == 5
    # The last stream is silent now.
    assert x_api.streaming.is_set()
    end(ingest)


def test_a_wrong_token_ends_ingest_with_the_response_of_x(
    start: Start, x: dict[str, str], x_api: XServer, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(WRONG_TOKEN)
    code, out, err = start("--end-when-refused", **x).end()
    assert (code, out) == (2, "")
    assert err.endswith(f"\ningest: x: {UNAUTHORIZED}\n")
    assert err.count("X answered") == 1
    assert len(x_api.requests) == 1
    assert_tells_no_token(err)


def test_a_service_with_a_wrong_token_stays_up_and_does_not_retry(
    start: Start, x: dict[str, str], x_api: XServer, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(WRONG_TOKEN)
    ingest = start(**x | {"SOURCE": "x,demo", "TRACK": "", "X_RULES": "#cats", "DEMO_RATE": "100"})
    port, _ = ingest.ports()
    wait_for_state(port, "refused")
    posts = wait_for(port, lambda _: True)["end"]
    # The other source runs for three seconds: the first pause of a retry would be half a second at most.
    status = wait_for(port, lambda status: status["end"] >= posts + 300)
    assert (source(status)["state"], source(status)["error"]) == ("refused", UNAUTHORIZED)
    assert len(x_api.requests) == 1
    assert f"x: refused, ingest does not retry: {UNAUTHORIZED}" in end(ingest)


def test_a_netrc_does_not_replace_the_token(start: Start, x: dict[str, str], x_api: XServer, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("default login ada password l0velace\n")
    (tmp_path / "netrc").chmod(0o600)
    x_api.turns.append(sends(range(10)))
    ingest = start(**x, NETRC=str(tmp_path / "netrc"))
    wait_for_end(ingest.ports()[0], 10)
    end(ingest)


@pytest.mark.usefixtures("whole_day")
def test_the_limit_of_the_day_closes_the_stream_and_holds_over_a_restart(
    start: Start, x: dict[str, str], x_api: XServer
) -> None:
    x_api.turns.append(sends(range(50)))
    settings = x | {"X_DAILY_LIMIT": "20"}
    ingest = start(**settings)
    port, _ = ingest.ports()
    said = wait_for_state(port, "paused")
    assert said["until_ms"] == (said["since_ms"] // DAY_MS + 1) * DAY_MS
    assert said["error"].startswith("X_DAILY_LIMIT is reached: 20 posts ($0.10) were billed on ")
    assert x_api.gone.wait(DEADLINE_SECONDS)
    wait_for_end(port, 20)
    end(ingest)
    requests = len(x_api.requests)

    ingest = start(**settings)
    port, _ = ingest.ports()
    again = wait_for_state(port, "paused")
    assert (again["until_ms"], again["error"]) == (said["until_ms"], said["error"])
    assert again["facts"]["billed_today"] == 20
    end(ingest)
    assert len(x_api.requests) == requests


def test_new_terms_change_the_rules_while_it_streams(
    start: Start, x: dict[str, str], x_api: XServer, tmp_path: Path
) -> None:
    (tmp_path / "terms").write_text("#cats\n")
    changed = threading.Event()

    def go_on(wire: Wire) -> None:
        while not (changed.is_set() or x_api.closing.wait(0.02)):
            pass
        sends(range(10, 20))(wire)

    x_api.turns.append(sends(range(10), then=go_on))
    ingest = start(**x | {"TRACK": "", "TRACK_FILE": "terms"})
    port, _ = ingest.ports()
    status = wait_for_end(port, 10)
    assert source(status)["terms"] == ["#cats"]
    x_api.posted.clear()

    (tmp_path / "new").write_text("#cats\n#dogs\n")
    (tmp_path / "new").replace(tmp_path / "terms")
    status = wait_for(port, lambda status: source(status)["terms"] == ["#cats", "#dogs"])
    wait_until(lambda: len(x_api.posted) == 2)
    assert ["add" in body for body in x_api.posted] == [True, False]
    assert x_api.posted[1].keys() == {"delete"}
    wait_until(lambda: x_api.values() == ["(#cats OR #dogs) -is:retweet"])
    changed.set()
    status = wait_for_end(port, 20)
    assert source(status)["state"] == "live"
    assert streams(x_api) == 1
    end(ingest)


def test_a_signal_ends_ingest_soon_although_x_does_not_respond_while_the_terms_change(
    start: Start, x: dict[str, str], x_api: XServer, tmp_path: Path
) -> None:
    (tmp_path / "terms").write_text("#cats\n")
    x_api.turns.append(sends(range(1)))
    ingest = start(**x | {"TRACK": "", "TRACK_FILE": "terms"})
    wait_for_end(ingest.ports()[0], 1)
    x_api.rules_answers.append(NEVER)
    requests = len(x_api.requests)
    (tmp_path / "terms").write_text("#dogs\n")
    wait_until(lambda: len(x_api.requests) > requests)
    end(ingest)


@pytest.mark.parametrize("moment", ["asking for the rules", "opening the stream"])
def test_a_signal_ends_ingest_soon_although_x_does_not_respond(
    start: Start, x: dict[str, str], x_api: XServer, moment: str
) -> None:
    path = RULES if moment == "asking for the rules" else STREAM
    (x_api.rules_answers if path == RULES else x_api.turns).append(NEVER)
    ingest = start(**x)
    ingest.ports()
    wait_until(lambda: f"GET {path}" in x_api.requests)
    end(ingest)

"""Who may read from another origin: nobody, unless `CORS_ORIGINS` says so."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.dashboard.conftest import TOKEN, Dashboard
from tests.dashboard.support import feeder
from tests.dashboard.support.other_origin import site

from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from playwright.sync_api import Browser
    from werkzeug.test import TestResponse

AT_MS = 1_795_176_007_000
FRIEND, STRANGER = "https://friend.example", "https://stranger.example"
READ = ["/api/snapshot", "/api/history", "/api/time", "/static/vendor/socket.io-4.8.4.min.js"]
CLOSED = ["/", "/healthz", "/readyz", "/metrics", "/static/main.js", "/api/snapshots", "/api/nowhere"]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[str], FlaskClient]]:
    """A client of a dashboard with that `CORS_ORIGINS`, and a snapshot in it."""
    apps = []

    def create(origins: str) -> FlaskClient:
        settings = Settings.model_validate(
            {"push_token": SecretStr(TOKEN), "data_dir": tmp_path, "cors_origins": origins}
        )
        apps.append(create_app(settings, lambda: AT_MS, lambda: 0))
        client = apps[-1].test_client()
        body = feeder.snapshot({"WorldCup": 1}, AT_MS)
        assert client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        return client

    yield create
    for app in apps:
        app.extensions["dashboard.history"].close()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str], Dashboard]]:
    """A dashboard of its own process with that `CORS_ORIGINS`."""
    running = []

    def start(origins: str) -> Dashboard:
        running.append(Dashboard(tmp_path, CORS_ORIGINS=origins))
        return running[-1]

    yield start
    for one in running:
        one.kill()


def cors(answer: TestResponse) -> dict[str, str]:
    """What an answer says of origins."""
    answer.close()
    said = {name: value for name, value in answer.headers if name.startswith("Access-Control-")}
    # Static files vary by encoding, pages of errors by what the reader understands: neither says anything of origins.
    varies = [part for part in answer.vary if not part.lower().startswith("accept")]
    return said | ({"Vary": ", ".join(varies)} if varies else {})


@pytest.mark.parametrize("path", READ + CLOSED)
def test_nothing_is_open_unless_it_is_set(opened: Callable[[str], FlaskClient], path: str) -> None:
    client = opened("")
    for method in ("GET", "HEAD", "OPTIONS"):
        assert cors(client.open(path, method=method, headers={"Origin": FRIEND})) == {}


@pytest.mark.parametrize("path", READ)
def test_a_listed_origin_may_read_and_no_other(opened: Callable[[str], FlaskClient], path: str) -> None:
    client = opened(f"https://other.example,{FRIEND}")
    assert cors(client.get(path, headers={"Origin": FRIEND})) == {
        "Access-Control-Allow-Origin": FRIEND, "Access-Control-Expose-Headers": "ETag", "Vary": "Origin",
    }  # fmt: skip
    assert cors(client.get(path, headers={"Origin": STRANGER})) == {"Vary": "Origin"}
    assert cors(client.get(path)) == {"Vary": "Origin"}


def test_errors_can_be_read_too(opened: Callable[[str], FlaskClient]) -> None:
    client = opened(FRIEND)
    for path, status in (("/api/tags/nobody", 404), ("/api/history?from_ms=x", 400)):
        answer = client.get(path, headers={"Origin": FRIEND})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, FRIEND)


def test_an_asterisk_opens_reading_to_every_origin(opened: Callable[[str], FlaskClient]) -> None:
    client = opened("*")
    for path in READ:
        assert cors(client.get(path, headers={"Origin": STRANGER})) == {
            "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag",
        }  # fmt: skip


def test_a_browser_may_ask_before_whether_it_may_send_the_etag_that_it_has(
    opened: Callable[[str], FlaskClient],
) -> None:
    headers = {
        "Origin": FRIEND,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    answer = opened(FRIEND).options("/api/snapshot", headers=headers)
    assert answer.status_code == 200
    assert cors(answer) == {
        "Access-Control-Allow-Origin": FRIEND, "Access-Control-Allow-Methods": "GET, HEAD", "Vary": "Origin",
        "Access-Control-Allow-Headers": "If-None-Match", "Access-Control-Max-Age": "86400",
        "Access-Control-Expose-Headers": "ETag",
    }  # fmt: skip


@pytest.mark.parametrize("path", CLOSED)
def test_the_push_the_page_and_what_operators_ask_are_never_open(
    opened: Callable[[str], FlaskClient], path: str
) -> None:
    client = opened("*")
    for method in ("GET", "POST", "OPTIONS"):
        asked = {"Origin": FRIEND, "Access-Control-Request-Method": "POST", "Authorization": f"Bearer {TOKEN}"}
        assert cors(client.open(path, method=method, headers=asked)) == {}


def handshake(dashboard: Dashboard, transport: str, **headers: str) -> tuple[int, dict[str, Any]]:
    """The status of a Socket.IO handshake, and what it says of origins."""
    connection = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=10)
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(
        "GET", f"/socket.io/?EIO=4&transport={transport}", headers=sent | (upgrade if transport == "websocket" else {})
    )
    answer = connection.getresponse()
    told = {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}
    answer.close()
    connection.close()
    return answer.status, told


OPEN = {"polling": 200, "websocket": 101}


@pytest.mark.parametrize("transport", OPEN)
def test_live_events_are_for_the_own_page_alone_unless_it_is_set(dashboard: Dashboard, transport: str) -> None:
    own = f"http://127.0.0.1:{dashboard.port}"
    assert handshake(dashboard, transport)[0] == OPEN[transport]
    assert handshake(dashboard, transport, Origin=own)[0] == OPEN[transport]
    for origin in (STRANGER, "null", "http://127.0.0.1", f"http://127.0.0.1:{dashboard.port}.example"):
        assert handshake(dashboard, transport, Origin=origin) == (400, {}), origin
    assert dashboard.stderr == ""


@pytest.mark.parametrize("transport", OPEN)
@pytest.mark.parametrize(
    "passed_on",
    [
        {"Host": "trends.example"},
        {"Host": "trends.example", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "trends.example"},
        {"Host": "dashboard:8000", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "trends.example"},
        {"Host": "dashboard:8000", "X_Forwarded_Host": "trends.example, inner.example"},
    ],
    ids=["host alone", "Caddy", "another host", "two proxies"],
)  # fmt: skip
def test_behind_a_tls_proxy_the_own_page_is_still_the_own_page(
    dashboard: Dashboard, transport: str, passed_on: dict[str, str]
) -> None:
    assert handshake(dashboard, transport, Origin="https://trends.example", **passed_on)[0] == OPEN[transport]
    assert handshake(dashboard, transport, Origin=STRANGER, **passed_on)[0] == 400


@pytest.mark.slow
@pytest.mark.parametrize("transport", OPEN)
def test_listed_origins_may_follow_the_live_events_and_the_own_page_still_may(
    started: Callable[[str], Dashboard], transport: str
) -> None:
    dashboard = started(f"{FRIEND},http://localhost:3000")
    told = {"Access-Control-Allow-Origin": FRIEND} if transport == "polling" else {}
    assert handshake(dashboard, transport, Origin=FRIEND) == (OPEN[transport], told)
    assert handshake(dashboard, transport, Origin=dashboard.url)[0] == OPEN[transport]
    assert handshake(dashboard, transport, Origin=STRANGER)[0] == 400


@pytest.mark.slow
def test_a_push_from_a_page_of_another_origin_is_not_let_through_by_any_browser(
    started: Callable[[str], Dashboard], browser: Browser
) -> None:
    """With every origin allowed and the right token, a page can read, and its browser sends no push."""
    dashboard = started("*")
    dashboard.push({"WorldCup": 7})
    body = json.dumps(feeder.snapshot({"Spam": 1}, AT_MS, epoch=2**40))
    ask = """async ([url, body, token]) => {
        const read = await (await fetch(`${url}/api/snapshot`)).json();
        const pushed = await fetch(`${url}/api/snapshots`,
          {method: "POST", body, headers: {Authorization: `Bearer ${token}`}}).catch((error) => String(error));
        return [read.window.top[0].label, String(pushed)];
    }"""
    with site("<title>stranger</title>") as origin, browser.new_context() as context:
        page = context.new_page()
        page.goto(origin)
        assert page.evaluate(ask, [dashboard.url, body, TOKEN]) == ["WorldCup", "TypeError: Failed to fetch"]
    assert dashboard.push({"WorldCup": 8})["accepted"]

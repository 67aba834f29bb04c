from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.dashboard.conftest import TOKEN, Dashboard
from tests.dashboard.support.raw_websocket import connect, get
from tests.processes import free_ports

from dashboard.settings import Settings
from dashboard.traffic.proxies import Proxies

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIEnvironment

CLAIMED = "203.0.113.9, 192.0.2.1"


def address_of_client(port: str, **settings: Any) -> str:
    """Whom a request on `port` is taken to be from; it comes from 127.0.0.1 and claims CLAIMED."""
    seen = []

    def app(environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return []

    proxies = Proxies(app, Settings(push_token=SecretStr(TOKEN), **settings))
    environ = {"REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": port, "HTTP_HOST": "x", "HTTP_X_FORWARDED_FOR": CLAIMED}
    proxies(environ, lambda *_: lambda _: None)
    return str(seen[0])


@pytest.mark.parametrize(
    ("port", "settings", "address"),
    [
        ("8000", {}, "127.0.0.1"),
        ("8000", {"proxy_port": 8001}, "127.0.0.1"),
        ("8001", {"proxy_port": 8001}, "192.0.2.1"),
        ("8001", {"proxy_port": 8001, "trusted_proxies": 2}, "203.0.113.9"),
        ("8000", {"proxy_port": 8001, "trusted_proxies": 1}, "192.0.2.1"),
        ("8001", {}, "127.0.0.1"),
    ],
)
def test_a_claimed_address_is_believed_where_only_a_proxy_connects(
    port: str, settings: dict[str, Any], address: str
) -> None:
    assert address_of_client(port, **settings) == address


@pytest.mark.slow
def test_nobody_passes_the_limits_by_claims_on_the_published_port(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    dashboard = Dashboard(tmp_path, PROXY_PORT=str(port), API_REQUESTS_PER_MINUTE="2")
    try:
        for asked, wanted in ((dashboard.port, [200, 200, 429, 429]), (port, [200] * 4)):
            heads = [get(asked, "/api/time", X_Forwarded_For=f"192.0.2.{number}") for number in range(4)]
            assert [int(head.split()[1]) for head in heads] == wanted
    finally:
        dashboard.stop()


@pytest.mark.slow
def test_a_proxy_may_have_more_connections_than_one_address(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    dashboard = Dashboard(tmp_path, PROXY_PORT=str(port), CONNECTIONS_PER_ADDRESS="1")
    try:
        for asked, wanted in ((dashboard.port, 1), (port, 3)):
            pages = [connect(asked) for _ in range(wanted)]
            # The proxy's clients are told apart by what it says of them.
            head = get(asked, "/api/time", X_Forwarded_For="192.0.2.9")
            assert int(head.split()[1]) == (429 if asked == dashboard.port else 200)
            for connection in pages:
                connection.close()
    finally:
        dashboard.stop()

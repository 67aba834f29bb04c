"""The gate in front of an application that only says yes; the real one is in test_abuse.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from tests.dashboard.conftest import TOKEN

from dashboard.settings import Settings
from dashboard.traffic.admission import AdmissionControl
from dashboard.traffic.counters import ClientCounters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment


class Visit:
    """Asks the gate; `status` is what it said last."""

    def __init__(self, **settings: Any) -> None:
        self.counters = ClientCounters()
        self.inside: Callable[[], None] = lambda: None
        self.gate = AdmissionControl(
            self._yes,
            Settings(push_token=SecretStr(TOKEN), **settings),
            self.counters,
            lambda environ: environ.get("HTTP_AUTHORIZATION") == "the job",
            lambda: 0,
        )

    def __call__(self, path: str, address: str = "192.0.2.1", **environ: str) -> str:
        said: list[str] = []
        asked: dict[str, Any] = {"PATH_INFO": path, "REMOTE_ADDR": address, "REQUEST_METHOD": "GET", **environ}
        list(self.gate(asked, lambda status, headers, *_: said.append(status)))  # type: ignore[arg-type]
        return said[0][:3]

    def _yes(self, _environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.inside()
        start_response("200 OK", [])
        return [b""]


def test_the_job_s_push_is_never_told_to_wait() -> None:
    visit = Visit(requests_per_minute=1)
    assert [visit("/"), visit("/healthz")] == ["200", "429"]
    assert visit("/api/snapshots", HTTP_AUTHORIZATION="the job") == "200"
    assert visit("/api/snapshots", HTTP_AUTHORIZATION="somebody") == "429"
    assert visit("/", "192.0.2.2") == "200"
    assert visit.counters.refused == {"rate": 2}


def test_reads_and_new_pages_are_costly_and_what_a_page_goes_on_to_ask_is_not() -> None:
    visit = Visit(api_requests_per_minute=2)
    assert visit("/api/history") == "200"
    assert visit("/socket.io/", QUERY_STRING="EIO=4&transport=polling") == "200"
    assert visit("/socket.io/", QUERY_STRING="EIO=4&transport=polling") == "429"
    assert visit("/api/tags/x") == "429"
    assert visit("/socket.io/", QUERY_STRING="EIO=4&transport=polling&sid=x") == "200"
    assert visit("/socket.io/", QUERY_STRING="EIO=4&transport=polling&xsid=x") == "429"
    assert [visit(path) for path in ("/static/main.js", "/healthz", "/readyz", "/metrics")] == ["200"] * 4


def test_pages_of_one_address_and_of_all_are_bounded_while_they_are_open() -> None:
    visit = Visit(connections_per_address=1, max_pages=2)
    said = []

    def second() -> None:
        visit.inside = third
        said.extend([visit("/socket.io/"), visit("/socket.io/", "192.0.2.2")])

    def third() -> None:
        visit.inside = lambda: None
        said.extend([visit("/socket.io/", "192.0.2.3"), visit("/")])

    visit.inside = second
    assert visit("/socket.io/") == "200"
    assert said == ["503", "200", "429", "200"]
    visit.inside = lambda: None
    assert visit("/socket.io/") == "200"
    assert visit.counters.refused == {"connections": 1, "full": 1}


def test_nobody_is_let_in_while_the_server_goes_down() -> None:
    visit = Visit()
    visit.gate.closing = True
    assert [visit("/socket.io/"), visit("/api/history"), visit("/healthz")] == ["503", "503", "200"]


def test_a_head_request_gets_no_body_whoever_answers_it() -> None:
    class Body:
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            return iter([b"body"])

        def close(self) -> None:
            self.closed = True

    visit, body = Visit(requests_per_minute=2), Body()

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("405 Method Not Allowed", [])
        return body

    visit.gate._app = app

    def head(path: str) -> list[bytes]:
        environ = {"PATH_INFO": path, "REMOTE_ADDR": "192.0.2.1", "REQUEST_METHOD": "HEAD"}
        return list(visit.gate(environ, lambda *_: lambda _: None))

    assert head("/socket.io/") == []
    assert body.closed
    assert head("/api/history") == []
    # Refused: too many requests.
    assert head("/") == []
    assert visit.counters.refused == {"rate": 1}

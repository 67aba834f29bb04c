"""What a browser requests to show the page: at the first visit, and when it comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.dashboard.support.page_content import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import CDPSession, Page
    from tests.dashboard.conftest import Dashboard

READY = "() => document.querySelector('#rows .row:not([inert])')"


class Requests:
    """The requests of a page that reached the server, without those that the browser answered from its cache."""

    def __init__(self, session: CDPSession) -> None:
        self._paths: dict[str, str] = {}
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.requestServedFromCache", self._on_cached)
        session.on("Network.responseReceived", self._on_response)
        session.send("Network.enable")

    def _on_request(self, event: dict[str, Any]) -> None:
        self._paths[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def _on_cached(self, event: dict[str, Any]) -> None:
        self._paths.pop(event["requestId"], None)

    def _on_response(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache") or event["response"].get("fromPrefetchCache"):
            self._paths.pop(event["requestId"], None)

    def static(self) -> list[str]:
        """Paths of static files, and of the document."""
        return sorted(path for path in self._paths.values() if path.startswith("/static/") or path == "/")

    def clear(self) -> None:
        self._paths.clear()


def test_a_browser_that_comes_back_requests_the_document_and_no_static_file(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    dashboard.push({"WorldCup": 3})
    page = visit()
    requests = Requests(page.context.new_cdp_session(page))
    page.goto(page.url)
    wait_until(page, READY)
    assert requests.static() == ["/"]
    # Another tab of the same browser, opened later.
    second = page.context.new_page()
    requests = Requests(page.context.new_cdp_session(second))
    second.goto(page.url)
    wait_until(second, READY)
    assert requests.static() == ["/"]


def test_all_static_files_of_a_first_visit_have_an_address_with_a_version(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit()
    wait_until(page, "() => document.readyState === 'complete'")
    loaded: list[str] = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    paths = [urlsplit(name).path for name in loaded]
    static = [path for path in paths if path.startswith("/static/")]
    assert len(static) > 40
    versions = {path.split("/")[2] for path in static} - {"vendor"}
    assert len(versions) == 1
    assert len(versions.pop()) == 16

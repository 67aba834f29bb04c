"""The page in a frame of another site."""

from __future__ import annotations

import http.server
import re
import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN, Dashboard

from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from playwright.sync_api import Browser, Page

WITHOUT_STORAGE = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, {get() { throw new DOMException("Denied.", "SecurityError"); }});
}"""


class Site:
    """Another site: its page `/QUERY` has the dashboard's page with that query in a frame."""

    def __init__(self, dashboard_url: str) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = self.path.removeprefix("/")
                frame = f'<iframe src="{dashboard_url}/{query}" width="480" height="420"></iframe>'
                body = f"<!doctype html><title>Elsewhere</title>{frame}".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[tuple[Dashboard, int]]:
    """A dashboard that pages of `localhost` may frame, and the port of a site with that name and with `127.0.0.1`."""
    # The site needs the dashboard's port and the dashboard needs the site's, so both ports are chosen first.
    dashboard = Dashboard(tmp_path)
    site = Site(dashboard.url)
    dashboard.stop()
    dashboard = Dashboard(
        tmp_path, DASHBOARD_PORT=str(dashboard.port), EMBED_ORIGINS=f"https://a.example, http://localhost:{site.port}"
    )
    yield dashboard, site.port
    dashboard.kill()
    site.server.shutdown()
    site.server.server_close()


def visit(browser: Browser, url: str) -> Page:
    page = browser.new_page()
    page.add_init_script(WITHOUT_STORAGE)
    page.goto(url)
    return page


def test_a_page_of_an_allowed_origin_shows_the_bars(embedded: tuple[Dashboard, int], browser: Browser) -> None:
    dashboard, port = embedded
    dashboard.push({"WorldCup": 30, "東京": 20})
    page = visit(browser, f"http://localhost:{port}/?embed&source=demo")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#rows .row:not([inert]) .tag")).to_have_text(["#WorldCup", "#東京"])
    expect(frame.locator("#window-choice")).to_have_text("Source: demo")
    dashboard.push({"WorldCup": 30, "Later": 40})
    expect(frame.locator("#rows .row:not([inert]) .tag", has_text="#Later")).to_have_count(1)
    # The first update may be too old for that: the browser may have needed ten seconds for the page.
    expect(frame.locator("#state-name")).to_have_text("Live")
    for control in ("#ranking", "#filter", "#table-switch", "#save-board", "#pause", "#slider", ".pin"):
        expect(frame.locator(control).first).to_be_hidden()
    # Everything is visible.
    (child,) = page.main_frame.child_frames
    assert child.evaluate("document.documentElement.scrollHeight") <= 420
    assert page.context.cookies() == []
    page.close()


def test_links_of_a_frame_open_the_full_page_in_a_new_tab(embedded: tuple[Dashboard, int], browser: Browser) -> None:
    dashboard, port = embedded
    dashboard.push({"WorldCup": 30})
    page = visit(browser, f"http://localhost:{port}/?embed&top=20")
    frame = page.frame_locator("iframe")
    with page.expect_popup() as opened:
        frame.get_by_role("link", name="Open the full page").click()
    expect(opened.value).to_have_url(f"{dashboard.url}/?top=20")
    expect(opened.value.locator("#filter")).to_be_visible()
    with page.expect_popup() as opened:
        frame.locator("#rows").get_by_role("link", name="#WorldCup").click()
    expect(opened.value).to_have_url(f"{dashboard.url}/?top=20#/tag/worldcup")
    assert opened.value.evaluate("window.opener") is None
    page.close()


@pytest.mark.parametrize(
    ("host", "query"), [("127.0.0.1", "?embed"), ("localhost", "")], ids=["another origin", "the full page"]
)
def test_other_origins_and_other_pages_cannot_be_framed(
    embedded: tuple[Dashboard, int], browser: Browser, host: str, query: str
) -> None:
    dashboard, port = embedded
    dashboard.push({"WorldCup": 30})
    page = browser.new_page()
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(f"http://{host}:{port}/{query}")
    (frame,) = page.main_frame.child_frames
    # The message comes before the frame has its error page.
    frame.wait_for_url(re.compile("^chrome-error:"), wait_until="commit")
    page.close()


@pytest.fixture
def client_of(tmp_path: Path) -> Iterator[Callable[..., FlaskClient]]:
    """Returns a function that makes a client of a dashboard with these settings."""
    made = []

    def make(**settings: str) -> FlaskClient:
        given = {"push_token": TOKEN, "data_dir": tmp_path, **settings}
        made.append(create_app(Settings.model_validate(given), lambda: 0, lambda: 0))
        return made[-1].test_client()

    yield make
    for app in made:
        app.extensions["dashboard.history"].close()


def test_without_the_setting_no_site_may_frame_the_page(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of()
    for path in ("/", "/?embed"):
        sent = client.get(path).headers
        assert "frame-ancestors 'none'" in sent["Content-Security-Policy"]
        assert sent["X-Frame-Options"] == "DENY"


def test_only_the_page_with_embed_names_who_may_frame_it(client_of: Callable[..., FlaskClient]) -> None:
    client = client_of(embed_origins="https://a.example,https://*.b.example")
    sent = client.get("/?embed&top=20").headers
    assert sent["Content-Security-Policy"].endswith("frame-ancestors https://a.example https://*.b.example")
    assert "X-Frame-Options" not in sent
    for path in ("/", "/?top=20", "/api/snapshot?embed"):
        assert client.get(path).headers["X-Frame-Options"] == "DENY", path

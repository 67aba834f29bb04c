"""Errors: a page with a way back for a browser, JSON for a program."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from tests.dashboard.conftest import TOKEN, Dashboard

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.traffic.error_page import error_page, wants_page

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def ask(dashboard: Dashboard, method: str, path: str, **headers: str) -> tuple[int, str, str]:
    """Status, content type and body."""
    parts = urlsplit(dashboard.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, answer.getheader("Content-Type", ""), answer.read().decode()
    connection.close()
    return found


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/", 405)])
def test_a_browser_gets_a_page_with_a_way_back(dashboard: Dashboard, method: str, path: str, status: int) -> None:
    found, kind, body = ask(dashboard, method, path, Accept=BROWSER)
    assert (found, kind) == (status, "text/html; charset=utf-8")
    assert '<a href="/">Go to the live page</a>' in body
    assert '<html lang="en">' in body
    found, kind, body = ask(dashboard, method, path, Accept=BROWSER, Accept_Language="es-MX,es;q=0.9,en;q=0.5")
    assert (found, kind) == (status, "text/html; charset=utf-8")
    assert '<a href="/">Ir a la página en vivo</a>' in body


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/json, text/html;q=0.5"])
def test_a_program_gets_json(dashboard: Dashboard, accept: str) -> None:
    found, kind, body = ask(dashboard, "GET", "/nowhere", Accept=accept)
    assert (found, kind) == (404, "application/json")
    assert body.startswith('{"error":')


@pytest.mark.parametrize("path", ["/api/nowhere", "/api/tags/nobody", "/static/nothing.js"])
def test_the_api_answers_in_json_whoever_asks(dashboard: Dashboard, path: str) -> None:
    found, kind, _ = ask(dashboard, "GET", path, Accept=BROWSER)
    assert (found, kind) == (404, "application/json")


@pytest.mark.parametrize("status", [400, 404, 405, 429, 500, 503])
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_every_error_has_a_sentence_in_both_languages(status: int, language: str) -> None:
    page = error_page({"HTTP_ACCEPT_LANGUAGE": language}, status).decode()
    assert f'<html lang="{"es" if language == "es" else "en"}">' in page
    assert f"<h1>{status}" in page
    assert page.count("<p>") == 1


def test_a_mistake_of_the_server_is_a_page_for_a_browser_and_json_for_a_program(tmp_path: Path) -> None:
    app = create_app(Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path), lambda: 0, lambda: 0)

    @app.get("/broken")
    def broken() -> str:
        raise LookupError("secret-in-a-traceback")

    client = app.test_client()
    page, json = client.get("/broken", headers={"Accept": BROWSER}), client.get("/broken")
    assert (page.status_code, json.status_code) == (500, 500)
    assert page.text.count('<a href="/">Go to the live page</a>') == 1
    assert json.json is not None
    assert "secret-in-a-traceback" not in page.text + json.text
    app.extensions["dashboard.history"].close()


@pytest.mark.slow
def test_too_many_requests_are_a_page_for_a_browser_and_json_for_a_program(tmp_path: Path) -> None:
    running = Dashboard(tmp_path, REQUESTS_PER_MINUTE="1")
    try:
        answers = [ask(running, "GET", "/", Accept=BROWSER) for _ in range(5)]
        assert [kind for status, kind, _ in answers if status == 429] == ["text/html; charset=utf-8"] * 4
        assert 'href="/"' in answers[-1][2]
        assert ask(running, "GET", "/")[:2] == (429, "application/json")
    finally:
        running.kill()


def test_what_is_for_programs_is_no_page() -> None:
    assert wants_page({"PATH_INFO": "/", "HTTP_ACCEPT": BROWSER})
    assert not wants_page({"PATH_INFO": "/socket.io/", "HTTP_ACCEPT": BROWSER})
    assert not wants_page({"PATH_INFO": "/"})

"""Dashboards whose pages are read as platforms read them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder

from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

AT_MS = 1_795_176_007_000
POSTS = {"WorldCup": 3100, "كأس_العالم": 290, "東京": 200, "<b>&": 90, "música": 8, "sixth": 1}


class Clock:
    now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def client_of(tmp_path: Path) -> Iterator[Callable[..., FlaskClient]]:
    """Makes a client of a dashboard with these settings."""
    made = []

    def make(**settings: str) -> FlaskClient:
        given = {"push_token": TOKEN, "data_dir": tmp_path, **settings}
        made.append(create_app(Settings.model_validate(given), Clock(), Clock()))
        return made[-1].test_client()

    yield make
    for app in made:
        app.extensions["dashboard.history"].close()


def push(client: FlaskClient, body: dict[str, Any] | None = None) -> None:
    body = body or feeder.snapshot(POSTS, AT_MS)
    assert client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


class Meta(HTMLParser):
    """The page's meta elements, by name or property."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        name = given.get("property") or given.get("name")
        if tag == "meta" and name:
            self.found[name] = given.get("content") or ""


def meta(client: FlaskClient, path: str = "/", **options: Any) -> dict[str, str]:
    return Meta(client.get(path, **options).text).found

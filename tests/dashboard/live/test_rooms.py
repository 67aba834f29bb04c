"""Which events are made at all, seen from inside; what pages get is in test_live.py."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from tests.dashboard.support import feeder

from dashboard.live.hub import Live
from dashboard.log_throttle import Throttle
from dashboard.snapshots.event import Event, View
from dashboard.snapshots.latest import Latest, Shown
from dashboard.snapshots.parse import parse_snapshot
from dashboard.snapshots.views import DEFAULT
from dashboard.traffic.counters import ClientCounters

if TYPE_CHECKING:
    from collections.abc import Callable

AT_MS = 1_795_176_007_000


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[View]:
    """The views of which an event was made."""
    views: list[View] = []
    event = Shown.event

    def note(shown: Shown, view: View, age_ms: int = 0) -> Event:
        views.append(view)
        return event(shown, view, age_ms)

    monkeypatch.setattr(Shown, "event", note)
    return views


@pytest.fixture
def app() -> Flask:
    return Flask("test")


@pytest.fixture
def live(app: Flask) -> Live:
    return Live(app, Latest(), ClientCounters(), Throttle(lambda: 0), lambda: 0, lambda: 0)


@pytest.fixture
def join(app: Flask, live: Live) -> Callable[[], Any]:
    """Opens one more page."""
    return lambda: live._socketio.test_client(app)


def push(live: Live) -> None:
    body = json.dumps(feeder.snapshot({"WorldCup": 1}, AT_MS)).encode()
    live.push(Shown(parse_snapshot(body), body, None))


def test_an_event_is_events_once_for_all_who_look_at_a_view_and_for_no_other(
    live: Live, join: Callable[[], Any], made: list[View]
) -> None:
    push(live)
    assert made == []
    pages = [join() for _ in range(3)]
    push(live)
    assert made == [DEFAULT]
    pages[0].emit("view", {"ranking": "total"}, callback=True)
    pages[1].emit("view", {"ranking": "total"}, callback=True)
    made.clear()
    push(live)
    assert sorted(made, key=repr) == sorted([DEFAULT, View("total")], key=repr)
    pages[2].disconnect()
    made.clear()
    push(live)
    assert made == [View("total")]


def test_a_page_that_has_left_is_forgotten(live: Live, join: Callable[[], Any]) -> None:
    page = join()
    page.emit("view", {"source": "x"}, callback=True)
    page.disconnect()
    assert live._pages == {}
    assert live._viewers_by_view == {}
    assert live._counters.pages == 0
    assert list(live._socketio.server.manager.rooms.get("/", {})) == []

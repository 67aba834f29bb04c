"""`/api/alerts`, what a push with alerts gets as its answer, and the feed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from pydantic import SecretStr
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.alerts import AT_MS, SENTENCE, pushed, rules
from tests.dashboard.support.rising import sample

from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def open_app(tmp_path: Path) -> Iterator[Callable[..., FlaskClient]]:
    opened: list[Any] = []

    def open_(**settings: Any) -> FlaskClient:
        for app in opened:
            app.extensions["dashboard.history"].close()
        made = Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path, **settings)
        opened.append(create_app(made, lambda: AT_MS, lambda: 0))
        client: FlaskClient = opened[-1].test_client()
        return client

    yield open_
    for app in opened:
        app.extensions["dashboard.history"].close()


@pytest.fixture
def client(open_app: Callable[..., FlaskClient]) -> FlaskClient:
    return open_app()


def push(client: FlaskClient, seq: int, **changes: Any) -> dict[str, Any]:
    body = feeder.snapshot({"WorldCup": 310}, AT_MS, seq, **changes)
    answer = client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def alerts(client: FlaskClient, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/alerts{query}")
    assert answer.status_code == 200
    return dict(answer.json or {})


def test_a_push_learns_which_alerts_are_stored_and_they_are_there_after_a_restart(
    open_app: Callable[..., FlaskClient],
) -> None:
    client = open_app()
    assert "alerts_kept" not in push(client, 1)
    answer = push(client, 2, alerts=[pushed(1), pushed(2)], alert_rules=rules(error="line 3: no such field"))
    assert answer["alerts_kept"] == [pushed(1)["id"], pushed(2)["id"]]
    # The answer was lost, so the job sends them again, also in a snapshot that is older.
    assert push(client, 1, alerts=[pushed(2), pushed(3)])["alerts_kept"] == [pushed(2)["id"], pushed(3)["id"]]
    found = alerts(open_app())
    assert [alert["id"] for alert in found["alerts"]] == [pushed(number)["id"] for number in (3, 2, 1)]
    assert found["alerts"][0]["text"]["en"] == SENTENCE
    assert found["alerts"][0]["text"]["es"].startswith("#WorldCup entró en el top 3 a las 14:02 UTC: ")
    assert found["alerts"][0]["link"] == f"/?at={AT_MS}#/tag/worldcup"
    assert found["alerts"][0].items() >= pushed(3).items()
    assert [rule["name"] for rule in found["rules"]] == ["World Cup", "Silence"]
    assert found["error"] == "line 3: no such field"


def test_a_pushed_alert_is_not_in_the_snapshot_that_others_read(client: FlaskClient) -> None:
    push(client, 1, alerts=[pushed(1)], alert_rules=rules())
    assert "alerts" not in (client.get("/api/snapshot").json or {})


def test_what_can_not_be_stored_is_not_acknowledged(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client.application.extensions["dashboard.history"].close()
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr("dashboard.history.file.connect", full)
        assert push(client, 1, alerts=[pushed(1)])["alerts_kept"] == []
    assert push(client, 2, alerts=[pushed(1)])["alerts_kept"] == [pushed(1)["id"]]
    assert len(alerts(client)["alerts"]) == 1


@pytest.mark.parametrize(
    "wrong", [{"id": ""}, {"rule": "x" * 81}, {"when": "sleeps"}, {"at_ms": -1}, {"stream": "flood"}, {"top": 0}]
)
def test_a_push_with_an_alert_of_another_shape_is_refused(client: FlaskClient, wrong: dict[str, Any]) -> None:
    body = feeder.snapshot({}, AT_MS, 1, alerts=[pushed(1, **wrong)])
    answer = client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 400
    assert alerts(client)["alerts"] == []


def test_alerts_of_a_span_of_time_and_an_etag(client: FlaskClient) -> None:
    push(client, 1, alerts=[pushed(number, at_ms=AT_MS + number) for number in range(4)])
    found = alerts(client, f"?from_ms={AT_MS + 1}&to_ms={AT_MS + 3}")["alerts"]
    assert [alert["at_ms"] - AT_MS for alert in found] == [2, 1]
    etag = client.get("/api/alerts").headers["ETag"]
    same = client.get("/api/alerts", headers={"If-None-Match": etag})
    assert (same.status_code, same.data) == (304, b"")
    push(client, 2, alerts=[pushed(9)])
    assert client.get("/api/alerts", headers={"If-None-Match": etag}).status_code == 200
    assert client.get("/api/alerts?from_ms=yesterday").status_code == 400


def test_alerts_of_a_muted_tag_are_shown_nowhere(client: FlaskClient) -> None:
    tags = {"key": "hush", "label": "Hush"}
    pane = {**feeder.pane(AT_MS - 10_000), "rising": sample(AT_MS)}
    push(client, 1, alerts=[pushed(1), pushed(2, **tags)], panes=[pane])
    shown = {alert["key"] for alert in alerts(client)["alerts"]}
    risen = sample(AT_MS)["topics"][0]["tags"][0]
    assert shown == {"worldcup", "hush"}
    assert risen["label"] in client.get("/feed.atom").text
    push(client, 2, mute=panel.mute("hush", risen["key"]))
    assert {alert["key"] for alert in alerts(client)["alerts"]} == {"worldcup"}
    feed = client.get("/feed.atom").text
    assert "WorldCup" in feed
    assert "Hush" not in feed
    assert f"#{risen['label']} " not in feed


def test_the_feed_has_alerts_and_rises_and_is_valid_atom(open_app: Callable[..., FlaskClient]) -> None:
    client = open_app(public_url="https://trends.example.org")
    pane = {**feeder.pane(AT_MS - 10_000), "rising": sample(AT_MS)}
    odd = pushed(2, key="a<b>\u0001&\ufffe", label="a<b>\u0001&\ufffe", at_ms=AT_MS + 1)
    push(client, 1, alerts=[pushed(1), odd], panes=[pane])
    answer = client.get("/feed.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.data)
    # What RFC 4287 demands of a feed and of an entry.
    for name in ("id", "title", "updated"):
        assert len(feed.findall(ATOM + name)) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Hashtags, live"
    links = {link.get("rel"): link.get("href") for link in feed.findall(ATOM + "link")}
    assert links == {"self": "https://trends.example.org/feed.atom", "alternate": "https://trends.example.org/"}
    entries = feed.findall(ATOM + "entry")
    risen = [tag["key"] for topic in sample(AT_MS)["topics"] for tag in topic["tags"]]
    assert len(entries) == 2 + len(risen)
    for entry in entries:
        assert [len(entry.findall(ATOM + name)) for name in ("id", "title", "updated", "link")] == [1, 1, 1, 1]
        assert re.fullmatch(
            r"tag:trends\.example\.org,2026-11-2\d:alert/[0-9a-f]{32}", entry.findtext(ATOM + "id") or ""
        )
        assert re.fullmatch(r"2026-11-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry.findtext(ATOM + "updated") or "")
    assert feed.findtext(ATOM + "updated") == entries[0].findtext(ATOM + "updated") == "2026-11-20T14:02:00.001Z"
    assert (entries[0].findtext(ATOM + "title") or "").startswith("#a<b>�&� entered the top 3")
    mine = next(entry for entry in entries if entry.findtext(ATOM + "title") == SENTENCE)
    (link,) = mine.findall(ATOM + "link")
    assert link.get("href") == f"https://trends.example.org/?at={AT_MS}#/tag/worldcup"


def test_the_page_names_its_feed(client: FlaskClient) -> None:
    (link,) = re.findall(r'<link rel="alternate" href="([^"]+)" type="application/atom\+xml"', client.get("/").text)
    assert client.get(link).status_code == 200


def test_the_ids_of_the_feed_stay_and_it_is_empty_or_not_changed_at_times(open_app: Callable[..., FlaskClient]) -> None:
    client = open_app()
    empty = ElementTree.fromstring(client.get("/feed.atom").data)
    assert empty.findall(ATOM + "entry") == []
    push(client, 1, alerts=[pushed(1)])
    first = client.get("/feed.atom")
    again = client.get("/feed.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    push(client, 2, alerts=[pushed(2, at_ms=AT_MS + 5)])
    ids = [
        [entry.findtext(ATOM + "id") for entry in ElementTree.fromstring(page.data).findall(ATOM + "entry")]
        for page in (first, client.get("/feed.atom"), open_app().get("/feed.atom?lang=es"))
    ]
    assert ids[1] == ids[2] != ids[0]
    assert ids[1][1:] == ids[0]
    assert open_app().get("/feed.atom?lang=xx").status_code == 400

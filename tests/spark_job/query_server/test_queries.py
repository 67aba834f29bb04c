"""Search and single tags over HTTP, compared with a recount of the posts."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, Rig, T
from tests.spark_job.support.fake_ingest import post

from spark_job.executor.ingest_client import IngestClient
from spark_job.mute.mute_file import MuteFile
from spark_job.mute.mute_list import MuteList
from spark_job.query_server.handlers import handlers_of
from spark_job.query_server.recount import Recounter
from spark_job.query_server.server import MOST_REQUESTS, QueryServer
from spark_job.query_server.shown import Shown
from spark_job.query_server.spool_pane import SpoolPane
from spark_job.query_server.tag_search import TagSearch

TOKEN = "a-token-of-the-tests"


class Port:
    """The query port over the state of a rig."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.mute = MuteFile(None)
        self.shown = Shown(PANE_MS, WINDOW_MS, self.mute)
        recounter = Recounter(lambda: SpoolPane(IngestClient("127.0.0.1", 1)), rig.state.reader, PANE_MS)
        handlers = handlers_of(TagSearch(rig.state.reader, self.shown.now), recounter)
        self.server = QueryServer(("127.0.0.1", 0), TOKEN, handlers)
        self.server.start()

    def snapshot(self, to_ms: int) -> None:
        self.shown.note(self.rig.make(to_ms))

    def get(self, path: str, *, token: str = TOKEN, **query: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1], timeout=10)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def keys(self, text: str, limit: int = 20) -> list[str]:
        status, found = self.get("/search", q=text, limit=str(limit))
        assert status == HTTPStatus.OK
        return [tag["key"] for tag in found["tags"]]


@pytest.fixture
def port(rig: Rig) -> Iterator[Port]:
    port = Port(rig)
    yield port
    port.server.stop()


def test_tags_that_begin_with_the_text_come_before_those_that_contain_it(port: Port) -> None:
    port.rig.count(
        *(post(["WorldCup"], T + n) for n in range(3)),
        *(post(["World"], T + n) for n in range(2)),
        *(post(["NewWorld"], T + n) for n in range(5)),
        post(["Rain"], T + 9),
    )
    port.snapshot(T + 10)
    assert port.keys("world") == ["worldcup", "world", "newworld"]
    assert port.keys("WORLD", limit=2) == ["worldcup", "world"]
    assert port.keys("zzz") == []


def test_posts_of_the_window_then_all_posts_then_the_key_decide(port: Port) -> None:
    port.rig.count(*(post(["ta", "tz"], T + n) for n in range(4)), post(["tb"], T + 5))
    port.rig.count(post(["tc", "td", "tb"], T + 10 * PANE_MS))
    port.snapshot(T + 10 * PANE_MS + 1)
    assert port.keys("t") == ["tb", "tc", "td", "ta", "tz"]
    status, tag = port.get("/tag", key="tb")
    assert (status, tag) == (
        HTTPStatus.OK,
        {
            "at_ms": T + 10 * PANE_MS + 1,
            "key": "tb",
            "label": "tb",
            "window_posts": 1,
            "window_rank": 1,
            "total_posts": 2,
            "first_seen_ms": T + 5,
        },
    )
    _, tag = port.get("/tag", key="ta")
    assert (tag["window_posts"], tag["window_rank"], tag["total_posts"]) == (0, None, 4)


def test_the_rank_is_that_among_all_tags(port: Port) -> None:
    posts = [post([f"Tag{number}"], T + number) for number in range(600) for _ in range(1 + (number < 431))]
    port.rig.count(*sorted(posts, key=lambda one: int(one["at_ms"])))
    for to_ms in (T + 1000, T + PANE_MS):
        port.snapshot(to_ms)
        ranks = {tag["key"]: tag["window_rank"] for n in (0, 430, 599) for tag in [port.get("/tag", key=f"tag{n}")[1]]}
        more = sorted(f"tag{number}" for number in range(431))
        less = sorted(f"tag{number}" for number in range(431, 600))
        assert ranks == {
            "tag0": 1 + more.index("tag0"),
            "tag430": 1 + more.index("tag430"),
            "tag599": 432 + less.index("tag599"),
        }


def test_the_most_frequent_spelling_of_the_window_is_the_label(port: Port) -> None:
    port.rig.count(post(["rain"], T), post(["Rain"], T + 1), post(["Rain"], T + 2))
    port.snapshot(T + 3)
    assert port.get("/tag", key="rain")[1]["label"] == "Rain"


def test_any_script_is_found_folded_like_keys(port: Port) -> None:
    port.rig.count(post(["日本代表", "Straße", "ΣΊΣΥΦΟΣ"], T))
    port.snapshot(T + 1)
    assert port.keys("代") == ["日本代表"]
    assert port.keys("STRASSE") == port.keys("Straße") == ["straße".casefold()]
    assert port.keys("σίσυφος") == ["σίσυφοσ"]


def test_text_is_no_pattern(port: Port) -> None:
    port.rig.count(post(["a_b", "axb", "it's"], T))
    port.snapshot(T + 1)
    assert port.keys("_") == ["a_b"]
    assert port.keys("%") == []
    assert port.keys("t's") == ["it's"]


def test_muted_tags_are_not_found_and_have_no_place(port: Port) -> None:
    port.rig.count(*(post([f"Big{n}", "Top"], T + n) for n in range(40)), post(["Big_last", "Top"], T + 50))
    port.mute.muted = MuteList(("top",), ("big?*", "big1*", "big2*", "big3*"))
    port.snapshot(T + 60)
    assert port.keys("big", limit=3) == ["big0", "big4", "big5"]
    assert port.keys("top") == []
    assert port.get("/tag", key="top")[0] == HTTPStatus.NOT_FOUND
    assert port.get("/tag", key="big4")[1]["window_rank"] == 2


def test_what_is_not_known_or_not_allowed_is_refused_with_a_sentence(port: Port) -> None:
    assert port.get("/search", q="a") == (503, {"error": "nothing is counted yet"})
    port.rig.count(post(["a"], T))
    port.snapshot(T + 1)
    assert port.get("/tag", key="b") == (404, {"error": "no post with this tag is counted"})
    assert port.get("/tag")[0] == 400
    assert port.get("/search", q=" ")[0] == 400
    assert port.get("/search", q="a" * 201)[0] == 400
    assert port.get("/search", q="a", limit="51")[0] == 400
    assert port.get("/search", q="a", limit="²")[0] == 400
    assert port.get("/other")[0] == 404
    assert port.get("/recount", from_ms="-1")[0] == 400
    assert port.get("/recount", from_ms=str(T)) == (503, {"error": "ingest can't give the posts now"})
    assert port.get("/search", token="wrong", q="a") == (401, {"error": "this port needs the token of the services"})
    assert port.get("/search", token="", q="a")[0] == 401


def test_while_the_file_is_closed_it_says_so(port: Port) -> None:
    port.rig.count(post(["a"], T))
    port.snapshot(T + 1)
    port.rig.state.reader.close()
    assert port.get("/search", q="a")[0] == 503
    port.rig.state.reopen()
    assert port.keys("a") == ["a"]


def test_a_client_that_sends_nothing_does_not_stop_others_and_too_many_are_refused(port: Port) -> None:
    port.rig.count(post(["a"], T))
    port.snapshot(T + 1)
    address = ("127.0.0.1", port.server.server_port)
    silent = [socket.create_connection(address, 5) for _ in range(MOST_REQUESTS - 1)]

    def keys_beside_one_more() -> list[str]:
        silent.append(socket.create_connection(address, 5))
        return port.keys("a")

    try:
        assert port.keys("a") == ["a"]
        # The server may refuse the first one, because it has not noted the end of the request before.
        with pytest.raises((OSError, http.client.HTTPException)):
            [keys_beside_one_more() for _ in range(10)]
    finally:
        for one in silent:
            one.close()


def test_a_search_neither_waits_for_a_transaction_nor_stops_one(port: Port) -> None:
    port.rig.count(post(["a"], T))
    port.snapshot(T + 1)
    db = port.rig.state.db
    db.execute("BEGIN")
    db.execute("UPDATE progress SET posts = posts + 1")
    found: list[list[str]] = []
    asked = threading.Thread(target=lambda: found.append(port.keys("a")))
    asked.start()
    asked.join(10)
    db.execute("ROLLBACK")
    assert found == [["a"]]


def test_nothing_that_is_asked_is_logged(port: Port, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    caplog.set_level("DEBUG")
    port.get("/search", q="somebodys-secret")
    out, err = capfd.readouterr()
    assert "secret" not in out + err + caplog.text

"""The real Socket.IO client against the real server."""

from __future__ import annotations

import http.client
import queue
import signal
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import socketio  # type: ignore[import-untyped]
from tests.dashboard.conftest import EPOCH
from tests.dashboard.support import feeder
from tests.dashboard.support.answers import metric, read
from tests.dashboard.support.raw_websocket import frame, read_frame, upgrade
from tests.dashboard.support.rising import sample, with_authors
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.dashboard.conftest import Dashboard

WAIT_SECONDS = 30
AT_MS = 1_795_176_007_000


class Page:
    """An open page without a browser."""

    def __init__(self, url: str, transports: list[str]) -> None:
        self.snapshots: queue.Queue[dict[str, Any]] = queue.Queue()
        self.gone = threading.Event()
        self.client = socketio.Client(reconnection=False)
        # The library handles each message in a thread of its own, so that two may change places. Here one thread does.
        self._in_order = ThreadPoolExecutor(1)
        engine = self.client.eio
        start_task, handle = engine.start_background_task, engine.handlers["message"]
        engine.start_background_task = lambda target, *args: (
            self._in_order.submit(target, *args) if target == handle else start_task(target, *args)
        )
        self.client.on("snapshot", self.snapshots.put)
        self.client.on("disconnect", lambda *_: self.gone.set())
        self.client.connect(url, transports=transports, wait_timeout=WAIT_SECONDS)
        # The client leaves the connections of a server that hung up to the garbage collector.
        self.connections = [self.client.eio.ws and self.client.eio.ws.sock, self.client.eio.http]

    def close(self) -> None:
        self.client.disconnect()
        self._in_order.shutdown()
        for connection in self.connections:
            if connection is not None:
                connection.close()

    def next_seq(self) -> int:
        seq: int = self.snapshots.get(timeout=WAIT_SECONDS)["seq"]
        return seq

    def next_view(self) -> dict[str, Any]:
        view: dict[str, Any] = self.snapshots.get(timeout=WAIT_SECONDS)["view"]
        return view

    def turn(self, **view: Any) -> Any:
        """Ask for a view; the acknowledgement."""
        return self.client.call("view", view, timeout=WAIT_SECONDS)


@pytest.fixture
def join(dashboard: Dashboard) -> Iterator[Callable[..., Page]]:
    pages = []

    def one_more(transport: str = "websocket") -> Page:
        pages.append(Page(dashboard.url, [transport]))
        return pages[-1]

    yield one_more
    for page in pages:
        page.close()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_who_joins_gets_the_newest_alone_and_then_everyone_gets_each_new_one(
    dashboard: Dashboard, join: Callable[..., Page], transport: str
) -> None:
    early = join(transport)
    dashboard.push({"WorldCup": 1})
    dashboard.push({"WorldCup": 2})
    late = join(transport)
    assert late.next_seq() == 2
    dashboard.push({"WorldCup": 3})
    assert late.next_seq() == 3
    assert [early.next_seq() for _ in range(3)] == [1, 2, 3]
    assert late.snapshots.empty()


def test_an_ignored_snapshot_goes_to_nobody(dashboard: Dashboard, join: Callable[..., Page]) -> None:
    page = join()
    dashboard.push({"WorldCup": 2}, epoch=EPOCH + 1)
    dashboard.push({"WorldCup": 1})
    dashboard.push({"WorldCup": 3}, epoch=EPOCH + 1)
    assert [page.next_seq() for _ in range(2)] == [1, 3]


def test_latest_is_answered_with_the_newest_or_with_null(dashboard: Dashboard, join: Callable[..., Page]) -> None:
    page = join()
    assert page.client.call("latest", timeout=WAIT_SECONDS) is None
    dashboard.push({"WorldCup": 7})
    answer = page.client.call("latest", {"anything": 1}, timeout=WAIT_SECONDS)
    assert answer["top"][0]["posts"] == 7
    # It is as old as it is when it is requested.
    assert answer | {"age_ms": 0} == page.snapshots.get(timeout=WAIT_SECONDS)


def test_a_page_sees_the_view_that_it_chose_and_others_theirs(dashboard: Dashboard, join: Callable[..., Page]) -> None:
    first, second = join(), join("polling")
    assert first.turn(ranking="total", source=None, lang=None) is None
    dashboard.push({"WorldCup": 7})
    assert first.next_view() == {"ranking": "total", "source": None, "lang": None, "by": "posts"}
    assert second.next_view() == {"ranking": "window", "source": None, "lang": None, "by": "posts"}
    answer = second.turn(source="demo")
    assert (answer["seq"], answer["view"]["source"], answer["top"][0]["posts"]) == (1, "demo", 7)
    latest = second.client.call("latest", timeout=WAIT_SECONDS)
    assert latest | {"age_ms": answer["age_ms"]} == answer
    assert second.turn(lang="xx")["top"] == []
    assert first.turn()["view"]["ranking"] == "window"
    dashboard.push({"WorldCup": 8})
    assert first.next_view() == {"ranking": "window", "source": None, "lang": None, "by": "posts"}
    assert second.next_view() == {"ranking": "window", "source": None, "lang": "xx", "by": "posts"}
    assert first.snapshots.empty()
    assert second.snapshots.empty()


def test_a_page_whose_viewer_hides_tags_gets_more_of_them(dashboard: Dashboard, join: Callable[..., Page]) -> None:
    first, second = join(), join("polling")
    assert first.turn(reserve=True) is None
    tags = {f"tag{number:02}": 90 - number for number in range(45)}
    dashboard.push(tags)
    event, other = (page.snapshots.get(timeout=WAIT_SECONDS) for page in (first, second))
    assert [tag["key"] for tag in event["top"]] == [*tags][:40]
    assert [tag["key"] for tag in other["top"]] == [*tags][:20]
    assert [len(second.turn(ranking="total", reserve=more)["top"]) for more in (True, False)] == [40, 20]
    assert "error" in second.turn(reserve="yes")


def test_a_page_can_see_what_rises_and_the_window_by_authors(dashboard: Dashboard, join: Callable[..., Page]) -> None:
    first, second = join(), join("polling")
    assert first.turn(ranking="rising") is None
    body = with_authors(feeder.snapshot({"WorldCup": 9, "Rain": 8}, AT_MS))
    dashboard.push({}, AT_MS, window=body["window"], rising=sample(AT_MS))
    event = first.snapshots.get(timeout=WAIT_SECONDS)
    assert (event["view"]["ranking"], event["rising"], event["rising_topics"]) == ("rising", sample(AT_MS), 3)
    second.snapshots.get(timeout=WAIT_SECONDS)
    answer = second.turn(by="authors")
    assert [(tag["label"], tag["authors"]) for tag in answer["top"]] == [("WorldCup", 4), ("Rain", 2)]
    assert (answer["authors"], answer["rising"], answer["rising_topics"]) == (8, None, 3)
    assert first.turn(ranking="rising", by="authors") == {"error": "Only the window can be ranked by accounts."}


def test_what_is_no_view_changes_nothing(dashboard: Dashboard, join: Callable[..., Page]) -> None:
    page = join()
    page.turn(ranking="batch")
    sentence = "A view has a source or a language, not both."
    assert page.turn(source="x", lang="en") == {"error": sentence}
    assert page.client.call("view", timeout=WAIT_SECONDS) == {
        "error": "This is not a view: Expected `object`, got `null`."
    }
    dashboard.push({"WorldCup": 7})
    assert page.next_view()["ranking"] == "batch"
    assert dashboard.stderr == ""


def test_who_comes_back_is_in_the_first_view_again(dashboard: Dashboard, join: Callable[..., Page]) -> None:
    page = join()
    page.turn(ranking="total")
    page.close()
    again = join()
    dashboard.push({"WorldCup": 7})
    assert again.next_view()["ranking"] == "window"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_stops_with_open_pages_within_five_seconds_without_a_word(
    dashboard: Dashboard, join: Callable[..., Page], number: signal.Signals
) -> None:
    pages = [join(transport) for transport in ["websocket"] * 20 + ["polling"] * 2]
    dashboard.push({"WorldCup": 1})
    for page in pages:
        page.next_seq()
    assert dashboard.stop(number) < 5
    assert dashboard.stderr == ""
    assert all(page.gone.wait(WAIT_SECONDS) for page in pages)


def test_compression_is_agreed_to_without_a_context_for_each_connection(dashboard: Dashboard) -> None:
    dashboard.push({"WorldCup": 7})
    connection, head = upgrade(dashboard.port, Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
    with connection, connection.makefile("rb") as reader:
        assert head.startswith("http/1.1 101")
        (agreed,) = [line for line in head.splitlines() if line.startswith("sec-websocket-extensions")]
        assert "server_no_context_takeover" in agreed
        assert "client_no_context_takeover" in agreed
        assert read_frame(reader).startswith("0{")
        connection.sendall(frame(b"40"))
        assert read_frame(reader).startswith("40{")
        assert read_frame(reader).startswith('42["snapshot",{')


@pytest.mark.parametrize("offer", ["", "permessage-deflate; server_max_window_bits=10", "x-webkit-deflate-frame"])
def test_who_can_not_read_what_is_compressed_for_all_gets_it_plain(dashboard: Dashboard, offer: str) -> None:
    dashboard.push({"WorldCup": 7})
    connection, head = upgrade(dashboard.port, **({"Sec_WebSocket_Extensions": offer} if offer else {}))
    with connection, connection.makefile("rb") as reader:
        assert "sec-websocket-extensions" not in head
        assert read_frame(reader).startswith("0{")
        connection.sendall(frame(b"40"))
        assert read_frame(reader).startswith("40{")
        assert read_frame(reader).startswith('42["snapshot",{')


def test_a_reader_that_stalls_and_goes_on_reads_whole_messages_and_the_newest(dashboard: Dashboard) -> None:
    connection, _ = upgrade(dashboard.port)
    with connection, connection.makefile("rb") as reader:
        assert read_frame(reader).startswith("0{")
        connection.sendall(frame(b"40"))
        assert read_frame(reader).startswith("40{")
        tags = {f"{'long' * 2000}{number}": 50 - number for number in range(20)}
        # Some 320 kB each, until what the kernel buffers for both ends is full, and no longer: one write may wait for
        # ten seconds.
        pushed = 0
        while pushed < 100 and metric(dashboard, "skipped_snapshots_total") < 5:
            dashboard.push(tags, top_n=10)
            pushed += 1
        seqs = follow(dashboard, reader, beyond=pushed)
    assert seqs == sorted(set(seqs))
    assert seqs[:5] == [1, 2, 3, 4, 5]
    assert len(seqs) < pushed
    assert dashboard.stderr == ""


def follow(dashboard: Dashboard, reader: Any, beyond: int) -> list[int]:
    """Read on, while snapshots come, until one `beyond` that `seq` has arrived; all that came."""
    read: queue.Queue[int] = queue.Queue()
    seqs: list[int] = []

    def read_all() -> None:
        while not seqs or seqs[-1] <= beyond:
            message = read_frame(reader)
            if message.startswith('42["snapshot"'):
                seqs.append(int(message.partition('"seq":')[2].partition(",")[0]))
                read.put(seqs[-1])

    reading = threading.Thread(target=read_all)
    reading.start()
    while read.get(timeout=WAIT_SECONDS) <= beyond:
        dashboard.push({"WorldCup": 7})
    reading.join()
    return seqs


def test_a_push_with_a_wrong_token_is_answered_under_gunicorn_too(dashboard: Dashboard) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        feeder.push(dashboard.url, "wrong", feeder.snapshot({"WorldCup": 1}, 1_795_176_007_000))
    assert caught.value.code == 401
    caught.value.close()
    assert "push refused (token, 1 so far)" in dashboard.stderr


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_ten_megabytes_are_answered_with_413(dashboard: Dashboard, chunked: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=WAIT_SECONDS)
    blocks = (b" " * 65_536 for _ in range(160))
    headers = {"Authorization": "Bearer a-token-of-the-tests"}
    if not chunked:
        headers["Content-Length"] = str(160 * 65_536)
    connection.request("POST", "/api/snapshots", blocks, headers, encode_chunked=chunked)
    response = connection.getresponse()
    assert (response.status, response.read()) == (
        413,
        b'{"error":"The snapshot is larger than 4194304 bytes."}',
    )
    connection.close()


def test_panes_survive_a_restart_and_the_newest_snapshot_does_not(dashboard: Dashboard) -> None:
    now_ms = 10_000
    with urllib.request.urlopen(f"{dashboard.url}/api/time", timeout=WAIT_SECONDS) as answer:
        now_ms = int(answer.read().partition(b":")[2].strip(b"}")) // 10_000 * 10_000
    assert dashboard.push({"WorldCup": 1}, panes=[feeder.pane(now_ms - 10_000)]) == {
        "accepted": True, "kept_until_ms": now_ms,
    }  # fmt: skip
    dashboard.restart()
    with urllib.request.urlopen(f"{dashboard.url}/api/history", timeout=WAIT_SECONDS) as answer:
        assert f'"from_ms":{now_ms - 10_000}'.encode() in answer.read()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{dashboard.url}/api/snapshot", timeout=WAIT_SECONDS)
    assert caught.value.code == 503
    caught.value.close()


def viewers(dashboard: Dashboard) -> dict[str, str]:
    """Open pages by transport, as `/metrics` tells them."""
    lines = read(dashboard, "/metrics").splitlines()
    return dict(line.removeprefix("hashtags_viewers").split() for line in lines if line.startswith("hashtags_viewers"))


def test_viewers_are_counted_by_transport(dashboard: Dashboard, join: Callable[..., Page]) -> None:
    pages = [join(), join(), join("polling")]
    assert viewers(dashboard) == {'{transport="websocket"}': "2.0", '{transport="polling"}': "1.0"}
    for page in pages:
        page.close()
    nobody = {'{transport="websocket"}': "0.0", '{transport="polling"}': "0.0"}
    wait_until(lambda: viewers(dashboard) == nobody, "nobody is counted any more", WAIT_SECONDS)

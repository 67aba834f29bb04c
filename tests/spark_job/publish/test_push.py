import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace
from tests.processes import free_ports, wait_until
from tests.spark_job.support.fake_dashboard import TOKEN, FakeDashboard
from tests.spark_job.support.snapshots import QUIET, large, sent, small

from spark_job.publish.push import PaneName, Pusher
from spark_job.snapshot_schema import Pane

PATIENCE_SECONDS = 30.0


class Kept:
    """What the pusher reported as kept."""

    def __init__(self) -> None:
        self.panes: list[PaneName] = []
        self._changed = threading.Condition()

    def __call__(self, panes: list[PaneName]) -> None:
        with self._changed:
            self.panes += panes
            self._changed.notify_all()

    def wait_for(self, panes: list[PaneName]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.panes == panes, PATIENCE_SECONDS), self.panes


Start = Callable[..., Pusher]


@pytest.fixture
def dashboard() -> Iterator[FakeDashboard]:
    with FakeDashboard() as fake:
        yield fake


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def start(dashboard: FakeDashboard, kept: Kept) -> Iterator[Start]:
    """Start a pusher whose pauses are half of the usual, or longer."""
    pushers = []

    def make(url: str = "", token: str = TOKEN, rand: float = 0.0) -> Pusher:
        pushers.append(Pusher((url or dashboard.url) + "/api/snapshots", token, rand=lambda: rand))
        pushers[-1].start(kept)
        return pushers[-1]

    yield make
    dashboard.gate.set()
    for pusher in pushers:
        pusher.stop()


def pane(from_ms: int, posts: int) -> Pane:
    return Pane(epoch=1, from_ms=from_ms, to_ms=from_ms + 10, posts=posts, top=[], window=None)


def seqs(dashboard: FakeDashboard) -> list[int]:
    return [taken["seq"] for taken in dashboard.snapshots]


def test_a_snapshot_is_pushed_as_json_with_the_token(dashboard: FakeDashboard, start: Start) -> None:
    offered = small(1, health=replace(QUIET, epoch_reason="日本 😀 </script>"))
    start().offer(offered)
    newest = dashboard.wait_for(lambda newest: True)
    assert newest == sent(offered)
    assert newest["health"]["epoch_reason"] == "日本 😀 </script>"


def test_while_the_dashboard_is_slow_only_the_newest_waits(dashboard: FakeDashboard, start: Start) -> None:
    pusher = start()
    dashboard.gate.clear()
    pusher.offer(small(1))
    dashboard.wait_for_requests(1)
    for seq in (2, 3, 4, 5):
        pusher.offer(small(seq))
    dashboard.gate.set()
    dashboard.wait_for(lambda newest: newest["seq"] == 5)
    assert seqs(dashboard) == [1, 5]


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"Internal Server Error"),
        (400, b'{"error": "not of this shape"}'),
        (200, b"GARBAGE"),
        (200, b"[1]"),
        (200, b"{}"),
        (200, b'{"accepted": true, "kept_until_ms": "soon"}'),
        (200, b"\xff"),
    ],
)
def test_a_snapshot_that_was_not_taken_is_pushed_again(
    dashboard: FakeDashboard, start: Start, kept: Kept, answer: tuple[int, bytes]
) -> None:
    dashboard.wrong_answers = [answer, answer]
    start().offer(small(1, pane(100, 7)))
    dashboard.wait_for(lambda newest: True)
    kept.wait_for([(1, 100, 7)])
    assert seqs(dashboard) == [1]
    assert dashboard.requests == 3


def test_a_newer_snapshot_replaces_one_that_was_refused(dashboard: FakeDashboard, start: Start) -> None:
    pusher = start()
    dashboard.wrong_answers = [(503, b"later")]
    dashboard.gate.clear()
    pusher.offer(small(1))
    dashboard.wait_for_requests(1)
    pusher.offer(small(2))
    dashboard.gate.set()
    dashboard.wait_for(lambda newest: True)
    assert seqs(dashboard) == [2]


def test_a_dashboard_that_comes_later_gets_the_newest(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    (port,) = free_ports(1)
    refused = threading.Event()

    def note(record: logging.LogRecord) -> bool:
        refused.set()
        return True

    caplog.handler.addFilter(note)
    with caplog.at_level(logging.WARNING):
        pusher = start(f"http://127.0.0.1:{port}")
        pusher.offer(small(1))
        assert refused.wait(PATIENCE_SECONDS)
    pusher.offer(small(2))
    with FakeDashboard(port) as dashboard:
        dashboard.wait_for(lambda newest: newest["seq"] == 2)
        pusher.stop()


def test_a_refusal_is_logged_once_with_its_reason_and_without_the_token(
    dashboard: FakeDashboard, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    token = "a-wrong-token-that-is-secret"
    with caplog.at_level(logging.DEBUG):
        start(token=token).offer(small(1))
        dashboard.wait_for_requests(3)
    assert dashboard.snapshots == []
    told = [record.getMessage() for record in caplog.records if record.name == "spark_job.publish.push"]
    assert told == ['the dashboard does not accept snapshots; retrying: PushRefusedError: 401 {"error": "wrong token"}']
    assert token not in caplog.text


def test_a_dashboard_that_takes_snapshots_again_is_logged(
    dashboard: FakeDashboard, start: Start, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    dashboard.wrong_answers = [(503, b"later")]
    with caplog.at_level(logging.INFO):
        start().offer(small(1, pane(0, 1)))
        kept.wait_for([(1, 0, 1)])
    assert caplog.messages[-1] == "the dashboard accepts snapshots again"


def test_panes_that_the_dashboard_keeps_are_reported(dashboard: FakeDashboard, start: Start, kept: Kept) -> None:
    dashboard.wrong_answers = [(200, b'{"accepted": false, "kept_until_ms": 30}')]
    start().offer(small(1, pane(10, 5), pane(20, 6), pane(30, 7)))
    kept.wait_for([(1, 10, 5), (1, 20, 6)])


def test_no_pane_is_reported_when_none_is_kept(dashboard: FakeDashboard, start: Start, kept: Kept) -> None:
    dashboard.keeps = False
    pusher = start()
    pusher.offer(small(1, pane(10, 5)))
    dashboard.wait_for(lambda newest: newest["seq"] == 1)
    dashboard.keeps = True
    pusher.offer(small(2, pane(20, 6)))
    kept.wait_for([(1, 20, 6)])


#: Measured in tests that run alone.
PROMPT_SECONDS = 0.4


def ends_within(pusher: Pusher, seconds: float) -> bool:
    """Whether the thread has ended when `stop` has waited for it so long, at most."""
    pusher.stop(seconds)
    assert pusher._thread is not None
    return not pusher._thread.is_alive()


@pytest.mark.alone
def test_the_end_is_prompt_when_nothing_is_to_do(start: Start) -> None:
    pusher = start()
    assert ends_within(pusher, PROMPT_SECONDS)


@pytest.mark.alone
def test_the_end_is_prompt_during_a_pause(dashboard: FakeDashboard, start: Start) -> None:
    dashboard.wrong_answers = [(500, b"")] * 1_000
    # Each pause takes minutes.
    pusher = start(rand=1_000.0)
    pusher.offer(small(1))
    wait_until(lambda: pusher._failure, "the refusal, before which there is no pause", PATIENCE_SECONDS)
    assert ends_within(pusher, PROMPT_SECONDS)


@pytest.mark.alone
def test_the_end_does_not_wait_for_a_dashboard_that_never_answers(dashboard: FakeDashboard, start: Start) -> None:
    dashboard.gate.clear()
    pusher = start()
    pusher.offer(small(1))
    dashboard.wait_for_requests(1)
    started = time.monotonic()
    # The push itself waits for five seconds.
    assert not ends_within(pusher, 0.5)
    assert time.monotonic() - started < 1.0


def test_a_pusher_that_was_never_started_can_be_stopped() -> None:
    Pusher("http://127.0.0.1:1", TOKEN).stop()


@pytest.mark.parametrize("status", [400, 413])
def test_a_snapshot_that_is_refused_for_its_content_is_followed_by_smaller_ones(
    dashboard: FakeDashboard, start: Start, kept: Kept, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    dashboard.wrong_answers = [(status, b'{"error": "too large, or wrong"}')]
    with caplog.at_level(logging.WARNING):
        start().offer(large(1, pane(10, 5), pane(20, 6)))
        first = dashboard.wait_for(lambda newest: True)
        kept.wait_for([(1, 10, 5)])
    assert [told["from_ms"] for told in first["panes"]] == [10]
    assert 0 < len(first["window"]["top"]) < 50
    assert first["health"]["cut"] > 0
    told = [record.getMessage() for record in caplog.records if record.name == "spark_job.publish.push"]
    (sentence,) = told
    assert sentence.endswith(f': PushRefusedError: {status} {{"error": "too large, or wrong"}}')


@pytest.mark.slow
def test_a_pane_that_is_refused_for_good_does_not_keep_the_page_from_being_live(
    dashboard: FakeDashboard, start: Start, kept: Kept
) -> None:
    dashboard.refuses = lambda snapshot: (400, b'{"error": "bad pane"}') if snapshot["panes"] else None
    pusher = start()
    pusher.offer(large(1, pane(10, 5)))
    dashboard.wait_for(lambda newest: newest["seq"] == 1)
    before = dashboard.requests
    for seq in range(2, 63):
        pusher.offer(large(seq, pane(10, 5)))
        dashboard.wait_for(lambda newest, seq=seq: newest["seq"] == seq)  # type: ignore[misc]
    # One in sixty is tried with the pane.
    assert dashboard.requests - before == 62
    dashboard.refuses = lambda _: None
    for seq in range(63, 125):
        pusher.offer(large(seq, pane(10, 5)))
        dashboard.wait_for(lambda newest, seq=seq: newest["seq"] == seq)  # type: ignore[misc]
    kept.wait_for([(1, 10, 5)] * len(kept.panes))
    assert kept.panes


def test_each_reason_is_logged_and_one_that_stays_once_a_minute(
    dashboard: FakeDashboard, caplog: pytest.LogCaptureFixture
) -> None:
    now = [1_000.0]
    pusher = Pusher(dashboard.url + "/api/snapshots", TOKEN, rand=lambda: 0.0, monotonic_seconds=lambda: now[0])
    dashboard.wrong_answers = [(503, b"one"), (503, b"one"), (401, b"two\n\x1b[31mred"), *[(503, b"one")] * 3]
    with caplog.at_level(logging.WARNING):
        for passed_seconds in (0, 0, 0, 0, 59, 1):
            now[0] += passed_seconds
            assert pusher._push(small(1)) is None
    told = [record.getMessage() for record in caplog.records if record.name == "spark_job.publish.push"]
    assert [message.rpartition("PushRefusedError: ")[2] for message in told] == [
        "503 one",
        r"401 two\n\x1b[31mred",
        "503 one",
        "503 one",
    ]
    pusher._pool.clear()

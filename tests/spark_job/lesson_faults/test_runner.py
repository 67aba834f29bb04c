"""Faults of a lesson: what they do, and whether the counts came out right, compared with ingest's log."""

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from tests.processes import wait_until
from tests.spark_job.conftest import PANE_MS, Rig, T
from tests.spark_job.support.fake_ingest import FakeIngest, varied_posts

from spark_job.executor.ingest_client import IngestClient, Status
from spark_job.lesson_faults import runner as module
from spark_job.lesson_faults.fault import Fault, FaultName, SentPost
from spark_job.lesson_faults.handlers import fault_handlers
from spark_job.lesson_faults.runner import FaultRunner
from spark_job.query_server.recount import Recounter
from spark_job.query_server.server import QueryServer, RefusedError
from spark_job.query_server.spool_pane import SpoolPane
from spark_job.snapshot_schema import Ingest

TOKEN = "a-token-of-the-tests"
POSTS = varied_posts(300)
#: So many are counted before a fault. The last one is in the second pane, like those that come next.
BEFORE = 100
BEGAN_MS = T + 99 * 137
DEMO = {"name": "demo", "duplicate": 0, "facts": {"lesson_faults": 1}}
NOTHING: dict[str, Any] = {"connections": None, "sent": []}
PATIENCE_SECONDS = 30.0


class Lesson:
    """A runner between a fake ingest and a state. `stop` is set when the job ends."""

    def __init__(self, rig: Rig, ingest: FakeIngest) -> None:
        self.rig, self.ingest, self.stop = rig, ingest, threading.Event()
        ingest.sources = [dict(DEMO)]
        ingest.faults = dict.fromkeys(("stop-spark", "kill-python"), NOTHING)
        ingest.append(*POSTS[:BEFORE])
        rig.count(*POSTS[:BEFORE])

        def connect() -> IngestClient:
            return IngestClient("127.0.0.1", ingest.port, 5.0, TOKEN)

        recounter = Recounter(lambda: SpoolPane(connect()), rig.state.reader, PANE_MS)
        monotonic_ms = lambda: time.monotonic_ns() // 1_000_000  # noqa: E731
        self.runner = FaultRunner(connect, rig.state.reader, recounter, PANE_MS, self.stop, monotonic_ms)
        self.note([DEMO])

    def note(self, sources: list[Any]) -> None:
        status = Status(log="log-a", first=0, end=0, acked=0, watermark_ms=0, sources=sources)
        self.runner.note_ingest(Ingest(reachable=True, since_ms=0, error=None, status=status))

    def latest(self) -> Fault:
        fault = self.runner.faults().latest
        assert fault is not None
        return fault

    def until(self, *states: str) -> Fault:
        wait_until(lambda: self.latest().state in states, f"one of {states}", PATIENCE_SECONDS)
        return self.latest()

    def count_the_rest(self) -> None:
        """More posts come and are counted, until the pane of the fault and the next one are closed."""
        self.ingest.append(*POSTS[BEFORE:])
        self.rig.count(*POSTS[BEFORE:])
        self.rig.make(T + 4 * PANE_MS)

    def outcome(self, name: FaultName) -> Fault:
        """The outcome of a fault after which all posts are counted."""
        self.runner.begin(name)
        self.until("checking")
        self.count_the_rest()
        return self.until("right", "wrong", "failed")


@pytest.fixture
def lesson(rig: Rig, ingest: FakeIngest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lesson]:
    monkeypatch.setattr(module, "EACH_SECONDS", 0.02)
    made = Lesson(rig, ingest)
    yield made
    made.stop.set()
    wait_until(lambda: "fault" not in {each.name for each in threading.enumerate()}, "the fault ends", PATIENCE_SECONDS)


@pytest.fixture
def java(lesson: Lesson) -> Iterator[psutil.Process]:
    """A process that only sleeps, in place of Java."""
    process = subprocess.Popen(["sleep", "600"])
    lesson.runner.note_java(process)
    yield psutil.Process(process.pid)
    process.kill()
    process.wait()


def posts_of_pane() -> int:
    return sum(T + PANE_MS <= post["at_ms"] < T + 2 * PANE_MS for post in POSTS)


def test_cut_connections_lose_no_post(lesson: Lesson, ingest: FakeIngest) -> None:
    ingest.faults["cut-socket"] = {"connections": 4, "sent": []}
    assert lesson.outcome("cut-socket") == Fault(
        number=BEGAN_MS,
        fault="cut-socket",
        began_ms=BEGAN_MS,
        ended_ms=BEGAN_MS,
        state="right",
        accepted=200,
        counted=200,
        lost=0,
        pane_counted=posts_of_pane(),
        pane_recounted=posts_of_pane(),
        connections=4,
        duplicates=0,
    )
    assert f"FAULT cut-socket {BEGAN_MS}" in ingest.requests


def test_a_pane_with_a_wrong_count_is_seen(lesson: Lesson, ingest: FakeIngest, rig: Rig) -> None:
    ingest.faults["cut-socket"] = {"connections": 4, "sent": []}
    lesson.runner.begin("cut-socket")
    lesson.until("checking")
    rig.state.db.execute("UPDATE open_counts SET posts = posts + 1 WHERE hash IS NULL AND pane_ms = ?", [T + PANE_MS])
    lesson.count_the_rest()
    fault = lesson.until("right", "wrong", "failed")
    assert (fault.state, fault.pane_recounted) == ("wrong", posts_of_pane())
    assert fault.pane_counted != fault.pane_recounted


def test_lost_posts_are_seen(lesson: Lesson, ingest: FakeIngest, rig: Rig) -> None:
    ingest.faults["cut-socket"] = {"connections": 4, "sent": []}
    lesson.runner.begin("cut-socket")
    lesson.until("checking")
    rig.state.db.execute("UPDATE progress SET posts = posts - 3, lost = lost + 3")
    lesson.count_the_rest()
    fault = lesson.until("right", "wrong", "failed")
    assert (fault.state, fault.accepted, fault.counted, fault.lost) == ("wrong", 200, 197, 3)


def test_the_same_post_is_dropped_and_stored_once(lesson: Lesson, ingest: FakeIngest) -> None:
    ingest.faults["same-post"] = {"connections": None, "sent": [{"id": "demo:98", "created_at": None}]}
    lesson.runner.begin("same-post")
    lesson.until("checking")
    ingest.sources[0]["duplicate"] = 1
    lesson.count_the_rest()
    fault = lesson.until("right", "wrong", "failed")
    assert (fault.state, fault.duplicates, fault.accepted, fault.counted) == ("right", 1, 200, 200)
    assert fault.sent == [SentPost(id="demo:98", created_at=None, at_ms=POSTS[98]["at_ms"])]


def test_the_same_post_that_is_not_dropped_is_wrong(lesson: Lesson, ingest: FakeIngest) -> None:
    ingest.faults["same-post"] = {"connections": None, "sent": [{"id": "demo:98", "created_at": None}]}
    assert lesson.outcome("same-post").state == "wrong"


def test_posts_with_a_wrong_clock_are_in_the_pane_in_which_they_came(lesson: Lesson, ingest: FakeIngest) -> None:
    sent = {"id": f"demo:{BEFORE}", "created_at": "1970-01-01T00:00:00Z"}
    ingest.faults["wrong-clock"] = {"connections": None, "sent": [sent]}
    fault = lesson.outcome("wrong-clock")
    assert fault.state == "right"
    assert fault.sent == [SentPost(**sent, at_ms=POSTS[BEFORE]["at_ms"])]


def test_a_post_with_a_wrong_clock_that_never_came_is_wrong(lesson: Lesson, ingest: FakeIngest) -> None:
    ingest.faults["wrong-clock"] = {"connections": None, "sent": [{"id": "gone", "created_at": "1970-01-01T00:00:00Z"}]}
    fault = lesson.outcome("wrong-clock")
    assert (fault.state, fault.sent[0].at_ms) == ("wrong", None)


def test_java_stands_still_while_posts_go_on_coming(
    lesson: Lesson, ingest: FakeIngest, java: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is looked at meanwhile takes no time, unless this process stands still.
    monkeypatch.setattr(module, "STOP_SECONDS", 5.0)
    lesson.runner.begin("stop-spark")
    wait_until(lambda: java.status() == psutil.STATUS_STOPPED, "Java stands still", PATIENCE_SECONDS)
    ingest.append(*POSTS[BEFORE : BEFORE + 20])
    wait_until(lambda: lesson.latest().accepted == 20, "they are accepted", PATIENCE_SECONDS)
    assert (lesson.latest().state, lesson.latest().counted) == ("running", 0)
    lesson.until("checking")
    wait_until(lambda: java.status() == psutil.STATUS_SLEEPING, "Java goes on", PATIENCE_SECONDS)
    assert lesson.latest().ended_ms == POSTS[BEFORE + 19]["at_ms"]


def test_a_job_that_ends_lets_java_go_on_at_once(lesson: Lesson, java: psutil.Process) -> None:
    lesson.runner.begin("stop-spark")
    wait_until(lambda: java.status() == psutil.STATUS_STOPPED, "Java stands still", PATIENCE_SECONDS)
    lesson.stop.set()
    fault = lesson.until("failed")
    wait_until(lambda: java.status() == psutil.STATUS_SLEEPING, "Java goes on", PATIENCE_SECONDS)
    assert fault.error == "the job ends"


def test_without_a_worker_on_this_machine_it_says_so(
    lesson: Lesson, java: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WORKER_SECONDS", 0.1)
    lesson.runner.begin("kill-python")
    assert lesson.until("failed").error == "no Python worker of Spark runs on this machine"


def test_without_a_java_of_its_own_it_says_so(lesson: Lesson) -> None:
    lesson.runner.begin("stop-spark")
    assert lesson.until("failed").error == "this job has not started a Java of Spark"


def test_what_ingest_refuses_is_said(lesson: Lesson, ingest: FakeIngest) -> None:
    lesson.runner.begin("same-post")
    assert lesson.until("failed").error == f"no such request: FAULT same-post {BEGAN_MS}"
    # The next one may begin, and has a greater number.
    ingest.wrong_answers.clear()
    assert lesson.runner.begin("same-post") == BEGAN_MS + 1


def test_a_log_that_is_replaced_meanwhile_can_not_be_compared(lesson: Lesson, ingest: FakeIngest) -> None:
    ingest.faults["cut-socket"] = {"connections": 4, "sent": []}
    lesson.runner.begin("cut-socket")
    lesson.until("checking")
    ingest.replace_log("log-b")
    assert lesson.until("failed").error == "counting has begun again meanwhile"


def test_posts_that_are_not_counted_in_time_end_the_check(
    lesson: Lesson, ingest: FakeIngest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_SECONDS", -2 * PANE_MS / 1000)
    ingest.faults["cut-socket"] = {"connections": 4, "sent": []}
    lesson.runner.begin("cut-socket")
    assert lesson.until("failed").error == "not all posts were counted in time"


@pytest.mark.parametrize(
    "sources",
    [
        [],
        [{"name": "demo"}],
        [{"name": "demo", "facts": {}}],
        [{"name": "demo", "facts": []}],
        [{"name": "bluesky", "facts": {"lesson_faults": 1}}],
        [DEMO, {"name": "bluesky", "facts": {}}],
    ],
)
def test_it_is_refused_unless_ingest_says_that_a_lesson_may_disturb_the_demo(lesson: Lesson, sources: Any) -> None:
    assert lesson.runner.faults().allowed
    lesson.note(sources)
    assert not lesson.runner.faults().allowed
    with pytest.raises(RefusedError, match="faults need LESSON_FAULTS=1"):
        lesson.runner.begin("cut-socket")
    assert lesson.runner.faults().latest is None


def test_over_http(lesson: Lesson, ingest: FakeIngest) -> None:
    ingest.faults["cut-socket"] = {"connections": 4, "sent": []}
    server = QueryServer(("127.0.0.1", 0), TOKEN, *fault_handlers(lesson.runner))
    server.start()

    def request(method: str, body: str | None = None, path: str = "/faults", token: str = TOKEN) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        connection.request(method, path, body, {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        try:
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    try:
        assert request("GET") == (200, {"allowed": True, "latest": None})
        names = "fault must be one of stop-spark, kill-python, cut-socket, same-post, wrong-clock"
        assert request("POST", '{"fault": "burn-house"}') == (400, {"error": names})
        assert request("POST", "{") == (400, {"error": names})
        assert request("POST", "x" * 4097) == (400, {"error": "a body has 0 to 4096 bytes"})
        assert request("POST", "", "/tag") == (404, {"error": "nothing can be posted here"})
        wanted = '{"fault": "cut-socket"}'
        assert request("POST", wanted, token="wrong")[0] == 401
        assert request("POST", wanted) == (202, {"number": BEGAN_MS})
        assert request("POST", wanted) == (409, {"error": "another fault is not over yet"})
        assert request("GET")[1]["latest"]["fault"] == "cut-socket"
        ingest.leave()
        lesson.note([])
        assert request("POST", wanted)[0] == 403
    finally:
        server.stop()
        ingest.come_back()

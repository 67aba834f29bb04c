"""The trace by the job as its real process, compared with a recount of the log, on both Spark versions."""

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.processes import free_ports, wait_until
from tests.spark_job.conftest import T
from tests.spark_job.support.fake_dashboard import TOKEN, FakeDashboard
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.support.job_process import JobProcess
from tests.spark_job.support.trace_checks import check_before, check_counts, check_equations

Json = dict[str, Any]
START_SECONDS = 120.0
STEPS, POSTS_A_STEP = 12, 60


class Scene:
    """A job with a query port, and the posts that were streamed."""

    def __init__(self, python: Path, folder: Path, ingest: FakeIngest, dashboard: FakeDashboard) -> None:
        self.ingest, self.posts = ingest, list[Json]()
        (self.port,) = free_ports(1)
        addresses = {"INGEST_PORT": ingest.port, "DASHBOARD_URL": dashboard.url, "QUERY_PORT": self.port}
        self.job = JobProcess(python, folder / "run", **addresses, WINDOW_SECONDS=30)

    def stream(self) -> None:
        """Six seconds of posts, so that a pane closes in most steps."""
        for n in range(len(self.posts), len(self.posts) + POSTS_A_STEP):
            labels = [f"Two{n % 2}", f"tag{n * n % 23}", f"late{n // 100}"][: n % 4]
            self.posts.append(post(labels, T + n * 100))
            self.ingest.append(self.posts[-1])

    def trace(self) -> Json | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/trace", headers={"Authorization": f"Bearer {TOKEN}"})
            answer = json.loads(connection.getresponse().read())
        except ConnectionRefusedError:
            return None
        finally:
            connection.close()
        # Ingest is a thread of this process. While it stands still, the job can't read the posts, and says so.
        found: Json | None = answer["trace"] if answer["error"] is None else None
        return found

    def newest(self) -> Json:
        """The trace of the micro-batch with the newest post, once its snapshot is pushed."""

        def found() -> Json | None:
            trace = self.trace()
            if trace is None or trace["end_offset"] != len(self.posts):
                return None
            return trace if trace["stages"][-1]["stage"] == "push" else None

        trace: Json = wait_until(found, "the trace of the newest post", START_SECONDS)
        return trace


@pytest.fixture
def scene(python: Path, tmp_path: Path) -> Iterator[Scene]:
    with FakeDashboard() as dashboard, FakeIngest(run_posts=500) as ingest:
        yield Scene(python, tmp_path, ingest, dashboard)


def test_each_micro_batch_is_traced_exactly(scene: Scene) -> None:
    before, followed, left = None, 0, 0
    with scene.job:
        wait_until(lambda: scene.trace() is None and "counting from offset" in scene.job.said, "a start", START_SECONDS)
        for _ in range(STEPS):
            scene.stream()
            trace = scene.newest()
            check_equations(trace)
            check_counts(trace, scene.posts)
            if before is not None and before["end_offset"] == trace["first_offset"]:
                check_before(trace, before, scene.posts)
                followed += 1
            left += trace["left_pane"] is not None
            before = trace
    assert before is not None
    assert (followed > 2, left > 2) == (True, True), (followed, left)
    shown = [(each["offset"], each["text"]) for each in before["posts_shown"]]
    offsets = range(before["first_offset"], min(before["end_offset"], before["first_offset"] + 40))
    assert shown == [(offset, scene.posts[offset]["text"]) for offset in offsets]
    (task,) = before["tasks"]
    assert (task["executor"], task["host"], task["posts"]) == (1, socket.gethostname(), before["posts"])
    assert task["process"] in {process.pid for process in scene.job.family()}
    assert task["process"] != scene.job.process.pid
    names = [stage["stage"] for stage in before["stages"]]
    assert names == ["accept", "plan", "count", "store", "rank", "push"]
    # All stages but the first are of one clock here, and none begins before the one in front of it.
    times = [stage["began_ms"] for stage in before["stages"][1:]]
    assert times == sorted(times)
    (count,) = [stage for stage in before["stages"] if stage["stage"] == "count"]
    assert count["began_ms"] <= task["began_ms"] <= task["ended_ms"] <= count["ended_ms"]
